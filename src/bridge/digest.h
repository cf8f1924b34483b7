#ifndef WF_BRIDGE_DIGEST_H
#define WF_BRIDGE_DIGEST_H
#include "base/error.h"
#include <stdint.h>

/** SHA-256 of a file as 64 hex digits and a NUL, and its size. WF_INPUT when it cannot be read. */
WF_CHECKED wf_code wf_digest_file(const char *path, char hex[65], uint64_t *n_bytes, wf_error *err);
#endif
