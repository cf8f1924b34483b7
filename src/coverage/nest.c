/* Parents against their children, parent by parent. Where a family fits, all its edges cancel but the children's inner
 * vertices on the parent's border; only misfits are looked at child by child. */
#include "coverage/nest.h"
#include "base/hash.h"
#include "coverage/borders.h"
#include "coverage/near.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const wf_grids *grids;
    const wf_check_params *params;
    wf_arena *scratch;
    wf_borders parents, children;
    wf_findings found;
    uint8_t level, child_level;
    wf_names codes;                /* of all grids */
    uint32_t *parent_of;           /* of each code: item in parents, UINT32_MAX */
    uint32_t *child_start, *child; /* items in children, by parent */
} nesting;

static wf_code collect(nesting *n, wf_borders *b, uint8_t level, wf_error *err) {
    *b = (wf_borders){
        .grids = n->grids, .p = &n->grids->shape, .params = n->params, .level = level, .scratch = n->scratch};
    return wf_borders_collect(b, err);
}

static wf_code number_codes(nesting *n, wf_error *err) {
    uint32_t n_grids = n->grids->shape.n_grids;
    wf_names_init(&n->codes, n->scratch);
    n->parent_of = WF_NEW(n->scratch, uint32_t, n_grids);
    if (n->parent_of == NULL)
        return wf_fail_nomem(err);
    memset(n->parent_of, 0xFF, n_grids * sizeof *n->parent_of);
    for (uint32_t i = 0; i < n_grids; i++)
        if (wf_names_add(&n->codes, n->grids->code[i], strlen(n->grids->code[i])) == UINT32_MAX)
            return wf_fail_nomem(err);
    for (uint32_t item = 0; item < n->parents.n_subset; item++) {
        const char *code = n->grids->code[n->parents.subset[item]];
        uint32_t at = wf_names_find(&n->codes, code, strlen(code));
        if (n->parent_of[at] == UINT32_MAX)
            n->parent_of[at] = item;
    }
    return WF_OK;
}

static uint32_t find_parent(const nesting *n, uint32_t child) {
    const char *code = n->grids->parent[n->children.subset[child]];
    uint32_t at = code[0] == '\0' ? UINT32_MAX : wf_names_find(&n->codes, code, strlen(code));
    return at == UINT32_MAX ? UINT32_MAX : n->parent_of[at];
}

static wf_code group_children(nesting *n, wf_error *err) {
    uint32_t n_children = n->children.n_subset, n_parents = n->parents.n_subset;
    n->child_start = WF_NEW(n->scratch, uint32_t, (size_t)n_parents + 2);
    n->child = WF_NEW(n->scratch, uint32_t, n_children);
    if (n->child_start == NULL || n->child == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n_children; i++) {
        uint32_t parent = find_parent(n, i);
        if (parent != UINT32_MAX)
            n->child_start[parent + 2]++;
    }
    for (uint32_t p = 0; p < n_parents; p++)
        n->child_start[p + 2] += n->child_start[p + 1];
    for (uint32_t i = 0; i < n_children; i++) {
        uint32_t parent = find_parent(n, i);
        if (parent != UINT32_MAX)
            n->child[n->child_start[parent + 1]++] = i;
    }
    return WF_OK;
}

/* ---- parent codes that name nothing ----------------------------------------------------------------------------- */

typedef struct {
    const char *parent;
    uint32_t item;
} orphan;

static int by_parent(const void *a, const void *b) {
    const orphan *p = a, *q = b;
    int order = strcmp(p->parent, q->parent);
    return order != 0 ? order : p->item < q->item ? -1 : p->item > q->item;
}

static wf_code report_orphans(nesting *n, wf_error *err) {
    const wf_borders *c = &n->children;
    orphan *orphans = WF_NEW(n->scratch, orphan, c->n_subset);
    uint32_t *owners = WF_NEW(n->scratch, uint32_t, c->n_subset), count = 0;
    uint32_t *items = WF_NEW(n->scratch, uint32_t, c->n_subset);
    if (orphans == NULL || owners == NULL || items == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < c->n_subset; i++) {
        const char *parent = n->grids->parent[c->subset[i]];
        if (parent[0] != '\0' && wf_names_find(&n->codes, parent, strlen(parent)) == UINT32_MAX)
            orphans[count++] = (orphan){parent, i};
    }
    if (count > 0)
        qsort(orphans, count, sizeof *orphans, by_parent);
    n->found.level = n->child_level;
    for (uint32_t i = 0, j; i < count; i = j) {
        for (j = i; j < count && strcmp(orphans[i].parent, orphans[j].parent) == 0; j++)
            owners[j - i] = c->subset[items[j - i] = orphans[j].item];
        wf_defect d = wf_findings_blank("G09", "parent code names no grid", WF_INFORMATION);
        wf_borders_middle(c, j - i, items, &d.x, &d.y);
        WF_TRY(wf_findings_add(&n->found, d, j - i, owners, err));
    }
    return WF_OK;
}

