/* Repair in passes: find the defects, gather the grids near them into neighbourhoods, resolve each, check the whole
 * again, take back what does not pass. Hot: the finding, which sees every edge; a sound plan is seen twice. */
#include "coverage/repair.h"
#include "base/sets.h"
#include "coverage/cover.h"
#include "coverage/survey.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PASSES = 8, MAX_WIDENINGS = 12, MAX_TRIES = 6 };
/* How a neighbourhood is drawn, from the best on. */
enum { TRY_PLAIN, TRY_ALL_VERTICES, TRY_NOTHING };

static const char *const rule_names[] = {"priority", "locked", "border", "area", "code", "nested", "whole"};
static const char *const reason_names[] = {
    "allowed gap",      "over the limits for gaps", "between grids that are locked or fit their own",
    "would be emptied", "no usable geometry",       "did not settle"};

const char *wf_repair_rule_name(wf_repair_rule rule) {
    return rule_names[rule];
}

const char *wf_left_reason_name(wf_left_reason reason) {
    return reason_names[reason];
}

/* A neighbourhood with what came of it. */
typedef struct {
    uint32_t first, n; /* in `member` */
    wf_arena keep;
    wf_mend mend;
    int tries;
} cluster;

typedef struct {
    const wf_grids *grids;
    uint8_t level;
    const wf_repair_params *params;
    wf_check_params check; /* without an outline */
    wf_arena *keep;        /* the caller's */
    wf_arena pass;         /* of the pass that runs */
    wf_polygons now;       /* of all grids, as the last pass left them; in one of `shapes` */
    wf_arena shapes[2];
    int turn;
    uint8_t *aside; /* of each grid: it takes no part, as it would be emptied */
    uint32_t *link; /* union-find over items; UINT32_MAX: not near a defect */
    uint32_t *of;   /* cluster of each item, UINT32_MAX */
    uint32_t n_clusters, *member;
    cluster *cluster;
    wf_repair_result out;
    uint32_t cap_transfers, cap_left;
} repairing;

static wf_code look(const repairing *r, const wf_polygons *shape, wf_survey *s, wf_error *err) {
    wf_grids grids = *r->grids;
    grids.shape = *shape;
    return wf_survey_make(&grids, r->level, &r->check, r->aside, s, err);
}

/* ---- neighbourhoods --------------------------------------------------------------------------------------------- */

static void tie(repairing *r, const wf_survey *s, uint32_t item, uint32_t *with) {
    if (!wf_survey_takes_part(s, item))
        return;
    if (r->link[item] == UINT32_MAX)
        r->link[item] = item;
    if (*with == UINT32_MAX) {
        *with = item;
        return;
    }
    wf_sets_join(r->link, item, *with);
}

/* The grids of a finding and those whose box meets its place belong together. */
static wf_code seed(repairing *r, wf_survey *s, const wf_defect *d, wf_error *err) {
    uint32_t with = UINT32_MAX;
    for (uint32_t k = 0; k < d->n_owners; k++)
        tie(r, s, wf_survey_item(s, s->defects.owner[d->owner_first + k]), &with);
    if (d->shape == UINT32_MAX)
        return WF_OK;
    double box[4], unit = pow(10.0, -(double)r->params->n_decimals);
    const uint32_t *items;
    uint32_t n;
    wf_polygons_box(&s->defects.shape, d->shape, box);
    for (int i = 0; i < 4; i++)
        box[i] += i < 2 ? -unit : unit;
    WF_TRY(wf_near_ask(&s->near, box, &n, &items, err));
    for (uint32_t k = 0; k < n; k++)
        tie(r, s, items[k], &with);
    return WF_OK;
}

static bool is_mendable(const wf_defect *d) {
    return d->severity >= WF_NOISE && strcmp(d->rule, "G10") != 0;
}

static wf_code seed_all(repairing *r, wf_survey *s, wf_error *err) {
    uint32_t n = s->b.n_subset;
    r->link = WF_NEW(&r->pass, uint32_t, n);
    r->of = WF_NEW(&r->pass, uint32_t, n);
    if (r->link == NULL || r->of == NULL)
        return wf_fail_nomem(err);
    memset(r->link, 0xFF, n * sizeof *r->link);
    for (uint32_t i = 0; i < s->defects.n; i++)
        if (is_mendable(&s->defects.row[i]))
            WF_TRY(seed(r, s, &s->defects.row[i], err));
    return WF_OK;
}

static void drop_clusters(repairing *r) {
    for (uint32_t c = 0; c < r->n_clusters; c++)
        wf_arena_clear(&r->cluster[c].keep);
    r->n_clusters = 0;
}

