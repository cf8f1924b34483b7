/* Who gets what by which rule. A neighbourhood has tens to thousands of faces, most of
 * them of one grid. */
#include "coverage/chords.h"
#include "coverage/cover.h"
#include "coverage/decide.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A grid is taken to be nested when this share of it is its own, or less. */
static const double nested_share = 0.1;
/* A grid has to keep more than this share of its place. */
static const double kept_share = 0.01;

/* Something with an area, for sorting. */
typedef struct {
    double m2;
    uint32_t number;
} sized;

typedef struct {
    wf_contest c;
    double *border_m;           /* of each local item with the place in hand */
    uint32_t *beside, n_beside; /* items with such a border */
    uint32_t *candidate;
    sized *by_size;
    wf_mend *out;
} deciding;

static uint32_t grid_of(const deciding *d, uint32_t local) {
    return d->c.m->q->b->subset[d->c.m->q->item[local]];
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

/* The lengths of the borders of a place with the grids that are known to lie beside it. */
static void measure_borders(deciding *d, uint32_t p) {
    while (d->n_beside > 0)
        d->border_m[d->beside[--d->n_beside]] = 0;
    for (uint32_t k = d->c.side_start[p]; k < d->c.side_start[p + 1]; k++) {
        uint32_t s = d->c.side[k], l = wf_mend_face(d->c.m, s, true);
        uint32_t owner = wf_contest_owner(&d->c, d->c.of[l] == p ? wf_mend_face(d->c.m, s, false) : l);
        if (owner == WF_NOBODY || d->c.m->cut[s])
            continue;
        if (d->border_m[owner] == 0)
            d->beside[d->n_beside++] = owner;
        d->border_m[owner] += wf_contest_length_m(&d->c, s);
    }
}

static double value_of(const deciding *d, wf_repair_rule rule, uint32_t local) {
    uint32_t grid = grid_of(d, local);
    switch (rule) {
    case WF_REPAIR_PRIORITY:
        return d->c.params->priority == NULL || isnan(d->c.params->priority[grid]) ? -INFINITY
                                                                                   : -d->c.params->priority[grid];
    case WF_REPAIR_LOCKED:
        return d->c.params->locked != NULL && d->c.params->locked[grid];
    case WF_REPAIR_BORDER:
        return d->border_m[local];
    default:
        return d->c.total_m2[local];
    }
}

static bool goes_first_by_code(const deciding *d, uint32_t a, uint32_t b) {
    const char *const *code = d->c.m->q->b->grids->code;
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

static void give(deciding *d, uint32_t p, uint32_t to, wf_repair_rule rule) {
    d->c.at[p].owner = to;
    d->c.at[p].rule = rule;
}

/* ---- overlaps --------------------------------------------------------------------------------------------------- */

static bool is_covered(const deciding *d, uint32_t local) {
    return d->c.own_m2[local] <= nested_share * d->c.total_m2[local];
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
static void give_nested(deciding *d) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->c.m->q->n_items; i++)
        if (is_covered(d, i) && d->c.total_m2[i] > 0)
            d->by_size[n++] = (sized){d->c.total_m2[i], i};
    if (n > 0)
        qsort(d->by_size, n, sizeof *d->by_size, smallest_first);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t p = 0; p < d->c.n; p++)
            if (d->c.at[p].owner == WF_NOBODY && !d->c.at[p].gap &&
                wf_mend_is_over(d->c.m, d->c.at[p].face, d->by_size[k].number))
                give(d, p, d->by_size[k].number, WF_REPAIR_NESTED);
}

/* Who of the grids over a place keeps it; *connected is false when it would be apart from the rest of its grid. */
static uint32_t keeper_of(deciding *d, uint32_t p, bool only_connected, wf_repair_rule *rule, bool *connected) {
    const wf_mending *m = d->c.m;
    uint32_t n = 0;
    measure_borders(d, p);
    for (uint32_t k = 0; k < m->n_set[d->c.at[p].face]; k++) {
        uint32_t local = m->set[m->set_at[d->c.at[p].face] + k];
        if (!only_connected || d->border_m[local] > 0)
            d->candidate[n++] = local;
    }
    if (n == 0)
        return WF_NOBODY;
    uint32_t to = choose(d, d->c.params->n_order, d->c.params->order, !d->c.at[p].thin, n, d->candidate, rule);
    *connected = d->border_m[to] > 0;
    return to;
}

