/* Planting defects whose areas are known before any check has run. Each cause draws places until one fits: inside,
 * clear of other borders, clear of other causes. */
#include "synth/defects.h"
#include "base/hash.h"
#include "synth/planting.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = WF_PLANTING_TRIES, MAX_RUN = WF_PLANTING_RUN, CLEAR_UNITS = 1000 };

wf_synth_defects_params wf_synth_defects_defaults(void) {
    return (wf_synth_defects_params){.n_slivers = 12,
                                     .n_digitising = 8,
                                     .n_rivers = 1,
                                     .n_estates = 1,
                                     .n_roundabouts = 1,
                                     .n_medians = 1,
                                     .n_small_overlaps = 6,
                                     .n_claims = 5,
                                     .n_duplicates = 2,
                                     .n_self_touching = 2,
                                     .n_multiparts = 4,
                                     .n_filled_holes = 1,
                                     .n_lone_vertices = 4,
                                     .n_empty = 2,
                                     .n_unclosed = 1,
                                     .n_swapped = 1,
                                     .n_duplicate_codes = 3,
                                     .n_wrong_prefixes = 2,
                                     .n_area_units = 3,
                                     .n_no_worker = 4,
                                     .n_bow_ties = 1,
                                     .n_misplaced_units = 1,
                                     .n_many_households = 2,
                                     .n_few_households = 3,
                                     .n_in_gcj = 1,
                                     .n_in_datum = 1,
                                     .sliver_m = {0.03, 0.07},
                                     .digitising_m = {0.5, 3},
                                     .small_overlap_m = {1, 10},
                                     .claim_m2 = {50000, 150000}};
}

/* ---- truth ------------------------------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The codes of rows, each once, ascending, joined by ";". */
static const char *join_codes(wf_planting *s, uint32_t n, const uint32_t *rows) {
    const char **codes = WF_NEW(s->keep, const char *, n);
    size_t room = 1;
    if (codes == NULL)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        codes[i] = s->out->code[rows[i]];
        room += strlen(codes[i]) + 1;
    }
    qsort(codes, n, sizeof *codes, by_text);
    char *text = wf_arena_alloc(s->keep, room, 1);
    size_t at = 0;
    for (uint32_t i = 0; text != NULL && i < n; i++) {
        if (i > 0 && strcmp(codes[i], codes[i - 1]) == 0)
            continue;
        if (at > 0)
            text[at++] = ';';
        memcpy(text + at, codes[i], strlen(codes[i]));
        at += strlen(codes[i]);
    }
    return text;
}

wf_code wf_planting_expect(wf_planting *s, const char *cause, const char *rule, uint8_t level, double area_m2,
                           uint32_t n, const uint32_t *rows, wf_error *err) {
    wf_synth_finding f = {s->truth.n_causes, cause, rule, join_codes(s, n, rows), level, area_m2};
    if (f.codes == NULL || WF_ROOM(s->keep, s->truth.row, s->truth.n, s->cap_rows))
        return wf_fail_nomem(err);
    s->truth.row[s->truth.n++] = f;
    return WF_OK;
}

/* ---- room ------------------------------------------------------------------------------------------------------- */

wf_extent wf_planting_extent(uint32_t n, const wf_spot *at) {
    wf_extent e = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN};
    for (uint32_t i = 0; i < n; i++) {
        e.west = at[i].x < e.west ? at[i].x : e.west;
        e.south = at[i].y < e.south ? at[i].y : e.south;
        e.east = at[i].x > e.east ? at[i].x : e.east;
        e.north = at[i].y > e.north ? at[i].y : e.north;
    }
    return (wf_extent){e.west - CLEAR_UNITS, e.south - CLEAR_UNITS, e.east + CLEAR_UNITS, e.north + CLEAR_UNITS};
}

/* Of a row before anything was planted: a grid with swapped axes still holds its place. */
wf_extent wf_planting_clean_extent(const wf_planting *s, uint32_t row) {
    const wf_polygons *p = &s->clean->shape;
    wf_extent e = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN};
    uint32_t to = p->ring_start[p->part_start[p->grid_start[row + 1]]];
    for (uint32_t v = p->ring_start[p->part_start[p->grid_start[row]]]; v < to; v++) {
        const wf_spot at = {llround(p->x[v] * 1e7), llround(p->y[v] * 1e7)};
        wf_extent one = wf_planting_extent(1, &at);
        e.west = one.west < e.west ? one.west : e.west;
        e.south = one.south < e.south ? one.south : e.south;
        e.east = one.east > e.east ? one.east : e.east;
        e.north = one.north > e.north ? one.north : e.north;
    }
    return e;
}

