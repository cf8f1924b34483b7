#ifndef WF_COVERAGE_FACES_H
#define WF_COVERAGE_FACES_H
#include "base/error.h"
#include "base/grids.h"
#include "base/pool.h"

/** Places that are covered by no grid (enclosed gaps) or by more than one (overlaps), found exactly.
 *
 *  Every ring is oriented with its interior on the left and its edges are added as signed pairs; edges shared by
 *  two grids in opposite directions cancel. What is left (the residual) bounds the outside, the gaps and the
 *  overlaps. The residual is noded where it crosses, arranged into faces, and each face gets the number of grids
 *  over it. A grid whose own rings cross counts by the even-odd rule. With an outline, its rings enter with sign -1. */

typedef enum {
    WF_FACE_GAP,     /**< nobody's, bounded (with an outline: inside it) */
    WF_FACE_OVERLAP, /**< two grids or more */
    WF_FACE_OUTSIDE  /**< a grid beyond the outline; only with an outline */
} wf_face_kind;

typedef struct {
    uint32_t n;               /**< faces, sorted by kind, then lowest grid, then interior point */
    wf_polygons shape;        /**< face i is "grid" i: one part, shell counter-clockwise, holes clockwise, closed */
    uint8_t *kind;            /**< wf_face_kind */
    uint8_t *touches_outline; /**< 1 when the face has an edge of the outline or is open to it */
    uint8_t *lone_vertex;     /**< 1 when the face exists because one grid has vertices the other lacks: one of its two
                                   sides is a single input edge */
    double *x, *y;            /**< a point in the face's interior (best effort for faces thinner than the doubles) */
    uint32_t *owner_start;    /**< n + 1 */
    uint32_t *owner; /**< overlap: the grids over the face; gap: the grids beside it; ascending grid index. An overlap
                        is split where the set of grids over it changes, so each has one pair or set */
} wf_faces;

typedef struct {
    uint32_t n;              /**< unmatched vertices with no face: exactly on the other grid's edge */
    uint32_t *grid, *vertex; /**< the grid that lacks it; index of the vertex in the polygons of the other */
    uint32_t *other;         /**< the grid that has it */
} wf_lone_vertices;

typedef struct {
    uint32_t n; /**< invalid rings */
    uint32_t *grid;
    uint8_t *reason; /**< wf_invalid */
    double *x, *y;   /**< where */
} wf_invalid_rings;
typedef enum {
    WF_INVALID_NOT_FINITE = 1, /**< NaN or infinite coordinate; the grid is left out of the arrangement */
    WF_INVALID_RANGE,          /**< geographic coordinate beyond ±180, ±90 (axes swapped?); left out */
    WF_INVALID_COLLAPSED,      /**< fewer than three different vertices, or no area; ring left out */
    WF_INVALID_UNCLOSED,       /**< last vertex is not the first; closed for the check */
    WF_INVALID_CROSSING,       /**< ring crosses or touches itself along an edge */
    WF_INVALID_HOLE_OUTSIDE,   /**< a hole not inside its shell, or rings of one grid that cross or overlap */
    WF_INVALID_EMPTY           /**< no geometry */
} wf_invalid;

/** Find faces, lone vertices and invalid rings of the grids listed in `subset`.
 *
 *  O(n log n) in vertices for a clean coverage; noding only near residual edges that cross.
 *  @param p        read only
 *  @param n_subset number of grids to take (indices into p), ascending; others are ignored
 *  @param outline  what the grids must fill, or NULL
 *  @param geographic  coordinates are degrees: range is checked
 *  @param pool     NULL: one thread; the result is the same with any number
 *  @param keep     owns what is reached from the outputs; scratch of the call is freed on return
 *  @return WF_OK, WF_NOMEM, WF_LIMIT (over 2^31 vertices) */
WF_CHECKED wf_code wf_faces_find(const wf_polygons *p, uint32_t n_subset, const uint32_t *subset,
                                 const wf_polygons *outline, bool geographic, wf_pool *pool, wf_arena *keep,
                                 wf_faces *faces, wf_lone_vertices *lone, wf_invalid_rings *invalid, wf_error *err);
#endif
