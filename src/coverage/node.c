/* Noding in rounds: sort equal segments together, look for meetings in a grid of cells, split, again. A clean residual
 * needs one round, noisy borders two or three. */
#include "coverage/node.h"
#include "base/exact.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 40, SNAP_ROUND = 4, SNAP_BITS = 20 };

typedef struct {
    double x, y;
} point;

typedef struct {
    uint32_t segment;
    double along; /* squared distance from the lower end */
    point at;
} split;

typedef struct {
    wf_arena scratch;
    wf_segment *s; /* pieces, lower end first, sorted; runs of equal ones are groups */
    uint32_t n;
    uint32_t *group; /* first piece of each group */
    uint32_t n_groups;
    split *splits;
    uint32_t n_splits, cap_splits;
    bool first_round;
    wf_crossings crossings;
    double snap; /* share of a coordinate within which a crossing is taken to be at an end; 0: nowhere */
} noding;

static int by_ends(const void *a, const void *b) {
    const wf_segment *p = a, *q = b;
    int order = wf_segment_order(a, b);
    return order != 0 ? order : p->owner < q->owner ? -1 : p->owner > q->owner;
}

static bool same_ends(const wf_segment *p, const wf_segment *q) {
    return p->ax == q->ax && p->ay == q->ay && p->bx == q->bx && p->by == q->by;
}

/* Lower end first; false for a segment of no length. */
static bool normalise(wf_segment *s) {
    if (s->ax == s->bx && s->ay == s->by)
        return false;
    if (s->ax < s->bx || (s->ax == s->bx && s->ay < s->by))
        return true;
    *s = (wf_segment){s->bx, s->by, s->ax, s->ay, -s->weight, s->owner};
    return true;
}

/* Sort, drop what cancels, list the groups. */
static wf_code group_pieces(noding *d, bool keep_walls, wf_error *err) {
    qsort(d->s, d->n, sizeof *d->s, by_ends);
    d->group = WF_NEW(&d->scratch, uint32_t, (size_t)d->n + 1);
    if (d->group == NULL)
        return wf_fail_nomem(err);
    uint32_t kept = 0;
    d->n_groups = 0;
    for (uint32_t i = 0, j; i < d->n; i = j) {
        int32_t weight = 0;
        for (j = i; j < d->n && same_ends(&d->s[i], &d->s[j]); j++)
            weight += d->s[j].weight;
        if (weight == 0 && !keep_walls)
            continue;
        d->group[d->n_groups++] = kept;
        memmove(d->s + kept, d->s + i, (j - i) * sizeof *d->s);
        kept += j - i;
    }
    d->n = kept;
    d->group[d->n_groups] = kept;
    return WF_OK;
}

/* ---- meetings --------------------------------------------------------------------------------------------------- */

static wf_code add_split(noding *d, uint32_t group, double x, double y, wf_error *err) {
    const wf_segment *s = &d->s[d->group[group]];
    if ((x == s->ax && y == s->ay) || (x == s->bx && y == s->by))
        return WF_OK;
    if (WF_ROOM(&d->scratch, d->splits, d->n_splits, d->cap_splits))
        return wf_fail_nomem(err);
    double dx = x - s->ax, dy = y - s->ay;
    d->splits[d->n_splits++] = (split){group, dx * dx + dy * dy, {x, y}};
    return WF_OK;
}

static bool inside_segment(const wf_segment *s, double x, double y) {
    return !(x == s->ax && y == s->ay) && !(x == s->bx && y == s->by) &&
           wf_exact_on_segment(s->ax, s->ay, s->bx, s->by, x, y);
}

static double clamp(double v, double a, double b) {
    return fmax(fmin(a, b), fmin(fmax(a, b), v));
}

/* The crossing of two segments that cross properly, in long double from the middle of the first. */
static point crossing(const wf_segment *p, const wf_segment *q) {
    long double px = (long double)p->bx - p->ax, py = (long double)p->by - p->ay;
    long double qx = (long double)q->bx - q->ax, qy = (long double)q->by - q->ay;
    long double ox = (long double)q->ax - p->ax, oy = (long double)q->ay - p->ay, det = px * qy - py * qx;
    long double t = det != 0 ? (ox * qy - oy * qx) / det : 0.5L;
    point at = {(double)(p->ax + t * px), (double)(p->ay + t * py)};
    at.x = clamp(clamp(at.x, p->ax, p->bx), q->ax, q->bx);
    at.y = clamp(clamp(at.y, p->ay, p->by), q->ay, q->by);
    return at;
}

/* The end of p or q that is nearest, when the crossing lies so near that rounding could pass it. */
static point to_end(const wf_segment *p, const wf_segment *q, point at, double snap) {
    const point ends[] = {{p->ax, p->ay}, {p->bx, p->by}, {q->ax, q->ay}, {q->bx, q->by}};
    double best = snap * fmax(fabs(at.x), fabs(at.y));
    point to = at;
    for (int i = 0; i < 4; i++) {
        double far = fmax(fabs(ends[i].x - at.x), fabs(ends[i].y - at.y));
        if (far <= best) {
            best = far;
            to = ends[i];
        }
    }
    return to;
}

