/* Borders of the grids as signed segments, and what is wrong with single rings. Hot: one pass over all vertices, and
 * the arrangement of each grid by itself. */
#include "coverage/borders.h"
#include "base/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool usable(const wf_borders *w, double x, double y) {
    return isfinite(x) && isfinite(y) && (!w->params->geographic || (fabs(x) <= 180.0 && fabs(y) <= 90.0));
}

/* Sign of the ring's orientation at its lowest, leftmost vertex; exact. 0: collapsed. */
static int orientation(const double *x, const double *y, uint32_t n) {
    uint32_t low = 0;
    for (uint32_t i = 1; i < n; i++)
        if (y[i] < y[low] || (y[i] == y[low] && x[i] < x[low]))
            low = i;
    uint32_t before = low, after = low;
    do
        before = before == 0 ? n - 1 : before - 1;
    while (before != low && x[before] == x[low] && y[before] == y[low]);
    do
        after = after + 1 == n ? 0 : after + 1;
    while (after != low && x[after] == x[low] && y[after] == y[low]);
    return wf_exact_orient(x[before], y[before], x[low], y[low], x[after], y[after]);
}

static wf_code push(wf_borders *w, wf_segment s, wf_error *err) {
    if (WF_ROOM(w->scratch, w->segment, w->n_segments, w->cap_segments))
        return wf_fail_nomem(err);
    w->segment[w->n_segments++] = s;
    return WF_OK;
}

static wf_code push_ring(wf_borders *w, const double *x, const double *y, uint32_t n, int32_t weight, uint32_t owner,
                         wf_error *err) {
    for (uint32_t i = 0, j = n - 1; i < n; j = i++)
        if (x[i] != x[j] || y[i] != y[j])
            WF_TRY(push(w, (wf_segment){x[j], y[j], x[i], y[i], weight, owner}, err));
    return WF_OK;
}

static wf_code add_ring(wf_borders *w, uint32_t item, uint32_t ring, bool shell, wf_error *err) {
    uint32_t from = w->p->ring_start[ring], n = w->p->ring_start[ring + 1] - from;
    const double *x = w->p->x + from, *y = w->p->y + from;
    uint32_t grid = w->subset[item];
    if (n > 1 && (x[n - 1] != x[0] || y[n - 1] != y[0]))
        WF_TRY(wf_findings_add_grid(w->found, "G01", "unclosed ring", WF_SERIOUS, grid, x[n - 1], y[n - 1], err));
    int turn = n < 3 ? 0 : orientation(x, y, n);
    if (turn == 0)
        return wf_findings_add_grid(w->found, "G01", "collapsed ring", WF_SERIOUS, grid, n > 0 ? x[0] : NAN,
                                    n > 0 ? y[0] : NAN, err);
    WF_TRY(push_ring(w, x, y, n, (turn > 0) == shell ? 1 : -1, item, err));
    double *box = w->box[item];
    for (uint32_t i = 0; i < n; i++) {
        box[0] = fmin(box[0], x[i]);
        box[1] = fmin(box[1], y[i]);
        box[2] = fmax(box[2], x[i]);
        box[3] = fmax(box[3], y[i]);
    }
    return WF_OK;
}

wf_code wf_borders_of_polygon(const wf_polygons *p, uint32_t i, int32_t weight, uint32_t owner, wf_borders *to,
                              wf_error *err) {
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++)
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
            int turn = n < 3 ? 0 : orientation(p->x + from, p->y + from, n);
            bool shell = ring == p->part_start[part];
            if (turn != 0)
                WF_TRY(push_ring(to, p->x + from, p->y + from, n, (turn > 0) == shell ? weight : -weight, owner, err));
        }
    return WF_OK;
}

/* The grid's own rings must count 0 or 1 everywhere; where they do not, its border becomes that of the even-odd region.
 */
