/* Who gets what: places of one set of grids, and the rules. A neighbourhood has tens to thousands of faces, most of
 * them of one grid. */
#include "coverage/cover.h"
#include "coverage/mend.h"
#include "coverage/thickness.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A grid is taken to be nested when this share of it is its own, or less. */
static const double nested_share = 0.1;
/* A grid has to keep more than this share of its place. */
static const double kept_share = 0.01;

/* Faces that hang together and have the same grids over them. */
typedef struct {
    uint32_t face; /* the largest */
    uint32_t owner;
    double m2, face_m2, length_m;
    bool gap, thin, done;
} place;

/* Something with an area, for sorting. */
typedef struct {
    double m2;
    uint32_t number;
} sized;

typedef struct {
    wf_mending *m;
    const wf_repair_params *params;
    const wf_measure *measure;
    uint32_t n;
    place *at;
    uint32_t *of;                /* place of each face, or WF_NOBODY */
    uint32_t *side_start, *side; /* segments around each place */
    double *face_m2;             /* of each face */
    double *total_m2, *own_m2;   /* of each local item: all its faces; those that no other grid lies over */
    double *border_m;            /* of each local item with the place in hand */
    uint32_t *candidate;
    sized *by_size;
    wf_mend *out;
} deciding;

static uint32_t grid_of(const deciding *d, uint32_t local) {
    return d->m->q->b->subset[d->m->q->item[local]];
}

/* ---- places ----------------------------------------------------------------------------------------------------- */

static uint32_t root(uint32_t *group, uint32_t f) {
    while (group[f] != f)
        f = group[f] = group[group[f]];
    return f;
}

static bool same_set(const wf_mending *m, uint32_t a, uint32_t b) {
    return m->n_set[a] == m->n_set[b] &&
           memcmp(m->set + m->set_at[a], m->set + m->set_at[b], m->n_set[a] * sizeof *m->set) == 0;
}

static uint32_t beside(const wf_mending *m, uint32_t segment, bool left) {
    uint32_t f = left ? m->a.left[segment] : m->a.right[segment];
    return f == WF_NO_FACE ? m->n_faces - 1 : f;
}

/* Number the places. Faces of one grid are none, and neither is what lies beyond. */
static wf_code find_places(deciding *d, wf_error *err) {
    wf_mending *m = d->m;
    uint32_t *group = WF_NEW(m->keep, uint32_t, m->n_faces);
    d->of = WF_NEW(m->keep, uint32_t, m->n_faces);
    d->at = WF_NEW(m->keep, place, m->n_faces);
    d->face_m2 = WF_NEW(m->keep, double, m->n_faces);
    if (group == NULL || d->of == NULL || d->at == NULL || d->face_m2 == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < m->n_faces; f++) {
        group[f] = f;
        d->of[f] = WF_NOBODY;
    }
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        uint32_t l = beside(m, s, true), r = beside(m, s, false);
        if (m->n_set[l] == 1 || !same_set(m, l, r))
            continue;
        l = root(group, l);
        r = root(group, r);
        m->beyond[l < r ? l : r] |= m->beyond[l < r ? r : l];
        group[l < r ? r : l] = l < r ? l : r;
    }
    for (uint32_t f = 0; f + 1 < m->n_faces; f++) {
        uint32_t first = root(group, f);
        d->face_m2[f] = wf_polygons_area_m2(&m->a.shape, f, d->measure);
        m->beyond[f] = m->beyond[first];
        if (m->n_set[f] == 1 || m->beyond[f])
            continue;
        if (d->of[first] == WF_NOBODY) {
            d->at[d->n] = (place){.face = f, .owner = WF_NOBODY, .gap = m->n_set[f] == 0};
            d->of[first] = d->n++;
        }
        place *p = &d->at[d->of[f] = d->of[first]];
        p->m2 += d->face_m2[f];
        if (d->face_m2[f] > p->face_m2) {
            p->face_m2 = d->face_m2[f];
            p->face = f;
        }
    }
    return WF_OK;
}

static double length_of(const deciding *d, uint32_t s) {
    const wf_segment *e = &d->m->a.segment[s];
    const double x[] = {e->ax, e->bx}, y[] = {e->ay, e->by};
    return d->measure->length_m(d->measure->self, 2, x, y);
}

