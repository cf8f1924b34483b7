/* A directory of uniform cells. A cell that no border enters names the grids that cover it whole; the others list the
 * grids whose border enters too, and those are decided by exact crossing counts. Typical: 10,000 grids of 100 vertices.
 */
#include "locate/locator.h"
#include "base/exact.h"
#include <math.h>
#include <string.h>

enum { CELLS_PER_GRID = 256, BORDER = 1 };

struct wf_locator {
    const wf_grids *grids;
    double west, south, east, north, per_x, per_y; /* cells a unit */
    uint32_t n_x, n_y;
    uint32_t *start; /* n_x · n_y + 1 */
    uint32_t *entry; /* grid << 1 | BORDER */
};

static uint32_t clamp_cell(double v, uint32_t n) {
    return v <= 0.0 ? 0 : v >= n ? n - 1 : (uint32_t)v;
}

/* -1 outside, 0 on the border, 1 inside: crossings of the ray to the east, exact. */
static int side_of_ring(const double *x, const double *y, uint32_t from, uint32_t to, double px, double py, int in) {
    for (uint32_t i = from, j = to - 1; i < to; j = i++) {
        if ((y[i] > py && y[j] > py) || (y[i] < py && y[j] < py) || (x[i] < px && x[j] < px))
            continue;
        bool straddles = (y[i] > py) != (y[j] > py);
        if (x[i] > px && x[j] > px) {
            in = straddles ? -in : in;
            continue;
        }
        /* The point lies in the edge's box: on its line means on the edge. */
        int turn = y[j] < y[i] ? wf_exact_orient(x[j], y[j], x[i], y[i], px, py)
                               : wf_exact_orient(x[i], y[i], x[j], y[j], px, py);
        if (turn == 0)
            return 0;
        if (straddles && turn > 0)
            in = -in;
    }
    return in;
}

static int side_of_grid(const wf_polygons *p, uint32_t grid, double px, double py) {
    int in = -1;
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < p->part_start[p->grid_start[grid + 1]]; ring++) {
        in = side_of_ring(p->x, p->y, p->ring_start[ring], p->ring_start[ring + 1], px, py, in);
        if (in == 0)
            return 0;
    }
    return in;
}

typedef struct {
    wf_locator *l;
    uint32_t *mark;  /* per cell: last grid whose border entered, + 1 */
    uint32_t *count; /* per cell: entries; NULL once they are placed */
} filler;

static void put(filler *f, uint32_t cell, uint32_t value) {
    if (f->count != NULL)
        f->count[cell + 1]++;
    else
        f->l->entry[f->l->start[cell]++] = value;
}

/* Columns that an edge can touch in one row of cells, a cell wider on each side than computed so that rounding in the
 * clipping never loses one. */
static void mark_edge(filler *f, uint32_t grid, double ax, double ay, double bx, double by) {
    const wf_locator *l = f->l;
    uint32_t row0 = clamp_cell((fmin(ay, by) - l->south) * l->per_y - 1e-6, l->n_y);
    uint32_t row1 = clamp_cell((fmax(ay, by) - l->south) * l->per_y + 1e-6, l->n_y);
    for (uint32_t row = row0; row <= row1; row++) {
        double low = l->south + (row - 1e-6) / l->per_y, high = l->south + (row + 1 + 1e-6) / l->per_y;
        double x0 = ax, x1 = bx;
        if (row0 != row1) {
            double t0 = fmin(fmax((low - ay) / (by - ay), 0.0), 1.0),
                   t1 = fmin(fmax((high - ay) / (by - ay), 0.0), 1.0);
            x0 = ax + t0 * (bx - ax);
            x1 = ax + t1 * (bx - ax);
        }
        uint32_t col0 = clamp_cell((fmin(x0, x1) - l->west) * l->per_x - 1e-3, l->n_x);
        uint32_t col1 = clamp_cell((fmax(x0, x1) - l->west) * l->per_x + 1e-3, l->n_x);
        for (uint32_t col = col0; col <= col1; col++) {
            uint32_t cell = row * l->n_x + col;
            if (f->mark[cell] == grid + 1)
                continue;
            f->mark[cell] = grid + 1;
            put(f, cell, grid << 1 | BORDER);
        }
    }
}

