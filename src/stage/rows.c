/* Records to placed rows. Hot: everything here runs once a row. The coordinates decide first, then what else the row
 * says of itself. */
#include "stage/rows.h"
#include "intake/number.h"
#include "intake/when.h"
#include "stage/frames.h"
#include "workload/tally.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 512, MAX_PERIODS = 4000, MAX_GROUPS = 4096, ZONES = 2 };
#define BIT(rule) (1u << (rule))

/* Systems a source's rows can be in. */
typedef struct {
    uint32_t declared;     /* frame of the whole source */
    uint32_t label[4];     /* frame of each wf_system named in the row */
    uint32_t *group_frame; /* of each declared group */
    wf_names groups;
} source_systems;

struct wf_rows {
    const wf_plan *plan;
    wf_rows_rules rules;
    const wf_source *source;
    uint32_t n_sources, n_periods, max_categories;
    unsigned n_threads;
    wf_frames frames;
    source_systems *systems;
    wf_arena keep;
    wf_words categories, groups;
    uint8_t *masks;             /* thread · n_sources · MAX_GROUPS + …: systems stated in a group's rows */
    uint32_t zone_frame[ZONES]; /* Gauss-Krüger zones around the grids, 3° and 6° */
    int zone_meridian[ZONES];
    bool zones;
    int64_t first_period;
};

/* ---- rules ------------------------------------------------------------------------------------------------------ */

wf_rows_rules wf_rows_rules_default(void) {
    return (wf_rows_rules){.from = INT64_MIN, .to = INT64_MAX, .now = INT64_MAX};
}

static wf_code read_day(const char *name, const char *text, int64_t *out, wf_error *err) {
    if (wf_when_read(text, strlen(text), out) == WF_WHEN_TIME)
        return WF_OK;
    return wf_fail(err, WF_USAGE, "%s takes a day like 2025-01-31, not \"%s\"", name, text);
}

wf_code wf_rows_rules_set(const char *period, const char *from, const char *to, const char *date, wf_rows_rules *rules,
                          wf_error *err) {
    static const char *const names[] = {"day", "week", "month", "quarter", "year"};
    wf_rows_rules r = *rules;
    if (from != NULL)
        WF_TRY(read_day("from", from, &r.from, err));
    if (to != NULL)
        WF_TRY(read_day("to", to, &r.to, err));
    if (to != NULL && r.to % 86400 == 0)
        r.to += 86400;
    else if (to != NULL)
        r.to += 1;
    if (date != NULL) {
        WF_TRY(read_day("date", date, &r.now, err));
        r.now += 86400 - 1;
    }
    if (r.from >= r.to)
        return wf_fail(err, WF_USAGE, "nothing lies between %s and %s", from, to);
    for (int i = 0; period != NULL; i++) {
        if (i == 5)
            return wf_fail(err, WF_USAGE, "period takes day, week, month, quarter or year, not \"%s\"", period);
        if (strcmp(period, names[i]) == 0) {
            r.period = (wf_period)(WF_PERIOD_DAY + i);
            break;
        }
    }
    *rules = r;
    return WF_OK;
}

/* ---- periods ---------------------------------------------------------------------------------------------------- */

/* Ordinal of the period a time lies in. */
static int64_t ordinal(wf_period period, int64_t when) {
    int64_t year, day = when >= 0 ? when / 86400 : -((-when + 86399) / 86400);
    unsigned month, date;
    wf_when_date(when, &year, &month, &date);
    switch (period) {
    case WF_PERIOD_DAY:
        return day;
    case WF_PERIOD_WEEK:
        return (day - (int64_t)wf_when_weekday(when) + 3) / 7;
    case WF_PERIOD_MONTH:
        return year * 12 + (int64_t)month - 1;
    case WF_PERIOD_QUARTER:
        return year * 4 + (int64_t)(month - 1) / 3;
    default:
        return year;
    }
}

uint32_t wf_rows_n_periods(const wf_rows *rows) {
    return rows->n_periods;
}

