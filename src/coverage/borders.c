/* Borders of the grids, and what is wrong with single rings. Hot: one pass over all vertices; only grids of several
 * rings, or whose ring meets itself, are arranged by themselves. */
#include "coverage/borders.h"
#include "base/exact.h"
#include "base/pool.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool usable(const wf_borders *w, double x, double y) {
    return isfinite(x) && isfinite(y) && (!w->params->geographic || (fabs(x) <= 180.0 && fabs(y) <= 90.0));
}

static void widen(double box[4], uint32_t n, const double *x, const double *y) {
    double west = box[0], south = box[1], east = box[2], north = box[3];
    for (uint32_t i = 0; i < n; i++) {
        west = x[i] < west ? x[i] : west;
        south = y[i] < south ? y[i] : south;
        east = x[i] > east ? x[i] : east;
        north = y[i] > north ? y[i] : north;
    }
    box[0] = west;
    box[1] = south;
    box[2] = east;
    box[3] = north;
}

/* Nearly all grids are one simple closed ring of usable coordinates: true when this is one, and then it is taken. */
static bool take_simple(wf_borders *w, uint32_t item) {
    const wf_polygons *p = w->p;
    uint32_t grid = w->subset[item], part = p->grid_start[grid];
    if (p->grid_start[grid + 1] - part != 1 || p->part_start[part + 1] - p->part_start[part] != 1)
        return false;
    uint32_t ring = p->part_start[part], from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
    const double *x = p->x + from, *y = p->y + from;
    bool all = true;
    for (uint32_t i = 0; i < n; i++)
        all &= usable(w, x[i], y[i]);
    if (!all || !wf_ring_is_simple(n, x, y))
        return false;
    w->weight[ring] = (int8_t)wf_ring_turn(n, x, y);
    widen(w->box[item], n, x, y);
    return true;
}

static wf_code add_ring(wf_borders *w, uint32_t item, uint32_t ring, bool shell, wf_error *err) {
    uint32_t from = w->p->ring_start[ring], n = w->p->ring_start[ring + 1] - from;
    const double *x = w->p->x + from, *y = w->p->y + from;
    uint32_t grid = w->subset[item];
    if (n > 1 && (x[n - 1] != x[0] || y[n - 1] != y[0]))
        WF_TRY(wf_findings_add_grid(w->found, "G01", "unclosed ring", WF_SERIOUS, grid, x[n - 1], y[n - 1], err));
    int turn = wf_ring_turn(n, x, y);
    if (turn == 0)
        return wf_findings_add_grid(w->found, "G01", "collapsed ring", WF_SERIOUS, grid, n > 0 ? x[0] : NAN,
                                    n > 0 ? y[0] : NAN, err);
    w->weight[ring] = (turn > 0) == shell ? 1 : -1;
    widen(w->box[item], n, x, y);
    return WF_OK;
}

/* The grid's own rings must count 0 or 1 everywhere; where they do not, its border becomes that of the even-odd region.
 */