static void mark_grid(filler *f, uint32_t grid) {
    const wf_polygons *p = &f->l->grids->shape;
    const wf_locator *l = f->l;
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < p->part_start[p->grid_start[grid + 1]]; ring++) {
        uint32_t from = p->ring_start[ring], to = p->ring_start[ring + 1];
        for (uint32_t i = from, j = to - 1; i < to; j = i++) {
            mark_edge(f, grid, p->x[j], p->y[j], p->x[i], p->y[i]);
            west = fmin(west, p->x[i]);
            east = fmax(east, p->x[i]);
            south = fmin(south, p->y[i]);
            north = fmax(north, p->y[i]);
        }
    }
    if (!(west <= east))
        return;
    uint32_t row1 = clamp_cell((north - l->south) * l->per_y, l->n_y),
             col1 = clamp_cell((east - l->west) * l->per_x, l->n_x);
    uint32_t col0 = clamp_cell((west - l->west) * l->per_x, l->n_x);
    for (uint32_t row = clamp_cell((south - l->south) * l->per_y, l->n_y); row <= row1; row++) {
        int known = 0; /* side of the run of cells since the last border cell: 0 unknown */
        for (uint32_t col = col0; col <= col1; col++) {
            uint32_t cell = row * l->n_x + col;
            if (f->mark[cell] == grid + 1) {
                known = 0;
                continue;
            }
            if (known == 0)
                known = side_of_grid(p, grid, l->west + (col + 0.5) / l->per_x, l->south + (row + 0.5) / l->per_y);
            if (known > 0)
                put(f, cell, grid << 1);
        }
    }
}

static bool finite_grid(const wf_polygons *p, uint32_t grid) {
    uint32_t from = p->ring_start[p->part_start[p->grid_start[grid]]];
    uint32_t to = p->ring_start[p->part_start[p->grid_start[grid + 1]]];
    for (uint32_t i = from; i < to; i++)
        if (!isfinite(p->x[i]) || !isfinite(p->y[i]))
            return false;
    return to > from;
}

static void find_extent(wf_locator *l, uint32_t n_subset, const uint32_t *subset) {
    const wf_polygons *p = &l->grids->shape;
    l->west = l->south = INFINITY;
    l->east = l->north = -INFINITY;
    for (uint32_t k = 0; k < n_subset; k++) {
        if (!finite_grid(p, subset[k]))
            continue;
        uint32_t to = p->ring_start[p->part_start[p->grid_start[subset[k] + 1]]];
        for (uint32_t i = p->ring_start[p->part_start[p->grid_start[subset[k]]]]; i < to; i++) {
            l->west = fmin(l->west, p->x[i]);
            l->east = fmax(l->east, p->x[i]);
            l->south = fmin(l->south, p->y[i]);
            l->north = fmax(l->north, p->y[i]);
        }
    }
}

static void size_cells(wf_locator *l, uint32_t n_subset) {
    double width = fmax(l->east - l->west, 1e-9), height = fmax(l->north - l->south, 1e-9);
    double cells = fmin(fmax((double)n_subset * CELLS_PER_GRID, 256.0), 64e6), side = sqrt(width * height / cells);
    l->n_x = (uint32_t)fmin(fmax(ceil(width / side), 1.0), 16384.0);
    l->n_y = (uint32_t)fmin(fmax(ceil(height / side), 1.0), 16384.0);
    l->per_x = l->n_x / width;
    l->per_y = l->n_y / height;
}

