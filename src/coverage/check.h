#ifndef WF_COVERAGE_CHECK_H
#define WF_COVERAGE_CHECK_H
#include "base/grids.h"
#include "base/pool.h"
#include <signal.h>

typedef enum { WF_INFORMATION, WF_NOISE, WF_SLIVER, WF_ORDINARY, WF_SERIOUS } wf_severity;

/** One finding. Text is static. */
typedef struct {
    const char *rule, *kind;
    wf_severity severity;
    uint8_t level;
    uint32_t owner_first, n_owners; /**< grids over an overlap, beside a gap, child and parent (G05), or the one grid */
    uint32_t shape;                 /**< index in wf_defects.shape, UINT32_MAX without one */
    uint32_t vertex_first, n_vertices; /**< G06 of no area: the vertices that one of the grids lacks */
    uint32_t see;                      /**< row that reports the same place at a finer level, UINT32_MAX without one */
    uint32_t excused;                  /**< polygon of the allowed gaps that covers the place, UINT32_MAX without one */
    double area_m2, thickness_m, length_m, x, y; /**< NaN where there is none */
    double value;                                /**< G11: declared m²; G12: households; else NaN */
    double incidents, population;                /**< inside the place; NaN: not known. Filled by a run */
} wf_defect;

typedef struct {
    uint32_t n;
    wf_defect *row; /**< finest level first, then by rule and place */
    uint32_t *owner;
    double *vertex_x, *vertex_y;
    wf_polygons shape;
} wf_defects;

/** What the check is held against. */
typedef struct {
    const wf_polygons *outline; /**< what the grids must fill, or NULL: then an opening to the outside is no gap */
    const wf_polygons *allowed; /**< gaps that are meant to be there, or NULL */
    double floor_m;             /**< thickness that is noise, >= 0 */
    bool geographic;            /**< degrees: places beyond ±180, ±90 are invalid */
    const wf_measure *measure;
    wf_pool *pool;                          /**< threads to share the work; NULL: the caller's alone */
    const volatile sig_atomic_t *cancelled; /**< not 0: stop with WF_CANCELLED; NULL: never */
} wf_check_params;

/** Check the partition grids of one level: overlaps (G02), enclosed gaps (G03), gaps that reach the
 *  outline (G04), places of grids outside it (G14), invalid rings (G01), duplicate geometry
 *  (G10), unmatched vertices (G06: a face within the floor with a single edge on one side, or vertices exactly on the
 *  neighbour's edge), duplicate codes (G08), detached parts (G07), and as information codes unlike the
 *  parent's or without a readable level (G09), declared areas off by more than 1 % (G11), household counts outside
 * their band (G12), and grids without a worker or with one who is named on three or more (G13).
 *
 *  Edges that neighbours share in opposite directions cancel; what is left is arranged into faces, and each face knows
 * how many grids lie over it. An overlap is one finding for each connected place with one set of grids. A grid whose
 * rings cross counts by the even-odd rule. Thickness at most floor_m is noise. Allowed gaps are not looked at.
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED; n == 0 means seamless */
WF_CHECKED wf_code wf_coverage_check(const wf_grids *grids, uint8_t level, const wf_check_params *params,
                                     wf_arena *keep, wf_defects *out, wf_error *err);
#endif