void wf_rows_period_name(const wf_rows *rows, uint32_t period, char *text) {
    int64_t at = rows->first_period + period, year;
    unsigned month, day;
    switch (rows->rules.period) {
    case WF_PERIOD_DAY:
    case WF_PERIOD_WEEK:
        wf_when_date((rows->rules.period == WF_PERIOD_DAY ? at : at * 7 - 3) * 86400, &year, &month, &day);
        snprintf(text, 16, "%04d-%02u-%02u", (int)year, month % 13, day % 32);
        return;
    case WF_PERIOD_MONTH:
        snprintf(text, 16, "%04d-%02d", (int)(at / 12), (int)(at % 12) + 1);
        return;
    case WF_PERIOD_QUARTER:
        snprintf(text, 16, "%04d-Q%d", (int)(at / 4), (int)(at % 4) + 1);
        return;
    default:
        snprintf(text, 16, "%04d", (int)at);
    }
}

static wf_code set_periods(wf_rows *r, wf_error *err) {
    if (r->rules.period == WF_PERIOD_NONE)
        return WF_OK;
    if (r->rules.from == INT64_MIN || r->rules.to == INT64_MAX)
        return wf_fail(err, WF_USAGE, "counting by period needs the first and the last day: load.from and load.to");
    r->first_period = ordinal(r->rules.period, r->rules.from);
    int64_t n = ordinal(r->rules.period, r->rules.to - 1) - r->first_period + 1;
    if (n < 1 || n > MAX_PERIODS)
        return wf_fail(err, WF_USAGE, "there are %lld periods between load.from and load.to: 1 to %d can be counted",
                       (long long)n, MAX_PERIODS);
    r->n_periods = (uint32_t)n;
    return WF_OK;
}

/* ---- systems ---------------------------------------------------------------------------------------------------- */

static wf_code open_systems(wf_rows *r, uint32_t s, wf_error *err) {
    static const char *const labels[] = {NULL, "EPSG:4490", "GCJ-02", "BD-09"};
    const wf_source_request *q = r->source[s].request;
    source_systems *y = &r->systems[s];
    WF_TRY(wf_frames_find(&r->frames, r->source[s].crs, &y->declared, err));
    for (int i = 1; i < 4 && r->source[s].column[WF_COLUMN_SYSTEM] >= 0; i++)
        WF_TRY(wf_frames_find(&r->frames, labels[i], &y->label[i], err));
    wf_names_init(&y->groups, &r->keep);
    y->group_frame = WF_NEW(&r->keep, uint32_t, q->n_groups + 1);
    if (y->group_frame == NULL)
        return wf_fail_nomem(err);
    for (uint32_t g = 0; g < q->n_groups; g++) {
        uint32_t at = wf_names_add(&y->groups, q->group[g].value, strlen(q->group[g].value));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        WF_TRY(wf_frames_find(&r->frames, q->group[g].crs, &y->group_frame[at], err));
    }
    return WF_OK;
}

/* Gauss-Krüger zones of 3° and 6° around geographic grids, for projected values in a geographic column. */
static wf_code open_zones(wf_rows *r, wf_error *err) {
    const wf_plan *p = r->plan;
    double middle = (p->area[0] + p->area[2]) / 2;
    if (!p->info.geographic || p->system == WF_SYSTEM_UNKNOWN || middle < 72 || middle > 138)
        return WF_OK;
    r->zone_meridian[0] = (int)lround(middle / 3) * 3;
    r->zone_meridian[1] = (int)floor(middle / 6) * 6 + 3;
    for (int z = 0; z < ZONES; z++) {
        char *crs = wf_arena_alloc(&r->keep, 128, 1);
        if (crs == NULL)
            return wf_fail_nomem(err);
        /* CGCS2000 / 3-degree (and 6-degree) Gauss-Kruger CM 75E … CM 135E. */
        int m = r->zone_meridian[z];
        if (m >= 75 && m <= 135 && (z == 0 || m % 6 == 3))
            snprintf(crs, 128, "EPSG:%d", z == 0 ? 4534 + (m - 75) / 3 : 4502 + (m - 75) / 6);
        else
            snprintf(crs, 128, "+proj=tmerc +lat_0=0 +lon_0=%d +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +type=crs",
                     m);
        WF_TRY(wf_frames_find(&r->frames, crs, &r->zone_frame[z], err));
    }
    r->zones = true;
    return WF_OK;
}

