/* Largest inscribed circle in a local metric frame turned along the figure's own axis. */
#include "coverage/thickness.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SQUARES = 4000 };
static const double slim_ratio = 50.0, precision_ratio = 0.01;

typedef struct {
    uint32_t n; /* edges */
    double *ax, *ay, *bx, *by;
    double west, east, south, north;
} figure;

typedef struct {
    double x, y, half, inside_m, bound_m;
} square;

static double distance2(const figure *f, uint32_t i, double x, double y) {
    double dx = f->bx[i] - f->ax[i], dy = f->by[i] - f->ay[i], len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? ((x - f->ax[i]) * dx + (y - f->ay[i]) * dy) / len2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    dx = f->ax[i] + t * dx - x;
    dy = f->ay[i] + t * dy - y;
    return dx * dx + dy * dy;
}

/* Distance to the border, negative outside. */
static double inside_m(const figure *f, double x, double y) {
    double least = INFINITY;
    int in = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        least = fmin(least, distance2(f, i, x, y));
        if ((f->ay[i] > y) != (f->by[i] > y) &&
            x < f->ax[i] + (f->bx[i] - f->ax[i]) * ((y - f->ay[i]) / (f->by[i] - f->ay[i])))
            in = !in;
    }
    return in ? sqrt(least) : -sqrt(least);
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* Longest run of the vertical line x inside the figure. */
static double chord(const figure *f, double x, double *at) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if ((f->ax[i] > x) != (f->bx[i] > x))
            at[n++] = f->ay[i] + (f->by[i] - f->ay[i]) * ((x - f->ax[i]) / (f->bx[i] - f->ax[i]));
    qsort(at, n, sizeof *at, by_value);
    double longest = 0;
    for (uint32_t i = 0; i + 1 < n; i += 2)
        longest = fmax(longest, at[i + 1] - at[i]);
    return longest;
}

static double longest_chord(const figure *f, double *scratch) {
    double longest = 0;
    for (uint32_t i = 0; i < f->n; i++)
        longest = fmax(longest, chord(f, f->ax[i], scratch));
    return longest;
}

static square make_square(const figure *f, double x, double y, double half) {
    double in = inside_m(f, x, y);
    return (square){x, y, half, in, in + half * M_SQRT2};
}

