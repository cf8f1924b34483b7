/* Union by cancelling opposite edges: exact where borders match vertex by vertex. */
#include "synth/union.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_ends(const void *a, const void *b) {
    const wf_union_edge *p = a, *q = b;
    const int64_t d[] = {p->ax - q->ax, p->ay - q->ay, p->bx - q->bx, p->by - q->by};
    for (int i = 0; i < 4; i++)
        if (d[i] != 0)
            return d[i] < 0 ? -1 : 1;
    return p->owner < q->owner ? -1 : p->owner > q->owner;
}

static double area2(const wf_polygons *p, uint32_t from, uint32_t to) {
    double sum = 0;
    for (uint32_t v = from; v + 1 < to; v++)
        sum +=
            (p->x[v] - p->x[from]) * (p->y[v + 1] - p->y[from]) - (p->x[v + 1] - p->x[from]) * (p->y[v] - p->y[from]);
    return sum;
}

wf_code wf_union_read(const wf_polygons *p, uint32_t n, const uint32_t *rows, wf_arena *keep, wf_union_edges *out,
                      wf_error *err) {
    size_t room = 0;
    for (uint32_t k = 0; k < n; k++)
        room += p->ring_start[p->part_start[p->grid_start[rows[k] + 1]]] -
                p->ring_start[p->part_start[p->grid_start[rows[k]]]];
    *out = (wf_union_edges){0, WF_NEW(keep, wf_union_edge, room)};
    if (out->edge == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t part = p->grid_start[rows[k]]; part < p->grid_start[rows[k] + 1]; part++)
            for (uint32_t r = p->part_start[part]; r < p->part_start[part + 1]; r++) {
                uint32_t from = p->ring_start[r], to = p->ring_start[r + 1];
                bool backward = (area2(p, from, to) > 0) != (r == p->part_start[part]);
                for (uint32_t v = from; v + 1 < to; v++) {
                    uint32_t a = backward ? v + 1 : v, b = backward ? v : v + 1;
                    out->edge[out->n++] = (wf_union_edge){llround(p->x[a] * 1e7), llround(p->y[a] * 1e7),
                                                          llround(p->x[b] * 1e7), llround(p->y[b] * 1e7), k};
                }
            }
    qsort(out->edge, out->n, sizeof *out->edge, by_ends);
    return WF_OK;
}

/* The edge that runs the other way; NULL at the rim. */
static const wf_union_edge *opposite(const wf_union_edges *edges, const wf_union_edge *e) {
    const wf_union_edge back = {e->bx, e->by, e->ax, e->ay, 0};
    uint32_t low = 0, high = edges->n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (by_ends(&edges->edge[middle], &back) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const wf_union_edge *found = low < edges->n ? &edges->edge[low] : NULL;
    return found != NULL && found->ax == back.ax && found->ay == back.ay && found->bx == back.bx && found->by == back.by
               ? found
               : NULL;
}

wf_code wf_union_neighbours(const wf_union_edges *edges, uint32_t n, wf_arena *keep, uint32_t **start, uint32_t **near,
                            wf_error *err) {
    uint32_t *at = *start = WF_NEW(keep, uint32_t, (size_t)n + 2);
    *near = WF_NEW(keep, uint32_t, edges->n);
    if (*start == NULL || *near == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < edges->n; i++)
        at[edges->edge[i].owner + 2] += opposite(edges, &edges->edge[i]) != NULL;
    for (uint32_t k = 0; k < n; k++)
        at[k + 2] += at[k + 1];
    for (uint32_t i = 0; i < edges->n; i++) {
        const wf_union_edge *back = opposite(edges, &edges->edge[i]);
        if (back != NULL)
            (*near)[at[edges->edge[i].owner + 1]++] = back->owner;
    }
    return WF_OK;
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t n;
    wf_union_edge *edge; /* what does not cancel, by start */
    uint8_t *used;
    uint32_t *ring, n_ring;      /* edges of the ring being walked */
    uint32_t *ring_end, n_rings; /* of all rings, in `ring` */
} walk;

/* Of the unused edges that leave the end of e, the one that turns most to the left. */
static uint32_t next_edge(const walk *w, const wf_union_edge *e) {
    uint32_t low = 0, high = w->n, best = UINT32_MAX;
    double most = -INFINITY;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const wf_union_edge *m = &w->edge[middle];
        if (m->ax < e->bx || (m->ax == e->bx && m->ay < e->by))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < w->n && w->edge[low].ax == e->bx && w->edge[low].ay == e->by; low++) {
        if (w->used[low])
            continue;
        double ux = (double)(e->bx - e->ax), uy = (double)(e->by - e->ay);
        double vx = (double)(w->edge[low].bx - w->edge[low].ax), vy = (double)(w->edge[low].by - w->edge[low].ay);
        double turn = atan2(ux * vy - uy * vx, ux * vx + uy * vy);
        if (turn > most) {
            most = turn;
            best = low;
        }
    }
    return best;
}

