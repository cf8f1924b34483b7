/* The synthetic plan: counts, codes, people, area, and seamlessness judged by its own edges in whole numbers. */
#include "synth/plan.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A sphere of the earth's mean radius will do for areas to 0.3 %: the ellipsoid's own scale at the place. */
static void scale(void *self, double x, double y, double *mx, double *my) {
    (void)self, (void)x;
    const double e2 = 0.00669438002290, rad = 3.14159265358979323846 / 180, w = 1 - e2 * pow(sin(y * rad), 2);
    *mx = 6378137 / sqrt(w) * cos(y * rad) * rad;
    *my = 6378137 * (1 - e2) / (w * sqrt(w)) * rad;
}
static double area(void *self, uint32_t n, const double *x, const double *y) {
    double sum = 0, mx, my, mean = 0;
    for (uint32_t i = 1; i + 1 < n; i++)
        sum += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    for (uint32_t i = 0; i < n; i++)
        mean += y[i] / n;
    scale(self, x[0], mean, &mx, &my);
    return fabs(sum) / 2 * mx * my;
}
static const wf_measure measure = {NULL, area, NULL, scale};

typedef struct {
    int64_t ax, ay, bx, by;
} edge;

static int by_edge(const void *a, const void *b) {
    return memcmp(a, b, sizeof(edge));
}
static int by_west(const void *a, const void *b) {
    int64_t p = ((const edge *)a)->ax, q = ((const edge *)b)->ax;
    return p < q ? -1 : p > q;
}

/* Directed edges of a level's partition grids in units of 1e-7 degrees. */
static uint32_t edges_of(const wf_grids *g, int level, edge **out) {
    const wf_polygons *p = &g->shape;
    edge *e = malloc(p->n_vertices * sizeof *e);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_grids; i++) {
        if (g->level[i] != level || g->role[i] != WF_ROLE_PARTITION)
            continue;
        for (uint32_t r = p->part_start[p->grid_start[i]]; r < p->part_start[p->grid_start[i + 1]]; r++)
            for (uint32_t v = p->ring_start[r]; v + 1 < p->ring_start[r + 1]; v++)
                e[n++] = (edge){llround(p->x[v] * 1e7), llround(p->y[v] * 1e7), llround(p->x[v + 1] * 1e7),
                                llround(p->y[v + 1] * 1e7)};
    }
    qsort(e, n, sizeof *e, by_edge);
    *out = e;
    return n;
}

static uint32_t n_unmatched(const edge *e, uint32_t n) {
    uint32_t lone = 0;
    for (uint32_t i = 0; i < n; i++) {
        edge back = {e[i].bx, e[i].by, e[i].ax, e[i].ay};
        assert_false(i > 0 && memcmp(&e[i], &e[i - 1], sizeof *e) == 0);
        lone += bsearch(&back, e, n, sizeof *e, by_edge) == NULL;
    }
    return lone;
}

static int turn(int64_t ax, int64_t ay, int64_t bx, int64_t by, int64_t cx, int64_t cy) {
    __int128_t d = (__int128_t)(bx - ax) * (cy - ay) - (__int128_t)(by - ay) * (cx - ax);
    return d > 0 ? 1 : d < 0 ? -1 : 0;
}

static int crosses(const edge *p, const edge *q) {
    int a = turn(p->ax, p->ay, p->bx, p->by, q->ax, q->ay), b = turn(p->ax, p->ay, p->bx, p->by, q->bx, q->by);
    int c = turn(q->ax, q->ay, q->bx, q->by, p->ax, p->ay), d = turn(q->ax, q->ay, q->bx, q->by, p->bx, p->by);
    int shared = (p->ax == q->ax && p->ay == q->ay) + (p->ax == q->bx && p->ay == q->by) +
                 (p->bx == q->ax && p->by == q->ay) + (p->bx == q->bx && p->by == q->by);
    return shared == 0 ? a * b <= 0 && c * d <= 0 && (a | b | c | d) != 0 : 0;
}

