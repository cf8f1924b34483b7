/* Everything that the generator planted is found once, with its grids and its area, and nothing else is. */
#include "bridge/measure.h"
#include "coverage/levels.h"
#include "synth/defects.h"
#include "synth/plan.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    char key[6000]; /* rule, codes ascending */
    double area_m2;
    const char *cause;
} item;

static int by_key(const void *a, const void *b) {
    const item *p = a, *q = b;
    int order = strcmp(p->key, q->key);
    if (order != 0)
        return order;
    return p->area_m2 < q->area_m2 ? -1 : p->area_m2 > q->area_m2;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Consequences that the truth does not list: grids of level 4 that overlap across a community's border are outside it,
 * what is cut away from a grid leaves its community unfilled, a grid under another code has no units. Units follow
 * their grid: one outside its parent is planted as that. */
static bool is_nesting(const wf_defect *r) {
    return (strcmp(r->rule, "G05") == 0 && r->level != 5) || strcmp(r->rule, "G15") == 0 ||
           strcmp(r->kind, "parent code names no grid") == 0;
}

static uint32_t found_items(const wf_grids *g, const wf_defects *d, item *out) {
    uint32_t n = 0;
    for (uint32_t row = 0; row < d->n; row++) {
        const wf_defect *r = &d->row[row];
        if (is_nesting(r))
            continue;
        uint32_t i = n++;
        const char *codes[512];
        assert_true(r->n_owners <= 512);
        for (uint32_t k = 0; k < r->n_owners; k++)
            codes[k] = g->code[d->owner[r->owner_first + k]];
        qsort(codes, r->n_owners, sizeof *codes, by_text);
        int at = snprintf(out[i].key, sizeof out[i].key, "%s ", r->rule);
        for (uint32_t k = 0; k < r->n_owners; k++)
            if (k == 0 || strcmp(codes[k], codes[k - 1]) != 0)
                at += snprintf(out[i].key + at, sizeof out[i].key - (size_t)at, "%s%s", k == 0 ? "" : ";", codes[k]);
        out[i].area_m2 = r->area_m2;
        out[i].cause = "";
    }
    qsort(out, n, sizeof *out, by_key);
    return n;
}

/* nesting: with what only shows where all levels are checked together. */
static uint32_t true_items(const wf_synth_truth *t, uint8_t level, bool nesting, item *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->row[i].level == level && (nesting || strcmp(t->row[i].rule, "G05") != 0)) {
            snprintf(out[n].key, sizeof out[n].key, "%s %s", t->row[i].rule, t->row[i].codes);
            out[n].area_m2 = t->row[i].area_m2;
            out[n++].cause = t->row[i].cause;
        }
    qsort(out, n, sizeof *out, by_key);
    return n;
}

static bool is_place(const char *rule) {
    return strcmp(rule, "G02") == 0 || strcmp(rule, "G03") == 0 || strcmp(rule, "G06") == 0;
}

/* Do the codes of level 5, each cut to its grid's, make the codes of level 4? */
static int same_grids(const char *units, const char *grids) {
    char cut[6000] = "";
    size_t n = 0;
    for (const char *at = units; *at != '\0'; at += strcspn(at, ";"), at += *at == ';') {
        if (n >= 16 && strncmp(cut + n - 16, at, 15) == 0)
            continue;
        n += (size_t)snprintf(cut + n, sizeof cut - n, "%.15s;", at);
    }
    return n > 0 && strncmp(cut, grids, n - 1) == 0 && strlen(grids) == n - 1;
}

/* Area that one cause's findings of a rule have at a level over the grids named, or over their units. */
static double area_over(const wf_synth_truth *t, const wf_synth_finding *f, uint8_t level) {
    double sum = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        const wf_synth_finding *r = &t->row[i];
        if (r->cause_id == f->cause_id && r->level == level && strcmp(r->rule, f->rule) == 0 &&
            (level == 4 ? strcmp(r->codes, f->codes) == 0 : same_grids(r->codes, f->codes)))
            sum += r->area_m2;
    }
    return sum;
}

/* What all levels together must report: of a place that shows at levels 5 and 4 the findings at 5. */
static uint32_t once_items(const wf_synth_truth *t, item *out) {
    uint32_t n = true_items(t, 5, true, out);
    for (uint32_t i = 0; i < t->n; i++) {
        const wf_synth_finding *f = &t->row[i];
        /* Areas are those of rings each measured at its own latitude: parts differ from the whole. */
        double grids = area_over(t, f, 4);
        if (f->level != 4 || (is_place(f->rule) && fabs(grids - area_over(t, f, 5)) < 1e-3 * fmax(1, grids)))
            continue;
        snprintf(out[n].key, sizeof out[n].key, "%s %s", f->rule, f->codes);
        out[n].area_m2 = f->area_m2;
        out[n++].cause = f->cause;
    }
    return n;
}

/* The generator draws households without a band: what falls outside is no defect of its making but a finding; those it
 * plants are in its truth. */
