#ifndef WF_COVERAGE_SEGMENTS_H
#define WF_COVERAGE_SEGMENTS_H
#include "base/error.h"
#include "base/grids.h"

/** A signed segment in the plane: crossing it from its right to its left adds the weight to the count of the place. The
 *  weights of closed rings with the interior on the left make the count the number of rings over a place. */
typedef struct {
    double ax, ay, bx, by;
    int32_t weight;
    uint32_t owner;
} wf_segment;

/** Segments while they grow; set `arena` and nothing else. */
typedef struct {
    uint32_t n, cap;
    wf_segment *segment;
    wf_arena *arena;
} wf_segments;

WF_CHECKED wf_code wf_segments_add(wf_segments *to, wf_segment s, wf_error *err);
/** Append a ring, its n vertices given with or without the closing one; edges of no length are left out. */
WF_CHECKED wf_code wf_segments_add_ring(wf_segments *to, uint32_t n, const double *x, const double *y, int32_t weight,
                                        uint32_t owner, wf_error *err);
/** Append the rings of polygon i: weight where the interior is on the left. Collapsed rings are left out. */
WF_CHECKED wf_code wf_segments_add_polygon(wf_segments *to, const wf_polygons *p, uint32_t i, int32_t weight,
                                           uint32_t owner, wf_error *err);

/** Order of segments by their first, then their second end, each from west to east, then south to north; owners and
 *  weights do not matter. For qsort. */
int wf_segment_order(const void *a, const void *b);

/** Exact orientation of a ring at its lowest, leftmost vertex: 1 counter-clockwise, −1 clockwise, 0 collapsed. */
int wf_ring_turn(uint32_t n, const double *x, const double *y);

/** Is a closed ring (first vertex repeated at the end) simple: do its edges meet at the vertices they share and nowhere
 *  else, none of no length? Exact; false also when memory is short. Near-linear in n for borders as they are drawn. */
bool wf_ring_is_simple(uint32_t n, const double *x, const double *y);
#endif
