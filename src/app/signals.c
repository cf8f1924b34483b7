/* Ctrl-C asks politely once. */
#include "app/signals.h"
#include "base/file.h"
#include <stddef.h>

volatile sig_atomic_t wf_signals_caught;

static void note_signal(int number) {
    (void)number;
    wf_signals_caught = 1;
}

void wf_signals_catch(void) {
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    wf_file_guard();
    signal(SIGXFSZ, SIG_IGN); /* over a limit of the file size: the write fails and says so */
}
