/* From noded segments to faces: half-edges turned around each vertex by exact orientation, counts carried across
 * segments, components hung into the face that holds them by a ray to the west. */
#include "coverage/arrange.h"
#include "coverage/node.h"
#include "base/exact.h"
#include "base/sets.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Half-edge 2s runs a→b, 2s + 1 runs b→a. */
typedef struct {
    const wf_segment *s;
    uint32_t n_half, n_vertices, n_cycles;
    uint32_t *origin; /* vertex of each half-edge */
    double *vx, *vy;
    uint32_t *next, *cycle; /* of each half-edge */
    uint32_t *first;        /* half-edge of each cycle */
    uint32_t *component;    /* of each vertex: its lowest-numbered vertex's root */
    int32_t *count;         /* of the face left of each cycle */
    uint32_t *face;         /* of each cycle */
    uint8_t *outer;         /* cycle is the outside of its component */
} graph;

typedef struct {
    double x, y;
    uint32_t half;
} end_point;

static int by_place(const void *a, const void *b) {
    const end_point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->half < q->half ? -1 : p->half > q->half;
}

typedef struct {
    double dx, dy, ox, oy, tx, ty; /* target and origin, for the exact turn */
    uint32_t half;
} spoke;

static int upper(const spoke *s) {
    return s->ty > s->oy || (s->ty == s->oy && s->tx > s->ox);
}

/* Counter-clockwise from the east, exact. */
static int by_angle(const void *a, const void *b) {
    const spoke *p = a, *q = b;
    if (upper(p) != upper(q))
        return upper(p) ? -1 : 1;
    return -wf_exact_orient(p->ox, p->oy, p->tx, p->ty, q->tx, q->ty);
}

static uint32_t target(const graph *g, uint32_t half) {
    return g->origin[half ^ 1];
}

/* Number the vertices from west to east and find each half-edge's origin. */
static wf_code number_vertices(graph *g, wf_arena *keep, end_point **sorted, wf_error *err) {
    end_point *e = WF_NEW(keep, end_point, g->n_half);
    g->origin = WF_NEW(keep, uint32_t, g->n_half);
    g->vx = WF_NEW(keep, double, g->n_half);
    g->vy = WF_NEW(keep, double, g->n_half);
    if (e == NULL || g->origin == NULL || g->vx == NULL || g->vy == NULL)
        return wf_fail_nomem(err);
    for (uint32_t h = 0; h < g->n_half; h++) {
        const wf_segment *s = &g->s[h / 2];
        e[h] = h % 2 == 0 ? (end_point){s->ax, s->ay, h} : (end_point){s->bx, s->by, h};
    }
    qsort(e, g->n_half, sizeof *e, by_place);
    for (uint32_t i = 0; i < g->n_half; i++) {
        if (i == 0 || e[i].x != e[i - 1].x || e[i].y != e[i - 1].y) {
            g->vx[g->n_vertices] = e[i].x;
            g->vy[g->n_vertices] = e[i].y;
            g->n_vertices++;
        }
        g->origin[e[i].half] = g->n_vertices - 1;
    }
    *sorted = e;
    return WF_OK;
}

/* next(h): arriving at a vertex, leave by the spoke clockwise next to the way back, so that faces lie on the left. */
static wf_code turn_at_vertices(graph *g, wf_arena *keep, const end_point *sorted, wf_error *err) {
    spoke *spokes = WF_NEW(keep, spoke, g->n_half);
    g->next = WF_NEW(keep, uint32_t, g->n_half);
    if (spokes == NULL || g->next == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0, j; i < g->n_half; i = j) {
        uint32_t v = g->origin[sorted[i].half];
        for (j = i; j < g->n_half && g->origin[sorted[j].half] == v; j++) {
            uint32_t t = target(g, sorted[j].half);
            spokes[j - i] = (spoke){0, 0, g->vx[v], g->vy[v], g->vx[t], g->vy[t], sorted[j].half};
        }
        uint32_t n = j - i;
        qsort(spokes, n, sizeof *spokes, by_angle);
        for (uint32_t k = 0; k < n; k++)
            g->next[spokes[k].half ^ 1] = spokes[(k + n - 1) % n].half;
    }
    return WF_OK;
}

static wf_code find_cycles(graph *g, wf_arena *keep, wf_error *err) {
    g->cycle = WF_NEW(keep, uint32_t, g->n_half);
    g->first = WF_NEW(keep, uint32_t, g->n_half);
    if (g->cycle == NULL || g->first == NULL)
        return wf_fail_nomem(err);
    memset(g->cycle, 0xFF, g->n_half * sizeof *g->cycle);
    for (uint32_t h = 0; h < g->n_half; h++) {
        if (g->cycle[h] != UINT32_MAX)
            continue;
        g->first[g->n_cycles] = h;
        for (uint32_t k = h; g->cycle[k] == UINT32_MAX; k = g->next[k])
            g->cycle[k] = g->n_cycles;
        g->n_cycles++;
    }
    return WF_OK;
}

