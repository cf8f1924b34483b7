#ifndef WF_SYNTH_PLACE_H
#define WF_SYNTH_PLACE_H
#include "base/grids.h"

/** Where a point lies by the written rule, by slow exact code of the generator's own. */
typedef struct wf_synth_placer wf_synth_placer;

typedef enum { WF_SYNTH_OUTSIDE, WF_SYNTH_INSIDE, WF_SYNTH_BOUNDARY, WF_SYNTH_OVERLAP } wf_synth_placed;

/** Prepare the partition grids of every level; grids must have areas and outlive the placer. WF_NOMEM. */
WF_CHECKED wf_code wf_synth_placer_open(const wf_grids *grids, wf_arena *keep, wf_synth_placer **out, wf_error *err);

/** Place a point on the finest level; outside it *grid is the finest one of a coarser level that holds the point, or
 *  UINT32_MAX. In an overlap the recorded code wins when it is a candidate, then the smallest area, then the smallest
 *  code; on a border the smallest code. Coordinates in [32, 256) degrees are taken exactly. Thread safe. */
wf_synth_placed wf_synth_place(const wf_synth_placer *placer, double lon, double lat, const char *recorded,
                               uint32_t *grid);

/** Distance in metres to the nearest border of a level (0: of any), at most `reach` metres; INFINITY beyond. */
double wf_synth_border_m(const wf_synth_placer *placer, uint8_t level, double lon, double lat, double reach);

/** The ancestor of a grid at a level by parent codes, UINT32_MAX without. */
uint32_t wf_synth_ancestor(const wf_synth_placer *placer, uint32_t grid, uint8_t level);
#endif
