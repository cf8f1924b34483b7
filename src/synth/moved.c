/* Planting grids that lie somewhere else: in another coordinate system, or in another datum with their whole community.
 * What they cover twice and what they leave bare is known by laying each moved ring over each ring that stayed. */
#include "synth/overlay.h"
#include "synth/planting.h"
#include "synth/shift.h"
#include <math.h>
#include <string.h>

enum { MOVE_TRIES = 300 };

typedef struct {
    const char *cause;
    bool gcj;               /* else by dx, dy */
    int64_t dx, dy;         /* 1e-7 degrees */
    uint32_t n[2], *row[2]; /* rows that move: level 4, level 5 */
    uint8_t *moves;         /* of each row */
    wf_loop old_rim, new_rim;
    wf_extent room, reach; /* of both rims; of the new one */
    uint32_t n_found, cap_found;
    struct found {
        const char *rule;
        uint8_t level;
        double area_m2;
        uint32_t n, *rows;
    } * found;
} move;

static wf_spot moved_spot(const move *m, wf_spot at) {
    if (!m->gcj)
        return (wf_spot){at.x + m->dx, at.y + m->dy};
    double lon = (double)at.x / 1e7, lat = (double)at.y / 1e7;
    wf_synth_to_gcj(&lon, &lat);
    return (wf_spot){llround(lon * 1e7), llround(lat * 1e7)};
}

/* The one ring of a row of the clean plan; n is 0 when there are several. */
static wf_code clean_loop(const wf_planting *s, uint32_t row, const move *m, wf_arena *keep, wf_loop *out,
                          wf_error *err) {
    const wf_polygons *p = &s->clean->shape;
    uint32_t ring = p->part_start[p->grid_start[row]], n = p->ring_start[ring + 1] - p->ring_start[ring] - 1;
    wf_spot *at = WF_NEW(keep, wf_spot, n);
    if (at == NULL)
        return wf_fail_nomem(err);
    for (uint32_t v = 0; v < n; v++) {
        at[v] = (wf_spot){llround(p->x[p->ring_start[ring] + v] * 1e7), llround(p->y[p->ring_start[ring] + v] * 1e7)};
        if (m != NULL)
            at[v] = moved_spot(m, at[v]);
    }
    bool one = p->part_start[p->grid_start[row + 1]] - ring == 1;
    *out = (wf_loop){at, one ? n : 0};
    return WF_OK;
}

static bool meet(wf_extent a, wf_extent b) {
    return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;
}

/* ---- findings --------------------------------------------------------------------------------------------------- */

/* Area of a piece, or NaN when it is so thin that a check might call it noise. */
static double piece_m2(const wf_planting *s, const wf_overlay *o, uint32_t i) {
    uint32_t from = o->start[i], n = o->start[i + 1] - from;
    double area = s->measure->ring_area_m2(s->measure->self, n, o->x + from, o->y + from), around = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t a = from + k, b = from + (k + 1) % n;
        around += hypot((o->x[b] - o->x[a]) * s->mx * 1e7, (o->y[b] - o->y[a]) * s->my * 1e7);
    }
    return 4 * area / around > 0.04 ? area : NAN;
}

static wf_code note(move *m, const char *rule, uint8_t level, double area_m2, uint32_t n, const uint32_t *rows,
                    wf_arena *keep, wf_error *err) {
    struct found f = {rule, level, area_m2, n, WF_NEW(keep, uint32_t, n)};
    if (f.rows == NULL || WF_ROOM(keep, m->found, m->n_found, m->cap_found))
        return wf_fail_nomem(err);
    memcpy(f.rows, rows, n * sizeof *rows);
    m->found[m->n_found++] = f;
    return WF_OK;
}