static wf_code list_sides(deciding *d, wf_error *err) {
    wf_mending *m = d->m;
    d->side_start = WF_NEW(m->keep, uint32_t, (size_t)d->n + 2);
    d->side = WF_NEW(m->keep, uint32_t, 2 * (size_t)m->a.n_segments);
    if (d->side_start == NULL || d->side == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < m->a.n_segments; s++) {
            uint32_t l = d->of[beside(m, s, true)], r = d->of[beside(m, s, false)];
            for (int left = 0; left < 2 && l != r; left++) {
                uint32_t p = left ? l : r;
                if (p == WF_NOBODY)
                    continue;
                if (pass == 0) {
                    d->side_start[p + 2]++;
                    d->at[p].length_m += length_of(d, s);
                } else
                    d->side[d->side_start[p + 1]++] = s;
            }
        }
        for (uint32_t p = 0; pass == 0 && p < d->n; p++)
            d->side_start[p + 2] += d->side_start[p + 1];
    }
    return WF_OK;
}

static wf_code measure_items(deciding *d, wf_error *err) {
    wf_mending *m = d->m;
    uint32_t n = m->q->n_items;
    d->total_m2 = WF_NEW(m->keep, double, n);
    d->own_m2 = WF_NEW(m->keep, double, n);
    d->border_m = WF_NEW(m->keep, double, n);
    d->candidate = WF_NEW(m->keep, uint32_t, n);
    d->by_size = WF_NEW(m->keep, sized, (size_t)n + d->n);
    if (d->total_m2 == NULL || d->own_m2 == NULL || d->border_m == NULL || d->candidate == NULL || d->by_size == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f + 1 < m->n_faces; f++)
        for (uint32_t k = 0; k < m->n_set[f]; k++) {
            uint32_t local = m->set[m->set_at[f] + k];
            d->total_m2[local] += d->face_m2[f];
            d->own_m2[local] += m->n_set[f] == 1 ? d->face_m2[f] : 0;
        }
    return WF_OK;
}

static wf_code thickness_of(const deciding *d, uint32_t p, double *out, wf_error *err) {
    *out = 0;
    for (uint32_t f = 0; f + 1 < d->m->n_faces; f++) {
        if (d->of[f] != p)
            continue;
        double t = wf_thickness_m(&d->m->a.shape, f, d->measure);
        if (isnan(t))
            return wf_fail_nomem(err);
        *out = fmax(*out, t);
    }
    return WF_OK;
}

/* Within the floor? A figure is at least twice its area over its border's length thick. */
static wf_code find_thin(deciding *d, wf_error *err) {
    double floor_m = d->params->check->floor_m, t;
    for (uint32_t p = 0; p < d->n; p++) {
        if (2 * d->at[p].m2 > floor_m * d->at[p].length_m)
            continue;
        WF_TRY(wf_check_poll(d->params->check, err));
        WF_TRY(thickness_of(d, p, &t, err));
        d->at[p].thin = t <= floor_m;
    }
    return WF_OK;
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static uint32_t owner_of(const deciding *d, uint32_t face) {
    const wf_mending *m = d->m;
    if (m->n_set[face] == 1)
        return m->set[m->set_at[face]];
    return d->of[face] == WF_NOBODY ? WF_NOBODY : d->at[d->of[face]].owner;
}

/* The lengths of the borders of a place with the grids that are known to lie beside it, listed in `candidate`. */
static uint32_t measure_borders(deciding *d, uint32_t p) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->m->q->n_items; i++)
        d->border_m[i] = 0;
    for (uint32_t k = d->side_start[p]; k < d->side_start[p + 1]; k++) {
        uint32_t s = d->side[k], l = beside(d->m, s, true);
        uint32_t owner = owner_of(d, d->of[l] == p ? beside(d->m, s, false) : l);
        if (owner == WF_NOBODY)
            continue;
        if (d->border_m[owner] == 0)
            d->candidate[n++] = owner;
        d->border_m[owner] += length_of(d, s);
    }
    return n;
}

static double value_of(const deciding *d, wf_repair_rule rule, uint32_t local) {
    uint32_t grid = grid_of(d, local);
    switch (rule) {
    case WF_REPAIR_PRIORITY:
        return d->params->priority == NULL || isnan(d->params->priority[grid]) ? -INFINITY : -d->params->priority[grid];
    case WF_REPAIR_LOCKED:
        return d->params->locked != NULL && d->params->locked[grid];
    case WF_REPAIR_BORDER:
        return d->border_m[local];
    default:
        return d->total_m2[local];
    }
}

