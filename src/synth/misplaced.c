/* Planting what is out of place as a whole. A few causes a plan: clarity before speed. */
#include "synth/planting.h"
#include <math.h>
#include <string.h>

enum { FEW_HOUSEHOLDS = 110, MANY_HOUSEHOLDS = 980 };

/* ---- crossing rings --------------------------------------------------------------------------------------------- */

/* Twice the signed area of a triangle, in whole units. */
static __int128_t doubled(wf_spot a, wf_spot b, wf_spot c) {
    return (__int128_t)(b.x - a.x) * (c.y - a.y) - (__int128_t)(b.y - a.y) * (c.x - a.x);
}

/* The triangle a, b and the point where a–c and b–d cross: its area, and 0 when it is so thin that it could pass for
 * noise. */
static double corner_m2(const wf_planting *s, wf_spot a, wf_spot b, wf_spot c, wf_spot d) {
    double t = (double)doubled(b, d, a) / ((double)doubled(b, d, a) - (double)doubled(b, d, c));
    double x[3] = {(double)a.x / 1e7, (double)b.x / 1e7, 0}, y[3] = {(double)a.y / 1e7, (double)b.y / 1e7, 0};
    x[2] = x[0] + t * (double)(c.x - a.x) / 1e7;
    y[2] = y[0] + t * (double)(c.y - a.y) / 1e7;
    double area = s->measure->ring_area_m2(s->measure->self, 3, x, y), around = 0;
    for (int k = 0; k < 3; k++)
        around += hypot((x[(k + 1) % 3] - x[k]) * s->mx * 1e7, (y[(k + 1) % 3] - y[k]) * s->my * 1e7);
    return 4 * area / around > 0.1 ? area : 0;
}

/* Can the two inner vertices of a run of three edges be exchanged? Then its first and last new edges cross, and clear
 * of everything else. */
static bool can_cross(const wf_planting *s, const wf_border_run *r) {
    const wf_spot *v = r->at;
    const uint32_t units[] = {r->unit, r->unit_across};
    __int128_t side_b = doubled(v[0], v[2], v[1]), side_d = doubled(v[0], v[2], v[3]),
               side_a = doubled(v[1], v[3], v[0]), side_c = doubled(v[1], v[3], v[2]);
    if (r->unit == UINT32_MAX || r->unit_across == UINT32_MAX || (side_b > 0) == (side_d > 0) ||
        (side_a > 0) == (side_c > 0) || side_a == 0 || side_b == 0 || side_c == 0 || side_d == 0)
        return false;
    for (int k = 0; k < 2; k++)
        if (wf_edit_hits(&s->edit, units[k], v[0], v[2]) || wf_edit_hits(&s->edit, units[k], v[1], v[3]))
            return false;
    return true;
}

static wf_code plant_bow_tie(wf_planting *s, wf_border_run *r, bool *done, wf_error *err) {
    *done = false;
    if (!wf_planting_draw_run(s, NULL, 3, r) || !can_cross(s, r))
        return WF_OK;
    const wf_spot *v = r->at;
    const double corners[] = {corner_m2(s, v[0], v[1], v[2], v[3]), corner_m2(s, v[3], v[2], v[1], v[0])};
    wf_extent room = wf_planting_extent(4, v);
    if (corners[0] <= 0 || corners[1] <= 0 || !wf_planting_is_free(s, room))
        return WF_OK;
    /* The border turns away from the grid's inside: what is cut off is nobody's, else it is both neighbours'. */
    const char *rule = doubled(v[0], v[2], v[1]) < 0 ? "G03" : "G02";
    const wf_spot exchanged[] = {v[2], v[1]};
    const uint32_t rows[2][2] = {{r->grid, r->across}, {r->unit, r->unit_across}};
    WF_TRY(wf_planting_take(s, room, err));
    s->truth.n_causes++;
    for (uint8_t level = 4; level <= 5; level++) {
        const uint32_t *pair = rows[level - 4];
        wf_edit_move(&s->edit, pair[0], 2, &v[1], exchanged);
        WF_TRY(wf_planting_expect(s, "bow-tie", "G01", level, NAN, 1, pair, err));
        for (int k = 0; k < 2; k++)
            WF_TRY(wf_planting_expect(s, "bow-tie", rule, level, corners[k], 2, pair, err));
    }
    *done = true;
    return WF_OK;
}