bool wf_planting_is_free(const wf_planting *s, wf_extent e) {
    for (uint32_t i = 0; i < s->n_taken; i++)
        if (e.west <= s->taken[i].east && e.east >= s->taken[i].west && e.south <= s->taken[i].north &&
            e.north >= s->taken[i].south)
            return false;
    return true;
}

wf_code wf_planting_take(wf_planting *s, wf_extent e, wf_error *err) {
    if (WF_ROOM(s->keep, s->taken, s->n_taken, s->cap_taken))
        return wf_fail_nomem(err);
    s->taken[s->n_taken++] = e;
    return WF_OK;
}

static double draw(wf_planting *s, const double limits[2]) {
    return limits[0] + (limits[1] - limits[0]) * wf_random_unit(&s->random);
}

/* A row of level 4 or 5 drawn at random, no carved-out or overlay grid. */
uint32_t wf_planting_draw_row(wf_planting *s, uint8_t level, const char *kind) {
    for (;;) {
        uint32_t row = (uint32_t)wf_random_below(&s->random, s->clean->shape.n_grids);
        if (s->clean->level[row] == level && s->clean->role[row] == WF_ROLE_PARTITION &&
            (kind == NULL || strcmp(s->clean->kind[row], kind) == 0))
            return row;
    }
}

static double figure_m2(const wf_planting *s, uint32_t n, const wf_spot *at) {
    double x[2 * MAX_RUN + 2], y[2 * MAX_RUN + 2];
    for (uint32_t i = 0; i < n; i++) {
        x[i] = (double)at[i].x / 1e7;
        y[i] = (double)at[i].y / 1e7;
    }
    return s->measure->ring_area_m2(s->measure->self, n, x, y);
}

/* ---- border runs ------------------------------------------------------------------------------------------------ */

/* A stretch of n edges of a grid's border beside one neighbour, from a random place. */
bool wf_planting_draw_run(wf_planting *s, const char *kind, uint32_t n_edges, wf_border_run *r) {
    r->grid = wf_planting_draw_row(s, 4, kind);
    const wf_edit_ring *ring = &s->edit.polygon[r->grid].ring[0];
    if (s->edit.polygon[r->grid].n != 1 || ring->n - 1 <= n_edges + 2 || n_edges + 1 > MAX_RUN)
        return false;
    uint32_t from = (uint32_t)wf_random_below(&s->random, ring->n - 1);
    for (uint32_t i = 0; i <= n_edges; i++)
        r->at[i] = ring->at[(from + i) % (ring->n - 1)];
    r->n = n_edges + 1;
    r->across = wf_edit_across(&s->edit, 4, r->at[0], r->at[1]);
    r->unit = wf_edit_along(&s->edit, 5, r->at[0], r->at[1]);
    r->unit_across = wf_edit_across(&s->edit, 5, r->at[0], r->at[1]);
    for (uint32_t i = 0; i < n_edges; i++) {
        if (r->across == UINT32_MAX || wf_edit_along(&s->edit, 4, r->at[i], r->at[i + 1]) != r->grid ||
            wf_edit_across(&s->edit, 4, r->at[i], r->at[i + 1]) != r->across)
            return false;
        if (wf_edit_along(&s->edit, 5, r->at[i], r->at[i + 1]) != r->unit)
            r->unit = UINT32_MAX;
        if (wf_edit_across(&s->edit, 5, r->at[i], r->at[i + 1]) != r->unit_across)
            r->unit_across = UINT32_MAX;
    }
    return true;
}

static double chord_m(const wf_planting *s, const wf_border_run *r) {
    return hypot((double)(r->at[r->n - 1].x - r->at[0].x) * s->mx, (double)(r->at[r->n - 1].y - r->at[0].y) * s->my);
}

/* Move the inner vertices by `metres` to the left of the chord (right when negative). False unless every edge goes
 * forward along the chord, which makes the figure between the two lines simple. */
static bool shift_run(const wf_planting *s, wf_border_run *r, double metres) {
    double dx = (double)(r->at[r->n - 1].x - r->at[0].x) * s->mx, dy = (double)(r->at[r->n - 1].y - r->at[0].y) * s->my,
           len = hypot(dx, dy);
    if (len == 0)
        return false;
    dx /= len;
    dy /= len;
    for (uint32_t i = 0; i + 1 < r->n; i++) {
        double ex = (double)(r->at[i + 1].x - r->at[i].x) * s->mx, ey = (double)(r->at[i + 1].y - r->at[i].y) * s->my;
        if (ex * dx + ey * dy < 0.3 * hypot(ex, ey))
            return false;
    }
    for (uint32_t i = 0; i < r->n; i++)
        r->moved[i] = r->at[i];
    for (uint32_t i = 1; i + 1 < r->n; i++) {
        r->moved[i].x += llround(-dy * metres / s->mx);
        r->moved[i].y += llround(dx * metres / s->my);
        if (r->moved[i].x == r->at[i].x && r->moved[i].y == r->at[i].y)
            return false;
    }
    return true;
}

