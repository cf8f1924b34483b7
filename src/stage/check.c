/* The check command's flow: read → check the levels → sum up → write. */
#include "stage/check.h"
#include "base/file.h"
#include "bridge/measure.h"
#include "bridge/vector_read.h"
#include "bridge/vector_write.h"
#include "coverage/levels.h"
#include "report/table.h"
#include "stage/align.h"
#include "stage/defects.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { NOWHERE, CSV, GEOJSON, GPKG } format;

typedef struct {
    const wf_check_request *request;
    wf_check_result *result;
    wf_vector_info info;
    wf_measure measure;
    wf_polygons outline;
    wf_severity fail_on;
    format as;
    wf_output out;
} flow;

static wf_code read_request(flow *f, wf_error *err) {
    static const char *const names[] = {"sliver", "ordinary", "serious", "never"};
    static const char *const endings[] = {"", ".csv", ".geojson", ".gpkg"};
    const char *fail_on = f->request->fail_on, *output = f->request->output;
    f->fail_on = WF_SLIVER;
    for (int i = 0; fail_on != NULL; i++) {
        if (i == 4)
            return wf_fail(err, WF_USAGE, "--fail-on takes sliver, ordinary, serious or never, not \"%s\"", fail_on);
        if (strcmp(fail_on, names[i]) == 0) {
            f->fail_on = (wf_severity)(WF_SLIVER + i);
            break;
        }
    }
    if (output == NULL)
        return WF_OK;
    const char *dot = strrchr(output, '.');
    for (format as = CSV; as <= GPKG; as++)
        if (dot != NULL && strcasecmp(dot, endings[as]) == 0)
            f->as = as;
    if (f->as == NOWHERE)
        return wf_fail(err, WF_USAGE, "-o %s: findings are written as .csv, .geojson or .gpkg", output);
    return WF_OK;
}

double wf_stage_floor_m(const wf_vector_info *info, const wf_grids *g, const wf_measure *measure) {
    if (!info->geographic || g->shape.n_vertices == 0)
        return 0.02;
    double mx, my;
    measure->scale_m(measure->self, g->shape.x[0], g->shape.y[0], &mx, &my);
    return fmin(fmax(1.5 * pow(10.0, -(double)info->n_decimals) * my, 0.02), 0.20);
}

static wf_code read_areas(flow *f, wf_arena *keep, wf_error *err) {
    const wf_check_request *q = f->request;
    wf_check_result *r = f->result;
    wf_vector_info info;
    if (q->outline != NULL) {
        WF_TRY(wf_vector_read_outline(q->outline, keep, &f->outline, &info, err));
        WF_TRY(wf_stage_align(q->outline, &info, &f->info, f->outline.n_vertices, f->outline.x, f->outline.y, err));
    }
    if (q->allowed_gaps != NULL) {
        WF_TRY(wf_vector_read_areas(q->allowed_gaps, keep, &r->allowed, &info, err));
        wf_polygons *shape = &r->allowed.shape;
        WF_TRY(wf_stage_align(q->allowed_gaps, &info, &f->info, shape->n_vertices, shape->x, shape->y, err));
    }
    wf_measure_init(&f->measure, f->info.geographic);
    r->n_vertices = r->grids.shape.n_vertices;
    r->crs = f->info.crs;
    r->outline = q->outline != NULL;
    r->floor_m = q->floor_m >= 0 ? q->floor_m : wf_stage_floor_m(&f->info, &r->grids, &f->measure);
    return WF_OK;
}

enum { GRIDS_A_CHUNK = 512 };

static bool is_looked_at(const flow *f, uint32_t grid) {
    const wf_grids *g = &f->result->grids;
    return g->role[grid] == WF_ROLE_PARTITION && (f->request->at_level == 0 || g->level[grid] == f->request->at_level);
}

