/* A directory of uniform cells. A cell that lies wholly inside one grid and touches no other answers at once. For the
 * others each grid that is there has an entry: those that cover the cell whole, and those whose border enters it with
 * the edges that do and whether the cell's middle M lies inside. A point p of the cell is inside such a grid when the
 * straight way from M to p crosses an odd number of its edges more, or fewer, than that says.
 *
 * The count is exact. Neither M nor p lies on an edge (M is tried when the cell is made, p is looked for on each edge
 * first). An edge a–b is crossed when a and b lie on different sides of the line M–p, a corner on the line counting
 * with its right side, and M and p on different sides of the line a–b. If a–b meets the line M–p at all, it does so in
 * one point of the closed edge, which is neither M nor p, so the second test never sees a zero; and both edges at a
 * corner on the line agree on whether the corner lies between M and p, so the count's parity is that of any way that
 * misses the corner. Edges that cross the way enter the cell, which is convex, and so are on its list.
 * Typical: 10,000 grids of 100 vertices. */
#include "locate/locator.h"
#include "base/exact.h"
#include <math.h>
#include <string.h>

enum { CELLS_PER_GRID = 256, BORDER = 1, MIDDLE_INSIDE = 2, WHOLE = 4, FLAG_BITS = 3, MAX_FAR = 64 };
enum { NO_GRID = UINT32_MAX, MANY = UINT32_MAX - 1 };

struct wf_locator {
    const wf_grids *grids;
    double west, south, east, north, per_x, per_y; /* cells a unit */
    double cell_x, cell_y;                         /* size of a cell */
    uint32_t n_x, n_y, n_far;
    uint32_t far[MAX_FAR]; /* grids that stand in no cell */
    uint32_t *direct;      /* of each cell: the one grid that covers it, NO_GRID, or MANY: see its entries */
    uint32_t *start;       /* n_x · n_y + 1 */
    struct {
        uint32_t flags; /* grid << FLAG_BITS | flags; WHOLE: the middle lies on the border, all edges are asked */
        uint32_t first; /* its first edge; it ends where the next entry's begin */
    } * entry;
    uint32_t *edge; /* first vertex; the other one is the next, or the ring's first for one that closes it */
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
    uint8_t *odd; /* of each column and one more: an odd number of edges is passed on the way to it from the west */
    int8_t *side; /* of each column in the row at work: where its middle lies: -1 outside, 0 on the border, 1 inside */
    uint32_t *mark;    /* per cell: last grid whose border entered, + 1 */
    uint32_t *n_edges; /* per cell: edges so far; while placing where the next one goes */
    bool counting;
} filler;

static void put(filler *f, uint32_t cell, uint32_t value) {
    wf_locator *l = f->l;
    if (f->counting) {
        l->start[cell + 1]++;
        return;
    }
    l->entry[l->start[cell]].first = f->n_edges[cell];
    l->entry[l->start[cell]++].flags = value;
}

static void put_edge(filler *f, uint32_t cell, uint32_t edge) {
    if (!f->counting)
        f->l->edge[f->n_edges[cell]] = edge;
    f->n_edges[cell]++;
}

/* The middle of a cell; the same doubles whenever it is asked for. */
static double middle_x(const wf_locator *l, uint32_t col) {
    return l->west + (col + 0.5) * l->cell_x;
}

static double middle_y(const wf_locator *l, uint32_t row) {
    return l->south + (row + 0.5) * l->cell_y;
}

/* Columns that an edge can touch in one row of cells, a cell wider on each side than computed so that rounding in the
 * clipping never loses one. */
static void mark_edge(filler *f, uint32_t entry, uint32_t from, uint32_t to) {
    const wf_locator *l = f->l;
    const wf_polygons *p = &l->grids->shape;
    const double ax = p->x[from], ay = p->y[from], bx = p->x[to], by = p->y[to];
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
            if (f->mark[cell] != (entry >> FLAG_BITS) + 1) {
                f->mark[cell] = (entry >> FLAG_BITS) + 1;
                put(f, cell, entry);
            }
            put_edge(f, cell, from);
        }
    }
}

