/* Exact placing in whole numbers: a double of 32 degrees and more is a whole number of 2^-47 degrees. Polygons and
 * edges are found through a lattice of cells of about 200 m; everything else is looked at one by one. */
#include "synth/place.h"
#include "base/hash.h"
#include <math.h>
#include <string.h>

enum { FINE = 47, LEVELS = 6 };
#define CELL 0.002

__extension__ typedef __int128 wide;

typedef struct {
    uint32_t n_x, n_y;
    double west, south;
    uint32_t *start, *item; /* of each cell */
} lattice;

struct wf_synth_placer {
    const wf_grids *grids;
    uint8_t finest;
    uint32_t *parent;
    lattice boxes[LEVELS]; /* grids of a level whose box meets the cell */
    lattice edges;         /* first vertices of edges whose box meets the cell, of all levels */
    uint32_t *edge_grid;   /* grid of each vertex */
    double mx, my;
};

/* ---- lattices --------------------------------------------------------------------------------------------------- */

static uint32_t cell_at(double v, double low, uint32_t n) {
    double c = floor((v - low) / CELL);
    return c < 0 ? 0 : c >= n ? n - 1 : (uint32_t)c;
}

typedef struct {
    lattice *l;
    uint32_t *count;
    bool counting;
} filler;

static void put(filler *f, const double box[4], uint32_t item) {
    lattice *l = f->l;
    uint32_t x0 = cell_at(box[0], l->west, l->n_x), x1 = cell_at(box[2], l->west, l->n_x);
    uint32_t y0 = cell_at(box[1], l->south, l->n_y), y1 = cell_at(box[3], l->south, l->n_y);
    for (uint32_t y = y0; y <= y1; y++)
        for (uint32_t x = x0; x <= x1; x++) {
            uint32_t cell = y * l->n_x + x;
            if (f->counting)
                l->start[cell + 1]++;
            else
                l->item[l->start[cell] + f->count[cell]++] = item;
        }
}

static void box_of(const wf_polygons *p, uint32_t from, uint32_t to, double box[4]) {
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (uint32_t v = from; v < to; v++) {
        box[0] = fmin(box[0], p->x[v]);
        box[1] = fmin(box[1], p->y[v]);
        box[2] = fmax(box[2], p->x[v]);
        box[3] = fmax(box[3], p->y[v]);
    }
}

static uint32_t first_vertex(const wf_polygons *p, uint32_t grid) {
    return p->ring_start[p->part_start[p->grid_start[grid]]];
}

static bool is_of(const wf_grids *g, uint32_t i, uint8_t level) {
    return g->role[i] == WF_ROLE_PARTITION && (level == 0 || g->level[i] == level) &&
           first_vertex(&g->shape, i) < first_vertex(&g->shape, i + 1);
}

/* All boxes of one level, or (level 0) all edges. */
static void put_all(const wf_synth_placer *s, filler *f, uint8_t level) {
    const wf_polygons *p = &s->grids->shape;
    double box[4];
    for (uint32_t i = 0; i < p->n_grids; i++) {
        if (!is_of(s->grids, i, level))
            continue;
        if (level > 0) {
            box_of(p, first_vertex(p, i), first_vertex(p, i + 1), box);
            put(f, box, i);
            continue;
        }
        for (uint32_t r = p->part_start[p->grid_start[i]]; r < p->part_start[p->grid_start[i + 1]]; r++)
            for (uint32_t v = p->ring_start[r]; v + 1 < p->ring_start[r + 1]; v++) {
                box_of(p, v, v + 2, box);
                put(f, box, v);
            }
    }
}

static wf_code fill(const wf_synth_placer *s, lattice *l, uint8_t level, const double extent[4], wf_arena *keep,
                    wf_error *err) {
    l->west = extent[0];
    l->south = extent[1];
    l->n_x = (uint32_t)fmin(ceil((extent[2] - extent[0]) / CELL) + 1, 4000);
    l->n_y = (uint32_t)fmin(ceil((extent[3] - extent[1]) / CELL) + 1, 4000);
    uint32_t n = l->n_x * l->n_y;
    l->start = WF_NEW(keep, uint32_t, n + 1);
    filler f = {l, WF_NEW(keep, uint32_t, n), true};
    if (l->start == NULL || f.count == NULL)
        return wf_fail_nomem(err);
    put_all(s, &f, level);
    for (uint32_t c = 0; c < n; c++)
        l->start[c + 1] += l->start[c];
    l->item = WF_NEW(keep, uint32_t, l->start[n]);
    if (l->item == NULL)
        return wf_fail_nomem(err);
    f.counting = false;
    put_all(s, &f, level);
    return WF_OK;
}

