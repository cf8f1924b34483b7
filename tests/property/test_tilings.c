/* The check against two judges that share no code with it: random plans of lattice cells, where every gap and overlap
 * is counted cell by cell, and GEOS, which intersects and unites the same polygons with vertices moved, dropped,
 * crossed and grids shifted over their neighbours. Areas, owners, number of findings and the strict verdict must agree.
 */
#include "coverage/check.h"
#include "geos_grids.h"
#include "../plain.h"

enum { CELL_ROUNDS = 500, GEOS_ROUNDS = 260, VORONOI_ROUNDS = 120, MOVED_ROUNDS = 2000 };

static const wf_check_params strict = {.measure = &plain};

/* ---- first judge: cells ----------------------------------------------------------------------------------------- */

typedef struct {
    char kind; /* Overlap, Gap, Duplicate; ? anything else */
    uint64_t owners;
    double area;
} place;

typedef struct {
    uint32_t n;
    place at[4 * CELLS + MAX_GRIDS];
} places;

static uint64_t owner_bit(uint32_t g) {
    uint64_t h = (g + 1) * UINT64_C(0x9E3779B97F4A7C15);
    return (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9); /* sums of these tell sets apart */
}

static int place_order(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    if (p->owners != q->owners)
        return p->owners < q->owners ? -1 : 1;
    return p->area < q->area ? -1 : p->area > q->area;
}

static double cell_area(const cells *c, int at) {
    uint32_t k[4];
    for (int side = 0; side < 4; side++)
        k[side] = side_start(at, side);
    return (turn(c, k[0], k[1], k[2]) + turn(c, k[0], k[2], k[3])) / 2;
}

/* Fill the piece of cells with one key from `at`; true when it reaches the edge of the lattice. */
static bool fill(const uint64_t *key, const uint32_t *cover, bool *seen, int at, const cells *c, double *area,
                 bool *around) {
    int stack[CELLS], n = 0;
    bool open = false;
    uint64_t k = key[at];
    seen[at] = true;
    stack[n++] = at;
    *area = 0;
    while (n > 0) {
        int cell = stack[--n];
        *area += cell_area(c, cell);
        for (int way = 0; way < 4; way++) {
            int next = beside(cell, way);
            open |= next < 0;
            if (next < 0)
                continue;
            if (key[next] != k || (cover[next] > 0) != (cover[cell] > 0)) {
                around[next] = true;
            } else if (!seen[next]) {
                seen[next] = true;
                stack[n++] = next;
            }
        }
    }
    return open;
}

static void count_cells(const cells *c, places *out) {
    uint32_t cover[CELLS] = {0};
    uint64_t key[CELLS] = {0};
    bool dropped[MAX_GRIDS] = {false}, seen[CELLS] = {false};
    out->n = 0;
    for (uint32_t a = 0; a < c->n; a++)
        for (uint32_t b = a + 1; b < c->n && !dropped[a]; b++) {
            if (dropped[b] || memcmp(c->in[a], c->in[b], sizeof c->in[a]) != 0)
                continue;
            dropped[b] = true;
            double area = 0;
            for (int at = 0; at < CELLS; at++)
                area += c->in[b][at] ? cell_area(c, at) : 0;
            out->at[out->n++] = (place){'D', owner_bit(a) + owner_bit(b), area};
        }
    for (int at = 0; at < CELLS; at++)
        for (uint32_t g = 0; g < c->n; g++)
            if (c->in[g][at] && !dropped[g])
                cover[at]++, key[at] += owner_bit(g);
    for (int at = 0; at < CELLS; at++) {
        if (seen[at] || cover[at] == 1)
            continue;
        bool around[CELLS] = {false};
        double area;
        bool open = fill(key, cover, seen, at, c, &area, around);
        if (cover[at] >= 2) {
            out->at[out->n++] = (place){'O', key[at], area};
            continue;
        }
        uint64_t owners = 0;
        for (uint32_t g = 0; g < c->n && !open; g++) {
            bool beside_it = false;
            for (int k = 0; k < CELLS; k++)
                beside_it |= around[k] && c->in[g][k] && !dropped[g];
            owners += beside_it ? owner_bit(g) : 0;
        }
        if (!open)
            out->at[out->n++] = (place){'G', owners, area};
    }
    qsort(out->at, out->n, sizeof *out->at, place_order);
}

