#ifndef WF_BASE_NOTICE_H
#define WF_BASE_NOTICE_H
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

/** What a user should know of an input as a whole, though the work goes on: no finding on one row or grid of it. Shown
 * in the summary and kept in the manifest. */
typedef struct {
    const char *rule; /**< "C01", "I08"; "" when no rule covers it */
    const char *text; /**< one line: what, where, what to do */
} wf_notice;

/** Notices in the order they came up. One thread at a time. */
typedef struct {
    wf_arena *keep; /**< owns texts and rows */
    wf_notice *row;
    uint32_t n, cap;
} wf_notices;

/** Add a notice with a printf-formatted line of at most 1,023 bytes. list NULL: nobody listens. WF_NOMEM. */
WF_CHECKED wf_code wf_notices_add(wf_notices *list, const char *rule, wf_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#endif