wf_code wf_rows_open(const wf_plan *plan, const wf_rows_rules *rules, uint32_t n_sources, const wf_source *sources,
                     unsigned n_threads, wf_rows **out, wf_error *err) {
    wf_rows *r = calloc(1, sizeof *r);
    wf_code code = WF_OK;
    if (r == NULL)
        return wf_fail_nomem(err);
    r->plan = plan;
    r->rules = *rules;
    r->source = sources;
    r->n_sources = n_sources;
    r->n_threads = n_threads;
    wf_arena_init(&r->keep);
    wf_frames_init(&r->frames, plan, n_threads);
    r->systems = WF_NEW(&r->keep, source_systems, n_sources);
    r->masks = calloc((size_t)n_threads * n_sources + 1, MAX_GROUPS);
    WF_GO(r->systems == NULL || r->masks == NULL ? wf_fail_nomem(err) : WF_OK);
    WF_GO(wf_words_open(&r->categories, n_threads, err));
    WF_GO(wf_words_open(&r->groups, n_threads, err));
    WF_GO(set_periods(r, err));
    r->max_categories = wf_tally_categories(plan->grids.shape.n_grids);
    if (rules->categories != NULL && rules->categories->n >= r->max_categories)
        WF_GO(wf_fail(err, WF_LIMIT, "the table holds %u categories: at most %u can be counted on %u grids",
                      rules->categories->n, r->max_categories - 1, plan->grids.shape.n_grids));
    for (uint32_t s = 0; s < n_sources; s++)
        WF_GO(open_systems(r, s, err));
    for (uint32_t i = 0; i < r->frames.n; i++)
        r->frames.frame[i].declared = true;
    WF_GO(open_zones(r, err));
    *out = r;
done:
    if (code != WF_OK)
        wf_rows_close(r);
    return code;
}

void wf_rows_close(wf_rows *r) {
    if (r == NULL)
        return;
    wf_frames_clear(&r->frames);
    if (r->categories.n_threads > 0)
        wf_words_close(&r->categories);
    if (r->groups.n_threads > 0)
        wf_words_close(&r->groups);
    free(r->masks);
    wf_arena_clear(&r->keep);
    free(r);
}

bool wf_rows_mixed(const wf_rows *r, uint32_t source, uint32_t group) {
    uint8_t mask = 0;
    for (unsigned t = 0; t < r->n_threads && group < MAX_GROUPS; t++)
        mask |= r->masks[((size_t)t * r->n_sources + source) * MAX_GROUPS + group];
    return (mask & (mask - 1)) != 0;
}

uint32_t wf_rows_operations(const wf_rows *r, wf_rows_operation *out, uint32_t room) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->frames.n && n < room; i++) {
        const wf_frame *f = &r->frames.frame[i];
        bool idle = f->shift_from == WF_SYSTEM_UNKNOWN && f->transform == NULL && f->shift_to == WF_SYSTEM_UNKNOWN;
        if (idle || (!f->declared && !f->used))
            continue;
        out[n++] = (wf_rows_operation){f->from, r->plan->crs,
                                       f->transform != NULL ? wf_transform_name(f->transform) : "public formulas",
                                       f->transform != NULL ? wf_transform_accuracy_m(f->transform) : 1.0};
    }
    return n;
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *text;
    size_t n;
} cell;

/* The text of a column without blanks at its ends; doubled quotes are made single in `room`. */
static cell cell_of(const wf_source *s, wf_source_column c, const wf_csv_field *fields, uint32_t n, char *room) {
    int at = s->column[c];
    if (at < 0 || (uint32_t)at >= n)
        return (cell){"", 0};
    const wf_csv_field *f = &fields[at];
    if (f->quoted && memchr(f->bytes, '"', f->n) != NULL)
        return (cell){room, wf_csv_text(f, room, CELL_BYTES)};
    const char *p = f->bytes, *end = p + f->n;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (cell){p, (size_t)(end - p)};
}

