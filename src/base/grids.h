#ifndef WF_BASE_GRIDS_H
#define WF_BASE_GRIDS_H
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

/** Polygons as flat columns. A grid has parts [grid_start[i], grid_start[i+1]), a part has rings
 *  [part_start[p], part_start[p+1]) of which the first is the shell, a ring has vertices
 *  [ring_start[r], ring_start[r+1]) with the first vertex repeated at the end when the input closed it.
 *  Any orientation. Coordinates are the doubles as read (degrees east, north for geographic systems; metres
 *  otherwise). The *_start columns have one item more than there are units. Empty and NULL geometries are grids
 *  with no part. */
typedef struct {
    uint32_t n_grids, n_parts, n_rings, n_vertices;
    double *x, *y;
    uint32_t *ring_start, *part_start, *grid_start;
} wf_polygons;

typedef enum { WF_ROLE_PARTITION = 0, WF_ROLE_OVERLAY, WF_ROLE_EXEMPT } wf_role;

/** Grids: polygons and their attributes, one item a grid in every column. Text is UTF-8, never NULL ("" when
 *  missing). Numbers that are missing are NaN. level: 1 street … 5 building; 0 unknown. */
typedef struct {
    wf_polygons shape;
    const char **code, **name, **parent, **kind;
    const char **worker; /**< the worker's name, to count by; never published */
    uint8_t *level;
    uint8_t *role; /**< wf_role */
    double *households, *population, *floating_pop, *workers;
    double *priority;         /**< the smaller goes first where grids overlap; NaN without one */
    uint8_t *locked;          /**< 1: takes no gap and goes first in an overlap; in repair only */
    double *declared_area_m2; /**< as the input states it, NaN when absent */
    double *area_m2;          /**< geodesic, computed in read; NaN until then */
    int64_t *feature;         /**< feature id in the input, for messages */
} wf_grids;

/** Room for n grids with all columns; shape arrays are the caller's to fill. WF_NOMEM only. */
WF_CHECKED wf_code wf_grids_init(wf_grids *grids, uint32_t n_grids, wf_arena *keep, wf_error *err);

/** Growing polygons ring by ring: open a grid, a part, a ring; add vertices; finish fixes the starts. */
typedef struct {
    wf_polygons p;
    wf_arena *keep;
    uint32_t cap_grids, cap_parts, cap_rings, cap_vertices;
    bool failed; /**< memory ran short; finish reports it */
} wf_polygons_builder;
void wf_polygons_begin(wf_polygons_builder *b, wf_arena *keep);
void wf_polygons_grid(wf_polygons_builder *b);
void wf_polygons_part(wf_polygons_builder *b);
void wf_polygons_ring(wf_polygons_builder *b);
void wf_polygons_vertex(wf_polygons_builder *b, double x, double y);
/** Room for n vertices of the ring that is open, for the caller to fill at once; NULL when memory is short, and then
 *  *y is not set. The place is valid until the builder is used again. */
double *wf_polygons_vertices(wf_polygons_builder *b, uint32_t n, double **y);
/** WF_NOMEM, or WF_LIMIT over 2^31 vertices. */
WF_CHECKED wf_code wf_polygons_finish(wf_polygons_builder *b, wf_polygons *out, wf_error *err);

/** Measures that need an ellipsoid; filled by bridge (PROJ), by tests with a plain one. All const and thread safe
 *  as long as each thread has its own. Rings are given without or with the closing vertex; orientation is ignored
 *  and the result is >= 0. */
typedef struct {
    void *self;
    /** Area of one ring, m², keeping the digits of slivers. */
    double (*ring_area_m2)(void *self, uint32_t n, const double *x, const double *y);
    /** Length of an open line, m. */
    double (*length_m)(void *self, uint32_t n, const double *x, const double *y);
    /** Metres for one unit of x and one of y at a place (local metric frame). */
    void (*scale_m)(void *self, double x, double y, double *mx, double *my);
} wf_measure;

/** Append grid i of p to a builder, bit for bit. */
void wf_polygons_copy(const wf_polygons *p, uint32_t grid, wf_polygons_builder *to);
/** Has grid i of both the same parts, rings and vertices, bit for bit? */
bool wf_polygons_are_same(const wf_polygons *p, const wf_polygons *q, uint32_t grid);

/** West, south, east, north of grid i; infinite the wrong way round without a vertex. */
void wf_polygons_box(const wf_polygons *p, uint32_t grid, double box[4]);

/** West, south, east, north limits for the middles of grids that lie where most do: the stretch that holds eight tenths
 * of the middles and four times as much on both sides. Tells grids that lie far off by mistake (axes swapped); below
 * ten grids nothing is far. n_subset grids, or all when subset is NULL. WF_NOMEM. */
WF_CHECKED wf_code wf_polygons_usual(const wf_polygons *p, uint32_t n_subset, const uint32_t *subset, double limits[4],
                                     wf_error *err);
/** True when the middle of a box lies within the limits. */
bool wf_box_is_usual(const double box[4], const double limits[4]);

/** Geodesic area of grid i: shells minus holes, m². */
double wf_polygons_area_m2(const wf_polygons *p, uint32_t grid, const wf_measure *measure);
#endif
