/* The synth command's flow: seed file → plan → files. */
#include "stage/synth.h"
#include "base/file.h"
#include "bridge/measure.h"
#include "bridge/vector_write.h"
#include "bridge/yaml_read.h"
#include "report/cell.h"
#include "synth/defects.h"
#include "synth/plan.h"
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
enum { N_KEYS = sizeof keys / sizeof *keys };

static wf_code read_params(const char *path, wf_arena *keep, wf_synth_plan_params *p, wf_error *err) {
    wf_yaml yaml;
    const char *known[N_KEYS + 1];
    double seed = (double)p->seed;
    for (size_t i = 0; i < N_KEYS; i++)
        known[i] = keys[i].key;
    known[N_KEYS] = "seed";
    WF_TRY(wf_yaml_read(path, keep, &yaml, err));
    WF_TRY(wf_yaml_check_keys(&yaml, known, N_KEYS + 1, err));
    WF_TRY(wf_yaml_number(&yaml, "seed", 0, 9e15, &seed, err));
    p->seed = (uint64_t)seed;
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

wf_code wf_stage_synth(const wf_synth_request *request, wf_arena *keep, wf_synth_result *out, wf_error *err) {
    wf_synth_plan_params p = wf_synth_plan_defaults();
    wf_measure measure;
    wf_grids grids;
    wf_measure_init(&measure, true);
    WF_TRY(read_params(request->seed_file, keep, &p, err));
    if (request->n_grids > 0)
        scale_to(&p, request->n_grids);
    WF_TRY(check_params(&p, request->seed_file, err));
    WF_TRY(wf_synth_plan_make(&p, &measure, keep, &grids, err));
    if (mkdir(request->folder, 0777) != 0 && errno != EEXIST)
        return wf_fail(err, WF_OUTPUT, "%s: the folder cannot be made: %s", request->folder, strerror(errno));
    wf_grids outline = first_row(&grids);
    WF_TRY(write_to(request->folder, "grids.gpkg", &grids, err));
    WF_TRY(write_to(request->folder, "grids.geojson", &grids, err));
    WF_TRY(write_to(request->folder, "outline.geojson", &outline, err));
    wf_synth_defects_params causes = wf_synth_defects_defaults();
    wf_synth_truth truth;
    wf_grids broken;
    WF_TRY(wf_synth_defects_plant(&grids, &causes, p.seed, &measure, keep, &broken, &truth, err));
    WF_TRY(write_to(request->folder, "grids_defects.gpkg", &broken, err));
    WF_TRY(write_to(request->folder, "grids_defects.geojson", &broken, err));
    WF_TRY(write_truth(request->folder, &truth, err));
    *out = (wf_synth_result){grids.shape.n_grids, grids.shape.n_vertices, grids.area_m2[0] / 1e6,
                             grids.population[0], truth.n_causes,         truth.n_left_out};
    return WF_OK;
}
