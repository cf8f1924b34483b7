#ifndef WF_APP_SIGNALS_H
#define WF_APP_SIGNALS_H
#include <signal.h>
/** Set to 1 by Ctrl-C, a terminate or a hang-up signal once wf_signals_catch has been called; stages poll it between
 * batches and stop with WF_CANCELLED, leaving nothing behind. A second signal ends the process at once. */
extern volatile sig_atomic_t wf_signals_caught;
void wf_signals_catch(void);
#endif