static void no_two_edges_cross(const wf_grids *g) {
    edge *e;
    uint32_t n = edges_of(g, 5, &e), kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        edge s = e[i].ax < e[i].bx || (e[i].ax == e[i].bx && e[i].ay < e[i].by)
                     ? e[i]
                     : (edge){e[i].bx, e[i].by, e[i].ax, e[i].ay};
        e[kept++] = s;
    }
    qsort(e, kept, sizeof *e, by_edge);
    n = 0;
    for (uint32_t i = 0; i < kept; i++)
        if (i == 0 || memcmp(&e[i], &e[i - 1], sizeof *e) != 0)
            e[n++] = e[i];
    qsort(e, n, sizeof *e, by_west);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n && e[j].ax <= e[i].bx; j++) {
            int64_t lo = e[i].ay < e[i].by ? e[i].ay : e[i].by, hi = e[i].ay + e[i].by - lo;
            if ((e[j].ay < lo && e[j].by < lo) || (e[j].ay > hi && e[j].by > hi))
                continue;
            assert_false(crosses(&e[i], &e[j]));
        }
    free(e);
}

static void default_plan(void **state) {
    (void)state;
    wf_arena arena, again;
    wf_arena_init(&arena);
    wf_arena_init(&again);
    wf_synth_plan_params p = wf_synth_plan_defaults();
    wf_grids g, h;
    wf_error err = {0};
    if (wf_synth_plan_make(&p, &measure, &arena, &g, &err) != WF_OK)
        fail_msg("%s", err.message);
    uint32_t count[6] = {0}, overlays = 0, special = 0;
    double people[6] = {0}, floating[6] = {0}, km2[6] = {0}, workers = 0;
    for (uint32_t i = 0; i < g.shape.n_grids; i++) {
        if (g.role[i] == WF_ROLE_OVERLAY) {
            overlays++;
            continue;
        }
        count[g.level[i]]++;
        people[g.level[i]] += g.population[i];
        floating[g.level[i]] += g.floating_pop[i];
        km2[g.level[i]] += g.area_m2[i] / 1e6;
        special += g.level[i] == 4 && strcmp(g.kind[i], "专属网格") == 0;
        workers += g.level[i] == 5 ? g.workers[i] : 0;
        assert_int_equal(g.shape.part_start[g.shape.grid_start[i] + 1] - g.shape.part_start[g.shape.grid_start[i]] >= 1,
                         1);
        if (g.level[i] == 4)
            assert_true(strlen(g.code[i]) == 15 && strncmp(g.code[i], g.parent[i], 12) == 0);
        if (g.level[i] == 5)
            assert_true(strlen(g.code[i]) == 18 && strncmp(g.code[i], g.parent[i], 15) == 0);
        if (i > 0 && g.level[i] == g.level[i - 1] && g.role[i] == g.role[i - 1])
            assert_true(strcmp(g.code[i - 1], g.code[i]) < 0);
    }
    const uint32_t want[] = {0, 1, 5, 32, 302, 1787};
    for (int level = 1; level <= 5; level++) {
        assert_int_equal(count[level], want[level]);
        assert_true(people[level] == 267000 && floating[level] == 118000);
        assert_true(fabs(km2[level] / 212.2 - 1) < 0.002);
        edge *e, *up;
        uint32_t n = edges_of(&g, level, &e), rim = n_unmatched(e, n);
        uint32_t n_street = edges_of(&g, 1, &up);
        assert_int_equal(rim, n_street);
        free(up);
        /* Every border of a level is a border of the one below. */
        uint32_t n_below = edges_of(&g, level < 5 ? level + 1 : 5, &up);
        for (uint32_t i = 0; i < n; i++)
            assert_non_null(bsearch(&e[i], up, n_below, sizeof *e, by_edge));
        free(e);
        free(up);
    }
    assert_int_equal(overlays, 30);
    assert_int_equal(special, 15);
    assert_true(workers == 1787);
    no_two_edges_cross(&g);
    assert_int_equal(wf_synth_plan_make(&p, &measure, &again, &h, &err), WF_OK);
    assert_int_equal(h.shape.n_vertices, g.shape.n_vertices);
    assert_memory_equal(h.shape.x, g.shape.x, g.shape.n_vertices * sizeof(double));
    assert_memory_equal(h.population, g.population, g.shape.n_grids * sizeof(double));
    p.seed++;
    assert_int_equal(wf_synth_plan_make(&p, &measure, &again, &h, &err), WF_OK);
    assert_true(h.shape.n_vertices != g.shape.n_vertices || memcmp(h.shape.x, g.shape.x, 800) != 0);
    wf_arena_clear(&arena);
    wf_arena_clear(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(default_plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
