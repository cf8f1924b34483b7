/* A fixed set of threads that take chunk numbers from a counter. One run at a time. */
#include "base/pool.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

typedef struct {
    wf_pool *pool;
    unsigned thread;
} seat;

struct wf_pool {
    unsigned n_threads;
    pthread_t *id;
    seat *seats;
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    unsigned long round; /* counts runs; threads sleep until it moves */
    unsigned n_busy;
    bool stop;
    uint32_t n_chunks;
    wf_pool_work work;
    void *ctx;
    atomic_uint_fast32_t next;
    uint32_t failed_chunk; /* lowest failing chunk, n_chunks when none */
    wf_error failure;
};

/* Take chunks until there are none or an earlier one failed. */
static void take_chunks(wf_pool *pool, unsigned thread) {
    for (;;) {
        uint32_t chunk = (uint32_t)atomic_fetch_add(&pool->next, 1);
        if (chunk >= pool->n_chunks)
            return;
        wf_error err = {0};
        if (pool->work(pool->ctx, chunk, thread, &err) == WF_OK)
            continue;
        pthread_mutex_lock(&pool->lock);
        if (chunk < pool->failed_chunk) {
            pool->failed_chunk = chunk;
            pool->failure = err;
        }
        pthread_mutex_unlock(&pool->lock);
        atomic_store(&pool->next, pool->n_chunks);
        return;
    }
}

static void *thread_main(void *arg) {
    seat *s = arg;
    wf_pool *pool = s->pool;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stop && pool->round == seen)
            pthread_cond_wait(&pool->start, &pool->lock);
        if (pool->stop)
            break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->lock);
        take_chunks(pool, s->thread);
        pthread_mutex_lock(&pool->lock);
        if (--pool->n_busy == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

wf_code wf_pool_open(wf_pool **out, unsigned n_threads, wf_error *err) {
    if (n_threads == 0) {
        long n = sysconf(_SC_NPROCESSORS_ONLN);
        n_threads = n < 1 ? 1 : (unsigned)n;
    }
    if (n_threads > MAX_THREADS)
        n_threads = MAX_THREADS;
    wf_pool *pool = calloc(1, sizeof *pool);
    pthread_t *id = calloc(n_threads, sizeof *id);
    seat *seats = calloc(n_threads, sizeof *seats);
    if (pool == NULL || id == NULL || seats == NULL) {
        free(pool);
        free(id);
        free(seats);
        return wf_fail_nomem(err);
    }
    pool->id = id;
    pool->seats = seats;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->start, NULL);
    pthread_cond_init(&pool->done, NULL);
    for (pool->n_threads = 1; pool->n_threads < n_threads; pool->n_threads++) {
        unsigned t = pool->n_threads;
        seats[t] = (seat){pool, t};
        if (pthread_create(&id[t], NULL, thread_main, &seats[t]) != 0) {
            wf_pool_close(pool);
            return wf_fail(err, WF_NOMEM, "cannot start %u threads: use --threads with a smaller number", n_threads);
        }
    }
    *out = pool;
    return WF_OK;
}

void wf_pool_close(wf_pool *pool) {
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned t = 1; t < pool->n_threads; t++)
        pthread_join(pool->id[t], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->start);
    pthread_cond_destroy(&pool->done);
    free(pool->id);
    free(pool->seats);
    free(pool);
}

unsigned wf_pool_threads(const wf_pool *pool) {
    return pool == NULL ? 1 : pool->n_threads;
}

wf_code wf_pool_run(wf_pool *pool, uint32_t n_chunks, wf_pool_work work, void *ctx, wf_error *err) {
    if (pool == NULL || pool->n_threads == 1 || n_chunks <= 1) {
        for (uint32_t chunk = 0; chunk < n_chunks; chunk++)
            WF_TRY(work(ctx, chunk, 0, err));
        return WF_OK;
    }
    pthread_mutex_lock(&pool->lock);
    pool->n_chunks = n_chunks;
    pool->work = work;
    pool->ctx = ctx;
    atomic_store(&pool->next, 0);
    pool->failed_chunk = n_chunks;
    pool->n_busy = pool->n_threads - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
    take_chunks(pool, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->n_busy > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    if (pool->failed_chunk == n_chunks)
        return WF_OK;
    if (err != NULL)
        *err = pool->failure;
    return pool->failure.code;
}
