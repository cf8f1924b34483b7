/* Flat polygons: builder and areas. Hot only while an input is read. */
#include "base/grids.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

wf_code wf_grids_init(wf_grids *grids, uint32_t n, wf_arena *keep, wf_error *err) {
    wf_grids g = {0};
    const char ***texts[] = {&g.code, &g.name, &g.parent, &g.kind, &g.worker};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if ((*texts[i] = WF_NEW(keep, const char *, n)) == NULL)
            return wf_fail_nomem(err);
        for (uint32_t k = 0; k < n; k++)
            (*texts[i])[k] = "";
    }
    double **numbers[] = {&g.households, &g.population,       &g.floating_pop, &g.workers,
                          &g.priority,   &g.declared_area_m2, &g.area_m2};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if ((*numbers[i] = WF_NEW(keep, double, n)) == NULL)
            return wf_fail_nomem(err);
        for (uint32_t k = 0; k < n; k++)
            (*numbers[i])[k] = NAN;
    }
    g.level = WF_NEW(keep, uint8_t, n);
    g.role = WF_NEW(keep, uint8_t, n);
    g.locked = WF_NEW(keep, uint8_t, n);
    g.feature = WF_NEW(keep, int64_t, n);
    if (g.level == NULL || g.role == NULL || g.locked == NULL || g.feature == NULL)
        return wf_fail_nomem(err);
    *grids = g;
    return WF_OK;
}

void wf_polygons_begin(wf_polygons_builder *b, wf_arena *keep) {
    *b = (wf_polygons_builder){.keep = keep};
}

static void put_start(wf_polygons_builder *b, uint32_t **column, uint32_t n, uint32_t *cap, uint32_t value) {
    if (!b->failed && WF_ROOM(b->keep, *column, n, *cap))
        b->failed = true;
    if (!b->failed)
        (*column)[n] = value;
}

void wf_polygons_grid(wf_polygons_builder *b) {
    put_start(b, &b->p.grid_start, b->p.n_grids, &b->cap_grids, b->p.n_parts);
    b->p.n_grids++;
}

void wf_polygons_part(wf_polygons_builder *b) {
    put_start(b, &b->p.part_start, b->p.n_parts, &b->cap_parts, b->p.n_rings);
    b->p.n_parts++;
}

void wf_polygons_ring(wf_polygons_builder *b) {
    put_start(b, &b->p.ring_start, b->p.n_rings, &b->cap_rings, b->p.n_vertices);
    b->p.n_rings++;
}

double *wf_polygons_vertices(wf_polygons_builder *b, uint32_t n, double **y) {
    uint64_t needed = (uint64_t)b->p.n_vertices + n;
    if (b->failed || needed >= UINT32_MAX / 2) {
        b->p.n_vertices = needed < UINT32_MAX / 2 ? b->p.n_vertices : UINT32_MAX / 2;
        b->failed = true;
        return NULL;
    }
    if (needed > b->cap_vertices) {
        /* Two columns share one capacity: grow both before either counts. */
        uint64_t cap = b->cap_vertices < 8 ? 16 : (uint64_t)b->cap_vertices * 2;
        while (cap < needed)
            cap *= 2;
        double *nx = wf_arena_grow(b->keep, b->p.x, b->cap_vertices, cap, sizeof *nx);
        if (nx != NULL)
            b->p.x = nx;
        double *ny = wf_arena_grow(b->keep, b->p.y, b->cap_vertices, cap, sizeof *ny);
        if (ny != NULL)
            b->p.y = ny;
        if (nx == NULL || ny == NULL) {
            b->failed = true;
            return NULL;
        }
        b->cap_vertices = (uint32_t)cap;
    }
    double *x = b->p.x + b->p.n_vertices;
    *y = b->p.y + b->p.n_vertices;
    b->p.n_vertices += n;
    return x;
}

void wf_polygons_vertex(wf_polygons_builder *b, double x, double y) {
    double *to_y, *to_x = wf_polygons_vertices(b, 1, &to_y);
    if (to_x == NULL)
        return;
    *to_x = x;
    *to_y = y;
}

wf_code wf_polygons_finish(wf_polygons_builder *b, wf_polygons *out, wf_error *err) {
    put_start(b, &b->p.grid_start, b->p.n_grids, &b->cap_grids, b->p.n_parts);
    put_start(b, &b->p.part_start, b->p.n_parts, &b->cap_parts, b->p.n_rings);
    put_start(b, &b->p.ring_start, b->p.n_rings, &b->cap_rings, b->p.n_vertices);
    if (b->p.n_vertices >= UINT32_MAX / 2)
        return wf_fail(err, WF_LIMIT, "over 2^31 vertices in one layer: split it by county or street");
    if (b->failed)
        return wf_fail_nomem(err);
    *out = b->p;
    return WF_OK;
}

