/* From the grids of one level to findings. Hot: the matching of edges; everything after it sees only
 * what did not cancel. */
#include "coverage/check.h"
#include "coverage/rules.h"
#include <stdlib.h>

static int by_order(const void *a, const void *b) {
    return wf_findings_order(a, b);
}

static wf_code find_all(wf_borders *b, wf_error *err) {
    wf_arrangement residual;
    WF_TRY(wf_borders_collect(b, err));
    WF_TRY(wf_rules_attributes(b, err));
    WF_TRY(wf_borders_drop_duplicates(b, err));
    WF_TRY(wf_borders_match(b, err));
    WF_TRY(wf_rules_vertices(b, err));
    WF_TRY(wf_arrange(b->residual.n, b->residual.segment, false, b->scratch, &residual, err));
    WF_TRY(wf_check_poll(b->params, err));
    WF_TRY(wf_rules_gaps(b, &residual, err));
    return wf_rules_overlaps(b, &residual, err);
}

wf_code wf_coverage_check(const wf_grids *grids, uint8_t level, const wf_check_params *params, wf_arena *keep,
                          wf_defects *out, wf_error *err) {
    wf_findings found;
    wf_defects defects;
    wf_arena scratch;
    wf_arena_init(&scratch);
    wf_findings_begin(&found, level, params, keep);
    wf_borders borders = {
        .grids = grids, .p = &grids->shape, .params = params, .level = level, .found = &found, .scratch = &scratch};
    wf_code code = find_all(&borders, err);
    wf_arena_clear(&scratch);
    WF_TRY(code);
    WF_TRY(wf_findings_finish(&found, &defects, err));
    if (defects.n > 0)
        qsort(defects.row, defects.n, sizeof *defects.row, by_order);
    *out = defects;
    return WF_OK;
}