/* True when a text shows that its bytes went through a wrong encoding. */
static bool is_broken(const char *text, size_t n) {
    return memmem(text, n, "\xEF\xBF\xBD", 3) != NULL || memmem(text, n, "锟斤拷", 9) != NULL;
}

/* ---- coordinates ------------------------------------------------------------------------------------------------ */

/* Projected values: easting with or without its zone, in either order. True when one way leads to the grids. */
static bool unproject(wf_rows *r, unsigned thread, double *x, double *y) {
    double east = fmax(fabs(*x), fabs(*y)), north = fmin(fabs(*x), fabs(*y));
    int zone = 0;
    if (east >= 1e8)
        return false;
    if (east >= 1e7)
        zone = (int)(east / 1e6); /* the zone's number stands before seven digits of easting */
    else if (east > 1e6) {        /* northings have seven digits, eastings without zone six */
        double swap = east;
        east = north;
        north = swap;
    } else
        return false;
    for (int z = 0; z < ZONES; z++) {
        double lon = east - zone * 1e6, lat = north;
        int meridian = zone == 0 ? r->zone_meridian[z] : z == 0 ? zone * 3 : zone * 6 - 3;
        if (meridian != r->zone_meridian[z] || lon < 1e5 || lon > 9e5)
            continue;
        wf_frame *frame = &r->frames.frame[r->zone_frame[z]];
        if (wf_frame_move(frame, thread, &lon, &lat) && wf_plan_near(r->plan, lon, lat)) {
            __atomic_store_n(&frame->used, true, __ATOMIC_RELAXED);
            *x = lon;
            *y = lat;
            return true;
        }
    }
    return false;
}

/* Values that are no degrees in a geographic column. For projected grids they may be in the grids' own system, in
 * either order; for geographic ones in a zone around them. True when one way leads to the grids. */
static bool recover(wf_rows *r, unsigned thread, wf_row *row) {
    if (r->plan->info.geographic)
        return r->zones && unproject(r, thread, &row->x, &row->y);
    double x = row->x, y = row->y;
    if (wf_plan_near(r->plan, x, y))
        return true;
    row->x = y;
    row->y = x;
    return wf_plan_near(r->plan, y, x);
}

/* The frame of a row: what the row says, else what its group is declared to be, else what the source is. */
static uint32_t frame_of(wf_rows *r, unsigned thread, uint32_t s, const wf_csv_field *fields, uint32_t n, wf_row *row) {
    const wf_source *source = &r->source[s];
    const source_systems *y = &r->systems[s];
    char room[CELL_BYTES];
    row->group = 0; /* without a column for it the whole source is one group */
    uint32_t frame = y->declared;
    if (source->column[WF_COLUMN_GROUP] < 0 && source->column[WF_COLUMN_SYSTEM] < 0)
        return frame;
    cell group = cell_of(source, WF_COLUMN_GROUP, fields, n, room);
    if (source->column[WF_COLUMN_GROUP] >= 0) {
        if (source->column[WF_COLUMN_SYSTEM] >= 0) /* only labels can be mixed */
            row->group = wf_words_number(&r->groups, thread, group.text, group.n);
        uint32_t at = wf_names_find(&y->groups, group.text, group.n);
        frame = at != UINT32_MAX ? y->group_frame[at] : frame;
    }
    if (source->column[WF_COLUMN_SYSTEM] < 0)
        return frame;
    cell label = cell_of(source, WF_COLUMN_SYSTEM, fields, n, room);
    wf_system system = wf_system_find(label.text, label.n);
    if (row->group < MAX_GROUPS && system != WF_SYSTEM_UNKNOWN)
        r->masks[((size_t)thread * r->n_sources + s) * MAX_GROUPS + row->group] |= (uint8_t)(1u << system);
    if (system == WF_SYSTEM_UNKNOWN) {
        row->flags |= BIT(WF_C02); /* stands only where the group turns out to be mixed */
        return frame;
    }
    return y->label[system];
}

static bool is_geographic(const wf_rows *r, const wf_frame *f) {
    return f->shift_from != WF_SYSTEM_UNKNOWN || (f->transform == NULL && r->plan->info.geographic);
}

