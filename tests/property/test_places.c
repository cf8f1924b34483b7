/* The locator on random plans of lattice cells, clean and damaged, at the middles of cells, at corners, on edges and
 * outside. Which grids touch a place is known from the cells around it; GEOS must say the same of the polygons; the
 * written rule picks one of them. */
#include "locate/locator.h"
#include "tilings.h"
#include "../plain.h"
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

enum { ROUNDS = 120, GEOS_SHARE = 4 };

typedef struct {
    double x, y;
    int around[4]; /* cells, -1 beyond the lattice */
    uint32_t n_around;
} spot;

/* A place of a kind: 0 in a cell, 1 a corner, 2 the middle of an edge, 3 beyond the lattice. */
static spot draw(const cells *c, int kind, wf_random *r) {
    spot s = {0, 0, {-1, -1, -1, -1}, 1};
    int at = (int)below(r, CELLS), side = (int)below(r, 4);
    uint32_t a = side_start(at, side), b = side_start(at, (side + 1) % 4), across = side_start(at, (side + 2) % 4);
    s.around[0] = at;
    switch (kind) {
    case 0:
        s.x = c->x[a] + (c->x[across] - c->x[a]) / 2;
        s.y = c->y[a] + (c->y[across] - c->y[a]) / 2;
        break;
    case 1: {
        int i = (int)(a % (WIDE + 1)), j = (int)(a / (WIDE + 1));
        s.x = c->x[a];
        s.y = c->y[a];
        s.n_around = 4;
        for (int k = 0; k < 4; k++) {
            int ci = i - k % 2, cj = j - k / 2;
            s.around[k] = ci < 0 || cj < 0 || ci == WIDE || cj == HIGH ? -1 : AT(ci, cj);
        }
        break;
    }
    case 2:
        s.x = c->x[a] + (c->x[b] - c->x[a]) / 2;
        s.y = c->y[a] + (c->y[b] - c->y[a]) / 2;
        s.n_around = 2;
        s.around[1] = beside(at, side_way[side]);
        break;
    default:
        s.x = c->x[0] - 2000 - below(r, 1000);
        s.y = c->y[below(r, CORNERS)];
        s.around[0] = -1;
    }
    return s;
}

static bool touches(const cells *c, uint32_t g, const spot *s) {
    for (uint32_t k = 0; k < s->n_around; k++)
        if (s->around[k] >= 0 && c->in[g][s->around[k]])
            return true;
    return false;
}

static bool holds(const cells *c, uint32_t g, const spot *s) {
    for (uint32_t k = 0; k < s->n_around; k++)
        if (s->around[k] < 0 || !c->in[g][s->around[k]])
            return false;
    return true;
}

static bool is_better(const wf_grids *g, uint32_t a, uint32_t b, bool overlap, const char *recorded) {
    bool rec_a = strcmp(g->code[a], recorded) == 0, rec_b = strcmp(g->code[b], recorded) == 0;
    if (overlap && rec_a != rec_b)
        return rec_a;
    if (overlap && g->area_m2[a] != g->area_m2[b])
        return g->area_m2[a] < g->area_m2[b];
    return strcmp(g->code[a], g->code[b]) < 0;
}

static wf_placed by_rule(const cells *c, const wf_grids *g, const spot *s, const char *recorded, uint32_t *grid) {
    uint32_t n = 0, n_inside = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        n += touches(c, i, s);
        n_inside += holds(c, i, s);
    }
    *grid = UINT32_MAX;
    if (n == 0)
        return WF_PLACED_OUTSIDE;
    bool overlap = n > 1 && n_inside > 0;
    for (uint32_t i = 0; i < c->n; i++)
        if (touches(c, i, s) && (*grid == UINT32_MAX || is_better(g, i, *grid, overlap, recorded)))
            *grid = i;
    return overlap ? WF_PLACED_OVERLAP : n_inside == 1 ? WF_PLACED_INSIDE : WF_PLACED_BOUNDARY;
}

/* ---- GEOS ------------------------------------------------------------------------------------------------------- */

static void quiet(const char *message, void *self) {
    (void)message, (void)self;
}

