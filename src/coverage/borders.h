#ifndef WF_COVERAGE_BORDERS_H
#define WF_COVERAGE_BORDERS_H
#include "coverage/arrange.h"
#include "coverage/findings.h"

/** The borders of the partition grids of one level, interior on the left, each grid once over its place: a grid whose
 *  rings cross has the border of its even-odd region. "Item" is a number in `subset`. Borders are the rings as they
 *  stand in `p`, with a weight; only those that had to be mended are drawn anew. */
typedef struct {
    const wf_grids *grids;
    const wf_polygons *p; /**< of the grids */
    const wf_check_params *params;
    uint8_t level;
    wf_findings *found; /**< where invalid rings are reported; NULL: nowhere */
    wf_arena *scratch;
    uint32_t n_subset, *subset; /**< grids, ascending */
    double (*box)[4];     /**< west, south, east, north of each item; infinite the wrong way round without a border */
    uint8_t *duplicate;   /**< item repeats the geometry of an earlier one */
    int8_t *weight;       /**< of each ring of p: 1 interior on its left, −1 on its right, 0 it is no border */
    wf_segments mended;   /**< borders drawn anew, by item; owner is the item */
    wf_segments residual; /**< what wf_borders_match leaves; owner is the item */
} wf_borders;

/** Collect the borders of a level into *b, whose grids, params, level, found and scratch are set. Reports G01 and G07.
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_borders_collect(wf_borders *b, wf_error *err);

/** Report grids that repeat an earlier one's border (G10); they take no part in the matching. */
WF_CHECKED wf_code wf_borders_drop_duplicates(wf_borders *b, wf_error *err);

/** Fill b->residual: edges with the same two ends are a group, and a group whose weights add up to 0 vanishes, as the
 *  edges that neighbours share do. All edges of the other groups are left, in no particular order but always the same.
 *
 *  Edges are dealt into tiles by a cell of their lower end, so that both edges of a pair meet in memory that fits into
 *  the cache; in each tile a hash table adds up the weights. Linear in the number of vertices.
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_borders_match(wf_borders *b, wf_error *err);

/** Append the border of an item, its weights times `sign`; the owner is the item. WF_NOMEM. */
WF_CHECKED wf_code wf_borders_add(const wf_borders *b, uint32_t item, int32_t sign, wf_segments *to, wf_error *err);
/** Does the item have a border at all? */
bool wf_borders_exist(const wf_borders *b, uint32_t item);

/** Is the place inside, by the even-odd rule on the n segments of a border? Exact; the border itself is undecided. */
bool wf_borders_hold(const wf_segment *border, uint32_t n, double x, double y);
/** Middle of the box around n items: a place that does not depend on their order. NaN when none has a border. */
void wf_borders_middle(const wf_borders *b, uint32_t n, const uint32_t *items, double *x, double *y);
#endif