/* Is the moved line clear of every border of the row? Its ends lie on the border. */
static bool clear_of(const wf_planting *s, const wf_border_run *r, uint32_t row) {
    for (uint32_t i = 0; i + 1 < r->n; i++)
        if (wf_edit_hits(&s->edit, row, r->moved[i], r->moved[i + 1]))
            return false;
    for (uint32_t i = 0; i + 1 < r->n; i++)
        for (uint32_t k = 0; k + 1 < r->n; k++)
            if (wf_edit_cross(r->moved[i], r->moved[i + 1], r->moved[k], r->moved[k + 1]))
                return false;
    return true;
}

static uint32_t run_figure(const wf_border_run *r, wf_spot *figure) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        figure[n++] = r->at[i];
    for (uint32_t i = r->n - 2; i > 0; i--)
        figure[n++] = r->moved[i];
    return n;
}

bool wf_planting_is_unit_of(const wf_planting *s, uint32_t row, uint32_t grid) {
    return s->clean->level[row] == 5 && s->parent_row[row] == grid;
}

static void move_all(wf_planting *s, const wf_border_run *r) {
    wf_edit_move(&s->edit, r->grid, r->n, r->at, r->moved);
    for (uint32_t row = 0; row < s->clean->shape.n_grids; row++)
        if (wf_planting_is_unit_of(s, row, r->grid))
            wf_edit_move(&s->edit, row, r->n, r->at, r->moved);
}

/* Plant one moved run: to the inside a gap, to the outside an overlap. */
static wf_code plant_run(wf_planting *s, const char *cause, const char *kind, uint32_t n_edges, double metres,
                         const char *rule, double least_m2, bool *done, wf_error *err) {
    wf_border_run *r = WF_NEW(s->keep, wf_border_run, 1);
    wf_spot *figure = WF_NEW(s->keep, wf_spot, 2 * MAX_RUN);
    if (r == NULL || figure == NULL)
        return wf_fail_nomem(err);
    *done = false;
    for (int t = 0; t < TRIES && !*done; t++) {
        if (!wf_planting_draw_run(s, kind, n_edges, r))
            continue;
        double shift = least_m2 > 0 ? (metres < 0 ? -1 : 1) * least_m2 / chord_m(s, r) : metres;
        if (r->unit == UINT32_MAX || r->unit_across == UINT32_MAX || !shift_run(s, r, shift))
            continue;
        uint32_t into = metres > 0 ? r->unit : r->unit_across, n = run_figure(r, figure);
        wf_extent room = wf_planting_extent(n, figure);
        if (!wf_planting_is_free(s, room) || !wf_edit_inside(&s->edit, into, r->moved[r->n / 2]) ||
            !clear_of(s, r, into))
            continue;
        double area = figure_m2(s, n, figure);
        const uint32_t grids[] = {r->grid, r->across}, units[] = {r->unit, r->unit_across};
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        move_all(s, r);
        WF_TRY(wf_planting_expect(s, cause, rule, 4, area, 2, grids, err));
        WF_TRY(wf_planting_expect(s, cause, rule, 5, area, 2, units, err));
        *done = true;
    }
    return WF_OK;
}

static wf_code plant_runs(wf_planting *s, uint32_t n, const char *cause, const char *kind, uint32_t n_edges,
                          double sign, const double limits[2], bool by_area, const char *rule, wf_error *err) {
    for (uint32_t i = 0; i < n; i++) {
        double size = draw(s, limits);
        bool done = false;
        for (uint32_t edges = n_edges; edges >= 3 && !done; edges = edges * 2 / 3)
            WF_TRY(plant_run(s, cause, kind, edges, sign * (by_area ? 1 : size), rule, by_area ? size : 0, &done, err));
        s->truth.n_left_out += !done;
    }
    return WF_OK;
}

