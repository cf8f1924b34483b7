/* The generator's placer and the locator, two codes of one rule, place every point alike: on vertices, on edges, beside
 * them and anywhere, on a clean plan and on one with defects. */
#include "base/random.h"
#include "bridge/measure.h"
#include "locate/locator.h"
#include "synth/defects.h"
#include "synth/place.h"
#include "synth/plan.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { POINTS = 60000 };

/* A quarter each: a vertex, the middle of an edge, a place within 0.1 m of an edge, any place on the 1e-7 lattice. */
static void draw_point(wf_random *r, const wf_polygons *p, double *x, double *y) {
    uint32_t v = (uint32_t)wf_random_below(r, p->n_vertices - 1);
    *x = p->x[v];
    *y = p->y[v];
    uint64_t kind = wf_random_below(r, 4);
    if (kind == 1 || kind == 2) {
        *x += (p->x[v + 1] - *x) / 2;
        *y += (p->y[v + 1] - *y) / 2;
    }
    if (kind == 2) {
        *x += 1e-6 * (wf_random_unit(r) - 0.5);
        *y += 1e-6 * (wf_random_unit(r) - 0.5);
    }
    if (kind == 3) {
        *x = floor((p->x[0] + 0.2 * (wf_random_unit(r) - 0.5)) * 1e7) / 1e7;
        *y = floor((p->y[0] + 0.2 * (wf_random_unit(r) - 0.5)) * 1e7) / 1e7;
    }
}

static void compare(const wf_grids *g, uint64_t seed, uint32_t n_of[4]) {
    wf_arena keep;
    wf_arena_init(&keep);
    wf_error err = {0};
    wf_synth_placer *placer;
    wf_locator *locator;
    uint32_t *subset = WF_NEW(&keep, uint32_t, g->shape.n_grids), n = 0;
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->level[i] == 5 && g->role[i] == WF_ROLE_PARTITION)
            subset[n++] = i;
    assert_int_equal(wf_synth_placer_open(g, &keep, &placer, &err), WF_OK);
    assert_int_equal(wf_locator_build(g, n, subset, &keep, &locator, &err), WF_OK);
    wf_random r;
    wf_random_seed(&r, seed, 0);
    for (int k = 0; k < POINTS; k++) {
        double x, y;
        uint32_t want, got;
        draw_point(&r, &g->shape, &x, &y);
        const char *recorded = k % 3 == 0 ? g->code[subset[wf_random_below(&r, n)]] : "";
        wf_synth_placed how = wf_synth_place(placer, x, y, recorded, &want);
        if (k % 3 == 1 && how == WF_SYNTH_OVERLAP)
            (void)wf_synth_place(placer, x, y, recorded = g->code[want], &want);
        wf_placed placed = wf_locator_place(locator, x, y, recorded, &got);
        if ((int)how != (int)placed || (how != WF_SYNTH_OUTSIDE && got != want))
            fail_msg("%.17g %.17g: %d in %s, by the locator %d in %s", x, y, how,
                     want == UINT32_MAX ? "-" : g->code[want], placed, got == UINT32_MAX ? "-" : g->code[got]);
        n_of[how]++;
    }
    wf_arena_clear(&keep);
}

static void placer_and_locator(void **state) {
    (void)state;
    wf_arena keep;
    wf_arena_init(&keep);
    wf_error err = {0};
    wf_measure measure;
    wf_measure_init(&measure, true);
    wf_synth_plan_params p = wf_synth_plan_defaults();
    wf_synth_defects_params causes = wf_synth_defects_defaults();
    causes.n_small_overlaps = 40;
    wf_grids clean, broken;
    wf_synth_truth truth;
    assert_int_equal(wf_synth_plan_make(&p, &measure, &keep, &clean, &err), WF_OK);
    assert_int_equal(wf_synth_defects_plant(&clean, &causes, 8, &measure, &keep, &broken, &truth, &err), WF_OK);
    uint32_t of_clean[4] = {0}, of_broken[4] = {0};
    compare(&clean, 1, of_clean);
    compare(&broken, 2, of_broken);
    assert_true(of_clean[WF_SYNTH_BOUNDARY] > 10000 && of_clean[WF_SYNTH_INSIDE] > 10000 &&
                of_clean[WF_SYNTH_OUTSIDE] > 1000 && of_clean[WF_SYNTH_OVERLAP] == 0);
    assert_true(of_broken[WF_SYNTH_OVERLAP] > 100);
    wf_arena_clear(&keep);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(placer_and_locator)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
