#ifndef WF_COVERAGE_CHORDS_H
#define WF_COVERAGE_CHORDS_H
#include "coverage/decide.h"

/** Cut long gaps where their neighbours change, so that each neighbour takes the stretch along its own border and none
 *  gets a spike along the border of another.
 *
 *  A gap of one face without a hole, beside three grids or more and over four times as long as thick, is cut from each
 *  vertex where its neighbour changes to the nearest vertex across it: one that is in sight, no further than twice the
 *  thickness, and beside none of the two neighbours. Cuts meet at their ends only.
 *  @param c    decided: gaps without an owner are left as they are
 *  @param out  the cuts are appended, weight 0, owner 0; their ends are vertices of the gap's border
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_contest_cut_gaps(const wf_contest *c, wf_segments *out, wf_error *err);
#endif
