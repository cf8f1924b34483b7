/* From counts to load. Once a run over all grids. */
#include "workload/load.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *wf_grade_name(wf_grade grade) {
    static const char *const names[] = {"", "low", "normal", "high", "overload"};
    return names[grade];
}

static wf_code make_room(wf_load *l, uint32_t n, wf_arena *keep, wf_error *err) {
    double **const columns[] = {&l->low, &l->high, &l->per_1000, &l->per_km2, &l->per_worker, &l->ratio};
    *l = (wf_load){.n = n};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        if ((*columns[c] = WF_NEW(keep, double, n)) == NULL)
            return wf_fail_nomem(err);
    l->incidents = WF_NEW(keep, uint64_t, n);
    l->unassigned = WF_NEW(keep, uint64_t, n);
    l->default_point = WF_NEW(keep, uint64_t, n);
    l->milliminutes = WF_NEW(keep, int64_t, n);
    l->grade = WF_NEW(keep, uint8_t, n);
    l->rank = WF_NEW(keep, uint32_t, n);
    if (l->incidents == NULL || l->unassigned == NULL || l->default_point == NULL || l->milliminutes == NULL ||
        l->grade == NULL || l->rank == NULL)
        return wf_fail_nomem(err);
    return WF_OK;
}

/* Byar's approximation to the exact limits of a Poisson mean, z = 1.96. */
static void interval(uint64_t n, double *low, double *high) {
    double k = (double)n, z = 1.959963984540054, a = 1 - 1 / (9 * k) - z / (3 * sqrt(k));
    double b = 1 - 1 / (9 * (k + 1)) + z / (3 * sqrt(k + 1));
    *low = n == 0 ? 0 : k * a * a * a;
    *high = (k + 1) * b * b * b;
}

static void sum_counts(const wf_load_input *in, wf_load *l) {
    const wf_tally *t = in->tally;
    for (uint32_t i = 0; i < l->n; i++) {
        l->unassigned[i] = t->unassigned[i];
        l->incidents[i] = (uint64_t)t->placed[i] + t->unassigned[i];
        l->default_point[i] = in->default_point != NULL ? in->default_point[i] : 0;
        if (!t->shape.by_category || in->minutes == NULL)
            l->milliminutes[i] = (int64_t)l->incidents[i] * llround(WF_LOAD_MINUTES * 1000);
    }
    for (uint32_t c = 0; in->minutes != NULL && t->shape.by_category && c < t->n_categories; c++) {
        double minutes = c < in->n_minutes && isfinite(in->minutes[c]) ? in->minutes[c] : WF_LOAD_MINUTES;
        int64_t each = llround(minutes * 1000);
        for (uint32_t i = 0; t->by_category[c] != NULL && i < l->n; i++)
            l->milliminutes[i] += each * t->by_category[c][i];
    }
    wf_tally_roll_up(l->n, in->parent, in->grids->level, l->incidents);
    wf_tally_roll_up(l->n, in->parent, in->grids->level, l->default_point);
    wf_tally_roll_up(l->n, in->parent, in->grids->level, (uint64_t *)l->milliminutes);
}

static double zero_if_unknown(double v) {
    return isfinite(v) ? v : 0;
}

typedef struct {
    const char *kind, *code;
    double load;
    uint32_t grid;
} item;

static int by_kind_load(const void *a, const void *b) {
    const item *p = a, *q = b;
    int order = strcmp(p->kind, q->kind);
    if (order != 0)
        return order;
    return p->load < q->load ? -1 : p->load > q->load;
}

static int by_ratio(const void *a, const void *b) {
    const item *p = a, *q = b;
    if (p->load != q->load)
        return p->load > q->load ? -1 : 1;
    int order = strcmp(p->code, q->code);
    return order != 0 ? order : p->grid < q->grid ? -1 : 1;
}

static wf_grade grade_of(double ratio) {
    if (!isfinite(ratio))
        return WF_GRADE_NONE;
    return ratio < 0.5    ? WF_GRADE_LOW
           : ratio <= 1.2 ? WF_GRADE_NORMAL
           : ratio <= 1.5 ? WF_GRADE_HIGH
                          : WF_GRADE_OVERLOAD;
}

static wf_code grade(const wf_load_input *in, wf_arena *keep, wf_load *l, wf_error *err) {
    const wf_grids *g = in->grids;
    item *items = WF_NEW(keep, item, l->n);
    uint32_t n = 0;
    if (items == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < l->n; i++)
        if (g->level[i] == in->level && g->role[i] == WF_ROLE_PARTITION)
            items[n++] =
                (item){g->kind[i], g->code[i],
                       (double)l->milliminutes[i] / 1000 + in->months * (0.6 * zero_if_unknown(g->households[i]) +
                                                                         0.1 * zero_if_unknown(g->floating_pop[i])),
                       i};
    qsort(items, n, sizeof *items, by_kind_load);
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && strcmp(items[to].kind, items[from].kind) == 0;)
            to++;
        uint32_t size = to - from;
        double median = (items[from + (size - 1) / 2].load + items[from + size / 2].load) / 2;
        for (uint32_t k = from; k < to; k++) {
            l->ratio[items[k].grid] = median > 0 ? items[k].load / median : NAN;
            items[k].load = median > 0 ? items[k].load / median : -1;
        }
    }
    qsort(items, n, sizeof *items, by_ratio);
    for (uint32_t k = 0; k < n; k++) {
        l->grade[items[k].grid] = (uint8_t)grade_of(l->ratio[items[k].grid]);
        l->rank[items[k].grid] = isfinite(l->ratio[items[k].grid]) ? k + 1 : 0;
    }
    return WF_OK;
}

wf_code wf_load_build(const wf_load_input *in, wf_arena *keep, wf_load *out, wf_error *err) {
    wf_load l;
    const wf_grids *g = in->grids;
    WF_TRY(make_room(&l, g->shape.n_grids, keep, err));
    sum_counts(in, &l);
    for (uint32_t i = 0; i < l.n; i++) {
        double n = (double)l.incidents[i];
        interval(l.incidents[i], &l.low[i], &l.high[i]);
        l.per_1000[i] = g->population[i] >= 10 ? n * 1000 / g->population[i] : NAN;
        l.per_km2[i] = g->area_m2[i] > 0 ? n * 1e6 / g->area_m2[i] : NAN;
        l.per_worker[i] = g->workers[i] > 0 ? n / g->workers[i] : NAN;
        l.ratio[i] = NAN;
    }
    WF_TRY(grade(in, keep, &l, err));
    *out = l;
    return WF_OK;
}
