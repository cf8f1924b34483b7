/* Who lies over whom: the borders near overlapping faces are arranged with their walls, each face gets its set of
 * grids, and faces with one set join. Sees only the grids whose box meets an overlap. */
#include "coverage/near.h"
#include "coverage/rules.h"
#include "base/exact.h"
#include "base/sets.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    wf_segments border;              /* of the grids near overlaps, by grid */
    uint32_t n_items, *item, *first; /* items, ascending; the first segment of each */
    double (*box)[4];
    wf_near near;              /* numbers in `item` */
    uint32_t *set_start, *set; /* grids over each face of the second arrangement */
    uint32_t *group;           /* of each face; UINT32_MAX where fewer than two lie over it */
} overlay;

/* The items whose box meets the box of an overlapping face. */
static wf_code find_near(const wf_borders *w, const wf_arrangement *a, overlay *o, wf_error *err) {
    uint32_t n_faces = 0;
    double(*face)[4] = wf_arena_alloc(w->scratch, a->n_faces, sizeof *face);
    wf_near faces;
    o->item = WF_NEW(w->scratch, uint32_t, w->n_subset);
    if (face == NULL || o->item == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < a->n_faces; f++)
        if (a->count[f] >= 2)
            wf_polygons_box(&a->shape, f, face[n_faces++]);
    WF_TRY(wf_near_build(n_faces, face, w->scratch, &faces, err));
    for (uint32_t item = 0; item < w->n_subset; item++) {
        const uint32_t *met;
        uint32_t n;
        if (w->duplicate[item])
            continue;
        WF_TRY(wf_near_ask(&faces, w->box[item], &n, &met, err));
        if (n > 0)
            o->item[o->n_items++] = item;
    }
    return WF_OK;
}

/* They with their whole borders. */
static wf_code take_near(wf_borders *w, const wf_arrangement *a, overlay *o, wf_error *err) {
    WF_TRY(find_near(w, a, o, err));
    o->border.arena = w->scratch;
    o->first = WF_NEW(w->scratch, uint32_t, (size_t)o->n_items + 1);
    o->box = wf_arena_alloc(w->scratch, o->n_items, sizeof *o->box);
    if (o->first == NULL || o->box == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < o->n_items; k++) {
        o->first[k] = o->border.n;
        memcpy(o->box[k], w->box[o->item[k]], sizeof *o->box);
        WF_TRY(wf_borders_add(w, o->item[k], 1, &o->border, err));
    }
    o->first[o->n_items] = o->border.n;
    return wf_near_build(o->n_items, o->box, w->scratch, &o->near, err);
}

/* The grids over a place, ascending; more than `most` are not counted further. */
static wf_code sets_at(overlay *o, double x, double y, uint32_t most, uint32_t *set, uint32_t *n, wf_error *err) {
    const double at[] = {x, y, x, y};
    const uint32_t *items;
    uint32_t n_items;
    WF_TRY(wf_near_ask(&o->near, at, &n_items, &items, err));
    *n = 0;
    for (uint32_t i = 0; i < n_items && *n <= most; i++) {
        uint32_t k = items[i];
        if (wf_borders_hold(o->border.segment + o->first[k], o->first[k + 1] - o->first[k], x, y))
            set[(*n)++] = o->item[k];
    }
    return WF_OK;
}

/* Who changes across a segment: its owners, out of the set or into it. */
static uint32_t cross(const wf_arrangement *b, uint32_t s, uint32_t n, uint32_t *set) {
    for (uint32_t k = b->owner_start[s]; k < b->owner_start[s + 1]; k++) {
        uint32_t i = 0;
        while (i < n && set[i] < b->owner[k])
            i++;
        if (i < n && set[i] == b->owner[k]) {
            memmove(set + i, set + i + 1, (--n - i) * sizeof *set);
            continue;
        }
        memmove(set + i + 1, set + i, (n++ - i) * sizeof *set);
        set[i] = b->owner[k];
    }
    return n;
}

