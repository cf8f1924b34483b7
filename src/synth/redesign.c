/* The second plan: units change their grid, then the changed grids are drawn anew. A few dozen changes over hundreds to
 * thousands of grids. */
#include "synth/redesign.h"
#include "base/hash.h"
#include "base/random.h"
#include "synth/union.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 3000, NONE = UINT32_MAX };

typedef enum { SAME, MERGED, SPLIT, SHIFTED, CARVED, RENAMED, DISSOLVED } operation;

/* A grid of level 4, old or new. */
typedef struct {
    uint32_t row; /* of the clean plan; of a new one the row it was taken from */
    const char *code, *name, *kind;
    operation what;
    bool is_new, touched, gone, redraw;
    uint32_t n_units;
} group;

typedef struct {
    uint32_t row, old_group, group;
    const char *code;
} unit;

typedef struct {
    const wf_grids *clean;
    wf_arena *keep;
    wf_random random;
    group *groups;
    unit *units;
    uint32_t n_groups, cap_groups, n_old, n_units, n_changes;
    wf_union_edges edges;
    uint32_t *near_start, *near; /* units beside each unit */
    uint32_t *queue, *mark, n_marks;
} redesign;

wf_synth_redesign_params wf_synth_redesign_defaults(void) {
    return (wf_synth_redesign_params){
        .n_splits = 6, .n_merges = 5, .n_shifts = 9, .n_new_unit_grids = 2, .n_renamed = 4, .n_dissolved = 3};
}

/* ---- preparing -------------------------------------------------------------------------------------------------- */

