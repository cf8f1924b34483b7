/* Cuts across long gaps. Gaps have tens to thousands of vertices; only vertices near each other are looked at closely.
 */
#include "coverage/chords.h"
#include "base/exact.h"
#include "coverage/cover.h"
#include <math.h>
#include <stdlib.h>

enum { MOST_VERTICES = 20000 };
static const double long_ratio = 4, reach_ratio = 2;

/* The border of a gap: vertex k, and the edge from there to vertex k + 1. */
typedef struct {
    const wf_contest *c;
    uint32_t place, face, n;
    const double *x, *y; /* n + 1, closed */
    uint32_t *beside;    /* grid across each edge */
    double reach_m;
} gap;

typedef struct {
    wf_segment ends; /* lower end first */
    uint32_t beside;
} side;

static int by_ends(const void *a, const void *b) {
    return wf_mend_order(&((const side *)a)->ends, &((const side *)b)->ends);
}

static wf_code find_neighbours(gap *g, wf_arena *keep, wf_error *err) {
    const wf_contest *c = g->c;
    uint32_t first = c->side_start[g->place], n = c->side_start[g->place + 1] - first;
    side *sides = WF_NEW(keep, side, n);
    g->beside = WF_NEW(keep, uint32_t, g->n);
    if (sides == NULL || g->beside == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t s = c->side[first + k], l = wf_mend_face(c->m, s, true);
        sides[k].ends = wf_mend_lower(c->m->a.segment[s]);
        sides[k].ends.owner = 0;
        sides[k].beside = wf_contest_owner(c, c->of[l] == g->place ? wf_mend_face(c->m, s, false) : l);
    }
    qsort(sides, n, sizeof *sides, by_ends);
    for (uint32_t k = 0; k < g->n; k++) {
        const side asked = {wf_mend_lower((wf_segment){g->x[k], g->y[k], g->x[k + 1], g->y[k + 1], 0, 0}), 0};
        const side *found = bsearch(&asked, sides, n, sizeof *sides, by_ends);
        g->beside[k] = found == NULL ? WF_NOBODY : found->beside;
    }
    return WF_OK;
}

static uint32_t before(const gap *g, uint32_t k) {
    return k == 0 ? g->n - 1 : k - 1;
}

static double far_m(const gap *g, uint32_t v, uint32_t w) {
    const double x[] = {g->x[v], g->x[w]}, y[] = {g->y[v], g->y[w]};
    return g->c->measure->length_m(g->c->measure->self, 2, x, y);
}

/* Have two segments a point in common? Exact. */
static bool meet(const double p[4], const double q[4]) {
    int a = wf_exact_orient(p[0], p[1], p[2], p[3], q[0], q[1]),
        b = wf_exact_orient(p[0], p[1], p[2], p[3], q[2], q[3]);
    int e = wf_exact_orient(q[0], q[1], q[2], q[3], p[0], p[1]),
        f = wf_exact_orient(q[0], q[1], q[2], q[3], p[2], p[3]);
    if (a * b < 0 && e * f < 0)
        return true;
    return wf_exact_on_segment(p[0], p[1], p[2], p[3], q[0], q[1]) ||
           wf_exact_on_segment(p[0], p[1], p[2], p[3], q[2], q[3]) ||
           wf_exact_on_segment(q[0], q[1], q[2], q[3], p[0], p[1]) ||
           wf_exact_on_segment(q[0], q[1], q[2], q[3], p[2], p[3]);
}

/* Is w in sight from v: does the cut meet the border at its two ends only, and run inside the gap? */
static bool is_in_sight(const gap *g, uint32_t v, uint32_t w) {
    const double cut[] = {g->x[v], g->y[v], g->x[w], g->y[w]};
    for (uint32_t k = 0; k < g->n; k++) {
        const double edge[] = {g->x[k], g->y[k], g->x[k + 1], g->y[k + 1]};
        bool at_a = (edge[0] == cut[0] && edge[1] == cut[1]) || (edge[0] == cut[2] && edge[1] == cut[3]);
        bool at_b = (edge[2] == cut[0] && edge[3] == cut[1]) || (edge[2] == cut[2] && edge[3] == cut[3]);
        if (at_a && at_b)
            return false;
        if (at_a ? wf_exact_on_segment(cut[0], cut[1], cut[2], cut[3], edge[2], edge[3])
                 : at_b && wf_exact_on_segment(cut[0], cut[1], cut[2], cut[3], edge[0], edge[1]))
            return false;
        if (!at_a && !at_b && meet(cut, edge))
            return false;
    }
    return wf_cover_holds(&g->c->m->a.shape, g->face, (cut[0] + cut[2]) / 2, (cut[1] + cut[3]) / 2);
}

