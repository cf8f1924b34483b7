/* A layer from one file to another, feature by feature, with new geometries where there are any. */
#include "bridge/vector_copy.h"
#include "bridge/vector_open.h"
#include "bridge/vector_read.h"
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct {
    const char *source, *path, *staged;
    const wf_polygons *shape;
    const uint8_t *replace;
    const char *decimals; /* of coordinates in GeoJSON */
    bool json, multi;     /* all geometries become MultiPolygons */
    bool counted;         /* the ids are 0, 1, 2 …: GDAL's own where a GeoJSON has none */
} copying;

static wf_code fail_path(const copying *c, wf_error *err) {
    return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", c->path, CPLGetLastErrorMsg());
}

static OGRGeometryH make_part(const wf_polygons *p, uint32_t part) {
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
        uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
        OGRGeometryH g = OGR_G_CreateGeometry(wkbLinearRing);
        OGR_G_SetPoints(g, (int)n, p->x + from, sizeof *p->x, p->y + from, sizeof *p->y, NULL, 0);
        OGR_G_AddGeometryDirectly(polygon, g);
    }
    return polygon;
}

static OGRGeometryH make_geometry(const wf_polygons *p, uint32_t i, bool multi) {
    uint32_t first = p->grid_start[i], last = p->grid_start[i + 1];
    if (!multi && last - first == 1)
        return make_part(p, first);
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t part = first; part < last; part++)
        OGR_G_AddGeometryDirectly(all, make_part(p, part));
    return all;
}

static bool is_multi(OGRwkbGeometryType type) {
    return wkbFlatten(type) == wkbMultiPolygon || wkbFlatten(type) == wkbGeometryCollection;
}

static void set_geometry(const copying *c, OGRFeatureH f, uint32_t i) {
    OGRGeometryH was = OGR_F_GetGeometryRef(f);
    bool multi = c->multi || (was != NULL && is_multi(OGR_G_GetGeometryType(was)));
    if (c->replace[i])
        OGR_F_SetGeometryDirectly(f, make_geometry(c->shape, i, multi));
    else if (c->multi && was != NULL && !is_multi(OGR_G_GetGeometryType(was)))
        OGR_F_SetGeometryDirectly(f, OGR_G_ForceToMultiPolygon(OGR_F_StealGeometry(f)));
}

/* A column of the file itself must not be called as one of the layer. */
static const char *free_name(OGRFeatureDefnH defn, const char *wanted, const char *other) {
    return OGR_FD_GetFieldIndex(defn, wanted) < 0 ? wanted : other;
}

static wf_code create_layer(copying *c, GDALDatasetH to, OGRLayerH from, OGRLayerH *out, wf_error *err) {
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(from);
    OGRwkbGeometryType type = OGR_L_GetGeomType(from);
    const char *fid = OGR_L_GetFIDColumn(from), *geometry = OGR_L_GetGeometryColumn(from);
    char **options = NULL;
    for (uint32_t i = 0; i < c->shape->n_grids && !c->json; i++)
        c->multi |= wkbFlatten(type) == wkbPolygon && c->shape->grid_start[i + 1] - c->shape->grid_start[i] > 1;
    if (c->multi)
        type = wkbMultiPolygon;
    if (c->json)
        options = CSLSetNameValue(options, "COORDINATE_PRECISION", c->decimals);
    else {
        options = CSLSetNameValue(options, "FID", fid[0] != '\0' ? fid : free_name(defn, "fid", "wufeng_fid"));
        options = CSLSetNameValue(options, "GEOMETRY_NAME",
                                  geometry[0] != '\0' ? geometry : free_name(defn, "geom", "wufeng_geom"));
    }
    CPLErrorReset();
    *out = GDALDatasetCreateLayer(to, OGR_L_GetName(from), OGR_L_GetSpatialRef(from), type, options);
    CSLDestroy(options);
    if (*out == NULL)
        return fail_path(c, err);
    for (int k = 0; k < OGR_FD_GetFieldCount(defn); k++)
        if (OGR_L_CreateField(*out, OGR_FD_GetFieldDefn(defn, k), 1) != OGRERR_NONE)
            return fail_path(c, err);
    return WF_OK;
}

static wf_code copy_feature(const copying *c, OGRLayerH to, OGRFeatureH f, uint32_t i, wf_error *err) {
    OGRFeatureH made = OGR_F_Create(OGR_L_GetLayerDefn(to));
    set_geometry(c, f, i);
    OGRErr failed = OGR_F_SetFrom(made, f, 1);
    if (!c->json || !c->counted)
        OGR_F_SetFID(made, OGR_F_GetFID(f));
    if (failed == OGRERR_NONE)
        failed = OGR_L_CreateFeature(to, made);
    OGR_F_Destroy(made);
    return failed == OGRERR_NONE ? WF_OK : fail_path(c, err);
}

static bool are_counted(OGRLayerH from) {
    bool counted = true;
    OGRFeatureH f;
    OGR_L_ResetReading(from);
    for (GIntBig i = 0; counted && (f = OGR_L_GetNextFeature(from)) != NULL; i++) {
        counted = OGR_F_GetFID(f) == i;
        OGR_F_Destroy(f);
    }
    return counted;
}

