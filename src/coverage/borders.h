#ifndef WF_COVERAGE_BORDERS_H
#define WF_COVERAGE_BORDERS_H
#include "coverage/arrange.h"
#include "coverage/findings.h"

/** The borders of the partition grids of one level, interior on the left, each grid once over its place: a grid whose
 *  rings cross has the border of its even-odd region. "Item" is a number in `subset`. */
typedef struct {
    const wf_grids *grids;
    const wf_polygons *p; /**< of the grids */
    const wf_check_params *params;
    uint8_t level;
    wf_findings *found; /**< where invalid rings are reported; NULL: nowhere */
    wf_arena *scratch;
    uint32_t n_subset, *subset;
    wf_segment *segment; /**< by item; owner is the item */
    uint32_t n_segments, cap_segments;
    uint32_t *first_segment; /**< of each item, n_subset + 1; before wf_borders_drop_duplicates */
    double (*box)[4];   /**< west, south, east, north of each item; infinite the wrong way round without a border */
    uint8_t *duplicate; /**< item repeats the geometry of an earlier one */
} wf_borders;

/** Collect the borders of a level into *b, whose grids, params, level, found and scratch are set. Reports G01 and G07.
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_borders_collect(wf_borders *b, wf_error *err);

/** Report grids that repeat an earlier one's border (G10) and take their segments out. */
WF_CHECKED wf_code wf_borders_drop_duplicates(wf_borders *b, wf_error *err);

/** Append the rings of polygon i as segments: weight when the interior is on the left. Collapsed rings are left out.
 */
WF_CHECKED wf_code wf_borders_of_polygon(const wf_polygons *p, uint32_t i, int32_t weight, uint32_t owner,
                                         wf_borders *to, wf_error *err);

/** Is the place inside, by the even-odd rule on the n segments of a border? Exact; the border itself is undecided. */
bool wf_borders_hold(const wf_segment *border, uint32_t n, double x, double y);
/** Middle of the box around n items: a place that does not depend on their order. NaN when none has a border. */
void wf_borders_middle(const wf_borders *b, uint32_t n, const uint32_t *items, double *x, double *y);
#endif
