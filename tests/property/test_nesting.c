/* Children that leave their parent: swapped codes and moved borders, on a plan that is seamless by construction.
 * Exactly the pairs of G05 and G15 are found, with the areas known beforehand, and each G15 refers to its G05. */
#include "base/random.h"
#include "bridge/measure.h"
#include "coverage/levels.h"
#include "coverage/nest.h"
#include "synth/edit.h"
#include "synth/plan.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 3, SWAPS = 3, MOVES = 8 };

typedef struct {
    const char *rule;
    uint32_t first, second; /* child and parent, or parent and UINT32_MAX */
    double area_m2;
} want;

typedef struct {
    wf_arena arena;
    wf_measure measure;
    wf_random random;
    wf_grids g;
    want wanted[2 * (2 * SWAPS + MOVES)];
    uint32_t n;
    uint8_t *used; /* rows that are part of a case */
} plan;

static void expect(plan *p, const char *rule, uint32_t first, uint32_t second, double area_m2) {
    p->wanted[p->n++] = (want){rule, first, second, area_m2};
}

static uint32_t parent_row(const wf_grids *g, uint32_t row) {
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->level[i] == g->level[row] - 1 && strcmp(g->code[i], g->parent[row]) == 0)
            return i;
    fail_msg("%s has no parent", g->code[row]);
    return UINT32_MAX;
}

static uint32_t draw_unit(plan *p) {
    for (;;) {
        uint32_t row = (uint32_t)wf_random_below(&p->random, p->g.shape.n_grids);
        if (p->g.level[row] == 5 && !p->used[row] && !p->used[parent_row(&p->g, row)])
            return row;
    }
}

static void use_family(plan *p, uint32_t parent) {
    p->used[parent] = 1;
    for (uint32_t i = 0; i < p->g.shape.n_grids; i++)
        if (p->g.level[i] == 5 && strcmp(p->g.parent[i], p->g.code[parent]) == 0)
            p->used[i] = 1;
}

/* Two units change their parent codes: each is outside, and each parent lacks what it had. */
static void swap_units(plan *p) {
    uint32_t a = draw_unit(p), at_a = parent_row(&p->g, a);
    use_family(p, at_a);
    uint32_t b = draw_unit(p), at_b = parent_row(&p->g, b);
    use_family(p, at_b);
    const char *code = p->g.parent[a];
    p->g.parent[a] = p->g.parent[b];
    p->g.parent[b] = code;
    double area_a = wf_polygons_area_m2(&p->g.shape, a, &p->measure),
           area_b = wf_polygons_area_m2(&p->g.shape, b, &p->measure);
    expect(p, "G05", a, at_b, area_a);
    expect(p, "G05", b, at_a, area_b);
    expect(p, "G15", at_a, UINT32_MAX, area_a);
    expect(p, "G15", at_b, UINT32_MAX, area_b);
}

/* One vertex of the border between units of two grids moves in both units, and stays in the grids. */
static bool move_border(plan *p, wf_edit *edit) {
    uint32_t row = draw_unit(p);
    const wf_edit_ring *ring = &edit->polygon[row].ring[0];
    if (edit->polygon[row].n != 1 || ring->n < 6)
        return false;
    uint32_t at = 1 + (uint32_t)wf_random_below(&p->random, ring->n - 3);
    wf_spot a = ring->at[at - 1], v = ring->at[at], b = ring->at[at + 1];
    uint32_t across = wf_edit_across(edit, 5, a, v);
    if (across == UINT32_MAX || wf_edit_across(edit, 5, v, b) != across || p->used[across])
        return false;
    uint32_t here = parent_row(&p->g, row), there = parent_row(&p->g, across);
    wf_spot moved = {v.x + (int64_t)wf_random_below(&p->random, 41) - 20,
                     v.y + (int64_t)wf_random_below(&p->random, 41) - 20};
    bool grows = wf_edit_inside(edit, across, moved);
    if (here == there || p->used[there] || (!grows && !wf_edit_inside(edit, row, moved)) ||
        wf_edit_cross(a, moved, v, b) || wf_edit_cross(moved, b, a, v) || wf_edit_hits(edit, row, a, moved) ||
        wf_edit_hits(edit, row, moved, b) || wf_edit_hits(edit, across, a, moved) ||
        wf_edit_hits(edit, across, moved, b))
        return false;
    const double x[] = {(double)a.x / 1e7, (double)moved.x / 1e7, (double)b.x / 1e7, (double)v.x / 1e7};
    const double y[] = {(double)a.y / 1e7, (double)moved.y / 1e7, (double)b.y / 1e7, (double)v.y / 1e7};
    double area = p->measure.ring_area_m2(p->measure.self, 4, x, y);
    if (area < 1e-3)
        return false;
    wf_edit_move(edit, row, 1, &v, &moved);
    wf_edit_move(edit, across, 1, &v, &moved);
    use_family(p, here);
    use_family(p, there);
    expect(p, "G05", grows ? row : across, grows ? here : there, area);
    expect(p, "G15", grows ? there : here, UINT32_MAX, area);
    return true;
}

