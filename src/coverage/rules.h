#ifndef WF_COVERAGE_RULES_H
#define WF_COVERAGE_RULES_H
#include "coverage/borders.h"

/** The rules of one level, each reporting into b->found. All return WF_OK, WF_NOMEM, WF_LIMIT or WF_CANCELLED. */

/** Codes, declared areas, households and workers: G08, G09, G11, G12, G13. Before duplicates are dropped.
 *
 *  G12 looks at level 4, or at the grids without a level. By the kind of the grid: urban (城市, urban) 110–980
 *  households, rural (农村, 村, rural) 40–600; where no grid of the level is of either kind, 40–980. Grids of another
 *  kind (专属网格, 单位网格) have no band, and a missing number is no finding.
 *  G13 counts a name in the worker column on three or more grids; placeholders (无, /, -, 空, 0, NULL) are no names. */
WF_CHECKED wf_code wf_rules_attributes(wf_borders *b, wf_error *err);

/** Gaps and places outside the outline (G03, G04, G14; G06 within the floor) from the arranged residual. */
WF_CHECKED wf_code wf_rules_gaps(wf_borders *b, const wf_arrangement *residual, wf_error *err);

/** Overlaps (G02; G06 within the floor), one finding for each connected place with one set of grids. */
WF_CHECKED wf_code wf_rules_overlaps(wf_borders *b, const wf_arrangement *residual, wf_error *err);

/** Vertices of one grid exactly on an edge of another (G06 of no area): edges that do not cancel as they stand but do
 *  when they are split at the vertices that lie on them. A finding is a longest run of such edges that hang together
 *  by a vertex that one side lacks, or along one pair of neighbours. Its place is its first extra vertex, its length
 *  that of the run, its owners all grids beside the run. */
WF_CHECKED wf_code wf_rules_vertices(wf_borders *b, wf_error *err);

/** A number beside a face, for sorting. */
typedef struct {
    uint32_t face, owner;
} wf_face_side;
int wf_face_side_order(const void *a, const void *b);
#endif
