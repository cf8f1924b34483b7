#ifndef WF_TESTS_TILINGS_H
#define WF_TESTS_TILINGS_H
/* Random plans made of the cells of a crooked lattice: each grid is a set of cells, so that what lies where can be
 * counted cell by cell. The same plans as polygons, with corners kept, thinned out or moved. */
#include "base/arena.h"
#include "base/grids.h"
#include "base/random.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { WIDE = 14, HIGH = 12, CELLS = WIDE * HIGH, MAX_GRIDS = 160, MAX_LABEL = 12 };
enum { CORNERS = (WIDE + 1) * (HIGH + 1) };
#define AT(i, j) ((j)*WIDE + (i))
#define CORNER(i, j) ((j) * (WIDE + 1) + (i))

typedef enum { STRAIGHT, CROOKED, DEGREES } lattice_kind; /* integers in rows; integers; multiples of 1e-7 degrees */
typedef enum { REGIONS, NESTED, HUB, SQUARES, N_PATTERNS } pattern_kind;

typedef struct {
    lattice_kind kind;
    bool thin; /* STRAIGHT: only the corners where some grid turns */
    double x[CORNERS], y[CORNERS];
    uint32_t n;
    bool in[MAX_GRIDS][CELLS];
    char code[MAX_GRIDS][MAX_LABEL];
} cells;

static uint32_t below(wf_random *r, uint32_t n) {
    return (uint32_t)wf_random_below(r, n);
}

static void place_corners(cells *c, wf_random *r) {
    int a = 5 + (int)below(r, 20), b = (int)below(r, 9) - 4, d = (int)below(r, 9) - 4, e = 5 + (int)below(r, 20);
    for (int j = 0; j <= HIGH; j++)
        for (int i = 0; i <= WIDE; i++) {
            double *x = &c->x[CORNER(i, j)], *y = &c->y[CORNER(i, j)];
            if (c->kind == STRAIGHT) {
                *x = a * i + b * j;
                *y = d * i + e * j;
                continue;
            }
            *x = 1000.0 * i + below(r, 481) - 240;
            *y = 1000.0 * j + below(r, 481) - 240;
            if (c->kind == DEGREES) {
                *x = (1087000000 + *x) / 1e7;
                *y = (376000000 + *y) / 1e7;
            }
        }
}

static void label_cells(cells *c, pattern_kind pattern, wf_random *r) {
    uint32_t of[CELLS], k = 2 + below(r, 24);
    uint32_t seed_i[32], seed_j[32];
    for (uint32_t s = 0; s < k; s++) {
        seed_i[s] = below(r, WIDE);
        seed_j[s] = below(r, HIGH);
    }
    for (int j = 0; j < HIGH; j++)
        for (int i = 0; i < WIDE; i++) {
            int di = i < WIDE - 1 - i ? i : WIDE - 1 - i, dj = j < HIGH - 1 - j ? j : HIGH - 1 - j;
            uint32_t ring = (uint32_t)(di < dj ? di : dj), best = 0;
            double least = INFINITY;
            for (uint32_t s = 0; s < k; s++) {
                double d = abs(i - (int)seed_i[s]) + abs(j - (int)seed_j[s]) + 0.9 * wf_random_unit(r);
                best = d < least ? s : best;
                least = fmin(least, d);
            }
            uint32_t island = below(r, 12) == 0 ? 40 + below(r, 6) : ring;
            of[AT(i, j)] = pattern == REGIONS  ? best
                           : pattern == NESTED ? island
                           : pattern == HUB    ? (ring >= 2   ? 0
                                                  : ring == 1 ? 1 + (uint32_t)AT(i, j) % 150
                                                              : 151 + best % 3)
                                               : (uint32_t)AT(i, j) / (1 + k % 3);
        }
    uint32_t number[CELLS + 400];
    memset(number, 0xff, sizeof number);
    c->n = 0;
    memset(c->in, 0, sizeof c->in);
    for (int at = 0; at < CELLS; at++) {
        uint32_t *to = &number[of[at]];
        if (*to == UINT32_MAX) {
            if (c->n == MAX_GRIDS - 8) { /* the rest goes to the last grid */
                *to = c->n - 1;
            } else
                *to = c->n++;
        }
        c->in[*to][at] = true;
    }
    for (uint32_t g = 0; g < MAX_GRIDS; g++)
        snprintf(c->code[g], MAX_LABEL, "%03u", g);
}