static GEOSGeometry *geos_grid(GEOSContextHandle_t h, const wf_polygons *p, uint32_t i) {
    GEOSGeometry *parts[CELLS], *loops[CELLS];
    uint32_t n_parts = 0;
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        uint32_t n = 0;
        for (uint32_t k = p->part_start[part]; k < p->part_start[part + 1]; k++) {
            uint32_t from = p->ring_start[k], size = p->ring_start[k + 1] - from;
            GEOSCoordSequence *s = GEOSCoordSeq_create_r(h, size, 2);
            for (uint32_t v = 0; v < size; v++)
                GEOSCoordSeq_setXY_r(h, s, v, p->x[from + v], p->y[from + v]);
            loops[n++] = GEOSGeom_createLinearRing_r(h, s);
        }
        parts[n_parts++] = GEOSGeom_createPolygon_r(h, loops[0], loops + 1, n - 1);
    }
    return GEOSGeom_createCollection_r(h, GEOS_MULTIPOLYGON, parts, n_parts);
}

static void compare_with_geos(GEOSContextHandle_t h, const cells *c, GEOSGeometry **grid, const spot *s,
                              uint32_t seed) {
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(h, s->x, s->y);
    for (uint32_t i = 0; i < c->n; i++) {
        int touch = GEOSIntersects_r(h, grid[i], point), hold = GEOSContains_r(h, grid[i], point);
        if (touch != touches(c, i, s) || hold != holds(c, i, s))
            fail_msg("seed %u: at %.17g %.17g GEOS says %d %d of grid %u", seed, s->x, s->y, touch, hold, i);
    }
    GEOSGeom_destroy_r(h, point);
}

static void every_place_by_the_rule(void **state) {
    (void)state;
    static cells c;
    wf_random r;
    uint32_t n_how[4] = {0};
    GEOSContextHandle_t h = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(h, quiet, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        wf_random_seed(&r, round, 45);
        c.kind = (lattice_kind)(round % 3);
        c.thin = c.kind == STRAIGHT && below(&r, 2) == 0;
        place_corners(&c, &r);
        label_cells(&c, (pattern_kind)below(&r, N_PATTERNS), &r);
        if (below(&r, 3) != 0)
            damage_cells(&c, &r);
        if (c.n == 0)
            continue;
        wf_arena keep;
        wf_grids g;
        wf_locator *locator;
        wf_error err;
        wf_arena_init(&keep);
        rings list = to_rings(&c);
        to_grids(&list, c.n, &r, &keep, &g);
        const wf_measure measure = {.ring_area_m2 = plain_area};
        uint32_t subset[MAX_GRIDS];
        GEOSGeometry *grid[MAX_GRIDS];
        for (uint32_t i = 0; i < c.n; i++) {
            subset[i] = i;
            g.area_m2[i] = wf_polygons_area_m2(&g.shape, i, &measure);
            grid[i] = geos_grid(h, &g.shape, i);
        }
        assert_int_equal(wf_locator_build(&g, c.n, subset, &keep, &locator, &err), WF_OK);
        for (int k = 0; k < 1200; k++) {
            /* Halves of degrees are rounded and lie beside their edge. */
            int kind = (int)below(&r, 4);
            spot s = draw(&c, kind == 2 && c.kind == DEGREES ? 1 : kind == 3 && k % 4 ? 1 : kind, &r);
            const char *recorded = k % 3 == 0 ? g.code[below(&r, c.n)] : k % 3 == 1 ? "" : NULL;
            uint32_t want, got;
            wf_placed want_how = by_rule(&c, &g, &s, recorded == NULL ? "" : recorded, &want);
            wf_placed how = wf_locator_place(locator, s.x, s.y, recorded, &got);
            if (how != want_how || got != want)
                fail_msg("seed %u: at %.17g %.17g: %d in %u, should be %d in %u", round, s.x, s.y, (int)how, got,
                         (int)want_how, want);
            n_how[how]++;
            if (k % GEOS_SHARE == 0)
                compare_with_geos(h, &c, grid, &s, round);
        }
        for (uint32_t i = 0; i < c.n; i++)
            GEOSGeom_destroy_r(h, grid[i]);
        free(list.at);
        wf_arena_clear(&keep);
    }
    GEOS_finish_r(h);
    for (int how = 0; how < 4; how++)
        assert_in_range(n_how[how], 1000, ROUNDS * 1200);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_place_by_the_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