static void list_findings(const wf_defects *d, places *out) {
    out->n = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        const wf_defect *r = &d->row[i];
        if (r->severity == WF_INFORMATION)
            continue;
        uint64_t owners = 0;
        for (uint32_t k = 0; k < r->n_owners; k++)
            owners += owner_bit(d->owner[r->owner_first + k]);
        const char kind = strcmp(r->rule, "G02") == 0   ? 'O'
                          : strcmp(r->rule, "G03") == 0 ? 'G'
                          : strcmp(r->rule, "G10") == 0 ? 'D'
                                                        : '?';
        if (out->n < sizeof out->at / sizeof *out->at)
            out->at[out->n++] = (place){kind, owners, r->area_m2};
    }
    qsort(out->at, out->n, sizeof *out->at, place_order);
}

static void check_grids(const wf_grids *g, wf_arena *keep, wf_defects *d) {
    wf_error err = {0};
    if (wf_coverage_check(g, 0, &strict, keep, d, &err) != WF_OK)
        fail_msg("the check fails: %s", err.message);
}

static void every_cell_is_counted(void **state) {
    (void)state;
    static cells c;
    static places want, got;
    wf_random r;
    uint32_t n_dirty = 0;
    for (uint32_t round = 0; round < CELL_ROUNDS; round++) {
        wf_random_seed(&r, round, 41);
        c.kind = (lattice_kind)(round % 3);
        c.thin = c.kind == STRAIGHT && below(&r, 2) == 0;
        place_corners(&c, &r);
        label_cells(&c, (pattern_kind)below(&r, N_PATTERNS), &r);
        bool damaged = below(&r, 6) != 0;
        if (damaged)
            damage_cells(&c, &r);
        wf_arena keep;
        wf_grids g;
        wf_defects d;
        wf_arena_init(&keep);
        rings list = to_rings(&c);
        to_grids(&list, c.n, &r, &keep, &g);
        check_grids(&g, &keep, &d);
        count_cells(&c, &want);
        list_findings(&d, &got);
        n_dirty += want.n > 0;
        if (!damaged)
            assert_int_equal(want.n, 0);
        for (uint32_t i = 0; i < want.n || i < got.n; i++) {
            const place *p = &want.at[i], *q = &got.at[i];
            if (i >= want.n || i >= got.n || p->kind != q->kind || p->owners != q->owners ||
                fabs(p->area - q->area) > 1e-9 * p->area)
                fail_msg("seed %u, lattice %d: %u places wanted, %u found; place %u is %c of %.9g, found %c of %.9g",
                         round, (int)c.kind, want.n, got.n, i, i < want.n ? p->kind : '-', i < want.n ? p->area : 0,
                         i < got.n ? q->kind : '-', i < got.n ? q->area : 0);
        }
        free(list.at);
        wf_arena_clear(&keep);
    }
    assert_in_range(n_dirty, CELL_ROUNDS / 2, CELL_ROUNDS - 20); /* both clean and dirty plans were judged */
}

/* ---- second judge: GEOS ----------------------------------------------------------------------------------------- */

static double geos_area(GEOSContextHandle_t h, const GEOSGeometry *g) {
    double area = NAN;
    return g != NULL && GEOSArea_r(h, g, &area) ? area : NAN;
}