static wf_code mend_winding(wf_borders *w, uint32_t item, wf_error *err) {
    uint32_t from = w->first_segment[item], n = w->n_segments - from;
    wf_arena local;
    wf_arena_init(&local);
    wf_arrangement a;
    wf_code code = wf_arrange(n, w->segment + from, false, &local, &a, err);
    uint32_t bad = WF_NO_FACE;
    for (uint32_t f = 0; code == WF_OK && f < a.n_faces && bad == WF_NO_FACE; f++)
        if (a.count[f] < 0 || a.count[f] > 1)
            bad = f;
    if (code == WF_OK && bad != WF_NO_FACE) {
        code = wf_findings_add_grid(w->found, "G01", "self-crossing ring", WF_SERIOUS, w->subset[item], a.x[bad],
                                    a.y[bad], err);
        w->n_segments = from;
        for (uint32_t s = 0; code == WF_OK && s < a.n_segments; s++) {
            int left = a.left[s] == WF_NO_FACE ? 0 : a.count[a.left[s]] & 1;
            int right = a.right[s] == WF_NO_FACE ? 0 : a.count[a.right[s]] & 1;
            wf_segment kept = a.segment[s];
            kept.weight = left - right;
            kept.owner = item;
            if (left == right)
                continue;
            code = push(w, kept, err);
        }
    }
    wf_arena_clear(&local);
    return code;
}

static wf_code add_grid(wf_borders *w, uint32_t item, wf_error *err) {
    uint32_t grid = w->subset[item], part0 = w->p->grid_start[grid], part1 = w->p->grid_start[grid + 1];
    if (part0 == part1)
        return wf_findings_add_grid(w->found, "G01", "no geometry", WF_SERIOUS, grid, NAN, NAN, err);
    uint32_t v1 = w->p->ring_start[w->p->part_start[part1]];
    for (uint32_t v = w->p->ring_start[w->p->part_start[part0]]; v < v1; v++)
        if (!usable(w, w->p->x[v], w->p->y[v]))
            return wf_findings_add_grid(w->found, "G01",
                                        isfinite(w->p->x[v] + w->p->y[v]) ? "coordinates out of range (axes swapped?)"
                                                                          : "coordinate is no number",
                                        WF_SERIOUS, grid, w->p->x[v], w->p->y[v], err);
    if (part1 - part0 > 1)
        WF_TRY(wf_findings_add_grid(w->found, "G07", "multipart", WF_INFORMATION, grid, w->p->x[v1 - 1],
                                    w->p->y[v1 - 1], err));
    for (uint32_t part = part0; part < part1; part++)
        for (uint32_t ring = w->p->part_start[part]; ring < w->p->part_start[part + 1]; ring++)
            WF_TRY(add_ring(w, item, ring, ring == w->p->part_start[part], err));
    return mend_winding(w, item, err);
}

