/* Two rings over each other: what both cover and what one covers alone add up, piece by piece. */
#include "base/random.h"
#include "synth/overlay.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static double area_of(uint32_t n, const double *x, const double *y) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i] * y[(i + 1) % n] - x[(i + 1) % n] * y[i];
    return sum / 2;
}

static double total(const wf_overlay *o) {
    double sum = 0;
    for (uint32_t i = 0; i < o->n; i++) {
        double area = area_of(o->start[i + 1] - o->start[i], o->x + o->start[i], o->y + o->start[i]);
        assert_true(area > 0);
        sum += area;
    }
    return sum * 1e14;
}

static wf_overlay make(wf_loop p, wf_loop q, bool minus, wf_arena *keep, bool expected) {
    wf_overlay o;
    wf_error err = {0};
    bool general;
    assert_int_equal(wf_overlay_make(p, q, minus, keep, &general, &o, &err), WF_OK);
    assert_int_equal(general, expected);
    return o;
}

static void figures(void **state) {
    (void)state;
    wf_arena keep;
    wf_arena_init(&keep);
    /* A comb with three teeth, a bar across them, a square within, one apart and one that touches. */
    static const wf_spot comb[] = {{0, 0},   {70, 0},  {70, 50}, {50, 50}, {50, 20}, {40, 20},
                                   {40, 50}, {30, 50}, {30, 20}, {20, 20}, {20, 50}, {0, 50}};
    static const wf_spot bar[] = {{-10, 31}, {81, 31}, {81, 41}, {-10, 41}};
    static const wf_spot within[] = {{1, 1}, {11, 1}, {11, 11}, {1, 11}};
    static const wf_spot apart[] = {{101, 1}, {111, 1}, {111, 11}, {101, 11}};
    static const wf_spot touching[] = {{70, 3}, {90, 3}, {90, 13}, {70, 13}};
    const wf_loop c = {comb, 12}, b = {bar, 4}, w = {within, 4}, a = {apart, 4}, t = {touching, 4};
    wf_overlay o = make(c, b, false, &keep, true);
    assert_int_equal(o.n, 3);
    assert_true(fabs(total(&o) - 500) < 1e-6);
    o = make(c, b, true, &keep, true);
    assert_int_equal(o.n, 4);
    assert_true(fabs(total(&o) - (70 * 20 + 50 * 30 - 500)) < 1e-6);
    o = make(c, w, false, &keep, true);
    assert_int_equal(o.n, 1);
    assert_true(fabs(total(&o) - 100) < 1e-6 && o.edge_ring[0] == 1);
    o = make(w, c, false, &keep, true);
    assert_true(o.n == 1 && fabs(total(&o) - 100) < 1e-6 && o.edge_ring[0] == 0);
    assert_int_equal(make(w, c, true, &keep, true).n, 0);
    assert_int_equal(make(c, w, true, &keep, false).n, 0);
    assert_int_equal(make(c, a, false, &keep, true).n, 0);
    assert_int_equal(make(c, a, true, &keep, true).n, 1);
    assert_int_equal(make(c, t, false, &keep, false).n, 0);
    wf_arena_clear(&keep);
}

/* A star around a middle, counter-clockwise. */
static wf_loop draw_star(wf_random *r, wf_arena *keep, int64_t x, int64_t y) {
    uint32_t n = 5 + (uint32_t)wf_random_below(r, 60);
    wf_spot *at = WF_NEW(keep, wf_spot, n);
    for (uint32_t i = 0; i < n; i++) {
        double out = 2e5 + 8e5 * wf_random_unit(r), turned = 2 * M_PI * i / n;
        at[i] = (wf_spot){x + llround(out * cos(turned)), y + llround(out * sin(turned))};
    }
    return (wf_loop){at, n};
}

static double ring_area(wf_loop r) {
    double sum = 0;
    for (uint32_t i = 0; i < r.n; i++) {
        wf_spot a = r.at[i], b = r.at[(i + 1) % r.n];
        sum += (double)a.x * (double)b.y - (double)b.x * (double)a.y;
    }
    return sum / 2;
}

static void stars(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 11, 0);
    uint32_t n_pieces = 0, n_whole = 0;
    for (int round = 0; round < 500; round++) {
        wf_arena keep;
        wf_arena_init(&keep);
        wf_error err = {0};
        wf_loop p = draw_star(&r, &keep, 0, 0),
                q = draw_star(&r, &keep, (int64_t)wf_random_below(&r, 1500000), (int64_t)wf_random_below(&r, 900000));
        wf_overlay both, back, alone;
        bool g1, g2, g3;
        assert_int_equal(wf_overlay_make(p, q, false, &keep, &g1, &both, &err), WF_OK);
        assert_int_equal(wf_overlay_make(q, p, false, &keep, &g2, &back, &err), WF_OK);
        assert_int_equal(wf_overlay_make(p, q, true, &keep, &g3, &alone, &err), WF_OK);
        assert_true(g1 && g2);
        assert_int_equal(both.n, back.n);
        assert_true(fabs(total(&both) - total(&back)) < 1e-6 * ring_area(p));
        if (g3)
            assert_true(fabs(total(&both) + total(&alone) - ring_area(p)) < 1e-6 * ring_area(p));
        n_pieces += both.n;
        n_whole += both.n == 0;
        wf_arena_clear(&keep);
    }
    assert_true(n_pieces > 1000 && n_whole < 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(figures), cmocka_unit_test(stars)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
