/* A word is looked up in the thread's own cache first; the lock is taken once a word and thread. */
#include "base/words.h"
#include <stdlib.h>
#include <string.h>

wf_code wf_words_open(wf_words *out, unsigned n_threads, wf_error *err) {
    memset(out, 0, sizeof *out);
    wf_arena_init(&out->keep);
    wf_names_init(&out->all, &out->keep);
    pthread_mutex_init(&out->lock, NULL);
    out->n_threads = n_threads;
    out->arena = calloc(n_threads, sizeof *out->arena);
    out->cache = calloc(n_threads, sizeof *out->cache);
    out->number = calloc(n_threads, sizeof *out->number);
    out->cap = calloc(n_threads, sizeof *out->cap);
    if (out->arena == NULL || out->cache == NULL || out->number == NULL || out->cap == NULL) {
        out->n_threads = 0;
        wf_words_close(out);
        return wf_fail_nomem(err);
    }
    for (unsigned t = 0; t < n_threads; t++) {
        wf_arena_init(&out->arena[t]);
        wf_names_init(&out->cache[t], &out->arena[t]);
    }
    return WF_OK;
}

void wf_words_close(wf_words *w) {
    for (unsigned t = 0; t < w->n_threads; t++)
        wf_arena_clear(&w->arena[t]);
    wf_arena_clear(&w->keep);
    free(w->arena);
    free(w->cache);
    free(w->number);
    free(w->cap);
    pthread_mutex_destroy(&w->lock);
    memset(w, 0, sizeof *w);
}

uint32_t wf_words_number(wf_words *w, unsigned thread, const char *word, size_t n) {
    uint32_t at = wf_names_find(&w->cache[thread], word, n);
    if (at != UINT32_MAX)
        return w->number[thread][at];
    pthread_mutex_lock(&w->lock);
    uint32_t number = wf_names_add(&w->all, word, n);
    pthread_mutex_unlock(&w->lock);
    if (number == UINT32_MAX || WF_ROOM(&w->arena[thread], w->number[thread], w->cache[thread].n, w->cap[thread]))
        return UINT32_MAX;
    at = wf_names_add(&w->cache[thread], word, n);
    if (at == UINT32_MAX)
        return UINT32_MAX;
    w->number[thread][at] = number;
    return number;
}