/* What the union encloses and does not cover: the faces between its borders less itself. NaN when GEOS gives up. */
static double geos_gaps(GEOSContextHandle_t h, GEOSGeometry **grid, uint32_t n) {
    GEOSGeometry **copy = malloc(n * sizeof *copy);
    for (uint32_t i = 0; i < n; i++)
        copy[i] = GEOSGeom_clone_r(h, grid[i]);
    GEOSGeometry *all = GEOSGeom_createCollection_r(h, GEOS_GEOMETRYCOLLECTION, copy, n);
    GEOSGeometry *whole = GEOSUnaryUnion_r(h, all);
    GEOSGeometry *border = whole == NULL ? NULL : GEOSBoundary_r(h, whole);
    GEOSGeometry *noded = border == NULL ? NULL : GEOSUnaryUnion_r(h, border);
    const GEOSGeometry *const lines[] = {noded};
    GEOSGeometry *faces = noded == NULL ? NULL : GEOSPolygonize_r(h, lines, 1);
    double gaps = geos_area(h, faces) - geos_area(h, whole);
    free(copy);
    GEOSGeom_destroy_r(h, all);
    GEOSGeom_destroy_r(h, whole);
    GEOSGeom_destroy_r(h, border);
    GEOSGeom_destroy_r(h, noded);
    GEOSGeom_destroy_r(h, faces);
    return gaps;
}

static bool owns(const wf_defects *d, const wf_defect *r, uint32_t g) {
    for (uint32_t k = 0; k < r->n_owners; k++)
        if (d->owner[r->owner_first + k] == g)
            return true;
    return false;
}

static bool has_rule(const wf_defects *d, const char *rule, uint32_t g) {
    for (uint32_t i = 0; i < d->n; i++)
        if (strcmp(d->row[i].rule, rule) == 0 && (g == UINT32_MAX || owns(d, &d->row[i], g)))
            return true;
    return false;
}

static double area_of(const wf_defects *d, const char *rule, uint32_t a, uint32_t b) {
    double sum = 0;
    for (uint32_t i = 0; i < d->n; i++)
        if (strcmp(d->row[i].rule, rule) == 0 &&
            (a == UINT32_MAX || (owns(d, &d->row[i], a) && owns(d, &d->row[i], b))))
            sum += d->row[i].area_m2;
    return sum;
}

typedef struct {
    uint32_t judged, skipped, dirty, clean;
} score;

/* Compare pair by pair; false when GEOS cannot say (an invalid polygon, an exception). */
static void compare_with_geos(GEOSContextHandle_t h, const wf_grids *g, const char *what, uint32_t seed, score *s) {
    const wf_polygons *p = &g->shape;
    uint32_t n = p->n_grids;
    wf_arena keep;
    wf_defects d;
    wf_arena_init(&keep);
    check_grids(g, &keep, &d);
    GEOSGeometry **grid = malloc(n * sizeof *grid);
    double total = 0, overlap = 0;
    bool valid = true, dropped[MAX_GRIDS] = {false};
    for (uint32_t i = 0; i < n; i++) {
        grid[i] = geos_grid(h, p, i);
        bool fine = grid[i] != NULL && GEOSisValid_r(h, grid[i]) == 1;
        if (fine && has_rule(&d, "G01", i))
            fail_msg("%s %u: grid %u is valid and reported as G01", what, seed, i);
        valid &= fine;
        total += fine ? geos_area(h, grid[i]) : 0;
    }
    for (uint32_t i = 0; i < d.n; i++)
        if (strcmp(d.row[i].rule, "G10") == 0)
            dropped[d.owner[d.row[i].owner_first + 1]] = true;
    double room = 1e-9 * total, gaps = valid ? geos_gaps(h, grid, n) : NAN;
    for (uint32_t a = 0; valid && a < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            if (dropped[a] || dropped[b] || GEOSDisjoint_r(h, grid[a], grid[b]) == 1)
                continue;
            GEOSGeometry *both = GEOSIntersection_r(h, grid[a], grid[b]);
            double want = geos_area(h, both), got = area_of(&d, "G02", a, b);
            GEOSGeom_destroy_r(h, both);
            overlap += isnan(want) ? 0 : want;
            valid &= !isnan(want);
            if (fabs(want - got) > room)
                fail_msg("%s %u: grids %u and %u share %.12g, found %.12g", what, seed, a, b, want, got);
        }
    valid &= !isnan(gaps);
    s->judged += valid;
    s->skipped += !valid;
    if (valid) {
        double got = area_of(&d, "G03", UINT32_MAX, 0);
        if (fabs(gaps - got) > 2 * room)
            fail_msg("%s %u: GEOS sees gaps of %.12g, found %.12g", what, seed, gaps, got);
        bool clean = true;
        for (uint32_t i = 0; i < d.n; i++)
            clean &= d.row[i].severity == WF_INFORMATION;
        if (clean && (overlap > room || gaps > 2 * room))
            fail_msg("%s %u: called seamless, GEOS sees %.12g and %.12g", what, seed, overlap, gaps);
        s->clean += clean;
        s->dirty += !clean;
    }
    for (uint32_t i = 0; i < n; i++)
        GEOSGeom_destroy_r(h, grid[i]);
    free(grid);
    wf_arena_clear(&keep);
}