static uint64_t hash_of_spot(double x, double y, uint32_t frame) {
    uint64_t h, k;
    memcpy(&h, &x, sizeof h);
    memcpy(&k, &y, sizeof k);
    h = (h ^ frame) * 0x9FB21C651E98DF25U;
    h = (h ^ (h >> 32) ^ k) * 0xA24BAED4963EE407U;
    h = (h ^ (h >> 29)) * 0xD6E8FEB86659FD93U;
    return h ^ (h >> 32);
}

/* Coordinates in the grids' system, or the rule that rejects the row. */
static wf_rule read_place(wf_rows *r, unsigned thread, uint32_t s, const wf_csv_field *fields, uint32_t n,
                          wf_row *row) {
    const wf_source *source = &r->source[s];
    if ((uint32_t)source->column[WF_COLUMN_X] >= n || (uint32_t)source->column[WF_COLUMN_Y] >= n)
        return WF_I17;
    char room_x[CELL_BYTES], room_y[CELL_BYTES];
    cell x = cell_of(source, WF_COLUMN_X, fields, n, room_x), y = cell_of(source, WF_COLUMN_Y, fields, n, room_y);
    wf_cell_form form_x = wf_coordinate_read(x.text, x.n, &row->x), form_y = wf_coordinate_read(y.text, y.n, &row->y);
    if (form_x == WF_CELL_BAD || form_y == WF_CELL_BAD)
        return is_broken(x.text, x.n) || is_broken(y.text, y.n) ? WF_I15 : WF_I17;
    if (form_x == WF_CELL_MISSING || form_y == WF_CELL_MISSING)
        return WF_I01;
    if (row->x == 0.0 && row->y == 0.0)
        return WF_I02;
    uint32_t at = frame_of(r, thread, s, fields, n, row);
    const wf_frame *frame = &r->frames.frame[at];
    row->spot = hash_of_spot(row->x, row->y, at);
    if (form_x == WF_CELL_DMS || form_y == WF_CELL_DMS)
        row->rule = WF_I04;
    if (is_geographic(r, frame)) {
        if ((fabs(row->x) > 180 || fabs(row->y) > 180) && !wf_plan_near_degrees(r->plan, row->x, row->y)) {
            row->rule = WF_I05;
            return recover(r, thread, row) ? WF_RULE_NONE : WF_I05;
        }
        if (!wf_plan_near_degrees(r->plan, row->x, row->y) && wf_plan_near_degrees(r->plan, row->y, row->x)) {
            double swap = row->x;
            row->x = row->y;
            row->y = swap;
            row->rule = WF_I03;
        }
    }
    return wf_frame_move(frame, thread, &row->x, &row->y) ? WF_RULE_NONE : WF_I05;
}

/* ---- the rest of the row ---------------------------------------------------------------------------------------- */

/* Spreadsheets keep 15 digits: longer ids end in zeros or become 6.10824E+17. */
static bool is_damaged(cell id) {
    size_t digits = 0;
    bool power = false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.text[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if ((c == 'E' || c == 'e') && i + 1 < id.n && id.text[i + 1] == '+' && digits > 0)
            power = true;
        else if (c != '.' && !(c == '+' && power))
            return false;
    }
    return power ||
           (digits == id.n && id.n >= 16 && memcmp(id.text + 15, "00000000000000000", id.n - 15) == 0 && id.n <= 32);
}

static void read_id(const wf_rows *r, uint32_t s, const wf_csv_field *fields, uint32_t n, wf_row *row) {
    char room[CELL_BYTES];
    cell id = cell_of(&r->source[s], WF_COLUMN_ID, fields, n, room);
    if (wf_cell_missing(id.text, id.n))
        return;
    if (is_damaged(id))
        row->flags |= BIT(WF_I16);
    else
        row->id = wf_hash_bytes(id.text, id.n, 1) | 1;
}