static bool meets_cuts(const wf_segments *cuts, uint32_t from, const gap *g, uint32_t v, uint32_t w) {
    const double p[] = {g->x[v], g->y[v], g->x[w], g->y[w]};
    for (uint32_t k = from; k < cuts->n; k++) {
        const wf_segment *s = &cuts->segment[k];
        const double q[] = {s->ax, s->ay, s->bx, s->by};
        bool shared = false;
        for (int i = 0; i < 4; i += 2)
            for (int j = 0; j < 4; j += 2)
                shared |= p[i] == q[j] && p[i + 1] == q[j + 1];
        if (!shared && meet(p, q))
            return true;
        if (shared && wf_exact_orient(p[0], p[1], p[2], p[3], q[0], q[1]) == 0 &&
            wf_exact_orient(p[0], p[1], p[2], p[3], q[2], q[3]) == 0)
            return true;
    }
    return false;
}

/* The cut from vertex v, where the neighbour changes. */
static wf_code cut_at(const gap *g, uint32_t v, uint32_t from, wf_segments *out, wf_error *err) {
    uint32_t p = g->beside[before(g, v)], q = g->beside[v], best = WF_NOBODY;
    double least = g->reach_m;
    for (uint32_t w = 0; w < g->n; w++) {
        uint32_t r = g->beside[before(g, w)], s = g->beside[w];
        if (w == v || r == p || r == q || s == p || s == q)
            continue;
        double far = far_m(g, v, w);
        if (far < least && is_in_sight(g, v, w) && !meets_cuts(out, from, g, v, w)) {
            least = far;
            best = w;
        }
    }
    return best == WF_NOBODY ? WF_OK
                             : wf_segments_add(out, (wf_segment){g->x[v], g->y[v], g->x[best], g->y[best], 0, 0}, err);
}

static bool has_three_neighbours(const gap *g) {
    uint32_t first = g->beside[0], second = WF_NOBODY;
    for (uint32_t k = 0; k < g->n; k++) {
        if (g->beside[k] == WF_NOBODY)
            return false;
        if (g->beside[k] == first || g->beside[k] == second)
            continue;
        if (second != WF_NOBODY)
            return true;
        second = g->beside[k];
    }
    return false;
}

static wf_code cut_gap(const wf_contest *c, uint32_t place, wf_segments *out, wf_error *err) {
    const wf_polygons *p = &c->m->a.shape;
    uint32_t face = c->face[c->face_start[place]], ring = p->part_start[face], from = out->n;
    double thickness_m;
    gap g = {.c = c, .place = place, .face = face};
    if (c->face_start[place + 1] - c->face_start[place] != 1 || p->part_start[face + 1] - ring != 1)
        return WF_OK;
    g.n = p->ring_start[ring + 1] - p->ring_start[ring] - 1;
    g.x = p->x + p->ring_start[ring];
    g.y = p->y + p->ring_start[ring];
    /* A figure is at least twice its area over its border's length thick. */
    if (g.n > MOST_VERTICES || c->at[place].length_m * c->at[place].length_m < 4 * long_ratio * c->at[place].m2)
        return WF_OK;
    WF_TRY(find_neighbours(&g, c->m->keep, err));
    if (!has_three_neighbours(&g))
        return WF_OK;
    WF_TRY(wf_contest_thickness_m(c, place, &thickness_m, err));
    if (c->at[place].length_m / 2 <= long_ratio * thickness_m)
        return WF_OK;
    g.reach_m = reach_ratio * thickness_m;
    for (uint32_t v = 0; v < g.n; v++)
        if (g.beside[before(&g, v)] != g.beside[v])
            WF_TRY(cut_at(&g, v, from, out, err));
    return WF_OK;
}

wf_code wf_contest_cut_gaps(const wf_contest *c, wf_segments *out, wf_error *err) {
    for (uint32_t p = 0; p < c->n; p++)
        if (c->at[p].gap && c->at[p].owner != WF_NOBODY)
            WF_TRY(cut_gap(c, p, out, err));
    return WF_OK;
}
