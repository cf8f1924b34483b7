/* Edges to rings. One grid at a time, tens to thousands of edges. */
#include "coverage/redraw.h"
#include "base/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t first, n; /* in x, y; closed */
    uint32_t walk;
    int turn;
    double box[4];
} ring;

typedef struct {
    uint32_t n;
    wf_segment *edge; /* by origin */
    uint8_t *used;
    uint32_t *walk;  /* edges of the walk */
    uint32_t *stack; /* edges of the rings that are not closed yet */
    uint32_t *depth; /* of each vertex in the stack, plus one; 0 when it is not there */
    ring *ring;
    uint32_t n_rings, cap_rings;
    double *x, *y;
    uint32_t n_points;
    const wf_spots *skip;
    wf_arena *scratch;
} drawing;

/* The first edge that leaves a place: also the number of the vertex there. UINT32_MAX when none does. */
static uint32_t vertex_at(const drawing *d, double x, double y) {
    uint32_t low = 0, high = d->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const wf_segment *m = &d->edge[middle];
        if (m->ax < x || (m->ax == x && m->ay < y))
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->n && d->edge[low].ax == x && d->edge[low].ay == y ? low : UINT32_MAX;
}

/* Clockwise from the way back along e: the first half turn, straight on, the second half turn, the way back. */
static int sector(const wf_segment *e, const wf_segment *out) {
    int side = wf_exact_orient(e->bx, e->by, e->ax, e->ay, out->bx, out->by);
    if (side != 0)
        return side < 0 ? 0 : 2;
    bool back = (out->bx - e->bx) * (e->ax - e->bx) > 0 || (out->by - e->by) * (e->ay - e->by) > 0;
    return back ? 3 : 1;
}

/* The next edge of the same piece of the interior: the first one clockwise from the way back. */
static uint32_t next_edge(const drawing *d, uint32_t at) {
    const wf_segment *e = &d->edge[at];
    uint32_t best = vertex_at(d, e->bx, e->by);
    for (uint32_t k = best; k < d->n && d->edge[k].ax == e->bx && d->edge[k].ay == e->by; k++) {
        const wf_segment *p = &d->edge[k], *q = &d->edge[best];
        int ps = sector(e, p), qs = sector(e, q);
        if (d->used[best] ||
            (!d->used[k] && (ps < qs || (ps == qs && wf_exact_orient(e->bx, e->by, q->bx, q->by, p->bx, p->by) > 0))))
            best = k;
    }
    return best == UINT32_MAX || d->used[best] ? UINT32_MAX : best;
}

