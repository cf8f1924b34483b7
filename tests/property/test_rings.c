/* Simple rings and near boxes, each against looking at every pair. Coordinates are small integers, so that touching,
 * overlapping and folding back are common. */
#include "base/exact.h"
#include "base/random.h"
#include "coverage/near.h"
#include "coverage/segments.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static double clamp_to(double v, double low, double high) {
    return v < low ? low : v > high ? high : v;
}

/* Two closed edges have a point in common. */
static bool meet(const double *x, const double *y, uint32_t i, uint32_t k) {
    int a = wf_exact_orient(x[i], y[i], x[i + 1], y[i + 1], x[k], y[k]);
    int b = wf_exact_orient(x[i], y[i], x[i + 1], y[i + 1], x[k + 1], y[k + 1]);
    int c = wf_exact_orient(x[k], y[k], x[k + 1], y[k + 1], x[i], y[i]);
    int d = wf_exact_orient(x[k], y[k], x[k + 1], y[k + 1], x[i + 1], y[i + 1]);
    if (a * b < 0 && c * d < 0)
        return true;
    return wf_exact_on_segment(x[i], y[i], x[i + 1], y[i + 1], x[k], y[k]) ||
           wf_exact_on_segment(x[i], y[i], x[i + 1], y[i + 1], x[k + 1], y[k + 1]) ||
           wf_exact_on_segment(x[k], y[k], x[k + 1], y[k + 1], x[i], y[i]) ||
           wf_exact_on_segment(x[k], y[k], x[k + 1], y[k + 1], x[i + 1], y[i + 1]);
}

static bool simple_by_pairs(uint32_t n, const double *x, const double *y) {
    uint32_t edges = n - 1;
    for (uint32_t i = 0; i < edges; i++)
        if (x[i] == x[i + 1] && y[i] == y[i + 1])
            return false;
    for (uint32_t i = 0; i < edges; i++)
        for (uint32_t k = i + 1; k < edges; k++) {
            bool next = k == i + 1, before = i == 0 && k == edges - 1;
            if (!next && !before) {
                if (meet(x, y, i, k))
                    return false;
                continue;
            }
            /* Neighbours: the far end of neither lies on the other. */
            uint32_t p = next ? i : k, q = next ? k : i;
            if (wf_exact_on_segment(x[q], y[q], x[q + 1], y[q + 1], x[p], y[p]) ||
                wf_exact_on_segment(x[p], y[p], x[p + 1], y[p + 1], x[q + 1], y[q + 1]))
                return false;
        }
    return true;
}

static void rings_are_simple_when_no_pair_meets(void **state) {
    (void)state;
    wf_random random;
    double x[130], y[130];
    uint32_t n_simple = 0, n_not = 0;
    wf_random_seed(&random, 11, 1);
    for (int round = 0; round < 60000; round++) {
        uint32_t n = 3 + (uint32_t)wf_random_below(&random, round % 3 == 0 ? 100 : 9);
        for (uint32_t i = 0; i < n; i++) {
            double a = 2.0 * M_PI * i / n, r = 12.0 + (double)wf_random_below(&random, n > 12 ? 5 : 14);
            x[i] = round % 2 == 0 ? floor(r * cos(a) * (n > 12 ? 40.0 : 0.5)) : (double)wf_random_below(&random, 7);
            y[i] = round % 2 == 0 ? floor(r * sin(a) * (n > 12 ? 40.0 : 0.5)) : (double)wf_random_below(&random, 7);
        }
        x[n] = x[0];
        y[n] = y[0];
        bool want = simple_by_pairs(n + 1, x, y);
        n_simple += want;
        n_not += !want;
        assert_int_equal(wf_ring_is_simple(n + 1, x, y), want);
        if (x[n - 1] != x[0] || y[n - 1] != y[0])
            assert_false(wf_ring_is_simple(n, x, y)); /* left open */
    }
    assert_true(n_simple > 5000 && n_not > 5000);
}

static void boxes_near_are_those_that_meet(void **state) {
    (void)state;
    enum { N = 700 };
    static double box[N][4];
    wf_random random;
    wf_random_seed(&random, 12, 1);
    for (int round = 0; round < 40; round++) {
        uint32_t n = round == 0 ? 0 : (uint32_t)wf_random_below(&random, N);
        wf_arena keep;
        wf_near near;
        wf_error err;
        wf_arena_init(&keep);
        for (uint32_t i = 0; i < n; i++) {
            double size = i % 50 == 0 ? 1000.0 : 12.0;
            box[i][0] = (double)wf_random_below(&random, 400);
            box[i][1] = (double)wf_random_below(&random, 400);
            box[i][2] = box[i][0] + (double)wf_random_below(&random, (uint32_t)size);
            box[i][3] = box[i][1] + (double)wf_random_below(&random, (uint32_t)size);
            if (i % 97 == 5)
                box[i][0] = box[i][1] = INFINITY, box[i][2] = box[i][3] = -INFINITY;
        }
        assert_int_equal(wf_near_build(n, box, &keep, &near, &err), WF_OK);
        for (int ask = 0; ask < 60; ask++) {
            double at[4] = {clamp_to((double)wf_random_below(&random, 500) - 50, 0, 400),
                            (double)wf_random_below(&random, 400), 0, 0};
            const uint32_t *items;
            uint32_t got, k = 0;
            at[2] = at[0] + (double)wf_random_below(&random, 60);
            at[3] = at[1] + (double)wf_random_below(&random, 60);
            assert_int_equal(wf_near_ask(&near, at, &got, &items, &err), WF_OK);
            for (uint32_t i = 0; i < n; i++)
                if (wf_boxes_meet(box[i], at)) {
                    assert_true(k < got);
                    assert_int_equal(items[k++], i);
                }
            assert_int_equal(k, got);
        }
        wf_arena_clear(&keep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rings_are_simple_when_no_pair_meets),
                                       cmocka_unit_test(boxes_near_are_those_that_meet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