/* Number the neighbourhoods in the order of their first items. */
static wf_code list_clusters(repairing *r, const wf_survey *s, wf_error *err) {
    uint32_t n = s->b.n_subset, at = 0;
    drop_clusters(r);
    memset(r->of, 0xFF, n * sizeof *r->of);
    r->member = WF_NEW(&r->pass, uint32_t, n);
    r->cluster = WF_NEW(&r->pass, cluster, n);
    if (r->member == NULL || r->cluster == NULL)
        return wf_fail_nomem(err);
    for (uint32_t item = 0; item < n; item++) {
        if (r->link[item] == UINT32_MAX)
            continue;
        uint32_t first = wf_sets_root(r->link, item);
        if (first == item) {
            wf_arena_init(&r->cluster[r->n_clusters].keep);
            r->of[item] = r->n_clusters++;
        } else
            r->of[item] = r->of[first];
        r->cluster[r->of[item]].n++;
    }
    for (uint32_t c = 0; c < r->n_clusters; c++) {
        r->cluster[c].first = at;
        at += r->cluster[c].n;
        r->cluster[c].n = 0;
    }
    for (uint32_t item = 0; item < n; item++)
        if (r->of[item] != UINT32_MAX) {
            cluster *c = &r->cluster[r->of[item]];
            r->member[c->first + c->n++] = item;
        }
    return WF_OK;
}

static wf_code mend_one(repairing *r, wf_survey *s, cluster *c, wf_error *err) {
    const wf_mend_request request = {.params = r->params,
                                     .b = &s->b,
                                     .rest = s->rest,
                                     .n_rest = s->b.residual.n,
                                     .near = &s->near,
                                     .n_items = c->n,
                                     .item = r->member + c->first,
                                     .invalid = s->invalid,
                                     .dissolve = c->tries == TRY_PLAIN};
    wf_arena_clear(&c->keep);
    c->mend = (wf_mend){.outcome = WF_MEND_FAILED};
    return c->tries >= TRY_NOTHING ? WF_OK : wf_mend_cluster(&request, &c->keep, &c->mend, err);
}

/* Mend all; *again when neighbourhoods have grown or a grid was set aside, and then it is all to be done anew. */
static wf_code mend_all(repairing *r, wf_survey *s, bool *grown, bool *aside, wf_error *err) {
    *grown = *aside = false;
    for (uint32_t k = 0; k < r->n_clusters; k++) {
        cluster *c = &r->cluster[k];
        WF_TRY(mend_one(r, s, c, err));
        uint32_t with = r->member[c->first];
        for (uint32_t i = 0; i < c->mend.n_more; i++) {
            if (c->mend.outcome == WF_MEND_WIDER)
                tie(r, s, c->mend.more[i], &with);
            else
                r->aside[s->b.subset[c->mend.more[i]]] = 1;
        }
        *grown |= c->mend.outcome == WF_MEND_WIDER;
        *aside |= c->mend.outcome == WF_MEND_EMPTIED;
    }
    return WF_OK;
}

/* ---- putting together ------------------------------------------------------------------------------------------- */

/* What a neighbourhood made of an item; NULL: nothing new. A duplicate stays one, and follows the earlier grid. */
static const cluster *find_new(const repairing *r, const wf_survey *s, uint32_t item, uint32_t *local) {
    item = s->follows[item] == UINT32_MAX ? item : s->follows[item];
    const cluster *c = r->of[item] == UINT32_MAX ? NULL : &r->cluster[r->of[item]];
    if (c == NULL || c->mend.outcome != WF_MEND_DONE)
        return NULL;
    uint32_t low = 0, high = c->n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (r->member[c->first + middle] <= item)
            low = middle;
        else
            high = middle;
    }
    *local = low;
    return c->mend.changed[low] ? c : NULL;
}

/* All grids with what the neighbourhoods made of theirs. */
static wf_code put_together(const repairing *r, const wf_survey *s, wf_arena *keep, wf_polygons *out,
                            uint32_t *n_changed, wf_error *err) {
    wf_polygons_builder b;
    uint32_t item = 0;
    wf_polygons_begin(&b, keep);
    *n_changed = 0;
    for (uint32_t grid = 0; grid < r->now.n_grids; grid++) {
        uint32_t local = 0;
        bool taken = item < s->b.n_subset && s->b.subset[item] == grid;
        const cluster *c = taken ? find_new(r, s, item++, &local) : NULL;
        if (c != NULL) {
            wf_polygons_copy(&c->mend.shape, local, &b);
            ++*n_changed;
        } else
            wf_polygons_copy(&r->now, grid, &b);
    }
    return wf_polygons_finish(&b, out, err);
}

