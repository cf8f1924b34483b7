/* The coverage check on figures drawn by hand: every finding with its area, and no other. */
#include "coverage/check.h"
#include "coverage/thickness.h"
#include "base/random.h"
#include "figures.h"

static void findings_in(const char *text, const char *outline_text, double floor_m, char *out, size_t room) {
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_grids o;
    const wf_polygons *outline = NULL;
    wf_defects d;
    wf_error err = {0};
    if (outline_text != NULL) {
        draw(outline_text, &arena, &o);
        outline = &o.shape;
    }
    draw(text, &arena, &g);
    const wf_check_params params = {.outline = outline, .floor_m = floor_m, .measure = &plain};
    if (wf_coverage_check(&g, 0, &params, &arena, &d, &err) != WF_OK)
        fail_msg("%s", err.message);
    print_findings(&d, out, room);
    wf_arena_clear(&arena);
}

static void findings(const char *text, double floor_m, char *out, size_t room) {
    findings_in(text, NULL, floor_m, out, room);
}

static const struct {
    const char *name, *grids, *want;
} cases[] = {
    {"four squares", A ";" B ";" C ";" D, ""},
    {"clockwise ring", "0 0 0 10 10 10 10 0 0 0;" B, ""},
    {"enclosed gap", A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10", "G03:2+3:10"},
    {"gap in the middle",
     "0 0 10 0 9 10 0 10 0 0;9 10 10 0 20 0 20 10 10 11 9 10;0 10 9 10 9 12 10 20 0 20 0 10;"
     "9 12 10 11 20 10 20 20 10 20 9 12",
     "G03:1+2+3:1"},
    {"small overlap", "0 0 11 0 11 10 0 10 0 0;" B, "G02:0+1:10"},
    {"over two neighbours", "0 0 10 0 12 10 10 20 0 20 0 0;" B ";" D, "G02:0+1:10 G02:0+2:10"},
    {"nested grid", A ";2 2 4 2 4 4 2 4 2 2", "G02:0+1:4"},
    {"island fills a hole", "0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2;2 2 4 2 4 4 2 4 2 2", ""},
    {"unfilled hole", "0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2;" B, "G03:0:4"},
    {"touching in a point", A ";" D, ""},
    {"a corner to the west at the height of a part's lowest", "4 0 5 5 0 5 4 0|8 0 12 -1 12 1 8 0", ""},
    {"the same, leaning east", "4 0 9 5 5 5 4 0|8 0 12 -1 12 1 8 0", ""},
    {"the same, two grids and a gap", "4 0 9 5 5 5 4 0;8 0 12 -1 16 0 12 1 8 0/10 0 12 -0.5 12 0.5 10 0", "G03:1:1"},
    {"duplicate", A ";" B ";" A, "G10:0+2:100"},
    {"vertex on the other's edge", "0 0 10 0 10 5 10 10 0 10 0 0;" B, "G06:0+1:0"},
    {"matched by value only", "0 0 10 0 10.5 5 10 10 0 10 0 0;" B, "G02:0+1:2.5"},
    {"bow-tie", "0 0 10 10 10 0 0 10 0 0", "G01:0"},
    {"three over one place", A ";" A ";5 5 15 5 15 15 5 15 5 5", "G02:0+2:25 G10:0+1:100"},
    {"crossings a step of a double apart",
     "51 84 49 104 44 100 39 96 37 116 32 112 30 132 25 128 23 148 21 168 16 164 11 160 9 180 4 176 2 196 0 216 -5 "
     "212 -7 232 -9 252 -14 248 -19 244 -17 224 -22 220 -20 200 -18 180 -16 160 -14 140 -12 120 -10 100 -8 80 -6 "
     "60 -4 40 -2 20 0 0 5 4 10 8 15 12 20 16 25 20 30 24 35 28 40 32 45 36 50 40 55 44 53 64 58 68 56 88 51 84;51 "
     "84 56 88 58 68 60 48 65 52 70 56 68 76 66 96 64 116 62 136 60 156 58 176 56 196 54 216 52 236 50 256 48 276 "
     "43 272 45 252 47 232 42 228 37 224 39 204 34 200 32 220 27 216 29 196 24 192 19 188 14 184 16 164 21 168 26 "
     "172 28 152 23 148 25 128 30 132 32 112 37 116 39 96 44 100 49 104 51 84/49 104 54 108 52 128 47 124 49 "
     "104/43 164 -38 -1 39 204 44 208 46 188 48 168 43 164/40 140 38 160 33 156 35 136 40 140|2 196 4 176 9 180 14 "
     "184 12 204 7 200 2 196",
     "G01:1 G02:0+1:884.1 G03:0+1:108 G03:0+1:30.9877 G03:1:66.3785 G03:0+1:865.5 G03:1:108"},
    {"collapsed", "0 0 5 0 10 0 0 0;" B, "G01:0"},
    {"unclosed", "0 0 10 0 10 10 0 10;" B, "G01:0"},
};

static void figures(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[400];
        findings(cases[i].grids, 0, got, sizeof got);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: found \"%s\", should be \"%s\"", cases[i].name, got, cases[i].want);
    }
}

