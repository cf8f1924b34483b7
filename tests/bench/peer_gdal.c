/* What GDAL needs to read a file and do nothing with it: the features of a CSV with their points, or those of a layer
 * with their geometry. Prints how many features and vertices there were.
 *
 *   peer_gdal FILE */
#include <gdal.h>
#include <ogr_api.h>
#include <stdio.h>

static long long count_vertices(OGRGeometryH geometry) {
    int n_parts = OGR_G_GetGeometryCount(geometry);
    if (n_parts == 0)
        return OGR_G_GetPointCount(geometry);
    long long n = 0;
    for (int k = 0; k < n_parts; k++)
        n += count_vertices(OGR_G_GetGeometryRef(geometry, k));
    return n;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: peer_gdal FILE\n", stderr);
        return 2;
    }
    GDALAllRegister();
    /* Types are not guessed: text columns are the least work. Drivers without these options pass over them. */
    const char *const drivers[] = {"CSV", "GPKG", NULL};
    const char *const options[] = {"X_POSSIBLE_NAMES=lon", "Y_POSSIBLE_NAMES=lat", NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH set = GDALOpenEx(argv[1], GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, options, NULL);
    CPLPopErrorHandler();
    if (set == NULL)
        return 1;
    OGRLayerH layer = GDALDatasetGetLayer(set, 0);
    long long n_features = 0, n_vertices = 0;
    for (OGRFeatureH feature; (feature = OGR_L_GetNextFeature(layer)) != NULL; n_features++) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        if (geometry != NULL)
            n_vertices += count_vertices(geometry);
        OGR_F_Destroy(feature);
    }
    GDALClose(set);
    printf("%lld %lld\n", n_features, n_vertices);
    return 0;
}
