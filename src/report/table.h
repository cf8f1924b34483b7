#ifndef WF_REPORT_TABLE_H
#define WF_REPORT_TABLE_H
#include "base/table.h"
#include <stdio.h>
/** Write a table as CSV: UTF-8 with a mark, comma, LF, a header. The stream's errors are the caller's to look for. */
void wf_table_csv(const wf_table *table, FILE *to);
/** Write a table as a GeoJSON FeatureCollection in the table's own coordinates: a MultiPolygon for a row with a
 * polygon, else a Point, else null. Missing numbers are null. */
void wf_table_geojson(const wf_table *table, FILE *to);
#endif
