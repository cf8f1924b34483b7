/* The assign and tally commands: one source through the stream, then rows out. */
#include "stage/incidents.h"
#include "report/cell.h"
#include "stage/categories.h"
#include "stage/systems.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
    const wf_incidents_request *request;
    wf_incidents_result *result;
    wf_arena *keep;
    wf_source source;
    wf_stream stream;
    wf_output out, rejects, flags, by;
    wf_rows_rules rules;
    wf_categories categories;
    bool by_category, by_period, by_hour;
} flow;

static wf_code open_flow(flow *f, bool placings, wf_error *err) {
    const wf_incidents_request *r = f->request;
    wf_aliases aliases;
    WF_TRY(wf_aliases_load(r->aliases, f->keep, &aliases, err));
    WF_TRY(wf_source_open(&r->source, &aliases, r->pool, f->keep, &f->source, err));
    wf_plan_request plan = r->plan;
    plan.fields.aliases = &aliases;
    plan.notices = &f->result->notices;
    WF_TRY(wf_stage_plan(&plan, f->keep, &f->result->plan, err));
    WF_TRY(wf_stage_systems(&f->result->plan, 1, &f->source, plan.notices, err));
    if (f->by_category && f->source.column[WF_COLUMN_CATEGORY] < 0)
        return wf_fail(err, WF_USAGE, "%s: there is no category column: name it with --category", r->source.path);
    if ((f->by_period || f->by_hour) && f->source.column[WF_COLUMN_TIME] < 0)
        return wf_fail(err, WF_USAGE, "%s: there is no time column: name it with --time", r->source.path);
    const char *slash = strrchr(r->output, '/');
    char *folder = slash == NULL ? NULL : wf_arena_text(f->keep, r->output, (size_t)(slash - r->output));
    if (slash != NULL && folder == NULL)
        return wf_fail_nomem(err);
    f->rules = r->rules;
    if (r->categories != NULL) {
        WF_TRY(wf_categories_read(r->categories, f->keep, &f->categories, err));
        f->rules.categories = &f->categories;
        f->by_category = f->source.column[WF_COLUMN_CATEGORY] >= 0;
    }
    wf_stream_config config = {.plan = &f->result->plan,
                               .rules = &f->rules,
                               .sources = &f->source,
                               .n_sources = 1,
                               .by_category = f->by_category,
                               .by_hour = f->by_hour,
                               .keep_placings = placings,
                               .spill_folder = slash == NULL ? "." : folder,
                               .pool = r->pool,
                               .cancelled = r->cancelled,
                               .notices = plan.notices};
    WF_TRY(wf_stream_run(&config, &f->stream, err));
    f->result->accounts = f->stream.total;
    f->result->delimiter = f->source.delimiter;
    f->result->encoding = f->source.encoding;
    f->result->x_name = f->source.column_name[WF_COLUMN_X];
    f->result->y_name = f->source.column_name[WF_COLUMN_Y];
    return WF_OK;
}

static void close_flow(flow *f) {
    wf_output_drop(&f->by);
    wf_output_drop(&f->flags);
    wf_output_drop(&f->rejects);
    wf_output_drop(&f->out);
    wf_stream_close(&f->stream);
    wf_source_close(&f->source);
}

/* ---- assign ----------------------------------------------------------------------------------------------------- */

static void write_assigned_header(flow *f) {
    FILE *to = f->out.stream;
    const wf_source *s = &f->source;
    const wf_plan *p = &f->result->plan;
    size_t n = s->body;
    if (s->request->headless) { /* no header in, none out; what stands before the rows is at most a byte order mark */
        fwrite(s->text.bytes, 1, n, to);
        return;
    }
    while (n > 0 && (s->text.bytes[n - 1] == '\n' || s->text.bytes[n - 1] == '\r'))
        n--;
    fwrite(s->text.bytes, 1, n, to);
    for (int level = p->finest; level >= 0; level--) {
        if (p->locator[level] == NULL)
            continue;
        fprintf(to, level == p->finest ? "%cgrid_code" : "%cgrid_code_%d", s->delimiter, level);
    }
    fprintf(to, "%cplaced%crule\n", s->delimiter, s->delimiter);
}

