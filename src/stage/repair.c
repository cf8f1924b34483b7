/* The repair command's flow: read → repair one level or all → check it strictly → ledger → write. */
#include "stage/repair.h"
#include "base/file.h"
#include "base/text.h"
#include "bridge/measure.h"
#include "bridge/vector_copy.h"
#include "bridge/vector_read.h"
#include "coverage/cover.h"
#include "coverage/levels.h"
#include "coverage/parents.h"
#include "report/cell.h"
#include "report/table.h"
#include "stage/align.h"
#include "stage/check.h"
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

typedef struct {
    const wf_repair_request *request;
    wf_repair_summary *sum;
    wf_grids grids;
    wf_vector_info info;
    wf_measure measure;
    wf_check_params check;
    wf_grids allowed;
    wf_repair_params params;
    wf_repair_result result;
    wf_defects left;
    wf_output ledger;
} flow;

/* ---- what was asked --------------------------------------------------------------------------------------------- */

static wf_code read_order(flow *f, wf_error *err) {
    const char *text = f->request->order == NULL ? "priority,locked,border,area,code" : f->request->order;
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, ",");
        wf_repair_rule rule = 0;
        while (rule < WF_REPAIR_ORDERED &&
               (strlen(wf_repair_rule_name(rule)) != n || strncmp(wf_repair_rule_name(rule), at, n) != 0))
            rule++;
        for (uint32_t k = 0; k < f->params.n_order; k++)
            if (f->params.order[k] == rule)
                return wf_fail(err, WF_USAGE, "--overlap-order %s: \"%.*s\" stands there twice", text, (int)n, at);
        if (rule == WF_REPAIR_ORDERED)
            return wf_fail(err, WF_USAGE, "--overlap-order takes priority, locked, border, area and code, not \"%.*s\"",
                           (int)n, at);
        f->params.order[f->params.n_order++] = rule;
        at += n;
        at += *at == ',';
    }
    return WF_OK;
}

static wf_code name_ledger(flow *f, wf_error *err) {
    const wf_repair_request *q = f->request;
    const char *output = q->output, *dot = output == NULL ? NULL : strrchr(output, '.');
    if (output == NULL && !(q->dry_run && q->ledger != NULL))
        return wf_fail(err, WF_USAGE, "needs -o OUT.gpkg or OUT.geojson%s", q->dry_run ? ", or --ledger FILE.csv" : "");
    if (output != NULL && (dot == NULL || (strcasecmp(dot, ".gpkg") != 0 && strcasecmp(dot, ".geojson") != 0)))
        return wf_fail(err, WF_USAGE, "-o %s: grids are written as .gpkg or .geojson", output);
    int n = q->ledger != NULL
                ? snprintf(f->sum->ledger, sizeof f->sum->ledger, "%s", q->ledger)
                : snprintf(f->sum->ledger, sizeof f->sum->ledger, "%.*s.ledger.csv", (int)(dot - output), output);
    return n > 0 && (size_t)n < sizeof f->sum->ledger ? WF_OK
                                                      : wf_fail(err, WF_USAGE, "the name of the ledger is too long");
}