static wf_code measure_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    const flow *f = ctx;
    const wf_grids *g = &f->result->grids;
    (void)thread;
    (void)err;
    uint32_t to = (chunk + 1) * GRIDS_A_CHUNK;
    to = to < g->shape.n_grids ? to : g->shape.n_grids;
    for (uint32_t i = chunk * GRIDS_A_CHUNK; i < to; i++)
        if (is_looked_at(f, i))
            g->area_m2[i] = wf_polygons_area_m2(&g->shape, i, &f->measure);
    return WF_OK;
}

/* Grids, levels and area of what is looked at. */
static wf_code measure_grids(flow *f, wf_error *err) {
    wf_check_result *r = f->result;
    wf_grids *g = &r->grids;
    uint32_t at_level = f->request->at_level;
    bool present[256] = {false};
    double area_m2[256] = {0};
    uint32_t n_chunks = (g->shape.n_grids + GRIDS_A_CHUNK - 1) / GRIDS_A_CHUNK;
    WF_TRY(wf_pool_run(f->request->pool, n_chunks, measure_chunk, f, err));
    for (uint32_t i = 0; i < g->shape.n_grids; i++) {
        present[g->level[i]] = true;
        if (!is_looked_at(f, i))
            continue;
        r->n_grids++;
        if (isfinite(g->area_m2[i]))
            area_m2[g->level[i]] += g->area_m2[i];
    }
    if (at_level > 255 || (at_level > 0 && !present[at_level]))
        return wf_fail(err, WF_USAGE, "%s: no grid is at level %u", f->request->grids, at_level);
    for (uint32_t level = 0; level < 256; level++) {
        r->n_levels += present[level] && (at_level == 0 || level == at_level);
        r->area_m2 = fmax(r->area_m2, area_m2[level]);
    }
    return WF_OK;
}

/* ---- the sum ---------------------------------------------------------------------------------------------------- */

static int rule_number(const char *rule) {
    return atoi(rule + 1);
}

static void note_worst(wf_check_result *r, const wf_defect *d, const char *codes) {
    uint32_t at = r->n_worst;
    while (at > 0 && r->worst[at - 1].area_m2 < d->area_m2)
        at--;
    if (at == WF_CHECK_WORST)
        return;
    r->n_worst += r->n_worst < WF_CHECK_WORST;
    for (uint32_t k = r->n_worst - 1; k > at; k--)
        r->worst[k] = r->worst[k - 1];
    r->worst[at] = (wf_check_worst){d->rule, d->kind, codes, d->area_m2, d->thickness_m, d->x, d->y};
}

static void take_finding(flow *f, const wf_defect *d, const char *codes) {
    wf_check_result *r = f->result;
    int rule = rule_number(d->rule);
    bool gap = rule == 3 || rule == 4 || rule == 15, overlap = rule == 2 || rule == 10;
    r->n_findings++;
    r->by_rule[rule]++;
    r->n_excused += d->excused != UINT32_MAX;
    if (d->excused != UINT32_MAX || d->see != UINT32_MAX)
        return;
    r->n_noise += d->severity == WF_NOISE;
    r->n_information += d->severity == WF_INFORMATION;
    r->n_invalid += rule == 1;
    r->n_misfits += rule == 5;
    r->n_gaps += gap;
    r->n_overlaps += overlap;
    r->gap_m2 += gap ? d->area_m2 : 0;
    r->overlap_m2 += overlap ? d->area_m2 : 0;
    r->seamless_strict &= d->severity < WF_NOISE;
    r->seamless &= d->severity < WF_SLIVER;
    r->fails |= d->severity >= f->fail_on;
    if (gap || overlap)
        note_worst(r, d, codes);
}