static wf_code walk_rings(walk *w, wf_error *err) {
    for (uint32_t i = 0; i < w->n; i++) {
        if (w->used[i])
            continue;
        for (uint32_t at = i; at != UINT32_MAX;) {
            w->used[at] = 1;
            w->ring[w->n_ring++] = at;
            if (w->edge[at].bx == w->edge[i].ax && w->edge[at].by == w->edge[i].ay)
                break;
            at = next_edge(w, &w->edge[at]);
            if (at == UINT32_MAX)
                return wf_fail(err, WF_INTERNAL, "the borders of a new grid do not close");
        }
        w->ring_end[w->n_rings++] = w->n_ring;
    }
    return WF_OK;
}

static double ring_area2(const walk *w, uint32_t from, uint32_t to) {
    const wf_union_edge *first = &w->edge[w->ring[from]];
    double sum = 0;
    for (uint32_t k = from; k < to; k++) {
        const wf_union_edge *e = &w->edge[w->ring[k]];
        sum += (double)(e->ax - first->ax) * (double)(e->by - first->ay) -
               (double)(e->bx - first->ax) * (double)(e->ay - first->ay);
    }
    return sum;
}

static bool holds(const walk *w, uint32_t from, uint32_t to, const wf_union_edge *of) {
    double x = (double)of->ax + 0.5, y = ((double)of->ay + (double)of->by) / 2 + 0.25;
    bool in = false;
    for (uint32_t k = from; k < to; k++) {
        const wf_union_edge *e = &w->edge[w->ring[k]];
        if (((double)e->ay > y) != ((double)e->by > y) &&
            x < (double)e->ax + (y - (double)e->ay) * (double)(e->bx - e->ax) / (double)(e->by - e->ay))
            in = !in;
    }
    return in;
}

static void draw_ring(const walk *w, uint32_t from, uint32_t to, wf_polygons_builder *out) {
    wf_polygons_ring(out);
    for (uint32_t k = from; k <= to; k++) {
        const wf_union_edge *e = &w->edge[w->ring[k == to ? from : k]];
        wf_polygons_vertex(out, (double)e->ax / 1e7, (double)e->ay / 1e7);
    }
}

/* Each shell with the holes it holds. */
static void draw_rings(const walk *w, wf_polygons_builder *out) {
    uint32_t n_shells = 0;
    for (uint32_t r = 0; r < w->n_rings; r++)
        n_shells += ring_area2(w, r == 0 ? 0 : w->ring_end[r - 1], w->ring_end[r]) > 0;
    for (uint32_t r = 0; r < w->n_rings; r++) {
        uint32_t from = r == 0 ? 0 : w->ring_end[r - 1], to = w->ring_end[r];
        if (ring_area2(w, from, to) <= 0)
            continue;
        wf_polygons_part(out);
        draw_ring(w, from, to, out);
        for (uint32_t h = 0; h < w->n_rings; h++) {
            uint32_t hole = h == 0 ? 0 : w->ring_end[h - 1];
            if (ring_area2(w, hole, w->ring_end[h]) < 0 &&
                (n_shells == 1 || holds(w, from, to, &w->edge[w->ring[hole]])))
                draw_ring(w, hole, w->ring_end[h], out);
        }
    }
}

wf_code wf_union_draw(const wf_union_edges *edges, const uint8_t *in, wf_polygons_builder *out, wf_arena *keep,
                      wf_error *err) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < edges->n; i++)
        n += in[edges->edge[i].owner];
    walk w = {.edge = WF_NEW(keep, wf_union_edge, n),
              .used = WF_NEW(keep, uint8_t, n),
              .ring = WF_NEW(keep, uint32_t, n),
              .ring_end = WF_NEW(keep, uint32_t, n)};
    if (w.edge == NULL || w.used == NULL || w.ring == NULL || w.ring_end == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < edges->n; i++) {
        const wf_union_edge *back = in[edges->edge[i].owner] ? opposite(edges, &edges->edge[i]) : NULL;
        if (in[edges->edge[i].owner] && (back == NULL || !in[back->owner]))
            w.edge[w.n++] = edges->edge[i];
    }
    WF_TRY(walk_rings(&w, err));
    wf_polygons_grid(out);
    draw_rings(&w, out);
    return WF_OK;
}

void wf_union_copy(const wf_polygons *p, uint32_t row, wf_polygons_builder *out) {
    wf_polygons_grid(out);
    for (uint32_t part = p->grid_start[row]; part < p->grid_start[row + 1]; part++) {
        wf_polygons_part(out);
        for (uint32_t r = p->part_start[part]; r < p->part_start[part + 1]; r++) {
            wf_polygons_ring(out);
            for (uint32_t v = p->ring_start[r]; v < p->ring_start[r + 1]; v++)
                wf_polygons_vertex(out, p->x[v], p->y[v]);
        }
    }
}
