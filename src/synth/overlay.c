/* Two simple rings over each other, after Weiler and Atherton (1977). A few hundred edges each; boxes before turns. */
#include "synth/overlay.h"
#include <stdlib.h>

typedef struct {
    uint32_t edge[2]; /* of p, of q */
    double t[2];      /* where along them */
    uint32_t place[2];
    bool enters; /* p goes into q */
    bool used;
} crossing;

typedef struct {
    wf_loop ring[2];
    wf_arena *scratch, *keep;
    crossing *cross;
    uint32_t n, cap, *order[2];
    wf_overlay out;
    uint32_t n_vertices, cap_x, cap_y, cap_start, n_edges, cap_edge, cap_ring, cap_edge_start;
} overlay;

static __int128_t turn(wf_spot a, wf_spot b, wf_spot c) {
    return (__int128_t)(b.x - a.x) * (c.y - a.y) - (__int128_t)(b.y - a.y) * (c.x - a.x);
}

static bool boxes_meet(wf_spot a, wf_spot b, wf_spot c, wf_spot d) {
    return (a.x < b.x ? a.x : b.x) <= (c.x > d.x ? c.x : d.x) && (c.x < d.x ? c.x : d.x) <= (a.x > b.x ? a.x : b.x) &&
           (a.y < b.y ? a.y : b.y) <= (c.y > d.y ? c.y : d.y) && (c.y < d.y ? c.y : d.y) <= (a.y > b.y ? a.y : b.y);
}

static wf_spot vertex(wf_loop r, uint32_t i) {
    return r.at[i % r.n];
}

/* ---- crossings -------------------------------------------------------------------------------------------------- */

static wf_code find_crossings(overlay *o, bool *general, wf_error *err) {
    wf_loop p = o->ring[0], q = o->ring[1];
    for (uint32_t i = 0; i < p.n; i++)
        for (uint32_t j = 0; j < q.n; j++) {
            wf_spot a = p.at[i], b = vertex(p, i + 1), c = q.at[j], d = vertex(q, j + 1);
            if (!boxes_meet(a, b, c, d))
                continue;
            __int128_t c_side = turn(a, b, c), d_side = turn(a, b, d), a_side = turn(c, d, a), b_side = turn(c, d, b);
            if (c_side == 0 || d_side == 0 || a_side == 0 || b_side == 0) {
                *general = false;
                return WF_OK;
            }
            if ((c_side > 0) == (d_side > 0) || (a_side > 0) == (b_side > 0))
                continue;
            if (WF_ROOM(o->scratch, o->cross, o->n, o->cap))
                return wf_fail_nomem(err);
            o->cross[o->n++] = (crossing){.edge = {i, j},
                                          .t = {(double)a_side / ((double)a_side - (double)b_side),
                                                (double)c_side / ((double)c_side - (double)d_side)},
                                          .enters = b_side > 0};
        }
    return WF_OK;
}

typedef struct {
    uint32_t edge, at;
    double t;
} along;

static int by_along(const void *a, const void *b) {
    const along *p = a, *q = b;
    if (p->edge != q->edge)
        return p->edge < q->edge ? -1 : 1;
    return p->t < q->t ? -1 : p->t > q->t;
}

static wf_code sort_crossings(overlay *o, wf_error *err) {
    for (int r = 0; r < 2; r++) {
        along *keys = WF_NEW(o->scratch, along, o->n);
        o->order[r] = WF_NEW(o->scratch, uint32_t, o->n);
        if (keys == NULL || o->order[r] == NULL)
            return wf_fail_nomem(err);
        for (uint32_t i = 0; i < o->n; i++)
            keys[i] = (along){o->cross[i].edge[r], i, o->cross[i].t[r]};
        if (o->n > 0)
            qsort(keys, o->n, sizeof *keys, by_along);
        for (uint32_t i = 0; i < o->n; i++) {
            o->order[r][i] = keys[i].at;
            o->cross[keys[i].at].place[r] = i;
        }
    }
    return WF_OK;
}

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

static wf_code put_point(overlay *o, double x, double y, wf_error *err) {
    if (WF_ROOM(o->keep, o->out.x, o->n_vertices, o->cap_x) || WF_ROOM(o->keep, o->out.y, o->n_vertices, o->cap_y))
        return wf_fail_nomem(err);
    o->out.x[o->n_vertices] = x;
    o->out.y[o->n_vertices++] = y;
    return WF_OK;
}

static wf_code put_vertex(overlay *o, wf_spot at, wf_error *err) {
    return put_point(o, (double)at.x / 1e7, (double)at.y / 1e7, err);
}

static wf_code put_edge(overlay *o, uint8_t ring, uint32_t edge, wf_error *err) {
    if (WF_ROOM(o->keep, o->out.edge, o->n_edges, o->cap_edge) ||
        WF_ROOM(o->keep, o->out.edge_ring, o->n_edges, o->cap_ring))
        return wf_fail_nomem(err);
    o->out.edge[o->n_edges] = edge;
    o->out.edge_ring[o->n_edges++] = ring;
    return WF_OK;
}

