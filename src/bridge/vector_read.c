/* Polygons in through GDAL: one pass, each feature becomes flat columns and is released at once. */
#include "bridge/vector_read.h"
#include "bridge/vector_open.h"
#include <cpl_conv.h>
#include <cpl_error.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
    int worker, code, name, level, parent, households, population, floating_pop, workers, role, kind, area, priority,
        locked;
} columns;

static wf_code list_columns(OGRFeatureDefnH defn, const char *source, const char *what, wf_code code, wf_error *err) {
    char list[700] = "";
    for (int i = 0; i < OGR_FD_GetFieldCount(defn); i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                 OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i)));
    }
    return wf_fail(err, code, "%s: %s; the columns are: %s", source, what, list[0] == '\0' ? "(none)" : list);
}

static int find_named(OGRFeatureDefnH defn, const wf_alias *alias) {
    for (uint32_t i = 0; alias != NULL && i < alias->n; i++) {
        int at = OGR_FD_GetFieldIndex(defn, alias->names[i]);
        if (at >= 0)
            return at;
    }
    return -1;
}

/* Fields of areas that need no code. */
static const wf_vector_fields no_code;

static wf_code find_columns(OGRFeatureDefnH defn, const char *source, const wf_vector_fields *f, wf_arena *keep,
                            columns *c, wf_error *err) {
    memset(c, 0xFF, sizeof *c); /* -1: no column */
    if (f == NULL)
        return WF_OK;
    wf_aliases table;
    const wf_aliases *aliases = f->aliases;
    if (aliases == NULL) {
        WF_TRY(wf_aliases_read(NULL, 0, keep, &table, err));
        aliases = &table;
    }
    const struct {
        const char *asked, *canonical;
        int *at;
    } wanted[] = {{f->code, "grid_code", &c->code},
                  {f->name, "grid_name", &c->name},
                  {f->level, "level", &c->level},
                  {f->parent, "parent_code", &c->parent},
                  {f->kind, "grid_type", &c->kind},
                  {f->role, "coverage_role", &c->role},
                  {f->households, "households", &c->households},
                  {f->population, "population", &c->population},
                  {f->floating_pop, "floating_pop", &c->floating_pop},
                  {f->workers, "worker_count", &c->workers},
                  {f->worker, "worker", &c->worker},
                  {f->area, "area_m2", &c->area},
                  {f->priority, "", &c->priority},
                  {f->locked, "", &c->locked}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        *wanted[i].at = wanted[i].asked != NULL
                            ? OGR_FD_GetFieldIndex(defn, wanted[i].asked)
                            : find_named(defn, wf_aliases_find(aliases, "grid", wanted[i].canonical));
        if (wanted[i].asked == NULL || *wanted[i].at >= 0)
            continue;
        char what[300];
        snprintf(what, sizeof what, "there is no column \"%s\"", wanted[i].asked);
        return list_columns(defn, source, what, WF_USAGE, err);
    }
    if (c->code < 0 && f != &no_code)
        return list_columns(defn, source, "no code column found: name it with --code", WF_INPUT, err);
    return WF_OK;
}

/* How many decimals the coordinates have. Every vertex of a small file is looked at, every 61st of the rest. */
typedef struct {
    uint32_t of[16], n_seen; /* vertices by their number of decimals */
} decimals;

enum { LOOKED_AT_ALL = 1 << 16, LOOKED_AT_EVERY = 61 };

static void count_decimals(decimals *d, uint32_t n, const double *x, const double *y) {
    for (uint32_t i = 0; i < n; i++) {
        double scale = 1.0;
        uint32_t k = 0;
        if (++d->n_seen > LOOKED_AT_ALL && d->n_seen % LOOKED_AT_EVERY != 0)
            continue;
        for (; k < 15 && (fabs(round(x[i] * scale) / scale - x[i]) > 1e-14 * fabs(x[i]) ||
                          fabs(round(y[i] * scale) / scale - y[i]) > 1e-14 * fabs(y[i]));
             k++)
            scale *= 10.0;
        d->of[k]++;
    }
}

/* Decimals that 99 of 100 vertices do with. */
static uint32_t usual_decimals(const decimals *d) {
    uint64_t all = 0, within = 0;
    for (int k = 0; k < 16; k++)
        all += d->of[k];
    for (uint32_t k = 0; k < 15; k++)
        if ((within += d->of[k]) * 100 >= all * 99)
            return k;
    return 15;
}