/* Places by size, largest first. */
static uint32_t sort_places(deciding *d, bool gaps) {
    uint32_t n = 0;
    for (uint32_t p = 0; p < d->c.n; p++)
        if (d->c.at[p].gap == gaps && d->c.at[p].owner == WF_NOBODY)
            d->by_size[n++] = (sized){d->c.at[p].m2, p};
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
        WF_TRY(wf_check_poll(d->c.params->check, err));
        uint32_t n_open = 0;
        for (uint32_t k = 0; k < n; k++)
            if (d->c.at[d->by_size[k].number].owner == WF_NOBODY)
                d->by_size[n_open++] = d->by_size[k];
        n = n_open;
        for (uint32_t k = 0; k < n; k++) {
            uint32_t p = d->by_size[k].number;
            uint32_t to = keeper_of(d, p, false, &rule, &connected);
            if (connected) {
                give(d, p, to, rule);
                more = true;
            } else if (open == UINT32_MAX)
                open = p;
        }
        if (more || open == UINT32_MAX)
            continue;
        uint32_t to = keeper_of(d, open, true, &rule, &connected);
        for (uint32_t k = 0; k < n && to == WF_NOBODY; k++) /* one that hangs on something goes before it */
            if (d->c.at[d->by_size[k].number].owner == WF_NOBODY) {
                to = keeper_of(d, d->by_size[k].number, true, &rule, &connected);
                open = to == WF_NOBODY ? open : d->by_size[k].number;
            }
        if (to == WF_NOBODY)
            to = keeper_of(d, open, false, &rule, &connected);
        give(d, open, to, rule);
        more = true;
    }
    return WF_OK;
}

/* ---- gaps ------------------------------------------------------------------------------------------------------- */

