#ifndef WF_REPORT_SHEET_H
#define WF_REPORT_SHEET_H
#include "base/value.h"
#include <stdio.h>

/** Rows to CSV (UTF-8 with a mark, comma, LF) or GeoJSON (RFC 7946), one after the other. */
typedef enum { WF_SHEET_CSV, WF_SHEET_GEOJSON } wf_sheet_kind;

enum { WF_SHEET_COLUMNS = 64 };

/** A place on its way into GeoJSON: from the grids' system to degrees of WGS 84, in place. */
typedef struct {
    void *self;
    void (*move)(void *self, double *x, double *y); /**< NULL: nothing to do */
} wf_sheet_way;

typedef struct {
    FILE *to;
    wf_sheet_kind kind;
    uint32_t n;                         /**< columns */
    const char *name[WF_SHEET_COLUMNS]; /**< borrowed */
    int8_t decimals[WF_SHEET_COLUMNS];  /**< of real numbers */
    int geometry;                       /**< column that is the geometry, -1 without; never a cell */
    int place_decimals;                 /**< of coordinates in GeoJSON */
    wf_sheet_way way;
    uint64_t n_rows;
    double west, south, east, north; /**< of all geometry written */
} wf_sheet;

/** Write what stands in front of the rows. The fields above `n_rows` are the caller's to set.
 *  @param title  becomes the layer's name in GeoJSON */
void wf_sheet_begin(wf_sheet *sheet, const char *title);
void wf_sheet_row(wf_sheet *sheet, const wf_value *value);
void wf_sheet_end(wf_sheet *sheet);
#endif
