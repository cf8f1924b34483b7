/* What codes and attributes say against the geometry and each other. One sort and one pass over the grids. */
#include "coverage/rules.h"
#include "base/hash.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *text;
    uint32_t item;
} named;

static int by_text(const void *a, const void *b) {
    const named *p = a, *q = b;
    int order = strcmp(p->text, q->text);
    return order != 0 ? order : p->item < q->item ? -1 : p->item > q->item;
}

/* The first grid of a code has it; each later one repeats it. */
static wf_code check_codes(wf_borders *w, wf_error *err) {
    wf_names codes;
    wf_names_init(&codes, w->scratch);
    for (uint32_t i = 0; i < w->n_subset; i++) {
        const char *code = w->grids->code[w->subset[i]];
        uint32_t before = codes.n;
        if (wf_names_add(&codes, code, strlen(code)) == UINT32_MAX)
            return wf_fail_nomem(err);
        if (codes.n > before)
            continue;
        const double *box = w->box[i];
        WF_TRY(wf_findings_add_grid(w->found, "G08", "duplicate code", WF_SERIOUS, w->subset[i], (box[0] + box[2]) / 2,
                                    (box[1] + box[3]) / 2, err));
    }
    return WF_OK;
}

static bool all_digits(const char *text) {
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static wf_code add_value(wf_borders *b, const char *rule, const char *kind, uint32_t item, double value,
                         wf_error *err) {
    wf_defect d = wf_findings_blank(rule, kind, WF_INFORMATION);
    wf_borders_middle(b, 1, &item, &d.x, &d.y);
    d.value = value;
    return wf_findings_add(b->found, d, 1, &b->subset[item], err);
}

/* Codes carry their parent's code as prefix where both are digits (a scheme of letters says nothing about nesting). In
 * schemes of one length for all levels the parent's is filled up with zeros: 610100 is over 610102. */
static bool is_unlike_parent(const char *code, const char *parent) {
    size_t n = strlen(parent);
    if (!all_digits(code) || !all_digits(parent))
        return false;
    while (n > 1 && strlen(code) == strlen(parent) && parent[n - 1] == '0')
        n--;
    return strncmp(code, parent, n) != 0;
}

static wf_code add_item(wf_borders *b, const char *rule, const char *kind, uint32_t item, wf_error *err) {
    return add_value(b, rule, kind, item, NAN, err);
}

static wf_code check_item(wf_borders *b, uint32_t item, wf_error *err) {
    const wf_grids *g = b->grids;
    uint32_t grid = b->subset[item];
    double declared = g->declared_area_m2[grid];
    if (is_unlike_parent(g->code[grid], g->parent[grid]))
        WF_TRY(add_item(b, "G09", "code unlike its parent's", item, err));
    if (declared > 0 && wf_borders_exist(b, item)) {
        double area = wf_polygons_area_m2(b->p, grid, b->params->measure);
        if (fabs(declared - area) > 0.01 * area)
            WF_TRY(add_value(b, "G11", "declared area unlike the computed", item, declared, err));
    }
    if (g->workers[grid] <= 0)
        WF_TRY(add_item(b, "G13", "no worker", item, err));
    return WF_OK;
}

/* ---- households ------------------------------------------------------------------------------------------------- */

typedef enum { OTHER_KIND, URBAN, RURAL } settlement;

static settlement settlement_of(const char *kind) {
    if (kind[0] == '\0')
        return OTHER_KIND;
    if (strstr(kind, "城市") != NULL || strcasestr(kind, "urban") != NULL)
        return URBAN;
    return strstr(kind, "村") != NULL || strcasestr(kind, "rural") != NULL ? RURAL : OTHER_KIND;
}

static bool carved_out(const char *kind) {
    return strstr(kind, "专属") != NULL || strstr(kind, "单位") != NULL;
}

static wf_code check_households(wf_borders *b, wf_error *err) {
    static const double bands[][2] = {{40, 980}, {110, 980}, {40, 600}};
    bool any_known = false;
    if (b->level != 4 && b->level != 0)
        return WF_OK;
    for (uint32_t i = 0; i < b->n_subset; i++)
        any_known |= settlement_of(b->grids->kind[b->subset[i]]) != OTHER_KIND;
    for (uint32_t i = 0; i < b->n_subset; i++) {
        uint32_t grid = b->subset[i];
        const char *kind = b->grids->kind[grid];
        settlement of = settlement_of(kind);
        double n = b->grids->households[grid];
        if (isnan(n) || (of == OTHER_KIND && (any_known || carved_out(kind))))
            continue;
        if (n < bands[of][0])
            WF_TRY(add_value(b, "G12", "few households", i, n, err));
        else if (n > bands[of][1])
            WF_TRY(add_value(b, "G12", "many households", i, n, err));
    }
    return WF_OK;
}

/* ---- workers ---------------------------------------------------------------------------------------------------- */

static bool is_name(const char *text) {
    static const char *const none[] = {"", "无", "/", "-", "空", "0", "NULL", "null", "暂无", "待定"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (strcmp(text, none[i]) == 0)
            return false;
    return true;
}

static wf_code check_workers(wf_borders *b, wf_error *err) {
    named *keys = WF_NEW(b->scratch, named, b->n_subset);
    uint32_t *owners = WF_NEW(b->scratch, uint32_t, b->n_subset), n = 0;
    uint32_t *items = WF_NEW(b->scratch, uint32_t, b->n_subset);
    if (keys == NULL || owners == NULL || items == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < b->n_subset; i++)
        if (is_name(b->grids->worker[b->subset[i]]))
            keys[n++] = (named){b->grids->worker[b->subset[i]], i};
    if (n > 0)
        qsort(keys, n, sizeof *keys, by_text);
    for (uint32_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && strcmp(keys[i].text, keys[j].text) == 0; j++)
            owners[j - i] = b->subset[items[j - i] = keys[j].item];
        if (j - i < 3)
            continue;
        wf_defect d = wf_findings_blank("G13", "one worker on many grids", WF_INFORMATION);
        wf_borders_middle(b, j - i, items, &d.x, &d.y);
        WF_TRY(wf_findings_add(b->found, d, j - i, owners, err));
    }
    return WF_OK;
}

/* Grids without a level where others have one stand among themselves and fill nobody. */
static wf_code check_unlevelled(wf_borders *b, wf_error *err) {
    bool any = false;
    double x, y;
    for (uint32_t i = 0; b->level == 0 && i < b->grids->shape.n_grids; i++)
        any |= b->grids->level[i] > 0;
    for (uint32_t item = 0; any && item < b->n_subset; item++) {
        wf_borders_middle(b, 1, &item, &x, &y);
        WF_TRY(
            wf_findings_add_grid(b->found, "G09", "level cannot be read", WF_INFORMATION, b->subset[item], x, y, err));
    }
    return WF_OK;
}

wf_code wf_rules_attributes(wf_borders *b, wf_error *err) {
    WF_TRY(check_codes(b, err));
    for (uint32_t item = 0; item < b->n_subset; item++)
        WF_TRY(check_item(b, item, err));
    WF_TRY(check_unlevelled(b, err));
    WF_TRY(check_households(b, err));
    return check_workers(b, err);
}
