#ifndef WF_BASE_WORDS_H
#define WF_BASE_WORDS_H
#include "base/error.h"
#include "base/hash.h"
#include <pthread.h>

/** Text → number, asked by many threads at once: a dictionary that grows under a lock, and one cache a thread. The
 *  numbers depend on which thread met a word first: sort by the word before anything is written. */
typedef struct {
    pthread_mutex_t lock;
    wf_arena keep;
    wf_names all;
    unsigned n_threads;
    wf_arena *arena;   /* of each thread */
    wf_names *cache;   /* of each thread */
    uint32_t **number; /* cache position → number */
    uint32_t *cap;
} wf_words;

/** WF_NOMEM. */
WF_CHECKED wf_code wf_words_open(wf_words *out, unsigned n_threads, wf_error *err);
void wf_words_close(wf_words *words);
/** Number of a word, given when new; UINT32_MAX when memory is short. */
uint32_t wf_words_number(wf_words *words, unsigned thread, const char *word, size_t n);
#endif
