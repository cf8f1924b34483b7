#ifndef WF_BRIDGE_VECTOR_OPEN_H
#define WF_BRIDGE_VECTOR_OPEN_H
#include "base/error.h"

/** Open a layer through GDAL's allow-listed drivers, network off, errors kept quiet until wf_vector_close. For the
 *  files of this room: the handles are GDALDatasetH and OGRLayerH.
 *  @param source  FILE or FILE:LAYER; the first layer when none is named
 *  @return WF_OK; WF_INPUT (missing, unsupported, no layers); WF_USAGE (no such layer: the message lists those there
 *          are); one open dataset at a time on a thread */
WF_CHECKED wf_code wf_vector_open(const char *source, void **dataset, void **layer, wf_error *err);
void wf_vector_close(void *dataset);
#endif
