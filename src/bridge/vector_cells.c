/* Attributes of a layer as text: tables that an earlier run wrote. */
#include "bridge/vector_cells.h"
#include "bridge/vector_open.h"
#include <cpl_error.h>
#include <ogr_api.h>
#include <string.h>

static const char *cell_of(OGRFeatureH f, int at, wf_arena *keep) {
    if (at < 0 || !OGR_F_IsFieldSetAndNotNull(f, at))
        return "";
    const char *text = OGR_F_GetFieldAsString(f, at);
    return wf_arena_text(keep, text, strlen(text));
}

static wf_code read_layer(OGRLayerH layer, uint32_t n_columns, const char *const *names, wf_arena *keep,
                          uint32_t *n_rows, const char ***cells, wf_error *err) {
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(layer);
    int *at = WF_NEW(keep, int, n_columns);
    uint32_t *cap = WF_NEW(keep, uint32_t, n_columns), n = 0;
    wf_code code = at == NULL || cap == NULL ? wf_fail_nomem(err) : WF_OK;
    for (uint32_t c = 0; code == WF_OK && c < n_columns; c++) {
        at[c] = OGR_FD_GetFieldIndex(defn, names[c]);
        cells[c] = NULL;
    }
    OGRFeatureH f;
    OGR_L_ResetReading(layer);
    for (; code == WF_OK && (f = OGR_L_GetNextFeature(layer)) != NULL; n++) {
        for (uint32_t c = 0; code == WF_OK && c < n_columns; c++)
            if (WF_ROOM(keep, cells[c], n, cap[c]) || (cells[c][n] = cell_of(f, at[c], keep)) == NULL)
                code = wf_fail_nomem(err);
        OGR_F_Destroy(f);
    }
    *n_rows = n;
    return code;
}

wf_code wf_vector_read_cells(const char *source, uint32_t n_columns, const char *const *names, wf_arena *keep,
                             uint32_t *n_rows, const char ***cells, wf_error *err) {
    void *dataset, *layer;
    WF_TRY(wf_vector_open(source, &dataset, &layer, err));
    wf_code code = read_layer(layer, n_columns, names, keep, n_rows, cells, err);
    wf_vector_close(dataset);
    return code;
}
