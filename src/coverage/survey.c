/* What there is to repair. Sees every edge of a level. */
#include "coverage/survey.h"
#include "coverage/rules.h"
#include <stdlib.h>
#include <string.h>

static wf_code sort_rest(wf_survey *s, wf_error *err) {
    uint32_t n = s->b.residual.n;
    if ((s->rest = WF_NEW(&s->keep, wf_segment, n)) == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        s->rest[i] = wf_mend_lower(s->b.residual.segment[i]);
    if (n > 0)
        qsort(s->rest, n, sizeof *s->rest, wf_mend_order);
    return WF_OK;
}

static wf_code list_invalid(wf_survey *s, wf_error *err) {
    uint32_t n = s->b.n_subset;
    s->invalid = WF_NEW(&s->keep, uint8_t, n);
    s->follows = WF_NEW(&s->keep, uint32_t, n);
    if (s->invalid == NULL || s->follows == NULL)
        return wf_fail_nomem(err);
    memset(s->follows, 0xFF, n * sizeof *s->follows);
    for (uint32_t i = 0; i < s->defects.n; i++) {
        const wf_defect *d = &s->defects.row[i];
        const uint32_t *owner = s->defects.owner + d->owner_first;
        if (strcmp(d->rule, "G01") == 0)
            s->invalid[wf_survey_item(s, owner[0])] = 1;
        if (strcmp(d->rule, "G10") == 0)
            s->follows[wf_survey_item(s, owner[1])] = wf_survey_item(s, owner[0]);
    }
    return WF_OK;
}

wf_code wf_survey_make(const wf_grids *grids, uint8_t level, const wf_check_params *params, const uint8_t *aside,
                       wf_survey *s, wf_error *err) {
    wf_arrangement residual;
    wf_arena_init(&s->keep);
    s->grids = *grids;
    wf_findings_begin(&s->found, level, params, &s->keep);
    s->b = (wf_borders){.grids = &s->grids,
                        .p = &s->grids.shape,
                        .params = params,
                        .level = level,
                        .found = &s->found,
                        .scratch = &s->keep};
    WF_TRY(wf_borders_collect(&s->b, err));
    WF_TRY(wf_borders_drop_duplicates(&s->b, err));
    for (uint32_t item = 0; item < s->b.n_subset; item++)
        s->b.duplicate[item] |= aside[s->b.subset[item]];
    WF_TRY(wf_borders_match(&s->b, err));
    WF_TRY(wf_rules_vertices(&s->b, err));
    WF_TRY(wf_arrange(s->b.residual.n, s->b.residual.segment, false, &s->keep, &residual, err));
    WF_TRY(wf_check_poll(params, err));
    WF_TRY(wf_rules_gaps(&s->b, &residual, err));
    WF_TRY(wf_rules_overlaps(&s->b, &residual, err));
    WF_TRY(wf_findings_finish(&s->found, &s->defects, err));
    WF_TRY(sort_rest(s, err));
    WF_TRY(list_invalid(s, err));
    return wf_near_build(s->b.n_subset, s->b.box, &s->keep, &s->near, err);
}

uint32_t wf_survey_item(const wf_survey *s, uint32_t grid) {
    uint32_t low = 0, high = s->b.n_subset;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->b.subset[middle] < grid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool wf_survey_takes_part(const wf_survey *s, uint32_t item) {
    return !s->b.duplicate[item] && wf_borders_exist(&s->b, item);
}