/* Within the floor a face with a single edge on one side is one grid's vertex that the other lacks. */
static void unmatched_vertices(void **state) {
    (void)state;
    char got[300];
    findings("0 0 10 0 10.5 5 10 10 0 10 0 0;" B, 0.6, got, sizeof got);
    assert_string_equal(got, "G06:0+1:2.5");
    findings("0 0 10 0 10.5 5 10 10 0 10 0 0;" B, 0.1, got, sizeof got);
    assert_string_equal(got, "G02:0+1:2.5");
    findings("0 0 10 0 9.5 5 10 10 0 10 0 0;" B, 0.6, got, sizeof got);
    assert_string_equal(got, "G06:0+1:2.5");
    findings("0 0 10 0 9.5 5 10 10 0 10 0 0;10 0 20 0 20 10 10 10 10.5 5 10 0", 3, got, sizeof got);
    assert_string_equal(got, "G03:0+1:5");
}

/* Vertices exactly on the neighbour's edge: no area, the length of the run, one finding for a longest run. */
static void vertices_on_edges(void **state) {
    (void)state;
    static const struct {
        const char *grids;
        uint32_t n, n_vertices, n_owners;
        double length_m;
    } runs[] = {
        {"0 0 10 0 10 5 10 10 0 10 0 0;" B, 1, 1, 2, 10},
        {"0 0 10 0 10 2 10 5 10 10 0 10 0 0;" B, 1, 2, 2, 10},
        /* Two edges with a common vertex between them. */
        {"0 0 10 0 10 2 10 5 10 7 10 10 0 10 0 0;10 0 20 0 20 10 10 10 10 5 10 0", 1, 2, 2, 10},
        /* Each lacks a vertex of the other. */
        {"0 0 10 0 10 3 10 10 0 10 0 0;10 0 20 0 20 10 10 10 10 6 10 0", 1, 2, 2, 10},
        /* A junction of three: the corner of two lies on the edge of the third. */
        {A ";10 0 20 0 20 4 10 4 10 0;10 4 20 4 20 10 10 10 10 4", 1, 1, 3, 10},
        /* Two runs apart on one border. */
        {"0 0 10 0 10 1 10 3 10 6 10 8 10 10 0 10 0 0;10 0 20 0 20 10 10 10 10 6 10 3 10 0", 2, 1, 2, 3},
        {A ";" B, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        wf_arena arena;
        wf_arena_init(&arena);
        wf_grids g;
        wf_defects d;
        wf_error err;
        draw(runs[i].grids, &arena, &g);
        assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
        assert_int_equal(d.n, runs[i].n);
        if (d.n > 0) {
            assert_string_equal(d.row[0].rule, "G06");
            assert_int_equal(d.row[0].severity, WF_NOISE);
            assert_true(d.row[0].area_m2 == 0);
            assert_true(fabs(d.row[0].length_m - runs[i].length_m) < 1e-12);
            assert_int_equal(d.row[0].n_owners, runs[i].n_owners);
            assert_int_equal(d.row[0].n_vertices, runs[i].n_vertices);
            assert_true(d.row[0].x == 10 && d.row[0].y == d.vertex_y[d.row[0].vertex_first]);
        }
        wf_arena_clear(&arena);
    }
}

static void households_and_workers(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        double households;
        bool found;
    } rows[] = {{"城市网格", 109, true}, {"城市网格", 110, false},  {"urban", 981, true},
                {"农村网格", 39, true},  {"农村网格", 600, false},  {"Rural", 601, true},
                {"专属网格", 0, false},  {"农村网格", 0, true},     {"农村网格", NAN, false},
                {"", 2000, false},       {"单位网格", 5000, false}, {"城市网格", 980, false}};
    enum { N = sizeof rows / sizeof *rows };
    for (size_t i = 0; i < N; i++) {
        wf_arena arena;
        wf_arena_init(&arena);
        wf_grids g;
        wf_defects d;
        wf_error err;
        draw(A ";" B, &arena, &g);
        g.level[0] = g.level[1] = 4;
        g.kind[0] = rows[i].kind;
        g.kind[1] = "城市网格";
        g.households[0] = rows[i].households;
        assert_int_equal(wf_coverage_check(&g, 4, &exact, &arena, &d, &err), WF_OK);
        assert_int_equal(d.n, rows[i].found);
        if (d.n > 0) {
            assert_string_equal(d.row[0].rule, "G12");
            assert_int_equal(d.row[0].severity, WF_INFORMATION);
            assert_true(d.row[0].value == rows[i].households);
        }
        /* Where no grid is urban or rural the wide band holds, save for grids that are carved out. */
        g.kind[0] = "";
        g.kind[1] = "专属网格";
        g.households[0] = 981;
        g.households[1] = 5;
        assert_int_equal(wf_coverage_check(&g, 4, &exact, &arena, &d, &err), WF_OK);
        assert_int_equal(d.n, 1);
        assert_int_equal(wf_coverage_check(&g, 3, &exact, &arena, &d, &err), WF_OK);
        assert_int_equal(d.n, 0);
        wf_arena_clear(&arena);
    }
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d;
    wf_error err;
    draw(A ";" B ";" C ";" D, &arena, &g);
    g.worker[0] = g.worker[1] = g.worker[3] = "张三";
    g.worker[2] = "李四";
    assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
    assert_int_equal(d.n, 1);
    assert_string_equal(d.row[0].rule, "G13");
    assert_int_equal(d.row[0].n_owners, 3);
    assert_int_equal(d.owner[d.row[0].owner_first + 2], 3);
    g.worker[3] = "李四";
    assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
    assert_int_equal(d.n, 0);
    g.worker[0] = g.worker[1] = g.worker[2] = g.worker[3] = "无";
    assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
    assert_int_equal(d.n, 0);
    wf_arena_clear(&arena);
}

