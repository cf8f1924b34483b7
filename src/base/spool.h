#ifndef WF_BASE_SPOOL_H
#define WF_BASE_SPOOL_H
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>
#include <stdio.h>

/** Records of one fixed size, put aside by many threads and read back by partition: in memory up to a budget, beyond
 *  it in a temporary file without a name. The order inside a partition is not kept. */
typedef struct wf_spool wf_spool;

/** @param n_bytes       size of a record, at most 256
 *  @param n_partitions  a power of two, at most 1024
 *  @param budget        bytes held in memory by all partitions together
 *  @param folder        where the file goes when there is one; NULL: the system's folder for temporary files
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_spool_open(wf_spool **out, size_t n_bytes, uint32_t n_partitions, unsigned n_threads,
                                 size_t budget, const char *folder, wf_error *err);
void wf_spool_close(wf_spool *spool);

/** Put a record into a partition. Each thread has its own number. WF_NOMEM, WF_OUTPUT (the temporary file). */
WF_CHECKED wf_code wf_spool_put(wf_spool *spool, unsigned thread, uint32_t partition, const void *record,
                                wf_error *err);

/** Hand what the threads still hold to the partitions; call once, before reading, when no thread puts any more. */
WF_CHECKED wf_code wf_spool_finish(wf_spool *spool, wf_error *err);

/** The records of one partition in one piece of `keep`. Partitions can be read by several threads at once. */
WF_CHECKED wf_code wf_spool_read(wf_spool *spool, uint32_t partition, wf_arena *keep, void **out, size_t *n,
                                 wf_error *err);

/** A temporary file without a name in a folder (NULL: the system's); gone when it is closed. WF_OUTPUT. */
WF_CHECKED wf_code wf_temporary_open(const char *folder, FILE **out, wf_error *err);
#endif
