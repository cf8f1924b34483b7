/* Counting. Hot: a handful of additions an incident. */
#include "workload/tally.h"
#include <stdlib.h>
#include <string.h>

wf_code wf_tally_open(wf_tally *out, const wf_tally_shape *shape, wf_error *err) {
    wf_tally t = {.shape = *shape};
    size_t n = (size_t)shape->n_grids + 1;
    t.placed = calloc(n, sizeof *t.placed);
    t.unassigned = calloc(n, sizeof *t.unassigned);
    t.by_hour = shape->by_hour ? calloc(n * WF_TALLY_HOURS, sizeof *t.by_hour) : NULL;
    t.by_period = shape->n_periods > 0 ? calloc(n * (shape->n_periods + 1), sizeof *t.by_period) : NULL;
    if (t.placed == NULL || t.unassigned == NULL || (shape->by_hour && t.by_hour == NULL) ||
        (shape->n_periods > 0 && t.by_period == NULL)) {
        wf_tally_close(&t);
        return wf_fail_nomem(err);
    }
    *out = t;
    return WF_OK;
}

void wf_tally_close(wf_tally *t) {
    free(t->placed);
    free(t->unassigned);
    free(t->by_hour);
    free(t->by_period);
    for (uint32_t c = 0; c < t->n_categories; c++)
        free(t->by_category[c]);
    free(t->by_category);
    memset(t, 0, sizeof *t);
}

uint32_t wf_tally_categories(uint32_t n_grids) {
    uint32_t n = WF_TALLY_CELLS / (n_grids + 1);
    return n < 4096 ? 4096 : n > WF_TALLY_CATEGORIES ? WF_TALLY_CATEGORIES : n;
}

/* The counters of a category; NULL when memory is short. */
static uint32_t *column(wf_tally *t, uint32_t category) {
    if (category >= t->cap_categories) {
        uint32_t cap = category < 128 ? 256 : category * 2;
        uint32_t **grown = realloc(t->by_category, cap * sizeof *grown);
        if (grown == NULL)
            return NULL;
        memset(grown + t->cap_categories, 0, (cap - t->cap_categories) * sizeof *grown);
        t->by_category = grown;
        t->cap_categories = cap;
    }
    t->n_categories = category < t->n_categories ? t->n_categories : category + 1;
    if (t->by_category[category] == NULL)
        t->by_category[category] = calloc((size_t)t->shape.n_grids + 1, sizeof(uint32_t));
    return t->by_category[category];
}

/* Where a key counts by period. */
static uint32_t *period_of(const wf_tally *t, const wf_tally_key *key) {
    uint32_t n = t->shape.n_periods;
    return &t->by_period[(size_t)key->grid * (n + 1) + (key->period < n ? key->period : n)];
}

wf_code wf_tally_add(wf_tally *t, const wf_tally_key *key, wf_error *err) {
    if (key->unassigned)
        t->unassigned[key->grid]++;
    else
        t->placed[key->grid]++;
    if (t->shape.by_category) {
        uint32_t *counts = column(t, key->category);
        if (counts == NULL)
            return wf_fail_nomem(err);
        counts[key->grid]++;
    }
    if (t->by_hour != NULL && key->hour < WF_TALLY_HOURS)
        t->by_hour[(size_t)key->grid * WF_TALLY_HOURS + key->hour]++;
    if (t->by_period != NULL)
        ++*period_of(t, key);
    return WF_OK;
}

void wf_tally_remove(wf_tally *t, const wf_tally_key *key) {
    if (key->unassigned)
        t->unassigned[key->grid]--;
    else
        t->placed[key->grid]--;
    if (t->shape.by_category)
        t->by_category[key->category][key->grid]--;
    if (t->by_hour != NULL && key->hour < WF_TALLY_HOURS)
        t->by_hour[(size_t)key->grid * WF_TALLY_HOURS + key->hour]--;
    if (t->by_period != NULL)
        --*period_of(t, key);
}

static bool add_column(uint32_t *into, const uint32_t *from, size_t n) {
    bool over = false;
    for (size_t i = 0; from != NULL && i < n; i++) {
        into[i] += from[i];
        over |= into[i] < from[i];
    }
    return over;
}

wf_code wf_tally_merge(wf_tally *into, const wf_tally *from, wf_error *err) {
    size_t n = into->shape.n_grids;
    bool over = add_column(into->placed, from->placed, n) | add_column(into->unassigned, from->unassigned, n);
    if (into->by_hour != NULL)
        over |= add_column(into->by_hour, from->by_hour, n * WF_TALLY_HOURS);
    if (into->by_period != NULL)
        over |= add_column(into->by_period, from->by_period, n * (into->shape.n_periods + 1));
    for (uint32_t c = 0; c < from->n_categories; c++) {
        if (from->by_category[c] == NULL)
            continue;
        uint32_t *counts = column(into, c);
        if (counts == NULL)
            return wf_fail_nomem(err);
        over |= add_column(counts, from->by_category[c], n);
    }
    return over ? wf_fail(err, WF_LIMIT, "over 4,294,967,295 incidents in one grid") : WF_OK;
}

void wf_tally_roll_up(uint32_t n_grids, const uint32_t *parent, const uint8_t *level, uint64_t *count) {
    bool present[256] = {false};
    for (uint32_t i = 0; i < n_grids; i++)
        present[level[i]] = true;
    for (int l = 255; l > 0; l--)
        for (uint32_t i = 0; present[l] && i < n_grids; i++)
            if (level[i] == l && parent[i] != UINT32_MAX)
                count[parent[i]] += count[i];
}