/* A record as it came; one with a stray quote with its fields quoted, or the quote would take in the added columns. */
static void write_record(FILE *to, const wf_source *s, wf_csv_status status, const wf_csv_field *field, uint32_t n,
                         const char *record, size_t n_bytes) {
    if (status != WF_CSV_UNCLOSED) {
        fwrite(record, 1, n_bytes, to);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool quote = field[i].quoted || memchr(field[i].bytes, '"', field[i].n) != NULL;
        fputs(i == 0 ? "" : (char[]){s->delimiter, '\0'}, to);
        fputs(quote ? "\"" : "", to);
        for (uint32_t k = 0; k < field[i].n; k++) {
            fputc(field[i].bytes[k], to);
            if (!field[i].quoted && field[i].bytes[k] == '"')
                fputc('"', to);
        }
        fputs(quote ? "\"" : "", to);
    }
}

/* The grids and the verdict on a row, behind the fields that a line cut short lacks. */
static void write_assigned(flow *f, uint32_t n_fields, const wf_placing *w, bool twin) {
    static const char *const words[] = {"outside", "inside", "boundary", "overlap"};
    const wf_plan *p = &f->result->plan;
    FILE *to = f->out.stream;
    const char delimiter = f->source.delimiter, *by_level[WF_PLAN_LEVELS] = {NULL};
    bool placed = !twin && (w->state == WF_ROW_ASSIGNED || w->state == WF_ROW_OUTSIDE);
    for (uint32_t i = placed ? w->grid : UINT32_MAX; i != UINT32_MAX; i = p->parent[i])
        by_level[p->grids.level[i]] = p->grids.code[i];
    for (uint32_t n = n_fields; n < f->source.n_fields; n++)
        fputc(delimiter, to);
    for (int level = p->finest; level >= 0; level--) {
        if (p->locator[level] == NULL)
            continue;
        fputc(delimiter, to);
        if (by_level[level] != NULL)
            wf_cell_put(to, by_level[level], strlen(by_level[level]), delimiter);
    }
    fprintf(to, "%c%s%c%s\n", delimiter,
            twin                               ? "duplicate"
            : w->state == WF_ROW_REJECTED      ? "rejected"
            : w->state == WF_ROW_OUT_OF_PERIOD ? "out_of_period"
                                               : words[w->placed],
            delimiter, twin ? "I08" : wf_rule_code((wf_rule)w->rule));
}

/* The text is gone through once more beside what the stream kept of each row. */
static wf_code write_rows(flow *f, wf_error *err) {
    const wf_source *s = &f->source;
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    const wf_row_name *twins;
    size_t n_twins, twin = 0, at = s->body, start;
    uint32_t n;
    wf_placing w;
    wf_stream_duplicates(&f->stream, &twins, &n_twins);
    for (uint64_t row = 1;; row++) {
        wf_csv_status status = wf_csv_next(s->text.bytes, s->text.n, s->delimiter, &at, fields, &n, &start);
        if (status == WF_CSV_END)
            return wf_source_whole(s, err);
        if (fread(&w, sizeof w, 1, f->stream.placings) != 1) {
            WF_TRY(wf_source_whole(s, err));
            return wf_fail(err, WF_INTERNAL, "row %llu has no place", (unsigned long long)row);
        }
        if (row % 65536 == 0 && f->request->cancelled != NULL && *f->request->cancelled)
            return wf_fail(err, WF_CANCELLED, "stopped by a signal; nothing was written");
        size_t stop = at;
        while (stop > start && (s->text.bytes[stop - 1] == '\n' || s->text.bytes[stop - 1] == '\r'))
            stop--;
        bool is_twin = twin < n_twins && twins[twin].row == row;
        twin += is_twin;
        write_record(f->out.stream, s, status, fields, n, s->text.bytes + start, stop - start);
        write_assigned(f, n, &w, is_twin);
    }
}

