/* Polygons out through GDAL: one transaction, one feature at a time. */
#include "bridge/vector_write.h"
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct {
    const char *name;
    OGRFieldType type;
} columns[] = {{"grid_code", OFTString},   {"grid_name", OFTString}, {"level", OFTInteger},
               {"parent_code", OFTString}, {"grid_type", OFTString}, {"coverage_role", OFTString},
               {"households", OFTReal},    {"population", OFTReal},  {"floating_pop", OFTReal},
               {"worker_count", OFTReal},  {"area_m2", OFTReal}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static OGRGeometryH make_ring(const wf_polygons *p, uint32_t ring) {
    OGRGeometryH g = OGR_G_CreateGeometry(wkbLinearRing);
    for (uint32_t v = p->ring_start[ring]; v < p->ring_start[ring + 1]; v++)
        OGR_G_AddPoint_2D(g, p->x[v], p->y[v]);
    return g;
}

static OGRGeometryH make_geometry(const wf_polygons *p, uint32_t i) {
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++)
            OGR_G_AddGeometryDirectly(polygon, make_ring(p, ring));
        OGR_G_AddGeometryDirectly(all, polygon);
    }
    return all;
}

static wf_code write_feature(OGRLayerH layer, const wf_grids *g, uint32_t i, const char *path, wf_error *err) {
    static const char *const roles[] = {"partition", "overlay", "exempt"};
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    const char *texts[] = {g->code[i], g->name[i], NULL, g->parent[i], g->kind[i], roles[g->role[i]]};
    const double numbers[] = {g->households[i], g->population[i], g->floating_pop[i], g->workers[i],
                              g->declared_area_m2[i]};
    for (int c = 0; c < 6; c++)
        if (texts[c] != NULL)
            OGR_F_SetFieldString(f, c, texts[c]);
    OGR_F_SetFieldInteger(f, 2, g->level[i]);
    for (int c = 6; c < N_COLUMNS; c++)
        if (isfinite(numbers[c - 6]))
            OGR_F_SetFieldDouble(f, c, numbers[c - 6]);
    if (g->shape.grid_start[i] < g->shape.grid_start[i + 1])
        OGR_F_SetGeometryDirectly(f, make_geometry(&g->shape, i));
    OGRErr failed = OGR_L_CreateFeature(layer, f);
    OGR_F_Destroy(f);
    return failed == OGRERR_NONE ? WF_OK
                                 : wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, CPLGetLastErrorMsg());
}

static wf_code write_layer(GDALDatasetH dataset, const wf_grids *g, OGRSpatialReferenceH srs, bool json,
                           const char *path, wf_error *err) {
    char **options = json ? CSLSetNameValue(NULL, "COORDINATE_PRECISION", "15") : CSLSetNameValue(NULL, "FID", "fid");
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "grids", srs, wkbMultiPolygon, options);
    CSLDestroy(options);
    if (layer == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, CPLGetLastErrorMsg());
    for (int c = 0; c < N_COLUMNS; c++) {
        OGRFieldDefnH field = OGR_Fld_Create(columns[c].name, columns[c].type);
        OGRErr failed = OGR_L_CreateField(layer, field, 1);
        OGR_Fld_Destroy(field);
        if (failed != OGRERR_NONE)
            return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, CPLGetLastErrorMsg());
    }
    GDALDatasetStartTransaction(dataset, 0);
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        WF_TRY(write_feature(layer, g, i, path, err));
    if (!json && GDALDatasetCommitTransaction(dataset) != OGRERR_NONE)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, CPLGetLastErrorMsg());
    return WF_OK;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

static wf_code fail_path(const char *path, wf_error *err) {
    return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, CPLGetLastErrorMsg());
}

static wf_code write_row(OGRLayerH layer, const wf_table *t, uint32_t i, const char *path, wf_error *err) {
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    for (int c = 0; c < (int)t->n_columns; c++) {
        const wf_column *column = &t->column[c];
        if (column->text != NULL)
            OGR_F_SetFieldString(f, c, column->text[i]);
        else if (isfinite(column->number[i]) && column->decimals == 0)
            OGR_F_SetFieldInteger64(f, c, (GIntBig)column->number[i]);
        else if (isfinite(column->number[i]))
            OGR_F_SetFieldDouble(f, c, column->number[i]);
    }
    if (t->shape_of[i] != UINT32_MAX) {
        OGR_F_SetGeometryDirectly(f, make_geometry(t->shape, t->shape_of[i]));
    } else if (isfinite(t->x[i]) && isfinite(t->y[i])) {
        OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
        OGR_G_SetPoint_2D(point, 0, t->x[i], t->y[i]);
        OGR_F_SetGeometryDirectly(f, point);
    }
    OGRErr failed = OGR_L_CreateFeature(layer, f);
    OGR_F_Destroy(f);
    return failed == OGRERR_NONE ? WF_OK : fail_path(path, err);
}

