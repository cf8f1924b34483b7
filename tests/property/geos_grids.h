#ifndef WF_TESTS_GEOS_GRIDS_H
#define WF_TESTS_GEOS_GRIDS_H
/* Grids of the random plans as GEOS geometries. */
#include "tilings.h"
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

static void quiet(const char *message, void *self) {
    (void)message, (void)self;
}

static GEOSContextHandle_t open_geos(void) {
    GEOSContextHandle_t h = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(h, quiet, NULL);
    GEOSContext_setNoticeMessageHandler_r(h, quiet, NULL);
    return h;
}

static GEOSGeometry *geos_ring(GEOSContextHandle_t h, const wf_polygons *p, uint32_t ring_at) {
    uint32_t from = p->ring_start[ring_at], n = p->ring_start[ring_at + 1] - from;
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(h, n, 2);
    for (uint32_t i = 0; i < n; i++)
        GEOSCoordSeq_setXY_r(h, s, i, p->x[from + i], p->y[from + i]);
    return GEOSGeom_createLinearRing_r(h, s);
}

static GEOSGeometry *geos_grid(GEOSContextHandle_t h, const wf_polygons *p, uint32_t i) {
    GEOSGeometry *parts[CELLS], *holes[CELLS];
    uint32_t n_parts = 0;
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        uint32_t n_holes = 0;
        GEOSGeometry *shell = geos_ring(h, p, p->part_start[part]);
        for (uint32_t k = p->part_start[part] + 1; k < p->part_start[part + 1]; k++)
            holes[n_holes++] = geos_ring(h, p, k);
        parts[n_parts++] = GEOSGeom_createPolygon_r(h, shell, holes, n_holes);
    }
    return GEOSGeom_createCollection_r(h, GEOS_MULTIPOLYGON, parts, n_parts);
}
#endif