static void push(square *heap, uint32_t *n, square s) {
    uint32_t i = (*n)++;
    for (; i > 0 && heap[(i - 1) / 2].bound_m < s.bound_m; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = s;
}

static square pop(square *heap, uint32_t *n) {
    square top = heap[0], last = heap[--*n];
    uint32_t i = 0;
    for (uint32_t k; (k = 2 * i + 1) < *n; i = k) {
        if (k + 1 < *n && heap[k + 1].bound_m > heap[k].bound_m)
            k++;
        if (heap[k].bound_m <= last.bound_m)
            break;
        heap[i] = heap[k];
    }
    heap[i] = last;
    return top;
}

/* Midway between a vertex and the nearest edge that does not end there: the widest places of a crooked sliver lie
 * beside its vertices. */
static double seed(const figure *f, double *x, double *y) {
    double best = 0;
    for (uint32_t v = 0; v < f->n; v++) {
        double px = f->ax[v], py = f->ay[v], least = INFINITY, mx = px, my = py;
        for (uint32_t i = 0; i < f->n; i++) {
            double d2 = distance2(f, i, px, py);
            if (d2 <= 0 || d2 >= least)
                continue;
            least = d2;
            double dx = f->bx[i] - f->ax[i], dy = f->by[i] - f->ay[i];
            double t = ((px - f->ax[i]) * dx + (py - f->ay[i]) * dy) / (dx * dx + dy * dy);
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            mx = (px + f->ax[i] + t * dx) / 2;
            my = (py + f->ay[i] + t * dy) / 2;
        }
        double in = inside_m(f, mx, my);
        if (in > best) {
            best = in;
            *x = mx;
            *y = my;
        }
    }
    return best;
}

/* Climb from a place inside: a star of shrinking steps. */
static double climb(const figure *f, double best, double x, double y) {
    for (double step = best; step > best * precision_ratio / 4;) {
        static const int dx[] = {1, 1, 0, -1, -1, -1, 0, 1}, dy[] = {0, 1, 1, 1, 0, -1, -1, -1};
        int k = 0;
        for (; k < 8; k++) {
            double in = inside_m(f, x + dx[k] * step, y + dy[k] * step);
            if (in > best) {
                best = in;
                x += dx[k] * step;
                y += dy[k] * step;
                break;
            }
        }
        if (k == 8)
            step /= 2;
    }
    return best;
}

static double search(const figure *f) {
    square *heap = malloc((MAX_SQUARES + 8) * sizeof *heap);
    if (heap == NULL)
        return NAN;
    double width = f->east - f->west, height = f->north - f->south, side = fmin(width, height);
    double x = 0, y = 0, best = seed(f, &x, &y);
    if (best > 0)
        best = climb(f, best, x, y);
    uint32_t n = 0;
    for (x = f->west; x < f->east; x += side)
        for (y = f->south; y < f->north; y += side)
            push(heap, &n, make_square(f, x + side / 2, y + side / 2, side / 2));
    /* A crooked sliver would need more squares than there are: then the climb stands. */
    for (uint32_t made = n; n > 0 && made < MAX_SQUARES; made += 4) {
        square s = pop(heap, &n);
        if (s.bound_m <= best * (1 + precision_ratio))
            break;
        best = fmax(best, s.inside_m);
        for (int k = 0; k < 4; k++) {
            double h = s.half / 2;
            square part = make_square(f, s.x + (k & 1 ? h : -h), s.y + (k & 2 ? h : -h), h);
            best = fmax(best, part.inside_m);
            if (part.bound_m > best * (1 + precision_ratio))
                push(heap, &n, part);
        }
    }
    free(heap);
    return 2 * best;
}

/* Metres from the first vertex, turned so that the direction of greatest spread is x. */
static void load(figure *f, const wf_polygons *p, uint32_t i, const wf_measure *measure) {
    uint32_t from = p->ring_start[p->part_start[p->grid_start[i]]];
    double mx, my, sxx = 0, sxy = 0, syy = 0;
    measure->scale_m(measure->self, p->x[from], p->y[from], &mx, &my);
    for (uint32_t ring = p->part_start[p->grid_start[i]]; ring < p->part_start[p->grid_start[i + 1]]; ring++)
        for (uint32_t k = p->ring_start[ring]; k + 1 < p->ring_start[ring + 1]; k++) {
            f->ax[f->n] = (p->x[k] - p->x[from]) * mx;
            f->ay[f->n] = (p->y[k] - p->y[from]) * my;
            f->bx[f->n] = (p->x[k + 1] - p->x[from]) * mx;
            f->by[f->n] = (p->y[k + 1] - p->y[from]) * my;
            double dx = f->bx[f->n] - f->ax[f->n], dy = f->by[f->n] - f->ay[f->n], len = hypot(dx, dy);
            if (len > 0) {
                sxx += dx * dx / len;
                sxy += dx * dy / len;
                syy += dy * dy / len;
            }
            f->n++;
        }
    double turn = 0.5 * atan2(2 * sxy, sxx - syy), c = cos(turn), s = sin(turn);
    f->west = f->south = INFINITY;
    f->east = f->north = -INFINITY;
    for (uint32_t k = 0; k < f->n; k++) {
        double ax = f->ax[k], ay = f->ay[k], bx = f->bx[k], by = f->by[k];
        f->ax[k] = c * ax + s * ay;
        f->ay[k] = c * ay - s * ax;
        f->bx[k] = c * bx + s * by;
        f->by[k] = c * by - s * bx;
        f->west = fmin(f->west, f->ax[k]);
        f->east = fmax(f->east, f->ax[k]);
        f->south = fmin(f->south, f->ay[k]);
        f->north = fmax(f->north, f->ay[k]);
    }
}

double wf_thickness_m(const wf_polygons *p, uint32_t i, const wf_measure *measure) {
    uint32_t n = p->ring_start[p->part_start[p->grid_start[i + 1]]] - p->ring_start[p->part_start[p->grid_start[i]]];
    double *room = malloc(5 * ((size_t)n + 1) * sizeof *room);
    if (room == NULL)
        return NAN;
    figure f = {.ax = room, .ay = room + n, .bx = room + 2 * (size_t)n, .by = room + 3 * (size_t)n};
    load(&f, p, i, measure);
    double width = f.east - f.west, height = f.north - f.south;
    double thickness = !(height > 0)                 ? 0
                       : width > slim_ratio * height ? longest_chord(&f, room + 4 * (size_t)n)
                                                     : search(&f);
    free(room);
    return thickness;
}
