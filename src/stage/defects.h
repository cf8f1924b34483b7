#ifndef WF_STAGE_DEFECTS_H
#define WF_STAGE_DEFECTS_H
#include "base/table.h"
#include "coverage/check.h"
#include "stage/previous.h"

/** The findings as they are published: the columns defect_id stable_id rule kind severity level grid_codes cause status
 *  excused_by area_m2 thickness_m length_m incidents population lon lat message.
 *
 *  defect_id counts from 1 in the order of the rows. stable_id is the same in another check of the same defect: 16 hex
 *  digits of a hash over rule, level, codes (ascending) and the place to 1e-5 of the coordinates' unit; a second defect
 *  with all of these alike has the hash of its count too. cause is empty. status is "persisting" where the earlier
 * check has the same stable_id, else "new"; what it has and this one has not follows at the end as "fixed", without a
 * shape.
 *  @param allowed  names and codes of the allowed gaps, or NULL
 *  @param before   of an earlier check, or NULL: then all are new
 *  @param keep     owns the columns; shape and place are shared with the findings
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_defects_tabulate(const wf_defects *defects, const wf_grids *grids, const wf_grids *allowed,
                                       const wf_previous *before, wf_arena *keep, wf_table *out, wf_error *err);

/** Read the findings of an earlier check; see wf_previous_read. */
WF_CHECKED wf_code wf_defects_read(const char *path, wf_arena *keep, wf_previous *out, wf_error *err);

/** "information", "noise", "sliver", "ordinary", "serious". */
const char *wf_severity_name(wf_severity severity);

/** One English sentence about row i: what, how large, between whom, where to look for the cause. Truncated to room. */
void wf_defects_describe(const wf_defects *defects, const wf_grids *grids, uint32_t i, char *text, size_t room);
#endif