static wf_code mend_winding(wf_borders *w, uint32_t item, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    wf_segments drawn = {.arena = &local};
    wf_arrangement a;
    wf_code code = WF_OK;
    WF_GO(wf_borders_add(w, item, 1, &drawn, err));
    WF_GO(wf_arrange(drawn.n, drawn.segment, false, &local, &a, err));
    uint32_t bad = WF_NO_FACE;
    for (uint32_t f = 0; f < a.n_faces && bad == WF_NO_FACE; f++)
        if (a.count[f] < 0 || a.count[f] > 1)
            bad = f;
    if (bad == WF_NO_FACE)
        goto done;
    WF_GO(wf_findings_add_grid(w->found, "G01", "self-crossing ring", WF_SERIOUS, w->subset[item], a.x[bad], a.y[bad],
                               err));
    uint32_t grid = w->subset[item], last = w->p->part_start[w->p->grid_start[grid + 1]];
    for (uint32_t ring = w->p->part_start[w->p->grid_start[grid]]; ring < last; ring++)
        w->weight[ring] = 0;
    for (uint32_t s = 0; s < a.n_segments; s++) {
        int left = a.left[s] == WF_NO_FACE ? 0 : a.count[a.left[s]] & 1;
        int right = a.right[s] == WF_NO_FACE ? 0 : a.count[a.right[s]] & 1;
        wf_segment kept = a.segment[s];
        kept.weight = left - right;
        kept.owner = item;
        if (left != right)
            WF_GO(wf_segments_add(&w->mended, kept, err));
    }
done:
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

/* ---- all grids -------------------------------------------------------------------------------------------------- */

enum { ITEMS_A_CHUNK = 512 };

typedef struct {
    wf_borders *b;
    uint8_t *taken; /* of each item */
} taking;

static wf_code take_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    (void)thread;
    taking *t = ctx;
    uint32_t from = chunk * ITEMS_A_CHUNK, to = from + ITEMS_A_CHUNK;
    to = to < t->b->n_subset ? to : t->b->n_subset;
    WF_TRY(wf_check_poll(t->b->params, err));
    for (uint32_t item = from; item < to; item++)
        t->taken[item] = take_simple(t->b, item);
    return WF_OK;
}

