/* Notices: a handful a run. */
#include "base/notice.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

wf_code wf_notices_add(wf_notices *list, const char *rule, wf_error *err, const char *format, ...) {
    char text[1024];
    va_list args;
    if (list == NULL)
        return WF_OK;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' || *c == '\r' ? ' ' : *c;
    const char *copy = wf_arena_text(list->keep, text, strlen(text));
    if (copy == NULL || WF_ROOM(list->keep, list->row, list->n, list->cap))
        return wf_fail_nomem(err);
    list->row[list->n++] = (wf_notice){rule, copy};
    return WF_OK;
}
