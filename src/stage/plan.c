/* Grids to what placing needs. */
#include "stage/plan.h"
#include "bridge/measure.h"
#include "bridge/transform.h"
#include <math.h>
#include <stdio.h>
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

/* ---- levels ----------------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t n;
    double area_m2;
} level_sum;

/* One mistyped level must not become the one that incidents are given to, for then all the others lie outside. */
static bool is_stray(const level_sum *level, const level_sum *above) {
    if (level->n == 1)
        return above->n > 1 && level->area_m2 * 2 < above->area_m2;
    return (double)level->n * 10 < above->n && level->area_m2 * 10 < above->area_m2;
}

/* The first codes of a level's partition grids. */
static void list_codes(const wf_plan *p, uint8_t level, char *text, size_t room) {
    const wf_grids *g = &p->grids;
    uint32_t n = 0;
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < g->shape.n_grids; i++) {
        if (g->level[i] != level || g->role[i] != WF_ROLE_PARTITION)
            continue;
        if (n == 3 || used + 40 >= room) {
            snprintf(text + used, room - used, ", …");
            return;
        }
        used += (size_t)snprintf(text + used, room - used, "%s%.32s", n++ == 0 ? "" : ", ", g->code[i]);
    }
}

static wf_code note_levels(const wf_plan *p, const level_sum *sum, int above, wf_notices *notices, wf_error *err) {
    const wf_vector_info *info = &p->info;
    char codes[160];
    if (info->n_levels_unread > 0)
        WF_TRY(wf_notices_add(notices, "G09", err,
                              "%s: the level of %u of %u grids is missing or cannot be read, first of grid %s (feature "
                              "%lld): \"%.60s\"; they stand on no level, and incidents in them count as outside",
                              p->source, info->n_levels_unread, p->grids.shape.n_grids,
                              p->grids.code[info->level_unread], (long long)p->grids.feature[info->level_unread],
                              info->level_text));
    for (int level = p->finest + 1; level < WF_PLAN_LEVELS; level++) {
        if (sum[level].n == 0)
            continue;
        list_codes(p, (uint8_t)level, codes, sizeof codes);
        WF_TRY(
            wf_notices_add(notices, "G09", err,
                           "%s: level %d holds %u grid%s beside %u of level %u: %s; is the level right? Incidents are "
                           "given to level %u and none to %s",
                           p->source, level, sum[level].n, sum[level].n == 1 ? "" : "s", sum[p->finest].n, p->finest,
                           codes, p->finest, sum[level].n == 1 ? "it" : "them"));
    }
    if (above > 0 && sum[p->finest].area_m2 * 2 < sum[above].area_m2)
        WF_TRY(wf_notices_add(
            notices, "G15", err,
            "%s: the grids of level %u fill %.0f %% of those of level %d: incidents in the rest count as "
            "outside",
            p->source, p->finest, 100 * sum[p->finest].area_m2 / sum[above].area_m2, above));
    return WF_OK;
}

static wf_code find_finest(wf_plan *p, wf_notices *notices, wf_error *err) {
    const wf_grids *g = &p->grids;
    level_sum sum[WF_PLAN_LEVELS] = {{0, 0}};
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->role[i] == WF_ROLE_PARTITION && g->level[i] < WF_PLAN_LEVELS) {
            sum[g->level[i]].n++;
            sum[g->level[i]].area_m2 += isfinite(g->area_m2[i]) ? g->area_m2[i] : 0;
        }
    int finest = WF_PLAN_LEVELS - 1, above;
    for (;; finest = above) {
        while (finest > 0 && sum[finest].n == 0)
            finest--;
        for (above = finest - 1; above > 0 && sum[above].n == 0;)
            above--;
        if (above <= 0 || !is_stray(&sum[finest], &sum[above]))
            break;
    }
    p->finest = (uint8_t)finest;
    return note_levels(p, sum, above, notices, err);
}

wf_code wf_plan_check_level(const wf_plan *p, uint8_t level, wf_error *err) {
    char list[64] = "";
    if (level < WF_PLAN_LEVELS && p->locator[level] != NULL)
        return WF_OK;
    for (int l = 0; l < WF_PLAN_LEVELS; l++) {
        size_t used = strlen(list);
        if (p->locator[l] != NULL)
            snprintf(list + used, sizeof list - used, "%s%d", used == 0 ? "" : ", ", l);
    }
    return wf_fail(err, WF_USAGE, "there are no grids of level %u in %s; the levels are: %s", level, p->source, list);
}

/* ---- the whole plan --------------------------------------------------------------------------------------------- */

wf_code wf_stage_plan(const wf_plan_request *request, wf_arena *keep, wf_plan *out, wf_error *err) {
    wf_plan p = {.source = request->source};
    wf_measure measure;
    WF_TRY(wf_vector_read_grids(request->source, &request->fields, keep, &p.grids, &p.info, err));
    WF_TRY(name_system(&p, request->crs, err));
    wf_measure_init(&measure, p.info.geographic);
    for (uint32_t i = 0; i < p.grids.shape.n_grids; i++)
        p.grids.area_m2[i] = wf_polygons_area_m2(&p.grids.shape, i, &measure);
    WF_TRY(find_finest(&p, request->notices, err));
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