static wf_code copy_features(copying *c, GDALDatasetH to, OGRLayerH from, wf_error *err) {
    OGRLayerH layer;
    OGRFeatureH f;
    WF_TRY(create_layer(c, to, from, &layer, err));
    c->counted = c->json && are_counted(from);
    GDALDatasetStartTransaction(to, 0);
    OGR_L_ResetReading(from);
    for (uint32_t i = 0; i < c->shape->n_grids; i++) {
        if ((f = OGR_L_GetNextFeature(from)) == NULL)
            return wf_fail(err, WF_INPUT, "%s: has changed since it was read", c->source);
        wf_code code = copy_feature(c, layer, f, i, err);
        OGR_F_Destroy(f);
        WF_TRY(code);
    }
    if (!c->json && GDALDatasetCommitTransaction(to) != OGRERR_NONE)
        return fail_path(c, err);
    return WF_OK;
}

static wf_code write_staged(copying *c, wf_error *err) {
    void *from, *layer;
    WF_TRY(wf_vector_open(c->source, &from, &layer, err));
    CPLErrorReset();
    /* A fixed date keeps the bytes of a GeoPackage the same from run to run. */
    CPLSetConfigOption("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z");
    GDALDatasetH to =
        GDALCreate(GDALGetDriverByName(c->json ? "GeoJSON" : "GPKG"), c->staged, 0, 0, 0, GDT_Unknown, NULL);
    wf_code code = to == NULL ? fail_path(c, err) : copy_features(c, to, layer, err);
    CPLErrorReset();
    if (to != NULL)
        GDALClose(to);
    if (code == WF_OK && CPLGetLastErrorType() == CE_Failure)
        code = fail_path(c, err);
    wf_vector_close(from);
    return code;
}

/* ---- reading again ---------------------------------------------------------------------------------------------- */

static bool is_ordinary(const wf_polygons *p, uint32_t i) {
    uint32_t last = p->part_start[p->grid_start[i + 1]];
    for (uint32_t ring = p->part_start[p->grid_start[i]]; ring < last; ring++) {
        uint32_t from = p->ring_start[ring], to = p->ring_start[ring + 1];
        for (uint32_t v = from; v < to; v++)
            if (!isfinite(p->x[v]) || !isfinite(p->y[v]))
                return false;
        if (to - from < 4 || p->x[from] != p->x[to - 1] || p->y[from] != p->y[to - 1])
            return false;
    }
    return true;
}

static bool is_same(const wf_polygons *p, const wf_polygons *q, uint32_t i) {
    uint32_t a = p->part_start[p->grid_start[i]], b = q->part_start[q->grid_start[i]];
    uint32_t n = p->part_start[p->grid_start[i + 1]] - a;
    if (n != q->part_start[q->grid_start[i + 1]] - b)
        return false;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t v = p->ring_start[a + k], w = q->ring_start[b + k], n_v = p->ring_start[a + k + 1] - v;
        if (n_v != q->ring_start[b + k + 1] - w)
            return false;
        for (uint32_t j = 0; j < n_v; j++)
            if (p->x[v + j] != q->x[w + j] || p->y[v + j] != q->y[w + j])
                return false;
    }
    return true;
}

/* Formats differ in the digits they keep; geometries that are broken anyway may come back otherwise. */
static wf_code read_again(const copying *c, bool *same, wf_error *err) {
    wf_arena arena;
    wf_grids got;
    wf_vector_info info;
    wf_arena_init(&arena);
    wf_code code = wf_vector_read_areas(c->staged, &arena, &got, &info, err);
    if (code == WF_OK && got.shape.n_grids != c->shape->n_grids)
        code = wf_fail(err, WF_OUTPUT, "%s: holds %u features instead of %u when it is read again", c->path,
                       got.shape.n_grids, c->shape->n_grids);
    *same = true;
    for (uint32_t i = 0; code == WF_OK && *same && i < c->shape->n_grids; i++)
        *same = !is_ordinary(c->shape, i) || is_same(c->shape, &got.shape, i);
    wf_arena_clear(&arena);
    return code;
}

wf_code wf_vector_copy(const char *source, const char *target, const wf_polygons *shape, const uint8_t *replace,
                       wf_error *err) {
    char staged[4200];
    const char *slash = strrchr(target, '/'), *dot = strrchr(target, '.');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - target);
    copying c = {.source = source, .path = target, .staged = staged, .shape = shape, .replace = replace};
    c.json = dot != NULL && strcasecmp(dot, ".geojson") == 0;
    if (!c.json && (dot == NULL || strcasecmp(dot, ".gpkg") != 0))
        return wf_fail(err, WF_USAGE, "%s: grids are written as .gpkg or .geojson", target);
    int n = snprintf(staged, sizeof staged, "%.*s.part-%ld-%s", folder, target, (long)getpid(), target + folder);
    if (n < 0 || (size_t)n >= sizeof staged)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", target);
    /* 15 decimals print most coordinates as people write them; 17 hold the digits of any. */
    static const char *const decimals[] = {"15", "17"};
    wf_code code = WF_OK;
    bool same = false;
    for (int i = 0; code == WF_OK && !same && i < (c.json ? 2 : 1); i++) {
        unlink(staged);
        c.decimals = decimals[i];
        code = write_staged(&c, err);
        if (code == WF_OK)
            code = read_again(&c, &same, err);
    }
    if (code == WF_OK && !same)
        code = wf_fail(err, WF_OUTPUT, "%s: the format does not keep all digits of the coordinates", target);
    if (code == WF_OK && rename(staged, target) != 0)
        code = wf_fail(err, WF_OUTPUT, "%s: cannot be put in its place", target);
    if (code != WF_OK)
        unlink(staged);
    return code;
}