/* ---- damage that stays on the cells ----------------------------------------------------------------------------- */

static bool is_empty(const cells *c, uint32_t g) {
    for (int at = 0; at < CELLS; at++)
        if (c->in[g][at])
            return false;
    return true;
}

static const int step_i[] = {1, 0, -1, 0}, step_j[] = {0, 1, 0, -1};

/* The cell beside `at`, or -1 beyond the edge. */
static int beside(int at, int way) {
    int i = at % WIDE + step_i[way], j = at / WIDE + step_j[way];
    return i < 0 || j < 0 || i == WIDE || j == HIGH ? -1 : AT(i, j);
}

static void grow(cells *c, uint32_t g, uint32_t n, wf_random *r) {
    for (int tries = 0; n > 0 && tries < 400; tries++) {
        int at = (int)below(r, CELLS), next = beside(at, (int)below(r, 4));
        if (next < 0 || c->in[g][at] || !c->in[g][next])
            continue;
        c->in[g][at] = true;
        n--;
    }
}

/* Everything that the grid surrounds becomes its own. */
static void fill_holes(cells *c, uint32_t g) {
    bool outside[CELLS] = {false}, more = true;
    while (more) {
        more = false;
        for (int at = 0; at < CELLS; at++)
            for (int way = 0; way < 4; way++) {
                int next = beside(at, way);
                if (!outside[at] && !c->in[g][at] && (next < 0 || outside[next]))
                    outside[at] = more = true;
            }
    }
    for (int at = 0; at < CELLS; at++)
        c->in[g][at] |= !outside[at];
}

static void damage_cells(cells *c, wf_random *r) {
    for (uint32_t k = 1 + below(r, 3); k > 0; k--) {
        uint32_t g = below(r, c->n);
        switch (below(r, 5)) {
        case 0:
            grow(c, g, 1 + below(r, 8), r);
            break;
        case 1:
            memset(c->in[g], 0, sizeof c->in[g]); /* dropped when it is made a polygon */
            break;
        case 2:
            if (c->n < MAX_GRIDS && !is_empty(c, g)) {
                memcpy(c->in[c->n], c->in[g], sizeof c->in[g]);
                c->n++;
            }
            break;
        case 3:
            fill_holes(c, g);
            break;
        default:
            for (uint32_t holes = 1 + below(r, 4); holes > 0; holes--)
                c->in[g][below(r, CELLS)] = false;
        }
    }
    uint32_t kept = 0;
    for (uint32_t g = 0; g < c->n; g++)
        if (!is_empty(c, g))
            memmove(c->in[kept++], c->in[g], sizeof c->in[g]);
    c->n = kept;
}

/* ---- cells to rings --------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t grid, part, n; /* rings of one part follow each other, the shell first */
    double x[4 * CELLS], y[4 * CELLS];
    uint32_t corner[4 * CELLS];
} ring;

typedef struct {
    uint32_t n, cap;
    ring *at;
} rings;

static ring *add_ring(rings *list) {
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 64 : 2 * list->cap;
        list->at = realloc(list->at, list->cap * sizeof *list->at);
        assert_non_null(list->at);
    }
    list->at[list->n].n = 0;
    return &list->at[list->n++];
}

/* Pieces of a grid that hang together by sides: 1, 2, …; 0 outside it. */
static uint32_t find_parts(const bool *in, uint32_t *part) {
    uint32_t n = 0;
    memset(part, 0, CELLS * sizeof *part);
    for (int first = 0; first < CELLS; first++) {
        if (!in[first] || part[first] != 0)
            continue;
        part[first] = ++n;
        for (bool more = true; more;) {
            more = false;
            for (int at = 0; at < CELLS; at++)
                for (int way = 0; way < 4 && in[at] && part[at] == 0; way++) {
                    int next = beside(at, way);
                    if (next >= 0 && part[next] == n)
                        part[at] = n, more = true;
                }
        }
    }
    return n;
}

/* The corner where the side of a cell in a direction begins, cell on the left: south → east → north → west. */
static uint32_t side_start(int at, int side) {
    static const int ci[] = {0, 1, 1, 0}, cj[] = {0, 0, 1, 1};
    return (uint32_t)CORNER(at % WIDE + ci[side], at / WIDE + cj[side]);
}
static const int side_way[] = {3, 0, 1, 2}; /* the neighbour beyond each side, as in step_i */

