/* The repair command: run the stage, say what moved and what is left. */
#include "stage/repair.h"
#include "app/commands.h"
#include "app/signals.h"
#include "base/pool.h"
#include <math.h>
#include <stdio.h>

static void print_summary(const wf_options *o, const wf_repair_summary *r) {
    printf("verdict  %s", r->n_left == 0 ? "passes the check strictly" : "something is LEFT");
    if (r->n_repaired == 1)
        printf(" at level %u\n", r->level);
    else
        printf(" on %u levels\n", r->n_repaired);
    printf("grids    %u, of which %u changed; new vertices on %u decimals, floor %.3f m\n", r->n_grids, r->n_changed,
           r->n_decimals, r->floor_m);
    printf("repaired %u gaps, %u overlaps, %.1f m² moved in %u transfers\n", r->n_gaps, r->n_overlaps, r->moved_m2,
           r->n_transfers);
    if (r->largest_to != NULL)
        printf("largest  %.1f m² from %s to %s at %.6f %.6f\n", r->largest_m2,
               r->largest_from[0] == '\0' ? "a gap" : r->largest_from, r->largest_to, r->largest_x, r->largest_y);
    if (r->n_redrawn + r->n_parents_left > 0)
        printf("parents  %u redrawn from their grids, %u that did not fit before left as they are\n", r->n_redrawn,
               r->n_parents_left);
    if (r->n_excused > 0)
        printf("allowed  %u gaps stay\n", r->n_excused);
    if (r->n_left > 0)
        printf("left     %u findings, each in the ledger with its reason\n", r->n_left);
    for (uint32_t i = 0; i < r->n_shown; i++) {
        const wf_repair_left_row *row = &r->shown[i];
        printf("         %s %s", row->rule, row->reason);
        if (isfinite(row->area_m2))
            printf(", %.1f m²", row->area_m2);
        printf(" at %.6f %.6f  %.60s\n", row->x, row->y, row->codes);
    }
    if (r->coarser)
        printf(
            "levels   the coarser levels were not touched: without --at-level parents are redrawn from their grids\n");
    if (!o->dry_run)
        printf("written  %s\n", o->output);
    printf("ledger   %s\n", r->ledger);
}

wf_code wf_app_repair(const wf_options *o, int *verdict, wf_error *err) {
    if (o->n_inputs != 1)
        return wf_fail(err, WF_USAGE, "needs one file of GRIDS: see wufeng help repair");
    if (o->outline != NULL)
        return wf_fail(err, WF_USAGE, "--outline: repair leaves the outer border as it is");
    wf_arena keep;
    wf_arena_init(&keep);
    wf_pool *pool;
    WF_TRY(wf_pool_open(&pool, o->threads, err));
    const wf_repair_request request = {.grids = o->input[0],
                                       .output = o->output,
                                       .ledger = o->ledger,
                                       .allowed_gaps = o->allowed_gaps,
                                       .code = o->code,
                                       .name = o->name,
                                       .level = o->level,
                                       .parent = o->parent,
                                       .priority = o->priority,
                                       .locked = o->locked,
                                       .order = o->overlap_order,
                                       .floor_m = o->floor_m,
                                       .gap_thickness_m = o->max_gap_width_m,
                                       .gap_area_m2 = o->max_gap_area_m2,
                                       .at_level = o->at_level,
                                       .dry_run = o->dry_run,
                                       .pool = pool,
                                       .cancelled = &wf_signals_caught};
    wf_repair_summary summary;
    wf_signals_catch();
    wf_code code = wf_stage_repair(&request, &keep, &summary, err);
    if (code == WF_OK) {
        *verdict = summary.n_left > 0 ? 1 : 0;
        if (o->json)
            wf_stage_repair_json(&summary, stdout);
        else if (!o->quiet)
            print_summary(o, &summary);
    }
    wf_pool_close(pool);
    wf_arena_clear(&keep);
    return code;
}
