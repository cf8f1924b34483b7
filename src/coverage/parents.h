#ifndef WF_COVERAGE_PARENTS_H
#define WF_COVERAGE_PARENTS_H
#include "coverage/repair.h"

/** Redraw the partition grids of one level as the union of the grids of a finer one that are filed under them, where
 *  these no longer fit and that is what the repair of the finer level did.
 *
 *  A parent that its grids do not fit (G05, G15) is redrawn when each place of the misfit is no larger than the places
 *  in it that changed hands; a larger one was there before, and the parent is left as it is. Parents whose box meets
 * that of one that is redrawn are drawn in the same way where they fit, so that they have its vertices. Edges between
 * two grids of one parent cancel; grids that overlap have no such union, and their parent is left too.
 *  @param moved     the repair of all finer levels
 *  @param fits      of each grid: set to 1 for parents that their grids fit now, not touched for others
 *  @param keep      owns *out
 *  @param n_redrawn parents whose vertices are others now
 *  @param n_left    parents that their grids do not fit
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_coverage_redraw_parents(const wf_grids *grids, uint8_t level, uint8_t child_level,
                                              const wf_check_params *params, const wf_repair_result *moved,
                                              uint8_t *fits, wf_arena *keep, wf_polygons *out, uint32_t *n_redrawn,
                                              uint32_t *n_left, wf_error *err);

/** Repair the finest level and then, level by level, redraw parents and repair what is left there: a parent that its
 *  grids fit keeps its place, whatever the order of rules. Grids of level 0 (unknown) stand alone. It is gone on until
 *  nothing changes; hence the repair of a repaired plan is the same plan.
 *  @param n_redrawn, n_left  of all levels, as above
 *  @return as wf_coverage_repair; transfers and what was left of all levels, finest first */
WF_CHECKED wf_code wf_coverage_repair_levels(const wf_grids *grids, const wf_repair_params *params, wf_arena *keep,
                                             wf_repair_result *out, uint32_t *n_redrawn, uint32_t *n_left,
                                             wf_error *err);
#endif