static wf_code read_plan(redesign *s, wf_error *err) {
    const wf_grids *g = s->clean;
    uint32_t n = g->shape.n_grids;
    wf_names codes;
    wf_names_init(&codes, s->keep);
    s->groups = WF_NEW(s->keep, group, n);
    s->units = WF_NEW(s->keep, unit, n);
    s->cap_groups = n;
    if (s->groups == NULL || s->units == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        if (g->level[i] == 4 && g->role[i] == WF_ROLE_PARTITION) {
            if (wf_names_add(&codes, g->code[i], strlen(g->code[i])) != s->n_groups)
                return wf_fail(err, WF_INTERNAL, "the plan has the code %s twice", g->code[i]);
            s->groups[s->n_groups++] = (group){.row = i, .code = g->code[i], .name = g->name[i], .kind = g->kind[i]};
        }
    s->n_old = s->n_groups;
    for (uint32_t i = 0; i < n; i++) {
        if (g->level[i] != 5)
            continue;
        uint32_t at = wf_names_find(&codes, g->parent[i], strlen(g->parent[i]));
        if (at == UINT32_MAX)
            return wf_fail(err, WF_INTERNAL, "the unit %s has no grid", g->code[i]);
        s->groups[at].n_units++;
        s->units[s->n_units++] = (unit){.row = i, .old_group = at, .group = at};
    }
    return WF_OK;
}

static wf_code find_neighbours(redesign *s, wf_error *err) {
    uint32_t *rows = WF_NEW(s->keep, uint32_t, s->n_units);
    if (rows == NULL)
        return wf_fail_nomem(err);
    for (uint32_t u = 0; u < s->n_units; u++)
        rows[u] = s->units[u].row;
    WF_TRY(wf_union_read(&s->clean->shape, s->n_units, rows, s->keep, &s->edges, err));
    WF_TRY(wf_union_neighbours(&s->edges, s->n_units, s->keep, &s->near_start, &s->near, err));
    s->queue = WF_NEW(s->keep, uint32_t, s->n_units);
    s->mark = WF_NEW(s->keep, uint32_t, s->n_units);
    return s->queue == NULL || s->mark == NULL ? wf_fail_nomem(err) : WF_OK;
}

static const char *parent_of(const redesign *s, uint32_t g) {
    return s->clean->parent[s->groups[g].row];
}

/* ---- questions -------------------------------------------------------------------------------------------------- */

/* Units of a group reached from `start` without passing `without`, at most `most`; they stand in the queue. */
static uint32_t spread(redesign *s, uint32_t start, uint32_t without, uint32_t most) {
    uint32_t n = 0, g = s->units[start].group, round = ++s->n_marks;
    s->queue[n++] = start;
    s->mark[start] = round;
    for (uint32_t k = 0; k < n && n < most; k++)
        for (uint32_t e = s->near_start[s->queue[k]]; e < s->near_start[s->queue[k] + 1] && n < most; e++) {
            uint32_t v = s->near[e];
            if (s->units[v].group != g || v == without || s->mark[v] == round)
                continue;
            s->mark[v] = round;
            s->queue[n++] = v;
        }
    return n;
}

static uint32_t unit_of(const redesign *s, uint32_t g, uint32_t without) {
    for (uint32_t u = 0; u < s->n_units; u++)
        if (s->units[u].group == g && u != without)
            return u;
    return NONE;
}

/* Does the group hold together when the unit leaves? */
static bool holds_without(redesign *s, uint32_t u) {
    uint32_t g = s->units[u].group, start = unit_of(s, g, u);
    return start != NONE && s->groups[g].n_units >= 3 && spread(s, start, u, s->n_units) == s->groups[g].n_units - 1;
}

static bool is_free(const redesign *s, uint32_t g) {
    return !s->groups[g].touched && !s->groups[g].is_new;
}

/* A free neighbour group in the same community beside a unit. */
static uint32_t group_beside(const redesign *s, uint32_t u) {
    for (uint32_t e = s->near_start[u]; e < s->near_start[u + 1]; e++) {
        uint32_t other = s->units[s->near[e]].group;
        if (other != s->units[u].group && is_free(s, other) &&
            strcmp(parent_of(s, other), parent_of(s, s->units[u].group)) == 0)
            return other;
    }
    return NONE;
}

/* ---- changes ---------------------------------------------------------------------------------------------------- */

static void move_unit(redesign *s, uint32_t u, uint32_t to) {
    s->groups[s->units[u].group].n_units--;
    s->units[u].group = to;
    s->groups[to].n_units++;
}

static void touch(redesign *s, uint32_t g, operation what) {
    s->groups[g].touched = true;
    s->groups[g].what = what;
    s->groups[g].redraw = what != RENAMED;
}

static uint64_t sequence_of(const char *code, const char *parent) {
    size_t n = strlen(parent);
    return strncmp(code, parent, n) == 0 ? strtoull(code + n, NULL, 10) : 0;
}

static char *join(wf_arena *keep, const char *prefix, uint64_t number, size_t width) {
    char digits[24];
    size_t n = 0, n_prefix = strlen(prefix);
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n < width)
        digits[n++] = '0';
    char *text = wf_arena_alloc(keep, n_prefix + n + 1, 1);
    if (text == NULL)
        return NULL;
    memcpy(text, prefix, n_prefix);
    for (size_t k = 0; k < n; k++)
        text[n_prefix + k] = digits[n - 1 - k];
    return text;
}

/* A new group in the community of `from`, with the next free number. */
static wf_code add_group(redesign *s, uint32_t from, const char *kind, uint32_t *out, wf_error *err) {
    const char *parent = parent_of(s, from);
    uint64_t highest = 0;
    for (uint32_t g = 0; g < s->n_groups; g++)
        if (strcmp(parent_of(s, g), parent) == 0 && sequence_of(s->groups[g].code, parent) > highest)
            highest = sequence_of(s->groups[g].code, parent);
    group added = {.row = s->groups[from].row, .kind = kind, .is_new = true, .touched = true, .redraw = true};
    added.code = join(s->keep, parent, highest + 1, strlen(s->groups[from].code) - strlen(parent));
    added.name = join(s->keep, "新设网格", highest + 1, 1);
    if (added.code == NULL || added.name == NULL || s->n_groups == s->cap_groups)
        return wf_fail_nomem(err);
    *out = s->n_groups;
    s->groups[s->n_groups++] = added;
    return WF_OK;
}

static uint32_t draw_unit(redesign *s) {
    return (uint32_t)wf_random_below(&s->random, s->n_units);
}