static wf_code meet(noding *d, uint32_t i, uint32_t j, wf_error *err) {
    const wf_segment *p = &d->s[d->group[i]], *q = &d->s[d->group[j]];
    if (fmax(p->ax, p->bx) < fmin(q->ax, q->bx) || fmax(q->ax, q->bx) < fmin(p->ax, p->bx) ||
        fmax(p->ay, p->by) < fmin(q->ay, q->by) || fmax(q->ay, q->by) < fmin(p->ay, p->by))
        return WF_OK;
    int a = wf_exact_orient(p->ax, p->ay, p->bx, p->by, q->ax, q->ay);
    int b = wf_exact_orient(p->ax, p->ay, p->bx, p->by, q->bx, q->by);
    if (a * b > 0)
        return WF_OK;
    int e = wf_exact_orient(q->ax, q->ay, q->bx, q->by, p->ax, p->ay);
    int f = wf_exact_orient(q->ax, q->ay, q->bx, q->by, p->bx, p->by);
    if (a * b < 0 && e * f < 0) {
        point at = to_end(p, q, crossing(p, q), d->snap);
        if (d->first_round && d->crossings.n++ == 0)
            d->crossings = (wf_crossings){1, at.x, at.y, {p->owner, q->owner}};
        WF_TRY(add_split(d, i, at.x, at.y, err));
        return add_split(d, j, at.x, at.y, err);
    }
    if (a == 0 && inside_segment(p, q->ax, q->ay))
        WF_TRY(add_split(d, i, q->ax, q->ay, err));
    if (b == 0 && inside_segment(p, q->bx, q->by))
        WF_TRY(add_split(d, i, q->bx, q->by, err));
    if (e == 0 && inside_segment(q, p->ax, p->ay))
        WF_TRY(add_split(d, j, p->ax, p->ay, err));
    if (f == 0 && inside_segment(q, p->bx, p->by))
        WF_TRY(add_split(d, j, p->bx, p->by, err));
    return WF_OK;
}

typedef struct {
    double west, south, per_x, per_y;
    uint32_t n_x, n_y;
    uint32_t *start, *entry;
    bool counting;
} cells;

static uint32_t cell_at(double v, uint32_t n) {
    return v <= 0 ? 0 : v >= n ? n - 1 : (uint32_t)v;
}

static void enter(cells *c, const wf_segment *s, uint32_t group) {
    double lo = fmin(s->ay, s->by), hi = fmax(s->ay, s->by);
    uint32_t row1 = cell_at((hi - c->south) * c->per_y + 1e-6, c->n_y);
    for (uint32_t row = cell_at((lo - c->south) * c->per_y - 1e-6, c->n_y); row <= row1; row++) {
        double x0 = s->ax, x1 = s->bx;
        if (hi > lo) {
            double t0 = (c->south + (row - 1e-3) / c->per_y - s->ay) / (s->by - s->ay);
            double t1 = (c->south + (row + 1 + 1e-3) / c->per_y - s->ay) / (s->by - s->ay);
            x0 = s->ax + clamp(t0, 0, 1) * (s->bx - s->ax);
            x1 = s->ax + clamp(t1, 0, 1) * (s->bx - s->ax);
        }
        uint32_t col1 = cell_at((fmax(x0, x1) - c->west) * c->per_x + 1e-3, c->n_x);
        for (uint32_t col = cell_at((fmin(x0, x1) - c->west) * c->per_x - 1e-3, c->n_x); col <= col1; col++) {
            size_t cell = (size_t)row * c->n_x + col;
            if (c->counting)
                c->start[cell + 2]++;
            else
                c->entry[c->start[cell + 1]++] = group;
        }
    }
}

static void size_cells(const noding *d, cells *c) {
    double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
    for (uint32_t g = 0; g < d->n_groups; g++) {
        const wf_segment *s = &d->s[d->group[g]];
        west = fmin(west, s->ax);
        east = fmax(east, s->bx);
        south = fmin(south, fmin(s->ay, s->by));
        north = fmax(north, fmax(s->ay, s->by));
    }
    double width = fmax(east - west, 1e-300), height = fmax(north - south, 1e-300);
    double side = sqrt(width / d->n_groups * height);
    c->west = west;
    c->south = south;
    c->n_x = (uint32_t)fmin(fmax(ceil(width / side), 1), fmin(d->n_groups, 8192));
    c->n_y = (uint32_t)fmin(fmax(ceil(height / side), 1), fmin(d->n_groups, 8192));
    c->per_x = c->n_x / width;
    c->per_y = c->n_y / height;
}

