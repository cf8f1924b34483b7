/* Changing polygons in whole numbers. A plan's few dozen changes: clarity before speed. */
#include "synth/edit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_ends(const void *a, const void *b) {
    const wf_edit_edge *p = a, *q = b;
    const int64_t pv[] = {p->a.x, p->a.y, p->b.x, p->b.y}, qv[] = {q->a.x, q->a.y, q->b.x, q->b.y};
    for (int i = 0; i < 4; i++)
        if (pv[i] != qv[i])
            return pv[i] < qv[i] ? -1 : 1;
    return 0;
}

static bool same(wf_spot a, wf_spot b) {
    return a.x == b.x && a.y == b.y;
}

static wf_code copy_rows(wf_edit *e, wf_error *err) {
    const wf_polygons *p = &e->clean->shape;
    for (uint32_t i = 0; i < p->n_grids; i++)
        for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++)
            for (uint32_t r = p->part_start[part]; r < p->part_start[part + 1]; r++) {
                wf_edit_polygon *to = &e->polygon[i];
                if (WF_ROOM(e->keep, to->ring, to->n, to->cap))
                    return wf_fail_nomem(err);
                uint32_t from = p->ring_start[r], n = p->ring_start[r + 1] - from;
                wf_edit_ring ring = {WF_NEW(e->keep, wf_spot, n), n, r == p->part_start[part]};
                if (ring.at == NULL)
                    return wf_fail_nomem(err);
                for (uint32_t v = 0; v < n; v++)
                    ring.at[v] = (wf_spot){llround(p->x[from + v] * 1e7), llround(p->y[from + v] * 1e7)};
                to->ring[to->n++] = ring;
            }
    return WF_OK;
}

static wf_code list_edges(wf_edit *e, int level, wf_error *err) {
    int at = level - 4;
    wf_edit_edge *edges = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < e->clean->shape.n_grids; i++) {
        if (e->clean->level[i] != level || e->clean->role[i] != WF_ROLE_PARTITION)
            continue;
        for (uint32_t r = 0; r < e->polygon[i].n; r++)
            for (uint32_t v = 0; v + 1 < e->polygon[i].ring[r].n; v++) {
                if (WF_ROOM(e->keep, edges, n, cap))
                    return wf_fail_nomem(err);
                edges[n++] = (wf_edit_edge){e->polygon[i].ring[r].at[v], e->polygon[i].ring[r].at[v + 1], i};
            }
    }
    if (n > 0)
        qsort(edges, n, sizeof *edges, by_ends);
    e->edge[at] = edges;
    e->n_edges[at] = n;
    return WF_OK;
}

wf_code wf_edit_open(wf_edit *edit, const wf_grids *clean, uint32_t n_new, wf_arena *keep, wf_error *err) {
    *edit = (wf_edit){.clean = clean, .keep = keep, .n = clean->shape.n_grids};
    edit->polygon = WF_NEW(keep, wf_edit_polygon, (size_t)edit->n + n_new);
    if (edit->polygon == NULL)
        return wf_fail_nomem(err);
    WF_TRY(copy_rows(edit, err));
    WF_TRY(list_edges(edit, 4, err));
    return list_edges(edit, 5, err);
}

uint32_t wf_edit_along(const wf_edit *e, int level, wf_spot a, wf_spot b) {
    wf_edit_edge key = {a, b, 0};
    const wf_edit_edge *found = bsearch(&key, e->edge[level - 4], e->n_edges[level - 4], sizeof key, by_ends);
    return found == NULL ? UINT32_MAX : found->grid;
}

uint32_t wf_edit_across(const wf_edit *e, int level, wf_spot a, wf_spot b) {
    return wf_edit_along(e, level, b, a);
}

void wf_edit_move(wf_edit *e, uint32_t row, uint32_t n, const wf_spot *from, const wf_spot *to) {
    for (uint32_t r = 0; r < e->polygon[row].n; r++)
        for (uint32_t v = 0; v < e->polygon[row].ring[r].n; v++)
            for (uint32_t k = 0; k < n; k++)
                if (same(e->polygon[row].ring[r].at[v], from[k])) {
                    e->polygon[row].ring[r].at[v] = to[k];
                    break;
                }
}

wf_code wf_edit_insert(wf_edit *e, uint32_t row, wf_spot a, wf_spot b, uint32_t n, const wf_spot *what, wf_error *err) {
    for (uint32_t r = 0; r < e->polygon[row].n; r++) {
        wf_edit_ring *ring = &e->polygon[row].ring[r];
        for (uint32_t v = 0; v + 1 < ring->n; v++) {
            if (!same(ring->at[v], a) || !same(ring->at[v + 1], b))
                continue;
            wf_spot *at = WF_NEW(e->keep, wf_spot, ring->n + n);
            if (at == NULL)
                return wf_fail_nomem(err);
            memcpy(at, ring->at, (v + 1) * sizeof *at);
            memcpy(at + v + 1, what, n * sizeof *at);
            memcpy(at + v + 1 + n, ring->at + v + 1, (ring->n - v - 1) * sizeof *at);
            ring->at = at;
            ring->n += n;
            return WF_OK;
        }
    }
    return wf_fail(err, WF_INTERNAL, "an edge of a synthetic grid is not there");
}

