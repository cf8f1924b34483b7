/* The one error type. Cold: called once per failed command. */
#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>

wf_code wf_error_set(wf_error *err, wf_code code, const char *origin, const char *format, ...) {
    if (err == NULL)
        return code;
    err->code = code;
    err->origin = origin;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    for (char *c = err->message; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return code;
}

int wf_error_exit(wf_code code) {
    static const int status[] = {[WF_OK] = 0,    [WF_USAGE] = 2,     [WF_INPUT] = 3,    [WF_OUTPUT] = 4, [WF_NOMEM] = 5,
                                 [WF_LIMIT] = 5, [WF_CANCELLED] = 6, [WF_INTERNAL] = 7, [WF_LOCKED] = 75};
    return status[code];
}
