/* Repair on figures drawn by hand: who gets what and why, what the grids look like afterwards, what is left. */
#include "coverage/levels.h"
#include "coverage/parents.h"
#include "figures.h"

typedef struct {
    const char *name, *grids;
    double floor_m;
    const char *moved;   /* "from>to:area:rule", "-" for a gap */
    const char *left;    /* "grid:reason" */
    const char *changed; /* rings of the grids that changed: "grid: x y …", "/" the next ring, "|" the next part */
} figure;

typedef struct {
    wf_repair_rule order[WF_REPAIR_ORDERED];
    uint32_t n_order;
    const double *priority;
    const uint8_t *locked;
    double gap_thickness_m, gap_area_m2;
    const wf_polygons *allowed;
} policy;

static const policy usual = {{WF_REPAIR_PRIORITY, WF_REPAIR_LOCKED, WF_REPAIR_BORDER, WF_REPAIR_AREA, WF_REPAIR_CODE},
                             5,
                             NULL,
                             NULL,
                             INFINITY,
                             INFINITY,
                             NULL};

static size_t put(char *text, size_t at, size_t room, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text + at, room - at, format, args);
    va_end(args);
    return at + (size_t)n < room ? at + (size_t)n : room - 1;
}

static void put_grid(const wf_polygons *p, uint32_t grid, char *text, size_t room) {
    size_t at = strlen(text);
    at = put(text, at, room, "%s%u:", at == 0 ? "" : "; ", grid);
    for (uint32_t part = p->grid_start[grid]; part < p->grid_start[grid + 1]; part++)
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            if (ring > p->part_start[p->grid_start[grid]])
                at = put(text, at, room, ring == p->part_start[part] ? " |" : " /");
            for (uint32_t v = p->ring_start[ring]; v < p->ring_start[ring + 1]; v++)
                at = put(text, at, room, " %.10g %.10g", p->x[v], p->y[v]);
        }
}

static void mend(const figure *f, const policy *with, char *moved, char *left, char *changed, char *found,
                 size_t room) {
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d;
    wf_error err = {0};
    wf_repair_result r;
    size_t at = 0;
    draw(f->grids, &arena, &g);
    const wf_check_params check = {.floor_m = f->floor_m, .measure = &plain, .allowed = with->allowed};
    wf_repair_params params = {.check = &check,
                               .n_order = with->n_order,
                               .n_decimals = 2,
                               .priority = with->priority,
                               .locked = with->locked,
                               .gap_thickness_m = with->gap_thickness_m,
                               .gap_area_m2 = with->gap_area_m2};
    memcpy(params.order, with->order, sizeof params.order);
    if (wf_coverage_repair(&g, 0, &params, &arena, &r, &err) != WF_OK)
        fail_msg("%s: %s", f->name, err.message);
    moved[0] = left[0] = changed[0] = '\0';
    for (uint32_t i = 0; i < r.n_transfers; i++) {
        const wf_transfer *t = &r.transfer[i];
        at = put(moved, at, room, i == 0 ? "" : " ");
        at = t->from == UINT32_MAX ? put(moved, at, room, "-") : put(moved, at, room, "%u", t->from);
        at = put(moved, at, room, ">%u:%g:%s", t->to, t->area_m2, wf_repair_rule_name(t->rule));
    }
    at = 0;
    for (uint32_t i = 0; i < r.n_left; i++)
        at = put(left, at, room, "%s%d:%s", i == 0 ? "" : " ", (int)r.left[i].grid,
                 wf_left_reason_name(r.left[i].reason));
    for (uint32_t i = 0; i < g.shape.n_grids; i++)
        if (r.changed[i])
            put_grid(&r.shape, i, changed, room);
    g.shape = r.shape;
    assert_int_equal(wf_coverage_check(&g, 0, &check, &arena, &d, &err), WF_OK);
    print_findings(&d, found, room);
    wf_arena_clear(&arena);
}

