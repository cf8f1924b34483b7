/* The one door for vector files. */
#include "bridge/vector_open.h"
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const drivers[] = {"GPKG",   "GeoJSON", "GeoJSONSeq", "ESRI Shapefile", "FlatGeobuf",  "TopoJSON",
                                      "SQLite", "CSV",     "KML",        "MapInfo File",   "OpenFileGDB", NULL};
static const char *const open_options[] = {"AUTODETECT_TYPE=NO", NULL};

static wf_code pick_layer(GDALDatasetH dataset, const char *source, const char *name, void **out, wf_error *err) {
    OGRLayerH layer = name == NULL ? GDALDatasetGetLayer(dataset, 0) : GDALDatasetGetLayerByName(dataset, name);
    if (layer != NULL) {
        *out = layer;
        return WF_OK;
    }
    char list[600] = "";
    for (int i = 0; i < GDALDatasetGetLayerCount(dataset); i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                 OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
    }
    return name == NULL
               ? wf_fail(err, WF_INPUT, "%s: has no layers", source)
               : wf_fail(err, WF_USAGE, "%s: there is no layer \"%s\"; the layers are: %s", source, name, list);
}

wf_code wf_vector_open(const char *source, void **out, void **layer, wf_error *err) {
    wf_code code = WF_OK;
    GDALDatasetH dataset = NULL;
    struct stat st;
    GDALAllRegister();
    CPLSetConfigOption("GDAL_HTTP_MAX_RETRY", "0");
    CPLSetConfigOption("OGR_GEOJSON_MAX_OBJ_SIZE", "0");
    CPLPushErrorHandler(CPLQuietErrorHandler);
    char *path = CPLStrdup(source), *layer_name = NULL;
    if (stat(path, &st) != 0) {
        char *colon = strrchr(path, ':');
        if (colon != NULL) {
            *colon = '\0';
            layer_name = colon + 1;
        }
    }
    if (stat(path, &st) != 0) {
        code = wf_fail(err, WF_INPUT, "%s: there is no such file", path);
        goto done;
    }
    CPLErrorReset();
    dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, open_options, NULL);
    if (dataset == NULL) {
        code = wf_fail(err, WF_INPUT, "%s: is no readable polygon file%s%s; export it as GeoPackage or GeoJSON", path,
                       CPLGetLastErrorMsg()[0] != '\0' ? ": " : "", CPLGetLastErrorMsg());
        goto done;
    }
    WF_GO(pick_layer(dataset, path, layer_name, layer, err));
    *out = dataset;
done:
    CPLFree(path);
    if (code != WF_OK)
        wf_vector_close(dataset);
    return code;
}

void wf_vector_close(void *dataset) {
    if (dataset != NULL)
        GDALClose(dataset);
    CPLPopErrorHandler();
}