static wf_code find_meetings(noding *d, wf_error *err) {
    cells c = {.counting = true};
    size_cells(d, &c);
    size_t n_cells = (size_t)c.n_x * c.n_y;
    if ((c.start = WF_NEW(&d->scratch, uint32_t, n_cells + 2)) == NULL)
        return wf_fail_nomem(err);
    for (uint32_t g = 0; g < d->n_groups; g++)
        enter(&c, &d->s[d->group[g]], g);
    for (size_t cell = 0; cell + 1 < n_cells; cell++)
        c.start[cell + 2] += c.start[cell + 1];
    c.start[n_cells + 1] += c.start[n_cells];
    if ((c.entry = WF_NEW(&d->scratch, uint32_t, c.start[n_cells + 1])) == NULL)
        return wf_fail_nomem(err);
    c.counting = false;
    for (uint32_t g = 0; g < d->n_groups; g++)
        enter(&c, &d->s[d->group[g]], g);
    for (size_t cell = 0; cell < n_cells; cell++)
        for (uint32_t i = c.start[cell]; i < c.start[cell + 1]; i++)
            for (uint32_t j = i + 1; j < c.start[cell + 1]; j++)
                WF_TRY(meet(d, c.entry[i], c.entry[j], err));
    return WF_OK;
}

/* ---- splitting -------------------------------------------------------------------------------------------------- */

static int by_segment(const void *a, const void *b) {
    const split *p = a, *q = b;
    if (p->segment != q->segment)
        return p->segment < q->segment ? -1 : 1;
    if (p->along != q->along)
        return p->along < q->along ? -1 : 1;
    if (p->at.x != q->at.x)
        return p->at.x < q->at.x ? -1 : 1;
    return p->at.y < q->at.y ? -1 : p->at.y > q->at.y;
}

/* Every piece of a split group becomes its parts. */
static wf_code split_pieces(noding *d, wf_arena *next_scratch, wf_error *err) {
    qsort(d->splits, d->n_splits, sizeof *d->splits, by_segment);
    wf_segment *to = NULL;
    uint32_t n = 0, cap = 0, k = 0;
    for (uint32_t g = 0; g < d->n_groups; g++) {
        uint32_t k0 = k;
        while (k < d->n_splits && d->splits[k].segment == g)
            k++;
        for (uint32_t i = d->group[g]; i < d->group[g + 1]; i++) {
            wf_segment rest = d->s[i];
            for (uint32_t at = k0; at <= k; at++) {
                wf_segment part = rest;
                if (at < k) {
                    part.bx = rest.ax = d->splits[at].at.x;
                    part.by = rest.ay = d->splits[at].at.y;
                }
                if (!normalise(&part))
                    continue;
                if (WF_ROOM(next_scratch, to, n, cap))
                    return wf_fail_nomem(err);
                to[n++] = part;
            }
        }
    }
    d->s = to;
    d->n = n;
    return WF_OK;
}

static wf_code hand_over(const noding *d, wf_arena *keep, wf_noded *out, wf_error *err) {
    wf_segment *s = WF_NEW(keep, wf_segment, d->n_groups);
    uint32_t *start = WF_NEW(keep, uint32_t, (size_t)d->n_groups + 1), *owners = WF_NEW(keep, uint32_t, d->n);
    if (s == NULL || start == NULL || owners == NULL)
        return wf_fail_nomem(err);
    for (uint32_t g = 0; g < d->n_groups; g++) {
        s[g] = d->s[d->group[g]];
        s[g].weight = 0;
        start[g] = d->group[g];
        for (uint32_t i = d->group[g]; i < d->group[g + 1]; i++) {
            s[g].weight += d->s[i].weight;
            owners[i] = d->s[i].owner;
        }
    }
    start[d->n_groups] = d->n;
    *out = (wf_noded){d->n_groups, s, start, owners, d->crossings};
    return WF_OK;
}

wf_code wf_node(uint32_t n, const wf_segment *segment, bool keep_walls, wf_arena *keep, wf_noded *out, wf_error *err) {
    noding d = {0};
    wf_arena next;
    wf_arena_init(&d.scratch);
    wf_code code = WF_OK;
    d.s = WF_NEW(&d.scratch, wf_segment, n);
    if (d.s == NULL)
        WF_GO(wf_fail_nomem(err));
    for (uint32_t i = 0; i < n; i++) {
        d.s[d.n] = segment[i];
        d.n += normalise(&d.s[d.n]);
    }
    for (int round = 0;; round++) {
        WF_GO(group_pieces(&d, keep_walls, err));
        d.splits = NULL;
        d.first_round = round == 0;
        /* Pieces that leave one place at a narrow angle can cross again one step of a double further every round. */
        d.snap = round < SNAP_ROUND
                     ? 0
                     : ldexp(DBL_EPSILON, round - SNAP_ROUND < SNAP_BITS ? round - SNAP_ROUND : SNAP_BITS);
        d.n_splits = d.cap_splits = 0;
        if (d.n_groups > 0)
            WF_GO(find_meetings(&d, err));
        if (d.n_splits == 0)
            break;
        if (round == MAX_ROUNDS)
            WF_GO(wf_fail(err, WF_LIMIT, "borders near %.9f %.9f cross too often to be resolved", d.splits[0].at.x,
                          d.splits[0].at.y));
        wf_arena_init(&next);
        code = split_pieces(&d, &next, err);
        wf_arena_clear(&d.scratch);
        d.scratch = next;
        if (code != WF_OK)
            goto done;
    }
    code = hand_over(&d, keep, out, err);
done:
    wf_arena_clear(&d.scratch);
    return code;
}
