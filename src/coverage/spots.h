#ifndef WF_COVERAGE_SPOTS_H
#define WF_COVERAGE_SPOTS_H
#include "coverage/segments.h"

/** Places as a set: sorted from west to east, then south to north. */
typedef struct {
    double x, y;
} wf_vertex;

typedef struct {
    uint32_t n, cap;
    wf_vertex *at;
    wf_arena *arena;
} wf_spots;

WF_CHECKED wf_code wf_spots_add(wf_spots *to, double x, double y, wf_error *err);
/** Sort and leave out repetitions; afterwards the set can be asked. */
void wf_spots_sort(wf_spots *spots);
bool wf_spots_hold(const wf_spots *spots, double x, double y);
/** The spot nearest to a place by the larger of both differences, when that is at most `reach`; else NULL. */
const wf_vertex *wf_spots_near(const wf_spots *spots, double x, double y, double reach);

/** Split segments where they meet, as wf_node does, with every vertex that had to be made on the lattice of
 * `n_decimals` decimals: a place that the written file can hold in any format.
 *
 *  Vertices in `fixed` keep their doubles; a crossing within one unit of the lattice of one of them is taken to be
 *  there. Rounding bends segments by up to a unit, so that they can cross anew: it is repeated until nothing does. Each
 *  segment becomes a chain between its own two ends, hence closed borders stay closed.
 *  @param fixed  sorted
 *  @param out    pieces with the owners of their segments, weight 0; those of several owners once for each
 *  @return WF_OK, WF_NOMEM, WF_LIMIT when it does not settle */
WF_CHECKED wf_code wf_spots_node(uint32_t n, const wf_segment *segment, const wf_spots *fixed, uint32_t n_decimals,
                                 wf_arena *keep, wf_segments *out, wf_error *err);
#endif
