#ifndef WF_BASE_TABLE_H
#define WF_BASE_TABLE_H
#include "base/grids.h"

/** A column of a table that is published: text, or numbers with fixed decimals. */
typedef struct {
    const char *name;
    const char *const *text; /**< UTF-8, "" when missing; NULL: the column holds numbers */
    const double *number;    /**< NaN when missing */
    int decimals;            /**< 0: whole numbers */
} wf_column;

/** Rows with their places, as columns; what they point to belongs to whoever made the table. */
typedef struct {
    const char *name, *point_name; /**< layer of the rows with a polygon; of those without */
    uint32_t n_rows, n_columns;
    const wf_column *column;
    const wf_polygons *shape;
    const uint32_t *shape_of; /**< polygon of each row, UINT32_MAX without one */
    const double *x, *y;      /**< place of each row, NaN without one */
} wf_table;
#endif
