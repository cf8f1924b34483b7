/* Grids in one piece: who keeps an overlap decides whether the other one falls apart. Neighbourhoods in which every
 * grid has the parts it had are left as they are after one look. */
#include "coverage/decide.h"
#include "base/sets.h"
#include <stdlib.h>
#include <string.h>

/* Segments looked at for one neighbourhood; a few seconds. What is not better by then stays. */
static const uint64_t most_work = 300000000;

typedef struct {
    wf_contest *c;
    uint32_t *group; /* union-find over faces, or over the places of items in their sets */
    uint32_t *had;   /* parts of each local item before */
    uint32_t *has;   /* and now */
    uint64_t work;
} wholeness;

/* An item over both sides of a segment hangs together there. Nodes are the entries of the sets. */
static wf_code count_before(wholeness *w, wf_error *err) {
    const wf_mending *m = w->c->m;
    uint32_t n = 0;
    for (uint32_t f = 0; f < m->n_faces; f++)
        n = m->set_at[f] + m->n_set[f] > n ? m->set_at[f] + m->n_set[f] : n;
    uint32_t *group = WF_NEW(m->keep, uint32_t, n);
    if (group == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        group[i] = i;
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        uint32_t l = wf_mend_face(m, s, true), r = wf_mend_face(m, s, false);
        for (uint32_t i = 0, k = 0; i < m->n_set[l] && k < m->n_set[r];) {
            uint32_t a = m->set_at[l] + i, b = m->set_at[r] + k;
            if (m->set[a] == m->set[b])
                wf_sets_join(group, a, b);
            i += m->set[a] <= m->set[b];
            k += m->set[b] <= m->set[a];
        }
    }
    for (uint32_t i = 0; i < n; i++)
        w->had[m->set[i]] += group[i] == i;
    return WF_OK;
}

/* How many parts more than before there are, all grids together. */
static uint32_t count_more(wholeness *w) {
    const wf_mending *m = w->c->m;
    uint32_t more = 0;
    w->work += m->a.n_segments;
    memset(w->has, 0, m->q->n_items * sizeof *w->has);
    for (uint32_t f = 0; f < m->n_faces; f++)
        w->group[f] = f;
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        uint32_t l = wf_mend_face(m, s, true), r = wf_mend_face(m, s, false), owner = wf_contest_owner(w->c, l);
        if (owner != WF_NOBODY && owner == wf_contest_owner(w->c, r))
            wf_sets_join(w->group, l, r);
    }
    for (uint32_t f = 0; f < m->n_faces; f++) {
        uint32_t owner = wf_contest_owner(w->c, f);
        if (owner != WF_NOBODY && w->group[f] == f)
            w->has[owner]++;
    }
    for (uint32_t i = 0; i < m->q->n_items; i++)
        more += w->has[i] > w->had[i] ? w->has[i] - w->had[i] : 0;
    return more;
}

static bool may_move(const wf_contested *at) {
    return !at->gap && at->owner != WF_NOBODY &&
           (at->rule == WF_REPAIR_BORDER || at->rule == WF_REPAIR_AREA || at->rule == WF_REPAIR_CODE ||
            at->rule == WF_REPAIR_WHOLE);
}

/* Is one of the grids over the place in more parts than it had? */
static bool is_concerned(const wholeness *w, const wf_contested *at) {
    const wf_mending *m = w->c->m;
    for (uint32_t k = 0; k < m->n_set[at->face]; k++) {
        uint32_t local = m->set[m->set_at[at->face] + k];
        if (w->has[local] > w->had[local])
            return true;
    }
    return false;
}

/* Another owner for the place if that is better than `more`; the new number. */
static uint32_t try_place(wholeness *w, wf_contested *at, uint32_t more) {
    const wf_mending *m = w->c->m;
    const wf_contested was = *at;
    for (uint32_t k = 0; k < m->n_set[at->face]; k++) {
        at->owner = m->set[m->set_at[at->face] + k];
        at->rule = WF_REPAIR_WHOLE;
        uint32_t now = at->owner == was.owner ? more : count_more(w);
        if (now < more)
            return now;
    }
    *at = was;
    count_more(w);
    return more;
}

typedef struct {
    double m2;
    uint32_t place;
} sized;

static int smallest_first(const void *a, const void *b) {
    const sized *p = a, *q = b;
    if (p->m2 != q->m2)
        return p->m2 < q->m2 ? -1 : 1;
    return p->place < q->place ? -1 : p->place > q->place;
}

wf_code wf_contest_keep_whole(wf_contest *c, wf_error *err) {
    const wf_mending *m = c->m;
    wholeness w = {.c = c,
                   .group = WF_NEW(m->keep, uint32_t, m->n_faces),
                   .had = WF_NEW(m->keep, uint32_t, m->q->n_items),
                   .has = WF_NEW(m->keep, uint32_t, m->q->n_items)};
    sized *order = WF_NEW(m->keep, sized, c->n);
    uint32_t n = 0;
    if (w.group == NULL || w.had == NULL || w.has == NULL || order == NULL)
        return wf_fail_nomem(err);
    for (uint32_t p = 0; p < c->n; p++)
        if (may_move(&c->at[p]))
            order[n++] = (sized){c->at[p].m2, p};
    if (n == 0)
        return WF_OK;
    qsort(order, n, sizeof *order, smallest_first);
    WF_TRY(count_before(&w, err));
    uint32_t more = count_more(&w), last = more + 1;
    while (more > 0 && more < last && w.work < most_work) {
        last = more;
        WF_TRY(wf_check_poll(c->params->check, err));
        for (uint32_t k = 0; k < n && more > 0 && w.work < most_work; k++)
            if (is_concerned(&w, &c->at[order[k].place]))
                more = try_place(&w, &c->at[order[k].place], more);
    }
    return WF_OK;
}