/* Where a moved row lies over one that stayed. */
static wf_code lay_over(wf_planting *s, move *m, uint8_t level, uint32_t row, wf_loop moved, uint32_t other,
                        wf_arena *keep, bool *fits, wf_error *err) {
    wf_loop stays;
    wf_overlay o;
    WF_TRY(clean_loop(s, other, NULL, keep, &stays, err));
    if (stays.n == 0) {
        *fits = false;
        return WF_OK;
    }
    WF_TRY(wf_overlay_make(moved, stays, false, keep, fits, &o, err));
    for (uint32_t i = 0; *fits && i < o.n; i++) {
        const uint32_t rows[] = {row, other};
        double area = piece_m2(s, &o, i);
        *fits = !isnan(area);
        if (*fits)
            WF_TRY(note(m, "G02", level, area, 2, rows, keep, err));
    }
    return WF_OK;
}

static wf_code lay_rows(wf_planting *s, move *m, uint8_t level, wf_arena *keep, bool *fits, wf_error *err) {
    const wf_grids *g = s->clean;
    for (uint32_t k = 0; *fits && k < m->n[level - 4]; k++) {
        uint32_t row = m->row[level - 4][k];
        wf_loop moved;
        WF_TRY(clean_loop(s, row, m, keep, &moved, err));
        *fits = moved.n > 0 && s->edit.polygon[row].n == 1;
        wf_extent box = *fits ? wf_planting_extent(moved.n, moved.at) : m->reach;
        for (uint32_t i = 0; *fits && i < g->shape.n_grids; i++)
            if (g->level[i] == level && g->role[i] == WF_ROLE_PARTITION && !m->moves[i] &&
                meet(box, wf_planting_clean_extent(s, i)))
                WF_TRY(lay_over(s, m, level, row, moved, i, keep, fits, err));
    }
    return WF_OK;
}

/* What nobody covers any more: the rows beside each piece are those across the old rim and those along the new one. */
static wf_code leave_bare(wf_planting *s, move *m, wf_arena *keep, bool *fits, wf_error *err) {
    wf_overlay o;
    wf_loop old = m->old_rim;
    WF_TRY(wf_overlay_make(old, m->new_rim, true, keep, fits, &o, err));
    for (uint8_t level = 4; level <= 5; level++)
        for (uint32_t i = 0; *fits && i < o.n; i++) {
            uint32_t n = 0, n_edges = o.edge_start[i + 1] - o.edge_start[i], *rows = WF_NEW(keep, uint32_t, n_edges);
            if (rows == NULL)
                return wf_fail_nomem(err);
            for (uint32_t e = o.edge_start[i]; e < o.edge_start[i + 1]; e++) {
                wf_spot a = old.at[o.edge[e]], b = old.at[(o.edge[e] + 1) % old.n];
                uint32_t row =
                    o.edge_ring[e] == 0 ? wf_edit_across(&s->edit, level, a, b) : wf_edit_along(&s->edit, level, a, b);
                if (row == UINT32_MAX)
                    *fits = false; /* at the rim of the plan nothing is enclosed */
                else if (n == 0 || rows[n - 1] != row)
                    rows[n++] = row;
            }
            double area = piece_m2(s, &o, i);
            *fits = *fits && !isnan(area);
            if (*fits)
                WF_TRY(note(m, "G03", level, area, n, rows, keep, err));
        }
    return WF_OK;
}

/* ---- moving ----------------------------------------------------------------------------------------------------- */

static wf_code commit(wf_planting *s, const move *m, wf_error *err) {
    WF_TRY(wf_planting_take(s, m->room, err));
    s->truth.n_causes++;
    for (uint32_t i = 0; i < m->n_found; i++) {
        const struct found *f = &m->found[i];
        WF_TRY(wf_planting_expect(s, m->cause, f->rule, f->level, f->area_m2, f->n, f->rows, err));
    }
    for (int level = 0; level < 2; level++)
        for (uint32_t k = 0; k < m->n[level]; k++) {
            wf_edit_polygon *p = &s->edit.polygon[m->row[level][k]];
            for (uint32_t r = 0; r < p->n; r++)
                for (uint32_t v = 0; v < p->ring[r].n; v++)
                    p->ring[r].at[v] = moved_spot(m, p->ring[r].at[v]);
        }
    return WF_OK;
}

