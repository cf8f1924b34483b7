/* Vertices that lie exactly on a neighbour's edge. Sees only the edges that do not cancel as they stand: a rim, the
 * borders of real defects, and the edges looked for. */
#include "coverage/rules.h"
#include "base/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double x, y;
} spot;

/* A piece of an edge between two neighbouring vertices on it; lower end first. `cut`: it is a part, not the whole. */
typedef struct {
    spot a, b;
    int32_t weight;
    uint32_t owner;
    bool cut_a, cut_b; /* the end lies inside the edge: its grid lacks the vertex */
} piece;

/* Two pieces that cancel: a stretch of border that two grids draw with different vertices. */
typedef struct {
    spot a, b;
    bool extra_a, extra_b; /* one of the two lacks this end */
    uint32_t owner[2];     /* grids, ascending */
    uint32_t run;          /* union-find */
} stretch;

static int compare_spots(const spot *p, const spot *q) {
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

static int by_spot(const void *a, const void *b) {
    return compare_spots(a, b);
}

static int by_ends(const void *a, const void *b) {
    const piece *p = a, *q = b;
    int order = compare_spots(&p->a, &q->a);
    if (order == 0)
        order = compare_spots(&p->b, &q->b);
    return order != 0 ? order : p->owner < q->owner ? -1 : p->owner > q->owner;
}

static piece piece_of(const wf_segment *s) {
    piece p = {{s->ax, s->ay}, {s->bx, s->by}, s->weight, s->owner, false, false};
    if (compare_spots(&p.a, &p.b) > 0)
        p = (piece){p.b, p.a, -p.weight, p.owner, false, false};
    return p;
}

static wf_code list_spots(const piece *p, uint32_t n, wf_arena *scratch, spot **out, uint32_t *n_out, wf_error *err) {
    spot *s = WF_NEW(scratch, spot, 2 * (size_t)n);
    if (s == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        s[2 * i] = p[i].a;
        s[2 * i + 1] = p[i].b;
    }
    if (n > 0)
        qsort(s, 2 * (size_t)n, sizeof *s, by_spot);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < 2 * n; i++)
        if (kept == 0 || compare_spots(&s[i], &s[kept - 1]) != 0)
            s[kept++] = s[i];
    *out = s;
    *n_out = kept;
    return WF_OK;
}

/* Cut an edge at the spots on it. They are sorted from west to east, which along an edge is from its lower end up. */
static wf_code cut_edge(const piece *edge, const spot *s, uint32_t n, wf_arena *scratch, piece **to, uint32_t *n_to,
                        uint32_t *cap, wf_error *err) {
    double south = fmin(edge->a.y, edge->b.y), north = fmax(edge->a.y, edge->b.y);
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_spots(&s[middle], &edge->a) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    piece rest = *edge;
    for (uint32_t i = low; i < n && compare_spots(&s[i], &edge->b) < 0; i++) {
        if (s[i].y < south || s[i].y > north ||
            !wf_exact_on_segment(edge->a.x, edge->a.y, edge->b.x, edge->b.y, s[i].x, s[i].y))
            continue;
        if (WF_ROOM(scratch, *to, *n_to, *cap))
            return wf_fail_nomem(err);
        (*to)[*n_to] = rest;
        (*to)[*n_to].b = rest.a = s[i];
        (*to)[(*n_to)++].cut_b = rest.cut_a = true;
    }
    if (WF_ROOM(scratch, *to, *n_to, *cap))
        return wf_fail_nomem(err);
    (*to)[(*n_to)++] = rest;
    return WF_OK;
}

/* Pairs of pieces of two grids that cancel and of which one is cut. */
static wf_code match(const wf_borders *b, const piece *p, uint32_t n, stretch **out, uint32_t *n_out, wf_error *err) {
    uint32_t cap = 0;
    *out = NULL;
    *n_out = 0;
    for (uint32_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && compare_spots(&p[i].a, &p[j].a) == 0 && compare_spots(&p[i].b, &p[j].b) == 0; j++)
            ;
        if (j - i != 2 || p[i].weight + p[i + 1].weight != 0 || p[i].owner == p[i + 1].owner)
            continue;
        const piece *q = &p[i + 1];
        stretch s = {p[i].a, p[i].b, p[i].cut_a || q->cut_a, p[i].cut_b || q->cut_b, {0, 0}, *n_out};
        s.owner[0] = b->subset[p[i].owner];
        s.owner[1] = b->subset[q->owner];
        if (!s.extra_a && !s.extra_b)
            continue;
        if (WF_ROOM(b->scratch, *out, *n_out, cap))
            return wf_fail_nomem(err);
        (*out)[(*n_out)++] = s;
    }
    return WF_OK;
}

/* ---- runs ------------------------------------------------------------------------------------------------------- */

/* An end of a stretch. */
typedef struct {
    spot at;
    uint32_t stretch, run;
    bool extra, lower;
} joint;

static int by_place(const void *a, const void *b) {
    const joint *p = a, *q = b;
    int order = compare_spots(&p->at, &q->at);
    return order != 0 ? order : p->stretch < q->stretch ? -1 : p->stretch > q->stretch;
}

