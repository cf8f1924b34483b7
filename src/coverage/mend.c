/* One neighbourhood: its borders noded and arranged, the grids over each face, and the borders drawn anew. */
#include "coverage/decide.h"
#include "coverage/redraw.h"
#include <stdlib.h>
#include <string.h>

enum { MORE_DECIMALS = 2 };

/* The edges of the items: number, then what is known of it. */
typedef struct {
    wf_segments all;  /* owner is the number of the edge */
    uint32_t *local;  /* of each edge; WF_NOBODY: it cuts a gap */
    uint8_t *rim;     /* a grid that is not in the neighbourhood has the edge too */
    uint32_t *sorted; /* by ends */
} edges;

wf_segment wf_mend_lower(wf_segment s) {
    if (s.ax < s.bx || (s.ax == s.bx && s.ay <= s.by))
        return s;
    return (wf_segment){s.bx, s.by, s.ax, s.ay, -s.weight, s.owner};
}

static int by_ends(const wf_segment *p, const wf_segment *q) {
    const double pv[] = {p->ax, p->ay, p->bx, p->by}, qv[] = {q->ax, q->ay, q->bx, q->by};
    for (int i = 0; i < 4; i++)
        if (pv[i] != qv[i])
            return pv[i] < qv[i] ? -1 : 1;
    return 0;
}

int wf_mend_order(const void *a, const void *b) {
    const wf_segment *p = a, *q = b;
    int order = by_ends(p, q);
    return order != 0 ? order : p->owner < q->owner ? -1 : p->owner > q->owner;
}

/* ---- edges ------------------------------------------------------------------------------------------------------ */

/* Groups of edges with the same ends that add up to nothing in the whole level, but do not in the neighbourhood. */
static wf_code find_rim(const wf_mend_request *q, edges *e, wf_arena *keep, wf_error *err) {
    wf_segment *s = WF_NEW(keep, wf_segment, e->all.n);
    e->rim = WF_NEW(keep, uint8_t, e->all.n);
    if (s == NULL || e->rim == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < e->all.n; i++)
        s[i] = wf_mend_lower(e->all.segment[i]);
    if (e->all.n > 0)
        qsort(s, e->all.n, sizeof *s, wf_mend_order);
    for (uint32_t i = 0, j; i < e->all.n; i = j) {
        int32_t sum = 0;
        for (j = i; j < e->all.n && by_ends(&s[i], &s[j]) == 0; j++)
            sum += s[j].weight;
        wf_segment asked = s[i];
        asked.owner = q->item[e->local[asked.owner]];
        bool open = q->n_rest > 0 && bsearch(&asked, q->rest, q->n_rest, sizeof asked, wf_mend_order) != NULL;
        for (uint32_t k = i; k < j; k++)
            e->rim[s[k].owner] = sum != 0 && !open;
    }
    return WF_OK;
}

static wf_code list_edges(const wf_mend_request *q, edges *e, wf_arena *keep, wf_error *err) {
    uint32_t cap = 0;
    *e = (edges){.all = {.arena = keep}};
    for (uint32_t local = 0; local < q->n_items; local++) {
        uint32_t from = e->all.n;
        WF_TRY(wf_borders_add(q->b, q->item[local], 1, &e->all, err));
        for (uint32_t i = from; i < e->all.n; i++) {
            if (WF_ROOM(keep, e->local, i, cap))
                return wf_fail_nomem(err);
            e->local[i] = local;
            e->all.segment[i].owner = i;
        }
    }
    return find_rim(q, e, keep, err);
}

static wf_code list_vertices(const wf_mend_request *q, wf_spots *out, wf_error *err) {
    const wf_polygons *p = q->b->p;
    for (uint32_t local = 0; local < q->n_items; local++) {
        uint32_t grid = q->b->subset[q->item[local]], to = p->ring_start[p->part_start[p->grid_start[grid + 1]]];
        for (uint32_t v = p->ring_start[p->part_start[p->grid_start[grid]]]; v < to; v++)
            WF_TRY(wf_spots_add(out, p->x[v], p->y[v], err));
    }
    wf_spots_sort(out);
    return WF_OK;
}

