/* The mesh under a synthetic plan. Hot when plans are large: growth over every cell at each level. */
#include "synth/mesh.h"
#include "base/hash.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 4 };
static const double unit_deg = 1e-7, corner_shift = 0.22, bend_ratio = 0.11;

typedef struct {
    double cost;
    uint32_t cell, label;
} front;

typedef struct {
    front *heap;
    uint32_t n, cap;
} queue;

static double hash_unit(uint64_t seed, uint64_t what, uint64_t salt) {
    const uint64_t key[2] = {what, salt};
    return (double)(wf_hash_bytes(key, sizeof key, seed) >> 11) * 0x1p-53;
}

static bool sooner(const front *a, const front *b) {
    if (a->cost != b->cost)
        return a->cost < b->cost;
    return a->cell != b->cell ? a->cell < b->cell : a->label < b->label;
}

static wf_code push(queue *q, front f, wf_arena *scratch, wf_error *err) {
    if (WF_ROOM(scratch, q->heap, q->n, q->cap))
        return wf_fail_nomem(err);
    uint32_t i = q->n++;
    for (; i > 0 && sooner(&f, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = f;
    return WF_OK;
}

static front pop(queue *q) {
    front top = q->heap[0], last = q->heap[--q->n];
    uint32_t i = 0;
    for (uint32_t k; (k = 2 * i + 1) < q->n; i = k) {
        if (k + 1 < q->n && sooner(&q->heap[k + 1], &q->heap[k]))
            k++;
        if (!sooner(&q->heap[k], &last))
            break;
        q->heap[i] = q->heap[k];
    }
    q->heap[i] = last;
    return top;
}

/* Uneven ground: patches of eight cells and single cells, from 1 to 2.5. */
static double ground(const wf_mesh *m, uint32_t cell) {
    uint32_t i = cell % m->n_x, j = cell / m->n_x;
    return 1.0 + hash_unit(m->seed, (uint64_t)(j / 8) << 32 | i / 8, 1) + 0.5 * hash_unit(m->seed, cell, 2);
}

static uint32_t neighbour(const wf_mesh *m, uint32_t cell, int side) {
    uint32_t i = cell % m->n_x, j = cell / m->n_x;
    switch (side) {
    case 0:
        return i + 1 < m->n_x ? cell + 1 : UINT32_MAX;
    case 1:
        return j + 1 < m->n_y ? cell + m->n_x : UINT32_MAX;
    case 2:
        return i > 0 ? cell - 1 : UINT32_MAX;
    default:
        return j > 0 ? cell - m->n_x : UINT32_MAX;
    }
}

/* Seeds far from each other: the best of ten draws each. */
static void choose_seeds(const wf_mesh *m, uint32_t n_cells, const uint32_t *cells, uint32_t n, uint64_t stream,
                         uint32_t *seeds) {
    wf_random r;
    wf_random_seed(&r, m->seed, stream);
    for (uint32_t s = 0; s < n; s++) {
        double best = -1;
        for (int draw = 0; draw < 10; draw++) {
            uint32_t cell = cells[wf_random_below(&r, n_cells)];
            double least = INFINITY;
            for (uint32_t k = 0; k < s; k++) {
                double di = (double)(cell % m->n_x) - seeds[k] % m->n_x,
                       dj = (double)(cell / m->n_x) - seeds[k] / m->n_x;
                least = fmin(least, di * di + dj * dj);
            }
            if (least > best) {
                best = least;
                seeds[s] = cell;
            }
        }
        /* A small region can run out of far cells: any cell that is no seed yet does. */
        for (uint32_t k = 0, c = 0; best == 0 && c < n_cells; c++) {
            for (k = 0; k < s && seeds[k] != cells[c]; k++)
                ;
            if (k == s) {
                seeds[s] = cells[c];
                break;
            }
        }
    }
}

static wf_code grow(const wf_mesh *m, const uint32_t *within, uint32_t region, uint32_t n_cells, const uint32_t *cells,
                    uint32_t n_seeds, const uint32_t *seeds, uint32_t first_label, uint32_t *label, queue *q,
                    wf_arena *scratch, wf_error *err) {
    q->n = 0;
    for (uint32_t c = 0; c < n_cells; c++)
        label[cells[c]] = WF_NO_REGION;
    for (uint32_t s = 0; s < n_seeds; s++)
        WF_TRY(push(q, (front){0, seeds[s], first_label + s}, scratch, err));
    while (q->n > 0) {
        front f = pop(q);
        if (label[f.cell] != WF_NO_REGION)
            continue;
        label[f.cell] = f.label;
        for (int side = 0; side < 4; side++) {
            uint32_t next = neighbour(m, f.cell, side);
            if (next != UINT32_MAX && within[next] == region && label[next] == WF_NO_REGION)
                WF_TRY(push(q, (front){f.cost + ground(m, next), next, f.label}, scratch, err));
        }
    }
    return WF_OK;
}

/* Each seed to the cell of its region nearest to the region's middle. */
static void centre_seeds(const wf_mesh *m, uint32_t n_cells, const uint32_t *cells, uint32_t n_seeds,
                         uint32_t first_label, const uint32_t *label, double (*middle)[3], double *nearest,
                         uint32_t *seeds) {
    memset(middle, 0, n_seeds * sizeof *middle);
    for (uint32_t c = 0; c < n_cells; c++) {
        double *at = middle[label[cells[c]] - first_label];
        at[0] += cells[c] % m->n_x;
        at[1] += cells[c] / m->n_x;
        at[2] += 1;
    }
    for (uint32_t s = 0; s < n_seeds; s++)
        nearest[s] = INFINITY;
    for (uint32_t c = 0; c < n_cells; c++) {
        uint32_t s = label[cells[c]] - first_label;
        double di = cells[c] % m->n_x - middle[s][0] / middle[s][2],
               dj = cells[c] / m->n_x - middle[s][1] / middle[s][2];
        if (di * di + dj * dj < nearest[s]) {
            nearest[s] = di * di + dj * dj;
            seeds[s] = cells[c];
        }
    }
}

wf_code wf_mesh_divide(const wf_mesh *m, const uint32_t *within, uint32_t region, uint32_t n_cells,
                       const uint32_t *cells, uint32_t n_seeds, uint32_t first_label, uint64_t stream, uint32_t *label,
                       wf_arena *scratch, wf_error *err) {
    if (n_cells < n_seeds)
        return wf_fail(err, WF_LIMIT, "%u regions do not fit into %u mesh cells", n_seeds, n_cells);
    uint32_t *seeds = WF_NEW(scratch, uint32_t, n_seeds);
    double *nearest = WF_NEW(scratch, double, n_seeds), (*middle)[3] = wf_arena_alloc(scratch, n_seeds, sizeof *middle);
    if (seeds == NULL || nearest == NULL || middle == NULL)
        return wf_fail_nomem(err);
    queue q = {0};
    choose_seeds(m, n_cells, cells, n_seeds, stream, seeds);
    for (int round = 0; round < ROUNDS; round++) {
        WF_TRY(grow(m, within, region, n_cells, cells, n_seeds, seeds, first_label, label, &q, scratch, err));
        if (round + 1 < ROUNDS)
            centre_seeds(m, n_cells, cells, n_seeds, first_label, label, middle, nearest, seeds);
    }
    return WF_OK;
}

wf_code wf_mesh_spread(const wf_mesh *m, const uint32_t *within, uint32_t region, uint32_t start, uint32_t n,
                       uint8_t *taken, uint32_t *order, uint32_t *n_order, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    queue q = {0};
    uint32_t count = 0;
    wf_code code = WF_OK;
    WF_GO(push(&q, (front){0, start, 0}, &local, err));
    while (q.n > 0 && count < n) {
        front f = pop(&q);
        if (taken[f.cell])
            continue;
        taken[f.cell] = 1;
        order[count++] = f.cell;
        for (int side = 0; side < 4; side++) {
            uint32_t next = neighbour(m, f.cell, side);
            if (next != UINT32_MAX && within[next] == region && !taken[next])
                WF_GO(push(&q, (front){f.cost + ground(m, next), next, 0}, &local, err));
        }
    }
    *n_order = count;
done:
    for (uint32_t i = 0; i < count; i++)
        taken[order[i]] = 0;
    wf_arena_clear(&local);
    return code;
}

/* ---- borders ---------------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t x, y; /* units of 1e-7 degrees */
} spot;

static spot corner(const wf_mesh *m, uint32_t i, uint32_t j) {
    uint64_t id = (uint64_t)j << 32 | i;
    double x = m->west + (i + corner_shift * (2 * hash_unit(m->seed, id, 3) - 1)) * m->step_x;
    double y = m->south + (j + corner_shift * (2 * hash_unit(m->seed, id, 4) - 1)) * m->step_y;
    return (spot){llround(x / unit_deg), llround(y / unit_deg)};
}

static void put(wf_polygons_builder *b, spot s) {
    /* The double nearest to the decimal number, as a reader of the text would get it. */
    wf_polygons_vertex(b, (double)s.x / 1e7, (double)s.y / 1e7);
}

void wf_mesh_corner(const wf_mesh *m, uint32_t i, uint32_t j, double *x, double *y) {
    spot s = corner(m, i, j);
    *x = (double)s.x / 1e7;
    *y = (double)s.y / 1e7;
}

/* The bend of a piece: its middle moved across by a share of its length. */
static spot bend(const wf_mesh *m, spot a, spot b, uint64_t id, uint64_t salt) {
    double t = bend_ratio * (2 * hash_unit(m->seed, id, salt) - 1), dx = (double)(b.x - a.x), dy = (double)(b.y - a.y);
    double across = m->step_x / m->step_y;
    return (spot){(a.x + b.x) / 2 + llround(-t * dy * across), (a.y + b.y) / 2 + llround(t * dx / across)};
}

/* The points of the edge from corner (i, j) to (i2, j2), the last left out; the same line in both directions. */
static void put_edge(const wf_mesh *m, uint32_t i, uint32_t j, uint32_t i2, uint32_t j2, wf_polygons_builder *b) {
    bool back = i2 < i || j2 < j, vertical = i == i2;
    uint32_t i0 = back ? i2 : i, j0 = back ? j2 : j;
    uint64_t id = ((uint64_t)j0 << 32 | i0) << 1 | vertical;
    spot p[5];
    p[0] = corner(m, i0, j0);
    p[4] = corner(m, vertical ? i0 : i0 + 1, vertical ? j0 + 1 : j0);
    p[2] = bend(m, p[0], p[4], id, 5);
    p[1] = bend(m, p[0], p[2], id, 6);
    p[3] = bend(m, p[2], p[4], id, 7);
    for (int k = 0; k < 4; k++)
        put(b, back ? p[4 - k] : p[k]);
}

/* Directed border edges with the region on the left: side 0 north along the east, 1 west along the north, 2 south along
 * the west, 3 east along the south. Key: cell · 4 + side. */
static void edge_ends(const wf_mesh *m, uint64_t key, uint32_t at[4]) {
    uint32_t cell = (uint32_t)(key >> 2), i = cell % m->n_x, j = cell / m->n_x;
    static const uint8_t ends[4][4] = {{1, 0, 1, 1}, {1, 1, 0, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}};
    const uint8_t *e = ends[key & 3];
    at[0] = i + e[0];
    at[1] = j + e[1];
    at[2] = i + e[2];
    at[3] = j + e[3];
}

static bool same(const wf_mesh *m, const uint32_t *label, uint32_t region, uint32_t cell, int side) {
    uint32_t next = neighbour(m, cell, side);
    return next != UINT32_MAX && label[next] == region;
}

/* The border edge behind `key`: left around the same cell where that is border, else straight on, else right: at a
 * corner where two cells meet only in a point the border turns left, which keeps every ring simple. */
static uint64_t next_edge(const wf_mesh *m, const uint32_t *label, uint32_t region, uint64_t key) {
    uint32_t cell = (uint32_t)(key >> 2);
    int side = (int)(key & 3), left = (side + 1) & 3;
    if (!same(m, label, region, cell, left))
        return (uint64_t)cell << 2 | (uint64_t)left;
    uint32_t ahead = neighbour(m, cell, left);
    if (!same(m, label, region, ahead, side))
        return (uint64_t)ahead << 2 | (uint64_t)side;
    uint32_t across = neighbour(m, ahead, side);
    return (uint64_t)across << 2 | (uint64_t)((side + 3) & 3);
}

typedef struct {
    uint64_t first; /* lowest key of the ring */
    double area;    /* doubled, in cells */
} ring;

static int by_first(const void *a, const void *b) {
    const ring *p = a, *q = b;
    if ((p->area > 0) != (q->area > 0))
        return p->area > 0 ? -1 : 1;
    return p->first < q->first ? -1 : p->first > q->first;
}

wf_code wf_mesh_outline(const wf_mesh *m, const uint32_t *label, uint32_t region, uint32_t n_cells,
                        const uint32_t *cells, wf_polygons_builder *out, wf_arena *scratch, wf_error *err) {
    uint8_t *done = WF_NEW(scratch, uint8_t, n_cells);
    ring *rings = NULL;
    uint32_t n_rings = 0, cap = 0, at[4];
    if (done == NULL)
        return wf_fail_nomem(err);
    for (uint32_t c = 0; c < n_cells; c++)
        for (int side = 0; side < 4; side++) {
            if (done[c] >> side & 1 || same(m, label, region, cells[c], side))
                continue;
            if (WF_ROOM(scratch, rings, n_rings, cap))
                return wf_fail_nomem(err);
            uint64_t first = (uint64_t)cells[c] << 2 | (uint64_t)side, key = first;
            double area = 0;
            do {
                const uint32_t cell = (uint32_t)(key >> 2);
                uint32_t lo = 0, hi = n_cells;
                while (hi - lo > 1) {
                    uint32_t mid = (lo + hi) / 2;
                    if (cells[mid] <= cell)
                        lo = mid;
                    else
                        hi = mid;
                }
                done[lo] |= (uint8_t)(1u << (key & 3));
                edge_ends(m, key, at);
                area += (double)at[0] * at[3] - (double)at[2] * at[1];
                key = next_edge(m, label, region, key);
            } while (key != first);
            rings[n_rings++] = (ring){first, area};
        }
    qsort(rings, n_rings, sizeof *rings, by_first);
    wf_polygons_grid(out);
    wf_polygons_part(out);
    for (uint32_t k = 0; k < n_rings; k++) {
        uint64_t key = rings[k].first;
        wf_polygons_ring(out);
        do {
            edge_ends(m, key, at);
            put_edge(m, at[0], at[1], at[2], at[3], out);
            key = next_edge(m, label, region, key);
        } while (key != rings[k].first);
        edge_ends(m, key, at);
        put(out, corner(m, at[0], at[1]));
    }
    return WF_OK;
}
