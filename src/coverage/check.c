/* From grids to findings. Hot: the matching of edges in the arrangement; everything after it sees only what did not
 * cancel. */
#include "coverage/check.h"
#include "base/exact.h"
#include "coverage/arrange.h"
#include "coverage/thickness.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const wf_grids *grids;
    const wf_polygons *p;
    const wf_polygons *outline;
    const wf_measure *measure;
    double floor_m;
    bool geographic;
    uint8_t level;
    wf_arena *keep, scratch;
    uint32_t n_subset, *subset;
    wf_segment *segment; /* all borders, interior on the left */
    uint32_t n_segments, cap_segments;
    uint32_t *first_segment; /* of each subset item, n_subset + 1 */
    double (*box)[4];        /* west, south, east, north of each subset item */
    uint8_t *duplicate;      /* subset item repeats an earlier geometry */
    wf_defects out;
    uint32_t cap_rows, n_owners, cap_owners;
    wf_polygons_builder shapes;
} work;

/* ---- findings --------------------------------------------------------------------------------------------------- */

static wf_severity by_size(const work *w, double thickness_m, double area_m2) {
    if (thickness_m <= w->floor_m)
        return WF_NOISE;
    if (thickness_m <= 1.0)
        return WF_SLIVER;
    return thickness_m <= 5.0 || area_m2 <= 100.0 ? WF_ORDINARY : WF_SERIOUS;
}

static wf_code add_owner(work *w, uint32_t grid, wf_error *err) {
    if (WF_ROOM(w->keep, w->out.owner, w->n_owners, w->cap_owners))
        return wf_fail_nomem(err);
    w->out.owner[w->n_owners++] = grid;
    return WF_OK;
}

static wf_code add_row(work *w, wf_defect d, uint32_t n_owners, const uint32_t *owners, wf_error *err) {
    if (WF_ROOM(w->keep, w->out.row, w->out.n, w->cap_rows))
        return wf_fail_nomem(err);
    d.level = w->level;
    d.owner_first = w->n_owners;
    d.n_owners = n_owners;
    for (uint32_t i = 0; i < n_owners; i++)
        WF_TRY(add_owner(w, owners[i], err));
    w->out.row[w->out.n++] = d;
    return WF_OK;
}

static wf_code add_grid_finding(work *w, const char *rule, const char *kind, wf_severity severity, uint32_t grid,
                                double x, double y, wf_error *err) {
    wf_defect d = {.rule = rule, .kind = kind, .severity = severity, .shape = UINT32_MAX, .x = x, .y = y};
    d.area_m2 = d.thickness_m = d.length_m = NAN;
    return add_row(w, d, 1, &grid, err);
}

/* Copy face i of `from` into the findings' shapes, measured. lone_vertex: one of its two sides is a single edge, so
 * that a face within the floor is one grid's vertex that the other lacks. */
static wf_code add_face(work *w, const char *rule, const char *kind, const wf_polygons *from, uint32_t i, double x,
                        double y, bool lone_vertex, uint32_t n_owners, const uint32_t *owners, wf_error *err) {
    wf_defect d = {.rule = rule, .kind = kind, .shape = w->shapes.p.n_grids, .x = x, .y = y};
    wf_polygons_grid(&w->shapes);
    for (uint32_t part = from->grid_start[i]; part < from->grid_start[i + 1]; part++) {
        wf_polygons_part(&w->shapes);
        for (uint32_t ring = from->part_start[part]; ring < from->part_start[part + 1]; ring++) {
            wf_polygons_ring(&w->shapes);
            for (uint32_t k = from->ring_start[ring]; k < from->ring_start[ring + 1]; k++)
                wf_polygons_vertex(&w->shapes, from->x[k], from->y[k]);
        }
    }
    uint32_t shell = from->part_start[from->grid_start[i]], at = from->ring_start[shell];
    d.area_m2 = wf_polygons_area_m2(from, i, w->measure);
    d.length_m =
        w->measure->length_m(w->measure->self, from->ring_start[shell + 1] - at, from->x + at, from->y + at) / 2;
    d.thickness_m = wf_thickness_m(from, i, w->measure);
    if (isnan(d.thickness_m))
        return wf_fail_nomem(err);
    d.severity = by_size(w, d.thickness_m, d.area_m2);
    if (lone_vertex && d.severity == WF_NOISE) {
        d.rule = "G06";
        d.kind = "unmatched vertex";
    }
    return add_row(w, d, n_owners, owners, err);
}