static wf_code too_many(const wf_rows *r, uint32_t s, wf_error *err) {
    const wf_source *source = &r->source[s];
    return wf_fail(err, WF_LIMIT,
                   "%s: column \"%s\" holds over %u different categories, more than can be counted on %u grids: name "
                   "another column (fields.category, --category), or give a table of categories, in which unknown ones "
                   "count as one",
                   source->request->path,
                   source->column[WF_COLUMN_CATEGORY] < 0 ? "" : source->column_name[WF_COLUMN_CATEGORY],
                   r->max_categories, r->plan->grids.shape.n_grids);
}

/* A category outside any table, by its text; set apart from the numbers of a table's. */
static uint64_t kind_of(cell c) {
    return wf_cell_missing(c.text, c.n) ? 0 : wf_hash_bytes(c.text, c.n, 3) | UINT64_C(1) << 63;
}

static wf_code read_category(wf_rows *r, unsigned thread, uint32_t s, const wf_csv_field *fields, uint32_t n,
                             wf_row *row, wf_error *err) {
    char room[CELL_BYTES];
    const wf_categories *table = r->rules.categories;
    cell c = cell_of(&r->source[s], WF_COLUMN_CATEGORY, fields, n, room);
    if (table != NULL) {
        uint32_t at = wf_names_find(&table->lookup, c.text, c.n);
        row->category = at == UINT32_MAX ? table->n : table->of[at];
        row->kind = at != UINT32_MAX ? table->of[at] + 1 : kind_of(c);
        if (at == UINT32_MAX && r->source[s].column[WF_COLUMN_CATEGORY] >= 0)
            row->flags |= BIT(WF_I14);
        return WF_OK;
    }
    row->kind = kind_of(c);
    if (!r->rules.by_category) {
        row->category = (uint32_t)row->kind;
        return WF_OK;
    }
    /* Without the column it is the empty category, like an empty cell of another source that has the column. */
    row->category = wf_words_number(&r->categories, thread, c.text, c.n);
    if (row->category == UINT32_MAX)
        return wf_fail_nomem(err);
    return row->category < r->max_categories ? WF_OK : too_many(r, s, err);
}

const char *wf_rows_category(const wf_rows *r, uint32_t category) {
    const wf_categories *table = r->rules.categories;
    if (table != NULL)
        return category < table->n ? table->code[category] : "";
    return category < r->categories.all.n ? r->categories.all.key[category] : "";
}

uint32_t wf_rows_n_categories(const wf_rows *r) {
    return r->rules.categories != NULL ? r->rules.categories->n + 1 : r->categories.all.n;
}

/* False when the row lies outside the time that is counted. */
static bool read_time(const wf_rows *r, uint32_t s, const wf_csv_field *fields, uint32_t n, wf_row *row) {
    char room[CELL_BYTES];
    const wf_source *source = &r->source[s];
    int64_t closed;
    cell c = cell_of(source, WF_COLUMN_TIME, fields, n, room);
    if (source->column[WF_COLUMN_TIME] < 0 || wf_when_read(c.text, c.n, &row->when) != WF_WHEN_TIME) {
        row->when = INT64_MIN;
        return true;
    }
    if (row->when > r->rules.now) {
        row->flags |= BIT(WF_I13);
        row->when = INT64_MIN;
        return true;
    }
    if (row->when < r->rules.from || row->when >= r->rules.to)
        return false;
    c = cell_of(source, WF_COLUMN_CLOSE, fields, n, room);
    if (c.n > 0 && wf_when_read(c.text, c.n, &closed) == WF_WHEN_TIME && closed < row->when)
        row->flags |= BIT(WF_I12);
    row->hour = wf_when_weekday(row->when) * 24 + wf_when_hour(row->when);
    if (r->n_periods > 0)
        row->period = (uint32_t)(ordinal(r->rules.period, row->when) - r->first_period);
    return true;
}

static void place(const wf_rows *r, const char *recorded, wf_row *row) {
    const wf_plan *p = r->plan;
    for (int level = p->finest; level >= 0; level--) {
        if (p->locator[level] == NULL)
            continue;
        wf_placed placed = wf_locator_place(p->locator[level], row->x, row->y, recorded, &row->grid);
        if (level == p->finest)
            row->placed = (uint8_t)placed;
        if (placed != WF_PLACED_OUTSIDE)
            return;
    }
}

