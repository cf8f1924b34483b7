/* Grids to what placing needs. */
#include "stage/plan.h"
#include "bridge/measure.h"
#include "bridge/transform.h"
#include <math.h>
#include <string.h>
#include <strings.h>

static wf_code name_codes(wf_plan *p, wf_arena *keep, wf_error *err) {
    const wf_grids *g = &p->grids;
    uint32_t n = g->shape.n_grids;
    wf_names_init(&p->codes, keep);
    p->code_grid = WF_NEW(keep, uint32_t, n);
    p->parent = WF_NEW(keep, uint32_t, n);
    if (p->code_grid == NULL || p->parent == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t before = p->codes.n, at = wf_names_add(&p->codes, g->code[i], strlen(g->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        if (p->codes.n > before)
            p->code_grid[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at =
            g->parent[i][0] == '\0' ? UINT32_MAX : wf_names_find(&p->codes, g->parent[i], strlen(g->parent[i]));
        /* A parent stands on a coarser level, so the chain upward ends. */
        p->parent[i] = at != UINT32_MAX && g->level[p->code_grid[at]] < g->level[i] ? p->code_grid[at] : UINT32_MAX;
    }
    return WF_OK;
}

static wf_code index_level(wf_plan *p, uint8_t level, wf_arena *keep, wf_error *err) {
    const wf_grids *g = &p->grids;
    uint32_t *subset = WF_NEW(keep, uint32_t, g->shape.n_grids), n = 0;
    if (subset == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->level[i] == level && g->role[i] == WF_ROLE_PARTITION)
            subset[n++] = i;
    return n == 0 ? WF_OK : wf_locator_build(g, n, subset, keep, &p->locator[level], err);
}

static wf_code name_system(wf_plan *p, const char *crs, wf_error *err) {
    int geographic = p->info.geographic, modern = 1;
    p->crs = p->info.crs;
    if (p->crs[0] != '\0' && !wf_transform_knows(p->crs, &geographic, &modern))
        modern = 0;
    p->system = geographic && modern ? WF_SYSTEM_GEODETIC : WF_SYSTEM_UNKNOWN;
    if (crs == NULL || strcasecmp(crs, "auto") == 0)
        return WF_OK;
    wf_system named = wf_system_find(crs, strlen(crs));
    if (named != WF_SYSTEM_UNKNOWN) {
        if (!geographic && p->info.crs[0] != '\0')
            return wf_fail(err, WF_USAGE, "%s: the file says %s, which is not in degrees: it cannot be %s", p->source,
                           p->info.crs, crs);
        p->system = named;
        p->info.geographic = true;
        if (p->crs[0] == '\0' || named != WF_SYSTEM_GEODETIC)
            p->crs = "EPSG:4490";
        return WF_OK;
    }
    if (!wf_transform_knows(crs, &geographic, &modern))
        return wf_fail(err, WF_USAGE, "unknown coordinate system \"%s\": use AUTHORITY:CODE, GCJ-02 or BD-09", crs);
    p->crs = crs;
    p->info.geographic = geographic != 0;
    p->system = geographic && modern ? WF_SYSTEM_GEODETIC : WF_SYSTEM_UNKNOWN;
    return WF_OK;
}

/* One grid with swapped axes must not make half the globe look near. */
static wf_code find_box(wf_plan *p, wf_error *err) {
    const wf_polygons *shape = &p->grids.shape;
    double limits[4], box[4];
    WF_TRY(wf_polygons_usual(shape, shape->n_grids, NULL, limits, err));
    p->west = p->south = INFINITY;
    p->east = p->north = -INFINITY;
    for (uint32_t i = 0; i < shape->n_grids; i++) {
        wf_polygons_box(shape, i, box);
        if (!wf_box_is_usual(box, limits))
            continue;
        p->west = fmin(p->west, box[0]);
        p->south = fmin(p->south, box[1]);
        p->east = fmax(p->east, box[2]);
        p->north = fmax(p->north, box[3]);
    }
    return WF_OK;
}

static wf_code find_extent(wf_plan *p, wf_error *err) {
    WF_TRY(find_box(p, err));
    double x[4] = {p->west, p->east, p->west, p->east}, y[4] = {p->south, p->south, p->north, p->north};
    if (!p->info.geographic && p->crs[0] != '\0') {
        wf_transform *t;
        WF_TRY(wf_transform_open(&t, p->crs, "OGC:CRS84", NULL, 1, err));
        wf_transform_points(t, 0, 4, x, y);
        wf_transform_close(t);
    }
    double limits[4] = {-180, -90, 180, 90};
    for (int side = 0; side < 4; side++) {
        const double *v = side % 2 == 0 ? x : y;
        double low = fmin(fmin(v[0], v[1]), fmin(v[2], v[3])), high = fmax(fmax(v[0], v[1]), fmax(v[2], v[3]));
        p->area[side] = side < 2 ? fmax(low - 0.1, limits[side]) : fmin(high + 0.1, limits[side]);
    }
    return WF_OK;
}

wf_code wf_stage_plan(const wf_plan_request *request, wf_arena *keep, wf_plan *out, wf_error *err) {
    wf_plan p = {.source = request->source};
    wf_measure measure;
    WF_TRY(wf_vector_read_grids(request->source, &request->fields, keep, &p.grids, &p.info, err));
    WF_TRY(name_system(&p, request->crs, err));
    wf_measure_init(&measure, p.info.geographic);
    for (uint32_t i = 0; i < p.grids.shape.n_grids; i++) {
        p.grids.area_m2[i] = wf_polygons_area_m2(&p.grids.shape, i, &measure);
        if (p.grids.role[i] == WF_ROLE_PARTITION && p.grids.level[i] > p.finest)
            p.finest = p.grids.level[i];
    }
    WF_TRY(name_codes(&p, keep, err));
    WF_TRY(find_extent(&p, err));
    *out = p;
    /* The locators point at the grids where they will stay. */
    for (uint8_t level = 0; level <= out->finest && level < WF_PLAN_LEVELS; level++)
        WF_TRY(index_level(out, level, keep, err));
    return WF_OK;
}

bool wf_plan_near(const wf_plan *p, double x, double y) {
    double margin = p->info.geographic ? 0.02 : 2000.0;
    return x >= p->west - margin && x <= p->east + margin && y >= p->south - margin && y <= p->north + margin;
}

bool wf_plan_near_degrees(const wf_plan *p, double lon, double lat) {
    if (p->info.geographic)
        return wf_plan_near(p, lon, lat);
    return lon >= p->area[0] && lon <= p->area[2] && lat >= p->area[1] && lat <= p->area[3];
}

uint32_t wf_plan_ancestor(const wf_plan *plan, uint32_t grid, uint8_t level) {
    while (grid != UINT32_MAX && plan->grids.level[grid] > level)
        grid = plan->parent[grid];
    return grid != UINT32_MAX && plan->grids.level[grid] == level ? grid : UINT32_MAX;
}
