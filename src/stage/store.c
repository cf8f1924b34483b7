/* Results to tables. The remarks are the only long ones: they are handed out and inserted one by one. */
#include "stage/store.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    wf_store *store;
    const wf_store_facts *f;
    uint32_t *order; /* grids by level, code, place in the file; grid_id is the position + 1 */
} filler;

typedef struct {
    uint8_t level;
    uint32_t grid;
    const char *code;
} grid_key;

static int by_level_code(const void *a, const void *b) {
    const grid_key *p = a, *q = b;
    if (p->level != q->level)
        return p->level < q->level ? -1 : 1;
    int order = strcmp(p->code, q->code);
    return order != 0 ? order : p->grid < q->grid ? -1 : p->grid > q->grid;
}

static wf_code order_grids(filler *s, wf_arena *keep, wf_error *err) {
    const wf_grids *g = &s->f->plan->grids;
    uint32_t n = g->shape.n_grids;
    grid_key *keys = WF_NEW(keep, grid_key, n);
    s->order = WF_NEW(keep, uint32_t, n);
    if (keys == NULL || s->order == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (grid_key){g->level[i], i, g->code[i]};
    qsort(keys, n, sizeof *keys, by_level_code);
    for (uint32_t i = 0; i < n; i++)
        s->order[i] = keys[i].grid;
    return WF_OK;
}

static wf_code put_run(filler *s, wf_error *err) {
    const wf_store_facts *f = s->f;
    const wf_value row[] = {WF_TEXT(f->verdict),
                            WF_TEXT(f->verdict_strict),
                            WF_REAL(f->floor_m),
                            WF_TEXT(f->fail_on),
                            WF_TEXT(f->plan->crs),
                            WF_INTEGER(f->load_level),
                            WF_TEXT(wf_yaml_text(&f->job->yaml, "load.from")),
                            WF_TEXT(wf_yaml_text(&f->job->yaml, "load.to")),
                            WF_INTEGER(f->plan->grids.shape.n_grids),
                            WF_INTEGER(f->plan->grids.shape.n_vertices)};
    return wf_store_put(s->store, "runs", sizeof row / sizeof *row, row, err);
}

static wf_code put_grids(filler *s, wf_error *err) {
    static const char *const roles[] = {"partition", "overlay", "exempt"};
    const wf_grids *g = &s->f->plan->grids;
    const wf_load *l = s->f->load;
    for (uint32_t k = 0; k < g->shape.n_grids; k++) {
        uint32_t i = s->order[k];
        const wf_value grid[] = {
            WF_INTEGER(k + 1),           WF_TEXT(g->code[i]),       WF_TEXT(g->name[i]),
            WF_INTEGER(g->level[i]),     WF_TEXT(g->parent[i]),     WF_TEXT(g->kind[i]),
            WF_TEXT(roles[g->role[i]]),  WF_REAL(g->households[i]), WF_REAL(g->population[i]),
            WF_REAL(g->floating_pop[i]), WF_REAL(g->workers[i]),    WF_REAL(g->declared_area_m2[i]),
            WF_REAL(g->area_m2[i]),      WF_SHAPE(&g->shape, i)};
        WF_TRY(wf_store_put(s->store, "grids", sizeof grid / sizeof *grid, grid, err));
        if (g->role[i] != WF_ROLE_PARTITION)
            continue;
        const char *grade = wf_grade_name((wf_grade)l->grade[i]);
        const wf_value load[] = {WF_INTEGER(k + 1),
                                 WF_INTEGER(l->incidents[i]),
                                 WF_INTEGER(l->unassigned[i]),
                                 WF_REAL(l->low[i]),
                                 WF_REAL(l->high[i]),
                                 WF_INTEGER(l->default_point[i]),
                                 WF_REAL((double)l->milliminutes[i] / 1000),
                                 WF_REAL(l->per_1000[i]),
                                 WF_REAL(l->per_km2[i]),
                                 WF_REAL(l->per_worker[i]),
                                 WF_REAL(l->ratio[i]),
                                 WF_TEXT(grade[0] == '\0' ? NULL : grade),
                                 l->rank[i] > 0 ? WF_INTEGER(l->rank[i]) : WF_NOTHING};
        WF_TRY(wf_store_put(s->store, "grid_load", sizeof load / sizeof *load, load, err));
    }
    return WF_OK;
}

/* One column of counts by grid, summed up the levels, as 64-bit numbers. */
static void roll_up(const filler *s, const uint32_t *count, size_t step, uint64_t *out) {
    const wf_plan *p = s->f->plan;
    for (uint32_t i = 0; i < p->grids.shape.n_grids; i++)
        out[i] = count[i * step];
    wf_tally_roll_up(p->grids.shape.n_grids, p->parent, p->grids.level, out);
}

typedef struct {
    const char *code;
    uint32_t number;
} category_key;

static int by_code(const void *a, const void *b) {
    return strcmp(((const category_key *)a)->code, ((const category_key *)b)->code);
}

static wf_code put_category(filler *s, const category_key *c, const uint64_t *count, wf_error *err) {
    const wf_categories *table = s->f->categories;
    double minutes = table != NULL && c->number < table->n && isfinite(table->minutes[c->number])
                         ? table->minutes[c->number]
                         : WF_LOAD_MINUTES;
    for (uint32_t k = 0; k < s->f->plan->grids.shape.n_grids; k++) {
        uint64_t n = count[s->order[k]];
        if (n == 0)
            continue;
        const wf_value row[] = {WF_INTEGER(k + 1), WF_TEXT(c->code), WF_INTEGER(n), WF_REAL((double)n * minutes)};
        WF_TRY(wf_store_put(s->store, "category_load", 4, row, err));
    }
    return WF_OK;
}

static wf_code put_categories(filler *s, uint64_t *count, wf_arena *keep, wf_error *err) {
    const wf_tally *t = &s->f->stream->tally;
    const wf_categories *table = s->f->categories;
    uint32_t n = t->shape.by_category ? t->n_categories : 0;
    for (uint32_t i = 0; table != NULL && i < table->n; i++) {
        const wf_value row[] = {WF_TEXT(table->code[i]), WF_TEXT(table->name[i]), WF_TEXT(table->name_en[i]),
                                WF_REAL(table->minutes[i])};
        WF_TRY(wf_store_put(s->store, "categories", 4, row, err));
    }
    category_key *keys = WF_NEW(keep, category_key, n);
    if (keys == NULL)
        return wf_fail_nomem(err);
    for (uint32_t c = 0; c < n; c++)
        keys[c] = (category_key){wf_rows_category(s->f->stream->rows, c), c};
    if (n > 0)
        qsort(keys, n, sizeof *keys, by_code);
    for (uint32_t c = 0; c < n; c++) {
        if (t->by_category[keys[c].number] == NULL)
            continue;
        roll_up(s, t->by_category[keys[c].number], 1, count);
        WF_TRY(put_category(s, &keys[c], count, err));
    }
    return WF_OK;
}

static wf_code put_hours(filler *s, uint64_t *count, wf_error *err) {
    const wf_tally *t = &s->f->stream->tally;
    for (uint32_t h = 0; t->by_hour != NULL && h < WF_TALLY_HOURS; h++) {
        roll_up(s, t->by_hour + h, WF_TALLY_HOURS, count);
        for (uint32_t k = 0; k < t->shape.n_grids; k++) {
            const wf_value row[] = {WF_INTEGER(k + 1), WF_INTEGER(h / 24 + 1), WF_INTEGER(h % 24),
                                    WF_INTEGER(count[s->order[k]])};
            if (count[s->order[k]] > 0)
                WF_TRY(wf_store_put(s->store, "hour_load", 4, row, err));
        }
    }
    return WF_OK;
}

static wf_code put_periods(filler *s, uint64_t *count, wf_error *err) {
    const wf_tally *t = &s->f->stream->tally;
    uint32_t n = t->shape.n_periods;
    for (uint32_t p = 0; t->by_period != NULL && p <= n; p++) {
        char name[32] = "unknown";
        if (p < n)
            wf_rows_period_name(s->f->stream->rows, p, name);
        roll_up(s, t->by_period + p, n + 1, count);
        for (uint32_t k = 0; k < t->shape.n_grids; k++) {
            const wf_value row[] = {WF_INTEGER(k + 1), WF_TEXT(name), WF_INTEGER(count[s->order[k]])};
            if (count[s->order[k]] > 0)
                WF_TRY(wf_store_put(s->store, "period_load", 3, row, err));
        }
    }
    return WF_OK;
}

/* The published columns as they are, then whether the row counts by itself, and its shape. */
static wf_code put_defects(filler *s, wf_error *err) {
    const wf_table *t = s->f->defect_table;
    wf_value row[32];
    for (uint32_t i = 0; i < t->n_rows; i++) {
        const wf_defect *d = i < s->f->defects->n ? &s->f->defects->row[i] : NULL; /* NULL: it was fixed */
        uint32_t n = 0;
        for (uint32_t c = 0; c < t->n_columns && c + 2 < sizeof row / sizeof *row; c++) {
            const wf_column *column = &t->column[c];
            if (column->text != NULL)
                row[n++] = WF_TEXT(column->text[i]);
            else if (column->decimals == 0)
                row[n++] = isfinite(column->number[i]) ? WF_INTEGER(llround(column->number[i])) : WF_NOTHING;
            else
                row[n++] = WF_REAL(column->number[i]);
        }
        row[n++] = WF_INTEGER(d != NULL && d->see == UINT32_MAX);
        row[n++] = d == NULL || d->shape == UINT32_MAX ? WF_NOTHING : WF_SHAPE(&s->f->defects->shape, d->shape);
        WF_TRY(wf_store_put(s->store, "defects", n, row, err));
    }
    return WF_OK;
}

static wf_code put_remark(void *self, const wf_remark *r, wf_error *err) {
    filler *s = self;
    const wf_value row[] = {WF_TEXT(r->source->name),
                            WF_INTEGER(r->row),
                            WF_TEXT(wf_rule_code(r->rule)),
                            WF_TEXT(r->detail),
                            WF_TEXT(r->x),
                            WF_TEXT(r->y),
                            WF_TEXT(r->id)};
    return wf_store_put(s->store, r->counted ? "flags" : "rejects", 7, row, err);
}

typedef struct {
    uint8_t level;
    const char *recorded, *spatial;
    uint64_t n;
} crossing;

static int by_crossing(const void *a, const void *b) {
    const crossing *p = a, *q = b;
    if (p->level != q->level)
        return p->level < q->level ? -1 : 1;
    int order = strcmp(p->recorded, q->recorded);
    return order != 0 ? order : strcmp(p->spatial, q->spatial);
}

static wf_code put_crossed(filler *s, wf_arena *keep, wf_error *err) {
    const wf_stream *t = s->f->stream;
    const wf_grids *g = &s->f->plan->grids;
    crossing *c = WF_NEW(keep, crossing, t->n_crossed);
    size_t n = 0;
    if (c == NULL)
        return wf_fail_nomem(err);
    for (size_t i = 0, next; i < t->n_crossed; i = next) {
        for (next = i + 1; next < t->n_crossed && t->crossed[next] == t->crossed[i];)
            next++;
        uint32_t recorded = (uint32_t)(t->crossed[i] >> 32), spatial = (uint32_t)t->crossed[i];
        c[n++] = (crossing){g->level[recorded], g->code[recorded], g->code[spatial], next - i};
    }
    if (n > 0)
        qsort(c, n, sizeof *c, by_crossing);
    /* Grids that share one code fall together. */
    for (size_t i = 0; i < n; i++) {
        uint64_t sum = c[i].n;
        for (; i + 1 < n && by_crossing(&c[i], &c[i + 1]) == 0; i++)
            sum += c[i + 1].n;
        const wf_value row[] = {WF_INTEGER(c[i].level), WF_TEXT(c[i].recorded), WF_TEXT(c[i].spatial), WF_INTEGER(sum)};
        if (strcmp(c[i].recorded, c[i].spatial) != 0)
            WF_TRY(wf_store_put(s->store, "crossed", 4, row, err));
    }
    return WF_OK;
}

static wf_code put_accounts(filler *s, wf_error *err) {
    for (uint32_t i = 0; i < s->f->job->n_sources; i++) {
        const wf_accounts *a = &s->f->stream->accounts[i];
        const wf_value row[] = {WF_TEXT(s->f->sources[i].name), WF_INTEGER(a->read),     WF_INTEGER(a->assigned),
                                WF_INTEGER(a->boundary),        WF_INTEGER(a->overlap),  WF_INTEGER(0),
                                WF_INTEGER(a->outside),         WF_INTEGER(a->rejected), WF_INTEGER(a->duplicates),
                                WF_INTEGER(a->out_of_period),   WF_INTEGER(a->labelled), WF_INTEGER(a->agree)};
        WF_TRY(wf_store_put(s->store, "accounts", sizeof row / sizeof *row, row, err));
    }
    return WF_OK;
}

wf_code wf_stage_store(wf_store *store, const wf_store_facts *facts, wf_arena *keep, wf_error *err) {
    filler s = {.store = store, .f = facts};
    uint64_t *count = WF_NEW(keep, uint64_t, facts->plan->grids.shape.n_grids);
    if (count == NULL)
        return wf_fail_nomem(err);
    WF_TRY(order_grids(&s, keep, err));
    WF_TRY(put_run(&s, err));
    WF_TRY(put_grids(&s, err));
    WF_TRY(put_defects(&s, err));
    WF_TRY(put_categories(&s, count, keep, err));
    WF_TRY(put_hours(&s, count, err));
    WF_TRY(put_periods(&s, count, err));
    WF_TRY(wf_stream_remarks(facts->stream, put_remark, &s, err));
    WF_TRY(put_crossed(&s, keep, err));
    return put_accounts(&s, err);
}