static int by_run(const void *a, const void *b) {
    const joint *p = a, *q = b;
    return p->run != q->run ? (p->run < q->run ? -1 : 1) : by_place(a, b);
}

static uint32_t run_of(stretch *s, uint32_t i) {
    while (s[i].run != i)
        i = s[i].run = s[s[i].run].run;
    return i;
}

static void link_two(stretch *s, const joint *p, const joint *q) {
    const uint32_t *a = s[p->stretch].owner, *b = s[q->stretch].owner;
    if ((a[0] != b[0] || a[1] != b[1]) && !(p->extra && q->extra))
        return;
    uint32_t i = run_of(s, p->stretch), k = run_of(s, q->stretch);
    if (i < k)
        s[k].run = i;
    else
        s[i].run = k;
}

/* The ends of all stretches, by run and place. */
static wf_code find_runs(stretch *s, uint32_t n, wf_arena *scratch, joint **out, wf_error *err) {
    joint *e = WF_NEW(scratch, joint, 2 * (size_t)n);
    if (e == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        e[2 * i] = (joint){s[i].a, i, 0, s[i].extra_a, true};
        e[2 * i + 1] = (joint){s[i].b, i, 0, s[i].extra_b, false};
    }
    qsort(e, 2 * (size_t)n, sizeof *e, by_place);
    for (uint32_t i = 0, j; i < 2 * n; i = j)
        for (j = i + 1; j < 2 * n && compare_spots(&e[i].at, &e[j].at) == 0; j++)
            for (uint32_t k = i; k < j; k++)
                link_two(s, &e[k], &e[j]);
    for (uint32_t i = 0; i < 2 * n; i++)
        e[i].run = run_of(s, e[i].stretch);
    qsort(e, 2 * (size_t)n, sizeof *e, by_run);
    *out = e;
    return WF_OK;
}

static int by_number(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static wf_code report_run(wf_borders *b, const stretch *s, const joint *e, uint32_t n, wf_error *err) {
    const wf_measure *m = b->params->measure;
    uint32_t *owners = WF_NEW(b->scratch, uint32_t, 2 * (size_t)n), n_owners = 0;
    const joint *last = NULL;
    if (owners == NULL)
        return wf_fail_nomem(err);
    wf_defect d = wf_findings_blank("G06", "unmatched vertex", WF_NOISE);
    d.area_m2 = d.thickness_m = d.length_m = 0;
    for (uint32_t i = 0; i < n; i++) {
        const stretch *t = &s[e[i].stretch];
        const double x[] = {t->a.x, t->b.x}, y[] = {t->a.y, t->b.y};
        if (e[i].lower)
            d.length_m += m->length_m(m->self, 2, x, y);
        owners[2 * i] = t->owner[0];
        owners[2 * i + 1] = t->owner[1];
        if (e[i].extra && isnan(d.x)) {
            d.x = e[i].at.x;
            d.y = e[i].at.y;
        }
    }
    qsort(owners, 2 * (size_t)n, sizeof *owners, by_number);
    for (uint32_t i = 0; i < 2 * n; i++)
        if (n_owners == 0 || owners[n_owners - 1] != owners[i])
            owners[n_owners++] = owners[i];
    WF_TRY(wf_findings_add(b->found, d, n_owners, owners, err));
    for (uint32_t i = 0; i < n; i++) {
        if (!e[i].extra || (last != NULL && compare_spots(&last->at, &e[i].at) == 0))
            continue;
        last = &e[i];
        WF_TRY(wf_findings_add_vertex(b->found, e[i].at.x, e[i].at.y, err));
    }
    return WF_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static wf_code cut_all(const wf_borders *b, const piece *edges, uint32_t n, piece **out, uint32_t *n_out,
                       wf_error *err) {
    spot *spots = NULL;
    uint32_t n_spots = 0, cap = 0;
    WF_TRY(list_spots(edges, n, b->scratch, &spots, &n_spots, err));
    *out = NULL;
    *n_out = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i % 4096 == 0)
            WF_TRY(wf_check_poll(b->params, err));
        WF_TRY(cut_edge(&edges[i], spots, n_spots, b->scratch, out, n_out, &cap, err));
    }
    if (*n_out > 0)
        qsort(*out, *n_out, sizeof **out, by_ends);
    return WF_OK;
}

wf_code wf_rules_vertices(wf_borders *b, wf_error *err) {
    piece *edges = WF_NEW(b->scratch, piece, b->residual.n), *cut;
    stretch *s;
    joint *e = NULL;
    uint32_t n_cut, n;
    if (edges == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < b->residual.n; i++)
        edges[i] = piece_of(&b->residual.segment[i]);
    WF_TRY(cut_all(b, edges, b->residual.n, &cut, &n_cut, err));
    WF_TRY(match(b, cut, n_cut, &s, &n, err));
    if (n == 0)
        return WF_OK;
    WF_TRY(find_runs(s, n, b->scratch, &e, err));
    for (uint32_t i = 0, j; i < 2 * n; i = j) {
        for (j = i; j < 2 * n && e[j].run == e[i].run; j++)
            ;
        WF_TRY(report_run(b, s, e + i, j - i, err));
    }
    return WF_OK;
}
