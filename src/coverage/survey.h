#ifndef WF_COVERAGE_SURVEY_H
#define WF_COVERAGE_SURVEY_H
#include "coverage/mend.h"

/** What a level looks like to its repair: matched borders and findings. Clear `keep` when it is no longer needed, also
 *  after a failure. Not to be copied: the borders refer to it. */
typedef struct {
    wf_arena keep;
    wf_grids grids;
    wf_borders b;
    wf_findings found;
    wf_defects defects;
    wf_near near;      /**< boxes of the items */
    wf_segment *rest;  /**< the residual of b, as a neighbourhood is asked with */
    uint8_t *invalid;  /**< of each item: its rings have to be drawn anew */
    uint32_t *follows; /**< of each item: the earlier one whose geometry it repeats, UINT32_MAX */
} wf_survey;

/** Look for what wf_coverage_check finds of borders: G01, G02, G03, G06, G07, G10.
 *  @param aside  of each grid: it takes no part, like a duplicate
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_survey_make(const wf_grids *grids, uint8_t level, const wf_check_params *params,
                                  const uint8_t *aside, wf_survey *out, wf_error *err);
/** The item of a grid of the level. */
uint32_t wf_survey_item(const wf_survey *survey, uint32_t grid);
/** Has the item a border, and is it neither a duplicate nor aside? */
bool wf_survey_takes_part(const wf_survey *survey, uint32_t item);
#endif
