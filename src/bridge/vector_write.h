#ifndef WF_BRIDGE_VECTOR_WRITE_H
#define WF_BRIDGE_VECTOR_WRITE_H
#include "base/grids.h"
#include "base/table.h"

/** Write grids with the columns grid_code, grid_name, level, parent_code, grid_type, coverage_role, households,
 * population, floating_pop, worker_count, area_m2 (declared), by the ending of the path: .gpkg or .geojson. Coordinates
 * keep their doubles; missing numbers are NULL, grids without a part have no geometry.
 *
 *  The file is made beside its place and renamed, so that it appears whole.
 *  @param crs  any name GDAL knows, "EPSG:4490"
 *  @return WF_OK; WF_OUTPUT with the path and GDAL's reason; WF_USAGE for another ending or CRS */
WF_CHECKED wf_code wf_vector_write_grids(const char *path, const wf_grids *grids, const char *crs, wf_error *err);
/** Write a table as a GeoPackage, in the same way: rows with a polygon as MultiPolygons in the layer table->name, the
 *  others as points (without a geometry where they have no place) in table->point_name. Both layers have all columns;
 *  missing numbers are NULL.
 *  @param wkt  definition of the coordinate system, "" when it is not known */
WF_CHECKED wf_code wf_vector_write_table(const char *path, const wf_table *table, const char *wkt, wf_error *err);
#endif
