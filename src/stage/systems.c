/* Degrees or metres: a look ahead at the values, for grids in a projected system only. */
#include "stage/systems.h"
#include "intake/number.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { CELL_BYTES = 512, PLACES = 256, ROWS = 400 };

typedef struct {
    uint64_t degrees, near, other; /* rows by what their values can be; near: the grids, in their own system */
} sight;

/* True when the row says itself, or by its group, what system it is in. */
static bool states_system(const wf_source *s, const wf_csv_field *field, uint32_t n) {
    char text[CELL_BYTES];
    int at = s->column[WF_COLUMN_SYSTEM], group = s->column[WF_COLUMN_GROUP];
    if (at >= 0 && (uint32_t)at < n && wf_system_find(text, wf_csv_text(&field[at], text, sizeof text)) != 0)
        return true;
    if (group < 0 || (uint32_t)group >= n || s->request->n_groups == 0)
        return false;
    wf_csv_text(&field[group], text, sizeof text);
    for (uint32_t g = 0; g < s->request->n_groups; g++)
        if (strcmp(s->request->group[g].value, text) == 0)
            return true;
    return false;
}

static void look_at_row(const wf_plan *plan, const wf_source *s, const wf_csv_field *field, uint32_t n, sight *seen) {
    char text[2][CELL_BYTES];
    double v[2];
    for (int i = 0; i < 2; i++) {
        uint32_t at = (uint32_t)s->column[i == 0 ? WF_COLUMN_X : WF_COLUMN_Y];
        if (at >= n)
            return;
        wf_cell_form form = wf_coordinate_read(text[i], wf_csv_text(&field[at], text[i], CELL_BYTES), &v[i]);
        if (form != WF_CELL_NUMBER && form != WF_CELL_DMS)
            return;
    }
    if ((v[0] == 0.0 && v[1] == 0.0) || states_system(s, field, n))
        return;
    if (wf_plan_near(plan, v[0], v[1]) || wf_plan_near(plan, v[1], v[0]))
        seen->near++;
    else if (fmax(fabs(v[0]), fabs(v[1])) <= 180 && fmin(fabs(v[0]), fabs(v[1])) <= 90)
        seen->degrees++;
    else
        seen->other++;
}

static void look_at(const wf_plan *plan, const wf_source *s, sight *seen) {
    const size_t n_text = s->text.n;
    wf_csv_field field[WF_CSV_MAX_FIELDS];
    uint32_t n;
    for (size_t place = 0, at = s->body, start; place < PLACES && at < n_text; place++) {
        size_t target = s->body + (n_text - s->body) / PLACES * place;
        at = target > at ? wf_csv_border(s->text.bytes, n_text, s->delimiter, at, target) : at;
        for (int row = 0; row < ROWS; row++) {
            wf_csv_status status = wf_csv_next(s->text.bytes, n_text, s->delimiter, &at, field, &n, &start);
            if (status == WF_CSV_END)
                break;
            if (status == WF_CSV_OK)
                look_at_row(plan, s, field, n, seen);
        }
    }
    wf_mapped_forget(&s->text, 0, n_text);
}

static wf_code settle(const wf_plan *plan, wf_source *s, wf_notices *notices, wf_error *err) {
    typedef unsigned long long ull;
    sight seen = {0, 0, 0};
    look_at(plan, s, &seen);
    uint64_t all = seen.degrees + seen.near + seen.other;
    if (seen.degrees == 0 || seen.degrees * 20 < all)
        return WF_OK;
    if (seen.degrees * 20 < all * 19)
        return wf_fail(err, WF_USAGE,
                       "%s: %llu of %llu rows looked at hold degrees, the others do not: state the system with crs "
                       "(--crs), or by groups of rows with crs_by (--crs-by)",
                       s->request->path, (ull)seen.degrees, (ull)all);
    if (plan->crs[0] == '\0' && fmax(fabs(plan->east), fabs(plan->north)) <= 400)
        return WF_OK; /* nothing says that these grids are not in degrees */
    if (plan->crs[0] == '\0')
        return wf_fail(err, WF_USAGE,
                       "%s: the incidents are in degrees, and the grids' file does not say what its coordinates are: "
                       "state the grids' system with grids.crs (--grids-crs)",
                       s->request->path);
    s->crs = "EPSG:4490";
    return wf_notices_add(
        notices, "C01", err,
        "%s: no system is stated and %llu of %llu rows looked at hold degrees, while the grids are in "
        "%s: read as EPSG:4490; state another with crs (--crs)",
        s->name, (ull)seen.degrees, (ull)all, plan->crs);
}

wf_code wf_stage_systems(const wf_plan *plan, uint32_t n_sources, wf_source *sources, wf_notices *notices,
                         wf_error *err) {
    for (uint32_t i = 0; i < n_sources && !plan->info.geographic; i++)
        if (sources[i].crs == NULL || strcasecmp(sources[i].crs, "auto") == 0)
            WF_TRY(settle(plan, &sources[i], notices, err));
    return WF_OK;
}
