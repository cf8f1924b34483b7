/* Parents after their grids: union by cancelling edges, which is exact because the grids of a repaired level match
 * vertex by vertex. Sees whole levels, but draws only what does not fit. */
#include "coverage/parents.h"
#include "base/hash.h"
#include "coverage/borders.h"
#include "coverage/cover.h"
#include "coverage/mend.h"
#include "coverage/nest.h"
#include "coverage/redraw.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a misfit exceeds the places that moved by, when only rounding lies between them. */
static const double share = 1.001, rounding_m2 = 0.05;
enum { MAX_SWEEPS = 4 };

typedef struct {
    const wf_grids *grids;
    const wf_check_params *params;
    uint8_t level, child_level;
    wf_arena scratch;
    wf_borders children;
    uint32_t *parent_of;           /* grid of each child item, UINT32_MAX */
    uint32_t *child_start, *child; /* items by grid */
    double *misfit_m2;             /* of each grid */
    uint8_t *older;                /* of each grid: a misfit of it was there before */
    const wf_repair_result *moved;
    wf_near moves; /* places that changed hands, by their points */
    uint8_t *redraw;
    wf_polygons_builder drawn;
    uint32_t *drawn_at; /* polygon of each grid in `drawn`, UINT32_MAX */
} family;

static wf_code find_parents(family *f, wf_error *err) {
    const wf_grids *g = f->grids;
    uint32_t n = g->shape.n_grids;
    wf_names codes;
    wf_names_init(&codes, &f->scratch);
    uint32_t *of = WF_NEW(&f->scratch, uint32_t, n);
    f->parent_of = WF_NEW(&f->scratch, uint32_t, f->children.n_subset);
    f->child_start = WF_NEW(&f->scratch, uint32_t, (size_t)n + 2);
    f->child = WF_NEW(&f->scratch, uint32_t, f->children.n_subset);
    if (of == NULL || f->parent_of == NULL || f->child_start == NULL || f->child == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        if (g->level[i] != f->level || g->role[i] != WF_ROLE_PARTITION)
            continue;
        uint32_t before = codes.n, at = wf_names_add(&codes, g->code[i], strlen(g->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        if (at == before) /* of two parents with one code the first is the parent */
            of[at] = i;
    }
    for (uint32_t item = 0; item < f->children.n_subset; item++) {
        const char *code = g->parent[f->children.subset[item]];
        uint32_t at = code[0] == '\0' ? UINT32_MAX : wf_names_find(&codes, code, strlen(code));
        f->parent_of[item] = at == UINT32_MAX ? UINT32_MAX : of[at];
        if (at != UINT32_MAX)
            f->child_start[of[at] + 2]++;
    }
    for (uint32_t i = 0; i < n; i++)
        f->child_start[i + 2] += f->child_start[i + 1];
    for (uint32_t item = 0; item < f->children.n_subset; item++)
        if (f->parent_of[item] != UINT32_MAX)
            f->child[f->child_start[f->parent_of[item] + 1]++] = item;
    return WF_OK;
}

static bool has_children(const family *f, uint32_t grid) {
    return f->grids->level[grid] == f->level && f->grids->role[grid] == WF_ROLE_PARTITION &&
           f->child_start[grid + 1] > f->child_start[grid];
}

static wf_code index_moves(family *f, wf_error *err) {
    const wf_transfer *t = f->moved->transfer;
    double(*box)[4] = wf_arena_alloc(&f->scratch, f->moved->n_transfers, sizeof *box);
    if (box == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < f->moved->n_transfers; i++) {
        /* One place of several grids has a row for each of them. */
        bool again = i > 0 && t[i].x == t[i - 1].x && t[i].y == t[i - 1].y;
        box[i][0] = box[i][2] = again ? NAN : t[i].x;
        box[i][1] = box[i][3] = again ? NAN : t[i].y;
    }
    return wf_near_build(f->moved->n_transfers, box, &f->scratch, &f->moves, err);
}

/* Is the place of a finding made of places that changed hands? */
static wf_code is_explained(family *f, const wf_defects *d, const wf_defect *r, bool *out, wf_error *err) {
    double box[4], moved_m2 = 0;
    const uint32_t *items;
    uint32_t n;
    wf_polygons_box(&d->shape, r->shape, box);
    WF_TRY(wf_near_ask(&f->moves, box, &n, &items, err));
    for (uint32_t i = 0; i < n; i++) {
        const wf_transfer *t = &f->moved->transfer[items[i]];
        if (wf_cover_holds(&d->shape, r->shape, t->x, t->y))
            moved_m2 += t->area_m2;
    }
    *out = r->area_m2 <= share * moved_m2 + rounding_m2;
    return WF_OK;
}

static wf_code measure_misfits(family *f, wf_error *err) {
    wf_defects d;
    f->misfit_m2 = WF_NEW(&f->scratch, double, f->grids->shape.n_grids);
    f->older = WF_NEW(&f->scratch, uint8_t, f->grids->shape.n_grids);
    if (f->misfit_m2 == NULL || f->older == NULL)
        return wf_fail_nomem(err);
    WF_TRY(index_moves(f, err));
    WF_TRY(wf_coverage_nest(f->grids, f->level, f->child_level, f->params, &f->scratch, &d, err));
    for (uint32_t i = 0; i < d.n; i++) {
        const wf_defect *r = &d.row[i];
        bool explained;
        if (strcmp(r->rule, "G05") != 0 && strcmp(r->rule, "G15") != 0)
            continue;
        uint32_t parent = d.owner[r->owner_first + r->n_owners - 1];
        WF_TRY(is_explained(f, &d, r, &explained, err));
        f->misfit_m2[parent] += r->area_m2;
        f->older[parent] |= !explained;
    }
    return WF_OK;
}

/* Who is redrawn: those whose misfit is explained by what moved, and those beside them that fit. */
static wf_code pick(family *f, wf_error *err) {
    uint32_t n = f->grids->shape.n_grids, n_first = 0;
    uint32_t *first = WF_NEW(&f->scratch, uint32_t, n);
    double(*box)[4] = wf_arena_alloc(&f->scratch, n, sizeof *box);
    wf_near near;
    f->redraw = WF_NEW(&f->scratch, uint8_t, n);
    if (first == NULL || box == NULL || f->redraw == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        box[i][0] = box[i][1] = INFINITY;
        box[i][2] = box[i][3] = -INFINITY;
        if (!has_children(f, i))
            continue;
        wf_polygons_box(&f->grids->shape, i, box[i]);
        if (f->misfit_m2[i] > 0 && !f->older[i])
            f->redraw[first[n_first++] = i] = 1;
    }
    WF_TRY(wf_near_build(n, box, &f->scratch, &near, err));
    for (uint32_t k = 0; k < n_first; k++) {
        const uint32_t *items;
        uint32_t n_items;
        WF_TRY(wf_near_ask(&near, box[first[k]], &n_items, &items, err));
        for (uint32_t i = 0; i < n_items; i++)
            f->redraw[items[i]] |= f->misfit_m2[items[i]] == 0;
    }
    return WF_OK;
}

/* The edges of the children of a parent that are not between two of them; *simple is false when they overlap. */
static wf_code unite(family *f, uint32_t grid, wf_arena *local, wf_segments *out, bool *simple, wf_error *err) {
    wf_segments all = {.arena = local};
    *out = (wf_segments){.arena = local};
    *simple = true;
    for (uint32_t k = f->child_start[grid]; k < f->child_start[grid + 1]; k++)
        WF_TRY(wf_borders_add(&f->children, f->child[k], 1, &all, err));
    for (uint32_t i = 0; i < all.n; i++)
        all.segment[i] = wf_mend_lower(all.segment[i]);
    if (all.n > 0)
        qsort(all.segment, all.n, sizeof *all.segment, wf_mend_order);
    for (uint32_t i = 0, j; i < all.n; i = j) {
        wf_segment s = all.segment[i];
        int32_t sum = 0;
        for (j = i; j < all.n && all.segment[j].ax == s.ax && all.segment[j].ay == s.ay && all.segment[j].bx == s.bx &&
                    all.segment[j].by == s.by;
             j++)
            sum += all.segment[j].weight;
        if (sum < 0)
            s = (wf_segment){s.bx, s.by, s.ax, s.ay, 1, 0};
        *simple &= sum >= -1 && sum <= 1;
        if (sum != 0)
            WF_TRY(wf_segments_add(out, s, err));
    }
    return WF_OK;
}

static wf_code same_edges(family *f, uint32_t grid, const wf_segments *edges, wf_arena *local, bool *same,
                          wf_error *err) {
    wf_segments was = {.arena = local}, now = {.arena = local};
    WF_TRY(wf_segments_add_polygon(&was, &f->grids->shape, grid, 1, 0, err));
    for (uint32_t i = 0; i < was.n; i++)
        was.segment[i] = wf_mend_lower(was.segment[i]);
    for (uint32_t i = 0; i < edges->n; i++) {
        WF_TRY(wf_segments_add(&now, wf_mend_lower(edges->segment[i]), err));
        now.segment[i].owner = 0;
    }
    *same = was.n == now.n && was.n > 0;
    if (!*same)
        return WF_OK;
    qsort(was.segment, was.n, sizeof *was.segment, wf_mend_order);
    qsort(now.segment, now.n, sizeof *now.segment, wf_mend_order);
    for (uint32_t i = 0; i < was.n && *same; i++)
        *same = was.segment[i].ax == now.segment[i].ax && was.segment[i].ay == now.segment[i].ay &&
                was.segment[i].bx == now.segment[i].bx && was.segment[i].by == now.segment[i].by;
    return WF_OK;
}

static wf_code draw(family *f, uint32_t grid, wf_arena *local, wf_error *err) {
    wf_segments edges;
    bool simple, same;
    WF_TRY(unite(f, grid, local, &edges, &simple, err));
    WF_TRY(same_edges(f, grid, &edges, local, &same, err));
    if (!simple || edges.n == 0) {
        f->redraw[grid] = 0;
        return WF_OK;
    }
    f->misfit_m2[grid] = 0;
    if (same)
        return WF_OK;
    f->drawn_at[grid] = f->drawn.p.n_grids;
    wf_polygons_grid(&f->drawn);
    return wf_redraw(edges.n, edges.segment, NULL, local, &f->drawn, err);
}

static wf_code redraw_parents(family *f, uint8_t *fits, wf_polygons *drawn, uint32_t *n_left, wf_error *err) {
    uint32_t n = f->grids->shape.n_grids;
    wf_arena local;
    f->children = (wf_borders){
        .grids = f->grids, .p = &f->grids->shape, .params = f->params, .level = f->child_level, .scratch = &f->scratch};
    f->drawn_at = WF_NEW(&f->scratch, uint32_t, n);
    if (f->drawn_at == NULL)
        return wf_fail_nomem(err);
    memset(f->drawn_at, 0xFF, n * sizeof *f->drawn_at);
    wf_polygons_begin(&f->drawn, &f->scratch);
    WF_TRY(wf_borders_collect(&f->children, err));
    WF_TRY(find_parents(f, err));
    WF_TRY(measure_misfits(f, err));
    WF_TRY(pick(f, err));
    wf_arena_init(&local);
    for (uint32_t i = 0; i < n; i++) {
        if (!has_children(f, i))
            continue;
        wf_code code = f->redraw[i] ? draw(f, i, &local, err) : WF_OK;
        wf_arena_clear(&local);
        WF_TRY(code);
        if (f->misfit_m2[i] == 0)
            fits[i] = 1;
        else
            ++*n_left;
    }
    return wf_polygons_finish(&f->drawn, drawn, err);
}

wf_code wf_coverage_redraw_parents(const wf_grids *grids, uint8_t level, uint8_t child_level,
                                   const wf_check_params *params, const wf_repair_result *moved, uint8_t *fits,
                                   wf_arena *keep, wf_polygons *out, uint32_t *n_redrawn, uint32_t *n_left,
                                   wf_error *err) {
    family f = {.grids = grids, .params = params, .level = level, .child_level = child_level, .moved = moved};
    wf_polygons drawn = {0};
    wf_polygons_builder b;
    uint32_t left = 0;
    wf_arena_init(&f.scratch);
    wf_polygons_begin(&b, keep);
    wf_code code = redraw_parents(&f, fits, &drawn, &left, err);
    for (uint32_t i = 0; code == WF_OK && i < grids->shape.n_grids; i++) {
        if (f.drawn_at[i] == UINT32_MAX)
            wf_polygons_copy(&grids->shape, i, &b);
        else
            wf_polygons_copy(&drawn, f.drawn_at[i], &b);
    }
    if (code == WF_OK)
        code = wf_polygons_finish(&b, out, err);
    if (code == WF_OK) {
        *n_redrawn = drawn.n_grids;
        *n_left = left;
    }
    wf_arena_clear(&f.scratch);
    return code;
}

/* ---- all levels ------------------------------------------------------------------------------------------------- */

/* The lists of two levels behind each other; everything else is of the later one, or the sum. */
static wf_code append(wf_repair_result *all, const wf_repair_result *level, wf_arena *keep, wf_error *err) {
    uint32_t n = all->n_transfers + level->n_transfers, n_left = all->n_left + level->n_left;
    wf_transfer *transfer = WF_NEW(keep, wf_transfer, n);
    wf_left *left = WF_NEW(keep, wf_left, n_left);
    if (transfer == NULL || left == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        transfer[i] = i < all->n_transfers ? all->transfer[i] : level->transfer[i - all->n_transfers];
    for (uint32_t i = 0; i < n_left; i++)
        left[i] = i < all->n_left ? all->left[i] : level->left[i - all->n_left];
    all->shape = level->shape;
    all->transfer = transfer;
    all->left = left;
    all->n_transfers = n;
    all->n_left = n_left;
    all->n_gaps += level->n_gaps;
    all->n_overlaps += level->n_overlaps;
    all->moved_m2 += level->moved_m2;
    all->n_passes += level->n_passes;
    return WF_OK;
}

/* A parent that its grids fit goes before all rules. */
static wf_repair_params with_fits(const wf_repair_params *params, const uint8_t *locked) {
    wf_repair_params p = *params;
    p.locked = locked;
    p.n_order = 0;
    p.order[p.n_order++] = WF_REPAIR_LOCKED;
    for (uint32_t k = 0; k < params->n_order; k++)
        if (params->order[k] != WF_REPAIR_LOCKED)
            p.order[p.n_order++] = params->order[k];
    return p;
}

static wf_code repair_level(wf_grids *now, int level, int finer, const wf_repair_params *params, wf_arena *keep,
                            wf_repair_result *all, uint32_t *n_redrawn, uint32_t *n_left, wf_error *err) {
    wf_repair_result one;
    wf_repair_params p = *params;
    uint32_t redrawn = 0, left = 0, n = now->shape.n_grids;
    if (finer > 0) {
        uint8_t *locked = WF_NEW(keep, uint8_t, n);
        if (locked == NULL)
            return wf_fail_nomem(err);
        for (uint32_t i = 0; i < n; i++)
            locked[i] = params->locked != NULL && params->locked[i];
        WF_TRY(wf_coverage_redraw_parents(now, (uint8_t)level, (uint8_t)finer, params->check, all, locked, keep,
                                          &now->shape, &redrawn, &left, err));
        p = with_fits(params, locked);
    }
    WF_TRY(wf_coverage_repair(now, (uint8_t)level, &p, keep, &one, err));
    now->shape = one.shape;
    *n_redrawn += redrawn;
    *n_left += left;
    return append(all, &one, keep, err);
}

static bool same_shapes(const wf_polygons *p, const wf_polygons *q) {
    for (uint32_t i = 0; i < p->n_grids; i++)
        if (!wf_polygons_are_same(p, q, i))
            return false;
    return true;
}

wf_code wf_coverage_repair_levels(const wf_grids *grids, const wf_repair_params *params, wf_arena *keep,
                                  wf_repair_result *out, uint32_t *n_redrawn, uint32_t *n_left, wf_error *err) {
    uint32_t n = grids->shape.n_grids, redrawn = 0, left = 0;
    bool present[256] = {false};
    wf_grids now = *grids;
    wf_repair_result all = {.shape = grids->shape, .changed = WF_NEW(keep, uint8_t, n)};
    if (all.changed == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        present[grids->level[i]] |= grids->role[i] == WF_ROLE_PARTITION;
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
        const wf_polygons before = all.shape;
        int finer = 0;
        all.n_left = left = 0;
        for (int level = 255; level >= 0; level--) {
            if (!present[level])
                continue;
            WF_TRY(repair_level(&now, level, level > 0 ? finer : 0, params, keep, &all, &redrawn, &left, err));
            finer = level;
        }
        if (same_shapes(&before, &all.shape))
            break;
    }
    for (uint32_t i = 0; i < n; i++) {
        all.changed[i] = !wf_polygons_are_same(&all.shape, &grids->shape, i);
        all.n_changed += all.changed[i];
    }
    *out = all;
    *n_redrawn = redrawn;
    *n_left = left;
    return WF_OK;
}
