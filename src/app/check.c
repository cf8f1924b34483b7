/* The check command: run the stage, print the verdict. */
#include "app/commands.h"
#include "app/signals.h"
#include "base/pool.h"
#include "stage/check.h"
#include <stdio.h>

static void print_summary(const wf_options *o, const wf_check_result *r) {
    printf("verdict  %s at a floor of %.3f m; strictly %s\n", r->seamless ? "seamless" : "NOT seamless", r->floor_m,
           r->seamless_strict ? "seamless too" : "not seamless");
    printf("grids    %u on %u level%s, %u vertices, %s; %s\n", r->n_grids, r->n_levels, r->n_levels == 1 ? "" : "s",
           r->n_vertices, r->crs[0] == '\0' ? "coordinate system not stated" : r->crs,
           o->outline != NULL ? "filled against the outline" : "no outline given: only enclosed holes are gaps");
    printf("found    %u gaps, %.1f m²; %u overlaps, %.1f m²; %u invalid; %u of all are noise\n", r->n_gaps, r->gap_m2,
           r->n_overlaps, r->overlap_m2, r->n_invalid, r->n_noise);
    if (r->by_rule[5] + r->by_rule[15] > 0)
        printf("nesting  %u places of grids outside their parent, %u places that a parent's own grids do not fill\n",
               r->by_rule[5], r->by_rule[15]);
    if (r->compared)
        printf("since    %s: %u new, %u persisting, %u fixed\n", o->previous, r->n_new, r->n_persisting, r->n_fixed);
    if (o->allowed_gaps != NULL)
        printf("allowed  %u findings lie in an allowed gap\n", r->n_excused);
    for (uint32_t i = 0; i < r->n_worst; i++)
        printf("%s %s %-18s %14.1f m²  %10.3f m thick  at %.6f %.6f  %.60s\n", i == 0 ? "largest " : "        ",
               r->worst[i].rule, r->worst[i].kind, r->worst[i].area_m2, r->worst[i].thickness_m, r->worst[i].x,
               r->worst[i].y, r->worst[i].codes);
    if (o->output != NULL)
        printf("written  %s\n", o->output);
}

wf_code wf_app_check(const wf_options *o, int *verdict, wf_error *err) {
    if (o->n_inputs != 1)
        return wf_fail(err, WF_USAGE, "needs one file of GRIDS: see wufeng help check");
    wf_arena keep;
    wf_arena_init(&keep);
    wf_pool *pool;
    WF_TRY(wf_pool_open(&pool, o->threads, err));
    wf_check_request request = {.grids = o->input[0],
                                .output = o->output,
                                .outline = o->outline,
                                .allowed_gaps = o->allowed_gaps,
                                .previous = o->previous,
                                .code = o->code,
                                .name = o->name,
                                .level = o->level,
                                .parent = o->parent,
                                .floor_m = o->floor_m,
                                .at_level = o->at_level,
                                .fail_on = o->fail_on,
                                .pool = pool,
                                .cancelled = &wf_signals_caught};
    wf_check_result result;
    wf_signals_catch();
    wf_code code = wf_stage_check(&request, &keep, &result, err);
    if (code == WF_OK) {
        *verdict = result.fails ? 1 : 0;
        if (o->json)
            wf_stage_check_json(&result, stdout);
        else if (!o->quiet)
            print_summary(o, &result);
    }
    wf_pool_close(pool);
    wf_arena_clear(&keep);
    return code;
}