static wf_code begin_piece(overlay *o, wf_error *err) {
    if (WF_ROOM(o->keep, o->out.start, o->out.n + 1, o->cap_start) ||
        WF_ROOM(o->keep, o->out.edge_start, o->out.n + 1, o->cap_edge_start))
        return wf_fail_nomem(err);
    o->out.start[o->out.n] = o->n_vertices;
    o->out.edge_start[o->out.n] = o->n_edges;
    return WF_OK;
}

static void end_piece(overlay *o) {
    o->out.n++;
    o->out.start[o->out.n] = o->n_vertices;
    o->out.edge_start[o->out.n] = o->n_edges;
}

static wf_code put_crossing(overlay *o, const crossing *c, wf_error *err) {
    wf_spot a = vertex(o->ring[0], c->edge[0]), b = vertex(o->ring[0], c->edge[0] + 1);
    return put_point(o, ((double)a.x + c->t[0] * (double)(b.x - a.x)) / 1e7,
                     ((double)a.y + c->t[0] * (double)(b.y - a.y)) / 1e7, err);
}

/* From one crossing to the next along a ring, forwards or backwards; *at becomes that one. */
static wf_code walk(overlay *o, uint8_t ring, bool back, uint32_t *at, wf_error *err) {
    const crossing *c = &o->cross[*at];
    uint32_t n = o->ring[ring].n, to = (c->place[ring] + (back ? o->n - 1 : 1)) % o->n;
    const crossing *next = &o->cross[o->order[ring][to]];
    uint32_t from_edge = c->edge[ring], to_edge = next->edge[ring];
    uint32_t steps = (back ? from_edge + n - to_edge : to_edge + n - from_edge) % n;
    if (steps == 0 && (back ? next->t[ring] >= c->t[ring] : next->t[ring] <= c->t[ring]))
        steps = n;
    WF_TRY(put_crossing(o, c, err));
    WF_TRY(put_edge(o, ring, from_edge, err));
    for (uint32_t s = 1; s <= steps; s++) {
        uint32_t edge = (back ? from_edge + n - s : from_edge + s) % n;
        WF_TRY(put_vertex(o, vertex(o->ring[ring], back ? edge + 1 : edge), err));
        WF_TRY(put_edge(o, ring, edge, err));
    }
    *at = o->order[ring][to];
    return WF_OK;
}

static wf_code trace(overlay *o, bool minus, wf_error *err) {
    for (uint32_t i = 0; i < o->n; i++) {
        /* Pieces begin where p goes into what is kept. */
        if (o->cross[i].used || o->cross[i].enters == minus)
            continue;
        uint32_t at = i;
        WF_TRY(begin_piece(o, err));
        do {
            o->cross[at].used = true;
            WF_TRY(walk(o, 0, false, &at, err));
            WF_TRY(walk(o, 1, minus, &at, err));
        } while (at != i);
        end_piece(o);
    }
    return WF_OK;
}

/* ---- rings that do not cross ------------------------------------------------------------------------------------ */

static bool holds(wf_loop r, wf_spot at) {
    bool in = false;
    for (uint32_t i = 0; i < r.n; i++) {
        wf_spot a = r.at[i], b = vertex(r, i + 1);
        if ((a.y > at.y) != (b.y > at.y) && (b.y > a.y ? turn(a, b, at) > 0 : turn(a, b, at) < 0))
            in = !in;
    }
    return in;
}

static wf_code whole(overlay *o, bool minus, bool *general, wf_error *err) {
    bool p_in_q = holds(o->ring[1], o->ring[0].at[0]), q_in_p = holds(o->ring[0], o->ring[1].at[0]);
    if (minus && q_in_p)
        *general = false;
    if (minus ? p_in_q || q_in_p : !p_in_q && !q_in_p)
        return WF_OK;
    uint8_t ring = !minus && q_in_p;
    WF_TRY(begin_piece(o, err));
    for (uint32_t i = 0; i < o->ring[ring].n; i++) {
        WF_TRY(put_vertex(o, o->ring[ring].at[i], err));
        WF_TRY(put_edge(o, ring, i, err));
    }
    end_piece(o);
    return WF_OK;
}

wf_code wf_overlay_make(wf_loop p, wf_loop q, bool minus, wf_arena *keep, bool *general, wf_overlay *out,
                        wf_error *err) {
    wf_arena scratch;
    wf_arena_init(&scratch);
    overlay o = {.ring = {p, q}, .scratch = &scratch, .keep = keep};
    *general = true;
    wf_code code = find_crossings(&o, general, err);
    if (code == WF_OK && *general)
        code = sort_crossings(&o, err);
    if (code == WF_OK && *general)
        code = o.n > 0 ? trace(&o, minus, err) : whole(&o, minus, general, err);
    if (code == WF_OK && !*general)
        o.out.n = 0;
    if (code == WF_OK)
        *out = o.out;
    wf_arena_clear(&scratch);
    return code;
}
