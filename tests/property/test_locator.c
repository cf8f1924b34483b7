/* The locator against every polygon tried in turn, by the written rule, on tilings clean and dirty. The oracle decides
 * with 128-bit integers: all coordinates are small multiples of 1/1024. */
#include "locate/locator.h"
#include "base/random.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE = 6, UNIT = 1024, MAX_CODE = 16 };

typedef struct {
    wf_arena arena;
    wf_grids grids;
    uint32_t subset[SIDE * SIDE];
    char code[SIDE * SIDE][MAX_CODE];
} tiling;

static double plain_area(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    double sum = 0;
    for (uint32_t i = 0, j = n - 1; i < n; j = i++)
        sum += x[j] * y[i] - x[i] * y[j];
    return fabs(sum) / 2;
}

/* A lattice of quads with moved corners; when dirty, each grid moves some of its own copies, and some lose a corner or
 * get a hole or a second part. */
static void make(tiling *t, wf_random *r, int dirty) {
    wf_arena_init(&t->arena);
    double px[SIDE + 1][SIDE + 1], py[SIDE + 1][SIDE + 1];
    for (int j = 0; j <= SIDE; j++)
        for (int i = 0; i <= SIDE; i++) {
            px[j][i] = i * 4 + (double)wf_random_below(r, 2 * UNIT) / UNIT;
            py[j][i] = j * 4 + (double)wf_random_below(r, 2 * UNIT) / UNIT;
        }
    wf_error err;
    wf_polygons_builder b;
    assert_int_equal(wf_grids_init(&t->grids, SIDE * SIDE, &t->arena, &err), WF_OK);
    wf_polygons_begin(&b, &t->arena);
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++) {
            uint32_t g = (uint32_t)(j * SIDE + i);
            const int di[] = {0, 1, 1, 0}, dj[] = {0, 0, 1, 1};
            wf_polygons_grid(&b);
            wf_polygons_part(&b);
            wf_polygons_ring(&b);
            int from = (int)wf_random_below(r, 4), skip = dirty && wf_random_below(r, 9) == 0 ? 2 : -1;
            double fx = 0, fy = 0;
            for (int k = 0; k < 5; k++) {
                int c = (from + k) % 4;
                double x = px[j + dj[c]][i + di[c]], y = py[j + dj[c]][i + di[c]];
                if (dirty && wf_random_below(r, 4) == 0)
                    x += ((double)wf_random_below(r, UNIT) - UNIT / 2) / UNIT;
                if (k == 0)
                    fx = x, fy = y;
                if (k != skip)
                    wf_polygons_vertex(&b, k == 4 ? fx : x, k == 4 ? fy : y);
            }
            if (dirty && wf_random_below(r, 4) == 0) {
                if (wf_random_below(r, 2) == 0)
                    wf_polygons_part(&b);
                wf_polygons_ring(&b);
                double x = i * 4 + 2, y = j * 4 + 2;
                const double hx[] = {0, 1, 1, 0, 0}, hy[] = {0, 0, 1, 1, 0};
                for (int k = 0; k < 5; k++)
                    wf_polygons_vertex(&b, x + hx[k], y + hy[k]);
            }
            snprintf(t->code[g], MAX_CODE, "%04llu", (unsigned long long)wf_random_below(r, 60));
            t->grids.code[g] = t->code[g];
            t->subset[g] = g;
        }
    assert_int_equal(wf_polygons_finish(&b, &t->grids.shape, &err), WF_OK);
    wf_measure measure = {.ring_area_m2 = plain_area};
    for (uint32_t g = 0; g < SIDE * SIDE; g++)
        t->grids.area_m2[g] = wf_polygons_area_m2(&t->grids.shape, g, &measure);
}

/* Coordinates to integers of 2^-40: exact for the lattice and for its neighbours one 2^-40 away. */
static __int128_t whole(double v) {
    return (__int128_t)(v * 0x1p40);
}

static int oracle_side(const wf_polygons *p, uint32_t g, double px, double py) {
    __int128_t qx = whole(px), qy = whole(py);
    int inside = 0;
    for (uint32_t ring = p->part_start[p->grid_start[g]]; ring < p->part_start[p->grid_start[g + 1]]; ring++)
        for (uint32_t i = p->ring_start[ring]; i + 1 < p->ring_start[ring + 1]; i++) {
            __int128_t ax = whole(p->x[i]), ay = whole(p->y[i]), bx = whole(p->x[i + 1]), by = whole(p->y[i + 1]);
            __int128_t cross = (bx - ax) * (qy - ay) - (by - ay) * (qx - ax);
            if (cross == 0 && qx >= (ax < bx ? ax : bx) && qx <= (ax < bx ? bx : ax) && qy >= (ay < by ? ay : by) &&
                qy <= (ay < by ? by : ay))
                return 0;
            if ((ay > qy) != (by > qy) && (by > ay ? cross > 0 : cross < 0))
                inside = !inside;
        }
    return inside ? 1 : -1;
}