/* Cut the walk where it meets a corner again, so that every ring visits a corner once. */
static void split_walk(const uint32_t *walk, uint32_t n, uint32_t grid, uint32_t part, rings *out) {
    uint32_t stack[4 * CELLS], depth = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t met = depth;
        for (uint32_t d = 0; d < depth; d++)
            met = stack[d] == walk[k] ? d : met;
        if (met < depth) {
            ring *to = add_ring(out);
            to->grid = grid;
            to->part = part;
            while (depth > met)
                to->corner[to->n++] = stack[--depth];
            for (uint32_t a = 0, b = to->n - 1; a < b; a++, b--) {
                uint32_t swap = to->corner[a];
                to->corner[a] = to->corner[b];
                to->corner[b] = swap;
            }
        }
        stack[depth++] = walk[k];
    }
    if (depth == 0)
        return;
    ring *to = add_ring(out);
    to->grid = grid;
    to->part = part;
    to->n = depth;
    memcpy(to->corner, stack, depth * sizeof *stack);
}

static void trace(const cells *c, uint32_t g, rings *out) {
    uint32_t part[CELLS], walk[4 * CELLS];
    bool used[CELLS][4] = {{false}};
    find_parts(c->in[g], part);
    for (int first = 0; first < CELLS; first++)
        for (int first_side = 0; first_side < 4; first_side++) {
            int at = first, side = first_side, next = beside(at, side_way[side]);
            if (!c->in[g][at] || used[at][side] || (next >= 0 && c->in[g][next]))
                continue;
            uint32_t n = 0;
            do { /* along the side; then around the corner, keeping to the piece */
                used[at][side] = true;
                walk[n++] = side_start(at, side);
                int turned = (side + 1) % 4, ahead = beside(at, side_way[turned]);
                if (ahead < 0 || !c->in[g][ahead]) {
                    side = turned;
                    continue;
                }
                int across = beside(ahead, side_way[side]);
                at = ahead;
                if (across >= 0 && c->in[g][across]) {
                    at = across;
                    side = (side + 3) % 4;
                }
            } while (at != first || side != first_side);
            split_walk(walk, n, g, part[first], out);
        }
}

static double turn(const cells *c, uint32_t a, uint32_t b, uint32_t d) {
    return (c->x[b] - c->x[a]) * (c->y[d] - c->y[a]) - (c->y[b] - c->y[a]) * (c->x[d] - c->x[a]);
}

static double corner_area(const cells *c, const ring *r) {
    double sum = 0;
    for (uint32_t k = 1; k + 1 < r->n; k++)
        sum += turn(c, r->corner[0], r->corner[k], r->corner[k + 1]);
    return sum;
}

static int ring_order(const void *a, const void *b) {
    const ring *p = a, *q = b;
    if (p->grid != q->grid)
        return p->grid < q->grid ? -1 : 1;
    return p->part < q->part ? -1 : p->part > q->part;
}

/* All grids as rings: shells counter-clockwise and first in their part. */
static rings to_rings(const cells *c) {
    rings list = {0, 0, NULL};
    bool kept[CORNERS] = {false};
    for (uint32_t g = 0; g < c->n; g++)
        trace(c, g, &list);
    if (list.n > 0)
        qsort(list.at, list.n, sizeof *list.at, ring_order);
    for (uint32_t k = 0; k < list.n; k++) {
        ring *r = &list.at[k];
        for (uint32_t v = 0; v < r->n; v++) {
            uint32_t a = r->corner[(v + r->n - 1) % r->n], d = r->corner[(v + 1) % r->n];
            kept[r->corner[v]] |= !c->thin || turn(c, a, r->corner[v], d) != 0;
        }
        uint32_t first = k;
        while (first > 0 && ring_order(&list.at[first - 1], r) == 0)
            first--;
        if (first < k && corner_area(c, r) > 0) {
            ring swap = *r;
            *r = list.at[first];
            list.at[first] = swap;
        }
    }
    for (uint32_t k = 0; k < list.n; k++) {
        ring *r = &list.at[k];
        uint32_t n = 0;
        for (uint32_t v = 0; v < r->n; v++)
            if (kept[r->corner[v]])
                r->corner[n++] = r->corner[v];
        r->n = n;
        for (uint32_t v = 0; v < n; v++) {
            r->x[v] = c->x[r->corner[v]];
            r->y[v] = c->y[r->corner[v]];
        }
    }
    return list;
}

