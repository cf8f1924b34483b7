/* Who lies over whom: the borders near overlapping faces are arranged with their walls, each face gets its set of
 * grids, and faces with one set join. Sees only the grids whose box meets an overlap. */
#include "coverage/near.h"
#include "coverage/rules.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    wf_segments border;           /* of the grids near overlaps, by grid */
    uint32_t *first, *n_segments; /* of each item; none when it is not near */
    wf_near near;
    uint32_t *set_start, *set; /* grids over each face of the second arrangement */
    uint32_t *group;           /* of each face; UINT32_MAX where fewer than two lie over it */
} overlay;

/* The grids whose box meets the box of an overlapping face, with their whole borders. */
static wf_code take_near(wf_borders *w, const wf_arrangement *a, overlay *o, wf_error *err) {
    o->border.arena = w->scratch;
    o->first = WF_NEW(w->scratch, uint32_t, (size_t)w->n_subset + 1);
    o->n_segments = WF_NEW(w->scratch, uint32_t, w->n_subset);
    uint8_t *near = WF_NEW(w->scratch, uint8_t, w->n_subset);
    if (o->first == NULL || o->n_segments == NULL || near == NULL)
        return wf_fail_nomem(err);
    WF_TRY(wf_near_build(w->n_subset, w->box, w->scratch, &o->near, err));
    for (uint32_t f = 0; f < a->n_faces; f++) {
        double box[4];
        const uint32_t *items;
        uint32_t n;
        if (a->count[f] < 2)
            continue;
        wf_polygons_box(&a->shape, f, box);
        WF_TRY(wf_near_ask(&o->near, box, &n, &items, err));
        for (uint32_t k = 0; k < n; k++)
            near[items[k]] = 1;
    }
    for (uint32_t item = 0; item < w->n_subset; item++) {
        if (!near[item] || w->duplicate[item])
            continue;
        o->first[item] = o->border.n;
        WF_TRY(wf_borders_add(w, item, 1, &o->border, err));
        o->n_segments[item] = o->border.n - o->first[item];
    }
    return WF_OK;
}

static wf_code find_sets(wf_borders *w, const wf_arrangement *b, overlay *o, wf_error *err) {
    uint32_t n = 0, cap = 0;
    o->set_start = WF_NEW(w->scratch, uint32_t, (size_t)b->n_faces + 1);
    o->group = WF_NEW(w->scratch, uint32_t, b->n_faces);
    if (o->set_start == NULL || o->group == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < b->n_faces; f++) {
        const double at[] = {b->x[f], b->y[f], b->x[f], b->y[f]};
        const uint32_t *items = NULL;
        uint32_t n_items = 0;
        o->set_start[f] = n;
        WF_TRY(wf_check_poll(w->params, err));
        if (b->count[f] >= 2)
            WF_TRY(wf_near_ask(&o->near, at, &n_items, &items, err));
        for (uint32_t i = 0; i < n_items; i++) {
            if (!wf_borders_hold(o->border.segment + o->first[items[i]], o->n_segments[items[i]], at[0], at[1]))
                continue;
            if (WF_ROOM(w->scratch, o->set, n, cap))
                return wf_fail_nomem(err);
            o->set[n++] = w->subset[items[i]];
        }
        o->group[f] = n - o->set_start[f] >= 2 ? f : UINT32_MAX;
    }
    o->set_start[b->n_faces] = n;
    return WF_OK;
}

static uint32_t group_root(uint32_t *group, uint32_t f) {
    while (group[f] != f)
        f = group[f] = group[group[f]];
    return f;
}

static bool same_set(const overlay *o, uint32_t a, uint32_t b) {
    uint32_t n = o->set_start[a + 1] - o->set_start[a];
    return n == o->set_start[b + 1] - o->set_start[b] &&
           memcmp(o->set + o->set_start[a], o->set + o->set_start[b], n * sizeof *o->set) == 0;
}

static void join_faces(const wf_arrangement *b, overlay *o) {
    for (uint32_t s = 0; s < b->n_segments; s++) {
        uint32_t l = b->left[s], r = b->right[s];
        if (l == WF_NO_FACE || r == WF_NO_FACE || o->group[l] == UINT32_MAX || o->group[r] == UINT32_MAX ||
            !same_set(o, l, r))
            continue;
        l = group_root(o->group, l);
        r = group_root(o->group, r);
        if (l < r)
            o->group[r] = l;
        else
            o->group[l] = r;
    }
}