static void put_ring(wf_polygons_builder *b, OGRGeometryH ring, decimals *d) {
    wf_polygons_ring(b);
    int n = OGR_G_GetPointCount(ring);
    double *y, *x = n > 0 ? wf_polygons_vertices(b, (uint32_t)n, &y) : NULL;
    if (x == NULL)
        return;
    OGR_G_GetPoints(ring, x, sizeof *x, y, sizeof *y, NULL, 0);
    count_decimals(d, (uint32_t)n, x, y);
}

static void put_geometry(wf_polygons_builder *b, OGRGeometryH geometry, decimals *d, bool *other) {
    int n = OGR_G_GetGeometryCount(geometry);
    switch (wkbFlatten(OGR_G_GetGeometryType(geometry))) {
    case wkbPolygon:
        if (n > 0)
            wf_polygons_part(b);
        for (int i = 0; i < n; i++)
            put_ring(b, OGR_G_GetGeometryRef(geometry, i), d);
        return;
    case wkbMultiPolygon:
    case wkbGeometryCollection:
        for (int i = 0; i < n; i++)
            put_geometry(b, OGR_G_GetGeometryRef(geometry, i), d, other);
        return;
    default:
        *other = true;
    }
}

static wf_code put_text(OGRFeatureH f, int at, wf_arena *keep, const char **out, wf_error *err) {
    if (at < 0 || !OGR_F_IsFieldSetAndNotNull(f, at))
        return WF_OK;
    const char *text = OGR_F_GetFieldAsString(f, at);
    const char *copy = wf_arena_text(keep, text, strlen(text));
    if (copy == NULL)
        return wf_fail_nomem(err);
    *out = copy;
    return WF_OK;
}