wf_code wf_borders_collect(wf_borders *w, wf_error *err) {
    uint32_t n = w->p->n_grids;
    w->subset = WF_NEW(w->scratch, uint32_t, n);
    w->first_segment = WF_NEW(w->scratch, uint32_t, (size_t)n + 1);
    w->box = wf_arena_alloc(w->scratch, n, sizeof *w->box);
    w->duplicate = WF_NEW(w->scratch, uint8_t, n);
    if (w->subset == NULL || w->first_segment == NULL || w->box == NULL || w->duplicate == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        if (w->grids->level[i] == w->level && w->grids->role[i] == WF_ROLE_PARTITION)
            w->subset[w->n_subset++] = i;
    for (uint32_t item = 0; item < w->n_subset; item++) {
        double *box = w->box[item];
        box[0] = box[1] = INFINITY;
        box[2] = box[3] = -INFINITY;
        w->first_segment[item] = w->n_segments;
        WF_TRY(wf_check_poll(w->params, err));
        WF_TRY(add_grid(w, item, err));
    }
    w->first_segment[w->n_subset] = w->n_segments;
    return WF_OK;
}

static int by_geometry(const void *a, const void *b) {
    const wf_segment *p = a, *q = b;
    const double pv[] = {p->ax, p->ay, p->bx, p->by}, qv[] = {q->ax, q->ay, q->bx, q->by};
    for (int i = 0; i < 4; i++)
        if (pv[i] != qv[i])
            return pv[i] < qv[i] ? -1 : 1;
    return 0;
}

static bool same_geometry(const wf_borders *w, uint32_t a, uint32_t b, wf_arena *local) {
    uint32_t n = w->first_segment[a + 1] - w->first_segment[a];
    if (n == 0 || n != w->first_segment[b + 1] - w->first_segment[b])
        return false;
    wf_segment *p = WF_NEW(local, wf_segment, n), *q = WF_NEW(local, wf_segment, n);
    if (p == NULL || q == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        wf_segment s = w->segment[w->first_segment[a] + i], t = w->segment[w->first_segment[b] + i];
        p[i] = s.weight < 0 ? (wf_segment){s.bx, s.by, s.ax, s.ay, 1, 0} : s;
        q[i] = t.weight < 0 ? (wf_segment){t.bx, t.by, t.ax, t.ay, 1, 0} : t;
    }
    qsort(p, n, sizeof *p, by_geometry);
    qsort(q, n, sizeof *q, by_geometry);
    for (uint32_t i = 0; i < n; i++)
        if (by_geometry(&p[i], &q[i]) != 0)
            return false;
    return true;
}

typedef struct {
    double box[4];
    uint32_t item;
} box_key;

static int by_box(const void *a, const void *b) {
    const box_key *p = a, *q = b;
    for (int i = 0; i < 4; i++)
        if (p->box[i] != q->box[i])
            return p->box[i] < q->box[i] ? -1 : 1;
    return p->item < q->item ? -1 : p->item > q->item;
}

/* A grid that repeats an earlier one's border is reported once, as that, and left out of the count. */
wf_code wf_borders_drop_duplicates(wf_borders *w, wf_error *err) {
    box_key *keys = WF_NEW(w->scratch, box_key, w->n_subset);
    if (keys == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < w->n_subset; i++) {
        memcpy(keys[i].box, w->box[i], sizeof keys[i].box);
        keys[i].item = i;
    }
    qsort(keys, w->n_subset, sizeof *keys, by_box);
    wf_arena local;
    wf_arena_init(&local);
    wf_code code = WF_OK;
    for (uint32_t i = 0; code == WF_OK && i < w->n_subset; i++)
        for (uint32_t j = i + 1; j < w->n_subset && memcmp(keys[i].box, keys[j].box, sizeof keys[i].box) == 0; j++) {
            uint32_t a = keys[i].item, b = keys[j].item;
            if (w->duplicate[a] || w->duplicate[b] || !same_geometry(w, a, b, &local))
                continue;
            w->duplicate[b] = 1;
            const uint32_t owners[] = {w->subset[a], w->subset[b]};
            const wf_place place = {.rule = "G10",
                                    .kind = "duplicate geometry",
                                    .from = w->p,
                                    .index = owners[1],
                                    .x = (w->box[b][0] + w->box[b][2]) / 2,
                                    .y = (w->box[b][1] + w->box[b][3]) / 2};
            if (w->found == NULL)
                continue;
            code = wf_findings_add_place(w->found, &place, 2, owners, err);
            if (code == WF_OK)
                w->found->out.row[w->found->out.n - 1].severity = WF_SERIOUS;
        }
    wf_arena_clear(&local);
    if (code != WF_OK)
        return code;
    uint32_t kept = 0;
    for (uint32_t s = 0; s < w->n_segments; s++)
        if (!w->duplicate[w->segment[s].owner])
            w->segment[kept++] = w->segment[s];
    w->n_segments = kept;
    return WF_OK;
}

bool wf_borders_hold(const wf_segment *border, uint32_t n, double x, double y) {
    bool in = false;
    for (uint32_t i = 0; i < n; i++) {
        const wf_segment *s = &border[i];
        if ((s->ay > y) == (s->by > y))
            continue;
        int turn = s->by > s->ay ? wf_exact_orient(s->ax, s->ay, s->bx, s->by, x, y)
                                 : wf_exact_orient(s->bx, s->by, s->ax, s->ay, x, y);
        in ^= turn > 0;
    }
    return in;
}

void wf_borders_middle(const wf_borders *b, uint32_t n, const uint32_t *items, double *x, double *y) {
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (uint32_t i = 0; i < n; i++)
        for (int side = 0; side < 2; side++) {
            box[side] = fmin(box[side], b->box[items[i]][side]);
            box[side + 2] = fmax(box[side + 2], b->box[items[i]][side + 2]);
        }
    *x = (box[0] + box[2]) / 2;
    *y = (box[1] + box[3]) / 2;
}