static bool is_in(const wf_mend_request *q, uint32_t item) {
    uint32_t low = 0, high = q->n_items;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (q->item[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low < q->n_items && q->item[low] == item;
}

/* An edge on the rim that was split needs its vertices on the other side too. */
static wf_code ask_for_more(const wf_mend_request *q, const edges *e, const wf_segments *pieces, wf_arena *keep,
                            wf_mend *out, wf_error *err) {
    for (uint32_t i = 0; i < pieces->n; i++) {
        const wf_segment *s = &pieces->segment[i];
        if (!e->rim[s->owner])
            continue;
        wf_segment whole = wf_mend_lower(e->all.segment[s->owner]), piece = wf_mend_lower(*s);
        if (by_ends(&whole, &piece) == 0)
            continue;
        double south = whole.ay < whole.by ? whole.ay : whole.by, north = whole.ay < whole.by ? whole.by : whole.ay;
        const double box[] = {whole.ax, south, whole.bx, north};
        const uint32_t *items;
        uint32_t n;
        WF_TRY(wf_near_ask(q->near, box, &n, &items, err));
        for (uint32_t k = 0; k < n; k++) {
            if (q->b->duplicate[items[k]] || is_in(q, items[k]))
                continue;
            if (WF_ROOM(keep, out->more, out->n_more, out->cap_more))
                return wf_fail_nomem(err);
            out->more[out->n_more++] = items[k];
            out->outcome = WF_MEND_WIDER;
        }
    }
    return WF_OK;
}

/* ---- faces ------------------------------------------------------------------------------------------------------ */

static wf_code list_sides(wf_mending *m, wf_error *err) {
    m->side_start = WF_NEW(m->keep, uint32_t, (size_t)m->n_faces + 2);
    m->side = WF_NEW(m->keep, uint32_t, 2 * (size_t)m->a.n_segments);
    if (m->side_start == NULL || m->side == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < m->a.n_segments; s++)
            for (int left = 0; left < 2; left++) {
                uint32_t f = wf_mend_face(m, s, left);
                if (pass == 0)
                    m->side_start[f + 2]++;
                else
                    m->side[m->side_start[f + 1]++] = s;
            }
        for (uint32_t f = 0; pass == 0 && f < m->n_faces; f++)
            m->side_start[f + 2] += m->side_start[f + 1];
    }
    return WF_OK;
}

/* Who changes across a segment: the items of its edges, out of the set or into it. */
static uint32_t cross(const wf_mending *m, const edges *e, uint32_t s, uint32_t n, uint32_t *set) {
    for (uint32_t k = m->a.owner_start[s]; k < m->a.owner_start[s + 1]; k++) {
        uint32_t local = e->local[m->a.owner[k]], i = 0;
        if (local == WF_NOBODY)
            continue;
        while (i < n && set[i] < local)
            i++;
        if (i < n && set[i] == local) {
            memmove(set + i, set + i + 1, (--n - i) * sizeof *set);
            continue;
        }
        memmove(set + i + 1, set + i, (n++ - i) * sizeof *set);
        set[i] = local;
    }
    return n;
}

/* From the outside inwards. Borders are closed, so every way to a face gives the same set; *closed says whether. */
static wf_code find_sets(wf_mending *m, const edges *e, bool *closed, wf_error *err) {
    uint32_t n = 0, cap = 0, n_queue = 0;
    uint32_t *queue = WF_NEW(m->keep, uint32_t, m->n_faces), *set = WF_NEW(m->keep, uint32_t, e->all.n + 1);
    uint8_t *known = WF_NEW(m->keep, uint8_t, m->n_faces);
    m->set_at = WF_NEW(m->keep, uint32_t, m->n_faces);
    m->n_set = WF_NEW(m->keep, uint32_t, m->n_faces);
    m->beyond = WF_NEW(m->keep, uint8_t, m->n_faces);
    if (queue == NULL || set == NULL || known == NULL || m->set_at == NULL || m->n_set == NULL || m->beyond == NULL ||
        WF_ROOM(m->keep, m->set, n, cap))
        return wf_fail_nomem(err);
    known[m->n_faces - 1] = m->beyond[m->n_faces - 1] = 1;
    queue[n_queue++] = m->n_faces - 1;
    *closed = true;
    for (uint32_t at = 0; at < n_queue; at++) {
        uint32_t f = queue[at];
        for (uint32_t k = m->side_start[f]; k < m->side_start[f + 1]; k++) {
            uint32_t s = m->side[k], left = wf_mend_face(m, s, true);
            uint32_t over = left == f ? wf_mend_face(m, s, false) : left, n_set = m->n_set[f];
            if (n_set > 0)
                memcpy(set, m->set + m->set_at[f], n_set * sizeof *set);
            n_set = cross(m, e, s, n_set, set);
            if (known[over]) {
                *closed &= n_set == m->n_set[over] && memcmp(set, m->set + m->set_at[over], n_set * sizeof *set) == 0;
                continue;
            }
            known[over] = 1;
            queue[n_queue++] = over;
            m->set_at[over] = n;
            m->n_set[over] = n_set;
            for (uint32_t i = 0; i < n_set; i++) {
                if (WF_ROOM(m->keep, m->set, n, cap))
                    return wf_fail_nomem(err);
                m->set[n++] = set[i];
            }
        }
    }
    return WF_OK;
}

/* A face of none beside an edge on the rim holds grids that are not in the neighbourhood. */
static void find_beyond(wf_mending *m, const edges *e) {
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        bool rim = false;
        for (uint32_t k = m->a.owner_start[s]; k < m->a.owner_start[s + 1]; k++)
            rim |= e->rim[m->a.owner[k]];
        for (int left = 0; left < 2 && rim; left++) {
            uint32_t f = wf_mend_face(m, s, left);
            m->beyond[f] |= m->n_set[f] == 0;
        }
    }
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

typedef struct {
    wf_vertex at;
    uint32_t segment;
} corner;

static int by_corner(const void *a, const void *b) {
    const corner *p = a, *q = b;
    if (p->at.x != q->at.x)
        return p->at.x < q->at.x ? -1 : 1;
    if (p->at.y != q->at.y)
        return p->at.y < q->at.y ? -1 : 1;
    return p->segment < q->segment ? -1 : p->segment > q->segment;
}

static bool have_common_edge(const wf_arrangement *a, uint32_t s, uint32_t t) {
    for (uint32_t i = a->owner_start[s]; i < a->owner_start[s + 1]; i++)
        for (uint32_t k = a->owner_start[t]; k < a->owner_start[t + 1]; k++)
            if (a->owner[i] == a->owner[k])
                return true;
    return false;
}

static bool is_border(const wf_mending *m, uint32_t s) {
    return m->owner[wf_mend_face(m, s, true)] != m->owner[wf_mend_face(m, s, false)];
}

/* Vertices that were made where a border only runs through along one edge. */
static wf_code find_needless(const wf_mending *m, const wf_spots *fixed, wf_spots *out, wf_error *err) {
    corner *c = WF_NEW(m->keep, corner, 2 * (size_t)m->a.n_segments);
    uint32_t n = 0;
    if (c == NULL)
        return wf_fail_nomem(err);
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        const wf_segment *e = &m->a.segment[s];
        if (!is_border(m, s))
            continue;
        c[n++] = (corner){{e->ax, e->ay}, s};
        c[n++] = (corner){{e->bx, e->by}, s};
    }
    if (n > 0)
        qsort(c, n, sizeof *c, by_corner);
    for (uint32_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && c[i].at.x == c[j].at.x && c[i].at.y == c[j].at.y; j++)
            ;
        if (j - i == 2 && !wf_spots_hold(fixed, c[i].at.x, c[i].at.y) &&
            have_common_edge(&m->a, c[i].segment, c[i + 1].segment))
            WF_TRY(wf_spots_add(out, c[i].at.x, c[i].at.y, err));
    }
    wf_spots_sort(out);
    return WF_OK;
}

