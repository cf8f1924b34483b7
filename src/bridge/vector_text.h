#ifndef WF_BRIDGE_VECTOR_TEXT_H
#define WF_BRIDGE_VECTOR_TEXT_H
#include "base/error.h"
#include <stdio.h>

/** Write the points of a vector file as comma-separated text: one header with the fields, one record a feature in the
 *  file's order, quoted by RFC 4180, and the coordinates in two first columns "lon" and "lat" with 17 significant
 *  digits (fields of the file with these names are named lon_ and lat_). A feature without a point has empty
 *  coordinates; of other geometries the first vertex counts. Fields are text. UTF-8.
 *  @param source  FILE or FILE:LAYER
 *  @return WF_OK; WF_INPUT (nothing GDAL's allowed drivers read, no features), WF_USAGE (no such layer), WF_OUTPUT */
WF_CHECKED wf_code wf_vector_text_write(const char *source, FILE *to, wf_error *err);
#endif
