/* All levels in one table, each place once. Comparisons are of findings with findings near them. */
#include "coverage/levels.h"
#include "coverage/cover.h"
#include "coverage/findings.h"
#include "coverage/near.h"
#include "coverage/nest.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KIN_GAP = 1, KIN_OVERLAP = 2, KIN_OUTSIDE = 4, KIN_MISFIT = 8 };

typedef struct {
    double x, y;
} spot;

typedef struct {
    const wf_grids *grids;
    const wf_check_params *params;
    wf_arena *keep;
    wf_findings all;
    wf_defects so_far; /* `all` as it stood when last finished */
    double (*box)[4];  /* of each row; infinite the wrong way round without a shape */
    unsigned *kin;     /* of each row */
    uint32_t cap_boxes, cap_kin;
    spot *vertex; /* of the findings of finer levels, sorted */
    uint32_t n_vertices;
    wf_near near;             /* rows of finer levels than the one that is looked at */
    wf_arena near_keep;       /* of near and vertex */
    uint32_t *list, cap_list; /* rows that may cover a place */
    uint32_t *shapes, cap_shapes;
} levels;

static unsigned kin_of(const wf_defect *d) {
    static const struct {
        const char *rule;
        unsigned kin;
    } table[] = {{"G02", KIN_OVERLAP},          {"G03", KIN_GAP},     {"G04", KIN_GAP},
                 {"G05", KIN_MISFIT},           {"G10", KIN_OVERLAP}, {"G14", KIN_OUTSIDE},
                 {"G06", KIN_GAP | KIN_OVERLAP}};
    for (size_t i = 0; d->shape != UINT32_MAX && i < sizeof table / sizeof *table; i++)
        if (strcmp(d->rule, table[i].rule) == 0)
            return table[i].kin;
    return 0;
}

static wf_code take(levels *l, const wf_defects *from, uint32_t row, wf_error *err) {
    uint32_t at = l->all.out.n;
    if (WF_ROOM(l->keep, l->box, at, l->cap_boxes) || WF_ROOM(l->keep, l->kin, at, l->cap_kin))
        return wf_fail_nomem(err);
    l->kin[at] = kin_of(&from->row[row]);
    l->box[at][0] = l->box[at][1] = INFINITY;
    l->box[at][2] = l->box[at][3] = -INFINITY;
    if (from->row[row].shape != UINT32_MAX)
        wf_polygons_box(&from->shape, from->row[row].shape, l->box[at]);
    WF_TRY(wf_findings_copy(&l->all, from, row, err));
    return wf_findings_finish(&l->all, &l->so_far, err);
}

static int by_place(const void *a, const void *b) {
    const spot *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

/* From here on the rows that there are, and their vertices, can be asked for. */
static wf_code index_rows(levels *l, wf_error *err) {
    uint32_t n = 0;
    wf_arena_clear(&l->near_keep);
    for (uint32_t i = 0; i < l->so_far.n; i++)
        n += l->so_far.row[i].n_vertices;
    if ((l->vertex = WF_NEW(&l->near_keep, spot, n)) == NULL)
        return wf_fail_nomem(err);
    l->n_vertices = 0;
    for (uint32_t i = 0; i < l->so_far.n; i++) {
        const wf_defect *d = &l->so_far.row[i];
        for (uint32_t k = d->vertex_first; k < d->vertex_first + d->n_vertices; k++)
            l->vertex[l->n_vertices++] = (spot){l->so_far.vertex_x[k], l->so_far.vertex_y[k]};
    }
    if (n > 0)
        qsort(l->vertex, n, sizeof *l->vertex, by_place);
    return wf_near_build(l->so_far.n, l->box, &l->near_keep, &l->near, err);
}

static bool vertex_is_known(const levels *l, double x, double y) {
    const spot at = {x, y};
    return l->n_vertices > 0 && bsearch(&at, l->vertex, l->n_vertices, sizeof at, by_place) != NULL;
}

/* List the rows of finer levels with one of the kins whose box meets that of the place. */
static wf_code list_near(levels *l, const wf_defect *d, const double box[4], unsigned kin, uint32_t *n, wf_error *err) {
    const uint32_t *rows;
    uint32_t n_rows;
    *n = 0;
    l->near.box = l->box; /* it may have moved since */
    WF_TRY(wf_near_ask(&l->near, box, &n_rows, &rows, err));
    for (uint32_t i = 0; i < n_rows; i++) {
        const wf_defect *r = &l->so_far.row[rows[i]];
        if (r->level <= d->level || (l->kin[rows[i]] & kin) == 0)
            continue;
        if (WF_ROOM(l->keep, l->list, *n, l->cap_list) || WF_ROOM(l->keep, l->shapes, *n, l->cap_shapes))
            return wf_fail_nomem(err);
        l->shapes[*n] = r->shape;
        l->list[(*n)++] = rows[i];
    }
    return WF_OK;
}

/* Of the rows over the middle of a place a gap goes before a child outside its parent; UINT32_MAX: none. */
static uint32_t pick(const levels *l, uint32_t n_near, const wf_defect *d) {
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < n_near; i++) {
        const wf_defect *r = &l->so_far.row[l->list[i]];
        if (wf_cover_holds(&l->so_far.shape, r->shape, d->x, d->y) &&
            (best == UINT32_MAX || strcmp(r->rule, l->so_far.row[best].rule) < 0))
            best = l->list[i];
    }
    return best;
}