/* ---- borders ---------------------------------------------------------------------------------------------------- */

static bool usable(const work *w, double x, double y) {
    return isfinite(x) && isfinite(y) && (!w->geographic || (fabs(x) <= 180.0 && fabs(y) <= 90.0));
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

static wf_code add_ring(work *w, uint32_t item, uint32_t ring, bool shell, wf_error *err) {
    uint32_t from = w->p->ring_start[ring], n = w->p->ring_start[ring + 1] - from;
    const double *x = w->p->x + from, *y = w->p->y + from;
    uint32_t grid = w->subset[item];
    if (n > 1 && (x[n - 1] != x[0] || y[n - 1] != y[0]))
        WF_TRY(add_grid_finding(w, "G01", "unclosed ring", WF_SERIOUS, grid, x[n - 1], y[n - 1], err));
    int turn = n < 3 ? 0 : orientation(x, y, n);
    if (turn == 0)
        return add_grid_finding(w, "G01", "collapsed ring", WF_SERIOUS, grid, n > 0 ? x[0] : NAN, n > 0 ? y[0] : NAN,
                                err);
    int32_t weight = (turn > 0) == shell ? 1 : -1;
    for (uint32_t i = 0, j = n - 1; i < n; j = i++) {
        if (x[i] == x[j] && y[i] == y[j])
            continue;
        if (WF_ROOM(&w->scratch, w->segment, w->n_segments, w->cap_segments))
            return wf_fail_nomem(err);
        w->segment[w->n_segments++] = (wf_segment){x[j], y[j], x[i], y[i], weight, item};
        double *box = w->box[item];
        box[0] = fmin(box[0], x[i]);
        box[1] = fmin(box[1], y[i]);
        box[2] = fmax(box[2], x[i]);
        box[3] = fmax(box[3], y[i]);
    }
    return WF_OK;
}

/* The grid's own rings must count 0 or 1 everywhere; where they do not, its border becomes that of the even-odd region.
 */
static wf_code mend_winding(work *w, uint32_t item, wf_error *err) {
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
        code = add_grid_finding(w, "G01", "self-crossing ring", WF_SERIOUS, w->subset[item], a.x[bad], a.y[bad], err);
        w->n_segments = from;
        for (uint32_t s = 0; code == WF_OK && s < a.n_segments; s++) {
            int left = a.left[s] == WF_NO_FACE ? 0 : a.count[a.left[s]] & 1;
            int right = a.right[s] == WF_NO_FACE ? 0 : a.count[a.right[s]] & 1;
            wf_segment kept = a.segment[s];
            kept.weight = left - right;
            kept.owner = item;
            if (left == right)
                continue;
            if (WF_ROOM(&w->scratch, w->segment, w->n_segments, w->cap_segments))
                code = wf_fail_nomem(err);
            else
                w->segment[w->n_segments++] = kept;
        }
    }
    wf_arena_clear(&local);
    return code;
}

