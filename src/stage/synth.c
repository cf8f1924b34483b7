/* The synth command's flow: seed file → plan → files. */
#include "stage/synth.h"
#include "base/file.h"
#include "bridge/measure.h"
#include "bridge/vector_write.h"
#include "bridge/yaml_read.h"
#include "report/cell.h"
#include "intake/encoding.h"
#include "synth/defects.h"
#include "synth/incidents.h"
#include "synth/plan.h"
#include "synth/redesign.h"
#include "tables/categories.h"
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FIELD(name) offsetof(wf_synth_plan_params, name)
static const struct {
    const char *key;
    size_t offset;
    char kind; /* d double, u uint32, t text */
    double low, high;
} keys[] = {{"street.code", FIELD(street_code), 't', 0, 0},
            {"street.name", FIELD(street_name), 't', 0, 0},
            {"street.lon", FIELD(centre_lon), 'd', -170, 170},
            {"street.lat", FIELD(centre_lat), 'd', -75, 75},
            {"area.street_km2", FIELD(area_km2), 'd', 0.1, 1e6},
            {"area.urban_km2", FIELD(urban_km2), 'd', 0.01, 1e6},
            {"levels.centres", FIELD(n_centres), 'u', 1, 1e5},
            {"levels.communities", FIELD(n_communities), 'u', 1, 1e5},
            {"levels.villages", FIELD(n_villages), 'u', 1, 1e5},
            {"levels.urban_grids", FIELD(n_urban_grids), 'u', 1, 1e6},
            {"levels.rural_grids", FIELD(n_rural_grids), 'u', 1, 1e6},
            {"levels.units", FIELD(n_units), 'u', 1, 1e7},
            {"levels.unit_grids", FIELD(n_unit_grids), 'u', 0, 1e6},
            {"levels.overlays", FIELD(n_overlays), 'u', 0, 1e6},
            {"people.urban", FIELD(urban_people), 'd', 0, 1e9},
            {"people.rural", FIELD(rural_people), 'd', 0, 1e9},
            {"people.floating", FIELD(floating_people), 'd', 0, 1e9},
            {"people.per_household", FIELD(persons_per_household), 'd', 1, 20},
            {"households.urban_median", FIELD(urban_households_median), 'd', 1, 1e5},
            {"households.urban_sigma", FIELD(urban_households_sigma), 'd', 0, 3},
            {"households.rural_median", FIELD(rural_households_median), 'd', 1, 1e5},
            {"households.rural_sigma", FIELD(rural_households_sigma), 'd', 0, 3},
            {"mesh.cells_per_unit", FIELD(cells_per_unit), 'u', 1, 1000}};
enum { N_KEYS = sizeof keys / sizeof *keys, BATCH_ROWS = 10000, GB18030_ROWS = 200000, NEAR_ROWS = 1000000 };

static wf_code read_params(const char *path, wf_arena *keep, wf_synth_plan_params *p, wf_synth_incidents_params *q,
                           wf_error *err) {
    wf_yaml yaml;
    const char *known[N_KEYS + 2];
    double seed = (double)p->seed, per_day = (double)q->n / q->n_days;
    for (size_t i = 0; i < N_KEYS; i++)
        known[i] = keys[i].key;
    known[N_KEYS] = "seed";
    known[N_KEYS + 1] = "incidents.per_day";
    WF_TRY(wf_yaml_read(path, keep, &yaml, err));
    WF_TRY(wf_yaml_check_keys(&yaml, known, N_KEYS + 2, err));
    WF_TRY(wf_yaml_number(&yaml, "seed", 0, 9e15, &seed, err));
    WF_TRY(wf_yaml_number(&yaml, "incidents.per_day", 1, 1e6, &per_day, err));
    p->seed = q->seed = (uint64_t)seed;
    q->n = (uint64_t)round(per_day * q->n_days);
    for (size_t i = 0; i < N_KEYS; i++) {
        void *field = (char *)p + keys[i].offset;
        double value = NAN;
        if (keys[i].kind == 't') {
            const char *text = wf_yaml_text(&yaml, keys[i].key);
            if (text != NULL)
                *(const char **)field = text;
            continue;
        }
        WF_TRY(wf_yaml_number(&yaml, keys[i].key, keys[i].low, keys[i].high, &value, err));
        if (isnan(value))
            continue;
        if (keys[i].kind == 'd')
            *(double *)field = value;
        else if (value == floor(value))
            *(uint32_t *)field = (uint32_t)value;
        else
            return wf_fail(err, WF_USAGE, "%s: %s takes a whole number, not %g", path, keys[i].key, value);
    }
    return WF_OK;
}