static uint32_t add_households(const wf_grids *clean, const wf_grids *g, uint8_t level, item *out, uint32_t n) {
    for (uint32_t i = 0; level == 4 && i < clean->shape.n_grids; i++) {
        bool urban = strcmp(g->kind[i], "城市网格") == 0, rural = strcmp(g->kind[i], "农村网格") == 0;
        if (g->level[i] != 4 || g->role[i] != WF_ROLE_PARTITION || (!urban && !rural) ||
            (clean->households[i] >= (urban ? 110 : 40) && clean->households[i] <= (urban ? 980 : 600)))
            continue;
        snprintf(out[n].key, sizeof out[n].key, "G12 %s", g->code[i]);
        out[n].area_m2 = NAN;
        out[n++].cause = "households";
    }
    qsort(out, n, sizeof *out, by_key);
    return n;
}

/* Number of differences between truth and findings; each is printed. */
static uint32_t differences(const item *want, uint32_t n_want, const item *got, uint32_t n_got, int print) {
    uint32_t i = 0, j = 0, n = 0;
    while (i < n_want || j < n_got) {
        int order = i == n_want ? 1 : j == n_got ? -1 : strcmp(want[i].key, got[j].key);
        if (order == 0) {
            double tolerance = fmax(1e-6 * want[i].area_m2, 1e-3);
            int same = (isnan(want[i].area_m2) && isnan(got[j].area_m2)) ||
                       fabs(want[i].area_m2 - got[j].area_m2) <= tolerance;
            if (!same && print)
                print_message("%s: %.200s: %.6f m2 instead of %.6f\n", want[i].cause, want[i].key, got[j].area_m2,
                              want[i].area_m2);
            n += !same;
            i++, j++;
        } else if (order < 0) {
            if (print)
                print_message("not found: %s: %.200s %.4f m2\n", want[i].cause, want[i].key, want[i].area_m2);
            n++, i++;
        } else {
            if (print)
                print_message("not planted: %.200s %.6f m2\n", got[j].key, got[j].area_m2);
            n++, j++;
        }
    }
    return n;
}

static void everything_planted_is_found_once(void **state) {
    (void)state;
    for (uint64_t seed = 610824; seed < 610824 + 4; seed++) {
        wf_arena arena;
        wf_arena_init(&arena);
        wf_measure measure;
        const wf_check_params params = {.floor_m = 0.02, .geographic = true, .measure = &measure};
        wf_measure_init(&measure, true);
        wf_synth_plan_params p = wf_synth_plan_defaults();
        wf_synth_defects_params dp = wf_synth_defects_defaults();
        wf_grids clean, g;
        wf_synth_truth truth;
        wf_error err = {0};
        p.seed = seed;
        assert_int_equal(wf_synth_plan_make(&p, &measure, &arena, &clean, &err), WF_OK);
        assert_int_equal(wf_synth_defects_plant(&clean, &dp, seed, &measure, &arena, &g, &truth, &err), WF_OK);
        assert_int_equal(truth.n_causes, 73);
        assert_int_equal(truth.n_left_out, 0);
        item *want = calloc(truth.n + 400, sizeof *want), *got = calloc(4000, sizeof *got);
        for (uint8_t level = 4; level <= 5; level++) {
            wf_defects d;
            assert_int_equal(wf_coverage_check(&g, level, &params, &arena, &d, &err), WF_OK);
            assert_true(d.n < 4000);
            uint32_t n_want = add_households(&clean, &g, level, want, true_items(&truth, level, false, want)),
                     n_got = found_items(&g, &d, got);
            if (differences(want, n_want, got, n_got, 1) != 0)
                fail_msg("seed %llu, level %u", (unsigned long long)seed, level);
            /* The comparison sees one altered row of the truth. */
            want[n_want / 2].key[2]++;
            assert_true(differences(want, n_want, got, n_got, 0) > 0);
        }
        wf_defects d;
        assert_int_equal(wf_coverage_check_levels(&g, 0, &params, &arena, &d, &err), WF_OK);
        assert_true(d.n < 4000);
        uint32_t n_want = add_households(&clean, &g, 4, want, once_items(&truth, want)),
                 n_got = found_items(&g, &d, got);
        if (differences(want, n_want, got, n_got, 1) != 0)
            fail_msg("seed %llu, all levels", (unsigned long long)seed);
        /* What is unfilled is a gap that shows already, or what a child holds outside its parent. */
        for (uint32_t i = 0; i < d.n; i++)
            if (strcmp(d.row[i].rule, "G15") == 0 &&
                (d.row[i].see >= d.n || fabs(d.row[d.row[i].see].area_m2 - d.row[i].area_m2) > 1e-3))
                fail_msg("seed %llu: a G15 of %.4f m2 refers to nothing of its size", (unsigned long long)seed,
                         d.row[i].area_m2);
        free(want);
        free(got);
        wf_arena_clear(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_planted_is_found_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
