#ifndef WF_COVERAGE_ARRANGE_H
#define WF_COVERAGE_ARRANGE_H
#include "coverage/segments.h"

enum { WF_NO_FACE = UINT32_MAX };

/** Segments that cross properly: the inside of one passes through the inside of the other. Told exactly, before
 * anything is rounded. */
typedef struct {
    uint32_t n;        /**< pairs */
    double x, y;       /**< about where the first of them is */
    uint32_t owner[2]; /**< an owner of each of its two segments */
} wf_crossings;

typedef struct {
    uint32_t n_segments; /**< noded: they meet at end points only, each pair of ends once, none of no length */
    wf_segment *segment;
    uint32_t *owner_start, *owner; /**< n_segments + 1; all owners of the segments that fell together */
    uint32_t *left, *right;        /**< face beside each segment; WF_NO_FACE is the unbounded one */
    uint32_t n_faces;
    int32_t *count;    /**< of each face */
    wf_polygons shape; /**< face i is "grid" i: one part; shell counter-clockwise, holes clockwise, closed */
    double *x, *y;     /**< a point inside each face */
    wf_crossings crossings;
} wf_arrangement;

/** Node the segments where they cross or touch and find the bounded faces.
 *
 *  End points keep their doubles; crossings are rounded to doubles and the noding is repeated until nothing crosses.
 *  With keep_walls, segments whose weights cancel to 0 stay; else they vanish. Near-linear when crossings are local.
 *  @param segment  read only; finite
 *  @return WF_OK, WF_NOMEM, WF_LIMIT when the noding does not settle */
WF_CHECKED wf_code wf_arrange(uint32_t n, const wf_segment *segment, bool keep_walls, wf_arena *keep,
                              wf_arrangement *out, wf_error *err);
#endif
