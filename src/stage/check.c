/* The check command's flow: read → check each level → write. */
#include "stage/check.h"
#include "base/file.h"
#include "bridge/measure.h"
#include "bridge/vector_read.h"
#include "coverage/check.h"
#include "report/cell.h"
#include <math.h>
#include <string.h>
#include <strings.h>

static const char *const severity_names[] = {"information", "noise", "sliver", "ordinary", "serious"};

typedef struct {
    const wf_check_request *request;
    wf_check_result *result;
    const wf_grids *grids;
    const wf_polygons *outline;
    wf_severity fail_on;
    wf_output out;
    bool geojson;
    uint32_t id;
} flow;

static wf_code read_request(flow *f, wf_error *err) {
    const char *fail_on = f->request->fail_on, *output = f->request->output;
    static const char *const names[] = {"sliver", "ordinary", "serious", "never"};
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
    f->geojson = dot != NULL && strcasecmp(dot, ".geojson") == 0;
    if (dot == NULL || (!f->geojson && strcasecmp(dot, ".csv") != 0))
        return wf_fail(err, WF_USAGE, "-o %s: findings are written as .csv or .geojson", output);
    return WF_OK;
}

/* 1.5 units of the last decimal in metres, held between 0.02 and 0.20. */
static double floor_of(const wf_vector_info *info, const wf_grids *g, const wf_measure *measure) {
    if (!info->geographic || g->shape.n_vertices == 0)
        return 0.02;
    double mx, my;
    measure->scale_m(measure->self, g->shape.x[0], g->shape.y[0], &mx, &my);
    return fmin(fmax(1.5 * pow(10.0, -(double)info->n_decimals) * my, 0.02), 0.20);
}

static void write_codes(flow *f, const wf_defects *d, const wf_defect *row, char *text, size_t room) {
    text[0] = '\0';
    for (uint32_t i = 0; i < row->n_owners; i++) {
        size_t used = strlen(text);
        snprintf(text + used, room - used, "%s%s", i == 0 ? "" : ";", f->grids->code[d->owner[row->owner_first + i]]);
    }
}

static void write_csv(flow *f, const wf_defect *row, const char *codes) {
    FILE *to = f->out.stream;
    fprintf(to, "%u,%s,%s,%s,%u,", f->id, row->rule, row->kind, severity_names[row->severity], row->level);
    wf_cell_write(to, codes, strlen(codes));
    wf_cell_number(to, row->area_m2, 4);
    wf_cell_number(to, row->thickness_m, 6);
    wf_cell_number(to, row->length_m, 2);
    wf_cell_number(to, row->x, 9);
    wf_cell_number(to, row->y, 9);
    fputc('\n', to);
}

static void write_polygon(FILE *to, const wf_polygons *p, uint32_t i) {
    fputs("{\"type\": \"MultiPolygon\", \"coordinates\": [", to);
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        fputs(part == p->grid_start[i] ? "[" : ", [", to);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            fputs(ring == p->part_start[part] ? "[" : ", [", to);
            for (uint32_t k = p->ring_start[ring]; k < p->ring_start[ring + 1]; k++)
                fprintf(to, "%s[%.12g, %.12g]", k == p->ring_start[ring] ? "" : ", ", p->x[k], p->y[k]);
            fputs("]", to);
        }
        fputs("]", to);
    }
    fputs("]}", to);
}

static void write_json_number(FILE *to, const char *name, double value, int decimals) {
    if (isfinite(value))
        fprintf(to, ", \"%s\": %.*f", name, decimals, value);
    else
        fprintf(to, ", \"%s\": null", name);
}

static void write_feature(flow *f, const wf_defects *d, const wf_defect *row, const char *codes) {
    FILE *to = f->out.stream;
    fprintf(to,
            "%s\n{\"type\": \"Feature\", \"properties\": {\"defect_id\": %u, \"rule\": \"%s\", \"kind\": \"%s\", "
            "\"severity\": \"%s\", "
            "\"level\": %u, \"grid_codes\": ",
            f->id == 1 ? "" : ",", f->id, row->rule, row->kind, severity_names[row->severity], row->level);
    wf_cell_json(to, codes);
    write_json_number(to, "area_m2", row->area_m2, 4);
    write_json_number(to, "thickness_m", row->thickness_m, 6);
    write_json_number(to, "length_m", row->length_m, 2);
    write_json_number(to, "lon", row->x, 9);
    write_json_number(to, "lat", row->y, 9);
    fputs("}, \"geometry\": ", to);
    if (row->shape == UINT32_MAX)
        fputs("null", to);
    else
        write_polygon(to, &d->shape, row->shape);
    fputs("}", to);
}

