/* From the grids of one level to findings. Hot: the matching of edges; everything after it sees only
 * what did not cancel. */
#include "coverage/check.h"
#include "coverage/rules.h"
#include <stdlib.h>

static int by_order(const void *a, const void *b) {
    return wf_findings_order(a, b);
}

/* Where two borders cross there is a place that two grids lie over, however thin: one that is lost between the doubles
 * is told by the crossing alone. */
static wf_code report_crossing(wf_borders *b, const wf_crossings *c, wf_error *err) {
    const wf_findings *found = b->found;
    for (uint32_t i = 0; i < found->out.n; i++)
        if (found->out.row[i].severity >= WF_NOISE)
            return WF_OK;
    if (c->n == 0)
        return WF_OK;
    wf_defect d = wf_findings_blank("G02", "borders cross", WF_NOISE);
    uint32_t p = b->subset[c->owner[0]], q = b->subset[c->owner[1]];
    const uint32_t owners[] = {p < q ? p : q, p < q ? q : p};
    d.area_m2 = d.thickness_m = 0;
    d.x = c->x;
    d.y = c->y;
    return wf_findings_add(b->found, d, p == q ? 1 : 2, owners, err);
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
    WF_TRY(wf_rules_overlaps(b, &residual, err));
    return report_crossing(b, &residual.crossings, err);
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
