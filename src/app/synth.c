/* The synth command. */
#include "app/commands.h"
#include "app/signals.h"
#include "stage/synth.h"
#include <stdio.h>

wf_code wf_app_synth(const wf_options *o, int *verdict, wf_error *err) {
    if (o->n_inputs != 1 || o->output == NULL)
        return wf_fail(err, WF_USAGE, "needs SEED.yaml and -o FOLDER: see wufeng help synth");
    wf_arena keep;
    wf_arena_init(&keep);
    wf_synth_request request = {o->input[0], o->output, o->grids, o->incidents, &wf_signals_caught};
    wf_synth_result r;
    wf_signals_catch();
    wf_code code = wf_stage_synth(&request, &keep, &r, err);
    if (code == WF_OK && !o->quiet)
        printf("made     %u grids on 5 levels, %u vertices, %.1f km², %.0f people\n"
               "planted  %u defects, %u found no room\nhappened %llu incidents\nchanged  %u times in the second "
               "plan\nwritten  %s\n",
               r.n_grids, r.n_vertices, r.area_km2, r.population, r.n_causes, r.n_left_out,
               (unsigned long long)r.n_incidents, r.n_changes, o->output);
    wf_arena_clear(&keep);
    *verdict = 0;
    return code;
}