static void attributes(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d;
    wf_error err;
    draw(A ";" B ";" C, &arena, &g);
    g.parent[0] = "0";
    g.parent[1] = "9";
    g.parent[2] = "E9";
    g.declared_area_m2[0] = 100.5;
    g.declared_area_m2[1] = 102;
    g.workers[0] = 1;
    g.workers[2] = 0;
    assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
    const char *const rules[] = {"G09", "G11", "G13"};
    const uint32_t grids[] = {1, 1, 2};
    assert_int_equal(d.n, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal(d.row[i].rule, rules[i]);
        assert_int_equal(d.owner[d.row[i].owner_first], grids[i]);
        assert_int_equal(d.row[i].severity, WF_INFORMATION);
    }
    wf_arena_clear(&arena);
}

static void outlines(void **state) {
    (void)state;
    static const struct {
        const char *grids, *outline, *want;
    } rims[] = {
        {A ";" B, "0 0 20 0 20 10 0 10 0 0", ""},
        {A ";" B, "0 0 22 0 22 10 0 10 0 0", "G04:1:20"},
        {A ";" B, "0 0 19 0 19 10 0 10 0 0", "G14:1:10"},
        {A ";" D, "0 0 20 0 20 20 0 20 0 0", "G04:0+1:100 G04:0+1:100"},
        {"0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2;" B, "0 0 20 0 20 10 0 10 0 0", "G03:0:4"},
        {"0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2;" B, "0 0 20 0 20 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2", ""},
        {"0 0 11 0 11 10 0 10 0 0;" B, "0 0 20 0 20 10 0 10 0 0", "G02:0+1:10"},
    };
    for (size_t i = 0; i < sizeof rims / sizeof *rims; i++) {
        char got[300];
        findings_in(rims[i].grids, rims[i].outline, 0, got, sizeof got);
        if (strcmp(got, rims[i].want) != 0)
            fail_msg("outline %zu: found \"%s\", should be \"%s\"", i, got, rims[i].want);
    }
}

static void not_a_number(void **state) {
    (void)state;
    char got[100];
    findings("0 0 10 0 nan 10 0 10 0 0;" B, 0, got, sizeof got);
    assert_string_equal(got, "G01:0");
}

/* A lattice of quads whose border edges are bent; one bend of one grid is moved by d: a gap or an overlap of exactly
 * the triangle's area, and nothing else. Coordinates are multiples of 2^-10, so areas are exact. */