static wf_placed oracle(const tiling *t, double x, double y, const char *recorded, uint32_t *grid) {
    const wf_grids *g = &t->grids;
    uint32_t touch[SIDE * SIDE], n = 0, n_inside = 0;
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        int side = oracle_side(&g->shape, i, x, y);
        n_inside += side > 0;
        if (side >= 0)
            touch[n++] = i;
    }
    *grid = UINT32_MAX;
    if (n == 0)
        return WF_PLACED_OUTSIDE;
    int overlap = n > 1 && n_inside > 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t a = touch[k], b = *grid;
        if (b == UINT32_MAX) {
            *grid = a;
            continue;
        }
        int rec_a = overlap && strcmp(g->code[a], recorded) == 0, rec_b = overlap && strcmp(g->code[b], recorded) == 0;
        double area_a = overlap ? g->area_m2[a] : 0, area_b = overlap ? g->area_m2[b] : 0;
        int better = rec_a != rec_b ? rec_a : area_a != area_b ? area_a < area_b : strcmp(g->code[a], g->code[b]) < 0;
        if (better)
            *grid = a;
    }
    return overlap ? WF_PLACED_OVERLAP : n_inside == 1 ? WF_PLACED_INSIDE : WF_PLACED_BOUNDARY;
}

static void compare(const tiling *t, const wf_locator *l, double x, double y, const char *recorded) {
    uint32_t want, got;
    wf_placed want_how = oracle(t, x, y, recorded, &want), how = wf_locator_place(l, x, y, recorded, &got);
    if (how != want_how || got != want)
        fail_msg("at %.17g %.17g: %d in %u, should be %d in %u", x, y, (int)how, got, (int)want_how, want);
}

static void every_point_by_the_rule(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 20, 1);
    for (int round = 0; round < 40; round++) {
        tiling t;
        wf_locator *l;
        wf_error err;
        make(&t, &r, round % 2);
        assert_int_equal(wf_locator_build(&t.grids, SIDE * SIDE, t.subset, &t.arena, &l, &err), WF_OK);
        const wf_polygons *p = &t.grids.shape;
        for (uint32_t i = 0; i + 1 < p->n_vertices; i++) {
            const char *recorded = t.code[wf_random_below(&r, SIDE * SIDE)];
            double mx = (p->x[i] + p->x[i + 1]) / 2, my = (p->y[i] + p->y[i + 1]) / 2;
            compare(&t, l, p->x[i], p->y[i], recorded);
            compare(&t, l, mx, my, recorded);
            for (int d = -1; d <= 1; d += 2) {
                compare(&t, l, p->x[i] + d * 0x1p-40, p->y[i], recorded);
                compare(&t, l, mx, my + d * 0x1p-40, recorded);
            }
        }
        for (int k = 0; k < 2000; k++) {
            double x = (double)wf_random_below(&r, 28 * UNIT) / UNIT - 1,
                   y = (double)wf_random_below(&r, 28 * UNIT) / UNIT - 1;
            compare(&t, l, x, y, t.code[wf_random_below(&r, SIDE * SIDE)]);
        }
        wf_arena_clear(&t.arena);
    }
}

static void oracle_sees_a_planted_fault(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 21, 1);
    tiling t;
    make(&t, &r, 0);
    uint32_t before, after;
    double x = t.grids.shape.x[0], y = t.grids.shape.y[0];
    oracle(&t, x, y, "", &before);
    t.grids.code[before] = "9999";
    wf_placed how = oracle(&t, x, y, "", &after);
    assert_true(how == WF_PLACED_BOUNDARY ? 1 : after == before);
    t.grids.shape.x[t.grids.shape.ring_start[before] + 1] += 3;
    assert_true(oracle_side(&t.grids.shape, before, 1000, 1000) == -1);
    wf_arena_clear(&t.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_point_by_the_rule),
                                       cmocka_unit_test(oracle_sees_a_planted_fault)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
