#ifndef WF_BASE_ERROR_H
#define WF_BASE_ERROR_H
/** The one error type: a code, one line for the user, and where in the program it was first seen. */

typedef enum {
    WF_OK = 0,
    WF_USAGE,     /**< command line or job file; exit 2 */
    WF_INPUT,     /**< an input cannot be read; exit 3 */
    WF_OUTPUT,    /**< an output cannot be written; exit 4 */
    WF_NOMEM,     /**< out of memory; exit 5 */
    WF_LIMIT,     /**< over a stated limit; exit 5 */
    WF_CANCELLED, /**< a signal or the time limit; exit 6 */
    WF_INTERNAL,  /**< a bug in wufeng; exit 7 */
    WF_LOCKED     /**< another run holds the lock; exit 75 */
} wf_code;

typedef struct {
    wf_code code;
    char message[1024]; /**< one line: what, where in the input, what to do; UTF-8, no line end */
    const char *origin; /**< "file.c:line" of the function that saw it first; static storage */
} wf_error;

#define WF_CHECKED __attribute__((warn_unused_result))
#define WF_STRING2(x) #x
#define WF_STRING(x) WF_STRING2(x)

/** Fill *err with a code and a printf-formatted line and return the code, so that a function can say
 *  `return wf_fail(err, WF_INPUT, "%s: layer \"%s\" is empty", path, layer);`. err may be NULL. Line ends in
 *  the formatted text are turned into spaces: a message is one line whatever a file name holds. */
#define wf_fail(err, code, ...) wf_error_set((err), (code), __FILE__ ":" WF_STRING(__LINE__), __VA_ARGS__)

/** Same, for "out of memory" in the function named by the place. */
#define wf_fail_nomem(err) wf_error_set((err), WF_NOMEM, __FILE__ ":" WF_STRING(__LINE__), "out of memory")

wf_code wf_error_set(wf_error *err, wf_code code, const char *origin, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The process exit status that the contract gives to a code. */
int wf_error_exit(wf_code code);

/** Pass a failure up unchanged. */
#define WF_TRY(call)                                                                                                   \
    do {                                                                                                               \
        wf_code wf_try_code = (call);                                                                                  \
        if (wf_try_code != WF_OK)                                                                                      \
            return wf_try_code;                                                                                        \
    } while (0)

/** In a function that owns vendor handles: leave by its one label `done:`, with `code` declared as wf_code. */
#define WF_GO(call)                                                                                                    \
    do {                                                                                                               \
        if ((code = (call)) != WF_OK)                                                                                  \
            goto done;                                                                                                 \
    } while (0)

#endif