static wf_code plant_bow_ties(wf_planting *s, wf_error *err) {
    wf_border_run *r = WF_NEW(s->keep, wf_border_run, 1);
    if (r == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < s->p->n_bow_ties; i++) {
        bool done = false;
        for (int t = 0; t < WF_PLANTING_TRIES && !done; t++)
            WF_TRY(plant_bow_tie(s, r, &done, err));
        s->truth.n_left_out += !done;
    }
    return WF_OK;
}

/* ---- a unit under a parent far away ----------------------------------------------------------------------------- */

/* The grid's code with a number that its units do not reach. */
static const char *code_under(wf_planting *s, const char *grid, uint32_t number) {
    size_t n = strlen(grid);
    char *code = wf_arena_alloc(s->keep, n + 4, 1);
    if (code == NULL)
        return NULL;
    memcpy(code, grid, n);
    for (size_t k = 3; k > 0; k--, number /= 10)
        code[n + k - 1] = (char)('0' + number % 10);
    return code;
}

static bool apart(wf_extent a, wf_extent b) {
    return a.east < b.west || b.east < a.west || a.north < b.south || b.north < a.south;
}

static wf_code plant_misplaced_units(wf_planting *s, wf_error *err) {
    for (uint32_t i = 0; i < s->p->n_misplaced_units; i++) {
        uint32_t grid, other, unit = UINT32_MAX;
        wf_extent room, far;
        bool found =
            wf_planting_draw_whole(s, &grid, &room) && wf_planting_draw_whole(s, &other, &far) && apart(room, far);
        while (found && (unit == UINT32_MAX || !wf_planting_is_unit_of(s, unit, grid)))
            unit = (uint32_t)wf_random_below(&s->random, s->clean->shape.n_grids);
        if (!found) {
            s->truth.n_left_out++;
            continue;
        }
        const char *code = code_under(s, s->clean->code[other], 950 - i);
        const uint32_t rows[] = {unit, other};
        if (code == NULL)
            return wf_fail_nomem(err);
        WF_TRY(wf_planting_take(s, room, err));
        WF_TRY(wf_planting_take(s, far, err));
        s->truth.n_causes++;
        s->out->code[unit] = code;
        s->out->parent[unit] = s->clean->code[other];
        WF_TRY(wf_planting_expect(s, "child outside its parent", "G05", 5, s->clean->area_m2[unit], 2, rows, err));
    }
    return WF_OK;
}

/* ---- households ------------------------------------------------------------------------------------------------- */

static wf_code plant_households(wf_planting *s, uint32_t count, bool many, wf_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t grid = 0;
        wf_extent room;
        bool found = false;
        for (int t = 0; t < 50 && !found; t++)
            found = wf_planting_draw_whole(s, &grid, &room) && strcmp(s->clean->kind[grid], "城市网格") == 0 &&
                    s->clean->households[grid] >= FEW_HOUSEHOLDS && s->clean->households[grid] <= MANY_HOUSEHOLDS;
        if (!found) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        s->out->households[grid] = many ? MANY_HOUSEHOLDS + 1 + (double)wf_random_below(&s->random, 400)
                                        : FEW_HOUSEHOLDS - 1 - (double)wf_random_below(&s->random, 50);
        WF_TRY(
            wf_planting_expect(s, many ? "households over 980" : "households under 110", "G12", 4, NAN, 1, &grid, err));
    }
    return WF_OK;
}

wf_code wf_planting_misplace(wf_planting *s, wf_error *err) {
    WF_TRY(plant_misplaced_units(s, err));
    WF_TRY(plant_households(s, s->p->n_many_households, true, err));
    WF_TRY(plant_households(s, s->p->n_few_households, false, err));
    return plant_bow_ties(s, err);
}