static bool is_open(const wf_polygons *p, uint32_t grid) {
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < p->part_start[p->grid_start[grid + 1]]; ring++) {
        uint32_t from = p->ring_start[ring], last = p->ring_start[ring + 1] - 1;
        if (p->x[from] != p->x[last] || p->y[from] != p->y[last])
            return true;
    }
    return false;
}

/* The first column, from col0 to col1 + 1, whose middle on the line y lies right of an edge that crosses the line;
 * those before lie left of it. One exactly on the edge is a border; it counts with those before. */
static uint32_t first_right_of(const filler *f, const double a[2], const double b[2], double y, uint32_t col0,
                               uint32_t col1) {
    const wf_locator *l = f->l;
    double x = a[0] + (y - a[1]) * ((b[0] - a[0]) / (b[1] - a[1])), v = (x - l->west) * l->per_x + 0.5;
    uint32_t col = v <= col0 ? col0 : v >= col1 + 1.0 ? col1 + 1 : (uint32_t)v;
    int turn = 0;
    while (col > col0 && wf_exact_orient(a[0], a[1], b[0], b[1], middle_x(l, col - 1), y) < 0)
        col--;
    for (; col <= col1 && (turn = wf_exact_orient(a[0], a[1], b[0], b[1], middle_x(l, col), y)) >= 0; col++)
        if (turn == 0)
            f->side[col] = 0;
    if (col > col0 && wf_exact_orient(a[0], a[1], b[0], b[1], middle_x(l, col - 1), y) == 0)
        f->side[col - 1] = 0;
    return col;
}

/* Fill f->side for the columns of a row: the crossings of all edges with the line through the middles, exact. */
static void find_sides(filler *f, uint32_t grid, uint32_t row, uint32_t col0, uint32_t col1) {
    const wf_polygons *p = &f->l->grids->shape;
    const double y = middle_y(f->l, row);
    uint32_t last = p->part_start[p->grid_start[grid + 1]];
    bool corner = false;
    memset(f->side + col0, -1, col1 - col0 + 1);
    memset(f->odd + col0, 0, col1 - col0 + 2);
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < last; ring++)
        for (uint32_t i = p->ring_start[ring], j = p->ring_start[ring + 1] - 1; i < p->ring_start[ring + 1]; j = i++) {
            corner |= p->y[i] == y;
            if ((p->y[i] > y) == (p->y[j] > y))
                continue;
            uint32_t low = p->y[i] < p->y[j] ? i : j, high = low == i ? j : i;
            const double a[2] = {p->x[low], p->y[low]}, b[2] = {p->x[high], p->y[high]};
            f->odd[first_right_of(f, a, b, y, col0, col1)] ^= 1;
        }
    /* Going west, each edge that is passed changes the side. */
    int8_t in = -1;
    for (uint32_t col = col1 + 1; col-- > col0;) {
        in = f->odd[col + 1] ? (int8_t)-in : in;
        f->side[col] = f->side[col] == 0 ? 0 : in;
        if (corner)
            f->side[col] = (int8_t)side_of_grid(p, grid, middle_x(f->l, col), y);
    }
}

