/* Writers fill small blocks of their own; full blocks go to the partition under one lock. */
#include "base/spool.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 8192 };

typedef struct block {
    struct block *next;
    uint32_t n_bytes;
    char bytes[];
} block;

typedef struct {
    off_t at;
    uint32_t partition, n_bytes;
} extent;

struct wf_spool {
    size_t n_bytes, budget, held;
    uint32_t n_partitions, per_block;
    unsigned n_threads;
    const char *folder;
    pthread_mutex_t lock;
    block **open; /* thread · n_partitions + partition: the block being filled, or NULL */
    block **full; /* of each partition, newest first */
    FILE *file;
    off_t file_end;
    extent *extents;
    size_t n_extents, cap_extents;
};

wf_code wf_temporary_open(const char *folder, FILE **out, wf_error *err) {
    char path[4200];
    const char *system = getenv("TMPDIR");
    folder = folder != NULL ? folder : system != NULL && system[0] == '/' ? system : "/tmp";
    int fd = -1;
    if (snprintf(path, sizeof path, "%s/.wufeng.XXXXXX", folder) < (int)sizeof path)
        fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return wf_fail(err, WF_OUTPUT, "%s: no temporary file can be made: %s", folder, strerror(errno));
    unlink(path);
    FILE *file = fdopen(fd, "w+");
    if (file == NULL) {
        close(fd);
        return wf_fail_nomem(err);
    }
    *out = file;
    return WF_OK;
}

wf_code wf_spool_open(wf_spool **out, size_t n_bytes, uint32_t n_partitions, unsigned n_threads, size_t budget,
                      const char *folder, wf_error *err) {
    wf_spool *s = calloc(1, sizeof *s);
    if (s == NULL)
        return wf_fail_nomem(err);
    s->n_bytes = n_bytes;
    s->per_block = (uint32_t)(BLOCK_BYTES / n_bytes * n_bytes);
    s->n_partitions = n_partitions;
    s->n_threads = n_threads;
    s->budget = budget;
    s->folder = folder;
    pthread_mutex_init(&s->lock, NULL);
    s->open = calloc((size_t)n_threads * n_partitions, sizeof *s->open);
    s->full = calloc(n_partitions, sizeof *s->full);
    if (s->open == NULL || s->full == NULL) {
        wf_spool_close(s);
        return wf_fail_nomem(err);
    }
    *out = s;
    return WF_OK;
}

void wf_spool_close(wf_spool *s) {
    if (s == NULL)
        return;
    for (size_t i = 0; s->open != NULL && i < (size_t)s->n_threads * s->n_partitions; i++)
        free(s->open[i]);
    for (uint32_t p = 0; s->full != NULL && p < s->n_partitions; p++)
        while (s->full[p] != NULL) {
            block *next = s->full[p]->next;
            free(s->full[p]);
            s->full[p] = next;
        }
    free(s->open);
    free(s->full);
    free(s->extents);
    if (s->file != NULL)
        fclose(s->file);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Under the lock: keep the block, or write it out and give it back empty. */
static wf_code hand_over(wf_spool *s, uint32_t partition, block **slot, wf_error *err) {
    block *b = *slot;
    if (s->held + BLOCK_BYTES <= s->budget) {
        s->held += BLOCK_BYTES;
        b->next = s->full[partition];
        s->full[partition] = b;
        *slot = NULL;
        return WF_OK;
    }
    if (s->file == NULL)
        WF_TRY(wf_temporary_open(s->folder, &s->file, err));
    if (s->n_extents == s->cap_extents) {
        size_t cap = s->cap_extents == 0 ? 256 : s->cap_extents * 2;
        extent *grown = realloc(s->extents, cap * sizeof *grown);
        if (grown == NULL)
            return wf_fail_nomem(err);
        s->extents = grown;
        s->cap_extents = cap;
    }
    if (pwrite(fileno(s->file), b->bytes, b->n_bytes, s->file_end) != (ssize_t)b->n_bytes)
        return wf_fail(err, WF_OUTPUT, "a temporary file cannot be written: %s", strerror(errno));
    s->extents[s->n_extents++] = (extent){s->file_end, partition, b->n_bytes};
    s->file_end += b->n_bytes;
    b->n_bytes = 0;
    return WF_OK;
}

wf_code wf_spool_put(wf_spool *s, unsigned thread, uint32_t partition, const void *record, wf_error *err) {
    block **slot = &s->open[(size_t)thread * s->n_partitions + partition];
    if (*slot == NULL) {
        *slot = malloc(sizeof **slot + BLOCK_BYTES);
        if (*slot == NULL)
            return wf_fail_nomem(err);
        (*slot)->n_bytes = 0;
    }
    memcpy((*slot)->bytes + (*slot)->n_bytes, record, s->n_bytes);
    (*slot)->n_bytes += (uint32_t)s->n_bytes;
    if ((*slot)->n_bytes < s->per_block)
        return WF_OK;
    pthread_mutex_lock(&s->lock);
    wf_code code = hand_over(s, partition, slot, err);
    pthread_mutex_unlock(&s->lock);
    return code;
}

wf_code wf_spool_finish(wf_spool *s, wf_error *err) {
    for (unsigned t = 0; t < s->n_threads; t++)
        for (uint32_t p = 0; p < s->n_partitions; p++) {
            block **slot = &s->open[(size_t)t * s->n_partitions + p];
            if (*slot != NULL && (*slot)->n_bytes > 0)
                WF_TRY(hand_over(s, p, slot, err));
            free(*slot);
            *slot = NULL;
        }
    return WF_OK;
}

wf_code wf_spool_read(wf_spool *s, uint32_t partition, wf_arena *keep, void **out, size_t *n, wf_error *err) {
    size_t total = 0, at = 0;
    for (const block *b = s->full[partition]; b != NULL; b = b->next)
        total += b->n_bytes;
    for (size_t i = 0; i < s->n_extents; i++)
        total += s->extents[i].partition == partition ? s->extents[i].n_bytes : 0;
    char *bytes = wf_arena_alloc(keep, total, 1);
    if (bytes == NULL)
        return wf_fail_nomem(err);
    for (const block *b = s->full[partition]; b != NULL; b = b->next) {
        memcpy(bytes + at, b->bytes, b->n_bytes);
        at += b->n_bytes;
    }
    for (size_t i = 0; i < s->n_extents; i++) {
        const extent *e = &s->extents[i];
        if (e->partition != partition)
            continue;
        if (pread(fileno(s->file), bytes + at, e->n_bytes, e->at) != (ssize_t)e->n_bytes)
            return wf_fail(err, WF_INTERNAL, "a temporary file cannot be read back: %s", strerror(errno));
        at += e->n_bytes;
    }
    *out = bytes;
    *n = total / s->n_bytes;
    return WF_OK;
}