static wf_code spare_inputs(const wf_incidents_request *q, wf_error *err) {
    const char *const inputs[] = {q->plan.source, q->source.path, q->aliases, q->categories};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        WF_TRY(wf_output_spares(q->output, inputs[i], err));
    return WF_OK;
}

wf_code wf_stage_assign(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out, wf_error *err) {
    wf_incidents_result result = {.delimiter = ',', .notices = {.keep = keep}};
    flow f = {.request = request, .result = &result, .keep = keep};
    wf_code code;
    WF_GO(spare_inputs(request, err));
    WF_GO(wf_output_open(&f.out, request->output, err));
    WF_GO(open_flow(&f, true, err));
    write_assigned_header(&f);
    WF_GO(write_rows(&f, err));
    WF_GO(wf_output_publish(&f.out, err));
    *out = result;
done:
    close_flow(&f);
    return code;
}

/* ---- tally ------------------------------------------------------------------------------------------------------ */

typedef struct {
    uint8_t level;
    uint32_t grid;
    const char *code;
} load_key;

static int by_level_code(const void *a, const void *b) {
    const load_key *p = a, *q = b;
    if (p->level != q->level)
        return p->level < q->level ? -1 : 1;
    int order = strcmp(p->code, q->code);
    return order != 0 ? order : p->grid < q->grid ? -1 : p->grid > q->grid;
}