static const figure figures[] = {
    {"seamless", A ";" B ";" C ";" D, 0, "", "", ""},
    {"enclosed gap", A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10", 0, "->3:10:border", "",
     "3: 10 10 20 10 20 20 12 20 10 20 10 10"},
    {"gap in the middle",
     "0 0 10 0 9 10 0 10 0 0;9 10 10 0 20 0 20 10 10 11 9 10;0 10 9 10 9 12 10 20 0 20 0 10;"
     "9 12 10 11 20 10 20 20 10 20 9 12",
     0, "->2:1:border", "", "2: 0 10 9 10 10 11 9 12 10 20 0 20 0 10"},
    {"long gap is cut where its neighbours change",
     "0 9 40 9 40 10 30 10 20 10 10 10 0 10 0 9;0 11 10 11 10 20 0 20 0 11;10 11 20 11 20 20 10 20 10 11;"
     "20 11 30 11 30 20 20 20 20 11;30 11 40 11 40 10 45 10 45 20 30 20 30 11;0 10 0 11 0 20 -5 20 -5 10 0 10",
     0, "->1:10:area ->2:10:area ->3:10:area ->4:10:border", "",
     "1: 0 10 10 10 10 11 10 20 0 20 0 11 0 10; 2: 10 10 20 10 20 11 20 20 10 20 10 11 10 10; "
     "3: 20 10 30 10 30 11 30 20 20 20 20 11 20 10; 4: 30 10 40 10 45 10 45 20 30 20 30 11 30 10"},
    {"unfilled hole", "0 0 10 0 10 10 0 10 0 0/2 2 4 2 4 4 2 4 2 2;" B, 0, "->0:4:border", "",
     "0: 0 0 10 0 10 10 0 10 0 0"},
    {"small overlap", "0 0 11 0 11 10 0 10 0 0;" B, 0, "1>0:10:area", "",
     "0: 0 0 10 0 11 0 11 10 10 10 0 10 0 0; 1: 11 0 20 0 20 10 11 10 11 0"},
    {"nested grid becomes a hole", A ";2 2 4 2 4 4 2 4 2 2", 0, "0>1:4:nested", "",
     "0: 0 0 10 0 10 10 0 10 0 0 / 2 2 2 4 4 4 4 2 2 2"},
    {"nested grid at the border", A ";" B ";8 4 10 4 10 6 8 6 8 4", 0, "0>2:4:nested", "",
     "0: 0 0 10 0 10 4 8 4 8 6 10 6 10 10 0 10 0 0; 1: 10 0 20 0 20 10 10 10 10 6 10 4 10 0"},
    {"vertex on the other's edge", "0 0 10 0 10 5 10 10 0 10 0 0;" B, 0, "", "", "1: 10 0 20 0 20 10 10 10 10 5 10 0"},
    {"crossings are put on the decimals", "0 0 10 0 12 10 0 10 0 0;11 0 20 0 20 10 10 10 11 0", 0, "0>1:6.67:border",
     "", "0: 0 0 10 0 10.67 3.33 10 10 0 10 0 0; 1: 10 10 10.67 3.33 11 0 20 0 20 10 12 10 10 10"},
    {"within the floor one border stands",
     "0 0 10 0 10.2 2 9.8 4 10.2 6 9.8 8 10 10 0 10 0 0;10 0 20 0 20 10 10 10 10 0", 1,
     "1>0:0.3:code 1>0:0.2:code ->1:0.2:code ->1:0.3:code", "",
     "1: 9.8 4 10.2 2 10 0 20 0 20 10 10 10 9.8 8 10.2 6 9.8 4"},
    {"bow-tie", "0 0 10 10 10 0 0 10 0 0", 0, "", "", "0: 0 0 5 5 0 10 0 0 | 5 5 10 0 10 10 5 5"},
    {"unclosed", "0 0 10 0 10 10 0 10;" B, 0, "", "", "0: 0 0 10 0 10 10 0 10 0 0"},
    {"collapsed", "0 0 5 0 10 0 0 0;" B, 0, "", "0:no usable geometry", ""},
    {"duplicate", A ";" B ";" A, 0, "", "2:would be emptied", ""},
    {"hardly different", A ";0 0 10 0 10 10 5 10.02 0 10 0 0", 0, "", "1:would be emptied", ""},
};

static void drawn_figures(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char moved[400], left[400], changed[1000], found[400];
        const figure *f = &figures[i];
        mend(f, &usual, moved, left, changed, found, 400);
        if (strcmp(moved, f->moved) != 0 || strcmp(left, f->left) != 0 || strcmp(changed, f->changed) != 0)
            fail_msg("%s: moved \"%s\", left \"%s\", changed \"%s\"", f->name, moved, left, changed);
        if (f->left[0] == '\0' && found[0] != '\0')
            fail_msg("%s: \"%s\" is still found", f->name, found);
    }
}

static void moves(const char *grids, const policy *with, const char *want_moved, const char *want_left) {
    char moved[400], left[400], changed[1000], found[400];
    const figure f = {.name = grids, .grids = grids};
    mend(&f, with, moved, left, changed, found, 400);
    assert_string_equal(moved, want_moved);
    assert_string_equal(left, want_left);
}

#define LAPPED "0 0 11 0 11 10 0 10 0 0;" B
#define GAPPED A ";" B ";" C ";10 10 20 10 20 20 12 20 10 20 12 15 10 10"

static void rules_in_their_order(void **state) {
    (void)state;
    static const double second_first[] = {2, 1}, first_only[] = {7, NAN};
    static const uint8_t second_locked[] = {0, 1};
    policy p = usual;
    moves(LAPPED, &p, "1>0:10:area", "");
    p.priority = second_first;
    moves(LAPPED, &p, "0>1:10:priority", "");
    p.priority = first_only;
    p.locked = second_locked;
    moves(LAPPED, &p, "1>0:10:priority", "");
    p.order[0] = WF_REPAIR_LOCKED;
    p.order[1] = WF_REPAIR_PRIORITY;
    moves(LAPPED, &p, "0>1:10:locked", "");
    p = usual;
    p.order[0] = WF_REPAIR_CODE;
    p.n_order = 1;
    moves(LAPPED, &p, "1>0:10:code", "");
    p.n_order = 0;
    moves(LAPPED, &p, "1>0:10:code", "");
}