static void planted(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 5, 5);
    enum { N = 8 };
    for (int round = 0; round < 200; round++) {
        double px[N + 1][N + 1], py[N + 1][N + 1], hx[N + 1][N + 1], hy[N + 1][N + 1];
        for (int j = 0; j <= N; j++)
            for (int i = 0; i <= N; i++) {
                px[j][i] = i * 16 + (double)wf_random_below(&r, 4096) / 1024;
                py[j][i] = j * 16 + (double)wf_random_below(&r, 4096) / 1024;
                hx[j][i] = i * 16 + 8 + (double)wf_random_below(&r, 2048) / 1024;
                hy[j][i] = j * 16 + (double)wf_random_below(&r, 4096) / 1024;
            }
        wf_arena arena;
        wf_arena_init(&arena);
        wf_polygons_builder b;
        wf_polygons_begin(&b, &arena);
        int bad_i = (int)wf_random_below(&r, N), bad_j = 1 + (int)wf_random_below(&r, N - 1);
        double move = round % 3 == 0 ? 0 : ((double)wf_random_below(&r, 400) + 1) / 1024 * (round % 3 == 1 ? 1 : -1);
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) {
                wf_polygons_grid(&b);
                wf_polygons_part(&b);
                wf_polygons_ring(&b);
                wf_polygons_vertex(&b, px[j][i], py[j][i]);
                wf_polygons_vertex(&b, hx[j][i], hy[j][i] + (i == bad_i && j == bad_j ? move : 0));
                wf_polygons_vertex(&b, px[j][i + 1], py[j][i + 1]);
                wf_polygons_vertex(&b, px[j + 1][i + 1], py[j + 1][i + 1]);
                wf_polygons_vertex(&b, hx[j + 1][i], hy[j + 1][i]);
                wf_polygons_vertex(&b, px[j + 1][i], py[j + 1][i]);
                wf_polygons_vertex(&b, px[j][i], py[j][i]);
            }
        wf_grids g;
        wf_polygons shape;
        wf_error err;
        wf_defects d;
        assert_int_equal(wf_grids_init(&g, N * N, &arena, &err), WF_OK);
        assert_int_equal(wf_polygons_finish(&b, &shape, &err), WF_OK);
        g.shape = shape;
        char codes[N * N][12];
        for (uint32_t i = 0; i < N * N; i++) {
            snprintf(codes[i], sizeof codes[i], "%02u", i);
            g.code[i] = codes[i];
        }
        assert_int_equal(wf_coverage_check(&g, 0, &exact, &arena, &d, &err), WF_OK);
        double area = fabs(move) * (px[bad_j][bad_i + 1] - px[bad_j][bad_i]) / 2;
        assert_int_equal(d.n, move == 0 ? 0 : 1);
        if (move != 0) {
            uint32_t upper = (uint32_t)(bad_j * N + bad_i), lower = upper - N;
            assert_string_equal(d.row[0].rule, move > 0 ? "G03" : "G02");
            assert_true(fabs(d.row[0].area_m2 - area) < 1e-9);
            assert_int_equal(d.row[0].n_owners, 2);
            assert_int_equal(d.owner[0], lower);
            assert_int_equal(d.owner[1], upper);
            assert_true(d.row[0].thickness_m > 0 && d.row[0].thickness_m <= fabs(move) * 1.0001);
        }
        wf_arena_clear(&arena);
    }
}

static double thickness_of(const char *text) {
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    draw(text, &arena, &g);
    double t = wf_thickness_m(&g.shape, 0, &plain);
    wf_arena_clear(&arena);
    return t;
}

static void thickness(void **state) {
    (void)state;
    assert_true(fabs(thickness_of(A) - 10) < 0.11);
    assert_true(fabs(thickness_of("0 0 4 0 0 3 0 0") - 2) < 0.03);
    assert_true(fabs(thickness_of("0 0 100 0 100 0.001 0 0.001 0 0") / 0.001 - 1) < 0.01);
    assert_true(fabs(thickness_of("0 0 100 0 100 1e-7 0 1e-7 0 0") / 1e-7 - 1) < 0.01);
    assert_true(fabs(thickness_of("0 0 80 60 79.94 60.08 -0.06 0.08 0 0") / 0.1 - 1) < 0.01);
    /* A crooked strip one wide: two arms at a right angle. */
    assert_true(fabs(thickness_of("0 0 300 0 300 1 1 1 1 300 0 300 0 0") / 1.1716 - 1) < 0.02);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(figures),           cmocka_unit_test(outlines),
                                       cmocka_unit_test(attributes),        cmocka_unit_test(unmatched_vertices),
                                       cmocka_unit_test(vertices_on_edges), cmocka_unit_test(households_and_workers),
                                       cmocka_unit_test(not_a_number),      cmocka_unit_test(planted),
                                       cmocka_unit_test(thickness)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