static wf_code write_rows(GDALDatasetH dataset, const wf_table *t, bool points, OGRSpatialReferenceH srs,
                          const char *path, wf_error *err) {
    char **options = CSLSetNameValue(NULL, "FID", "fid");
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, points ? t->point_name : t->name, srs,
                                             points ? wkbPoint : wkbMultiPolygon, options);
    CSLDestroy(options);
    if (layer == NULL)
        return fail_path(path, err);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        const wf_column *column = &t->column[c];
        OGRFieldDefnH field = OGR_Fld_Create(column->name, column->text != NULL    ? OFTString
                                                           : column->decimals == 0 ? OFTInteger64
                                                                                   : OFTReal);
        OGRErr failed = OGR_L_CreateField(layer, field, 1);
        OGR_Fld_Destroy(field);
        if (failed != OGRERR_NONE)
            return fail_path(path, err);
    }
    GDALDatasetStartTransaction(dataset, 0);
    for (uint32_t i = 0; i < t->n_rows; i++)
        if ((t->shape_of[i] == UINT32_MAX) == points)
            WF_TRY(write_row(layer, t, i, path, err));
    return GDALDatasetCommitTransaction(dataset) == OGRERR_NONE ? WF_OK : fail_path(path, err);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* One of the two is written. */
typedef struct {
    const wf_grids *grids;
    const wf_table *table;
    bool json;
} content;

static wf_code write_content(GDALDatasetH dataset, const content *what, OGRSpatialReferenceH srs, const char *path,
                             wf_error *err) {
    if (what->grids != NULL)
        return write_layer(dataset, what->grids, srs, what->json, path, err);
    WF_TRY(write_rows(dataset, what->table, false, srs, path, err));
    return write_rows(dataset, what->table, true, srs, path, err);
}

/* Does the collection end as it should? GDAL's driver does not see writes that fail on a full disk. */
static bool is_whole(const char *path) {
    static const char ending[] = "]\n}\n";
    char tail[sizeof ending] = "";
    FILE *f = fopen(path, "re");
    bool whole = f != NULL && fseek(f, 1 - (long)sizeof ending, SEEK_END) == 0 &&
                 fread(tail, 1, sizeof ending - 1, f) == sizeof ending - 1 && strcmp(tail, ending) == 0;
    if (f != NULL)
        fclose(f);
    return whole;
}

/* Into a file beside its place, which is then renamed. */
static wf_code write_file(const char *path, const content *what, OGRSpatialReferenceH srs, wf_error *err) {
    char staged[4200];
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
    int n = snprintf(staged, sizeof staged, "%.*s.part-%ld-%s", folder, path, (long)getpid(), path + folder);
    if (n < 0 || (size_t)n >= sizeof staged - sizeof "-journal")
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", path);
    CPLErrorReset();
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName(what->json ? "GeoJSON" : "GPKG"), staged, 0, 0, 0, GDT_Unknown, NULL);
    wf_code code = dataset == NULL ? fail_path(path, err) : write_content(dataset, what, srs, path, err);
    CPLErrorReset();
    if (dataset != NULL)
        GDALClose(dataset);
    if (code == WF_OK && CPLGetLastErrorType() == CE_Failure)
        code = fail_path(path, err);
    if (code == WF_OK && what->json && !is_whole(staged))
        code = wf_fail(err, WF_OUTPUT, "%s: cannot be written: is the disk full?", path);
    if (code == WF_OK && rename(staged, path) != 0)
        code = wf_fail(err, WF_OUTPUT, "%s: cannot be put in its place", path);
    if (code == WF_OK)
        return WF_OK;
    unlink(staged);
    strcat(staged, "-journal"); /* SQLite's, when it could not even begin */
    unlink(staged);
    return code;
}

static void begin(void) {
    GDALAllRegister();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    /* A fixed date keeps the bytes of a GeoPackage the same from run to run. */
    CPLSetConfigOption("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z");
}

wf_code wf_vector_write_grids(const char *path, const wf_grids *grids, const char *crs, wf_error *err) {
    wf_code code = WF_OK;
    const char *dot = strrchr(path, '.');
    content what = {.grids = grids, .json = dot != NULL && strcasecmp(dot, ".geojson") == 0};
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    begin();
    if (!what.json && (dot == NULL || strcasecmp(dot, ".gpkg") != 0))
        WF_GO(wf_fail(err, WF_USAGE, "%s: grids are written as .gpkg or .geojson", path));
    if (OSRSetFromUserInput(srs, crs) != OGRERR_NONE)
        WF_GO(wf_fail(err, WF_USAGE, "%s: no such coordinate system", crs));
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    code = write_file(path, &what, srs, err);
done:
    OSRDestroySpatialReference(srs);
    CPLPopErrorHandler();
    return code;
}

wf_code wf_vector_write_table(const char *path, const wf_table *table, const char *wkt, wf_error *err) {
    content what = {.table = table};
    OGRSpatialReferenceH srs = wkt[0] == '\0' ? NULL : OSRNewSpatialReference(wkt);
    begin();
    if (srs != NULL)
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    wf_code code = write_file(path, &what, srs, err);
    if (srs != NULL)
        OSRDestroySpatialReference(srs);
    CPLPopErrorHandler();
    return code;
}