wf_code wf_locator_build(const wf_grids *grids, uint32_t n_subset, const uint32_t *subset, wf_arena *keep,
                         wf_locator **out, wf_error *err) {
    wf_locator *l = WF_NEW(keep, wf_locator, 1);
    if (l == NULL)
        return wf_fail_nomem(err);
    l->grids = grids;
    find_extent(l, n_subset, subset);
    if (!(l->west <= l->east)) {
        l->n_x = l->n_y = 0;
        *out = l;
        return WF_OK;
    }
    size_cells(l, n_subset);
    size_t n_cells = (size_t)l->n_x * l->n_y;
    l->start = WF_NEW(keep, uint32_t, n_cells + 2);
    uint32_t *mark = WF_NEW(keep, uint32_t, n_cells);
    if (l->start == NULL || mark == NULL)
        return wf_fail_nomem(err);
    /* Two passes: count into start[cell + 2], place through start[cell + 1], which ends as the next cell's start. */
    filler f = {l, mark, l->start + 1};
    for (uint32_t k = 0; k < n_subset; k++)
        if (finite_grid(&grids->shape, subset[k]))
            mark_grid(&f, subset[k]);
    for (size_t cell = 0; cell < n_cells; cell++)
        l->start[cell + 2] += l->start[cell + 1];
    l->entry = WF_NEW(keep, uint32_t, l->start[n_cells + 1]);
    if (l->entry == NULL)
        return wf_fail_nomem(err);
    memset(mark, 0, n_cells * sizeof *mark);
    l->start++;
    f.count = NULL;
    for (uint32_t k = 0; k < n_subset; k++)
        if (finite_grid(&grids->shape, subset[k]))
            mark_grid(&f, subset[k]);
    l->start--;
    *out = l;
    return WF_OK;
}

static bool code_less(const wf_grids *g, uint32_t a, uint32_t b) {
    int order = strcmp(g->code[a], g->code[b]);
    return order != 0 ? order < 0 : a < b;
}

/* The winner of an overlap: recorded, else smaller area, then smaller code. */
static bool overlap_less(const wf_grids *g, uint32_t a, uint32_t b, const char *recorded) {
    bool ra = recorded != NULL && strcmp(g->code[a], recorded) == 0;
    bool rb = recorded != NULL && strcmp(g->code[b], recorded) == 0;
    if (ra != rb)
        return ra;
    if (g->area_m2[a] != g->area_m2[b])
        return g->area_m2[a] < g->area_m2[b];
    return code_less(g, a, b);
}

wf_placed wf_locator_place(const wf_locator *l, double x, double y, const char *recorded, uint32_t *grid) {
    *grid = UINT32_MAX;
    if (l->n_x == 0 || !(x >= l->west && x <= l->east && y >= l->south && y <= l->north))
        return WF_PLACED_OUTSIDE;
    uint32_t cell =
        clamp_cell((y - l->south) * l->per_y, l->n_y) * l->n_x + clamp_cell((x - l->west) * l->per_x, l->n_x);
    uint32_t n_inside = 0, n_touch = 0, by_code = UINT32_MAX, by_rule = UINT32_MAX;
    for (uint32_t e = l->start[cell]; e < l->start[cell + 1]; e++) {
        uint32_t candidate = l->entry[e] >> 1;
        int side = (l->entry[e] & BORDER) == 0 ? 1 : side_of_grid(&l->grids->shape, candidate, x, y);
        if (side < 0)
            continue;
        n_inside += side > 0;
        n_touch++;
        if (by_code == UINT32_MAX || code_less(l->grids, candidate, by_code))
            by_code = candidate;
        if (by_rule == UINT32_MAX || overlap_less(l->grids, candidate, by_rule, recorded))
            by_rule = candidate;
    }
    if (n_touch == 0)
        return WF_PLACED_OUTSIDE;
    bool overlap = n_inside >= 1 && n_touch >= 2;
    *grid = overlap ? by_rule : by_code;
    return overlap ? WF_PLACED_OVERLAP : n_inside == 1 ? WF_PLACED_INSIDE : WF_PLACED_BOUNDARY;
}