static wf_code close_ring(drawing *d, uint32_t n, const uint32_t *edges, uint32_t walk, wf_error *err) {
    ring r = {.first = d->n_points, .walk = walk, .box = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    for (uint32_t k = 0; k < n; k++) {
        const wf_segment *e = &d->edge[edges[k]];
        if (d->skip != NULL && wf_spots_hold(d->skip, e->ax, e->ay))
            continue;
        d->x[r.first + r.n] = e->ax;
        d->y[r.first + r.n++] = e->ay;
        r.box[0] = fmin(r.box[0], e->ax);
        r.box[1] = fmin(r.box[1], e->ay);
        r.box[2] = fmax(r.box[2], e->ax);
        r.box[3] = fmax(r.box[3], e->ay);
    }
    if (r.n < 3)
        return WF_OK;
    d->x[r.first + r.n] = d->x[r.first];
    d->y[r.first + r.n++] = d->y[r.first];
    r.turn = wf_ring_turn(r.n, d->x + r.first, d->y + r.first);
    d->n_points += r.n;
    if (WF_ROOM(d->scratch, d->ring, d->n_rings, d->cap_rings))
        return wf_fail_nomem(err);
    d->ring[d->n_rings++] = r;
    return WF_OK;
}

/* Cut the walk where it meets a vertex again. */
static wf_code cut_walk(drawing *d, uint32_t n, uint32_t number, wf_error *err) {
    uint32_t n_stack = 0;
    for (uint32_t k = 0; k < n; k++) {
        const wf_segment *e = &d->edge[d->walk[k]];
        uint32_t vertex = vertex_at(d, e->ax, e->ay), met = d->depth[vertex];
        if (met > 0) {
            WF_TRY(close_ring(d, n_stack - (met - 1), d->stack + met - 1, number, err));
            while (n_stack >= met) {
                const wf_segment *gone = &d->edge[d->stack[--n_stack]];
                d->depth[vertex_at(d, gone->ax, gone->ay)] = 0;
            }
        }
        d->stack[n_stack++] = d->walk[k];
        d->depth[vertex] = n_stack;
    }
    for (uint32_t k = 0; k < n_stack; k++)
        d->depth[vertex_at(d, d->edge[d->stack[k]].ax, d->edge[d->stack[k]].ay)] = 0;
    return close_ring(d, n_stack, d->stack, number, err);
}

static wf_code walk_all(drawing *d, wf_error *err) {
    uint32_t n_walks = 0;
    for (uint32_t first = 0; first < d->n; first++) {
        uint32_t n = 0, at = first;
        if (d->used[first])
            continue;
        do {
            d->used[at] = 1;
            d->walk[n++] = at;
            if (d->edge[at].bx == d->edge[first].ax && d->edge[at].by == d->edge[first].ay) {
                /* Back at the first vertex; but the grid may touch itself there, and then the walk goes on. */
                d->used[first] = 0;
                at = next_edge(d, at);
                d->used[first] = 1;
                if (at == first)
                    break;
            } else {
                at = next_edge(d, at);
            }
            if (at == UINT32_MAX)
                return wf_fail(err, WF_INTERNAL, "the border of a grid does not close near %.9f %.9f",
                               d->edge[first].ax, d->edge[first].ay);
        } while (at != first);
        WF_TRY(cut_walk(d, n, n_walks++, err));
    }
    return WF_OK;
}

/* 1 inside, 0 outside, −1 on a vertex or edge of the ring. */
static int side_of(const drawing *d, const ring *r, double x, double y) {
    bool in = false;
    for (uint32_t i = r->first; i + 1 < r->first + r->n; i++) {
        double ax = d->x[i], ay = d->y[i], bx = d->x[i + 1], by = d->y[i + 1];
        if (wf_exact_on_segment(ax, ay, bx, by, x, y))
            return -1;
        if ((ay > y) == (by > y))
            continue;
        in ^= (by > ay ? wf_exact_orient(ax, ay, bx, by, x, y) : wf_exact_orient(bx, by, ax, ay, x, y)) > 0;
    }
    return in;
}

static bool holds(const drawing *d, const ring *shell, const ring *hole) {
    for (uint32_t i = hole->first; i < hole->first + hole->n; i++) {
        int side = side_of(d, shell, d->x[i], d->y[i]);
        if (side >= 0)
            return side == 1;
    }
    return false;
}

/* The shell of a hole: that of its walk, else the smallest one around it. */
static uint32_t shell_of(const drawing *d, const ring *hole) {
    uint32_t best = UINT32_MAX;
    double least = INFINITY;
    for (uint32_t k = 0; k < d->n_rings; k++) {
        const ring *r = &d->ring[k];
        if (r->turn <= 0)
            continue;
        if (r->walk == hole->walk)
            return k;
        double size = (r->box[2] - r->box[0]) * (r->box[3] - r->box[1]);
        bool around = r->box[0] <= hole->box[0] && r->box[1] <= hole->box[1] && r->box[2] >= hole->box[2] &&
                      r->box[3] >= hole->box[3];
        if (around && size < least && holds(d, r, hole)) {
            least = size;
            best = k;
        }
    }
    return best;
}

static void put_ring(const drawing *d, const ring *r, wf_polygons_builder *to) {
    wf_polygons_ring(to);
    for (uint32_t i = r->first; i < r->first + r->n; i++)
        wf_polygons_vertex(to, d->x[i], d->y[i]);
}

static wf_code put_parts(drawing *d, wf_polygons_builder *to, wf_error *err) {
    uint32_t *shell = WF_NEW(d->scratch, uint32_t, d->n_rings);
    if (shell == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < d->n_rings; k++)
        shell[k] = d->ring[k].turn < 0 ? shell_of(d, &d->ring[k]) : UINT32_MAX;
    for (uint32_t k = 0; k < d->n_rings; k++) {
        if (d->ring[k].turn <= 0)
            continue;
        wf_polygons_part(to);
        put_ring(d, &d->ring[k], to);
        for (uint32_t h = 0; h < d->n_rings; h++)
            if (shell[h] == k)
                put_ring(d, &d->ring[h], to);
    }
    return WF_OK;
}

wf_code wf_redraw(uint32_t n, wf_segment *edge, const wf_spots *skip, wf_arena *scratch, wf_polygons_builder *to,
                  wf_error *err) {
    drawing d = {.n = n,
                 .edge = edge,
                 .skip = skip,
                 .scratch = scratch,
                 .used = WF_NEW(scratch, uint8_t, n),
                 .walk = WF_NEW(scratch, uint32_t, n),
                 .stack = WF_NEW(scratch, uint32_t, n),
                 .depth = WF_NEW(scratch, uint32_t, n),
                 .x = WF_NEW(scratch, double, 2 * (size_t)n),
                 .y = WF_NEW(scratch, double, 2 * (size_t)n)};
    if (d.used == NULL || d.walk == NULL || d.stack == NULL || d.depth == NULL || d.x == NULL || d.y == NULL)
        return wf_fail_nomem(err);
    if (n > 0)
        qsort(edge, n, sizeof *edge, wf_segment_order);
    WF_TRY(walk_all(&d, err));
    return put_parts(&d, to, err);
}