/* Is the finding of a place that was meant to be left? */
static bool is_left(const repairing *r, const wf_defects *d, const wf_defect *row) {
    if (strcmp(row->rule, "G03") != 0 && strcmp(row->rule, "G06") != 0)
        return false;
    for (uint32_t k = 0; row->shape != UINT32_MAX && k < r->n_clusters; k++)
        for (uint32_t i = 0; i < r->cluster[k].mend.n_left; i++) {
            const wf_left *left = &r->cluster[k].mend.left[i];
            if (left->grid == UINT32_MAX && wf_cover_holds(&d->shape, row->shape, left->x, left->y))
                return true;
        }
    return false;
}

/* Neighbourhoods of the grids of a finding that should not be there any more are tried in the next way. */
static bool mark_failed(repairing *r, const wf_survey *s, const wf_survey *now) {
    bool any = false;
    for (uint32_t k = 0; k < r->n_clusters; k++)
        r->cluster[k].tries &= 0xFF;
    for (uint32_t i = 0; i < now->defects.n; i++) {
        const wf_defect *d = &now->defects.row[i];
        if (!is_mendable(d) || is_left(r, &now->defects, d))
            continue;
        for (uint32_t k = 0; k < d->n_owners; k++) {
            uint32_t item = wf_survey_item(s, now->defects.owner[d->owner_first + k]);
            cluster *c = r->of[item] == UINT32_MAX ? NULL : &r->cluster[r->of[item]];
            if (c == NULL || c->mend.outcome != WF_MEND_DONE || (c->tries & 0x100) != 0)
                continue;
            c->tries |= 0x100;
            any = true;
        }
    }
    return any;
}

static wf_code retry_failed(repairing *r, wf_survey *s, wf_error *err) {
    for (uint32_t k = 0; k < r->n_clusters; k++) {
        cluster *c = &r->cluster[k];
        if ((c->tries & 0x100) == 0)
            continue;
        c->tries = (c->tries & 0xFF) + 1;
        WF_TRY(mend_one(r, s, c, err));
        /* To grow now would touch neighbourhoods that have passed. */
        if (c->mend.outcome != WF_MEND_DONE)
            c->mend = (wf_mend){.outcome = WF_MEND_FAILED};
    }
    return WF_OK;
}

/* ---- results ---------------------------------------------------------------------------------------------------- */

static wf_code note_left(repairing *r, wf_left left, wf_error *err) {
    if (WF_ROOM(r->keep, r->out.left, r->out.n_left, r->cap_left))
        return wf_fail_nomem(err);
    r->out.left[r->out.n_left++] = left;
    return WF_OK;
}

static wf_code take_results(repairing *r, const wf_survey *s, wf_error *err) {
    r->out.n_left = 0;
    for (uint32_t k = 0; k < r->n_clusters; k++) {
        const cluster *c = &r->cluster[k];
        const wf_mend *m = &c->mend;
        if (m->outcome != WF_MEND_DONE) {
            for (uint32_t i = 0; i < c->n; i++) {
                uint32_t item = r->member[c->first + i];
                const wf_left left = {WF_LEFT_UNSETTLED, s->b.subset[item], NAN,
                                      (s->b.box[item][0] + s->b.box[item][2]) / 2,
                                      (s->b.box[item][1] + s->b.box[item][3]) / 2};
                WF_TRY(note_left(r, left, err));
            }
            continue;
        }
        r->out.n_gaps += m->n_gaps;
        r->out.n_overlaps += m->n_overlaps;
        r->out.moved_m2 += m->moved_m2;
        for (uint32_t i = 0; i < m->n_left; i++)
            WF_TRY(note_left(r, m->left[i], err));
        for (uint32_t i = 0; i < m->n_transfers; i++) {
            if (WF_ROOM(r->keep, r->out.transfer, r->out.n_transfers, r->cap_transfers))
                return wf_fail_nomem(err);
            r->out.transfer[r->out.n_transfers++] = m->transfer[i];
        }
    }
    for (uint32_t item = 0; item < s->b.n_subset; item++) {
        wf_left left = {WF_LEFT_DUPLICATE, s->b.subset[item], NAN, NAN, NAN};
        if (wf_borders_exist(&s->b, item)) {
            left.x = (s->b.box[item][0] + s->b.box[item][2]) / 2;
            left.y = (s->b.box[item][1] + s->b.box[item][3]) / 2;
            left.area_m2 = wf_polygons_area_m2(&r->now, left.grid, r->check.measure);
        } else
            left.reason = WF_LEFT_UNUSABLE;
        if (!wf_survey_takes_part(s, item))
            WF_TRY(note_left(r, left, err));
    }
    return WF_OK;
}