void wf_polygons_copy(const wf_polygons *p, uint32_t grid, wf_polygons_builder *to) {
    wf_polygons_grid(to);
    for (uint32_t part = p->grid_start[grid]; part < p->grid_start[grid + 1]; part++) {
        wf_polygons_part(to);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
            double *y, *x;
            wf_polygons_ring(to);
            if (n == 0 || (x = wf_polygons_vertices(to, n, &y)) == NULL)
                continue;
            memcpy(x, p->x + from, n * sizeof *x);
            memcpy(y, p->y + from, n * sizeof *y);
        }
    }
}

bool wf_polygons_are_same(const wf_polygons *p, const wf_polygons *q, uint32_t grid) {
    uint32_t a = p->part_start[p->grid_start[grid]], b = q->part_start[q->grid_start[grid]];
    uint32_t n_rings = p->part_start[p->grid_start[grid + 1]] - a;
    uint32_t n_parts = p->grid_start[grid + 1] - p->grid_start[grid];
    if (n_rings != q->part_start[q->grid_start[grid + 1]] - b ||
        n_parts != q->grid_start[grid + 1] - q->grid_start[grid])
        return false;
    for (uint32_t k = 0; k < n_parts; k++)
        if (p->part_start[p->grid_start[grid] + k] - a != q->part_start[q->grid_start[grid] + k] - b)
            return false;
    for (uint32_t k = 0; k < n_rings; k++) {
        uint32_t from = p->ring_start[a + k], n = p->ring_start[a + k + 1] - from, to = q->ring_start[b + k];
        if (n != q->ring_start[b + k + 1] - to || memcmp(p->x + from, q->x + to, n * sizeof *p->x) != 0 ||
            memcmp(p->y + from, q->y + to, n * sizeof *p->y) != 0)
            return false;
    }
    return true;
}

double wf_polygons_area_m2(const wf_polygons *p, uint32_t grid, const wf_measure *measure) {
    double area = 0.0;
    for (uint32_t part = p->grid_start[grid]; part < p->grid_start[grid + 1]; part++)
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
            double ring_area = measure->ring_area_m2(measure->self, n, p->x + from, p->y + from);
            area += ring == p->part_start[part] ? ring_area : -ring_area;
        }
    return area;
}

void wf_polygons_box(const wf_polygons *p, uint32_t grid, double box[4]) {
    uint32_t from = p->ring_start[p->part_start[p->grid_start[grid]]],
             to = p->ring_start[p->part_start[p->grid_start[grid + 1]]];
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (uint32_t v = from; v < to; v++) {
        box[0] = fmin(box[0], p->x[v]);
        box[1] = fmin(box[1], p->y[v]);
        box[2] = fmax(box[2], p->x[v]);
        box[3] = fmax(box[3], p->y[v]);
    }
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

wf_code wf_polygons_usual(const wf_polygons *p, uint32_t n_subset, const uint32_t *subset, double limits[4],
                          wf_error *err) {
    wf_arena scratch;
    wf_arena_init(&scratch);
    double *middle = WF_NEW(&scratch, double, 2 * (size_t)n_subset), box[4];
    if (middle == NULL)
        return wf_fail_nomem(err);
    uint32_t n = 0;
    for (uint32_t k = 0; k < n_subset; k++) {
        wf_polygons_box(p, subset == NULL ? k : subset[k], box);
        middle[n] = (box[0] + box[2]) / 2;
        middle[n_subset + n] = (box[1] + box[3]) / 2;
        n += isfinite(middle[n]) && isfinite(middle[n_subset + n]);
    }
    for (int axis = 0; axis < 2; axis++) {
        double *m = middle + (axis == 0 ? 0 : n_subset);
        limits[axis] = -INFINITY;
        limits[axis + 2] = INFINITY;
        if (n < 10)
            continue;
        qsort(m, n, sizeof *m, by_value);
        double p10 = m[n / 10], p90 = m[n - 1 - n / 10], reach = 4 * (p90 - p10);
        limits[axis] = p10 - reach;
        limits[axis + 2] = p90 + reach;
    }
    wf_arena_clear(&scratch);
    return WF_OK;
}

bool wf_box_is_usual(const double box[4], const double limits[4]) {
    double x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2;
    return x >= limits[0] && x <= limits[2] && y >= limits[1] && y <= limits[3];
}