static void mark_grid(filler *f, uint32_t grid) {
    const wf_polygons *p = &f->l->grids->shape;
    const wf_locator *l = f->l;
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    /* A ring that the input left open has an edge whose ends do not follow each other: such a grid is asked whole. */
    uint32_t entry = grid << FLAG_BITS | BORDER | (is_open(p, grid) ? WHOLE : 0);
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < p->part_start[p->grid_start[grid + 1]]; ring++) {
        uint32_t from = p->ring_start[ring], to = p->ring_start[ring + 1];
        for (uint32_t i = from, j = to - 1; i < to; j = i++) {
            /* In a closed ring the edge from the last vertex to the first has no length. */
            if (i > from || p->x[i] != p->x[j] || p->y[i] != p->y[j])
                mark_edge(f, entry, j, i);
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
        find_sides(f, grid, row, col0, col1);
        for (uint32_t col = col0; col <= col1; col++) {
            uint32_t cell = row * l->n_x + col;
            if (f->mark[cell] != grid + 1) {
                if (f->side[col] > 0)
                    put(f, cell, grid << FLAG_BITS);
            } else if (!f->counting) {
                /* The entry put into the cell last is this grid's. */
                uint32_t *flags = &f->l->entry[f->l->start[cell] - 1].flags;
                *flags |= f->side[col] > 0 ? MIDDLE_INSIDE : f->side[col] == 0 ? WHOLE : 0;
            }
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

/* The cells span the grids that lie where most do; a few that lie far off by mistake are asked one by one. */
static wf_code find_extent(wf_locator *l, uint32_t n_subset, const uint32_t *subset, uint32_t *near, uint32_t *n_near,
                           wf_error *err) {
    const wf_polygons *p = &l->grids->shape;
    double limits[4], box[4];
    WF_TRY(wf_polygons_usual(p, n_subset, subset, limits, err));
    l->west = l->south = INFINITY;
    l->east = l->north = -INFINITY;
    *n_near = 0;
    for (uint32_t k = 0; k < n_subset; k++) {
        if (!finite_grid(p, subset[k]))
            continue;
        wf_polygons_box(p, subset[k], box);
        if (!wf_box_is_usual(box, limits) && l->n_far < MAX_FAR) {
            l->far[l->n_far++] = subset[k];
            continue;
        }
        near[(*n_near)++] = subset[k];
        l->west = fmin(l->west, box[0]);
        l->south = fmin(l->south, box[1]);
        l->east = fmax(l->east, box[2]);
        l->north = fmax(l->north, box[3]);
    }
    return WF_OK;
}

static void size_cells(wf_locator *l, uint32_t n_subset) {
    double width = fmax(l->east - l->west, 1e-9), height = fmax(l->north - l->south, 1e-9);
    double cells = fmin(fmax((double)n_subset * CELLS_PER_GRID, 256.0), 64e6), side = sqrt(width * height / cells);
    l->n_x = (uint32_t)fmin(fmax(ceil(width / side), 1.0), 16384.0);
    l->n_y = (uint32_t)fmin(fmax(ceil(height / side), 1.0), 16384.0);
    l->per_x = l->n_x / width;
    l->per_y = l->n_y / height;
    l->cell_x = width / l->n_x;
    l->cell_y = height / l->n_y;
}

static void mark_all(filler *f, uint32_t n_subset, const uint32_t *subset) {
    memset(f->mark, 0, (size_t)f->l->n_x * f->l->n_y * sizeof *f->mark);
    for (uint32_t k = 0; k < n_subset; k++)
        if (finite_grid(&f->l->grids->shape, subset[k]))
            mark_grid(f, subset[k]);
}

/* Counts to starts: n + 1 items, the counts in 1 … n. */
static bool sum_up(uint32_t *start, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += start[i + 1];
        start[i + 1] = (uint32_t)sum;
    }
    return sum < UINT32_MAX;
}

/* Two passes over all edges: count, then place. */
static wf_code fill_cells(wf_locator *l, uint32_t n_subset, const uint32_t *subset, wf_arena *keep, wf_error *err) {
    size_t n_cells = (size_t)l->n_x * l->n_y;
    wf_arena scratch;
    wf_arena_init(&scratch);
    wf_code code = WF_OK;
    l->start = WF_NEW(keep, uint32_t, n_cells + 1);
    l->direct = WF_NEW(keep, uint32_t, n_cells);
    filler f = {.l = l,
                .odd = WF_NEW(&scratch, uint8_t, (size_t)l->n_x + 1),
                .side = WF_NEW(&scratch, int8_t, l->n_x),
                .mark = WF_NEW(&scratch, uint32_t, n_cells),
                .n_edges = WF_NEW(&scratch, uint32_t, n_cells + 1),
                .counting = true};
    WF_GO(l->start == NULL || l->direct == NULL || f.mark == NULL || f.n_edges == NULL || f.odd == NULL ||
                  f.side == NULL
              ? wf_fail_nomem(err)
              : WF_OK);
    f.n_edges++;
    mark_all(&f, n_subset, subset);
    f.n_edges--;
    if (!sum_up(l->start, n_cells) || !sum_up(f.n_edges, n_cells)) {
        code = wf_fail(err, WF_LIMIT, "over 2^32 edges in the cells of the grids");
        goto done;
    }
    l->entry = wf_arena_alloc(keep, (size_t)l->start[n_cells] + 1, sizeof *l->entry);
    l->edge = WF_NEW(keep, uint32_t, f.n_edges[n_cells]);
    WF_GO(l->entry == NULL || l->edge == NULL ? wf_fail_nomem(err) : WF_OK);
    l->entry[l->start[n_cells]].first = f.n_edges[n_cells];
    f.counting = false;
    mark_all(&f, n_subset, subset);
    /* Placing moved each start to its end, which is where the next cell begins. */
    memmove(l->start + 1, l->start, n_cells * sizeof *l->start);
    l->start[0] = 0;
done:
    wf_arena_clear(&scratch);
    return code;
}

/* Which cells answer at once. */
static void settle_cells(wf_locator *l) {
    for (uint32_t row = 0; row < l->n_y; row++)
        for (uint32_t col = 0; col < l->n_x; col++) {
            uint32_t cell = row * l->n_x + col, from = l->start[cell], to = l->start[cell + 1];
            l->direct[cell] = from == to ? NO_GRID
                              : to == from + 1 && (l->entry[from].flags & BORDER) == 0
                                  ? l->entry[from].flags >> FLAG_BITS
                                  : MANY;
        }
}

wf_code wf_locator_build(const wf_grids *grids, uint32_t n_subset, const uint32_t *subset, wf_arena *keep,
                         wf_locator **out, wf_error *err) {
    wf_locator *l = WF_NEW(keep, wf_locator, 1);
    if (l == NULL)
        return wf_fail_nomem(err);
    l->grids = grids;
    uint32_t *near = WF_NEW(keep, uint32_t, n_subset), n_near;
    if (near == NULL)
        return wf_fail_nomem(err);
    WF_TRY(find_extent(l, n_subset, subset, near, &n_near, err));
    *out = l;
    if (n_near == 0)
        return WF_OK;
    size_cells(l, n_near);
    WF_TRY(fill_cells(l, n_near, near, keep, err));
    settle_cells(l);
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

/* -1 outside, 0 on the border, 1 inside, by the way from the middle of the cell. */
static int side_by_way(const wf_locator *l, uint32_t e, double mx, double my, double px, double py) {
    const wf_polygons *p = &l->grids->shape;
    int in = (l->entry[e].flags & MIDDLE_INSIDE) != 0 ? 1 : -1;
    for (uint32_t k = l->entry[e].first; k < l->entry[e + 1].first; k++) {
        uint32_t v = l->edge[k];
        const double ax = p->x[v], ay = p->y[v], bx = p->x[v + 1], by = p->y[v + 1];
        int turn = 2; /* side of p beside the edge; 2 not asked yet */
        if (((ax <= px && px <= bx) || (bx <= px && px <= ax)) && ((ay <= py && py <= by) || (by <= py && py <= ay)) &&
            (turn = wf_exact_orient(ax, ay, bx, by, px, py)) == 0)
            return 0;
        if ((wf_exact_orient(mx, my, px, py, ax, ay) > 0) == (wf_exact_orient(mx, my, px, py, bx, by) > 0))
            continue;
        turn = turn == 2 ? wf_exact_orient(ax, ay, bx, by, px, py) : turn;
        if ((turn > 0) != (wf_exact_orient(ax, ay, bx, by, mx, my) > 0))
            in = -in;
    }
    return in;
}

/* Grids that hold or touch a point, as they are found. */
typedef struct {
    const wf_grids *grids;
    const char *recorded;
    uint32_t n_inside, n_touch, by_code, by_rule;
} holders;

static void take_side(holders *h, uint32_t candidate, int side) {
    if (side < 0)
        return;
    h->n_inside += side > 0;
    if (h->n_touch++ == 0) {
        h->by_code = h->by_rule = candidate;
        return;
    }
    if (code_less(h->grids, candidate, h->by_code))
        h->by_code = candidate;
    if (overlap_less(h->grids, candidate, h->by_rule, h->recorded))
        h->by_rule = candidate;
}

static void ask_cell(const wf_locator *l, uint32_t row, uint32_t col, double x, double y, holders *h) {
    const double mx = middle_x(l, col), my = middle_y(l, row);
    uint32_t cell = row * l->n_x + col;
    for (uint32_t e = l->start[cell]; e < l->start[cell + 1]; e++) {
        uint32_t candidate = l->entry[e].flags >> FLAG_BITS;
        take_side(h, candidate,
                  (l->entry[e].flags & BORDER) == 0  ? 1
                  : (l->entry[e].flags & WHOLE) != 0 ? side_of_grid(&l->grids->shape, candidate, x, y)
                                                     : side_by_way(l, e, mx, my, x, y));
    }
}

/* Row by row through the tables: where a point's cell is, what it says, its entries, their edges, the vertices. Each
 * step asks for all points before the next one reads. */
void wf_locator_ask_ahead(const wf_locator *l, uint32_t n, const double *x, const double *y) {
    enum { MAX_EDGES = 6 };
    uint32_t cell[64], last[64], n_cells = 0, n_open = 0;
    for (uint32_t i = 0; i < n && i < 64 && l->n_x > 0; i++) {
        if (!(x[i] >= l->west && x[i] <= l->east && y[i] >= l->south && y[i] <= l->north))
            continue;
        cell[n_cells] =
            clamp_cell((y[i] - l->south) * l->per_y, l->n_y) * l->n_x + clamp_cell((x[i] - l->west) * l->per_x, l->n_x);
        __builtin_prefetch(&l->direct[cell[n_cells++]]);
    }
    for (uint32_t i = 0; i < n_cells; i++)
        if (l->direct[cell[i]] == MANY) {
            cell[n_open++] = cell[i];
            __builtin_prefetch(&l->start[cell[i]]);
        }
    for (uint32_t i = 0; i < n_open; i++) {
        last[i] = l->start[cell[i] + 1];
        cell[i] = l->start[cell[i]];
        __builtin_prefetch(&l->entry[cell[i]]);
        __builtin_prefetch(&l->entry[last[i]]);
    }
    for (uint32_t i = 0; i < n_open; i++) {
        cell[i] = l->entry[cell[i]].first;
        last[i] = l->entry[last[i]].first;
        __builtin_prefetch(&l->edge[cell[i]]);
    }
    for (uint32_t i = 0; i < n_open; i++)
        for (uint32_t k = cell[i]; k < last[i] && k < cell[i] + MAX_EDGES; k++) {
            __builtin_prefetch(&l->grids->shape.x[l->edge[k]]);
            __builtin_prefetch(&l->grids->shape.y[l->edge[k]]);
        }
}

wf_placed wf_locator_place(const wf_locator *l, double x, double y, const char *recorded, uint32_t *grid) {
    *grid = NO_GRID;
    bool near = l->n_x > 0 && x >= l->west && x <= l->east && y >= l->south && y <= l->north;
    uint32_t row = 0, col = 0;
    if (near) {
        row = clamp_cell((y - l->south) * l->per_y, l->n_y);
        col = clamp_cell((x - l->west) * l->per_x, l->n_x);
        uint32_t direct = l->direct[row * l->n_x + col];
        if (l->n_far == 0 && direct != MANY) {
            *grid = direct;
            return direct == NO_GRID ? WF_PLACED_OUTSIDE : WF_PLACED_INSIDE;
        }
    }
    holders h = {.grids = l->grids, .recorded = recorded};
    if (near)
        ask_cell(l, row, col, x, y, &h);
    for (uint32_t k = 0; k < l->n_far; k++)
        take_side(&h, l->far[k], side_of_grid(&l->grids->shape, l->far[k], x, y));
    if (h.n_touch == 0)
        return WF_PLACED_OUTSIDE;
    bool overlap = h.n_inside >= 1 && h.n_touch >= 2;
    *grid = overlap ? h.by_rule : h.by_code;
    return overlap ? WF_PLACED_OVERLAP : h.n_inside == 1 ? WF_PLACED_INSIDE : WF_PLACED_BOUNDARY;
}