/* The rows that move with `top`, a grid of level 4 or a community of level 3. */
static wf_code list_rows(wf_planting *s, move *m, uint32_t top, wf_arena *keep, wf_error *err) {
    const wf_grids *g = s->clean;
    uint32_t n = g->shape.n_grids;
    m->moves = WF_NEW(keep, uint8_t, n);
    for (int level = 0; level < 2; level++) {
        m->row[level] = WF_NEW(keep, uint32_t, n);
        if (m->row[level] == NULL || m->moves == NULL)
            return wf_fail_nomem(err);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t above = s->parent_row[i];
            if (g->level[i] != level + 4 || g->role[i] != WF_ROLE_PARTITION ||
                (i != top && above != top && (above == UINT32_MAX || s->parent_row[above] != top)))
                continue;
            m->moves[i] = 1;
            m->row[level][m->n[level]++] = i;
        }
    }
    return WF_OK;
}

/* Move `top` and all under it, if everything about the place can be told beforehand. */
static wf_code try_move(wf_planting *s, move *m, uint32_t top, bool *done, wf_error *err) {
    wf_arena scratch;
    wf_arena_init(&scratch);
    bool fits = true;
    wf_code code = list_rows(s, m, top, &scratch, err);
    if (code == WF_OK)
        code = clean_loop(s, top, NULL, &scratch, &m->old_rim, err);
    if (code == WF_OK)
        code = clean_loop(s, top, m, &scratch, &m->new_rim, err);
    if (code == WF_OK && m->old_rim.n > 0) {
        wf_extent a = wf_planting_extent(m->old_rim.n, m->old_rim.at);
        m->reach = wf_planting_extent(m->new_rim.n, m->new_rim.at);
        m->room = (wf_extent){
            a.west < m->reach.west ? a.west : m->reach.west, a.south < m->reach.south ? a.south : m->reach.south,
            a.east > m->reach.east ? a.east : m->reach.east, a.north > m->reach.north ? a.north : m->reach.north};
    }
    fits = m->old_rim.n > 0 && wf_planting_is_free(s, m->room);
    if (code == WF_OK && fits)
        code = leave_bare(s, m, &scratch, &fits, err);
    wf_loop street;
    wf_overlay inside;
    if (code == WF_OK && fits)
        code = clean_loop(s, 0, NULL, &scratch, &street, err);
    if (code == WF_OK && fits)
        code = wf_overlay_make(m->new_rim, street, false, &scratch, &fits, &inside, err);
    fits = fits && inside.n == 1 && inside.start[1] == m->new_rim.n;
    for (uint8_t level = 4; code == WF_OK && fits && level <= 5; level++)
        code = lay_rows(s, m, level, &scratch, &fits, err);
    *done = code == WF_OK && fits;
    if (*done)
        code = commit(s, m, err);
    wf_arena_clear(&scratch);
    return code;
}

static uint32_t draw_community(wf_planting *s) {
    for (;;) {
        uint32_t row = (uint32_t)wf_random_below(&s->random, s->clean->shape.n_grids);
        if (s->clean->level[row] == 3)
            return row;
    }
}

static wf_code plant_moves(wf_planting *s, uint32_t count, bool gcj, wf_error *err) {
    for (uint32_t i = 0; i < count; i++) {
        bool done = false;
        for (int t = 0; t < MOVE_TRIES && !done; t++) {
            /* A datum's offset: some 60 to 120 m to the south-east. */
            double away_m = 60 + 60 * wf_random_unit(&s->random), turned = -M_PI / 2 * wf_random_unit(&s->random);
            move m = {.cause = gcj ? "grid in GCJ-02" : "community in another datum", .gcj = gcj};
            m.dx = llround(away_m * cos(turned) / s->mx);
            m.dy = llround(away_m * sin(turned) / s->my);
            uint32_t top = gcj ? wf_planting_draw_row(s, 4, NULL) : draw_community(s);
            WF_TRY(try_move(s, &m, top, &done, err));
        }
        s->truth.n_left_out += !done;
    }
    return WF_OK;
}

wf_code wf_planting_move(wf_planting *s, wf_error *err) {
    WF_TRY(plant_moves(s, s->p->n_in_datum, false, err));
    return plant_moves(s, s->p->n_in_gcj, true, err);
}