/* The segments around each face: of face f side[start[f]] to side[start[f + 1] - 1]. */
static wf_code list_sides(const wf_arrangement *b, wf_arena *keep, uint32_t **start, uint32_t **side, wf_error *err) {
    *start = WF_NEW(keep, uint32_t, (size_t)b->n_faces + 2);
    *side = WF_NEW(keep, uint32_t, 2 * (size_t)b->n_segments);
    if (*start == NULL || *side == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < b->n_segments; s++)
            for (int left = 0; left < 2; left++) {
                uint32_t f = left ? b->left[s] : b->right[s];
                if (f == WF_NO_FACE)
                    continue;
                if (pass == 0)
                    (*start)[f + 2]++;
                else
                    (*side)[(*start)[f + 1]++] = s;
            }
        for (uint32_t f = 0; pass == 0 && f < b->n_faces; f++)
            (*start)[f + 2] += (*start)[f + 1];
    }
    return WF_OK;
}

/* A face that is too thin to hold a point of doubles: its set is that of a neighbour but for the owners between. */
static wf_code set_from_beside(const wf_arrangement *b, overlay *o, uint32_t f, const uint32_t *side, uint32_t n_sides,
                               uint32_t *set, uint32_t *n, wf_error *err) {
    *n = 0;
    for (uint32_t k = 0; k < n_sides; k++) {
        uint32_t s = side[k], other = b->left[s] == f ? b->right[s] : b->left[s];
        uint32_t count = other == WF_NO_FACE ? 0 : (uint32_t)b->count[other];
        *n = 0;
        if (count > 0)
            WF_TRY(sets_at(o, b->x[other], b->y[other], count, set, n, err));
        if (*n == count && (*n = cross(b, s, *n, set)) == (uint32_t)b->count[f])
            return WF_OK;
    }
    return WF_OK;
}

static wf_code find_sets(wf_borders *w, const wf_arrangement *b, overlay *o, wf_error *err) {
    uint32_t n = 0, cap = 0, *start = NULL, *side = NULL;
    uint32_t *set = WF_NEW(w->scratch, uint32_t, 2 * (size_t)w->n_subset + 2);
    o->set_start = WF_NEW(w->scratch, uint32_t, (size_t)b->n_faces + 1);
    o->group = WF_NEW(w->scratch, uint32_t, b->n_faces);
    if (o->set_start == NULL || o->group == NULL || set == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < b->n_faces; f++) {
        uint32_t n_set = 0;
        o->set_start[f] = n;
        WF_TRY(wf_check_poll(w->params, err));
        if (b->count[f] >= 2)
            WF_TRY(sets_at(o, b->x[f], b->y[f], (uint32_t)b->count[f], set, &n_set, err));
        if (b->count[f] >= 2 && n_set != (uint32_t)b->count[f]) {
            if (start == NULL)
                WF_TRY(list_sides(b, w->scratch, &start, &side, err));
            WF_TRY(set_from_beside(b, o, f, side + start[f], start[f + 1] - start[f], set, &n_set, err));
        }
        for (uint32_t i = 0; i < n_set; i++) {
            if (WF_ROOM(w->scratch, o->set, n, cap))
                return wf_fail_nomem(err);
            o->set[n++] = w->subset[set[i]];
        }
        o->group[f] = n_set >= 2 ? f : UINT32_MAX;
    }
    o->set_start[b->n_faces] = n;
    return WF_OK;
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
        wf_sets_join(o->group, l, r);
    }
}

