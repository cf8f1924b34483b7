#ifndef WF_SYNTH_MESH_H
#define WF_SYNTH_MESH_H
#include "base/grids.h"

/** A lattice of n_x · n_y four-sided cells with moved corners. Coordinates are whole numbers of 1e-7 degrees. Cell (i,
 * j) has number j · n_x + i; corner (i, j) is its south-west one. */
typedef struct {
    uint64_t seed;
    uint32_t n_x, n_y;
    double west, south, step_x, step_y; /**< degrees */
} wf_mesh;

enum { WF_NO_REGION = UINT32_MAX };

/** Grow n_seeds regions over the cells whose `within` is `region`: each cell goes to the seed that reaches it first
 * over uneven ground, so regions are connected; seeds move to the middle of their region and it is grown again, a few
 * times.
 *  @param label  of each cell; set to first_label + seed where within == region, else left alone
 *  @param scratch  cleared by the caller
 *  @return WF_OK, WF_NOMEM, WF_LIMIT (fewer cells than seeds) */
WF_CHECKED wf_code wf_mesh_divide(const wf_mesh *mesh, const uint32_t *within, uint32_t region, uint32_t n_cells,
                                  const uint32_t *cells, uint32_t n_seeds, uint32_t first_label, uint64_t stream,
                                  uint32_t *label, wf_arena *scratch, wf_error *err);

/** Cells in the order in which a fire lit at `start` reaches them, the first n of those with within == region.
 *  @param taken  a byte for each cell, 0 before and after */
WF_CHECKED wf_code wf_mesh_spread(const wf_mesh *mesh, const uint32_t *within, uint32_t region, uint32_t start,
                                  uint32_t n, uint8_t *taken, uint32_t *order, uint32_t *n_order, wf_error *err);

/** Draw the border of the cells listed (ascending) that carry `region` in label as one grid of the builder: shells
 *  counter-clockwise, holes clockwise, closed. */
WF_CHECKED wf_code wf_mesh_outline(const wf_mesh *mesh, const uint32_t *label, uint32_t region, uint32_t n_cells,
                                   const uint32_t *cells, wf_polygons_builder *out, wf_arena *scratch, wf_error *err);

/** Corner (i, j) in degrees. */
void wf_mesh_corner(const wf_mesh *mesh, uint32_t i, uint32_t j, double *x, double *y);
#endif