/* The row over the middle of the place when rows of finer levels cover all of it; else UINT32_MAX. */
static wf_code find_cover(levels *l, const wf_defects *from, const wf_defect *d, unsigned kin, uint32_t *out,
                          wf_error *err) {
    double box[4], rest_m2 = 0;
    uint32_t n_near;
    *out = UINT32_MAX;
    wf_polygons_box(&from->shape, d->shape, box);
    WF_TRY(list_near(l, d, box, kin, &n_near, err));
    uint32_t best = pick(l, n_near, d);
    if (best == UINT32_MAX || d->thickness_m <= 1e-5) {
        *out = best;
        return WF_OK;
    }
    wf_code code =
        wf_cover_rest(&from->shape, d->shape, &l->so_far.shape, n_near, l->shapes, l->params, &rest_m2, NULL, err);
    /* Places as thin as the rounding of their coordinates may not settle: they are told apart rather than lost. */
    if (code == WF_LIMIT)
        return WF_OK;
    WF_TRY(code);
    if (rest_m2 <= 1e-6 * d->area_m2 + 2e-6 * d->length_m)
        *out = best;
    return WF_OK;
}

static wf_code is_shown(levels *l, const wf_defects *from, const wf_defect *d, bool *shown, wf_error *err) {
    unsigned kin = kin_of(d);
    uint32_t cover;
    if (kin != 0 && kin != KIN_MISFIT) {
        WF_TRY(find_cover(l, from, d, kin, &cover, err));
        *shown = cover != UINT32_MAX;
        return WF_OK;
    }
    *shown = d->n_vertices > 0;
    for (uint32_t k = d->vertex_first; *shown && k < d->vertex_first + d->n_vertices; k++)
        *shown = vertex_is_known(l, from->vertex_x[k], from->vertex_y[k]);
    return WF_OK;
}

static wf_code check_level(levels *l, uint8_t level, bool alone, wf_arena *scratch, wf_error *err) {
    wf_defects found;
    WF_TRY(wf_coverage_check(l->grids, level, l->params, scratch, &found, err));
    WF_TRY(index_rows(l, err));
    for (uint32_t i = 0; i < found.n; i++) {
        bool shown = false;
        if (!alone)
            WF_TRY(is_shown(l, &found, &found.row[i], &shown, err));
        if (!shown)
            WF_TRY(take(l, &found, i, err));
    }
    return WF_OK;
}

static wf_code check_nesting(levels *l, uint8_t level, uint8_t child_level, wf_arena *scratch, wf_error *err) {
    wf_defects found;
    WF_TRY(wf_coverage_nest(l->grids, level, child_level, l->params, scratch, &found, err));
    /* G05 is the finer level's and comes first, so that G15 can refer to it. */
    for (uint32_t i = 0; i < found.n; i++)
        if (strcmp(found.row[i].rule, "G15") != 0)
            WF_TRY(take(l, &found, i, err));
    WF_TRY(index_rows(l, err));
    for (uint32_t i = 0; i < found.n; i++) {
        wf_defect *d = &found.row[i];
        if (strcmp(d->rule, "G15") != 0)
            continue;
        WF_TRY(find_cover(l, &found, d, KIN_GAP | KIN_MISFIT, &d->see, err));
        WF_TRY(take(l, &found, i, err));
    }
    return WF_OK;
}

/* ---- allowed gaps ----------------------------------------------------------------------------------------------- */

