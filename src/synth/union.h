#ifndef WF_SYNTH_UNION_H
#define WF_SYNTH_UNION_H
#include "base/grids.h"

/** Borders of polygons that fit together vertex by vertex, as directed edges in whole numbers of 1e-7 degrees. */
typedef struct {
    int64_t ax, ay, bx, by;
    uint32_t owner; /**< position in the list of polygons */
} wf_union_edge;

typedef struct {
    uint32_t n;
    wf_union_edge *edge; /**< by start, then end */
} wf_union_edges;

/** Edges of n polygons of p, interior on the left. */
WF_CHECKED wf_code wf_union_read(const wf_polygons *p, uint32_t n, const uint32_t *rows, wf_arena *keep,
                                 wf_union_edges *out, wf_error *err);

/** Polygons that share an edge with each polygon: start has n + 1 items; a neighbour can be listed more than once. */
WF_CHECKED wf_code wf_union_neighbours(const wf_union_edges *edges, uint32_t n, wf_arena *keep, uint32_t **start,
                                       uint32_t **near, wf_error *err);

/** Draw the union of the polygons with in[owner] as one grid: edges between two of them cancel, the others are chained
 *  into rings. Shells counter-clockwise, holes clockwise, closed. */
WF_CHECKED wf_code wf_union_draw(const wf_union_edges *edges, const uint8_t *in, wf_polygons_builder *out,
                                 wf_arena *keep, wf_error *err);

/** Append a polygon as it is. */
void wf_union_copy(const wf_polygons *p, uint32_t row, wf_polygons_builder *out);
#endif