static int by_transfer(const void *a, const void *b) {
    const wf_transfer *p = a, *q = b;
    const double pv[] = {p->from == UINT32_MAX, p->x, p->y, p->from, p->to};
    const double qv[] = {q->from == UINT32_MAX, q->x, q->y, q->from, q->to};
    for (int i = 0; i < 5; i++)
        if (pv[i] != qv[i])
            return pv[i] < qv[i] ? -1 : 1;
    return 0;
}

/* ---- passes ----------------------------------------------------------------------------------------------------- */

/* Find and mend until no neighbourhood grows and no grid has to stand back. */
static wf_code settle(repairing *r, wf_survey *s, wf_error *err) {
    bool grown = true, aside = true;
    memset(r->aside, 0, r->grids->shape.n_grids);
    for (int round = 0; aside && round < MAX_WIDENINGS; round++) {
        if (round > 0)
            wf_arena_clear(&s->keep);
        WF_TRY(look(r, &r->now, s, err));
        WF_TRY(seed_all(r, s, err));
        grown = true;
        for (int widening = 0; grown && widening < MAX_WIDENINGS; widening++) {
            WF_TRY(list_clusters(r, s, err));
            WF_TRY(mend_all(r, s, &grown, &aside, err));
            if (aside)
                break;
        }
    }
    for (uint32_t k = 0; k < r->n_clusters; k++)
        if (r->cluster[k].mend.outcome != WF_MEND_DONE)
            r->cluster[k].mend = (wf_mend){.outcome = WF_MEND_FAILED};
    return WF_OK;
}

static wf_code check_and_retry(repairing *r, wf_survey *s, wf_polygons *shape, uint32_t *n_changed, wf_error *err) {
    wf_arena *keep = &r->shapes[r->turn ^ 1];
    for (int tries = 0;; tries++) {
        wf_survey now = {0};
        wf_arena_clear(keep);
        WF_TRY(put_together(r, s, keep, shape, n_changed, err));
        if (*n_changed == 0 || tries == MAX_TRIES)
            return WF_OK;
        wf_code code = look(r, shape, &now, err);
        bool failed = code == WF_OK && mark_failed(r, s, &now);
        wf_arena_clear(&now.keep);
        WF_TRY(code);
        if (!failed)
            return WF_OK;
        WF_TRY(retry_failed(r, s, err));
    }
}

static wf_code run_pass(repairing *r, wf_survey *s, bool *changed, wf_error *err) {
    wf_polygons shape;
    uint32_t n_changed;
    WF_TRY(settle(r, s, err));
    WF_TRY(check_and_retry(r, s, &shape, &n_changed, err));
    WF_TRY(take_results(r, s, err));
    *changed = n_changed > 0;
    if (*changed) {
        r->now = shape;
        r->turn ^= 1;
    }
    r->out.n_passes++;
    return WF_OK;
}

static wf_code finish(repairing *r, wf_error *err) {
    uint32_t n = r->grids->shape.n_grids;
    wf_polygons_builder b;
    wf_polygons_begin(&b, r->keep);
    if ((r->out.changed = WF_NEW(r->keep, uint8_t, n)) == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        wf_polygons_copy(&r->now, i, &b);
        r->out.changed[i] = !wf_polygons_are_same(&r->now, &r->grids->shape, i);
        r->out.n_changed += r->out.changed[i];
    }
    if (r->out.n_transfers > 0)
        qsort(r->out.transfer, r->out.n_transfers, sizeof *r->out.transfer, by_transfer);
    return wf_polygons_finish(&b, &r->out.shape, err);
}

wf_code wf_coverage_repair(const wf_grids *grids, uint8_t level, const wf_repair_params *params, wf_arena *keep,
                           wf_repair_result *out, wf_error *err) {
    repairing r = {.grids = grids, .level = level, .params = params, .check = *params->check, .keep = keep};
    wf_code code = WF_OK;
    r.check.outline = NULL;
    r.now = grids->shape;
    for (int i = 0; i < 2; i++)
        wf_arena_init(&r.shapes[i]);
    wf_arena_init(&r.pass);
    if ((r.aside = WF_NEW(keep, uint8_t, grids->shape.n_grids)) == NULL)
        return wf_fail_nomem(err);
    bool changed = true;
    for (int pass = 0; code == WF_OK && changed && pass < MAX_PASSES; pass++) {
        wf_survey s = {0};
        code = run_pass(&r, &s, &changed, err);
        drop_clusters(&r);
        wf_arena_clear(&s.keep);
        wf_arena_clear(&r.pass);
    }
    if (code == WF_OK)
        code = finish(&r, err);
    for (int i = 0; i < 2; i++)
        wf_arena_clear(&r.shapes[i]);
    if (code == WF_OK)
        *out = r.out;
    return code;
}