static bool goes_first_by_code(const deciding *d, uint32_t a, uint32_t b) {
    const char *const *code = d->m->q->b->grids->code;
    int order = strcmp(code[grid_of(d, a)], code[grid_of(d, b)]);
    return order != 0 ? order < 0 : a < b;
}

/* Keep of n candidates those with the largest value; measures that differ in their last digits are equal, so that the
 * order in which they were summed up does not decide. */
static uint32_t keep_best(const deciding *d, wf_repair_rule rule, uint32_t n, uint32_t *candidate) {
    double best = -INFINITY;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        best = fmax(best, value_of(d, rule, candidate[i]));
    if (rule == WF_REPAIR_BORDER || rule == WF_REPAIR_AREA)
        best -= 1e-6 * fabs(best);
    for (uint32_t i = 0; i < n; i++)
        if (value_of(d, rule, candidate[i]) >= best)
            candidate[kept++] = candidate[i];
    return kept;
}

/* The first of n candidates by an order of rules, and the rule that decided it. */
static uint32_t choose(const deciding *d, uint32_t n_order, const wf_repair_rule *order, bool by_border, uint32_t n,
                       uint32_t *candidate, wf_repair_rule *rule) {
    *rule = n_order > 0 ? order[0] : WF_REPAIR_CODE;
    for (uint32_t k = 0; k < n_order && n > 1; k++) {
        if (order[k] == WF_REPAIR_CODE)
            break;
        if (order[k] == WF_REPAIR_BORDER && !by_border)
            continue;
        *rule = order[k];
        n = keep_best(d, order[k], n, candidate);
    }
    if (n > 1)
        *rule = WF_REPAIR_CODE;
    for (uint32_t i = 1; i < n; i++)
        if (goes_first_by_code(d, candidate[i], candidate[0]))
            candidate[0] = candidate[i];
    return candidate[0];
}

static wf_code give(deciding *d, uint32_t p, uint32_t to, wf_repair_rule rule, wf_error *err) {
    wf_mend *out = d->out;
    const wf_mending *m = d->m;
    place *at = &d->at[p];
    at->owner = to;
    at->done = true;
    out->n_gaps += at->gap;
    out->n_overlaps += !at->gap;
    out->moved_m2 += at->m2;
    wf_transfer t = {UINT32_MAX, grid_of(d, to), rule, at->m2, m->a.x[at->face], m->a.y[at->face]};
    for (uint32_t k = 0; k < (at->gap ? 1 : m->n_set[at->face]); k++) {
        if (!at->gap && m->set[m->set_at[at->face] + k] == to)
            continue;
        if (!at->gap)
            t.from = grid_of(d, m->set[m->set_at[at->face] + k]);
        if (WF_ROOM(m->keep, out->transfer, out->n_transfers, out->cap_transfers))
            return wf_fail_nomem(err);
        out->transfer[out->n_transfers++] = t;
    }
    return WF_OK;
}

/* ---- overlaps --------------------------------------------------------------------------------------------------- */

static bool is_covered(const deciding *d, uint32_t local) {
    return d->own_m2[local] <= nested_share * d->total_m2[local];
}

static bool is_over(const wf_mending *m, uint32_t face, uint32_t local) {
    for (uint32_t k = 0; k < m->n_set[face]; k++)
        if (m->set[m->set_at[face] + k] == local)
            return true;
    return false;
}

static int smallest_first(const void *a, const void *b) {
    const sized *p = a, *q = b;
    if (p->m2 != q->m2)
        return p->m2 < q->m2 ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

static int largest_first(const void *a, const void *b) {
    const sized *p = a, *q = b;
    if (p->m2 != q->m2)
        return p->m2 > q->m2 ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

/* Grids that lie on others keep their place, the smallest first. */
static wf_code give_nested(deciding *d, wf_error *err) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->m->q->n_items; i++)
        if (is_covered(d, i) && d->total_m2[i] > 0)
            d->by_size[n++] = (sized){d->total_m2[i], i};
    if (n > 0)
        qsort(d->by_size, n, sizeof *d->by_size, smallest_first);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t p = 0; p < d->n; p++)
            if (!d->at[p].done && !d->at[p].gap && is_over(d->m, d->at[p].face, d->by_size[k].number))
                WF_TRY(give(d, p, d->by_size[k].number, WF_REPAIR_NESTED, err));
    return WF_OK;
}