/* ---- rays ------------------------------------------------------------------------------------------------------- */

typedef struct {
    double south, per_y;
    uint32_t n_rows;
    uint32_t *start, *segment;
} row_index;

static uint32_t row_of(const row_index *r, double y) {
    double v = (y - r->south) * r->per_y;
    return v <= 0 ? 0 : v >= r->n_rows ? r->n_rows - 1 : (uint32_t)v;
}

static wf_code build_rows(const graph *g, wf_arena *keep, row_index *r, wf_error *err) {
    double south = INFINITY, north = -INFINITY, height = 0;
    uint32_t n = g->n_half / 2;
    for (uint32_t i = 0; i < n; i++) {
        south = fmin(south, fmin(g->s[i].ay, g->s[i].by));
        north = fmax(north, fmax(g->s[i].ay, g->s[i].by));
        height += fabs(g->s[i].ay - g->s[i].by);
    }
    /* As many rows as keep the entries below three a segment. */
    double rows = height > 0 ? fmin(2.0 * n * (north - south) / height, 1e6) : 1;
    r->n_rows = (uint32_t)fmax(1, fmin(rows, n));
    r->south = south;
    r->per_y = north > south ? r->n_rows / (north - south) : 0;
    r->start = WF_NEW(keep, uint32_t, (size_t)r->n_rows + 2);
    if (r->start == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t to = row_of(r, fmax(g->s[i].ay, g->s[i].by));
            for (uint32_t row = row_of(r, fmin(g->s[i].ay, g->s[i].by)); row <= to; row++) {
                if (pass == 0)
                    r->start[row + 2]++;
                else
                    r->segment[r->start[row + 1]++] = i;
            }
        }
        if (pass == 1)
            break;
        for (uint32_t row = 0; row < r->n_rows; row++)
            r->start[row + 2] += r->start[row + 1];
        if ((r->segment = WF_NEW(keep, uint32_t, r->start[r->n_rows + 1])) == NULL)
            return wf_fail_nomem(err);
    }
    return WF_OK;
}

/* Of two segments that a ray a hair above a horizontal line crosses, does q lie east of p? Exact: segments meet at
 * their ends only, so an end of the one that is beside the other decides. */
static bool is_east(const wf_segment *p, const wf_segment *q) {
    const double *p0 = &p->ax, *p1 = &p->bx, *q0 = &q->ax, *q1 = &q->bx;
    const double *p_low = p0[1] < p1[1] ? p0 : p1, *p_high = p_low == p0 ? p1 : p0;
    const double *q_low = q0[1] < q1[1] ? q0 : q1, *q_high = q_low == q0 ? q1 : q0;
    int west = q_low[1] >= p_low[1] ? wf_exact_orient(p_low[0], p_low[1], p_high[0], p_high[1], q_low[0], q_low[1])
                                    : -wf_exact_orient(q_low[0], q_low[1], q_high[0], q_high[1], p_low[0], p_low[1]);
    if (west == 0)
        west = q_high[1] <= p_high[1]
                   ? wf_exact_orient(p_low[0], p_low[1], p_high[0], p_high[1], q_high[0], q_high[1])
                   : -wf_exact_orient(q_low[0], q_low[1], q_high[0], q_high[1], p_high[0], p_high[1]);
    return west < 0;
}

/* From vertex v, the westernmost of its component, to the west: the half-edge that faces it, or UINT32_MAX. */
static uint32_t look_west(const graph *g, const row_index *r, uint32_t v) {
    double x = g->vx[v], y = g->vy[v];
    uint32_t row = row_of(r, y), found = UINT32_MAX;
    for (uint32_t e = r->start[row]; e < r->start[row + 1]; e++) {
        const wf_segment *s = &g->s[r->segment[e]];
        if ((s->ay > y) == (s->by > y))
            continue;
        int up = s->by > s->ay;
        if (wf_exact_orient(s->ax, s->ay, s->bx, s->by, x, y) != (up ? -1 : 1))
            continue;
        /* The face to the east lies left of the half-edge that runs down. */
        if (found == UINT32_MAX || is_east(&g->s[found / 2], s))
            found = 2 * r->segment[e] + (up ? 1 : 0);
    }
    return found;
}

/* ---- counts ----------------------------------------------------------------------------------------------------- */

