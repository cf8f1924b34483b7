#ifndef WF_COVERAGE_FINDINGS_H
#define WF_COVERAGE_FINDINGS_H
#include "coverage/check.h"

/** A findings table while it grows. Rows, owners, vertices and shapes live in `keep`. */
typedef struct {
    const wf_check_params *params;
    wf_arena *keep;
    uint8_t level; /**< of the rows that are added */
    wf_defects out;
    uint32_t cap_rows, n_owners, cap_owners, n_vertices, cap_x, cap_y;
    wf_polygons_builder shapes;
} wf_findings;

/** A place that becomes a finding: polygon `index` of `from` with a point inside it. */
typedef struct {
    const char *rule, *kind;
    const wf_polygons *from;
    uint32_t index;
    double x, y;
    bool lone_vertex; /**< one of its two sides is a single edge: within the floor it is G06 */
} wf_place;

void wf_findings_begin(wf_findings *f, uint8_t level, const wf_check_params *params, wf_arena *keep);
/** A row with everything missing but its names. */
wf_defect wf_findings_blank(const char *rule, const char *kind, wf_severity severity);
/** Add a row with its owners; the level is the table's. */
WF_CHECKED wf_code wf_findings_add(wf_findings *f, wf_defect row, uint32_t n_owners, const uint32_t *owners,
                                   wf_error *err);
/** Add a finding about one grid at a place. Does nothing when f is NULL. */
WF_CHECKED wf_code wf_findings_add_grid(wf_findings *f, const char *rule, const char *kind, wf_severity severity,
                                        uint32_t grid, double x, double y, wf_error *err);
/** Add a place with its polygon copied and measured; severity by thickness and area. WF_CANCELLED when asked. */
WF_CHECKED wf_code wf_findings_add_place(wf_findings *f, const wf_place *place, uint32_t n_owners,
                                         const uint32_t *owners, wf_error *err);
/** Add one of the vertices of the row that was added last. */
WF_CHECKED wf_code wf_findings_add_vertex(wf_findings *f, double x, double y, wf_error *err);
/** Copy a row of a finished table with all it refers to; its level is kept. */
WF_CHECKED wf_code wf_findings_copy(wf_findings *f, const wf_defects *from, uint32_t row, wf_error *err);
/** The table as it stands; rows are in the order in which they came. More can be added afterwards. */
WF_CHECKED wf_code wf_findings_finish(wf_findings *f, wf_defects *out, wf_error *err);
/** Order of two findings: finest level first, then rule, place and grids. */
int wf_findings_order(const wf_defect *a, const wf_defect *b);
/** WF_CANCELLED when the caller asked to stop. */
WF_CHECKED wf_code wf_check_poll(const wf_check_params *params, wf_error *err);
#endif