static wf_code add_grid(work *w, uint32_t item, wf_error *err) {
    uint32_t grid = w->subset[item], part0 = w->p->grid_start[grid], part1 = w->p->grid_start[grid + 1];
    if (part0 == part1)
        return add_grid_finding(w, "G01", "no geometry", WF_SERIOUS, grid, NAN, NAN, err);
    uint32_t v1 = w->p->ring_start[w->p->part_start[part1]];
    for (uint32_t v = w->p->ring_start[w->p->part_start[part0]]; v < v1; v++)
        if (!usable(w, w->p->x[v], w->p->y[v]))
            return add_grid_finding(w, "G01",
                                    isfinite(w->p->x[v] + w->p->y[v]) ? "coordinates out of range (axes swapped?)"
                                                                      : "coordinate is no number",
                                    WF_SERIOUS, grid, w->p->x[v], w->p->y[v], err);
    if (part1 - part0 > 1)
        WF_TRY(add_grid_finding(w, "G07", "multipart", WF_INFORMATION, grid, w->p->x[v1 - 1], w->p->y[v1 - 1], err));
    for (uint32_t part = part0; part < part1; part++)
        for (uint32_t ring = w->p->part_start[part]; ring < w->p->part_start[part + 1]; ring++)
            WF_TRY(add_ring(w, item, ring, ring == w->p->part_start[part], err));
    return mend_winding(w, item, err);
}

static wf_code collect(work *w, wf_error *err) {
    uint32_t n = w->p->n_grids;
    w->subset = WF_NEW(&w->scratch, uint32_t, n);
    w->first_segment = WF_NEW(&w->scratch, uint32_t, (size_t)n + 1);
    w->box = wf_arena_alloc(&w->scratch, n, sizeof *w->box);
    w->duplicate = WF_NEW(&w->scratch, uint8_t, n);
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
        WF_TRY(add_grid(w, item, err));
    }
    w->first_segment[w->n_subset] = w->n_segments;
    return WF_OK;
}

/* ---- codes and duplicates --------------------------------------------------------------------------------------- */

typedef struct {
    const char *code;
    uint32_t item;
} code_key;

static int by_code(const void *a, const void *b) {
    const code_key *p = a, *q = b;
    int order = strcmp(p->code, q->code);
    return order != 0 ? order : p->item < q->item ? -1 : p->item > q->item;
}