/* Who of the grids over a place keeps it; *connected is false when it would be apart from the rest of its grid. */
static uint32_t keeper_of(deciding *d, uint32_t p, bool only_connected, wf_repair_rule *rule, bool *connected) {
    const wf_mending *m = d->m;
    uint32_t n = 0;
    measure_borders(d, p);
    for (uint32_t k = 0; k < m->n_set[d->at[p].face]; k++) {
        uint32_t local = m->set[m->set_at[d->at[p].face] + k];
        if (!only_connected || d->border_m[local] > 0)
            d->candidate[n++] = local;
    }
    if (n == 0)
        return WF_NOBODY;
    uint32_t to = choose(d, d->params->n_order, d->params->order, !d->at[p].thin, n, d->candidate, rule);
    *connected = d->border_m[to] > 0;
    return to;
}

/* Places by size, largest first. */
static uint32_t sort_places(deciding *d, bool gaps) {
    uint32_t n = 0;
    for (uint32_t p = 0; p < d->n; p++)
        if (d->at[p].gap == gaps && !d->at[p].done)
            d->by_size[n++] = (sized){d->at[p].m2, p};
    if (n > 0)
        qsort(d->by_size, n, sizeof *d->by_size, largest_first);
    return n;
}

/* A place goes to the one who is first by the rules as soon as it would not lie apart from the rest of that grid. What
 * is still open when nothing more comes of that goes, one at a time, to the first of those it does hang on. */
static wf_code give_overlaps(deciding *d, wf_error *err) {
    uint32_t n = sort_places(d, false);
    for (bool more = true; more;) {
        uint32_t open = UINT32_MAX;
        wf_repair_rule rule = WF_REPAIR_CODE;
        bool connected = false;
        more = false;
        WF_TRY(wf_check_poll(d->params->check, err));
        for (uint32_t k = 0; k < n; k++) {
            uint32_t p = d->by_size[k].number;
            if (d->at[p].done)
                continue;
            uint32_t to = keeper_of(d, p, false, &rule, &connected);
            if (connected) {
                WF_TRY(give(d, p, to, rule, err));
                more = true;
            } else if (open == UINT32_MAX)
                open = p;
        }
        if (more || open == UINT32_MAX)
            continue;
        uint32_t to = keeper_of(d, open, true, &rule, &connected);
        for (uint32_t k = 0; k < n && to == WF_NOBODY; k++) /* one that hangs on something goes before it */
            if (!d->at[d->by_size[k].number].done) {
                to = keeper_of(d, d->by_size[k].number, true, &rule, &connected);
                open = to == WF_NOBODY ? open : d->by_size[k].number;
            }
        if (to == WF_NOBODY)
            to = keeper_of(d, open, false, &rule, &connected);
        WF_TRY(give(d, open, to, rule, err));
        more = true;
    }
    return WF_OK;
}

/* ---- gaps ------------------------------------------------------------------------------------------------------- */

static wf_code is_allowed(const deciding *d, uint32_t p, bool *out, wf_error *err) {
    const wf_check_params *check = d->params->check;
    const wf_polygons *allowed = check->allowed, *shape = &d->m->a.shape;
    *out = false;
    for (uint32_t i = 0; allowed != NULL && i < allowed->n_grids && !*out; i++) {
        double box[4], face_box[4], area_m2, thickness_m = 0;
        bool all = true;
        wf_polygons_box(allowed, i, box);
        for (uint32_t f = 0; f + 1 < d->m->n_faces && all; f++) {
            if (d->of[f] != p)
                continue;
            wf_polygons_box(shape, f, face_box);
            if ((all = wf_boxes_meet(box, face_box))) {
                wf_code code = wf_cover_rest(shape, f, allowed, 1, &i, check, &area_m2, &thickness_m, err);
                if (code != WF_LIMIT)
                    WF_TRY(code);
                all = code == WF_OK && thickness_m <= check->floor_m;
            }
        }
        *out = all;
    }
    return WF_OK;
}

