#ifndef WF_APP_PROGRESS_H
#define WF_APP_PROGRESS_H
#include <stdbool.h>

/** What a run says of its way on standard error: one line that is drawn over on a terminal, plain lines in a log. */
typedef struct {
    bool on, terminal;
    const char *stage; /**< being worked on */
    int shown;         /**< percent shown last */
} wf_progress;

/** @param mode  "auto" or NULL: on unless quiet; "on", "off" */
void wf_progress_open(wf_progress *progress, const char *mode, bool quiet);
/** A new stage begins. */
void wf_progress_stage(wf_progress *progress, const char *stage);
/** Share of the stage done, 0 to 1. Usable as a stage's callback. */
void wf_progress_share(void *progress, double share);
/** Clear the line. */
void wf_progress_close(wf_progress *progress);
#endif
