#ifndef WF_COVERAGE_CHECK_H
#define WF_COVERAGE_CHECK_H
#include "base/grids.h"

typedef enum { WF_INFORMATION, WF_NOISE, WF_SLIVER, WF_ORDINARY, WF_SERIOUS } wf_severity;

/** One finding. Text is static. */
typedef struct {
    const char *rule, *kind;
    wf_severity severity;
    uint8_t level;
    uint32_t owner_first, n_owners; /**< grids over an overlap, beside a gap, or the one grid of other findings */
    uint32_t shape;                 /**< index in wf_defects.shape, UINT32_MAX without one */
    double area_m2, thickness_m, length_m, x, y;
} wf_defect;

typedef struct {
    uint32_t n;
    wf_defect *row; /**< by rule, then place */
    uint32_t *owner;
    wf_polygons shape;
} wf_defects;

/** Check the partition grids of one level: overlaps (G02), enclosed gaps (G03), gaps that reach the
 *  outline (G04), places of grids outside it (G14), invalid rings (G01), duplicate geometry
 *  (G10), unmatched vertices (G06: a face within the floor with a
 *  single edge on one side), duplicate codes (G08), detached parts (G07), and as information codes unlike the
 *  parent's (G09), declared areas off by more than 1 % (G11) and grids without a worker (G13).
 *
 *  Edges that neighbours share in opposite directions cancel; what is left is arranged into faces, and each face knows
 * how many grids lie over it. An overlap is one finding for each connected place with one set of grids. A grid whose
 * rings cross counts by the even-odd rule. Thickness at most floor_m is noise.
 *  @param outline     what the grids must fill, or NULL: then an opening to the outside is no gap
 *  @param geographic  degrees: places beyond ±180, ±90 are invalid
 *  @return WF_OK, WF_NOMEM, WF_LIMIT; n == 0 means seamless */
WF_CHECKED wf_code wf_coverage_check(const wf_grids *grids, uint8_t level, const wf_polygons *outline, double floor_m,
                                     bool geographic, const wf_measure *measure, wf_arena *keep, wf_defects *out,
                                     wf_error *err);
#endif