/* The plan's own extent: grids that lie elsewhere by mistake (axes swapped) fall into the cells of the rim. */
static void find_extent(const wf_grids *g, double extent[4]) {
    double box[4];
    extent[0] = extent[1] = INFINITY;
    extent[2] = extent[3] = -INFINITY;
    for (uint32_t i = 0; i < g->shape.n_grids; i++) {
        if (g->level[i] > 1 || !is_of(g, i, 1))
            continue;
        box_of(&g->shape, first_vertex(&g->shape, i), first_vertex(&g->shape, i + 1), box);
        extent[0] = fmin(extent[0], box[0]);
        extent[1] = fmin(extent[1], box[1]);
        extent[2] = fmax(extent[2], box[2]);
        extent[3] = fmax(extent[3], box[3]);
    }
}

static wf_code find_parents(wf_synth_placer *s, wf_arena *keep, wf_error *err) {
    const wf_grids *g = s->grids;
    wf_names codes;
    wf_names_init(&codes, keep);
    uint32_t n = g->shape.n_grids, *first = WF_NEW(keep, uint32_t, n);
    s->parent = WF_NEW(keep, uint32_t, n);
    if (first == NULL || s->parent == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t before = codes.n, at = wf_names_add(&codes, g->code[i], strlen(g->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        if (codes.n > before)
            first[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = wf_names_find(&codes, g->parent[i], strlen(g->parent[i]));
        s->parent[i] = at != UINT32_MAX && g->level[first[at]] < g->level[i] ? first[at] : UINT32_MAX;
    }
    return WF_OK;
}

wf_code wf_synth_placer_open(const wf_grids *grids, wf_arena *keep, wf_synth_placer **out, wf_error *err) {
    wf_synth_placer *s = WF_NEW(keep, wf_synth_placer, 1);
    double extent[4];
    if (s == NULL)
        return wf_fail_nomem(err);
    s->grids = grids;
    for (uint32_t i = 0; i < grids->shape.n_grids; i++)
        s->finest = grids->level[i] > s->finest ? grids->level[i] : s->finest;
    find_extent(grids, extent);
    s->my = M_PI / 180 * 6371000;
    s->mx = s->my * cos((extent[1] + extent[3]) / 2 * M_PI / 180);
    WF_TRY(find_parents(s, keep, err));
    for (uint8_t level = 1; level <= s->finest; level++)
        WF_TRY(fill(s, &s->boxes[level], level, extent, keep, err));
    WF_TRY(fill(s, &s->edges, 0, extent, keep, err));
    s->edge_grid = WF_NEW(keep, uint32_t, grids->shape.n_vertices);
    if (s->edge_grid == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < grids->shape.n_grids; i++)
        for (uint32_t v = first_vertex(&grids->shape, i); v < first_vertex(&grids->shape, i + 1); v++)
            s->edge_grid[v] = i;
    *out = s;
    return WF_OK;
}

/* ---- placing ---------------------------------------------------------------------------------------------------- */

static wide whole(double v) {
    return (int64_t)(v * (double)(INT64_C(1) << FINE)); /* below 2^55 for degrees */
}

/* Twice the area of a, b, p. */
static wide turn(wide ax, wide ay, wide bx, wide by, wide px, wide py) {
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax);
}

/* -1 outside, 0 on the border, 1 inside, by the even-odd rule. */
static int side(const wf_polygons *p, uint32_t grid, double lon, double lat) {
    wide px = whole(lon), py = whole(lat);
    int in = -1;
    for (uint32_t r = p->part_start[p->grid_start[grid]]; r < p->part_start[p->grid_start[grid + 1]]; r++) {
        uint32_t from = p->ring_start[r], to = p->ring_start[r + 1];
        for (uint32_t i = from, j = to - 1; i < to; j = i++) {
            if ((p->y[i] > lat && p->y[j] > lat) || (p->y[i] < lat && p->y[j] < lat))
                continue;
            wide ax = whole(p->x[j]), ay = whole(p->y[j]), bx = whole(p->x[i]), by = whole(p->y[i]);
            wide t = turn(ax, ay, bx, by, px, py);
            bool between_x = (ax <= px && px <= bx) || (bx <= px && px <= ax),
                 between_y = (ay <= py && py <= by) || (by <= py && py <= ay);
            if (t == 0 && between_x && between_y)
                return 0;
            if ((ay > py) != (by > py) && (by > ay ? t > 0 : t < 0))
                in = -in;
        }
    }
    return in;
}

static bool less_code(const wf_grids *g, uint32_t a, uint32_t b) {
    int order = strcmp(g->code[a], g->code[b]);
    return order < 0 || (order == 0 && a < b);
}

static bool better(const wf_grids *g, uint32_t a, uint32_t b, const char *recorded) {
    bool ra = strcmp(g->code[a], recorded) == 0, rb = strcmp(g->code[b], recorded) == 0;
    if (ra != rb)
        return ra;
    return g->area_m2[a] != g->area_m2[b] ? g->area_m2[a] < g->area_m2[b] : less_code(g, a, b);
}

static wf_synth_placed place_on(const wf_synth_placer *s, uint8_t level, double lon, double lat, const char *recorded,
                                uint32_t *grid) {
    const lattice *l = &s->boxes[level];
    const wf_grids *g = s->grids;
    uint32_t cell = cell_at(lat, l->south, l->n_y) * l->n_x + cell_at(lon, l->west, l->n_x);
    uint32_t n_in = 0, n_touch = 0, first = UINT32_MAX, best = UINT32_MAX;
    for (uint32_t k = l->start[cell]; k < l->start[cell + 1]; k++) {
        uint32_t i = l->item[k];
        int at = side(&g->shape, i, lon, lat);
        if (at < 0)
            continue;
        n_touch++;
        n_in += at > 0;
        first = first == UINT32_MAX || less_code(g, i, first) ? i : first;
        best = best == UINT32_MAX || better(g, i, best, recorded) ? i : best;
    }
    bool overlap = n_in > 1 || (n_in == 1 && n_touch > 1);
    *grid = overlap ? best : first;
    return n_touch == 0 ? WF_SYNTH_OUTSIDE
           : overlap    ? WF_SYNTH_OVERLAP
           : n_in == 1  ? WF_SYNTH_INSIDE
                        : WF_SYNTH_BOUNDARY;
}

wf_synth_placed wf_synth_place(const wf_synth_placer *s, double lon, double lat, const char *recorded, uint32_t *grid) {
    wf_synth_placed placed = place_on(s, s->finest, lon, lat, recorded, grid);
    for (uint8_t level = s->finest; placed == WF_SYNTH_OUTSIDE && *grid == UINT32_MAX && level > 1;) {
        level--;
        place_on(s, level, lon, lat, recorded, grid);
    }
    return placed;
}

uint32_t wf_synth_ancestor(const wf_synth_placer *s, uint32_t grid, uint8_t level) {
    while (grid != UINT32_MAX && s->grids->level[grid] > level)
        grid = s->parent[grid];
    return grid != UINT32_MAX && s->grids->level[grid] == level ? grid : UINT32_MAX;
}

/* ---- distance --------------------------------------------------------------------------------------------------- */

static double to_edge_m(const wf_synth_placer *s, uint32_t v, double lon, double lat) {
    const wf_polygons *p = &s->grids->shape;
    double ax = (p->x[v] - lon) * s->mx, ay = (p->y[v] - lat) * s->my;
    double dx = (p->x[v + 1] - p->x[v]) * s->mx, dy = (p->y[v + 1] - p->y[v]) * s->my, len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? fmin(fmax(-(ax * dx + ay * dy) / len2, 0), 1) : 0;
    return hypot(ax + t * dx, ay + t * dy);
}

/* True when the edge lies farther away than that along an axis; a metre is given for rounding. */
static bool is_far(const wf_synth_placer *s, uint32_t v, double lon, double lat, double reach) {
    const wf_polygons *p = &s->grids->shape;
    double ax = (p->x[v] - lon) * s->mx, bx = (p->x[v + 1] - lon) * s->mx, ay = (p->y[v] - lat) * s->my,
           by = (p->y[v + 1] - lat) * s->my, far = reach + 1;
    return (ax > far && bx > far) || (ax < -far && bx < -far) || (ay > far && by > far) || (ay < -far && by < -far);
}

double wf_synth_border_m(const wf_synth_placer *s, uint8_t level, double lon, double lat, double reach) {
    const lattice *l = &s->edges;
    double best = reach, rx = reach / s->mx, ry = reach / s->my;
    uint32_t x0 = cell_at(lon - rx, l->west, l->n_x), x1 = cell_at(lon + rx, l->west, l->n_x);
    uint32_t y0 = cell_at(lat - ry, l->south, l->n_y), y1 = cell_at(lat + ry, l->south, l->n_y);
    bool found = false;
    for (uint32_t y = y0; y <= y1; y++)
        for (uint32_t x = x0; x <= x1; x++)
            for (uint32_t k = l->start[y * l->n_x + x]; k < l->start[y * l->n_x + x + 1]; k++) {
                uint32_t v = l->item[k];
                if ((level > 0 && s->grids->level[s->edge_grid[v]] != level) || is_far(s, v, lon, lat, best))
                    continue;
                double d = to_edge_m(s, v, lon, lat);
                found |= d <= best;
                best = fmin(best, d);
            }
    return found ? best : INFINITY;
}