static wf_code order_grids(flow *f, load_key **out, wf_error *err) {
    const wf_grids *g = &f->result->plan.grids;
    uint32_t n = g->shape.n_grids;
    load_key *order = WF_NEW(f->keep, load_key, n);
    if (order == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        order[i] = (load_key){g->level[i], i, g->code[i]};
    qsort(order, n, sizeof *order, by_level_code);
    *out = order;
    return WF_OK;
}

static void write_load_row(FILE *to, const wf_grids *g, const wf_load *l, uint32_t i) {
    bool counted = g->role[i] == WF_ROLE_PARTITION;
    wf_cell_write(to, g->code[i], strlen(g->code[i]));
    fputc(',', to);
    wf_cell_write(to, g->name[i], strlen(g->name[i]));
    fprintf(to, ",%u,", g->level[i]);
    wf_cell_write(to, g->parent[i], strlen(g->parent[i]));
    fputc(',', to);
    wf_cell_write(to, g->kind[i], strlen(g->kind[i]));
    wf_cell_number(to, g->households[i], 0);
    wf_cell_number(to, g->population[i], 0);
    wf_cell_number(to, g->floating_pop[i], 0);
    wf_cell_number(to, g->workers[i], 0);
    wf_cell_number(to, g->area_m2[i], 1);
    wf_cell_number(to, counted ? (double)l->incidents[i] : NAN, 0);
    wf_cell_number(to, counted ? l->low[i] : NAN, 1);
    wf_cell_number(to, counted ? l->high[i] : NAN, 1);
    wf_cell_number(to, counted ? (double)l->default_point[i] : NAN, 0);
    wf_cell_number(to, counted ? (double)l->milliminutes[i] / 1000 : NAN, 1);
    wf_cell_number(to, counted ? l->per_1000[i] : NAN, 3);
    wf_cell_number(to, counted ? l->per_km2[i] : NAN, 3);
    wf_cell_number(to, counted ? l->per_worker[i] : NAN, 3);
    wf_cell_number(to, counted ? l->ratio[i] : NAN, 3);
    fprintf(to, ",%s", wf_grade_name((wf_grade)l->grade[i]));
    wf_cell_number(to, l->rank[i] > 0 ? (double)l->rank[i] : NAN, 0);
    wf_cell_number(to, counted ? (double)l->unassigned[i] : NAN, 0);
    fputc('\n', to);
}

static wf_code write_load(flow *f, const load_key *order, wf_error *err) {
    (void)err;
    FILE *to = f->out.stream;
    fputs("\xEF\xBB\xBFgrid_code,grid_name,level,parent_code,kind,households,population,floating_pop,workers,area_m2,"
          "incidents,incidents_lo,incidents_hi,incidents_default_point,minutes,per_1000,per_km2,per_worker,load_ratio,"
          "grade,load_rank,unassigned\n",
          to);
    for (uint32_t k = 0; k < f->result->plan.grids.shape.n_grids; k++)
        write_load_row(to, &f->result->plan.grids, &f->result->load, order[k].grid);
    return WF_OK;
}

/* source,row,rule,detail,x,y,id */
static wf_code write_remark(void *self, const wf_remark *r, wf_error *err) {
    (void)err;
    flow *f = self;
    FILE *to = r->counted ? f->flags.stream : f->rejects.stream;
    wf_cell_write(to, r->source->name, strlen(r->source->name));
    fprintf(to, ",%llu,%s,", (unsigned long long)r->row, wf_rule_code(r->rule));
    wf_cell_write(to, r->detail, strlen(r->detail));
    const char *const raw[] = {r->x, r->y, r->id};
    for (int i = 0; i < 3; i++) {
        fputc(',', to);
        wf_cell_write(to, raw[i], strlen(raw[i]));
    }
    fputc('\n', to);
    return WF_OK;
}

/* OUT.csv → OUT.<what>.csv */
static wf_code open_beside(flow *f, const char *what, wf_output *out, const char **name, const char *header,
                           wf_error *err) {
    char path[4096];
    const char *base = f->request->output;
    size_t n = strlen(base);
    if (n > 4 && strcasecmp(base + n - 4, ".csv") == 0)
        n -= 4;
    if (snprintf(path, sizeof path, "%.*s.%s.csv", (int)n, base, what) >= (int)sizeof path)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", base);
    WF_TRY(wf_output_open(out, path, err));
    *name = wf_arena_text(f->keep, path, strlen(path));
    fputs(header, out->stream);
    return *name == NULL ? wf_fail_nomem(err) : WF_OK;
}

static void write_count(FILE *to, const char *code, const char *dimension, const char *value, uint32_t n) {
    if (n == 0)
        return;
    wf_cell_write(to, code, strlen(code));
    fprintf(to, ",%s,", dimension);
    wf_cell_write(to, value, strlen(value));
    fprintf(to, ",%u\n", n);
}

typedef struct {
    const char *name;
    uint32_t number;
} named;

static int by_name(const void *a, const void *b) {
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static wf_code order_categories(flow *f, named **out, uint32_t *n, wf_error *err) {
    *n = f->by_category ? f->stream.tally.n_categories : 0;
    named *list = WF_NEW(f->keep, named, *n);
    if (list == NULL)
        return wf_fail_nomem(err);
    for (uint32_t c = 0; c < *n; c++)
        list[c] = (named){wf_rows_category(f->stream.rows, c), c};
    qsort(list, *n, sizeof *list, by_name);
    *out = list;
    return WF_OK;
}

/* grid_code,dimension,value,incidents: the grids that incidents were given to, and parents with unassigned ones. */
static wf_code write_long(flow *f, const load_key *order, wf_error *err) {
    const wf_tally *t = &f->stream.tally;
    const wf_grids *g = &f->result->plan.grids;
    FILE *to = f->by.stream;
    named *category = NULL;
    uint32_t n_categories, n_periods = t->shape.n_periods;
    char text[32];
    WF_TRY(order_categories(f, &category, &n_categories, err));
    for (uint32_t k = 0; k < g->shape.n_grids; k++) {
        uint32_t i = order[k].grid;
        for (uint32_t c = 0; c < n_categories; c++)
            if (t->by_category[category[c].number] != NULL)
                write_count(to, g->code[i], "category", category[c].name, t->by_category[category[c].number][i]);
        for (uint32_t p = 0; f->by_period && p <= n_periods; p++) {
            if (p < n_periods)
                wf_rows_period_name(f->stream.rows, p, text);
            write_count(to, g->code[i], "period", p < n_periods ? text : "unknown",
                        t->by_period[(size_t)i * (n_periods + 1) + p]);
        }
        for (uint32_t h = 0; f->by_hour && h < WF_TALLY_HOURS; h++) {
            snprintf(text, sizeof text, "%u %02u", h / 24 + 1, h % 24);
            write_count(to, g->code[i], "weekday hour", text, t->by_hour[(size_t)i * WF_TALLY_HOURS + h]);
        }
    }
    return WF_OK;
}

static wf_code read_by(flow *f, wf_error *err) {
    static const char *const words[] = {"category", "period", "hour"};
    bool *const flags[] = {&f->by_category, &f->by_period, &f->by_hour};
    for (const char *p = f->request->by; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ","), w = 0;
        while (w < 3 && (strlen(words[w]) != n || memcmp(words[w], p, n) != 0))
            w++;
        if (w == 3)
            return wf_fail(err, WF_USAGE, "--by takes category, period and hour, not \"%.*s\"", (int)n, p);
        *flags[w] = true;
        p += n + (p[n] == ',');
    }
    if (f->by_period && f->request->rules.period == WF_PERIOD_NONE)
        return wf_fail(err, WF_USAGE, "--by period needs --period, --from and --to");
    return WF_OK;
}

static wf_code build_load(flow *f, wf_error *err) {
    const wf_plan *p = &f->result->plan;
    const wf_rows_rules *rules = &f->request->rules;
    double days = rules->from != INT64_MIN && rules->to != INT64_MAX ? (double)(rules->to - rules->from) / 86400 : 0;
    wf_load_input in = {.grids = &p->grids,
                        .parent = p->parent,
                        .tally = &f->stream.tally,
                        .default_point = f->stream.default_point,
                        .minutes = f->rules.categories != NULL ? f->categories.minutes : NULL,
                        .n_minutes = f->categories.n,
                        .level = p->finest,
                        .months = days > 0 ? days / (365.2425 / 12) : 1};
    return wf_load_build(&in, f->keep, &f->result->load, err);
}

wf_code wf_stage_tally(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out, wf_error *err) {
    static const char remark_header[] = "\xEF\xBB\xBFsource,row,rule,detail,x,y,id\n";
    wf_incidents_result result = {.delimiter = ',', .notices = {.keep = keep}};
    flow f = {.request = request, .result = &result, .keep = keep};
    load_key *order = NULL;
    wf_code code;
    WF_GO(read_by(&f, err));
    WF_GO(spare_inputs(request, err));
    WF_GO(wf_output_open(&f.out, request->output, err));
    WF_GO(open_beside(&f, "rejects", &f.rejects, &result.rejects, remark_header, err));
    WF_GO(open_beside(&f, "flags", &f.flags, &result.flags, remark_header, err));
    if (request->by != NULL)
        WF_GO(
            open_beside(&f, "by", &f.by, &result.long_table, "\xEF\xBB\xBFgrid_code,dimension,value,incidents\n", err));
    WF_GO(open_flow(&f, false, err));
    WF_GO(wf_stream_remarks(&f.stream, write_remark, &f, err));
    WF_GO(build_load(&f, err));
    WF_GO(order_grids(&f, &order, err));
    WF_GO(write_load(&f, order, err));
    if (request->by != NULL)
        WF_GO(write_long(&f, order, err));
    WF_GO(wf_output_publish(&f.rejects, err));
    WF_GO(wf_output_publish(&f.flags, err));
    if (request->by != NULL)
        WF_GO(wf_output_publish(&f.by, err));
    WF_GO(wf_output_publish(&f.out, err));
    *out = result;
done:
    close_flow(&f);
    return code;
}