wf_code wf_edit_add(wf_edit *e, uint32_t row, bool shell, uint32_t n, const wf_spot *figure, wf_error *err) {
    wf_edit_polygon *to = &e->polygon[row];
    wf_edit_ring ring = {WF_NEW(e->keep, wf_spot, (size_t)n + 1), n + 1, shell};
    if (ring.at == NULL || WF_ROOM(e->keep, to->ring, to->n, to->cap))
        return wf_fail_nomem(err);
    for (uint32_t v = 0; v <= n; v++)
        ring.at[v] = figure[shell ? v % n : (n - v) % n];
    /* A hole goes behind its shell: the first part's rings stand before any added part. */
    uint32_t at = to->n;
    while (!shell && at > 1 && to->ring[at - 1].shell)
        at--;
    memmove(to->ring + at + 1, to->ring + at, (to->n - at) * sizeof *to->ring);
    to->ring[at] = ring;
    to->n++;
    return WF_OK;
}

static int turn(wf_spot a, wf_spot b, wf_spot c) {
    __int128_t d = (__int128_t)(b.x - a.x) * (c.y - a.y) - (__int128_t)(b.y - a.y) * (c.x - a.x);
    return d > 0 ? 1 : d < 0 ? -1 : 0;
}

static bool between(wf_spot a, wf_spot b, wf_spot p) {
    return turn(a, b, p) == 0 && (a.x < b.x ? a.x : b.x) <= p.x && p.x <= (a.x < b.x ? b.x : a.x) &&
           (a.y < b.y ? a.y : b.y) <= p.y && p.y <= (a.y < b.y ? b.y : a.y);
}

bool wf_edit_cross(wf_spot a, wf_spot b, wf_spot c, wf_spot d) {
    if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0)
        return true;
    return (between(a, b, c) && !same(c, a) && !same(c, b)) || (between(a, b, d) && !same(d, a) && !same(d, b)) ||
           (between(c, d, a) && !same(a, c) && !same(a, d)) || (between(c, d, b) && !same(b, c) && !same(b, d));
}

/* Vertices of a clean row, one after the other over all rings. */
static wf_spot clean_spot(const wf_polygons *p, uint32_t v) {
    return (wf_spot){llround(p->x[v] * 1e7), llround(p->y[v] * 1e7)};
}

bool wf_edit_hits(const wf_edit *e, uint32_t row, wf_spot a, wf_spot b) {
    const wf_polygons *p = &e->clean->shape;
    for (uint32_t r = p->part_start[p->grid_start[row]]; r < p->part_start[p->grid_start[row + 1]]; r++)
        for (uint32_t v = p->ring_start[r]; v + 1 < p->ring_start[r + 1]; v++)
            if (wf_edit_cross(a, b, clean_spot(p, v), clean_spot(p, v + 1)))
                return true;
    return false;
}

bool wf_edit_inside(const wf_edit *e, uint32_t row, wf_spot at) {
    const wf_polygons *p = &e->clean->shape;
    bool in = false;
    for (uint32_t r = p->part_start[p->grid_start[row]]; r < p->part_start[p->grid_start[row + 1]]; r++)
        for (uint32_t v = p->ring_start[r]; v + 1 < p->ring_start[r + 1]; v++) {
            wf_spot a = clean_spot(p, v), b = clean_spot(p, v + 1);
            if (between(a, b, at))
                return false;
            if ((a.y > at.y) != (b.y > at.y) && (b.y > a.y ? turn(a, b, at) > 0 : turn(b, a, at) > 0))
                in = !in;
        }
    return in;
}

wf_code wf_edit_close(const wf_edit *e, wf_polygons *out, wf_error *err) {
    wf_polygons_builder b;
    wf_polygons_begin(&b, e->keep);
    for (uint32_t i = 0; i < e->n; i++) {
        wf_polygons_grid(&b);
        for (uint32_t r = 0; r < e->polygon[i].n; r++) {
            const wf_edit_ring *ring = &e->polygon[i].ring[r];
            if (ring->shell)
                wf_polygons_part(&b);
            wf_polygons_ring(&b);
            for (uint32_t v = 0; v < ring->n; v++)
                wf_polygons_vertex(&b, (double)ring->at[v].x / 1e7, (double)ring->at[v].y / 1e7);
        }
    }
    return wf_polygons_finish(&b, out, err);
}