/* Carry the count from one cycle of a component to the others across its segments. */
static void spread_counts(graph *g, uint32_t cycle, uint8_t *known, uint32_t *stack) {
    uint32_t n = 0;
    stack[n++] = cycle;
    while (n > 0) {
        uint32_t c = stack[--n], h = g->first[c];
        do {
            uint32_t over = g->cycle[h ^ 1];
            int32_t weight = h % 2 == 0 ? g->s[h / 2].weight : -g->s[h / 2].weight;
            if (!known[over]) {
                known[over] = 1;
                g->count[over] = g->count[c] - weight;
                stack[n++] = over;
            }
            h = g->next[h];
        } while (h != g->first[c]);
    }
}

/* The outer cycle of a component is left of the half-edge that leaves its westernmost vertex last, counter-clockwise
 * from the south: the face west of the vertex. */
static wf_code hang_components(graph *g, wf_arena *keep, uint32_t *n_faces, wf_error *err) {
    uint32_t *parent = WF_NEW(keep, uint32_t, g->n_vertices), *stack = WF_NEW(keep, uint32_t, g->n_cycles);
    uint32_t *west_half = WF_NEW(keep, uint32_t, g->n_vertices);
    uint8_t *known = WF_NEW(keep, uint8_t, g->n_cycles);
    g->count = WF_NEW(keep, int32_t, g->n_cycles);
    g->face = WF_NEW(keep, uint32_t, g->n_cycles);
    g->outer = WF_NEW(keep, uint8_t, g->n_cycles);
    if (parent == NULL || stack == NULL || west_half == NULL || known == NULL || g->count == NULL || g->face == NULL ||
        g->outer == NULL)
        return wf_fail_nomem(err);
    for (uint32_t v = 0; v < g->n_vertices; v++) {
        parent[v] = v;
        west_half[v] = UINT32_MAX;
    }
    for (uint32_t h = 0; h < g->n_half; h += 2)
        wf_sets_join(parent, g->origin[h], g->origin[h + 1]);
    for (uint32_t h = 0; h < g->n_half; h++) {
        uint32_t v = g->origin[h];
        if (wf_sets_root(parent, v) != v)
            continue;
        /* All spokes of the westernmost vertex go east: the northernmost one has the outside on its left. */
        uint32_t best = west_half[v], t = target(g, h);
        if (best == UINT32_MAX ||
            wf_exact_orient(g->vx[v], g->vy[v], g->vx[target(g, best)], g->vy[target(g, best)], g->vx[t], g->vy[t]) > 0)
            west_half[v] = h;
    }
    for (uint32_t v = 0; v < g->n_vertices; v++)
        if (west_half[v] != UINT32_MAX)
            g->outer[g->cycle[west_half[v]]] = 1;
    *n_faces = 0;
    for (uint32_t c = 0; c < g->n_cycles; c++)
        g->face[c] = g->outer[c] ? WF_NO_FACE : (*n_faces)++;
    row_index rows;
    WF_TRY(build_rows(g, keep, &rows, err));
    /* West to east: what a component hangs in was met before. */
    for (uint32_t v = 0; v < g->n_vertices; v++) {
        if (west_half[v] == UINT32_MAX)
            continue;
        uint32_t outer = g->cycle[west_half[v]], seen = look_west(g, &rows, v);
        known[outer] = 1;
        if (seen != UINT32_MAX) {
            g->count[outer] = g->count[g->cycle[seen]];
            g->face[outer] = g->face[g->cycle[seen]];
        }
        spread_counts(g, outer, known, stack);
    }
    return WF_OK;
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

static void put_cycle(wf_polygons_builder *b, const graph *g, uint32_t cycle) {
    uint32_t h = g->first[cycle];
    wf_polygons_ring(b);
    do {
        wf_polygons_vertex(b, g->vx[g->origin[h]], g->vy[g->origin[h]]);
        h = g->next[h];
    } while (h != g->first[cycle]);
    wf_polygons_vertex(b, g->vx[g->origin[h]], g->vy[g->origin[h]]);
}

static wf_code build_shapes(const graph *g, wf_arena *keep, wf_arrangement *out, wf_error *err) {
    uint32_t *hole_next = WF_NEW(keep, uint32_t, g->n_cycles), *hole_first = WF_NEW(keep, uint32_t, out->n_faces);
    if (hole_next == NULL || hole_first == NULL)
        return wf_fail_nomem(err);
    memset(hole_first, 0xFF, out->n_faces * sizeof *hole_first);
    for (uint32_t c = g->n_cycles; c-- > 0;)
        if (g->outer[c] && g->face[c] != WF_NO_FACE) {
            hole_next[c] = hole_first[g->face[c]];
            hole_first[g->face[c]] = c;
        }
    wf_polygons_builder b;
    wf_polygons_begin(&b, keep);
    for (uint32_t c = 0; c < g->n_cycles; c++) {
        if (g->outer[c])
            continue;
        wf_polygons_grid(&b);
        wf_polygons_part(&b);
        put_cycle(&b, g, c);
        for (uint32_t hole = hole_first[g->face[c]]; hole != UINT32_MAX; hole = hole_next[hole])
            put_cycle(&b, g, hole);
    }
    return wf_polygons_finish(&b, &out->shape, err);
}

static int by_number(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* A point inside a face: the middle of the widest run of a horizontal line that passes between two vertices. */
static wf_code inside_point(const wf_polygons *p, uint32_t face, double *scratch, double *px, double *py) {
    uint32_t from = p->ring_start[p->part_start[face]], to = p->ring_start[p->part_start[face + 1]], n = 0;
    for (uint32_t i = from; i < to; i++)
        scratch[n++] = p->y[i];
    qsort(scratch, n, sizeof *scratch, by_number);
    double y = scratch[0], tallest = -1;
    for (uint32_t i = 1; i < n; i++)
        if (scratch[i] - scratch[i - 1] > tallest) {
            tallest = scratch[i] - scratch[i - 1];
            y = scratch[i - 1] + tallest / 2;
        }
    n = 0;
    for (uint32_t ring = p->part_start[face]; ring < p->part_start[face + 1]; ring++)
        for (uint32_t i = p->ring_start[ring]; i + 1 < p->ring_start[ring + 1]; i++)
            if ((p->y[i] > y) != (p->y[i + 1] > y))
                scratch[n++] = p->x[i] + (p->x[i + 1] - p->x[i]) * ((y - p->y[i]) / (p->y[i + 1] - p->y[i]));
    qsort(scratch, n, sizeof *scratch, by_number);
    double widest = -1;
    *px = p->x[from];
    *py = y;
    for (uint32_t i = 0; i + 1 < n; i += 2)
        if (scratch[i + 1] - scratch[i] > widest) {
            widest = scratch[i + 1] - scratch[i];
            *px = scratch[i] + widest / 2;
        }
    return WF_OK;
}

static wf_code finish(const graph *g, wf_arena *keep, wf_arrangement *out, wf_error *err) {
    WF_TRY(build_shapes(g, keep, out, err));
    uint32_t n = out->n_segments;
    double *scratch = WF_NEW(keep, double, (size_t)out->shape.n_vertices + 1);
    out->left = WF_NEW(keep, uint32_t, n);
    out->right = WF_NEW(keep, uint32_t, n);
    out->count = WF_NEW(keep, int32_t, out->n_faces);
    out->x = WF_NEW(keep, double, out->n_faces);
    out->y = WF_NEW(keep, double, out->n_faces);
    if (scratch == NULL || out->left == NULL || out->right == NULL || out->count == NULL || out->x == NULL ||
        out->y == NULL)
        return wf_fail_nomem(err);
    for (uint32_t s = 0; s < n; s++) {
        out->left[s] = g->face[g->cycle[2 * s]];
        out->right[s] = g->face[g->cycle[2 * s + 1]];
    }
    for (uint32_t c = 0; c < g->n_cycles; c++)
        if (!g->outer[c])
            out->count[g->face[c]] = g->count[c];
    for (uint32_t face = 0; face < out->n_faces; face++)
        WF_TRY(inside_point(&out->shape, face, scratch, &out->x[face], &out->y[face]));
    return WF_OK;
}

wf_code wf_arrange(uint32_t n, const wf_segment *segment, bool keep_walls, wf_arena *keep, wf_arrangement *out,
                   wf_error *err) {
    wf_arrangement a = {0};
    wf_noded noded;
    WF_TRY(wf_node(n, segment, keep_walls, keep, &noded, err));
    a.n_segments = noded.n;
    a.segment = noded.segment;
    a.owner_start = noded.owner_start;
    a.owner = noded.owner;
    a.crossings = noded.crossings;
    graph g = {.s = a.segment, .n_half = 2 * a.n_segments};
    end_point *sorted = NULL;
    if (a.n_segments > 0) {
        WF_TRY(number_vertices(&g, keep, &sorted, err));
        WF_TRY(turn_at_vertices(&g, keep, sorted, err));
        WF_TRY(find_cycles(&g, keep, err));
        WF_TRY(hang_components(&g, keep, &a.n_faces, err));
    }
    WF_TRY(finish(&g, keep, &a, err));
    *out = a;
    return WF_OK;
}