static wf_code is_allowed(const deciding *d, uint32_t p, bool *out, wf_error *err) {
    const wf_check_params *check = d->c.params->check;
    const wf_polygons *allowed = check->allowed, *shape = &d->c.m->a.shape;
    *out = false;
    for (uint32_t i = 0; allowed != NULL && i < allowed->n_grids && !*out; i++) {
        double box[4], face_box[4], area_m2, thickness_m = 0;
        bool all = true;
        wf_polygons_box(allowed, i, box);
        for (uint32_t k = d->c.face_start[p]; k < d->c.face_start[p + 1] && all; k++) {
            uint32_t f = d->c.face[k];
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
    const wf_contested *at = &d->c.at[p];
    if (WF_ROOM(d->c.m->keep, d->out->left, d->out->n_left, d->out->cap_left))
        return wf_fail_nomem(err);
    d->out->left[d->out->n_left++] =
        (wf_left){reason, UINT32_MAX, at->m2, d->c.m->a.x[at->face], d->c.m->a.y[at->face]};
    return WF_OK;
}

static wf_code is_large(const deciding *d, uint32_t p, bool *out, wf_error *err) {
    double t = 0;
    *out = d->c.at[p].m2 > d->c.params->gap_area_m2;
    if (*out || !isfinite(d->c.params->gap_thickness_m))
        return WF_OK;
    WF_TRY(wf_contest_thickness_m(&d->c, p, &t, err));
    *out = t > d->c.params->gap_thickness_m;
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
    uint32_t n = 0;
    measure_borders(d, p);
    for (uint32_t i = 0; i < d->n_beside; i++)
        if (d->c.params->locked == NULL || !d->c.params->locked[grid_of(d, d->beside[i])])
            d->candidate[n++] = d->beside[i];
    if (n == 0)
        return leave_gap(d, p, WF_LEFT_LOCKED, err);
    if (d->n_beside == 2 && n == 2 && d->c.at[p].thin) {
        /* The border of the one that goes first stands. */
        uint32_t first = choose(d, d->c.params->n_order, d->c.params->order, false, n, d->candidate, &rule);
        give(d, p, d->beside[0] == first ? d->beside[1] : d->beside[0], rule);
        return WF_OK;
    }
    uint32_t to = choose(d, sizeof order / sizeof *order, order, true, n, d->candidate, &rule);
    give(d, p, to, rule);
    return WF_OK;
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
    const wf_mending *m = d->c.m;
    double *kept_m2 = WF_NEW(m->keep, double, m->q->n_items);
    if (kept_m2 == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f + 1 < m->n_faces; f++)
        if (m->owner[f] != WF_NOBODY && m->n_set[f] > 0)
            kept_m2[m->owner[f]] += d->c.face_m2[f];
    for (uint32_t i = 0; i < m->q->n_items; i++) {
        double most = 0;
        uint32_t taker = i;
        if (kept_m2[i] > kept_share * d->c.total_m2[i])
            continue;
        for (uint32_t f = 0; f + 1 < m->n_faces; f++)
            if (d->c.face_m2[f] > most && m->owner[f] != i && wf_mend_is_over(m, f, i)) {
                most = d->c.face_m2[f];
                taker = m->owner[f];
            }
        if (WF_ROOM(m->keep, d->out->more, d->out->n_more, d->out->cap_more))
            return wf_fail_nomem(err);
        uint32_t back = is_covered(d, taker) && taker > i ? taker : i;
        d->out->outcome = WF_MEND_EMPTIED;
        d->out->more[d->out->n_more++] = m->q->item[back];
    }
    return WF_OK;
}

static wf_code list_transfers(deciding *d, wf_error *err) {
    const wf_mending *m = d->c.m;
    wf_mend *out = d->out;
    for (uint32_t p = 0; p < d->c.n; p++) {
        const wf_contested *at = &d->c.at[p];
        if (at->owner == WF_NOBODY)
            continue;
        out->n_gaps += at->gap;
        out->n_overlaps += !at->gap;
        out->moved_m2 += at->m2;
        for (uint32_t k = 0; k < (at->gap ? 1 : m->n_set[at->face]); k++) {
            uint32_t from = at->gap ? UINT32_MAX : m->set[m->set_at[at->face] + k];
            if (from == at->owner)
                continue;
            if (WF_ROOM(m->keep, out->transfer, out->n_transfers, out->cap_transfers))
                return wf_fail_nomem(err);
            out->transfer[out->n_transfers++] = (wf_transfer){at->gap ? UINT32_MAX : grid_of(d, from),
                                                              grid_of(d, at->owner),
                                                              at->rule,
                                                              at->m2,
                                                              m->a.x[at->face],
                                                              m->a.y[at->face]};
        }
    }
    return WF_OK;
}

wf_code wf_mend_decide(wf_mending *m, wf_segments *cuts, wf_mend *out, wf_error *err) {
    uint32_t n = m->q->n_items;
    deciding d = {.out = out};
    WF_TRY(wf_contest_begin(&d.c, m, err));
    d.border_m = WF_NEW(m->keep, double, n);
    d.candidate = WF_NEW(m->keep, uint32_t, n);
    d.beside = WF_NEW(m->keep, uint32_t, n);
    d.by_size = WF_NEW(m->keep, sized, (size_t)n + d.c.n);
    if (d.border_m == NULL || d.candidate == NULL || d.beside == NULL || d.by_size == NULL)
        return wf_fail_nomem(err);
    give_nested(&d);
    WF_TRY(give_overlaps(&d, err));
    WF_TRY(wf_contest_keep_whole(&d.c, err));
    WF_TRY(give_gaps(&d, err));
    if (cuts != NULL)
        WF_TRY(wf_contest_cut_gaps(&d.c, cuts, err));
    for (uint32_t f = 0; f < m->n_faces; f++)
        m->owner[f] = wf_contest_owner(&d.c, f);
    out->outcome = WF_MEND_DONE;
    WF_TRY(list_transfers(&d, err));
    return find_emptied(&d, err);
}