/* One vertex that the neighbour lacks, one unit beside the border: a triangle of a few square centimetres. */
static wf_code plant_lone_vertices(wf_planting *s, wf_error *err) {
    wf_border_run *r = WF_NEW(s->keep, wf_border_run, 1);
    if (r == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < s->p->n_lone_vertices; i++) {
        bool done = false;
        for (int t = 0; t < TRIES && !done; t++) {
            if (!wf_planting_draw_run(s, NULL, 1, r) || r->unit == UINT32_MAX || r->unit_across == UINT32_MAX)
                continue;
            wf_spot middle = {(r->at[0].x + r->at[1].x) / 2 + (i % 2 ? 1 : -1),
                              (r->at[0].y + r->at[1].y) / 2 + (i % 2 ? -1 : 1)};
            const wf_spot figure[] = {r->at[0], r->at[1], middle};
            wf_extent room = wf_planting_extent(3, figure);
            if (!wf_planting_is_free(s, room) ||
                (!wf_edit_inside(&s->edit, r->unit, middle) && !wf_edit_inside(&s->edit, r->unit_across, middle)))
                continue;
            const uint32_t grids[] = {r->grid, r->across}, units[] = {r->unit, r->unit_across};
            WF_TRY(wf_planting_take(s, room, err));
            s->truth.n_causes++;
            WF_TRY(wf_edit_insert(&s->edit, r->grid, r->at[0], r->at[1], 1, &middle, err));
            WF_TRY(wf_edit_insert(&s->edit, r->unit, r->at[0], r->at[1], 1, &middle, err));
            WF_TRY(wf_planting_expect(s, "unmatched vertex", "G06", 4, figure_m2(s, 3, figure), 2, grids, err));
            WF_TRY(wf_planting_expect(s, "unmatched vertex", "G06", 5, figure_m2(s, 3, figure), 2, units, err));
            done = true;
        }
        s->truth.n_left_out += !done;
    }
    return WF_OK;
}

/* A loop into the inside that comes back to the vertex it left: covered twice, by the even-odd rule not at all. */
static wf_code plant_self_touching(wf_planting *s, wf_error *err) {
    wf_border_run *r = WF_NEW(s->keep, wf_border_run, 1);
    if (r == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < s->p->n_self_touching; i++) {
        bool done = false;
        for (int t = 0; t < TRIES && !done; t++) {
            if (!wf_planting_draw_run(s, NULL, 1, r) || r->unit == UINT32_MAX)
                continue;
            double dx = (double)(r->at[1].x - r->at[0].x) * s->mx, dy = (double)(r->at[1].y - r->at[0].y) * s->my;
            const double f[2][2] = {{0.35, 0.3}, {0.15, 0.6}};
            wf_spot loop[3];
            for (int k = 0; k < 2; k++)
                loop[k] = (wf_spot){r->at[0].x + llround((f[k][0] * dx - f[k][1] * dy) / s->mx),
                                    r->at[0].y + llround((f[k][0] * dy + f[k][1] * dx) / s->my)};
            loop[2] = r->at[0];
            wf_extent room = wf_planting_extent(3, loop);
            if (!wf_planting_is_free(s, room))
                continue;
            bool clear = true;
            for (int k = 0; k < 3; k++)
                clear = clear && !wf_edit_hits(&s->edit, r->unit, loop[k], loop[(k + 1) % 3]) &&
                        (k == 2 || wf_edit_inside(&s->edit, r->unit, loop[k]));
            if (!clear)
                continue;
            WF_TRY(wf_planting_take(s, room, err));
            s->truth.n_causes++;
            const uint32_t rows[] = {r->grid, r->unit};
            for (int level = 0; level < 2; level++) {
                WF_TRY(wf_edit_insert(&s->edit, rows[level], r->at[0], r->at[1], 3, loop, err));
                WF_TRY(wf_planting_expect(s, "self-touching ring", "G01", (uint8_t)(4 + level), NAN, 1, &rows[level],
                                          err));
                WF_TRY(wf_planting_expect(s, "self-touching ring", "G03", (uint8_t)(4 + level), figure_m2(s, 3, loop),
                                          1, &rows[level], err));
            }
            done = true;
        }
        s->truth.n_left_out += !done;
    }
    return WF_OK;
}

/* ---- figures inside a unit -------------------------------------------------------------------------------------- */

/* A rectangle or, with height 0, a sixteen-cornered round of that width, turned by chance, counter-clockwise. */
static uint32_t draw_figure(wf_planting *s, wf_spot middle, double width_m, double height_m, wf_spot *figure) {
    double turned = wf_random_unit(&s->random) * M_PI, c = cos(turned), sn = sin(turned);
    uint32_t n = height_m > 0 ? 4 : 16;
    for (uint32_t i = 0; i < n; i++) {
        double x, y;
        if (height_m > 0) {
            x = (i == 0 || i == 3 ? -0.5 : 0.5) * width_m;
            y = (i < 2 ? -0.5 : 0.5) * height_m;
        } else {
            x = width_m / 2 * cos(2 * M_PI * i / n);
            y = width_m / 2 * sin(2 * M_PI * i / n);
        }
        figure[i] =
            (wf_spot){middle.x + llround((c * x - sn * y) / s->mx), middle.y + llround((c * y + sn * x) / s->my)};
    }
    return n;
}