static wf_code split(redesign *s, bool *done, wf_error *err) {
    uint32_t u = draw_unit(s), g = s->units[u].group, half = s->groups[g].n_units / 2, made;
    if (!is_free(s, g) || s->groups[g].n_units < 4 || spread(s, u, NONE, half) != half)
        return WF_OK;
    uint32_t *taken = WF_NEW(s->keep, uint32_t, half);
    if (taken == NULL)
        return wf_fail_nomem(err);
    memcpy(taken, s->queue, half * sizeof *taken);
    uint32_t n = s->groups[g].n_units;
    WF_TRY(add_group(s, g, s->groups[g].kind, &made, err));
    for (uint32_t k = 0; k < half; k++)
        move_unit(s, taken[k], made);
    *done = spread(s, unit_of(s, g, NONE), NONE, s->n_units) == n - half;
    if (*done) {
        touch(s, g, SPLIT);
        return WF_OK;
    }
    for (uint32_t k = 0; k < half; k++)
        move_unit(s, taken[k], g);
    s->n_groups--;
    return WF_OK;
}

static wf_code merge(redesign *s, bool *done, wf_error *err) {
    (void)err;
    uint32_t u = draw_unit(s), g = s->units[u].group, other = is_free(s, g) ? group_beside(s, u) : NONE;
    if (other == NONE)
        return WF_OK;
    /* The larger one keeps its code, the other's is retired. */
    uint32_t into = s->groups[g].n_units >= s->groups[other].n_units ? g : other, from = into == g ? other : g;
    touch(s, into, MERGED);
    touch(s, from, MERGED);
    s->groups[from].gone = true;
    for (uint32_t k = 0; k < s->n_units; k++)
        if (s->units[k].group == from)
            move_unit(s, k, into);
    *done = true;
    return WF_OK;
}

static wf_code shift(redesign *s, bool *done, wf_error *err) {
    (void)err;
    uint32_t u = draw_unit(s), g = s->units[u].group, other = is_free(s, g) ? group_beside(s, u) : NONE;
    if (other == NONE || !holds_without(s, u))
        return WF_OK;
    touch(s, g, SHIFTED);
    touch(s, other, SHIFTED);
    move_unit(s, u, other);
    *done = true;
    return WF_OK;
}

static wf_code carve(redesign *s, bool *done, wf_error *err) {
    uint32_t u = draw_unit(s), g = s->units[u].group, made;
    if (!is_free(s, g) || !holds_without(s, u))
        return WF_OK;
    WF_TRY(add_group(s, g, "专属网格", &made, err));
    touch(s, g, CARVED);
    move_unit(s, u, made);
    *done = true;
    return WF_OK;
}

static wf_code rename_one(redesign *s, bool *done, wf_error *err) {
    uint32_t g = s->units[draw_unit(s)].group;
    if (!is_free(s, g))
        return WF_OK;
    touch(s, g, RENAMED);
    s->groups[g].name = join(s->keep, "更名网格", sequence_of(s->groups[g].code, parent_of(s, g)), 1);
    *done = true;
    return s->groups[g].name == NULL ? wf_fail_nomem(err) : WF_OK;
}

/* Unit by unit to free neighbours until none is left; taken back when one finds none. */
static wf_code dissolve(redesign *s, bool *done, wf_error *err) {
    (void)err;
    uint32_t g = s->units[draw_unit(s)].group, left = s->groups[g].n_units;
    if (!is_free(s, g) || left > 12)
        return WF_OK;
    for (bool moved = true; moved && s->groups[g].n_units > 0;) {
        moved = false;
        for (uint32_t u = 0; u < s->n_units; u++) {
            uint32_t other = s->units[u].group == g ? group_beside(s, u) : NONE;
            if (other == NONE)
                continue;
            move_unit(s, u, other);
            moved = true;
        }
    }
    *done = s->groups[g].n_units == 0;
    for (uint32_t u = 0; u < s->n_units; u++) {
        if (s->units[u].old_group != g || s->units[u].group == g)
            continue;
        if (*done)
            touch(s, s->units[u].group, SHIFTED);
        else
            move_unit(s, u, g);
    }
    if (*done) {
        touch(s, g, DISSOLVED);
        s->groups[g].gone = true;
    }
    return WF_OK;
}

static wf_code repeat(redesign *s, uint32_t n, wf_code (*change)(redesign *, bool *, wf_error *), wf_error *err) {
    for (uint32_t i = 0; i < n; i++) {
        bool done = false;
        for (int t = 0; t < TRIES && !done; t++)
            WF_TRY(change(s, &done, err));
        s->n_changes += done;
    }
    return WF_OK;
}

