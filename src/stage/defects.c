/* Findings as the published table. */
#include "stage/defects.h"
#include "base/hash.h"
#include "intake/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const wf_defects *defects;
    const wf_grids *grids, *allowed;
    wf_arena *keep;
    wf_names ids;
    const wf_previous *before;
    uint32_t n_fixed, *fixed; /* rows of `before` */
    const char *const *stable_id;
} tabling;

typedef wf_code text_of(tabling *t, uint32_t i, const char **out, wf_error *err);

const char *wf_severity_name(wf_severity severity) {
    static const char *const names[] = {"information", "noise", "sliver", "ordinary", "serious"};
    return names[severity];
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

static wf_code keep_text(tabling *t, const char *text, const char **out, wf_error *err) {
    *out = wf_arena_text(t->keep, text, strlen(text));
    return *out == NULL ? wf_fail_nomem(err) : WF_OK;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The codes of a row joined by ";", in the order of its owners or ascending. */
static wf_code join_codes(tabling *t, uint32_t i, bool ascending, const char **out, wf_error *err) {
    const wf_defect *d = &t->defects->row[i];
    const char **codes = WF_NEW(t->keep, const char *, d->n_owners);
    size_t room = 1, at = 0;
    if (codes == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < d->n_owners; k++) {
        codes[k] = t->grids->code[t->defects->owner[d->owner_first + k]];
        room += strlen(codes[k]) + 1;
    }
    if (ascending && d->n_owners > 0)
        qsort(codes, d->n_owners, sizeof *codes, by_text);
    char *text = wf_arena_alloc(t->keep, room, 1);
    if (text == NULL)
        return wf_fail_nomem(err);
    for (uint32_t k = 0; k < d->n_owners; k++) {
        size_t n = strlen(codes[k]);
        if (k > 0)
            text[at++] = ';';
        memcpy(text + at, codes[k], n);
        at += n;
    }
    *out = text;
    return WF_OK;
}

static wf_code text_codes(tabling *t, uint32_t i, const char **out, wf_error *err) {
    return join_codes(t, i, false, out, err);
}

static wf_code text_stable_id(tabling *t, uint32_t i, const char **out, wf_error *err) {
    const wf_defect *d = &t->defects->row[i];
    const char *codes;
    char place[720], id[17]; /* the largest doubles have 309 digits */
    WF_TRY(join_codes(t, i, true, &codes, err));
    uint64_t hash = wf_hash_bytes(codes, strlen(codes), 0);
    for (uint32_t again = 0;; again++) {
        int n = snprintf(place, sizeof place, "%s %u %.5f %.5f %u", d->rule, d->level, d->x + 0.0, d->y + 0.0, again);
        snprintf(id, sizeof id, "%016llx", (unsigned long long)wf_hash_bytes(place, (size_t)n, hash));
        if (wf_names_find(&t->ids, id, 16) == UINT32_MAX)
            break;
    }
    if (wf_names_add(&t->ids, id, 16) == UINT32_MAX)
        return wf_fail_nomem(err);
    return keep_text(t, id, out, err);
}

static wf_code text_rule(tabling *t, uint32_t i, const char **out, wf_error *err) {
    (void)err;
    *out = t->defects->row[i].rule;
    return WF_OK;
}

static wf_code text_kind(tabling *t, uint32_t i, const char **out, wf_error *err) {
    (void)err;
    *out = t->defects->row[i].kind;
    return WF_OK;
}

static wf_code text_severity(tabling *t, uint32_t i, const char **out, wf_error *err) {
    (void)err;
    *out = wf_severity_name(t->defects->row[i].severity);
    return WF_OK;
}

static wf_code text_none(tabling *t, uint32_t i, const char **out, wf_error *err) {
    (void)t, (void)i, (void)err;
    *out = "";
    return WF_OK;
}

static wf_code text_status(tabling *t, uint32_t i, const char **out, wf_error *err) {
    (void)err;
    bool known = t->before != NULL && wf_names_find(&t->before->ids, t->stable_id[i], 16) != UINT32_MAX;
    *out = known ? "persisting" : "new";
    return WF_OK;
}

/* The name of the allowed gap, or its code, or its number in the file. */
static wf_code text_excused(tabling *t, uint32_t i, const char **out, wf_error *err) {
    uint32_t by = t->defects->row[i].excused;
    char number[16];
    *out = "";
    if (by == UINT32_MAX || t->allowed == NULL)
        return WF_OK;
    *out = t->allowed->name[by][0] != '\0' ? t->allowed->name[by] : t->allowed->code[by];
    if ((*out)[0] != '\0')
        return WF_OK;
    snprintf(number, sizeof number, "%u", by + 1);
    return keep_text(t, number, out, err);
}

static wf_code text_message(tabling *t, uint32_t i, const char **out, wf_error *err) {
    char text[1000];
    wf_defects_describe(t->defects, t->grids, i, text, sizeof text);
    return keep_text(t, text, out, err);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

enum { ID = 1, LEVEL, AREA, THICKNESS, LENGTH, INCIDENTS, POPULATION, LON, LAT };

static const struct {
    const char *name;
    text_of *text;
    int number, decimals;
} columns[] = {{"defect_id", NULL, ID, 0},
               {"stable_id", text_stable_id, 0, 0},
               {"rule", text_rule, 0, 0},
               {"kind", text_kind, 0, 0},
               {"severity", text_severity, 0, 0},
               {"level", NULL, LEVEL, 0},
               {"grid_codes", text_codes, 0, 0},
               {"cause", text_none, 0, 0},
               {"status", text_status, 0, 0},
               {"excused_by", text_excused, 0, 0},
               {"area_m2", NULL, AREA, 4},
               {"thickness_m", NULL, THICKNESS, 6},
               {"length_m", NULL, LENGTH, 2},
               {"incidents", NULL, INCIDENTS, 0},
               {"population", NULL, POPULATION, 0},
               {"lon", NULL, LON, 9},
               {"lat", NULL, LAT, 9},
               {"message", text_message, 0, 0}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static double number_of(const wf_defect *d, uint32_t i, int which) {
    const double values[] = {[ID] = i + 1.0,
                             [LEVEL] = d->level,
                             [AREA] = d->area_m2,
                             [THICKNESS] = d->thickness_m,
                             [LENGTH] = d->length_m,
                             [INCIDENTS] = d->incidents,
                             [POPULATION] = d->population,
                             [LON] = d->x,
                             [LAT] = d->y};
    return values[which];
}

/* What was found before and is there no more. */
static wf_code find_fixed(tabling *t, wf_error *err) {
    if (t->before == NULL)
        return WF_OK;
    wf_names now;
    wf_names_init(&now, t->keep);
    for (uint32_t i = 0; i < t->defects->n; i++)
        if (wf_names_add(&now, t->stable_id[i], 16) == UINT32_MAX)
            return wf_fail_nomem(err);
    if ((t->fixed = WF_NEW(t->keep, uint32_t, t->before->n)) == NULL)
        return wf_fail_nomem(err);
    for (uint32_t row = 0; row < t->before->n; row++) {
        const char *id = t->before->ids.key[row];
        if (wf_names_find(&now, id, t->before->ids.length[row]) == UINT32_MAX)
            t->fixed[t->n_fixed++] = row;
    }
    return WF_OK;
}

static double number_before(const char *text) {
    double value;
    return wf_number_read(text, strlen(text), &value) ? value : NAN;
}

/* The part of a column that tells what was fixed; `text` or `number` has its rows behind those of the findings. */
static wf_code fill_fixed(tabling *t, size_t c, const char **text, double *number, wf_error *err) {
    char room[1400];
    uint32_t n = t->defects->n;
    for (uint32_t k = 0; k < t->n_fixed; k++) {
        const char *was = t->before->cell[c][t->fixed[k]];
        if (number != NULL) {
            number[n + k] = columns[c].number == ID ? n + k + 1.0 : number_before(was);
            continue;
        }
        text[n + k] = was;
        if (columns[c].text == text_status)
            text[n + k] = "fixed";
        if (columns[c].text != text_message)
            continue;
        snprintf(room, sizeof room, "No longer found. It was: %.1300s", was);
        WF_TRY(keep_text(t, room, &text[n + k], err));
    }
    return WF_OK;
}

static wf_code fill_column(tabling *t, size_t c, wf_column *out, double **numbers, wf_error *err) {
    uint32_t n = t->defects->n;
    *out = (wf_column){.name = columns[c].name, .decimals = columns[c].decimals};
    if (columns[c].text == NULL) {
        if ((*numbers = WF_NEW(t->keep, double, n + t->n_fixed)) == NULL)
            return wf_fail_nomem(err);
        for (uint32_t i = 0; i < n; i++)
            (*numbers)[i] = number_of(&t->defects->row[i], i, columns[c].number);
        out->number = *numbers;
        return fill_fixed(t, c, NULL, *numbers, err);
    }
    const char **text = WF_NEW(t->keep, const char *, n + t->n_fixed);
    if (text == NULL)
        return wf_fail_nomem(err);
    if (columns[c].text == text_stable_id)
        memcpy(text, t->stable_id, n * sizeof *text);
    for (uint32_t i = 0; columns[c].text != text_stable_id && i < n; i++)
        WF_TRY(columns[c].text(t, i, &text[i], err));
    out->text = text;
    return fill_fixed(t, c, text, NULL, err);
}

wf_code wf_defects_read(const char *path, wf_arena *keep, wf_previous *out, wf_error *err) {
    const char *names[N_COLUMNS];
    for (size_t c = 0; c < N_COLUMNS; c++)
        names[c] = columns[c].name;
    return wf_previous_read(path, N_COLUMNS, names, keep, out, err);
}

wf_code wf_defects_tabulate(const wf_defects *defects, const wf_grids *grids, const wf_grids *allowed,
                            const wf_previous *before, wf_arena *keep, wf_table *out, wf_error *err) {
    tabling t = {.defects = defects, .grids = grids, .allowed = allowed, .keep = keep, .before = before};
    wf_column *column = WF_NEW(keep, wf_column, N_COLUMNS);
    const char **ids = WF_NEW(keep, const char *, defects->n);
    double *numbers[N_COLUMNS] = {NULL};
    if (column == NULL || ids == NULL)
        return wf_fail_nomem(err);
    wf_names_init(&t.ids, keep);
    for (uint32_t i = 0; i < defects->n; i++)
        WF_TRY(text_stable_id(&t, i, &ids[i], err));
    t.stable_id = ids;
    WF_TRY(find_fixed(&t, err));
    uint32_t n = defects->n + t.n_fixed, *shape_of = WF_NEW(keep, uint32_t, n);
    if (shape_of == NULL)
        return wf_fail_nomem(err);
    for (size_t c = 0; c < N_COLUMNS; c++)
        WF_TRY(fill_column(&t, c, &column[c], &numbers[c], err));
    for (uint32_t i = 0; i < n; i++)
        shape_of[i] = i < defects->n ? defects->row[i].shape : UINT32_MAX;
    *out = (wf_table){.name = "defects",
                      .point_name = "defect_points",
                      .n_rows = n,
                      .n_columns = N_COLUMNS,
                      .column = column,
                      .shape = &defects->shape,
                      .shape_of = shape_of,
                      .x = numbers[N_COLUMNS - 3],
                      .y = numbers[N_COLUMNS - 2]};
    return WF_OK;
}