static void geos_agrees_on_lattices(void **state) {
    (void)state;
    static cells c;
    wf_random r;
    score s = {0, 0, 0, 0};
    GEOSContextHandle_t h = open_geos();
    for (uint32_t round = 0; round < GEOS_ROUNDS; round++) {
        wf_random_seed(&r, round, 42);
        c.kind = (lattice_kind)(round % 3);
        c.thin = c.kind == STRAIGHT && below(&r, 2) == 0;
        place_corners(&c, &r);
        label_cells(&c, (pattern_kind)(round % 8 == 7 ? below(&r, N_PATTERNS) : round % 2 ? REGIONS : NESTED), &r);
        if (below(&r, 3) == 0)
            damage_cells(&c, &r);
        rings list = to_rings(&c);
        for (uint32_t k = below(&r, 4); k > 0; k--)
            damage_vertices(&list, c.kind == DEGREES ? 1e-7 : 1, &r);
        wf_arena keep;
        wf_grids g;
        wf_arena_init(&keep);
        to_grids(&list, c.n, &r, &keep, &g);
        compare_with_geos(h, &g, "lattice", round, &s);
        free(list.at);
        wf_arena_clear(&keep);
    }
    GEOS_finish_r(h);
    print_message("lattices: %u judged, %u skipped, %u dirty\n", s.judged, s.skipped, s.dirty);
    assert_in_range(s.skipped, 0, GEOS_ROUNDS / 5);
    assert_in_range(s.dirty, GEOS_ROUNDS / 3, GEOS_ROUNDS);
    assert_in_range(s.clean, 10, GEOS_ROUNDS);
}

/* Cells of a Voronoi diagram whose vertices are rounded to whole units: neighbours round alike. */
static rings voronoi(GEOSContextHandle_t h, double unit, wf_random *r, uint32_t *n_grids) {
    uint32_t n = 20 + below(r, 60);
    rings list = {0, 0, NULL};
    GEOSGeometry **points = malloc(n * sizeof *points);
    for (uint32_t i = 0; i < n; i++)
        points[i] = GEOSGeom_createPointFromXY_r(h, below(r, 20000), below(r, 20000));
    GEOSGeometry *cloud = GEOSGeom_createCollection_r(h, GEOS_MULTIPOINT, points, n);
    GEOSGeometry *all = GEOSVoronoiDiagram_r(h, cloud, NULL, 0, 0);
    assert_non_null(all);
    *n_grids = 0;
    for (int k = 0; k < GEOSGetNumGeometries_r(h, all) && *n_grids < MAX_GRIDS; k++) {
        const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(h, GEOSGetExteriorRing_r(h, GEOSGetGeometryN_r(h, all, k)));
        unsigned size;
        GEOSCoordSeq_getSize_r(h, s, &size);
        ring *to = add_ring(&list);
        to->grid = (*n_grids)++;
        to->part = 1;
        for (unsigned i = 0; i + 1 < size && i < CELLS; i++) {
            double x, y;
            GEOSCoordSeq_getXY_r(h, s, i, &x, &y);
            x = unit == 1 ? round(x) : (1087000000 + round(x)) / 1e7;
            y = unit == 1 ? round(y) : (376000000 + round(y)) / 1e7;
            if (to->n > 0 && to->x[to->n - 1] == x && to->y[to->n - 1] == y)
                continue;
            to->x[to->n] = x;
            to->y[to->n++] = y;
        }
    }
    free(points);
    GEOSGeom_destroy_r(h, cloud);
    GEOSGeom_destroy_r(h, all);
    return list;
}