static uint32_t group_of(const overlay *o, uint32_t f) {
    return f == WF_NO_FACE || o->group[f] == UINT32_MAX ? UINT32_MAX : wf_sets_root(o->group, f);
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

/* ---- what rounding lost ------------------------------------------------------------------------------------------ */

typedef struct {
    double x, y;
} spot;

static int by_spot(const void *a, const void *b) {
    const spot *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

/* Too thin for its middle to be a point of doubles inside it. */
static bool is_thread(const wf_arrangement *a, uint32_t f) {
    uint32_t from = a->shape.ring_start[a->shape.part_start[f]], to = a->shape.ring_start[a->shape.part_start[f] + 1];
    bool in = false;
    for (uint32_t i = from; i + 1 < to; i++) {
        const wf_segment side = {a->shape.x[i], a->shape.y[i], a->shape.x[i + 1], a->shape.y[i + 1], 1, 0};
        if (wf_exact_on_segment(side.ax, side.ay, side.bx, side.by, a->x[f], a->y[f]))
            return true;
        in ^= wf_borders_hold(&side, 1, a->x[f], a->y[f]);
    }
    return !in;
}

/* The vertices of all faces of b that two or more grids lie over, sorted. */
static wf_code list_spots(const wf_arrangement *b, wf_arena *keep, spot **out, uint32_t *n_out, wf_error *err) {
    spot *s = WF_NEW(keep, spot, b->shape.n_vertices);
    uint32_t n = 0;
    if (s == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < b->n_faces; f++)
        for (uint32_t i = b->shape.ring_start[b->shape.part_start[f]];
             b->count[f] >= 2 && i < b->shape.ring_start[b->shape.part_start[f + 1]]; i++)
            s[n++] = (spot){b->shape.x[i], b->shape.y[i]};
    if (n > 0)
        qsort(s, n, sizeof *s, by_spot);
    *out = s;
    *n_out = n;
    return WF_OK;
}

/* Crossings are rounded to doubles, and with more borders about they can round so that the thinnest faces of the
 * residual are none of the second arrangement. What has no edge in common with any place found there is a finding as
 * it stands, of the grids beside it. */
static wf_code report_lost(wf_borders *w, const wf_arrangement *a, const wf_arrangement *b, wf_error *err) {
    uint32_t *start = NULL, *side = NULL, *owners = NULL, n_spots = 0;
    spot *spots = NULL;
    for (uint32_t f = 0; f < a->n_faces; f++) {
        if (a->count[f] < 2 || !is_thread(a, f))
            continue;
        if (start == NULL) {
            WF_TRY(list_sides(a, w->scratch, &start, &side, err));
            WF_TRY(list_spots(b, w->scratch, &spots, &n_spots, err));
            if ((owners = WF_NEW(w->scratch, uint32_t, w->n_subset)) == NULL)
                return wf_fail_nomem(err);
        }
        uint32_t n_met = 0, n_owners = 0;
        for (uint32_t i = a->shape.ring_start[a->shape.part_start[f]];
             i + 1 < a->shape.ring_start[a->shape.part_start[f] + 1]; i++) {
            const spot v = {a->shape.x[i], a->shape.y[i]};
            n_met += n_spots > 0 && bsearch(&v, spots, n_spots, sizeof v, by_spot) != NULL;
        }
        if (n_met >= 2)
            continue;
        for (uint32_t k = start[f]; k < start[f + 1]; k++)
            for (uint32_t o = a->owner_start[side[k]]; o < a->owner_start[side[k] + 1]; o++) {
                uint32_t grid = w->subset[a->owner[o]], at = 0;
                while (at < n_owners && owners[at] < grid)
                    at++;
                if (at < n_owners && owners[at] == grid)
                    continue;
                memmove(owners + at + 1, owners + at, (n_owners++ - at) * sizeof *owners);
                owners[at] = grid;
            }
        const wf_place place = {.rule = "G02",
                                .kind = "overlap",
                                .from = &a->shape,
                                .index = f,
                                .x = a->x[f],
                                .y = a->y[f],
                                .lone_vertex = n_owners == 2};
        WF_TRY(wf_findings_add_place(w->found, &place, n_owners, owners, err));
    }
    return WF_OK;
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
    WF_TRY(report_groups(w, &b, &o, err));
    return report_lost(w, a, &b, err);
}