/* The border edges of each item, interior on the left. */
static wf_code list_borders(const wf_mending *m, uint32_t **start, wf_segment **out, wf_error *err) {
    uint32_t n = m->q->n_items;
    *start = WF_NEW(m->keep, uint32_t, (size_t)n + 2);
    *out = WF_NEW(m->keep, wf_segment, 2 * (size_t)m->a.n_segments);
    if (*start == NULL || *out == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < m->a.n_segments; s++)
            for (int left = 0; left < 2 && is_border(m, s); left++) {
                uint32_t owner = m->owner[wf_mend_face(m, s, left)];
                wf_segment e = m->a.segment[s];
                if (owner == WF_NOBODY)
                    continue;
                if (!left)
                    e = (wf_segment){e.bx, e.by, e.ax, e.ay, 0, 0};
                if (pass == 0)
                    (*start)[owner + 2]++;
                else
                    (*out)[(*start)[owner + 1]++] = e;
            }
        for (uint32_t i = 0; pass == 0 && i < n; i++)
            (*start)[i + 2] += (*start)[i + 1];
    }
    return WF_OK;
}

static int by_ends_only(const void *a, const void *b) {
    return by_ends(a, b);
}

static wf_code sorted_edges(wf_segments *s, wf_error *err) {
    (void)err;
    for (uint32_t i = 0; i < s->n; i++)
        s->segment[i] = wf_mend_lower(s->segment[i]);
    if (s->n > 0)
        qsort(s->segment, s->n, sizeof *s->segment, by_ends_only);
    return WF_OK;
}