static const char *const *column_text(const wf_table *t, const char *name) {
    for (uint32_t c = 0; c < t->n_columns; c++)
        if (strcmp(t->column[c].name, name) == 0)
            return t->column[c].text;
    return NULL;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static wf_code find_defects(flow *f, wf_arena *keep, wf_error *err) {
    wf_check_result *r = f->result;
    WF_TRY(read_areas(f, keep, err));
    const wf_check_params params = {.outline = r->outline ? &f->outline : NULL,
                                    .allowed = f->request->allowed_gaps != NULL ? &r->allowed.shape : NULL,
                                    .floor_m = r->floor_m,
                                    .geographic = f->info.geographic,
                                    .measure = &f->measure,
                                    .pool = f->request->pool,
                                    .cancelled = f->request->cancelled};
    WF_TRY(measure_grids(f, err));
    return wf_coverage_check_levels(&r->grids, (uint8_t)f->request->at_level, &params, keep, &r->defects, err);
}

static wf_code sum_up(flow *f, const wf_previous *before, wf_arena *keep, wf_table *table, wf_error *err) {
    wf_check_result *r = f->result;
    r->compared = before != NULL;
    WF_TRY(wf_defects_tabulate(&r->defects, &r->grids, &r->allowed, before, keep, table, err));
    const char *const *status = column_text(table, "status");
    for (uint32_t i = 0; i < table->n_rows; i++) {
        r->n_new += strcmp(status[i], "new") == 0;
        r->n_persisting += strcmp(status[i], "persisting") == 0;
        r->n_fixed += strcmp(status[i], "fixed") == 0;
    }
    const char *const *codes = column_text(table, "grid_codes");
    for (uint32_t i = 0; i < r->defects.n; i++)
        take_finding(f, &r->defects.row[i], codes[i]);
    return WF_OK;
}

wf_code wf_stage_check_grids(const wf_check_request *request, const wf_grids *grids, const wf_vector_info *info,
                             wf_arena *keep, wf_check_result *out, wf_error *err) {
    wf_check_result result = {.grids = *grids};
    flow f = {.request = request, .result = &result, .info = *info};
    WF_TRY(read_request(&f, err));
    WF_TRY(find_defects(&f, keep, err));
    *out = result;
    return WF_OK;
}

wf_code wf_stage_check_sum(const wf_check_request *request, const wf_previous *before, wf_check_result *result,
                           wf_arena *keep, wf_table *table, wf_error *err) {
    result->seamless = result->seamless_strict = true;
    flow f = {.request = request, .result = result};
    WF_TRY(read_request(&f, err));
    return sum_up(&f, before, keep, table, err);
}

static wf_code write_table(flow *f, const wf_table *table, wf_error *err) {
    if (f->as == GPKG)
        return wf_vector_write_table(f->request->output, table, f->info.wkt, err);
    if (f->as == GEOJSON)
        wf_table_geojson(table, f->out.stream);
    else
        wf_table_csv(table, f->out.stream);
    return wf_output_publish(&f->out, err);
}

wf_code wf_stage_check(const wf_check_request *request, wf_arena *keep, wf_check_result *out, wf_error *err) {
    wf_check_result result = {.seamless = true, .seamless_strict = true};
    flow f = {.request = request, .result = &result};
    wf_table table;
    wf_code code = WF_OK;
    const wf_vector_fields fields = {
        .code = request->code, .name = request->name, .level = request->level, .parent = request->parent};
    WF_TRY(read_request(&f, err));
    const char *const inputs[] = {request->grids, request->outline, request->allowed_gaps};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        WF_TRY(wf_output_spares(request->output, inputs[i], err));
    wf_previous before;
    if (request->previous != NULL)
        WF_TRY(wf_defects_read(request->previous, keep, &before, err));
    WF_TRY(wf_vector_read_grids(request->grids, &fields, keep, &result.grids, &f.info, err));
    /* An output that cannot be written is better known before the work. */
    if (f.as == CSV || f.as == GEOJSON)
        WF_GO(wf_output_open(&f.out, request->output, err));
    WF_GO(find_defects(&f, keep, err));
    WF_GO(sum_up(&f, request->previous != NULL ? &before : NULL, keep, &table, err));
    if (f.as != NOWHERE)
        WF_GO(write_table(&f, &table, err));
    *out = result;
done:
    wf_output_drop(&f.out);
    return code;
}