static void gaps_by_limits(void **state) {
    (void)state;
    static const uint8_t all_but_one[] = {1, 1, 0, 1}, all[] = {1, 1, 1, 1};
    policy p = usual;
    moves(GAPPED, &p, "->3:10:border", "");
    p.gap_area_m2 = 9;
    moves(GAPPED, &p, "", "-1:over the limits for gaps");
    p.gap_area_m2 = 11;
    p.gap_thickness_m = 1;
    moves(GAPPED, &p, "", "-1:over the limits for gaps");
    p.gap_thickness_m = 2;
    moves(GAPPED, &p, "->3:10:border", "");
    p.locked = all_but_one;
    moves(GAPPED, &p, "->2:10:border", "");
    p.locked = all;
    moves(GAPPED, &p, "", "-1:between grids that are locked or fit their own");
}

static void allowed_gaps_stay(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids allowed;
    policy p = usual;
    draw("9 9 13 9 13 21 9 21 9 9", &arena, &allowed);
    p.allowed = &allowed.shape;
    moves(GAPPED, &p, "", "-1:allowed gap");
    draw("9 9 13 9 13 15 9 15 9 9", &arena, &allowed);
    moves(GAPPED, &p, "->3:10:border", "");
    wf_arena_clear(&arena);
}

/* Two parents side by side; the grids as given, the first two of the one, the third of the other. */
static void parents(const char *children, const char *want_changed, uint32_t want_redrawn, uint32_t want_left,
                    const char *want_found) {
    wf_arena arena;
    wf_arena_init(&arena);
    wf_grids g;
    wf_defects d;
    wf_error err = {0};
    wf_repair_result r;
    uint32_t n_redrawn, n_left;
    char text[400], changed[1000] = "", found[400];
    snprintf(text, sizeof text, "%s;%s", A ";" B, children);
    draw(text, &arena, &g);
    static const char *const codes[] = {"P", "Q", "P1", "P2", "Q1"}, *const of[] = {"", "", "P", "P", "Q"};
    for (uint32_t i = 0; i < 5; i++) {
        g.code[i] = codes[i];
        g.parent[i] = of[i];
        g.level[i] = i < 2 ? 3 : 4;
    }
    const wf_check_params check = {.measure = &plain};
    wf_repair_params params = {.check = &check,
                               .n_order = usual.n_order,
                               .n_decimals = 2,
                               .gap_thickness_m = INFINITY,
                               .gap_area_m2 = INFINITY};
    memcpy(params.order, usual.order, sizeof params.order);
    assert_int_equal(wf_coverage_repair_levels(&g, &params, &arena, &r, &n_redrawn, &n_left, &err), WF_OK);
    for (uint32_t i = 0; i < g.shape.n_grids; i++)
        if (r.changed[i])
            put_grid(&r.shape, i, changed, sizeof changed);
    assert_string_equal(changed, want_changed);
    assert_int_equal(n_redrawn, want_redrawn);
    assert_int_equal(n_left, want_left);
    g.shape = r.shape;
    assert_int_equal(wf_coverage_check_levels(&g, 0, &check, &arena, &d, &err), WF_OK);
    print_findings(&d, found, sizeof found);
    assert_string_equal(found, want_found);
    wf_arena_clear(&arena);
}

#define P1 "0 0 5 0 5 10 0 10 0 0"
#define P2 "5 0 10 0 10 10 5 10 5 0"

static void parents_follow_their_grids(void **state) {
    (void)state;
    parents(P1 ";" P2 ";" B, "", 0, 0, "");
    /* Within one parent nothing of it changes. */
    parents("0 0 6 0 6 10 0 10 0 0;" P2 ";" B, "2: 0 0 5 0 6 0 6 10 5 10 0 10 0 0; 3: 6 0 10 0 10 10 6 10 6 0", 0, 0,
            "");
    /* Across the border both are redrawn. */
    parents(P1 ";" P2 ";9 0 20 0 20 10 9 10 9 0",
            "0: 0 0 5 0 9 0 9 10 5 10 0 10 0 0; 1: 9 0 10 0 20 0 20 10 10 10 9 10 9 0; 3: 5 0 9 0 9 10 5 10 5 0; "
            "4: 9 0 10 0 20 0 20 10 10 10 9 10 9 0",
            2, 0, "");
    /* A border between grids that is not the parents' was so before. */
    parents(P1 ";5 0 9 0 9 10 5 10 5 0;9 0 20 0 20 10 9 10 9 0", "", 0, 2, "G05:4+1:10 G15:0:10>0");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(drawn_figures), cmocka_unit_test(rules_in_their_order),
                                       cmocka_unit_test(gaps_by_limits), cmocka_unit_test(allowed_gaps_stay),
                                       cmocka_unit_test(parents_follow_their_grids)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
