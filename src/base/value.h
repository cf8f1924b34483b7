#ifndef WF_BASE_VALUE_H
#define WF_BASE_VALUE_H
#include "base/grids.h"

/** A cell of a table on its way into a database or out of it. Text and shapes are borrowed. */
typedef enum { WF_VALUE_NULL, WF_VALUE_INTEGER, WF_VALUE_REAL, WF_VALUE_TEXT, WF_VALUE_SHAPE } wf_value_kind;
typedef struct {
    wf_value_kind kind;
    int64_t integer;
    double real; /**< NaN goes in as NULL */
    const char *text;
    const wf_polygons *shape; /**< polygon `index` of these; without a part NULL goes in */
    uint32_t index;
} wf_value;

#define WF_INTEGER(v) ((wf_value){.kind = WF_VALUE_INTEGER, .integer = (int64_t)(v)})
#define WF_REAL(v) ((wf_value){.kind = WF_VALUE_REAL, .real = (v)})
#define WF_TEXT(v) ((wf_value){.kind = WF_VALUE_TEXT, .text = (v)})
#define WF_SHAPE(p, i) ((wf_value){.kind = WF_VALUE_SHAPE, .shape = (p), .index = (i)})
#define WF_NOTHING ((wf_value){.kind = WF_VALUE_NULL})
#endif