/* ---- families --------------------------------------------------------------------------------------------------- */

static wf_code report_count(nesting *n, const wf_arrangement *a, int32_t count, wf_place place, uint32_t n_owners,
                            const uint32_t *owners, wf_error *err) {
    place.from = &a->shape;
    for (uint32_t f = 0; f < a->n_faces; f++) {
        if (a->count[f] != count)
            continue;
        place.index = f;
        place.x = a->x[f];
        place.y = a->y[f];
        WF_TRY(wf_findings_add_place(&n->found, &place, n_owners, owners, err));
    }
    return WF_OK;
}

static wf_code check_child(nesting *n, uint32_t parent, uint32_t child, wf_arena *local, wf_error *err) {
    static const wf_place outside = {.rule = "G05", .kind = "outside its parent"};
    const uint32_t owners[] = {n->children.subset[child], n->parents.subset[parent]};
    wf_segments two = {.arena = local};
    wf_arrangement a;
    WF_TRY(wf_borders_add(&n->parents, parent, -1, &two, err));
    WF_TRY(wf_borders_add(&n->children, child, 1, &two, err));
    WF_TRY(wf_arrange(two.n, two.segment, false, local, &a, err));
    n->found.level = n->child_level;
    return report_count(n, &a, 1, outside, 2, owners, err);
}

/* A child that reaches outside lies over a face of 1 or more; so do children that overlap inside. */
static bool may_be_outside(const nesting *n, const wf_arrangement *a, uint32_t child) {
    for (uint32_t f = 0; f < a->n_faces; f++) {
        double box[4];
        if (a->count[f] < 1)
            continue;
        wf_polygons_box(&a->shape, f, box);
        if (wf_boxes_meet(box, n->children.box[child]))
            return true;
    }
    return false;
}

static wf_code check_family(nesting *n, uint32_t parent, wf_arena *local, wf_error *err) {
    static const wf_place unfilled = {.rule = "G15", .kind = "not filled by its grids"};
    uint32_t from = n->child_start[parent], to = n->child_start[parent + 1];
    if (from == to || !wf_borders_exist(&n->parents, parent))
        return WF_OK;
    wf_segments family = {.arena = local};
    wf_arrangement a;
    WF_TRY(wf_check_poll(n->params, err));
    WF_TRY(wf_borders_add(&n->parents, parent, -1, &family, err));
    for (uint32_t k = from; k < to; k++)
        WF_TRY(wf_borders_add(&n->children, n->child[k], 1, &family, err));
    WF_TRY(wf_arrange(family.n, family.segment, false, local, &a, err));
    n->found.level = n->level;
    WF_TRY(report_count(n, &a, -1, unfilled, 1, &n->parents.subset[parent], err));
    for (uint32_t k = from; k < to; k++)
        if (may_be_outside(n, &a, n->child[k]))
            WF_TRY(check_child(n, parent, n->child[k], local, err));
    return WF_OK;
}

static wf_code check_all(nesting *n, wf_error *err) {
    WF_TRY(collect(n, &n->parents, n->level, err));
    WF_TRY(collect(n, &n->children, n->child_level, err));
    WF_TRY(number_codes(n, err));
    WF_TRY(group_children(n, err));
    WF_TRY(report_orphans(n, err));
    wf_arena local;
    wf_arena_init(&local);
    wf_code code = WF_OK;
    for (uint32_t p = 0; code == WF_OK && p < n->parents.n_subset; p++) {
        code = check_family(n, p, &local, err);
        wf_arena_clear(&local);
    }
    return code;
}

static int by_order(const void *a, const void *b) {
    return wf_findings_order(a, b);
}

wf_code wf_coverage_nest(const wf_grids *grids, uint8_t level, uint8_t child_level, const wf_check_params *params,
                         wf_arena *keep, wf_defects *out, wf_error *err) {
    wf_arena scratch;
    wf_defects defects;
    nesting n = {.grids = grids, .params = params, .scratch = &scratch, .level = level, .child_level = child_level};
    wf_arena_init(&scratch);
    wf_findings_begin(&n.found, level, params, keep);
    wf_code code = check_all(&n, err);
    wf_arena_clear(&scratch);
    WF_TRY(code);
    WF_TRY(wf_findings_finish(&n.found, &defects, err));
    if (defects.n > 0)
        qsort(defects.row, defects.n, sizeof *defects.row, by_order);
    *out = defects;
    return WF_OK;
}