/* True when the row lies in the grid it was recorded in, or in another of the same code. */
static bool is_recorded(const wf_plan *p, const wf_row *row) {
    uint32_t in = wf_plan_ancestor(p, row->grid, p->grids.level[row->recorded]);
    return in == row->recorded || (in != UINT32_MAX && strcmp(p->grids.code[in], p->grids.code[row->recorded]) == 0);
}

/* The text of the recorded code without blanks at its ends, NUL-terminated in `room`. */
static size_t code_text(const wf_csv_field *f, char *room) {
    if (f->n == 0) {
        room[0] = '\0';
        return 0;
    }
    if (f->quoted || f->n >= CELL_BYTES)
        return wf_csv_text(f, room, CELL_BYTES);
    const char *p = f->bytes, *end = p + f->n;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    memcpy(room, p, (size_t)(end - p));
    room[end - p] = '\0';
    return (size_t)(end - p);
}

static void place_row(const wf_rows *r, wf_row *row) {
    char code[CELL_BYTES];
    size_t n = code_text(&row->code, code);
    bool missing = wf_cell_missing(code, n);
    if (!missing) {
        uint32_t at = wf_names_find(&r->plan->codes, code, n);
        row->recorded = at == UINT32_MAX ? UINT32_MAX : r->plan->code_grid[at];
    }
    place(r, code, row);
    row->state = row->placed == WF_PLACED_OUTSIDE ? WF_ROW_OUTSIDE : WF_ROW_ASSIGNED;
    if (row->state == WF_ROW_OUTSIDE)
        row->rule = WF_I06;
    else if (!missing && row->recorded == UINT32_MAX)
        row->flags |= BIT(WF_I11);
    else if (!missing && !is_recorded(r->plan, row))
        row->flags |= BIT(WF_I10);
}

void wf_rows_place(const wf_rows *r, uint32_t n, wf_row *row) {
    enum { AT_ONCE = 64 };
    double x[AT_ONCE], y[AT_ONCE];
    uint32_t n_points = 0, from = 0;
    for (uint32_t i = 0; i <= n; i++) {
        if (i < n && row[i].state == WF_ROW_UNPLACED) {
            x[n_points] = row[i].x;
            y[n_points++] = row[i].y;
        }
        if (n_points < AT_ONCE && i < n)
            continue;
        if (n_points > 1)
            wf_locator_ask_ahead(r->plan->locator[r->plan->finest], n_points, x, y);
        for (; from <= i && from < n; from++)
            if (row[from].state == WF_ROW_UNPLACED)
                place_row(r, &row[from]);
        n_points = 0;
    }
}

wf_code wf_rows_read(wf_rows *r, unsigned thread, uint32_t s, const wf_csv_field *fields, uint32_t n,
                     wf_csv_status status, size_t start, size_t n_bytes, wf_row *row, wf_error *err) {
    *row = (wf_row){.start = start,
                    .n_bytes = (uint32_t)n_bytes,
                    .when = INT64_MIN,
                    .grid = UINT32_MAX,
                    .recorded = UINT32_MAX,
                    .group = UINT32_MAX,
                    .hour = UINT32_MAX,
                    .period = UINT32_MAX};
    read_id(r, s, fields, n, row);
    wf_rule why = status == WF_CSV_OK ? read_place(r, thread, s, fields, n, row) : WF_I17;
    if (why != WF_RULE_NONE) {
        row->rule = (uint8_t)why;
        row->state = WF_ROW_REJECTED;
        return WF_OK;
    }
    if (row->rule != WF_RULE_NONE)
        row->flags |= BIT(row->rule);
    WF_TRY(read_category(r, thread, s, fields, n, row, err));
    if (!read_time(r, s, fields, n, row)) {
        row->state = WF_ROW_OUT_OF_PERIOD;
        return WF_OK;
    }
    int code = r->source[s].column[WF_COLUMN_GRID];
    if (code >= 0 && (uint32_t)code < n)
        row->code = fields[code];
    row->state = WF_ROW_UNPLACED;
    return WF_OK;
}