/* A unit and a figure strictly inside it, clear of other causes. */
static bool fit_figure(wf_planting *s, const char *kind, double width_m, double height_m, uint32_t *unit, uint32_t *n,
                       wf_spot *figure) {
    const wf_polygons *p = &s->clean->shape;
    for (int t = 0; t < TRIES; t++) {
        *unit = wf_planting_draw_row(s, 5, NULL);
        uint32_t grid = s->parent_row[*unit], from = p->ring_start[p->part_start[p->grid_start[*unit]]],
                 to = p->ring_start[p->part_start[p->grid_start[*unit]] + 1];
        if (kind != NULL && strcmp(s->clean->kind[grid], kind) != 0)
            continue;
        uint32_t a = from + (uint32_t)wf_random_below(&s->random, to - from),
                 b = from + (uint32_t)wf_random_below(&s->random, to - from);
        wf_spot middle = {llround((p->x[a] + p->x[b]) / 2 * 1e7), llround((p->y[a] + p->y[b]) / 2 * 1e7)};
        *n = draw_figure(s, middle, width_m, height_m, figure);
        bool inside = wf_planting_is_free(s, wf_planting_extent(*n, figure));
        for (uint32_t i = 0; inside && i < *n; i++)
            inside = wf_edit_inside(&s->edit, *unit, figure[i]) &&
                     !wf_edit_hits(&s->edit, *unit, figure[i], figure[(i + 1) % *n]);
        if (inside)
            return true;
    }
    return false;
}

static wf_code cut(wf_planting *s, uint32_t unit, uint32_t n, const wf_spot *figure, wf_error *err) {
    WF_TRY(wf_planting_take(s, wf_planting_extent(n, figure), err));
    s->truth.n_causes++;
    WF_TRY(wf_edit_add(&s->edit, unit, false, n, figure, err));
    return wf_edit_add(&s->edit, s->parent_row[unit], false, n, figure, err);
}

static wf_code plant_voids(wf_planting *s, uint32_t count, const char *cause, const char *kind, double width_m,
                           double height_m, wf_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit, n;
        wf_spot figure[16];
        if (!fit_figure(s, kind, width_m, height_m, &unit, &n, figure)) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(cut(s, unit, n, figure, err));
        const uint32_t grid = s->parent_row[unit];
        WF_TRY(wf_planting_expect(s, cause, "G03", 4, figure_m2(s, n, figure), 1, &grid, err));
        WF_TRY(wf_planting_expect(s, cause, "G03", 5, figure_m2(s, n, figure), 1, &unit, err));
    }
    return WF_OK;
}

/* A patch cut out of one grid and given to another one far away: a detached part, and still seamless. */
static wf_code plant_multiparts(wf_planting *s, wf_error *err) {
    for (uint32_t i = 0; i < s->p->n_multiparts; i++) {
        uint32_t unit, n, owner = wf_planting_draw_row(s, 5, NULL);
        wf_spot figure[16];
        bool fits = false;
        for (int t = 0; t < TRIES && !fits; t++) {
            owner = wf_planting_draw_row(s, 5, NULL);
            const wf_edit_polygon *p = &s->edit.polygon[s->parent_row[owner]];
            fits = s->edit.polygon[owner].n == 1 && p->n == 1 &&
                   wf_planting_is_free(s, wf_planting_clean_extent(s, s->parent_row[owner]));
        }
        if (!fits || !fit_figure(s, NULL, 30, 20, &unit, &n, figure) || s->parent_row[unit] == s->parent_row[owner]) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(cut(s, unit, n, figure, err));
        const uint32_t rows[] = {s->parent_row[owner], owner};
        for (int level = 0; level < 2; level++) {
            WF_TRY(wf_edit_add(&s->edit, rows[level], true, n, figure, err));
            WF_TRY(wf_planting_expect(s, "detached part", "G07", (uint8_t)(4 + level), NAN, 1, &rows[level], err));
        }
    }
    return WF_OK;
}

/* ---- new and missing grids -------------------------------------------------------------------------------------- */

static uint32_t add_row(wf_planting *s, uint32_t like, const char *code, const char *parent, uint8_t level) {
    wf_grids *g = s->out;
    uint32_t row = s->edit.n++;
    g->code[row] = code;
    g->name[row] = g->name[like];
    g->parent[row] = parent;
    g->kind[row] = "专属网格";
    g->level[row] = level;
    g->role[row] = WF_ROLE_PARTITION;
    g->households[row] = g->population[row] = g->floating_pop[row] = 0;
    g->workers[row] = 1;
    g->declared_area_m2[row] = g->area_m2[row] = NAN;
    g->feature[row] = row + 1;
    s->n_new++;
    return row;
}

