/* Rings as segments, and what a ring is by itself. Hot: orientation and simplicity look at every vertex of an input. */
#include "coverage/segments.h"
#include "base/exact.h"
#include <math.h>
#include <stdlib.h>

wf_code wf_segments_add(wf_segments *to, wf_segment s, wf_error *err) {
    if (WF_ROOM(to->arena, to->segment, to->n, to->cap))
        return wf_fail_nomem(err);
    to->segment[to->n++] = s;
    return WF_OK;
}

wf_code wf_segments_add_ring(wf_segments *to, uint32_t n, const double *x, const double *y, int32_t weight,
                             uint32_t owner, wf_error *err) {
    for (uint32_t i = 0, j = n - 1; i < n; j = i++)
        if (x[i] != x[j] || y[i] != y[j])
            WF_TRY(wf_segments_add(to, (wf_segment){x[j], y[j], x[i], y[i], weight, owner}, err));
    return WF_OK;
}

wf_code wf_segments_add_polygon(wf_segments *to, const wf_polygons *p, uint32_t i, int32_t weight, uint32_t owner,
                                wf_error *err) {
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++)
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
            int turn = wf_ring_turn(n, p->x + from, p->y + from);
            bool shell = ring == p->part_start[part];
            if (turn != 0)
                WF_TRY(wf_segments_add_ring(to, n, p->x + from, p->y + from, (turn > 0) == shell ? weight : -weight,
                                            owner, err));
        }
    return WF_OK;
}

int wf_segment_order(const void *a, const void *b) {
    const wf_segment *p = a, *q = b;
    const double pv[] = {p->ax, p->ay, p->bx, p->by}, qv[] = {q->ax, q->ay, q->bx, q->by};
    for (int i = 0; i < 4; i++)
        if (pv[i] != qv[i])
            return pv[i] < qv[i] ? -1 : 1;
    return 0;
}

int wf_ring_turn(uint32_t n, const double *x, const double *y) {
    if (n < 3)
        return 0;
    uint32_t low = 0;
    for (uint32_t i = 1; i < n; i++)
        if (y[i] < y[low] || (y[i] == y[low] && x[i] < x[low]))
            low = i;
    uint32_t before = low, after = low;
    do
        before = before == 0 ? n - 1 : before - 1;
    while (before != low && x[before] == x[low] && y[before] == y[low]);
    do
        after = after + 1 == n ? 0 : after + 1;
    while (after != low && x[after] == x[low] && y[after] == y[low]);
    return wf_exact_orient(x[before], y[before], x[low], y[low], x[after], y[after]);
}

/* ---- simple rings ----------------------------------------------------------------------------------------------- */

/* Boxes over runs of consecutive edges, in pairs up to the whole ring: runs that lie apart need no look at their
 * edges. Node 1 is the ring, node k has the halves 2k and 2k + 1, leaf i is node n_leaves + i. */
enum { EDGES_A_LEAF = 4, LEAVES_ON_STACK = 256 };

typedef struct {
    double west, south, east, north;
} box;

typedef struct {
    const double *x, *y;
    uint32_t n_edges, n_leaves; /* leaves: a power of two, the last ones empty */
    box *node;
} tree;

static double lesser(double a, double b) {
    return a < b ? a : b;
}

static double greater(double a, double b) {
    return a > b ? a : b;
}

static bool boxes_meet(const box *a, const box *b) {
    return a->west <= b->east && b->west <= a->east && a->south <= b->north && b->south <= a->north;
}

static void fill_boxes(tree *t) {
    for (uint32_t leaf = 0; leaf < t->n_leaves; leaf++) {
        box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};
        uint32_t from = leaf * EDGES_A_LEAF, to = from + EDGES_A_LEAF;
        to = to < t->n_edges ? to : t->n_edges;
        for (uint32_t v = from; from < t->n_edges && v <= to; v++) {
            b.west = lesser(b.west, t->x[v]);
            b.south = lesser(b.south, t->y[v]);
            b.east = greater(b.east, t->x[v]);
            b.north = greater(b.north, t->y[v]);
        }
        t->node[t->n_leaves + leaf] = b;
    }
    for (uint32_t k = t->n_leaves - 1; k > 0; k--) {
        const box *l = &t->node[2 * k], *r = l + 1;
        t->node[k] = (box){lesser(l->west, r->west), lesser(l->south, r->south), greater(l->east, r->east),
                           greater(l->north, r->north)};
    }
}