/* ---- the new plan ----------------------------------------------------------------------------------------------- */

typedef struct {
    const char *code;
    uint32_t number;
} key;

static int by_code(const void *a, const void *b) {
    return strcmp(((const key *)a)->code, ((const key *)b)->code);
}

static void copy_row(const redesign *s, wf_grids *out, uint32_t to, uint32_t from) {
    const wf_grids *g = s->clean;
    out->code[to] = g->code[from];
    out->name[to] = g->name[from];
    out->parent[to] = g->parent[from];
    out->kind[to] = g->kind[from];
    out->level[to] = g->level[from];
    out->role[to] = g->role[from];
    out->households[to] = g->households[from];
    out->population[to] = g->population[from];
    out->floating_pop[to] = g->floating_pop[from];
    out->workers[to] = g->workers[from];
    out->feature[to] = to + 1;
}

static wf_code draw_group(redesign *s, uint32_t g, wf_polygons_builder *b, wf_error *err) {
    uint8_t *in = WF_NEW(s->keep, uint8_t, s->n_units);
    if (in == NULL)
        return wf_fail_nomem(err);
    for (uint32_t u = 0; u < s->n_units; u++)
        in[u] = s->units[u].group == g;
    return wf_union_draw(&s->edges, in, b, s->keep, err);
}

static void sum_units(const redesign *s, uint32_t g, wf_grids *out, uint32_t to) {
    double *const sums[] = {&out->households[to], &out->population[to], &out->floating_pop[to], &out->workers[to]};
    const double *const from[] = {s->clean->households, s->clean->population, s->clean->floating_pop,
                                  s->clean->workers};
    for (int k = 0; k < 4; k++) {
        *sums[k] = 0;
        for (uint32_t u = 0; u < s->n_units; u++)
            *sums[k] += s->units[u].group == g ? from[k][s->units[u].row] : 0;
    }
}

static wf_code add_groups(redesign *s, wf_grids *out, uint32_t *at, wf_polygons_builder *b, wf_error *err) {
    key *keys = WF_NEW(s->keep, key, s->n_groups);
    uint32_t n = 0;
    if (keys == NULL)
        return wf_fail_nomem(err);
    for (uint32_t g = 0; g < s->n_groups; g++)
        if (!s->groups[g].gone)
            keys[n++] = (key){s->groups[g].code, g};
    qsort(keys, n, sizeof *keys, by_code);
    for (uint32_t k = 0; k < n; k++) {
        const group *g = &s->groups[keys[k].number];
        uint32_t to = (*at)++;
        copy_row(s, out, to, g->row);
        out->code[to] = g->code;
        out->name[to] = g->name;
        out->kind[to] = g->kind;
        if (g->redraw) {
            WF_TRY(draw_group(s, keys[k].number, b, err));
            sum_units(s, keys[k].number, out, to);
        } else
            wf_union_copy(&s->clean->shape, g->row, b);
    }
    return WF_OK;
}

/* Units are numbered in their new grid in the order of their old codes. */
static wf_code add_units(redesign *s, wf_grids *out, uint32_t *at, wf_polygons_builder *b, wf_error *err) {
    uint32_t *next = WF_NEW(s->keep, uint32_t, s->n_groups);
    key *keys = WF_NEW(s->keep, key, s->n_units);
    if (next == NULL || keys == NULL)
        return wf_fail_nomem(err);
    for (uint32_t u = 0; u < s->n_units; u++) { /* the clean plan lists them by code */
        s->units[u].code = join(s->keep, s->groups[s->units[u].group].code, ++next[s->units[u].group], 3);
        if (s->units[u].code == NULL)
            return wf_fail_nomem(err);
        keys[u] = (key){s->units[u].code, u};
    }
    qsort(keys, s->n_units, sizeof *keys, by_code);
    for (uint32_t k = 0; k < s->n_units; k++) {
        const unit *u = &s->units[keys[k].number];
        uint32_t to = (*at)++;
        copy_row(s, out, to, u->row);
        out->code[to] = u->code;
        out->parent[to] = s->groups[u->group].code;
        wf_union_copy(&s->clean->shape, u->row, b);
    }
    return WF_OK;
}

