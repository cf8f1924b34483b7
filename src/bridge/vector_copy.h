#ifndef WF_BRIDGE_VECTOR_COPY_H
#define WF_BRIDGE_VECTOR_COPY_H
#include "base/grids.h"

/** Copy a layer of polygons with the geometries of some features replaced, by the ending of the target: .gpkg or
 *  .geojson. All columns, their types, feature ids, the layer's name and its coordinate system stay; other layers of
 * the file are not copied. A feature stays a Polygon or MultiPolygon as it was; where the layer holds Polygons only and
 * one now needs more parts, a GeoPackage becomes one of MultiPolygons throughout. Replaced geometries are flat.
 *
 *  The file is made beside its place, read again, compared with `shape` vertex by vertex and then renamed, so that it
 *  appears whole and holds what it should.
 *  @param source   FILE or FILE:LAYER, as it was read
 *  @param shape    of all features, in the order in which they were read
 *  @param replace  of each feature: its geometry is that of `shape` now
 *  @return WF_OK; WF_INPUT, WF_USAGE as when reading; WF_OUTPUT with the path and the reason; WF_NOMEM */
WF_CHECKED wf_code wf_vector_copy(const char *source, const char *target, const wf_polygons *shape,
                                  const uint8_t *replace, wf_error *err);
#endif