static wf_code check_codes(work *w, wf_error *err) {
    code_key *keys = WF_NEW(&w->scratch, code_key, w->n_subset);
    if (keys == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < w->n_subset; i++)
        keys[i] = (code_key){w->grids->code[w->subset[i]], i};
    qsort(keys, w->n_subset, sizeof *keys, by_code);
    for (uint32_t i = 0, j; i < w->n_subset; i = j) {
        for (j = i + 1; j < w->n_subset && strcmp(keys[i].code, keys[j].code) == 0; j++) {
            const double *box = w->box[keys[j].item];
            WF_TRY(add_grid_finding(w, "G08", "duplicate code", WF_SERIOUS, w->subset[keys[j].item],
                                    (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, err));
        }
    }
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

static bool same_geometry(const work *w, uint32_t a, uint32_t b, wf_arena *local) {
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

static bool all_digits(const char *text) {
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* What the attributes say against the geometry and each other; information, never part of the verdict. Codes carry
 * their parent's code as prefix where both are digits (a scheme of letters says nothing about nesting). */
static wf_code check_attributes(work *w, wf_error *err) {
    for (uint32_t item = 0; item < w->n_subset; item++) {
        uint32_t grid = w->subset[item];
        const double *box = w->box[item];
        const char *code = w->grids->code[grid], *parent = w->grids->parent[grid];
        double x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2, declared = w->grids->declared_area_m2[grid];
        if (all_digits(code) && all_digits(parent) && strncmp(code, parent, strlen(parent)) != 0)
            WF_TRY(add_grid_finding(w, "G09", "code unlike its parent's", WF_INFORMATION, grid, x, y, err));
        if (declared > 0 && w->first_segment[item + 1] > w->first_segment[item]) {
            double area = wf_polygons_area_m2(w->p, grid, w->measure);
            if (fabs(declared - area) > 0.01 * area)
                WF_TRY(
                    add_grid_finding(w, "G11", "declared area unlike the computed", WF_INFORMATION, grid, x, y, err));
        }
        if (w->grids->workers[grid] <= 0)
            WF_TRY(add_grid_finding(w, "G13", "no worker", WF_INFORMATION, grid, x, y, err));
    }
    return WF_OK;
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
static wf_code find_duplicates(work *w, wf_error *err) {
    box_key *keys = WF_NEW(&w->scratch, box_key, w->n_subset);
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
            code = add_face(w, "G10", "duplicate geometry", w->p, owners[1], (w->box[b][0] + w->box[b][2]) / 2,
                            (w->box[b][1] + w->box[b][3]) / 2, false, 2, owners, err);
            w->out.row[w->out.n - 1].severity = WF_SERIOUS;
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

/* ---- gaps ------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t face, owner;
} pair;

static int by_face(const void *a, const void *b) {
    const pair *p = a, *q = b;
    if (p->face != q->face)
        return p->face < q->face ? -1 : 1;
    return p->owner < q->owner ? -1 : p->owner > q->owner;
}

/* The faces of a wanted count (`below`: that or less), each with the grids beside it. Faces beside the outline, owner
 * n_subset, take the second rule. */
static wf_code report_faces(work *w, const wf_arrangement *a, int32_t count, bool below, const char *const rules[2],
                            const char *kind, wf_error *err) {
    pair *pairs = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t s = 0; s < a->n_segments; s++)
        for (int side = 0; side < 2; side++) {
            uint32_t face = side ? a->left[s] : a->right[s];
            if (face == WF_NO_FACE || (below ? a->count[face] > count : a->count[face] != count))
                continue;
            for (uint32_t k = a->owner_start[s]; k < a->owner_start[s + 1]; k++) {
                if (WF_ROOM(&w->scratch, pairs, n, cap))
                    return wf_fail_nomem(err);
                pairs[n++] = (pair){face, a->owner[k] == w->n_subset ? UINT32_MAX : w->subset[a->owner[k]]};
            }
        }
    if (n > 0)
        qsort(pairs, n, sizeof *pairs, by_face);
    uint32_t *owners = WF_NEW(&w->scratch, uint32_t, (size_t)n + 1);
    if (owners == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0, j; i < n; i = j) {
        uint32_t face = pairs[i].face, n_owners = 0;
        uint32_t sides[2] = {0, 0}; /* edges of the first two owners */
        bool at_outline = false;
        for (j = i; j < n && pairs[j].face == face; j++) {
            if (pairs[j].owner == UINT32_MAX)
                at_outline = true;
            else if (j == i || pairs[j].owner != pairs[j - 1].owner)
                owners[n_owners++] = pairs[j].owner;
            if (n_owners == 1 || n_owners == 2)
                sides[n_owners - 1]++;
        }
        bool lone = n_owners == 2 && !at_outline && (sides[0] == 1 || sides[1] == 1);
        WF_TRY(
            add_face(w, rules[at_outline], kind, &a->shape, face, a->x[face], a->y[face], lone, n_owners, owners, err));
    }
    return WF_OK;
}

static wf_code report_gaps(work *w, const wf_arrangement *a, wf_error *err) {
    static const char *const rules[] = {"G03", "G03"};
    return report_faces(w, a, 0, true, rules, "gap", err);
}

/* With an outline its rings count -1 and the rest of the union +1: what is left at -1 is unfilled, at +1 outside. The
 * union is the residual with every place that a grid covers counted once. */
static wf_code report_outline(work *w, const wf_arrangement *a, wf_error *err) {
    static const char *const gap_rules[] = {"G03", "G04"}, *const outside_rules[] = {"G14", "G14"};
    const wf_polygons *o = w->outline;
    uint32_t cap = a->n_segments + o->n_vertices, n = 0;
    wf_segment *all = WF_NEW(&w->scratch, wf_segment, cap);
    if (all == NULL)
        return wf_fail_nomem(err);
    for (uint32_t s = 0; s < a->n_segments; s++) {
        int left = a->left[s] != WF_NO_FACE && a->count[a->left[s]] > 0;
        int right = a->right[s] != WF_NO_FACE && a->count[a->right[s]] > 0;
        for (uint32_t k = a->owner_start[s]; left != right && k < a->owner_start[s] + 1; k++) {
            all[n] = a->segment[s];
            all[n].weight = left - right;
            all[n++].owner = a->owner[k];
        }
    }
    for (uint32_t part = 0; part < o->n_parts; part++)
        for (uint32_t ring = o->part_start[part]; ring < o->part_start[part + 1]; ring++) {
            uint32_t from = o->ring_start[ring], n_ring = o->ring_start[ring + 1] - from;
            const double *x = o->x + from, *y = o->y + from;
            int turn = n_ring < 3 ? 0 : orientation(x, y, n_ring);
            int32_t weight = (turn > 0) == (ring == o->part_start[part]) ? -1 : 1;
            for (uint32_t i = 0, j = n_ring - 1; turn != 0 && i < n_ring; j = i++)
                if (x[i] != x[j] || y[i] != y[j])
                    all[n++] = (wf_segment){x[j], y[j], x[i], y[i], weight, w->n_subset};
        }
    wf_arrangement b;
    WF_TRY(wf_arrange(n, all, false, &w->scratch, &b, err));
    WF_TRY(report_faces(w, &b, -1, false, gap_rules, "gap", err));
    return report_faces(w, &b, 1, false, outside_rules, "outside the outline", err);
}

/* ---- overlaps --------------------------------------------------------------------------------------------------- */

/* Is the place inside the grid, by the even-odd rule on its mended border? */
static bool covers(const work *w, uint32_t item, const wf_segment *border, uint32_t n, double x, double y) {
    const double *box = w->box[item];
    if (x < box[0] || x > box[2] || y < box[1] || y > box[3])
        return false;
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

typedef struct {
    wf_segment *border; /* borders of the grids near overlaps, by grid */
    uint32_t n_border, *first, *item, n_items;
    uint32_t *set_start, *set; /* grids over each face of the second arrangement */
    uint32_t *group;           /* of each face; UINT32_MAX where fewer than two lie over it */
} overlay;

/* The grids whose box meets the box of an overlapping face, with their whole borders. */
static wf_code take_near(work *w, const wf_arrangement *a, overlay *o, wf_error *err) {
    o->border = WF_NEW(&w->scratch, wf_segment, w->n_segments);
    o->first = WF_NEW(&w->scratch, uint32_t, (size_t)w->n_subset + 1);
    o->item = WF_NEW(&w->scratch, uint32_t, w->n_subset);
    uint8_t *near = WF_NEW(&w->scratch, uint8_t, w->n_subset);
    if (o->border == NULL || o->first == NULL || o->item == NULL || near == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < a->n_faces; f++) {
        if (a->count[f] < 2)
            continue;
        double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
        uint32_t to = a->shape.ring_start[a->shape.part_start[f] + 1];
        for (uint32_t i = a->shape.ring_start[a->shape.part_start[f]]; i < to; i++) {
            west = fmin(west, a->shape.x[i]);
            east = fmax(east, a->shape.x[i]);
            south = fmin(south, a->shape.y[i]);
            north = fmax(north, a->shape.y[i]);
        }
        for (uint32_t i = 0; i < w->n_subset; i++)
            near[i] |= w->box[i][0] <= east && w->box[i][2] >= west && w->box[i][1] <= north && w->box[i][3] >= south;
    }
    for (uint32_t s = 0; s < w->n_segments; s++) {
        uint32_t item = w->segment[s].owner;
        if (!near[item])
            continue;
        if (o->n_items == 0 || o->item[o->n_items - 1] != item) {
            o->first[o->n_items] = o->n_border;
            o->item[o->n_items++] = item;
        }
        o->border[o->n_border++] = w->segment[s];
    }
    o->first[o->n_items] = o->n_border;
    return WF_OK;
}

static wf_code find_sets(work *w, const wf_arrangement *b, overlay *o, wf_error *err) {
    uint32_t n = 0, cap = 0;
    o->set_start = WF_NEW(&w->scratch, uint32_t, (size_t)b->n_faces + 1);
    o->group = WF_NEW(&w->scratch, uint32_t, b->n_faces);
    if (o->set_start == NULL || o->group == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < b->n_faces; f++) {
        o->set_start[f] = n;
        for (uint32_t i = 0; b->count[f] >= 2 && i < o->n_items; i++) {
            if (!covers(w, o->item[i], o->border + o->first[i], o->first[i + 1] - o->first[i], b->x[f], b->y[f]))
                continue;
            if (WF_ROOM(&w->scratch, o->set, n, cap))
                return wf_fail_nomem(err);
            o->set[n++] = w->subset[o->item[i]];
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
static bool one_edge_side(const work *w, const wf_arrangement *b, const pair *sides, uint32_t n) {
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
static wf_code report_groups(work *w, const wf_arrangement *b, const overlay *o, wf_error *err) {
    pair *sides = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t s = 0; s < b->n_segments; s++) {
        uint32_t l = group_of(o, b->left[s]), r = group_of(o, b->right[s]);
        for (int side = 0; side < 2 && l != r; side++) {
            uint32_t group = side ? l : r;
            if (group == UINT32_MAX)
                continue;
            if (WF_ROOM(&w->scratch, sides, n, cap))
                return wf_fail_nomem(err);
            sides[n++] = (pair){group, 2 * s + (uint32_t)side};
        }
    }
    if (n > 0)
        qsort(sides, n, sizeof *sides, by_face);
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
            if (a.count[f] == 1)
                WF_GO(add_face(w, "G02", "overlap", &a.shape, f, a.x[f], a.y[f],
                               n_set == 2 && one_edge_side(w, b, sides + i, j - i), n_set, o->set + first, err));
        wf_arena_clear(&local);
    }
done:
    wf_arena_clear(&local);
    return code;
}

static wf_code report_overlaps(work *w, const wf_arrangement *a, wf_error *err) {
    bool any = false;
    for (uint32_t f = 0; f < a->n_faces; f++)
        any |= a->count[f] >= 2;
    if (!any)
        return WF_OK;
    overlay o = {0};
    wf_arrangement b;
    WF_TRY(take_near(w, a, &o, err));
    WF_TRY(wf_arrange(o.n_border, o.border, true, &w->scratch, &b, err));
    WF_TRY(find_sets(w, &b, &o, err));
    join_faces(&b, &o);
    return report_groups(w, &b, &o, err);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static int by_rule_and_place(const void *a, const void *b) {
    const wf_defect *p = a, *q = b;
    int order = strcmp(p->rule, q->rule);
    if (order != 0)
        return order;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->owner_first < q->owner_first ? -1 : p->owner_first > q->owner_first;
}

static wf_code find_all(work *w, wf_error *err) {
    WF_TRY(collect(w, err));
    WF_TRY(check_codes(w, err));
    WF_TRY(check_attributes(w, err));
    WF_TRY(find_duplicates(w, err));
    wf_arrangement a;
    WF_TRY(wf_arrange(w->n_segments, w->segment, false, &w->scratch, &a, err));
    WF_TRY(w->outline != NULL ? report_outline(w, &a, err) : report_gaps(w, &a, err));
    return report_overlaps(w, &a, err);
}

wf_code wf_coverage_check(const wf_grids *grids, uint8_t level, const wf_polygons *outline, double floor_m,
                          bool geographic, const wf_measure *measure, wf_arena *keep, wf_defects *out, wf_error *err) {
    work w = {.grids = grids,
              .p = &grids->shape,
              .outline = outline,
              .measure = measure,
              .floor_m = floor_m,
              .geographic = geographic,
              .level = level,
              .keep = keep};
    wf_arena_init(&w.scratch);
    wf_polygons_begin(&w.shapes, keep);
    wf_code code = find_all(&w, err);
    wf_arena_clear(&w.scratch);
    WF_TRY(code);
    WF_TRY(wf_polygons_finish(&w.shapes, &w.out.shape, err));
    if (w.out.n > 0)
        qsort(w.out.row, w.out.n, sizeof *w.out.row, by_rule_and_place);
    *out = w.out;
    return WF_OK;
}