/* Has the grid that was drawn last in `drawn` the edges that the item had? */
static wf_code is_same(const wf_mend_request *q, uint32_t local, const wf_polygons_builder *drawn, uint32_t first_ring,
                       wf_arena *local_keep, bool *same, wf_error *err) {
    wf_segments was = {.arena = local_keep}, now = {.arena = local_keep};
    const wf_polygons *p = &drawn->p;
    WF_TRY(wf_borders_add(q->b, q->item[local], 1, &was, err));
    for (uint32_t ring = first_ring; ring < p->n_rings; ring++) {
        uint32_t from = p->ring_start[ring], to = ring + 1 < p->n_rings ? p->ring_start[ring + 1] : p->n_vertices;
        WF_TRY(wf_segments_add_ring(&now, to - from, p->x + from, p->y + from, 1, 0, err));
    }
    WF_TRY(sorted_edges(&was, err));
    WF_TRY(sorted_edges(&now, err));
    *same = was.n == now.n;
    for (uint32_t i = 0; *same && i < was.n; i++)
        *same = by_ends(&was.segment[i], &now.segment[i]) == 0;
    return WF_OK;
}

static wf_code draw_items(wf_mending *m, const wf_spots *fixed, wf_mend *out, wf_error *err) {
    uint32_t *start;
    wf_segment *border;
    wf_spots needless = {.arena = m->keep};
    wf_polygons_builder drawn;
    wf_polygons_begin(&drawn, m->keep);
    WF_TRY(list_borders(m, &start, &border, err));
    if (m->q->dissolve)
        WF_TRY(find_needless(m, fixed, &needless, err));
    out->changed = WF_NEW(m->keep, uint8_t, m->q->n_items);
    if (out->changed == NULL)
        return wf_fail_nomem(err);
    for (uint32_t local = 0; local < m->q->n_items; local++) {
        bool same = false;
        uint32_t first_ring = drawn.p.n_rings;
        wf_polygons_grid(&drawn);
        WF_TRY(wf_redraw(start[local + 1] - start[local], border + start[local], &needless, m->keep, &drawn, err));
        if (drawn.failed)
            return wf_fail_nomem(err);
        if (!m->q->invalid[m->q->item[local]])
            WF_TRY(is_same(m->q, local, &drawn, first_ring, m->keep, &same, err));
        out->changed[local] = !same;
    }
    return wf_polygons_finish(&drawn, &out->shape, err);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* Cuts are edges of nobody. */
static wf_code add_cuts(edges *e, const wf_segments *cuts, wf_arena *keep, wf_error *err) {
    uint32_t n = e->all.n + cuts->n, *local = WF_NEW(keep, uint32_t, n);
    uint8_t *rim = WF_NEW(keep, uint8_t, n);
    if (local == NULL || rim == NULL)
        return wf_fail_nomem(err);
    memcpy(local, e->local, e->all.n * sizeof *local);
    memcpy(rim, e->rim, e->all.n);
    for (uint32_t i = 0; i < cuts->n; i++) {
        wf_segment s = cuts->segment[i];
        local[s.owner = e->all.n] = WF_NOBODY;
        WF_TRY(wf_segments_add(&e->all, s, err));
    }
    e->local = local;
    e->rim = rim;
    return WF_OK;
}

static wf_code mark_cuts(wf_mending *m, const edges *e, wf_error *err) {
    if ((m->cut = WF_NEW(m->keep, uint8_t, m->a.n_segments)) == NULL)
        return wf_fail_nomem(err);
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        bool all = true;
        for (uint32_t k = m->a.owner_start[s]; k < m->a.owner_start[s + 1]; k++)
            all &= e->local[m->a.owner[k]] == WF_NOBODY;
        m->cut[s] = all;
    }
    return WF_OK;
}

