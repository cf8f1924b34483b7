/* Progress. */
#include "app/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 30 };

void wf_progress_open(wf_progress *p, const char *mode, bool quiet) {
    *p = (wf_progress){.terminal = isatty(2)};
    p->on = mode != NULL && strcmp(mode, "on") == 0;
    if (mode == NULL || strcmp(mode, "auto") == 0)
        p->on = !quiet;
}

void wf_progress_stage(wf_progress *p, const char *stage) {
    p->stage = stage;
    p->shown = -1;
    if (p->on && !p->terminal)
        fprintf(stderr, "info stage=%s\n", stage);
    else
        wf_progress_share(p, 0);
}

void wf_progress_share(void *self, double share) {
    wf_progress *p = self;
    int percent = (int)(share * 100);
    if (!p->on || !p->terminal || percent == p->shown)
        return;
    p->shown = percent;
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++)
        bar[i] = i * 100 < percent * BAR ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r\033[K%-10s [%s] %3d %%", p->stage, bar, percent);
    fflush(stderr);
}

void wf_progress_close(wf_progress *p) {
    if (p->on && p->terminal)
        fputs("\r\033[K", stderr);
    p->on = false;
}