/* Edge i ends where edge k begins: they must not fold back over each other. */
static bool fold_back(const tree *t, uint32_t i, uint32_t k) {
    double ax = t->x[i], ay = t->y[i], bx = t->x[k], by = t->y[k], cx = t->x[k + 1], cy = t->y[k + 1];
    return ((ax < bx) == (cx < bx) || ax == bx) && ((ay < by) == (cy < by) || ay == by) &&
           wf_exact_orient(ax, ay, bx, by, cx, cy) == 0;
}

/* Edges i < k that share no vertex. */
static bool edges_meet(const tree *t, uint32_t i, uint32_t k) {
    double px = t->x[i], py = t->y[i], qx = t->x[i + 1], qy = t->y[i + 1];
    double rx = t->x[k], ry = t->y[k], sx = t->x[k + 1], sy = t->y[k + 1];
    if (greater(px, qx) < lesser(rx, sx) || greater(rx, sx) < lesser(px, qx) || greater(py, qy) < lesser(ry, sy) ||
        greater(ry, sy) < lesser(py, qy))
        return false;
    return wf_exact_orient(px, py, qx, qy, rx, ry) * wf_exact_orient(px, py, qx, qy, sx, sy) <= 0 &&
           wf_exact_orient(rx, ry, sx, sy, px, py) * wf_exact_orient(rx, ry, sx, sy, qx, qy) <= 0;
}

static bool edge_meets_box(const tree *t, uint32_t i, const box *b) {
    double px = t->x[i], py = t->y[i], qx = t->x[i + 1], qy = t->y[i + 1];
    return !(greater(px, qx) < b->west || b->east < lesser(px, qx) || greater(py, qy) < b->south ||
             b->north < lesser(py, qy));
}

static bool halves_meet(const tree *t, uint32_t a, uint32_t b) {
    if (!boxes_meet(&t->node[a], &t->node[b]))
        return false;
    if (a < t->n_leaves)
        return halves_meet(t, 2 * a, 2 * b) || halves_meet(t, 2 * a, 2 * b + 1) || halves_meet(t, 2 * a + 1, 2 * b) ||
               halves_meet(t, 2 * a + 1, 2 * b + 1);
    uint32_t i0 = (a - t->n_leaves) * EDGES_A_LEAF, k0 = (b - t->n_leaves) * EDGES_A_LEAF;
    for (uint32_t i = i0; i < i0 + EDGES_A_LEAF && i < t->n_edges; i++) {
        if (!edge_meets_box(t, i, &t->node[b]))
            continue;
        for (uint32_t k = k0; k < k0 + EDGES_A_LEAF && k < t->n_edges; k++)
            if (k > i + 1 && !(i == 0 && k == t->n_edges - 1) && edges_meet(t, i, k))
                return true;
    }
    return false;
}

static bool meets_itself(const tree *t, uint32_t a) {
    if (a < t->n_leaves)
        return meets_itself(t, 2 * a) || meets_itself(t, 2 * a + 1) || halves_meet(t, 2 * a, 2 * a + 1);
    uint32_t i0 = (a - t->n_leaves) * EDGES_A_LEAF;
    for (uint32_t i = i0; i < i0 + EDGES_A_LEAF && i < t->n_edges; i++)
        for (uint32_t k = i + 2; k < i0 + EDGES_A_LEAF && k < t->n_edges; k++)
            if (!(i == 0 && k == t->n_edges - 1) && edges_meet(t, i, k))
                return true;
    return false;
}

bool wf_ring_is_simple(uint32_t n, const double *x, const double *y) {
    box on_stack[2 * LEAVES_ON_STACK];
    if (n < 4 || x[0] != x[n - 1] || y[0] != y[n - 1])
        return false;
    for (uint32_t i = 1; i < n; i++)
        if (x[i] == x[i - 1] && y[i] == y[i - 1])
            return false;
    tree t = {x, y, n - 1, 1, on_stack};
    for (uint32_t i = 0; i < t.n_edges; i++)
        if (fold_back(&t, i, i + 1 < t.n_edges ? i + 1 : 0))
            return false;
    while (t.n_leaves < (t.n_edges + EDGES_A_LEAF - 1) / EDGES_A_LEAF)
        t.n_leaves *= 2;
    if (t.n_leaves > LEAVES_ON_STACK && (t.node = malloc(2 * (size_t)t.n_leaves * sizeof *t.node)) == NULL)
        return false;
    fill_boxes(&t);
    bool simple = !meets_itself(&t, 1);
    if (t.node != on_stack)
        free(t.node);
    return simple;
}