/* An input is never changed. */
static wf_code refuse_input(const char *source, const char *output, wf_error *err) {
    struct stat a, b;
    char path[4096];
    if (output == NULL || stat(output, &b) != 0)
        return WF_OK;
    snprintf(path, sizeof path, "%s", source);
    if (stat(path, &a) != 0 && strrchr(path, ':') != NULL)
        *strrchr(path, ':') = '\0';
    if (stat(path, &a) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return wf_fail(err, WF_USAGE, "-o %s: is the file of the grids, which stays as it is: name another one",
                       output);
    return WF_OK;
}

static wf_code read_request(flow *f, wf_error *err) {
    WF_TRY(read_order(f, err));
    WF_TRY(name_ledger(f, err));
    WF_TRY(refuse_input(f->request->grids, f->request->output, err));
    WF_TRY(refuse_input(f->request->grids, f->sum->ledger, err));
    return f->request->allowed_gaps == NULL ? WF_OK : refuse_input(f->request->allowed_gaps, f->request->output, err);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static wf_code pick_level(flow *f, wf_error *err) {
    const wf_grids *g = &f->grids;
    wf_repair_summary *s = f->sum;
    uint32_t count[256] = {0};
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        count[g->level[i]] += g->role[i] == WF_ROLE_PARTITION;
    s->level = f->request->at_level;
    for (uint32_t level = 0; level < 256; level++) {
        s->n_levels += count[level] > 0;
        if (f->request->at_level == 0 && count[level] > 0)
            s->level = level;
    }
    if (s->level > 255 || count[s->level] == 0)
        return wf_fail(err, WF_USAGE, "%s: no grid is at level %u", f->request->grids, s->level);
    for (uint32_t level = 0; level < 256; level++)
        s->n_grids += f->request->at_level == 0 || level == s->level ? count[level] : 0;
    s->n_repaired = f->request->at_level > 0 ? 1 : s->n_levels;
    for (uint32_t level = 1; level < s->level; level++)
        s->coarser |= count[level] > 0 && f->request->at_level > 0;
    return WF_OK;
}

/* Vertices are made on the decimals of the file; but not so coarse that borders move, nor finer than anyone measures.
 */
static uint32_t decimals_of(const wf_vector_info *info) {
    uint32_t low = info->geographic ? 6 : 2, high = info->geographic ? 9 : 4;
    return info->n_decimals < low ? low : info->n_decimals > high ? high : info->n_decimals;
}

static wf_code read_all(flow *f, wf_arena *keep, wf_error *err) {
    const wf_repair_request *q = f->request;
    const wf_vector_fields fields = {.code = q->code,
                                     .name = q->name,
                                     .level = q->level,
                                     .parent = q->parent,
                                     .priority = q->priority,
                                     .locked = q->locked};
    wf_vector_info info;
    WF_TRY(wf_vector_read_grids(q->grids, &fields, keep, &f->grids, &f->info, err));
    WF_TRY(pick_level(f, err));
    if (q->allowed_gaps != NULL) {
        WF_TRY(wf_vector_read_areas(q->allowed_gaps, keep, &f->allowed, &info, err));
        wf_polygons *shape = &f->allowed.shape;
        WF_TRY(wf_stage_align(q->allowed_gaps, &info, &f->info, shape->n_vertices, shape->x, shape->y, err));
    }
    wf_measure_init(&f->measure, f->info.geographic);
    f->sum->floor_m = q->floor_m >= 0 ? q->floor_m : wf_stage_floor_m(&f->info, &f->grids, &f->measure);
    f->sum->n_decimals = decimals_of(&f->info);
    f->check = (wf_check_params){.allowed = q->allowed_gaps != NULL ? &f->allowed.shape : NULL,
                                 .floor_m = f->sum->floor_m,
                                 .geographic = f->info.geographic,
                                 .measure = &f->measure,
                                 .pool = q->pool,
                                 .cancelled = q->cancelled};
    f->params.check = &f->check;
    f->params.n_decimals = f->sum->n_decimals;
    f->params.gap_thickness_m = q->gap_thickness_m >= 0 ? q->gap_thickness_m : INFINITY;
    f->params.gap_area_m2 = q->gap_area_m2 >= 0 ? q->gap_area_m2 : INFINITY;
    f->params.priority = q->priority != NULL ? f->grids.priority : NULL;
    f->params.locked = q->locked != NULL ? f->grids.locked : NULL;
    return WF_OK;
}

/* ---- what is left ----------------------------------------------------------------------------------------------- */

static bool is_left(const wf_defect *d) {
    return d->severity >= WF_NOISE && d->excused == UINT32_MAX && d->see == UINT32_MAX;
}

/* Why a finding is still there. */
static const char *reason_of(const flow *f, const wf_defect *d) {
    if (strcmp(d->rule, "G08") == 0)
        return "columns stay as they are";
    if (strcmp(d->rule, "G05") == 0 || strcmp(d->rule, "G15") == 0)
        return "did not nest before";
    for (uint32_t i = 0; i < f->result.n_left; i++) {
        const wf_left *left = &f->result.left[i];
        if (left->grid == UINT32_MAX) {
            if (d->shape != UINT32_MAX && wf_cover_holds(&f->left.shape, d->shape, left->x, left->y))
                return wf_left_reason_name(left->reason);
            continue;
        }
        for (uint32_t k = 0; k < d->n_owners; k++)
            if (f->left.owner[d->owner_first + k] == left->grid)
                return wf_left_reason_name(left->reason);
    }
    return wf_left_reason_name(WF_LEFT_UNSETTLED);
}

static wf_code join_codes(const flow *f, const wf_defect *d, wf_arena *keep, const char **out, wf_error *err) {
    size_t room = 1, at = 0;
    for (uint32_t k = 0; k < d->n_owners; k++)
        room += strlen(f->grids.code[f->left.owner[d->owner_first + k]]) + 1;
    char *text = wf_arena_alloc(keep, room, 1);
    if (text == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < d->n_owners; k++) {
        const char *code = f->grids.code[f->left.owner[d->owner_first + k]];
        size_t n = strlen(code);
        if (k > 0)
            text[at++] = ';';
        memcpy(text + at, code, n);
        at += n;
    }
    *out = text;
    return WF_OK;
}

/* The strict check of the level as it will be written. */
static wf_code check_result(flow *f, wf_arena *keep, wf_error *err) {
    wf_grids now = f->grids;
    wf_repair_summary *s = f->sum;
    now.shape = f->result.shape;
    WF_TRY(wf_coverage_check_levels(&now, (uint8_t)f->request->at_level, &f->check, keep, &f->left, err));
    for (uint32_t i = 0; i < f->left.n; i++) {
        const wf_defect *d = &f->left.row[i];
        s->n_excused += d->excused != UINT32_MAX;
        if (!is_left(d))
            continue;
        if (s->n_shown < WF_REPAIR_SHOWN) {
            wf_repair_left_row *row = &s->shown[s->n_shown++];
            *row = (wf_repair_left_row){d->rule, reason_of(f, d), NULL, d->area_m2, d->x, d->y};
            WF_TRY(join_codes(f, d, keep, &row->codes, err));
        }
        s->n_left++;
    }
    return WF_OK;
}

/* ---- the ledger ------------------------------------------------------------------------------------------------- */

typedef struct {
    const char **kind, **from, **to, **rule;
    double *area_m2, *x, *y;
    uint32_t n;
} rows;

static wf_code make_room(rows *r, uint32_t n, wf_arena *keep, wf_error *err) {
    const char ***texts[] = {&r->kind, &r->from, &r->to, &r->rule};
    double **numbers[] = {&r->area_m2, &r->x, &r->y};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((*texts[i] = WF_NEW(keep, const char *, n)) == NULL)
            return wf_fail_nomem(err);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if ((*numbers[i] = WF_NEW(keep, double, n)) == NULL)
            return wf_fail_nomem(err);
    return WF_OK;
}

static void put_row(rows *r, const char *const text[4], double area_m2, double x, double y) {
    r->kind[r->n] = text[0];
    r->from[r->n] = text[1];
    r->to[r->n] = text[2];
    r->rule[r->n] = text[3];
    r->area_m2[r->n] = area_m2;
    r->x[r->n] = x;
    r->y[r->n++] = y;
}

static wf_code fill_rows(const flow *f, rows *r, wf_arena *keep, wf_error *err) {
    WF_TRY(make_room(r, f->result.n_transfers + f->left.n, keep, err));
    for (uint32_t i = 0; i < f->result.n_transfers; i++) {
        const wf_transfer *t = &f->result.transfer[i];
        const bool gap = t->from == UINT32_MAX;
        const char *const text[] = {gap ? "gap" : "overlap", gap ? "" : f->grids.code[t->from], f->grids.code[t->to],
                                    wf_repair_rule_name(t->rule)};
        put_row(r, text, t->area_m2, t->x, t->y);
    }
    for (uint32_t i = 0; i < f->left.n; i++) {
        const wf_defect *d = &f->left.row[i];
        const char *text[] = {"left", "", "", ""};
        if (!is_left(d))
            continue;
        text[3] = reason_of(f, d);
        WF_TRY(join_codes(f, d, keep, &text[1], err));
        put_row(r, text, d->area_m2, d->x, d->y);
    }
    return WF_OK;
}

static wf_code write_ledger(flow *f, wf_arena *keep, wf_error *err) {
    rows r = {0};
    WF_TRY(fill_rows(f, &r, keep, err));
    const wf_column column[] = {
        {"kind", r.kind, NULL, 0}, {"from", r.from, NULL, 0}, {"to", r.to, NULL, 0}, {"area_m2", NULL, r.area_m2, 4},
        {"rule", r.rule, NULL, 0}, {"lon", NULL, r.x, 9},     {"lat", NULL, r.y, 9}};
    const wf_table table = {
        .name = "ledger", .n_rows = r.n, .n_columns = sizeof column / sizeof *column, .column = column};
    wf_table_csv(&table, f->ledger.stream);
    return WF_OK;
}

static void note_largest(flow *f) {
    wf_repair_summary *s = f->sum;
    for (uint32_t i = 0; i < f->result.n_transfers; i++) {
        const wf_transfer *t = &f->result.transfer[i];
        if (t->area_m2 <= s->largest_m2)
            continue;
        s->largest_m2 = t->area_m2;
        s->largest_x = t->x;
        s->largest_y = t->y;
        s->largest_from = t->from == UINT32_MAX ? "" : f->grids.code[t->from];
        s->largest_to = f->grids.code[t->to];
    }
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

wf_code wf_stage_repair(const wf_repair_request *request, wf_arena *keep, wf_repair_summary *out, wf_error *err) {
    wf_repair_summary sum = {0};
    flow f = {.request = request, .sum = &sum};
    wf_code code = WF_OK;
    WF_TRY(read_request(&f, err));
    WF_TRY(read_all(&f, keep, err));
    /* An output that cannot be written is better known before the work. */
    WF_GO(wf_output_open(&f.ledger, sum.ledger, err));
    if (request->at_level > 0)
        WF_GO(wf_coverage_repair(&f.grids, (uint8_t)sum.level, &f.params, keep, &f.result, err));
    else
        WF_GO(
            wf_coverage_repair_levels(&f.grids, &f.params, keep, &f.result, &sum.n_redrawn, &sum.n_parents_left, err));
    WF_GO(check_result(&f, keep, err));
    WF_GO(write_ledger(&f, keep, err));
    if (!request->dry_run)
        WF_GO(wf_vector_copy(request->grids, request->output, &f.result.shape, f.result.changed, err));
    WF_GO(wf_output_publish(&f.ledger, err));
    sum.n_changed = f.result.n_changed;
    sum.n_gaps = f.result.n_gaps;
    sum.n_overlaps = f.result.n_overlaps;
    sum.n_transfers = f.result.n_transfers;
    sum.n_passes = f.result.n_passes;
    sum.moved_m2 = f.result.moved_m2;
    note_largest(&f);
    *out = sum;
done:
    wf_output_drop(&f.ledger);
    return code;
}

void wf_stage_repair_json(const wf_repair_summary *s, FILE *to) {
    fprintf(to,
            "{\"verdict_strict\": \"%s\", \"level\": %u, \"levels\": %u, \"grids\": %u, \"changed\": %u, \"floor_m\": "
            "%.4f, "
            "\"decimals\": %u, \"gaps\": %u, \"overlaps\": %u, \"moved_m2\": %.4f, \"transfers\": %u, \"left\": %u, "
            "\"excused\": %u, \"passes\": %u, \"parents_redrawn\": %u, "
            "\"parents_left\": %u, \"ledger\": ",
            s->n_left == 0 ? "seamless" : "not_seamless", s->level, s->n_repaired, s->n_grids, s->n_changed, s->floor_m,
            s->n_decimals, s->n_gaps, s->n_overlaps, s->moved_m2, s->n_transfers, s->n_left, s->n_excused, s->n_passes,
            s->n_redrawn, s->n_parents_left);
    wf_cell_json(to, s->ledger);
    fputs("}\n", to);
}