/* `prefix` with its last three digits replaced by a number from 990 down, which no grid of a plan carries. */
static const char *fresh_code(wf_planting *s, const char *like) {
    size_t n = strlen(like);
    char *code = wf_arena_text(s->keep, like, n);
    if (code != NULL) {
        uint32_t number = 990 - s->n_new;
        for (int k = 1; k <= 3; k++, number /= 10)
            code[n - (size_t)k] = (char)('0' + number % 10);
    }
    return code;
}

/* A grid that no cause has touched, with its whole extent free, off the rim. */
bool wf_planting_draw_whole(wf_planting *s, uint32_t *grid, wf_extent *room) {
    for (int t = 0; t < TRIES; t++) {
        *grid = wf_planting_draw_row(s, 4, NULL);
        const wf_edit_polygon *p = &s->edit.polygon[*grid];
        if (p->n != 1)
            continue;
        *room = wf_planting_clean_extent(s, *grid);
        bool inner = wf_planting_is_free(s, *room);
        for (uint32_t v = 0; inner && v + 1 < p->ring[0].n; v++)
            inner = wf_edit_across(&s->edit, 4, p->ring[0].at[v], p->ring[0].at[v + 1]) != UINT32_MAX;
        if (inner)
            return true;
    }
    return false;
}

static wf_code plant_duplicates(wf_planting *s, wf_error *err) {
    for (uint32_t i = 0; i < s->p->n_duplicates; i++) {
        uint32_t grid;
        wf_extent room;
        if (!wf_planting_draw_whole(s, &grid, &room)) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        const wf_edit_ring *ring = &s->edit.polygon[grid].ring[0];
        uint32_t rows[] = {grid, add_row(s, grid, fresh_code(s, s->clean->code[grid]), s->clean->parent[grid], 4)};
        if (s->out->code[rows[1]] == NULL)
            return wf_fail_nomem(err);
        WF_TRY(wf_edit_add(&s->edit, rows[1], true, ring->n - 1, ring->at, err));
        s->out->declared_area_m2[rows[1]] = s->clean->declared_area_m2[grid];
        WF_TRY(wf_planting_expect(s, "duplicate polygon", "G10", 4, s->clean->area_m2[grid], 2, rows, err));
    }
    return WF_OK;
}

/* A hole that a new unit grid fills: nothing to report. */
static wf_code plant_filled_holes(wf_planting *s, wf_error *err) {
    for (uint32_t i = 0; i < s->p->n_filled_holes; i++) {
        uint32_t unit, n;
        wf_spot figure[16];
        if (!fit_figure(s, NULL, 40, 0, &unit, &n, figure)) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(cut(s, unit, n, figure, err));
        uint32_t grid = s->parent_row[unit];
        const char *code = fresh_code(s, s->clean->code[grid]);
        uint32_t new_grid = add_row(s, grid, code, s->clean->parent[grid], 4);
        const char *unit_code = code == NULL ? NULL : fresh_code(s, s->clean->code[unit]);
        uint32_t new_unit = add_row(s, unit, unit_code, code, 5);
        if (unit_code == NULL)
            return wf_fail_nomem(err);
        memcpy((char *)(size_t)unit_code, code, strlen(code));
        WF_TRY(wf_edit_add(&s->edit, new_grid, true, n, figure, err));
        WF_TRY(wf_edit_add(&s->edit, new_unit, true, n, figure, err));
    }
    return WF_OK;
}

/* Neighbours of a set of rows of one level across their clean borders. */
static uint32_t neighbours(const wf_planting *s, int level, uint32_t grid, uint32_t *rows, uint32_t room) {
    const wf_edit_ring *ring = &s->edit.polygon[grid].ring[0];
    uint32_t n = 0;
    for (uint32_t v = 0; v + 1 < ring->n && n < room; v++) {
        uint32_t row = wf_edit_across(&s->edit, level, ring->at[v], ring->at[v + 1]);
        if (n == 0 || rows[n - 1] != row)
            rows[n++] = row;
    }
    return n;
}

/* Take a grid's place away: its geometry is emptied or its axes swapped, its units follow, and what it held is a gap.
 */
static wf_code plant_missing(wf_planting *s, uint32_t count, bool swap, wf_error *err) {
    const char *cause = swap ? "swapped axes" : "no geometry";
    for (uint32_t i = 0; i < count; i++) {
        uint32_t grid, beside[2048];
        wf_extent room;
        if (!wf_planting_draw_whole(s, &grid, &room)) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        for (int level = 4; level <= 5; level++) {
            uint32_t n = neighbours(s, level, grid, beside, 2048);
            WF_TRY(wf_planting_expect(s, cause, "G03", (uint8_t)level, s->clean->area_m2[grid], n, beside, err));
        }
        for (uint32_t row = 0; row < s->clean->shape.n_grids; row++) {
            if (row != grid && !wf_planting_is_unit_of(s, row, grid))
                continue;
            WF_TRY(wf_planting_expect(s, cause, "G01", s->clean->level[row], NAN, 1, &row, err));
            wf_edit_polygon *p = &s->edit.polygon[row];
            for (uint32_t v = 0; swap && v < p->ring[0].n; v++)
                p->ring[0].at[v] = (wf_spot){p->ring[0].at[v].y, p->ring[0].at[v].x};
            if (!swap)
                p->n = 0;
        }
    }
    return WF_OK;
}