static double number(OGRFeatureH f, int at) {
    if (at < 0 || !OGR_F_IsFieldSetAndNotNull(f, at))
        return NAN;
    const char *text = OGR_F_GetFieldAsString(f, at);
    char *end;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

/* 4, 4.0, L4, 第4级, 四级, 网格 and what else names a level; 0 when nothing does. */
static uint8_t level_of(const char *text) {
    static const char *const digits[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const char *const words[][3] = {{"街道", "镇街", "street"},
                                           {"中心", "片区", "centre"},
                                           {"社区", "村", "community"},
                                           {"网格", "单元", "grid"},
                                           {"楼", "巷", "building"}};
    const char *p = text;
    if (text[0] == '\0')
        return 0;
    p += strspn(p, " ");
    p += strncasecmp(p, "level", 5) == 0 ? 5 : *p == 'L' || *p == 'l' ? 1 : strncmp(p, "第", 3) == 0 ? 3 : 0;
    p += strspn(p, " ");
    char *end;
    double number = strtod(p, &end);
    bool alone = end > p && (end[strspn(end, " ")] == '\0' || strcmp(end, "级") == 0 || strcmp(end, "层") == 0);
    if (alone && number >= 1 && number <= 9 && number == floor(number))
        return (uint8_t)number;
    for (uint8_t level = 1; level <= 9; level++)
        if (strncmp(p, digits[level - 1], 3) == 0 && (strcmp(p + 3, "级") == 0 || strcmp(p + 3, "层") == 0))
            return level;
    for (uint8_t level = 5; level >= 1 && !alone; level--)
        for (size_t i = 0; i < 3; i++)
            if (strstr(text, words[level - 1][i]) != NULL)
                return level;
    return 0;
}

static bool is_yes(const char *text) {
    static const char *const words[] = {"true", "t", "yes", "y", "是"};
    char *end;
    double value = strtod(text, &end);
    if (end != text)
        return value != 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static wf_code put_attributes(OGRFeatureH f, const columns *c, uint32_t i, wf_arena *keep, wf_grids *g,
                              wf_vector_info *info, wf_error *err) {
    const char *level = "", *role = "", *locked = "";
    WF_TRY(put_text(f, c->code, keep, &g->code[i], err));
    WF_TRY(put_text(f, c->name, keep, &g->name[i], err));
    WF_TRY(put_text(f, c->parent, keep, &g->parent[i], err));
    WF_TRY(put_text(f, c->kind, keep, &g->kind[i], err));
    WF_TRY(put_text(f, c->worker, keep, &g->worker[i], err));
    WF_TRY(put_text(f, c->level, keep, &level, err));
    WF_TRY(put_text(f, c->role, keep, &role, err));
    WF_TRY(put_text(f, c->locked, keep, &locked, err));
    g->locked[i] = is_yes(locked);
    g->priority[i] = number(f, c->priority);
    g->level[i] = level_of(level);
    g->role[i] = strcasecmp(role, "overlay") == 0  ? WF_ROLE_OVERLAY
                 : strcasecmp(role, "exempt") == 0 ? WF_ROLE_EXEMPT
                                                   : WF_ROLE_PARTITION;
    if (g->level[i] == 0 && g->role[i] == WF_ROLE_PARTITION && info->n_levels_unread++ == 0) {
        info->level_unread = i;
        info->level_text = level;
    }
    g->households[i] = number(f, c->households);
    g->population[i] = number(f, c->population);
    g->floating_pop[i] = number(f, c->floating_pop);
    g->workers[i] = number(f, c->workers);
    g->declared_area_m2[i] = number(f, c->area);
    g->feature[i] = OGR_F_GetFID(f);
    return WF_OK;
}

static wf_code read_crs(OGRLayerH layer, wf_arena *keep, wf_vector_info *info, wf_error *err) {
    OGRSpatialReferenceH srs = OGR_L_GetSpatialRef(layer);
    char text[256] = "";
    info->geographic = srs != NULL && OSRIsGeographic(srs);
    if (srs != NULL) {
        const char *authority = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
        if (authority != NULL && code != NULL)
            snprintf(text, sizeof text, "%s:%s", authority, code);
        else
            snprintf(text, sizeof text, "%s", OSRGetName(srs) == NULL ? "" : OSRGetName(srs));
    }
    char *wkt = NULL;
    if (srs != NULL)
        OSRExportToWkt(srs, &wkt);
    info->wkt = wf_arena_text(keep, wkt == NULL ? "" : wkt, wkt == NULL ? 0 : strlen(wkt));
    CPLFree(wkt);
    info->crs = wf_arena_text(keep, text, strlen(text));
    info->layer = wf_arena_text(keep, OGR_L_GetName(layer), strlen(OGR_L_GetName(layer)));
    return info->crs == NULL || info->wkt == NULL || info->layer == NULL ? wf_fail_nomem(err) : WF_OK;
}

static wf_code read_layer(OGRLayerH layer, const char *source, const wf_vector_fields *fields, wf_arena *keep,
                          wf_grids *out, wf_vector_info *info, wf_error *err) {
    columns c;
    WF_TRY(find_columns(OGR_L_GetLayerDefn(layer), source, fields, keep, &c, err));
    GIntBig n = OGR_L_GetFeatureCount(layer, 1);
    if (n <= 0)
        return wf_fail(err, WF_INPUT, "%s: layer \"%s\" has no features", source, OGR_L_GetName(layer));
    if (n > INT32_MAX)
        return wf_fail(err, WF_LIMIT, "%s: over 2^31 features", source);
    WF_TRY(read_crs(layer, keep, info, err));
    wf_grids g;
    WF_TRY(wf_grids_init(&g, (uint32_t)n, keep, err));
    wf_polygons_builder b;
    wf_polygons_begin(&b, keep);
    decimals d = {0};
    uint32_t i = 0, n_other = 0;
    OGRFeatureH f;
    info->n_levels_unread = 0;
    OGR_L_ResetReading(layer);
    for (; i < (uint32_t)n && (f = OGR_L_GetNextFeature(layer)) != NULL; i++) {
        bool other = false;
        wf_polygons_grid(&b);
        OGRGeometryH geometry = OGR_F_GetGeometryRef(f);
        if (geometry != NULL)
            put_geometry(&b, geometry, &d, &other);
        n_other += other;
        wf_code code = put_attributes(f, &c, i, keep, &g, info, err);
        OGR_F_Destroy(f);
        WF_TRY(code);
    }
    /* Without a level anywhere the file has none, and nothing is missing. */
    bool any_level = false;
    for (uint32_t k = 0; k < i; k++)
        any_level |= g.level[k] > 0;
    info->n_levels_unread = any_level ? info->n_levels_unread : 0;
    if (i < (uint32_t)n)
        return wf_fail(err, WF_INPUT, "%s: only %u of %u features could be read: %s", source, i, (uint32_t)n,
                       CPLGetLastErrorMsg());
    WF_TRY(wf_polygons_finish(&b, &g.shape, err));
    if (n_other == (uint32_t)n)
        return wf_fail(err, WF_INPUT, "%s: layer \"%s\" holds no polygons", source, info->layer);
    info->n_decimals = usual_decimals(&d);
    *out = g;
    return WF_OK;
}

wf_code wf_vector_read_grids(const char *source, const wf_vector_fields *fields, wf_arena *keep, wf_grids *out,
                             wf_vector_info *info, wf_error *err) {
    void *dataset, *layer;
    WF_TRY(wf_vector_open(source, &dataset, &layer, err));
    wf_code code = read_layer(layer, source, fields, keep, out, info, err);
    wf_vector_close(dataset);
    return code;
}

wf_code wf_vector_read_outline(const char *source, wf_arena *keep, wf_polygons *out, wf_vector_info *info,
                               wf_error *err) {
    wf_grids grids;
    WF_TRY(wf_vector_read_grids(source, NULL, keep, &grids, info, err));
    *out = grids.shape;
    return WF_OK;
}

wf_code wf_vector_read_areas(const char *source, wf_arena *keep, wf_grids *out, wf_vector_info *info, wf_error *err) {
    return wf_vector_read_grids(source, &no_code, keep, out, info, err);
}

/* The place of a feature: the point, or one inside the polygon. */
static bool find_place(OGRGeometryH geometry, double *x, double *y) {
    OGRGeometryH made = NULL;
    if (geometry == NULL || OGR_G_IsEmpty(geometry))
        return false;
    if (OGR_GT_IsSubClassOf(wkbFlatten(OGR_G_GetGeometryType(geometry)), wkbPoint) == FALSE) {
        made = OGR_G_PointOnSurface(geometry);
        if (made == NULL) {
            made = OGR_G_CreateGeometry(wkbPoint);
            if (OGR_G_Centroid(geometry, made) != OGRERR_NONE) {
                OGR_G_DestroyGeometry(made);
                return false;
            }
        }
        geometry = made;
    }
    *x = OGR_G_GetX(geometry, 0);
    *y = OGR_G_GetY(geometry, 0);
    OGR_G_DestroyGeometry(made);
    return isfinite(*x) && isfinite(*y);
}

static wf_code read_people(OGRLayerH layer, const char *source, const wf_aliases *aliases, wf_arena *keep,
                           wf_people *out, wf_vector_info *info, wf_error *err) {
    wf_aliases table;
    if (aliases == NULL) {
        WF_TRY(wf_aliases_read(NULL, 0, keep, &table, err));
        aliases = &table;
    }
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(layer);
    int column = find_named(defn, wf_aliases_find(aliases, "grid", "population"));
    if (column < 0)
        return list_columns(defn, source, "no population column found", WF_INPUT, err);
    WF_TRY(read_crs(layer, keep, info, err));
    wf_people p = {0};
    uint32_t cap[3] = {0};
    wf_code code = WF_OK;
    OGRFeatureH f;
    OGR_L_ResetReading(layer);
    while (code == WF_OK && (f = OGR_L_GetNextFeature(layer)) != NULL) {
        double x, y, people = number(f, column);
        if (people >= 0 && find_place(OGR_F_GetGeometryRef(f), &x, &y)) {
            if (WF_ROOM(keep, p.x, p.n, cap[0]) || WF_ROOM(keep, p.y, p.n, cap[1]) ||
                WF_ROOM(keep, p.population, p.n, cap[2])) {
                code = wf_fail_nomem(err);
            } else {
                p.x[p.n] = x;
                p.y[p.n] = y;
                p.population[p.n++] = people;
            }
        }
        OGR_F_Destroy(f);
    }
    if (code == WF_OK && p.n == 0)
        return wf_fail(err, WF_INPUT, "%s: layer \"%s\" has no feature with a place and a number of people", source,
                       info->layer);
    *out = p;
    return code;
}

wf_code wf_vector_read_people(const char *source, const wf_aliases *aliases, wf_arena *keep, wf_people *out,
                              wf_vector_info *info, wf_error *err) {
    void *dataset, *layer;
    WF_TRY(wf_vector_open(source, &dataset, &layer, err));
    wf_code code = read_people(layer, source, aliases, keep, out, info, err);
    wf_vector_close(dataset);
    return code;
}
