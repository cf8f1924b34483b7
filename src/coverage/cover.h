#ifndef WF_COVERAGE_COVER_H
#define WF_COVERAGE_COVER_H
#include "coverage/check.h"

/** What is left of polygon i of `of` when the n listed polygons of `by` are laid over it, coordinates rounded
 *  to about a micrometre (1e-11 degrees).
 *  @param area_m2      of all that is left, 0 when it is covered
 *  @param thickness_m  of its thickest place; NULL: not wanted (it is slow)
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_cover_rest(const wf_polygons *of, uint32_t i, const wf_polygons *by, uint32_t n,
                                 const uint32_t *list, const wf_check_params *params, double *area_m2,
                                 double *thickness_m, wf_error *err);

/** Is the place inside polygon i, by the even-odd rule? Exact; the border itself is undecided. */
bool wf_cover_holds(const wf_polygons *p, uint32_t i, double x, double y);
#endif