static void geos_agrees_on_voronoi_cells(void **state) {
    (void)state;
    wf_random r;
    score s = {0, 0, 0, 0};
    uint32_t n_seamless = 0;
    GEOSContextHandle_t h = open_geos();
    for (uint32_t round = 0; round < VORONOI_ROUNDS; round++) {
        wf_random_seed(&r, round, 43);
        uint32_t n_grids;
        double unit = round % 2 ? 1 : 1e-7;
        rings list = voronoi(h, unit, &r, &n_grids);
        uint32_t n_damages = round % 4 == 0 ? 0 : 1 + below(&r, 4), before = s.clean;
        for (uint32_t k = n_damages; k > 0; k--)
            damage_vertices(&list, unit, &r);
        wf_arena keep;
        wf_grids g;
        wf_arena_init(&keep);
        to_grids(&list, n_grids, &r, &keep, &g);
        compare_with_geos(h, &g, "Voronoi", round, &s);
        n_seamless += n_damages == 0 && s.clean > before;
        free(list.at);
        wf_arena_clear(&keep);
    }
    GEOS_finish_r(h);
    print_message("Voronoi: %u judged, %u skipped, %u dirty\n", s.judged, s.skipped, s.dirty);
    assert_in_range(s.skipped, 0, VORONOI_ROUNDS / 5);
    assert_in_range(s.dirty, VORONOI_ROUNDS / 4, VORONOI_ROUNDS);
    assert_in_range(n_seamless, VORONOI_ROUNDS / 4 * 4 / 5, VORONOI_ROUNDS);
}

/* A vertex that two grids share and one of them moves, by whatever little, is never seamless. */
static void a_moved_vertex_is_always_seen(void **state) {
    (void)state;
    static cells c;
    wf_random r;
    /* In the last one the borders cross between two doubles: no face of theirs has a size. */
    for (uint32_t k = 0; k <= MOVED_ROUNDS; k++) {
        uint32_t round = k < MOVED_ROUNDS ? k : 18113;
        wf_random_seed(&r, round, 44);
        c.kind = (lattice_kind)(round % 3);
        c.thin = false;
        place_corners(&c, &r);
        label_cells(&c, SQUARES, &r);
        rings list = to_rings(&c);
        ring *at;
        uint32_t v, i, j;
        do { /* not on the rim */
            at = &list.at[below(&r, list.n)];
            v = below(&r, at->n);
            i = at->corner[v] % (WIDE + 1);
            j = at->corner[v] / (WIDE + 1);
        } while (i == 0 || j == 0 || i == WIDE || j == HIGH);
        /* One step of a double, or a unit. */
        double unit = c.kind == DEGREES ? 1e-7 : 1;
        double *to = round % 2 ? &at->x[v] : &at->y[v], was = *to;
        *to = round % 4 < 2 ? nextafter(*to, INFINITY) : snap(*to + (round % 8 < 4 ? unit : -unit), unit);
        assert_true(*to != was);
        wf_arena keep;
        wf_grids g;
        wf_defects d;
        wf_arena_init(&keep);
        to_grids(&list, c.n, &r, &keep, &g);
        check_grids(&g, &keep, &d);
        uint32_t n = 0;
        for (uint32_t row = 0; row < d.n; row++)
            n += d.row[row].severity != WF_INFORMATION;
        if (n == 0)
            fail_msg("seed %u: a vertex at %.17g %.17g moved and nothing was found", round, at->x[v], at->y[v]);
        free(list.at);
        wf_arena_clear(&keep);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_counted), cmocka_unit_test(geos_agrees_on_lattices),
        cmocka_unit_test(geos_agrees_on_voronoi_cells), cmocka_unit_test(a_moved_vertex_is_always_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