static wf_code leave_gap(deciding *d, uint32_t p, wf_left_reason reason, wf_error *err) {
    const place *at = &d->at[p];
    if (WF_ROOM(d->m->keep, d->out->left, d->out->n_left, d->out->cap_left))
        return wf_fail_nomem(err);
    d->out->left[d->out->n_left++] = (wf_left){reason, UINT32_MAX, at->m2, d->m->a.x[at->face], d->m->a.y[at->face]};
    return WF_OK;
}

static wf_code is_large(const deciding *d, uint32_t p, bool *out, wf_error *err) {
    double t = 0;
    *out = d->at[p].m2 > d->params->gap_area_m2;
    if (*out || !isfinite(d->params->gap_thickness_m))
        return WF_OK;
    WF_TRY(thickness_of(d, p, &t, err));
    *out = t > d->params->gap_thickness_m;
    return WF_OK;
}

static wf_code give_gap(deciding *d, uint32_t p, wf_error *err) {
    static const wf_repair_rule order[] = {WF_REPAIR_BORDER, WF_REPAIR_AREA};
    bool allowed, large;
    wf_repair_rule rule;
    WF_TRY(is_allowed(d, p, &allowed, err));
    if (allowed)
        return leave_gap(d, p, WF_LEFT_ALLOWED, err);
    WF_TRY(is_large(d, p, &large, err));
    if (large)
        return leave_gap(d, p, WF_LEFT_LARGE, err);
    uint32_t all = measure_borders(d, p), n = 0, pair[2];
    for (uint32_t i = 0; i < all; i++) {
        pair[i & 1] = d->candidate[i];
        if (d->params->locked == NULL || !d->params->locked[grid_of(d, d->candidate[i])])
            d->candidate[n++] = d->candidate[i];
    }
    if (n == 0)
        return leave_gap(d, p, WF_LEFT_LOCKED, err);
    if (all == 2 && n == 2 && d->at[p].thin) {
        /* The border of the one that goes first stands. */
        uint32_t first = choose(d, d->params->n_order, d->params->order, false, n, d->candidate, &rule);
        return give(d, p, pair[0] == first ? pair[1] : pair[0], rule, err);
    }
    uint32_t to = choose(d, sizeof order / sizeof *order, order, true, n, d->candidate, &rule);
    return give(d, p, to, rule, err);
}

static wf_code give_gaps(deciding *d, wf_error *err) {
    uint32_t n = sort_places(d, true);
    for (uint32_t k = 0; k < n; k++)
        WF_TRY(give_gap(d, d->by_size[k].number, err));
    return WF_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* Does each grid keep a place worth the name? Of two that are hardly different the later one has to stand back. */
static wf_code find_emptied(deciding *d, wf_error *err) {
    const wf_mending *m = d->m;
    for (uint32_t i = 0; i < m->q->n_items; i++) {
        double kept = 0, most = 0;
        uint32_t taker = i;
        for (uint32_t f = 0; f + 1 < m->n_faces; f++) {
            if (!is_over(m, f, i))
                continue;
            if (m->owner[f] == i)
                kept += d->face_m2[f];
            else if (d->face_m2[f] > most) {
                most = d->face_m2[f];
                taker = m->owner[f];
            }
        }
        if (kept > kept_share * d->total_m2[i])
            continue;
        if (WF_ROOM(m->keep, d->out->more, d->out->n_more, d->out->cap_more))
            return wf_fail_nomem(err);
        uint32_t back = is_covered(d, taker) && taker > i ? taker : i;
        d->out->outcome = WF_MEND_EMPTIED;
        d->out->more[d->out->n_more++] = m->q->item[back];
        return WF_OK;
    }
    return WF_OK;
}

wf_code wf_mend_decide(wf_mending *m, wf_mend *out, wf_error *err) {
    deciding d = {.m = m, .params = m->q->params, .measure = m->q->params->check->measure, .out = out};
    WF_TRY(find_places(&d, err));
    WF_TRY(list_sides(&d, err));
    WF_TRY(measure_items(&d, err));
    WF_TRY(find_thin(&d, err));
    WF_TRY(give_nested(&d, err));
    WF_TRY(give_overlaps(&d, err));
    WF_TRY(give_gaps(&d, err));
    for (uint32_t f = 0; f < m->n_faces; f++)
        m->owner[f] = owner_of(&d, f);
    out->outcome = WF_MEND_DONE;
    return find_emptied(&d, err);
}
