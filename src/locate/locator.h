#ifndef WF_LOCATE_LOCATOR_H
#define WF_LOCATE_LOCATOR_H
#include "base/grids.h"

/** Which grid holds a point, by one written rule and exactly.
 *
 *  A point on a shared border belongs to the smallest code (UTF-8 bytes; of equal codes the earlier grid) among the
 * grids whose closed polygon touches it. In the interior of several grids, or in the interior of one and on the border
 * of another: the recorded code if it is one of them, else the smallest area, then the smallest code. Polygons count by
 *  the even-odd rule. Decisions are taken on the original doubles. */
typedef enum { WF_PLACED_OUTSIDE = 0, WF_PLACED_INSIDE, WF_PLACED_BOUNDARY, WF_PLACED_OVERLAP } wf_placed;

typedef struct wf_locator wf_locator;

/** Index the grids of `subset` (ascending indices). grids must outlive the locator; area_m2 must be filled.
 *  Memory: 8 bytes a cell with 256 cells a grid, about 12 bytes a vertex and 8 bytes a grid and cell its border enters;
 *  twice the cells while it is built. WF_NOMEM, WF_LIMIT (2^29 grids, 2^32 edges in cells). */
WF_CHECKED wf_code wf_locator_build(const wf_grids *grids, uint32_t n_subset, const uint32_t *subset, wf_arena *keep,
                                    wf_locator **out, wf_error *err);

/** Place one point. recorded: the code in the row, or NULL. *grid is the index or UINT32_MAX. Thread safe. */
wf_placed wf_locator_place(const wf_locator *locator, double x, double y, const char *recorded, uint32_t *grid);

/** Ask the memory for what placing these points will read, of many at once instead of one after the other. A hint: it
 *  changes no answer. n at most 64. Thread safe. */
void wf_locator_ask_ahead(const wf_locator *locator, uint32_t n, const double *x, const double *y);
#endif