static wf_code make_plan(redesign *s, const wf_measure *measure, wf_grids *out, wf_error *err) {
    const wf_grids *g = s->clean;
    uint32_t n = 0, at = 0;
    for (uint32_t k = 0; k < s->n_groups; k++)
        n += !s->groups[k].gone;
    WF_TRY(wf_grids_init(out, g->shape.n_grids - s->n_old + n, s->keep, err));
    wf_polygons_builder b;
    wf_polygons_begin(&b, s->keep);
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->level[i] < 4) {
            copy_row(s, out, at++, i);
            wf_union_copy(&g->shape, i, &b);
        }
    WF_TRY(add_groups(s, out, &at, &b, err));
    WF_TRY(add_units(s, out, &at, &b, err));
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->role[i] == WF_ROLE_OVERLAY) {
            copy_row(s, out, at++, i);
            wf_union_copy(&g->shape, i, &b);
        }
    WF_TRY(wf_polygons_finish(&b, &out->shape, err));
    for (uint32_t i = 0; i < at; i++) {
        out->area_m2[i] = wf_polygons_area_m2(&out->shape, i, measure);
        out->declared_area_m2[i] = round(out->area_m2[i] * 10) / 10;
    }
    return WF_OK;
}

/* ---- the crosswalk ---------------------------------------------------------------------------------------------- */

static const char *change_of(const redesign *s, uint32_t from, uint32_t to) {
    switch (s->groups[from].what) {
    case DISSOLVED:
        return "撤销";
    case MERGED:
        return "合并";
    case SPLIT:
        return "拆分";
    case RENAMED:
        return "更名";
    case SAME:
        return "保留";
    default:
        return s->groups[to].is_new ? "新增" : "边界微调";
    }
}

static int by_codes(const void *a, const void *b) {
    const wf_synth_move *p = a, *q = b;
    int order = strcmp(p->old_code, q->old_code);
    return order != 0 ? order : strcmp(p->new_code, q->new_code);
}

static wf_code cross(redesign *s, wf_synth_crosswalk *out, wf_error *err) {
    out->row = WF_NEW(s->keep, wf_synth_move, s->n_units);
    out->n = 0;
    out->n_changes = s->n_changes;
    if (out->row == NULL)
        return wf_fail_nomem(err);
    for (uint32_t u = 0; u < s->n_units; u++) {
        const group *from = &s->groups[s->units[u].old_group], *to = &s->groups[s->units[u].group];
        out->row[out->n++] = (wf_synth_move){from->code,
                                             to->code,
                                             change_of(s, s->units[u].old_group, s->units[u].group),
                                             s->clean->area_m2[s->units[u].row],
                                             s->clean->households[s->units[u].row],
                                             s->clean->population[s->units[u].row]};
    }
    qsort(out->row, out->n, sizeof *out->row, by_codes);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < out->n; k++) {
        wf_synth_move *row = &out->row[k], *last = kept > 0 ? &out->row[kept - 1] : NULL;
        if (last == NULL || by_codes(last, row) != 0) {
            out->row[kept++] = *row;
            continue;
        }
        last->area_m2 += row->area_m2;
        last->households += row->households;
        last->population += row->population;
    }
    out->n = kept;
    return WF_OK;
}

wf_code wf_synth_redesign(const wf_grids *clean, const wf_synth_redesign_params *params, uint64_t seed,
                          const wf_measure *measure, wf_arena *keep, wf_grids *out, wf_synth_crosswalk *crosswalk,
                          wf_error *err) {
    redesign s = {.clean = clean, .keep = keep};
    wf_random_seed(&s.random, seed, 2);
    WF_TRY(read_plan(&s, err));
    WF_TRY(find_neighbours(&s, err));
    WF_TRY(repeat(&s, params->n_dissolved, dissolve, err));
    WF_TRY(repeat(&s, params->n_splits, split, err));
    WF_TRY(repeat(&s, params->n_merges, merge, err));
    WF_TRY(repeat(&s, params->n_shifts, shift, err));
    WF_TRY(repeat(&s, params->n_new_unit_grids, carve, err));
    WF_TRY(repeat(&s, params->n_renamed, rename_one, err));
    WF_TRY(make_plan(&s, measure, out, err));
    return cross(&s, crosswalk, err);
}