static wf_code note_worst(flow *f, const wf_defect *row, const char *codes, wf_arena *keep, wf_error *err) {
    wf_check_result *r = f->result;
    uint32_t at = r->n_worst;
    while (at > 0 && r->worst[at - 1].area_m2 < row->area_m2)
        at--;
    if (at == WF_CHECK_WORST)
        return WF_OK;
    const char *copy = wf_arena_text(keep, codes, strlen(codes));
    if (copy == NULL)
        return wf_fail_nomem(err);
    r->n_worst += r->n_worst < WF_CHECK_WORST;
    for (uint32_t k = r->n_worst - 1; k > at; k--)
        r->worst[k] = r->worst[k - 1];
    r->worst[at] = (wf_check_worst){row->rule, row->kind, copy, row->area_m2, row->thickness_m, row->x, row->y};
    return WF_OK;
}

static wf_code take_finding(flow *f, const wf_defects *d, const wf_defect *row, wf_arena *keep, wf_error *err) {
    wf_check_result *r = f->result;
    char codes[4096];
    write_codes(f, d, row, codes, sizeof codes);
    f->id++;
    r->n_findings++;
    bool gap = strcmp(row->rule, "G03") == 0 || strcmp(row->rule, "G04") == 0,
         overlap = strcmp(row->rule, "G02") == 0 || strcmp(row->rule, "G10") == 0;
    r->n_noise += row->severity == WF_NOISE;
    r->n_information += row->severity == WF_INFORMATION;
    r->n_invalid += strcmp(row->rule, "G01") == 0;
    r->n_gaps += gap;
    r->n_overlaps += overlap;
    r->gap_m2 += gap ? row->area_m2 : 0;
    r->overlap_m2 += overlap ? row->area_m2 : 0;
    if (row->severity >= WF_NOISE)
        r->seamless_strict = false;
    if (row->severity >= WF_SLIVER)
        r->seamless = false;
    if (row->severity >= f->fail_on)
        r->fails = true;
    if (f->out.stream != NULL && f->geojson)
        write_feature(f, d, row, codes);
    else if (f->out.stream != NULL)
        write_csv(f, row, codes);
    return gap || overlap ? note_worst(f, row, codes, keep, err) : WF_OK;
}

static wf_code check_levels(flow *f, const wf_vector_info *info, const wf_measure *measure, wf_arena *keep,
                            wf_error *err) {
    bool present[256] = {false};
    const wf_grids *g = f->grids;
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        present[g->level[i]] = true;
    if (f->request->at_level > 255 || (f->request->at_level > 0 && !present[f->request->at_level]))
        return wf_fail(err, WF_USAGE, "%s: no grid is at level %u", f->request->grids, f->request->at_level);
    for (int level = 255; level >= 0; level--) {
        if (!present[level] || (f->request->at_level > 0 && (uint32_t)level != f->request->at_level))
            continue;
        wf_defects defects;
        f->result->n_levels++;
        WF_TRY(wf_coverage_check(g, (uint8_t)level, f->outline, f->result->floor_m, info->geographic, measure, keep,
                                 &defects, err));
        for (uint32_t i = 0; i < g->shape.n_grids; i++)
            f->result->n_grids += g->level[i] == level && g->role[i] == WF_ROLE_PARTITION;
        for (uint32_t i = 0; i < defects.n; i++)
            WF_TRY(take_finding(f, &defects, &defects.row[i], keep, err));
    }
    return WF_OK;
}

wf_code wf_stage_check(const wf_check_request *request, wf_arena *keep, wf_check_result *out, wf_error *err) {
    wf_check_result result = {.seamless = true, .seamless_strict = true};
    wf_grids grids;
    wf_vector_info info;
    wf_measure measure;
    flow f = {.request = request, .result = &result, .grids = &grids};
    wf_vector_fields fields = {
        .code = request->code, .name = request->name, .level = request->level, .parent = request->parent};
    WF_TRY(read_request(&f, err));
    WF_TRY(wf_vector_read_grids(request->grids, &fields, keep, &grids, &info, err));
    wf_polygons outline;
    if (request->outline != NULL) {
        WF_TRY(wf_vector_read_outline(request->outline, keep, &outline, err));
        f.outline = &outline;
    }
    wf_measure_init(&measure, info.geographic);
    result.n_vertices = grids.shape.n_vertices;
    result.crs = info.crs;
    result.floor_m = request->floor_m >= 0 ? request->floor_m : floor_of(&info, &grids, &measure);
    wf_code code = WF_OK;
    if (request->output != NULL) {
        WF_GO(wf_output_open(&f.out, request->output, err));
        fputs(f.geojson ? "{\"type\": \"FeatureCollection\", \"name\": \"defects\", \"features\": ["
                        : "\xEF\xBB\xBF"
                          "defect_id,rule,kind,severity,level,grid_codes,area_m2,thickness_m,length_m,lon,lat\n",
              f.out.stream);
    }
    WF_GO(check_levels(&f, &info, &measure, keep, err));
    if (request->output != NULL) {
        if (f.geojson)
            fputs("\n]}\n", f.out.stream);
        WF_GO(wf_output_publish(&f.out, err));
    }
    *out = result;
done:
    wf_output_drop(&f.out);
    return code;
}