static wf_code plant_unclosed(wf_planting *s, wf_error *err) {
    for (uint32_t i = 0; i < s->p->n_unclosed; i++) {
        uint32_t grid;
        wf_extent room;
        if (!wf_planting_draw_whole(s, &grid, &room)) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        s->edit.polygon[grid].ring[0].n--;
        WF_TRY(wf_planting_expect(s, "unclosed ring", "G01", 4, NAN, 1, &grid, err));
    }
    return WF_OK;
}

/* ---- codes and attributes --------------------------------------------------------------------------------------- */

static wf_code plant_codes(wf_planting *s, wf_error *err) {
    uint32_t total = s->p->n_duplicate_codes + s->p->n_wrong_prefixes + s->p->n_area_units + s->p->n_no_worker;
    static const double units[] = {666.67, 10000, 1e6};
    for (uint32_t i = 0; i < total; i++) {
        uint32_t grid;
        wf_extent room;
        bool found = wf_planting_draw_whole(s, &grid, &room);
        /* A code is repeated by a later grid: units find the earlier of two with one code. */
        while (found && i < s->p->n_duplicate_codes && s->clean->level[grid - 1] != 4)
            found = wf_planting_draw_whole(s, &grid, &room);
        if (!found) {
            s->truth.n_left_out++;
            continue;
        }
        WF_TRY(wf_planting_take(s, room, err));
        s->truth.n_causes++;
        uint32_t k = i;
        if (k < s->p->n_duplicate_codes) {
            /* The code of the grid before it in the file, which is of the same community or the one before. */
            s->out->code[grid] = s->out->code[grid - 1];
            WF_TRY(wf_planting_expect(s, "duplicate code", "G08", 4, NAN, 1, &grid, err));
            if (strncmp(s->out->code[grid], s->out->parent[grid], strlen(s->out->parent[grid])) != 0)
                WF_TRY(wf_planting_expect(s, "duplicate code", "G09", 4, NAN, 1, &grid, err));
            continue;
        }
        k -= s->p->n_duplicate_codes;
        if (k < s->p->n_wrong_prefixes) {
            char *code = wf_arena_text(s->keep, s->clean->code[grid], strlen(s->clean->code[grid]));
            if (code == NULL)
                return wf_fail_nomem(err);
            code[9] = '9';
            s->out->code[grid] = code;
            WF_TRY(wf_planting_expect(s, "wrong prefix", "G09", 4, NAN, 1, &grid, err));
            continue;
        }
        k -= s->p->n_wrong_prefixes;
        if (k < s->p->n_area_units) {
            s->out->declared_area_m2[grid] = s->clean->area_m2[grid] / units[k % 3];
            WF_TRY(wf_planting_expect(s, "area in another unit", "G11", 4, NAN, 1, &grid, err));
            continue;
        }
        s->out->workers[grid] = 0;
        WF_TRY(wf_planting_expect(s, "no worker", "G13", 4, NAN, 1, &grid, err));
    }
    return WF_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static wf_code copy_columns(const wf_grids *from, uint32_t n_room, wf_arena *keep, wf_grids *to, wf_error *err) {
    uint32_t n = from->shape.n_grids;
    WF_TRY(wf_grids_init(to, n_room, keep, err));
    memcpy(to->code, from->code, n * sizeof *to->code);
    memcpy(to->name, from->name, n * sizeof *to->name);
    memcpy(to->parent, from->parent, n * sizeof *to->parent);
    memcpy(to->kind, from->kind, n * sizeof *to->kind);
    memcpy(to->level, from->level, n);
    memcpy(to->role, from->role, n);
    memcpy(to->households, from->households, n * sizeof(double));
    memcpy(to->population, from->population, n * sizeof(double));
    memcpy(to->floating_pop, from->floating_pop, n * sizeof(double));
    memcpy(to->workers, from->workers, n * sizeof(double));
    memcpy(to->declared_area_m2, from->declared_area_m2, n * sizeof(double));
    memcpy(to->area_m2, from->area_m2, n * sizeof(double));
    memcpy(to->feature, from->feature, n * sizeof *to->feature);
    return WF_OK;
}

static wf_code find_parent_rows(wf_planting *s, wf_error *err) {
    uint32_t n = s->clean->shape.n_grids, *row_of = WF_NEW(s->keep, uint32_t, n);
    wf_names names;
    wf_names_init(&names, s->keep);
    s->parent_row = WF_NEW(s->keep, uint32_t, n);
    if (row_of == NULL || s->parent_row == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = wf_names_add(&names, s->clean->code[i], strlen(s->clean->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        row_of[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = wf_names_find(&names, s->clean->parent[i], strlen(s->clean->parent[i]));
        s->parent_row[i] = at == UINT32_MAX ? UINT32_MAX : row_of[at];
    }
    return WF_OK;
}

static wf_code plant_all(wf_planting *s, wf_error *err) {
    const wf_synth_defects_params *p = s->p;
    static const double river_m[] = {25, 25};
    /* The other causes draw as if nothing had moved: they stay where they are whatever moves. */
    const wf_random others = s->random;
    WF_TRY(wf_planting_move(s, err));
    s->random = others;
    WF_TRY(plant_voids(s, p->n_estates, "new estate", "农村网格", 245, 245, err));
    WF_TRY(plant_voids(s, p->n_medians, "road median", "农村网格", 400, 8, err));
    WF_TRY(plant_runs(s, p->n_rivers, "river strip", "农村网格", 60, 1, river_m, false, "G03", err));
    WF_TRY(plant_runs(s, p->n_claims, "claimed by two", "农村网格", 40, -1, p->claim_m2, true, "G02", err));
    WF_TRY(plant_duplicates(s, err));
    WF_TRY(plant_missing(s, p->n_empty, false, err));
    WF_TRY(plant_missing(s, p->n_swapped, true, err));
    WF_TRY(plant_unclosed(s, err));
    WF_TRY(plant_codes(s, err));
    WF_TRY(plant_voids(s, p->n_roundabouts, "roundabout", NULL, 39.3, 0, err));
    WF_TRY(plant_filled_holes(s, err));
    WF_TRY(plant_multiparts(s, err));
    WF_TRY(plant_runs(s, p->n_digitising, "digitising", NULL, 5, 1, p->digitising_m, false, "G03", err));
    WF_TRY(plant_runs(s, p->n_slivers, "sliver", NULL, 5, 1, p->sliver_m, false, "G03", err));
    WF_TRY(plant_runs(s, p->n_small_overlaps, "small overlap", NULL, 5, -1, p->small_overlap_m, false, "G02", err));
    WF_TRY(plant_self_touching(s, err));
    WF_TRY(plant_lone_vertices(s, err));
    return wf_planting_misplace(s, err);
}

/* The stated areas follow the changed geometry, save where another unit was planted or nothing is left to measure. */
static void state_areas(wf_planting *s) {
    wf_grids *g = s->out;
    for (uint32_t i = 0; i < g->shape.n_grids; i++) {
        uint32_t part = g->shape.grid_start[i];
        if (part == g->shape.grid_start[i + 1] || g->shape.y[g->shape.ring_start[g->shape.part_start[part]]] > 90)
            continue;
        bool kept = i >= s->clean->shape.n_grids || g->declared_area_m2[i] == s->clean->declared_area_m2[i];
        g->area_m2[i] = wf_polygons_area_m2(&g->shape, i, s->measure);
        if (kept)
            g->declared_area_m2[i] = round(g->area_m2[i] * 10) / 10;
    }
}

wf_code wf_synth_defects_plant(const wf_grids *clean, const wf_synth_defects_params *params, uint64_t seed,
                               const wf_measure *measure, wf_arena *keep, wf_grids *out, wf_synth_truth *truth,
                               wf_error *err) {
    wf_planting *s = WF_NEW(keep, wf_planting, 1);
    if (s == NULL)
        return wf_fail_nomem(err);
    uint32_t n_room = clean->shape.n_grids + params->n_duplicates + 2 * params->n_filled_holes;
    wf_grids planted;
    s->clean = clean;
    s->p = params;
    s->measure = measure;
    s->keep = keep;
    s->out = &planted;
    wf_random_seed(&s->random, seed, 99);
    measure->scale_m(measure->self, clean->shape.x[0], clean->shape.y[0], &s->mx, &s->my);
    s->mx *= 1e-7;
    s->my *= 1e-7;
    WF_TRY(copy_columns(clean, n_room, keep, &planted, err));
    WF_TRY(wf_edit_open(&s->edit, clean, n_room - clean->shape.n_grids, keep, err));
    WF_TRY(find_parent_rows(s, err));
    WF_TRY(plant_all(s, err));
    WF_TRY(wf_edit_close(&s->edit, &planted.shape, err));
    state_areas(s);
    *out = planted;
    *truth = s->truth;
    return WF_OK;
}
