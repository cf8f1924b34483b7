/* The check's result for scripts. */
#include "report/cell.h"
#include "stage/check.h"
#include "stage/defects.h"
#include <math.h>

static void write_number(FILE *to, const char *name, double value, int decimals) {
    if (isfinite(value))
        fprintf(to, ", \"%s\": %.*f", name, decimals, value);
    else
        fprintf(to, ", \"%s\": null", name);
}

static void write_defect(const wf_check_result *r, uint32_t i, FILE *to) {
    const wf_defect *d = &r->defects.row[i];
    fprintf(to, "%s\n  {\"id\": %u, \"rule\": \"%s\", \"kind\": ", i == 0 ? "" : ",", i + 1, d->rule);
    wf_cell_json(to, d->kind);
    fprintf(to, ", \"severity\": \"%s\", \"grids\": [", wf_severity_name(d->severity));
    for (uint32_t k = 0; k < d->n_owners; k++) {
        fputs(k == 0 ? "" : ", ", to);
        wf_cell_json(to, r->grids.code[r->defects.owner[d->owner_first + k]]);
    }
    fputc(']', to);
    write_number(to, "area_m2", d->area_m2, 4);
    write_number(to, "thickness_m", d->thickness_m, 6);
    write_number(to, "lon", d->x, 9);
    write_number(to, "lat", d->y, 9);
    fputc('}', to);
}

void wf_stage_check_json(const wf_check_result *r, FILE *to) {
    static const char *const words[] = {"not_seamless", "seamless"};
    fprintf(to,
            "{\"verdict\": \"%s\", \"verdict_strict\": \"%s\", \"grids\": %u, \"vertices\": %u, \"floor_m\": %.4f, "
            "\"outline\": %s, \"area_m2\": %.1f, \"gaps\": {\"n\": %u, \"area_m2\": %.4f}, "
            "\"overlaps\": {\"n\": %u, \"area_m2\": %.4f}, \"by_rule\": {",
            words[r->seamless], words[r->seamless_strict], r->n_grids, r->n_vertices, r->floor_m,
            r->outline ? "true" : "false", r->area_m2, r->n_gaps, r->gap_m2, r->n_overlaps, r->overlap_m2);
    const char *comma = "";
    for (int rule = 1; rule <= WF_CHECK_RULES; rule++) {
        if (r->by_rule[rule] == 0)
            continue;
        fprintf(to, "%s\"G%02d\": %u", comma, rule, r->by_rule[rule]);
        comma = ", ";
    }
    fputs("}", to);
    if (r->compared)
        fprintf(to, ", \"since\": {\"new\": %u, \"persisting\": %u, \"fixed\": %u}", r->n_new, r->n_persisting,
                r->n_fixed);
    fputs(", \"defects\": [", to);
    for (uint32_t i = 0; i < r->defects.n; i++)
        write_defect(r, i, to);
    fputs("]}\n", to);
}
