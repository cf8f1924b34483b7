#ifndef WF_BASE_FILE_H
#define WF_BASE_FILE_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** A whole input file mapped read only. */
typedef struct {
    const char *bytes;
    size_t n;
} wf_mapped;

/** Map a file. WF_INPUT when it is missing, unreadable, no regular file or empty; the message names the path. */
WF_CHECKED wf_code wf_file_map(const char *path, wf_mapped *out, wf_error *err);
/** Map what was written to a stream; the stream may be closed afterwards. WF_INPUT when nothing was, WF_OUTPUT,
 * WF_NOMEM.
 */
WF_CHECKED wf_code wf_file_map_stream(FILE *stream, wf_mapped *out, wf_error *err);
/** Say that bytes [from, to) will hardly be read again, so that a large file does not fill the memory. They stay
 *  readable. Does nothing for text that is not mapped. */
void wf_mapped_forget(const wf_mapped *mapped, size_t from, size_t to);
void wf_file_unmap(wf_mapped *mapped);

/** Once for the process: from now on a mapped file that another program cuts short reads as zeros behind its new end,
 *  where the system would end the process (SIGBUS). Ask wf_mapped_is_cut before a result is believed. */
void wf_file_guard(void);
/** Was the file cut short while it was mapped, and met behind its end? */
bool wf_mapped_is_cut(const wf_mapped *mapped);

/** An output that appears under its name only when it is complete: written to a hidden file beside the target, made
 *  durable, then renamed. */
typedef struct {
    FILE *stream;
    char path[4096], staged[4160];
} wf_output;

/** WF_USAGE when the output would take the place of an input: the same file, whatever it is called. The input may be
 *  FILE or FILE:LAYER, or NULL; an output that is not there yet is none of them. */
WF_CHECKED wf_code wf_output_spares(const char *output, const char *input, wf_error *err);
/** WF_OUTPUT when the folder cannot be written. */
WF_CHECKED wf_code wf_output_open(wf_output *out, const char *path, wf_error *err);
/** Flush, fsync and rename; on failure (disk full) the staged file is removed and the target is as it was. */
WF_CHECKED wf_code wf_output_publish(wf_output *out, wf_error *err);
/** Remove the staged file; the target is as it was. Does nothing after publish. */
void wf_output_drop(wf_output *out);

#endif