static uint32_t scaled(uint32_t n, double factor) {
    return (uint32_t)fmax(1, round(n * factor));
}

static void scale_to(wf_synth_plan_params *p, uint32_t n_grids) {
    double f = (double)n_grids / (p->n_urban_grids + p->n_rural_grids);
    uint32_t *counts[] = {&p->n_centres, &p->n_communities, &p->n_villages,
                          &p->n_units,   &p->n_unit_grids,  &p->n_overlays};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = scaled(*counts[i], f);
    double *sums[] = {&p->area_km2, &p->urban_km2, &p->urban_people, &p->rural_people, &p->floating_people};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        *sums[i] = i < 2 ? *sums[i] * f : round(*sums[i] * f);
    p->n_rural_grids = scaled(p->n_rural_grids, f);
    p->n_urban_grids = n_grids > p->n_rural_grids ? n_grids - p->n_rural_grids : 1;
}

static wf_code check_params(const wf_synth_plan_params *p, const char *path, wf_error *err) {
    uint32_t regions = p->n_communities + p->n_villages;
    const char *what =
        p->urban_km2 >= p->area_km2           ? "area.urban_km2 must be less than area.street_km2"
        : p->n_centres > regions              ? "there are more service centres than communities and villages"
        : p->n_urban_grids < p->n_communities ? "there are fewer urban grids than communities"
        : p->n_rural_grids < p->n_villages    ? "there are fewer rural grids than villages"
        : p->n_units < 2 * (p->n_urban_grids + p->n_rural_grids) ? "levels.units must be at least twice the grids"
        : p->n_unit_grids > p->n_urban_grids                     ? "there are more unit grids than urban grids"
        : p->n_overlays >= p->n_urban_grids                      ? "there are more overlays than urban grids"
        : p->floating_people > p->urban_people + p->rural_people ? "people.floating is more than all people"
                                                                 : NULL;
    return what == NULL ? WF_OK : wf_fail(err, WF_USAGE, "%s: %s", path, what);
}

static wf_code write_to(const char *folder, const char *name, const wf_grids *g, wf_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", folder);
    return wf_vector_write_grids(path, g, "EPSG:4490", err);
}

/* The first row alone: the street. */
static wf_grids first_row(const wf_grids *g) {
    wf_grids one = *g;
    one.shape.n_grids = 1;
    one.shape.n_parts = one.shape.grid_start[1];
    one.shape.n_rings = one.shape.part_start[one.shape.n_parts];
    one.shape.n_vertices = one.shape.ring_start[one.shape.n_rings];
    return one;
}

/* truth_findings.csv: what a check of one level alone must report. */
static wf_code write_truth(const char *folder, const wf_synth_truth *t, wf_error *err) {
    char path[4096];
    wf_output out;
    if (snprintf(path, sizeof path, "%s/truth_findings.csv", folder) >= (int)sizeof path)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", folder);
    WF_TRY(wf_output_open(&out, path, err));
    fputs("\xEF\xBB\xBF"
          "cause_id,cause,rule,level,grid_codes,area_m2\n",
          out.stream);
    for (uint32_t i = 0; i < t->n; i++) {
        const wf_synth_finding *f = &t->row[i];
        fprintf(out.stream, "%u,%s,%s,%u,", f->cause_id, f->cause, f->rule, f->level);
        wf_cell_write(out.stream, f->codes, strlen(f->codes));
        wf_cell_number(out.stream, f->area_m2, 4);
        fputc('\n', out.stream);
    }
    wf_code code = wf_output_publish(&out, err);
    wf_output_drop(&out);
    return code;
}

static wf_code open_in(const char *folder, const char *name, wf_output *out, wf_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", folder);
    return wf_output_open(out, path, err);
}

static int sink(void *to, const char *bytes, size_t n) {
    return fwrite(bytes, 1, n, to) != n;
}