static wf_code excuse_one(levels *l, const wf_polygons *allowed, double (*boxes)[4], uint32_t row, wf_error *err) {
    wf_defect *d = &l->all.out.row[row];
    for (uint32_t i = 0; i < allowed->n_grids && d->excused == UINT32_MAX; i++) {
        double area_m2, thickness_m;
        if (!wf_boxes_meet(l->box[row], boxes[i]))
            continue;
        wf_code code =
            wf_cover_rest(&l->so_far.shape, d->shape, allowed, 1, &i, l->params, &area_m2, &thickness_m, err);
        if (code != WF_LIMIT)
            WF_TRY(code);
        if (code == WF_OK && thickness_m <= l->params->floor_m)
            d->excused = i;
    }
    return WF_OK;
}

static wf_code excuse(levels *l, wf_error *err) {
    const wf_polygons *allowed = l->params->allowed;
    if (allowed == NULL)
        return WF_OK;
    double(*boxes)[4] = wf_arena_alloc(l->keep, allowed->n_grids, sizeof *boxes);
    if (boxes == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < allowed->n_grids; i++)
        wf_polygons_box(allowed, i, boxes[i]);
    for (uint32_t row = 0; row < l->all.out.n; row++) {
        wf_defect *d = &l->all.out.row[row];
        if (d->see != UINT32_MAX)
            d->excused = l->all.out.row[d->see].excused; /* of a finer level, so decided before */
        else if (strcmp(d->rule, "G03") == 0 || strcmp(d->rule, "G04") == 0 || strcmp(d->rule, "G15") == 0)
            WF_TRY(excuse_one(l, allowed, boxes, row, err));
    }
    return WF_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

typedef struct {
    wf_defect row;
    uint32_t was;
} ranked;

static int by_order(const void *a, const void *b) {
    const ranked *p = a, *q = b;
    int order = wf_findings_order(&p->row, &q->row);
    return order != 0 ? order : p->was < q->was ? -1 : p->was > q->was;
}

static wf_code sort_rows(levels *l, wf_error *err) {
    uint32_t n = l->all.out.n, *now = WF_NEW(l->keep, uint32_t, n);
    ranked *r = WF_NEW(l->keep, ranked, n);
    if (now == NULL || r == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        r[i] = (ranked){l->all.out.row[i], i};
    if (n > 0)
        qsort(r, n, sizeof *r, by_order);
    for (uint32_t i = 0; i < n; i++)
        now[r[i].was] = i;
    for (uint32_t i = 0; i < n; i++) {
        l->all.out.row[i] = r[i].row;
        if (r[i].row.see != UINT32_MAX)
            l->all.out.row[i].see = now[r[i].row.see];
    }
    return WF_OK;
}

static wf_code check_all(levels *l, uint8_t at_level, wf_error *err) {
    bool present[256] = {false};
    int finer = -1;
    wf_arena scratch;
    wf_arena_init(&scratch);
    wf_code code = wf_findings_finish(&l->all, &l->so_far, err);
    for (uint32_t i = 0; i < l->grids->shape.n_grids; i++)
        present[l->grids->level[i]] |= l->grids->role[i] == WF_ROLE_PARTITION;
    for (int level = 255; code == WF_OK && level >= 0; level--) {
        if (!present[level] || (at_level > 0 && level != at_level))
            continue;
        code = wf_check_poll(l->params, err);
        if (code == WF_OK)
            code = check_level(l, (uint8_t)level, at_level > 0 || level == 0, &scratch, err);
        wf_arena_clear(&scratch);
        if (code == WF_OK && finer > 0 && level > 0)
            code = check_nesting(l, (uint8_t)level, (uint8_t)finer, &scratch, err);
        wf_arena_clear(&scratch);
        finer = level;
    }
    return code;
}

wf_code wf_coverage_check_levels(const wf_grids *grids, uint8_t at_level, const wf_check_params *params, wf_arena *keep,
                                 wf_defects *out, wf_error *err) {
    levels l = {.grids = grids, .params = params, .keep = keep};
    wf_findings_begin(&l.all, 0, params, keep);
    wf_arena_init(&l.near_keep);
    wf_code code = check_all(&l, at_level, err);
    wf_arena_clear(&l.near_keep);
    WF_TRY(code);
    WF_TRY(excuse(&l, err));
    WF_TRY(sort_rows(&l, err));
    return wf_findings_finish(&l.all, out, err);
}
