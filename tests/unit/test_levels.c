/* Levels and their nesting on figures drawn by hand; stopping on request. */
#include "coverage/levels.h"
#include "coverage/nest.h"
#include "figures.h"

/* Levels and parents are given as "level parent-number" for each grid; parent 9: none. */
static void family(const char *text, const char *kin, wf_arena *arena, wf_grids *g) {
    draw(text, arena, g);
    for (uint32_t i = 0; i < g->shape.n_grids; i++, kin += 2) {
        g->level[i] = (uint8_t)(kin[0] - '0');
        g->parent[i] = kin[1] == '9' ? "" : kin[1] == '8' ? "elsewhere" : g->code[kin[1] - '0'];
    }
}

#define AB "0 0 10 0 20 0 20 10 10 10 0 10 0 0"

static void levels(void **state) {
    (void)state;
    static const struct {
        const char *name, *grids, *kin, *allowed, *want;
    } plans[] = {
        {"filled", AB ";" A ";" B,
         "39"
         "40"
         "40",
         NULL, ""},
        {"a parent without the children's vertices", "0 0 20 0 20 10 0 10 0 0;" A ";" B,
         "39"
         "40"
         "40",
         NULL, ""},
        {"unfilled at the rim", AB ";" A ";10 0 18 0 18 10 10 10 10 0",
         "39"
         "40"
         "40",
         NULL, "G15:0:20"},
        {"outside", AB ";" A ";10 0 22 0 22 10 10 10 10 0",
         "39"
         "40"
         "40",
         NULL, "G05:2+0:20"},
        {"under the wrong parent", A ";" B ";0 0 10 0 10 4 0 4 0 0;0 4 10 4 10 10 0 10 0 4;" B,
         "39"
         "39"
         "40"
         "41"
         "41",
         NULL, "G05:3+1:60 G06:2+3+4:0 G15:0:60>0"},
        {"two outside places of one child", "0 0 10 0 10 10 0 10 0 0;-1 2 11 2 11 4 -1 4 -1 2",
         "39"
         "40",
         NULL, "G05:1+0:2 G05:1+0:2 G15:0:20 G15:0:60"},
        {"children that overlap inside", AB ";0 0 12 0 12 10 0 10 0 0;" B,
         "39"
         "40"
         "40",
         NULL, "G02:1+2:20"},
        {"a gap at two levels is one",
         A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10;" A ";" B ";" C
           ";10 10 20 10 20 20 12 20 10 20 12 15 10 10",
         "39"
         "39"
         "39"
         "39"
         "40"
         "41"
         "42"
         "43",
         NULL, "G03:6+7:10"},
        {"a gap of the children alone is referred to",
         "0 0 20 0 20 20 10 20 0 20 0 0;" A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10",
         "39"
         "40"
         "40"
         "40"
         "40",
         NULL, "G03:3+4:10 G15:0:10>0"},
        {"an overlap of two children covers that of the parents",
         "0 0 11 0 11 10 0 10 0 0;" B ";0 0 11 0 11 4 0 4 0 0;0 4 11 4 11 10 0 10 0 4;" B,
         "39"
         "39"
         "40"
         "40"
         "41",
         NULL, "G02:2+4:4 G02:3+4:6"},
        {"a larger one at the parents stays", "0 0 12 0 12 10 0 10 0 0;" B ";0 0 11 0 11 10 0 10 0 0;" B,
         "39"
         "39"
         "40"
         "41",
         NULL, "G02:2+3:10 G02:0+1:20 G15:0:10"},
        {"a childless parent is not compared", A ";" B ";" A,
         "39"
         "39"
         "40",
         NULL, ""},
        {"an allowed gap", "0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2", "49", "5 5 6 6 5 6 5 5;1 1 5 1 5 5 1 5 1 1",
         "G03:0:4!1"},
        {"a gap that is larger than the allowed one", "0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2", "49",
         "2 2 3 2 3 4 2 4 2 2", "G03:0:4"},
        {"what refers to an allowed gap is excused",
         "0 0 20 0 20 20 10 20 0 20 0 0;" A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10",
         "39"
         "40"
         "40"
         "40"
         "40",
         "9 9 13 9 13 21 9 21 9 9", "G03:3+4:10!0 G15:0:10>0!0"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        wf_arena arena;
        wf_arena_init(&arena);
        wf_grids g, allowed;
        wf_defects d;
        wf_error err = {0};
        char got[400];
        wf_check_params params = exact;
        if (plans[i].allowed != NULL) {
            draw(plans[i].allowed, &arena, &allowed);
            params.allowed = &allowed.shape;
        }
        family(plans[i].grids, plans[i].kin, &arena, &g);
        if (wf_coverage_check_levels(&g, 0, &params, &arena, &d, &err) != WF_OK)
            fail_msg("%s: %s", plans[i].name, err.message);
        print_findings(&d, got, sizeof got);
        if (strcmp(got, plans[i].want) != 0)
            fail_msg("%s: found \"%s\", should be \"%s\"", plans[i].name, got, plans[i].want);
        wf_arena_clear(&arena);
    }
}

/* One level alone: nothing is left out, nothing is nested; levels of the nesting findings; orphans. */
static void one_level(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d;
    wf_error err;
    char got[300];
    family(A ";10 0 22 0 22 10 10 10 10 0;11 0 22 0 22 10 11 10 11 0;" A ";10 0 22 0 22 10 10 10 10 0",
           "39"
           "39"
           "39"
           "41"
           "48",
           &arena, &g);
    assert_int_equal(wf_coverage_check_levels(&g, 3, &exact, &arena, &d, &err), WF_OK);
    print_findings(&d, got, sizeof got);
    assert_string_equal(got, "G02:1+2:110");
    assert_int_equal(wf_coverage_nest(&g, 3, 4, &exact, &arena, &d, &err), WF_OK);
    print_findings(&d, got, sizeof got);
    assert_string_equal(got, "G05:3+1:100 G15:1:120");
    assert_int_equal(d.n, 3);
    assert_int_equal(d.row[0].level, 4);
    assert_string_equal(d.row[1].kind, "parent code names no grid");
    assert_int_equal(d.owner[d.row[1].owner_first], 4);
    assert_int_equal(d.row[2].level, 3);
    wf_arena_clear(&arena);
}

static void cancelled(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d = {.n = 77};
    wf_error err;
    volatile sig_atomic_t stop = 1;
    wf_check_params params = exact;
    params.cancelled = &stop;
    draw(A ";" B, &arena, &g);
    assert_int_equal(wf_coverage_check(&g, 0, &params, &arena, &d, &err), WF_CANCELLED);
    assert_int_equal(wf_coverage_nest(&g, 0, 0, &params, &arena, &d, &err), WF_CANCELLED);
    assert_int_equal(wf_coverage_check_levels(&g, 0, &params, &arena, &d, &err), WF_CANCELLED);
    assert_int_equal(d.n, 77);
    stop = 0;
    assert_int_equal(wf_coverage_check_levels(&g, 0, &params, &arena, &d, &err), WF_OK);
    assert_int_equal(d.n, 0);
    wf_arena_clear(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(levels), cmocka_unit_test(one_level),
                                       cmocka_unit_test(cancelled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