typedef struct {
    wf_output rows, gb18030, truth, near;
    wf_synth_text row_text, truth_text;
    wf_synth_reports reports;
} writing;

static wf_code poll(const wf_synth_request *r, wf_error *err) {
    return r->cancelled != NULL && *r->cancelled
               ? wf_fail(err, WF_CANCELLED, "stopped by a signal; %s is not complete", r->folder)
               : WF_OK;
}

static wf_code write_batch(writing *w, wf_error *err) {
    size_t bad;
    if (w->row_text.failed || w->truth_text.failed)
        return wf_fail_nomem(err);
    fwrite(w->row_text.bytes, 1, w->row_text.n, w->rows.stream);
    fwrite(w->truth_text.bytes, 1, w->truth_text.n, w->truth.stream);
    if (w->gb18030.stream != NULL &&
        wf_encoding_convert_from_utf8(w->row_text.bytes, w->row_text.n, sink, w->gb18030.stream, &bad) != 0)
        return ferror(w->gb18030.stream)
                   ? wf_fail(err, WF_OUTPUT, "%s: cannot be written: is the disk full?", w->gb18030.path)
                   : wf_fail(err, WF_INTERNAL, "the rows have no form in GB18030");
    if (ferror(w->rows.stream) || ferror(w->truth.stream))
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: is the disk full?", w->rows.path);
    w->row_text.n = w->truth_text.n = 0;
    return WF_OK;
}

/* The reports made twice; of more rows than could be kept nothing is said. */
static wf_code write_near(const char *folder, writing *w, wf_error *err) {
    w->row_text.n = 0;
    wf_synth_reports_near(&w->reports, &w->row_text);
    if (w->reports.failed || w->row_text.failed)
        return wf_fail_nomem(err);
    WF_TRY(open_in(folder, "truth_near.csv", &w->near, err));
    fputs("\xEF\xBB\xBF", w->near.stream);
    fwrite(w->row_text.bytes, 1, w->row_text.n, w->near.stream);
    return wf_output_publish(&w->near, err);
}

static wf_code write_incidents(const wf_synth_request *request, const wf_synth_incidents_params *q,
                               const wf_grids *clean, const wf_grids *defects, wf_arena *keep, wf_error *err) {
    const char *folder = request->folder;
    wf_synth_incidents *s;
    writing w = {.rows.stream = NULL};
    wf_code code;
    WF_TRY(wf_synth_incidents_open(q, clean, defects, keep, &s, err));
    WF_GO(open_in(folder, "incidents.csv", &w.rows, err));
    WF_GO(open_in(folder, "truth_incidents.csv", &w.truth, err));
    if (q->n <= GB18030_ROWS)
        WF_GO(open_in(folder, "incidents_gb18030.csv", &w.gb18030, err));
    fputs("\xEF\xBB\xBF", w.rows.stream);
    fputs("\xEF\xBB\xBF", w.truth.stream);
    wf_synth_incidents_header(&w.row_text, &w.truth_text);
    for (uint64_t first = 0; first < q->n; first += BATCH_ROWS) {
        uint64_t n = q->n - first < BATCH_ROWS ? q->n - first : BATCH_ROWS;
        WF_GO(poll(request, err));
        wf_synth_incidents_rows(s, first, n, &w.row_text, &w.truth_text, q->n <= NEAR_ROWS ? &w.reports : NULL);
        WF_GO(write_batch(&w, err));
    }
    if (q->n <= NEAR_ROWS)
        WF_GO(write_near(folder, &w, err));
    WF_GO(wf_output_publish(&w.truth, err));
    if (w.gb18030.stream != NULL)
        WF_GO(wf_output_publish(&w.gb18030, err));
    WF_GO(wf_output_publish(&w.rows, err));
done:
    wf_output_drop(&w.rows);
    wf_output_drop(&w.gb18030);
    wf_output_drop(&w.truth);
    wf_output_drop(&w.near);
    wf_synth_reports_clear(&w.reports);
    wf_synth_text_clear(&w.row_text);
    wf_synth_text_clear(&w.truth_text);
    return code;
}