static uint32_t group_of(const overlay *o, uint32_t f) {
    return f == WF_NO_FACE || o->group[f] == UINT32_MAX ? UINT32_MAX : group_root(o->group, f);
}

/* Does one grid bound the group with a single edge, and another with the rest? */
static bool one_edge_side(const wf_borders *w, const wf_arrangement *b, const wf_face_side *sides, uint32_t n) {
    uint32_t of[2] = {UINT32_MAX, UINT32_MAX}, count[2] = {0, 0};
    for (uint32_t k = 0; k < n; k++) {
        uint32_t s = sides[k].owner / 2;
        if (b->owner_start[s + 1] - b->owner_start[s] != 1)
            return false;
        uint32_t grid = w->subset[b->owner[b->owner_start[s]]];
        uint32_t at = of[0] == grid || of[0] == UINT32_MAX ? 0 : 1;
        if (of[at] != grid && of[at] != UINT32_MAX)
            return false;
        of[at] = grid;
        count[at]++;
    }
    return count[0] + count[1] > 2 && (count[0] == 1 || count[1] == 1);
}

/* One finding for each group: its outer border arranged anew, so that walls inside it vanish. */
static wf_code report_groups(wf_borders *w, const wf_arrangement *b, const overlay *o, wf_error *err) {
    wf_face_side *sides = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t s = 0; s < b->n_segments; s++) {
        uint32_t l = group_of(o, b->left[s]), r = group_of(o, b->right[s]);
        for (int side = 0; side < 2 && l != r; side++) {
            uint32_t group = side ? l : r;
            if (group == UINT32_MAX)
                continue;
            if (WF_ROOM(w->scratch, sides, n, cap))
                return wf_fail_nomem(err);
            sides[n++] = (wf_face_side){group, 2 * s + (uint32_t)side};
        }
    }
    if (n > 0)
        qsort(sides, n, sizeof *sides, wf_face_side_order);
    wf_arena local;
    wf_arena_init(&local);
    wf_code code = WF_OK;
    for (uint32_t i = 0, j; code == WF_OK && i < n; i = j) {
        for (j = i; j < n && sides[j].face == sides[i].face; j++)
            ;
        wf_arrangement a;
        wf_segment *border = WF_NEW(&local, wf_segment, j - i);
        if (border == NULL)
            WF_GO(wf_fail_nomem(err));
        for (uint32_t k = i; k < j; k++) {
            border[k - i] = b->segment[sides[k].owner / 2];
            border[k - i].weight = sides[k].owner & 1 ? 1 : -1;
        }
        WF_GO(wf_arrange(j - i, border, false, &local, &a, err));
        uint32_t first = o->set_start[sides[i].face], n_set = o->set_start[sides[i].face + 1] - first;
        for (uint32_t f = 0; f < a.n_faces; f++)
            if (a.count[f] == 1) {
                const wf_place place = {.rule = "G02",
                                        .kind = "overlap",
                                        .from = &a.shape,
                                        .index = f,
                                        .x = a.x[f],
                                        .y = a.y[f],
                                        .lone_vertex = n_set == 2 && one_edge_side(w, b, sides + i, j - i)};
                WF_GO(wf_findings_add_place(w->found, &place, n_set, o->set + first, err));
            }
        wf_arena_clear(&local);
    }
done:
    wf_arena_clear(&local);
    return code;
}

wf_code wf_rules_overlaps(wf_borders *w, const wf_arrangement *a, wf_error *err) {
    bool any = false;
    for (uint32_t f = 0; f < a->n_faces; f++)
        any |= a->count[f] >= 2;
    if (!any)
        return WF_OK;
    overlay o = {0};
    wf_arrangement b;
    WF_TRY(take_near(w, a, &o, err));
    WF_TRY(wf_arrange(o.border.n, o.border.segment, true, w->scratch, &b, err));
    WF_TRY(find_sets(w, &b, &o, err));
    join_faces(&b, &o);
    return report_groups(w, &b, &o, err);
}