wf_code wf_borders_collect(wf_borders *w, wf_error *err) {
    uint32_t n = w->p->n_grids;
    taking t = {w, WF_NEW(w->scratch, uint8_t, n)};
    w->subset = WF_NEW(w->scratch, uint32_t, n);
    w->box = wf_arena_alloc(w->scratch, n, sizeof *w->box);
    w->duplicate = WF_NEW(w->scratch, uint8_t, n);
    w->weight = WF_NEW(w->scratch, int8_t, w->p->n_rings);
    w->mended.arena = w->residual.arena = w->scratch;
    if (t.taken == NULL || w->subset == NULL || w->box == NULL || w->duplicate == NULL || w->weight == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        if (w->grids->level[i] == w->level && w->grids->role[i] == WF_ROLE_PARTITION)
            w->subset[w->n_subset++] = i;
    for (uint32_t item = 0; item < w->n_subset; item++) {
        double *box = w->box[item];
        box[0] = box[1] = INFINITY;
        box[2] = box[3] = -INFINITY;
    }
    WF_TRY(wf_pool_run(w->params->pool, (w->n_subset + ITEMS_A_CHUNK - 1) / ITEMS_A_CHUNK, take_chunk, &t, err));
    for (uint32_t item = 0; item < w->n_subset; item++) {
        if (t.taken[item])
            continue;
        WF_TRY(wf_check_poll(w->params, err));
        WF_TRY(add_grid(w, item, err));
    }
    return WF_OK;
}

/* The first mended segment of an item or of a later one. */
static uint32_t first_mended(const wf_borders *b, uint32_t item) {
    uint32_t low = 0, high = b->mended.n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (b->mended.segment[middle].owner < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool wf_borders_exist(const wf_borders *b, uint32_t item) {
    uint32_t grid = b->subset[item], last = b->p->part_start[b->p->grid_start[grid + 1]];
    for (uint32_t ring = b->p->part_start[b->p->grid_start[grid]]; ring < last; ring++)
        if (b->weight[ring] != 0)
            return true;
    return first_mended(b, item) < first_mended(b, item + 1);
}

wf_code wf_borders_add(const wf_borders *b, uint32_t item, int32_t sign, wf_segments *to, wf_error *err) {
    const wf_polygons *p = b->p;
    uint32_t grid = b->subset[item], last = p->part_start[p->grid_start[grid + 1]];
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < last; ring++) {
        uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
        if (b->weight[ring] != 0)
            WF_TRY(wf_segments_add_ring(to, n, p->x + from, p->y + from, sign * b->weight[ring], item, err));
    }
    for (uint32_t k = first_mended(b, item); k < b->mended.n && b->mended.segment[k].owner == item; k++) {
        wf_segment s = b->mended.segment[k];
        s.weight *= sign;
        WF_TRY(wf_segments_add(to, s, err));
    }
    return WF_OK;
}

/* ---- duplicates ------------------------------------------------------------------------------------------------- */

static wf_code same_geometry(const wf_borders *w, uint32_t a, uint32_t b, bool *same, wf_error *err) {
    const uint32_t items[] = {a, b};
    wf_arena local;
    wf_arena_init(&local);
    wf_segments drawn[2] = {{.arena = &local}, {.arena = &local}};
    wf_code code = WF_OK;
    for (int k = 0; k < 2; k++) {
        WF_GO(wf_borders_add(w, items[k], 1, &drawn[k], err));
        for (uint32_t i = 0; i < drawn[k].n; i++) {
            wf_segment *s = &drawn[k].segment[i];
            if (s->weight < 0)
                *s = (wf_segment){s->bx, s->by, s->ax, s->ay, 1, 0};
        }
        if (drawn[k].n > 0)
            qsort(drawn[k].segment, drawn[k].n, sizeof *drawn[k].segment, wf_segment_order);
    }
    *same = drawn[0].n > 0 && drawn[0].n == drawn[1].n;
    for (uint32_t i = 0; *same && i < drawn[0].n; i++)
        *same = wf_segment_order(&drawn[0].segment[i], &drawn[1].segment[i]) == 0;
done:
    wf_arena_clear(&local);
    return code;
}

static wf_code report_duplicate(wf_borders *w, uint32_t first, uint32_t item, wf_error *err) {
    const double *box = w->box[item];
    const uint32_t owners[] = {w->subset[first], w->subset[item]};
    const wf_place place = {.rule = "G10",
                            .kind = "duplicate geometry",
                            .from = w->p,
                            .index = owners[1],
                            .x = (box[0] + box[2]) / 2,
                            .y = (box[1] + box[3]) / 2};
    if (w->found == NULL)
        return WF_OK;
    WF_TRY(wf_findings_add_place(w->found, &place, 2, owners, err));
    w->found->out.row[w->found->out.n - 1].severity = WF_SERIOUS;
    return WF_OK;
}

static uint64_t hash_of_box(const double box[4]) {
    uint64_t h = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t bits;
        double v = box[i] + 0.0; /* −0 is 0 */
        memcpy(&bits, &v, sizeof bits);
        h = (h ^ bits) * 0x9FB21C651E98DF25U;
        h ^= h >> 32;
    }
    return h;
}

static bool same_box(const double a[4], const double b[4]) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* A grid that repeats an earlier one's border is reported once, as that, and left out of the count. Those that differ
 * from each other and have one box are chained. */
wf_code wf_borders_drop_duplicates(wf_borders *w, wf_error *err) {
    uint32_t n_table = 16;
    while (n_table < w->n_subset + w->n_subset / 2)
        n_table *= 2;
    uint32_t *table = WF_NEW(w->scratch, uint32_t, n_table), *next = WF_NEW(w->scratch, uint32_t, w->n_subset);
    if (table == NULL || next == NULL)
        return wf_fail_nomem(err);
    for (uint32_t item = 0; item < w->n_subset; item++) {
        uint32_t at = (uint32_t)hash_of_box(w->box[item]) & (n_table - 1), *link = &table[at];
        while (*link != 0 && !same_box(w->box[*link - 1], w->box[item]))
            link = &table[at = (at + 1) & (n_table - 1)];
        bool same = false;
        for (; *link != 0; link = &next[*link - 1]) {
            WF_TRY(same_geometry(w, *link - 1, item, &same, err));
            if (same)
                break;
        }
        if (!same) {
            *link = item + 1;
            continue;
        }
        w->duplicate[item] = 1;
        WF_TRY(report_duplicate(w, *link - 1, item, err));
    }
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