/* The second plan and what moves between the two. */
static wf_code write_redesign(const char *folder, const wf_grids *clean, uint64_t seed, const wf_measure *measure,
                              wf_arena *keep, wf_synth_result *result, wf_error *err) {
    wf_synth_redesign_params params = wf_synth_redesign_defaults();
    wf_synth_crosswalk moves;
    wf_grids second;
    wf_output out;
    WF_TRY(wf_synth_redesign(clean, &params, seed, measure, keep, &second, &moves, err));
    WF_TRY(write_to(folder, "grids_v2.gpkg", &second, err));
    WF_TRY(write_to(folder, "grids_v2.geojson", &second, err));
    WF_TRY(open_in(folder, "truth_crosswalk.csv", &out, err));
    fputs("\xEF\xBB\xBF"
          "old_code,new_code,change,area_m2,households,population\n",
          out.stream);
    for (uint32_t i = 0; i < moves.n; i++) {
        const wf_synth_move *m = &moves.row[i];
        fprintf(out.stream, "%s,%s,%s,%.2f,%.0f,%.0f\n", m->old_code, m->new_code, m->change, m->area_m2, m->households,
                m->population);
    }
    wf_code code = wf_output_publish(&out, err);
    wf_output_drop(&out);
    result->n_changes = moves.n_changes;
    return code;
}

static wf_code write_categories(const char *folder, wf_error *err) {
    wf_output out;
    size_t n;
    const char *text = wf_table_categories(&n);
    WF_TRY(open_in(folder, "categories.csv", &out, err));
    fwrite(text, 1, n, out.stream);
    wf_code code = wf_output_publish(&out, err);
    wf_output_drop(&out);
    return code;
}

wf_code wf_stage_synth(const wf_synth_request *request, wf_arena *keep, wf_synth_result *out, wf_error *err) {
    wf_synth_plan_params p = wf_synth_plan_defaults();
    wf_synth_incidents_params q = wf_synth_incidents_defaults();
    wf_measure measure;
    wf_grids grids;
    wf_measure_init(&measure, true);
    WF_TRY(read_params(request->seed_file, keep, &p, &q, err));
    if (request->n_grids > 0)
        scale_to(&p, request->n_grids);
    WF_TRY(check_params(&p, request->seed_file, err));
    WF_TRY(wf_synth_plan_make(&p, &measure, keep, &grids, err));
    if (mkdir(request->folder, 0777) != 0 && errno != EEXIST)
        return wf_fail(err, WF_OUTPUT, "%s: the folder cannot be made: %s", request->folder, strerror(errno));
    wf_grids outline = first_row(&grids);
    WF_TRY(poll(request, err));
    WF_TRY(write_to(request->folder, "grids.gpkg", &grids, err));
    WF_TRY(write_to(request->folder, "grids.geojson", &grids, err));
    WF_TRY(write_to(request->folder, "outline.geojson", &outline, err));
    wf_synth_defects_params causes = wf_synth_defects_defaults();
    wf_synth_truth truth;
    wf_grids broken;
    WF_TRY(wf_synth_defects_plant(&grids, &causes, p.seed, &measure, keep, &broken, &truth, err));
    WF_TRY(poll(request, err));
    WF_TRY(write_to(request->folder, "grids_defects.gpkg", &broken, err));
    WF_TRY(write_to(request->folder, "grids_defects.geojson", &broken, err));
    WF_TRY(write_truth(request->folder, &truth, err));
    for (uint32_t i = 0; i < broken.shape.n_grids; i++)
        broken.area_m2[i] = wf_polygons_area_m2(&broken.shape, i, &measure);
    if (request->n_incidents > 0)
        q.n = request->n_incidents;
    WF_TRY(write_incidents(request, &q, &grids, &broken, keep, err));
    WF_TRY(write_categories(request->folder, err));
    wf_synth_result result = {.n_grids = grids.shape.n_grids,
                              .n_vertices = grids.shape.n_vertices,
                              .area_km2 = grids.area_m2[0] / 1e6,
                              .population = grids.population[0],
                              .n_causes = truth.n_causes,
                              .n_left_out = truth.n_left_out,
                              .n_incidents = q.n};
    WF_TRY(write_redesign(request->folder, &grids, p.seed, &measure, keep, &result, err));
    *out = result;
    return WF_OK;
}
