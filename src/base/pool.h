#ifndef WF_BASE_POOL_H
#define WF_BASE_POOL_H
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
/** Threads that work through numbered chunks. */
typedef struct wf_pool wf_pool;
/** n_threads >= 1, or 0 for all cores; the caller's thread is one of them. WF_NOMEM when threads cannot start. */
WF_CHECKED wf_code wf_pool_open(wf_pool **out, unsigned n_threads, wf_error *err);
void wf_pool_close(wf_pool *pool);
unsigned wf_pool_threads(const wf_pool *pool);
typedef wf_code (*wf_pool_work)(void *ctx, uint32_t chunk, unsigned thread, wf_error *err);
/** Run work(ctx, chunk, thread) for chunk = 0 … n_chunks-1, in any order; thread < wf_pool_threads. Returns the failure
 *  of the lowest failing chunk (later chunks may not have run). Results go to slots by chunk, so that merging in
 *  chunk order gives the same bytes with any number of threads. pool NULL: on the caller's thread. */
WF_CHECKED wf_code wf_pool_run(wf_pool *pool, uint32_t n_chunks, wf_pool_work work, void *ctx, wf_error *err);
#endif