static bool is_wanted(const plan *p, const wf_defects *d, uint32_t i, uint8_t *seen) {
    const wf_defect *r = &d->row[i];
    for (uint32_t k = 0; k < p->n; k++) {
        const want *w = &p->wanted[k];
        if (seen[k] || strcmp(w->rule, r->rule) != 0 || d->owner[r->owner_first] != w->first ||
            (w->second != UINT32_MAX && (r->n_owners != 2 || d->owner[r->owner_first + 1] != w->second)) ||
            fabs(w->area_m2 - r->area_m2) > fmax(1e-6 * w->area_m2, 1e-3))
            continue;
        seen[k] = 1;
        return r->level == (w->second != UINT32_MAX ? 5 : 4);
    }
    return false;
}

static void misfits_come_in_pairs(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        plan p = {.n = 0};
        wf_edit edit;
        wf_defects d;
        wf_error err = {0};
        wf_synth_plan_params params = wf_synth_plan_defaults();
        params.seed = seed;
        wf_arena_init(&p.arena);
        wf_random_seed(&p.random, seed, 17);
        wf_measure_init(&p.measure, true);
        const wf_check_params check = {.floor_m = 0.02, .geographic = true, .measure = &p.measure};
        assert_int_equal(wf_synth_plan_make(&params, &p.measure, &p.arena, &p.g, &err), WF_OK);
        p.used = wf_arena_alloc(&p.arena, p.g.shape.n_grids, 1);
        for (uint8_t level = 1; level < 5; level++) {
            assert_int_equal(wf_coverage_nest(&p.g, level, level + 1, &check, &p.arena, &d, &err), WF_OK);
            assert_int_equal(d.n, 0);
        }
        wf_grids clean = p.g;
        assert_int_equal(wf_edit_open(&edit, &clean, 0, &p.arena, &err), WF_OK);
        for (int i = 0; i < MOVES;)
            i += move_border(&p, &edit);
        assert_int_equal(wf_edit_close(&edit, &p.g.shape, &err), WF_OK);
        for (int i = 0; i < SWAPS; i++)
            swap_units(&p);
        uint8_t seen[sizeof p.wanted / sizeof *p.wanted] = {0};
        assert_int_equal(wf_coverage_nest(&p.g, 4, 5, &check, &p.arena, &d, &err), WF_OK);
        assert_int_equal(d.n, p.n);
        for (uint32_t i = 0; i < d.n; i++)
            if (!is_wanted(&p, &d, i, seen))
                fail_msg("seed %u: %s of %s, %.4f m2, was not planted", (unsigned)seed, d.row[i].rule,
                         p.g.code[d.owner[d.row[i].owner_first]], d.row[i].area_m2);
        /* On all levels each G15 refers to the G05 of the same area. */
        uint32_t n_pairs = 0;
        assert_int_equal(wf_coverage_check_levels(&p.g, 0, &check, &p.arena, &d, &err), WF_OK);
        for (uint32_t i = 0; i < d.n; i++)
            if (strcmp(d.row[i].rule, "G15") == 0) {
                assert_true(d.row[i].see < d.n);
                assert_string_equal(d.row[d.row[i].see].rule, "G05");
                assert_true(fabs(d.row[d.row[i].see].area_m2 - d.row[i].area_m2) < 1e-3);
                n_pairs++;
            }
        assert_int_equal(n_pairs, p.n / 2);
        wf_arena_clear(&p.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(misfits_come_in_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