/* Where vertices lie as close as the lattice is wide, rounding can go round in circles; a finer one ends it. */
static wf_code node_edges(const wf_mending *m, const edges *e, const wf_spots *fixed, wf_segments *out, wf_error *err) {
    uint32_t n_decimals = m->q->params->n_decimals;
    wf_code code = WF_LIMIT;
    for (uint32_t finer = 0; code == WF_LIMIT && finer <= MORE_DECIMALS; finer++)
        code = wf_spots_node(e->all.n, e->all.segment, fixed, n_decimals + finer, m->keep, out, err);
    return code;
}

/* Arrange and decide. With `cuts` they are found, else they are among the edges. */
static wf_code resolve(wf_mending *m, const edges *e, const wf_spots *fixed, wf_segments *cuts, wf_mend *out,
                       wf_error *err) {
    const wf_mend_request *q = m->q;
    wf_segments pieces;
    bool closed = false;
    *out = (wf_mend){.outcome = WF_MEND_DONE};
    WF_TRY(node_edges(m, e, fixed, &pieces, err));
    WF_TRY(ask_for_more(q, e, &pieces, m->keep, out, err));
    if (out->outcome == WF_MEND_WIDER)
        return WF_OK;
    WF_TRY(wf_arrange(pieces.n, pieces.segment, true, m->keep, &m->a, err));
    m->n_faces = m->a.n_faces + 1;
    m->owner = WF_NEW(m->keep, uint32_t, m->n_faces);
    if (m->owner == NULL)
        return wf_fail_nomem(err);
    WF_TRY(mark_cuts(m, e, err));
    WF_TRY(list_sides(m, err));
    WF_TRY(find_sets(m, e, &closed, err));
    if (!closed)
        return wf_fail(err, WF_INTERNAL, "a border does not close");
    find_beyond(m, e);
    return wf_mend_decide(m, cuts, out, err);
}

static wf_code mend(const wf_mend_request *q, wf_arena *keep, wf_mend *out, wf_error *err) {
    wf_mending m = {.q = q, .keep = keep};
    wf_spots fixed = {.arena = keep};
    wf_segments cuts = {.arena = keep};
    edges e;
    WF_TRY(wf_check_poll(q->params->check, err));
    WF_TRY(list_edges(q, &e, keep, err));
    WF_TRY(list_vertices(q, &fixed, err));
    WF_TRY(resolve(&m, &e, &fixed, q->dissolve ? &cuts : NULL, out, err));
    if (out->outcome == WF_MEND_DONE && cuts.n > 0) {
        const uint32_t n_gaps = out->n_gaps; /* not their pieces */
        WF_TRY(add_cuts(&e, &cuts, keep, err));
        WF_TRY(resolve(&m, &e, &fixed, NULL, out, err));
        out->n_gaps = n_gaps;
    }
    return out->outcome == WF_MEND_DONE ? draw_items(&m, &fixed, out, err) : WF_OK;
}

wf_code wf_mend_cluster(const wf_mend_request *request, wf_arena *keep, wf_mend *out, wf_error *err) {
    *out = (wf_mend){.outcome = WF_MEND_DONE};
    wf_error why = {0};
    wf_code code = mend(request, keep, out, &why);
    /* Places that do not settle are left as they are; they must not stop the rest. */
    if (code == WF_LIMIT || code == WF_INTERNAL) {
        *out = (wf_mend){.outcome = WF_MEND_FAILED};
        return WF_OK;
    }
    if (code != WF_OK && err != NULL)
        *err = why;
    return code;
}
