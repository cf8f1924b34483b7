#ifndef WF_BRIDGE_VECTOR_CELLS_H
#define WF_BRIDGE_VECTOR_CELLS_H
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

/** Read columns of a layer as text through GDAL's allow-listed drivers.
 *  @param source  FILE or FILE:LAYER
 *  @param names   n_columns names; a column that is not there is empty in every row
 *  @param cells   cells[c][row], "" when missing; of all n_rows features in the layer's order
 *  @return WF_OK (also of a layer without features); WF_INPUT, WF_USAGE (no such layer), WF_NOMEM */
WF_CHECKED wf_code wf_vector_read_cells(const char *source, uint32_t n_columns, const char *const *names,
                                        wf_arena *keep, uint32_t *n_rows, const char ***cells, wf_error *err);
#endif