/* ---- damage that leaves the cells ------------------------------------------------------------------------------- */

static inline double snap(double v, double unit) {
    return unit == 1 ? round(v) : round(v * 1e7) / 1e7;
}

static inline double offset(wf_random *r, double unit) {
    static const int sizes[] = {1, 2, 40, 200, 700};
    int size = sizes[below(r, 5)];
    return unit * ((int)below(r, (uint32_t)(2 * size + 1)) - size);
}

static inline void damage_vertices(rings *list, double unit, wf_random *r) {
    ring *at = &list->at[below(r, list->n)];
    uint32_t v = below(r, at->n), w = (v + 1) % at->n;
    double dx = offset(r, unit), dy = offset(r, unit);
    switch (below(r, 12)) {
    case 0:
    case 1:
    case 2: /* a vertex moves */
        at->x[v] = snap(at->x[v] + dx, unit);
        at->y[v] = snap(at->y[v] + dy, unit);
        break;
    case 3:
    case 4: /* one side loses a vertex */
        if (at->n > 3) {
            memmove(at->x + v, at->x + v + 1, (at->n - v - 1) * sizeof *at->x);
            memmove(at->y + v, at->y + v + 1, (at->n - v - 1) * sizeof *at->y);
            at->n--;
        }
        break;
    case 5: { /* two vertices change places: often a bow-tie */
        double x = at->x[v], y = at->y[v];
        at->x[v] = at->x[w], at->y[v] = at->y[w];
        at->x[w] = x, at->y[w] = y;
        break;
    }
    case 6:
    case 7:
    case 8: /* a needle: one more vertex, a unit beside the middle of an edge */
        if (w == v + 1 && at->n < 4 * CELLS) {
            double x = snap((at->x[v] + at->x[w]) / 2 + unit, unit), y = snap((at->y[v] + at->y[w]) / 2, unit);
            memmove(at->x + w + 1, at->x + w, (at->n - w) * sizeof *at->x);
            memmove(at->y + w + 1, at->y + w, (at->n - w) * sizeof *at->y);
            at->x[w] = x, at->y[w] = y;
            at->n++;
        }
        break;
    default: /* the whole grid is shifted */
        for (uint32_t k = 0; k < list->n; k++)
            for (uint32_t i = 0; list->at[k].grid == at->grid && i < list->at[k].n; i++) {
                list->at[k].x[i] = snap(list->at[k].x[i] + dx, unit);
                list->at[k].y[i] = snap(list->at[k].y[i] + dy, unit);
            }
    }
}

/* Rings to grids, each ring begun at any of its vertices and turned either way. */
static void to_grids(const rings *list, uint32_t n_grids, wf_random *r, wf_arena *keep, wf_grids *g) {
    static char codes[MAX_GRIDS][MAX_LABEL];
    wf_error err;
    wf_polygons_builder b;
    wf_polygons_begin(&b, keep);
    uint32_t k = 0;
    assert_int_equal(wf_grids_init(g, n_grids, keep, &err), WF_OK);
    for (uint32_t i = 0; i < n_grids; i++) {
        wf_polygons_grid(&b);
        for (; k < list->n && list->at[k].grid == i; k++) {
            const ring *from = &list->at[k];
            if (k == 0 || ring_order(&list->at[k - 1], from) != 0)
                wf_polygons_part(&b);
            wf_polygons_ring(&b);
            uint32_t start = below(r, from->n), back = below(r, 2);
            for (uint32_t v = 0; v <= from->n; v++) {
                uint32_t at = (back ? start + from->n - v % from->n : start + v) % from->n;
                wf_polygons_vertex(&b, from->x[at], from->y[at]);
            }
        }
        snprintf(codes[i], MAX_LABEL, "%03u", (i * 37) % 1000); /* order of codes unlike that of rows */
        g->code[i] = codes[i];
    }
    assert_int_equal(wf_polygons_finish(&b, &g->shape, &err), WF_OK);
}
#endif
