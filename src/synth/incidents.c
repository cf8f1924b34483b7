/* Each row is made from its own stream of random numbers, so any row can be made again: duplicates need no memory of
 * what they repeat. A row is drawn until its place, as a reader must take it, keeps a centimetre from every border. */
#include "synth/row.h"
#include "base/random.h"
#include "synth/shift.h"
#include "tables/categories.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 200, BACK_ROWS = 10000, DEFAULT_ROWS = 20, DEFAULT_CATEGORIES = 3 };
#define CLEAR_M 0.01

const wf_synth_cause_row wf_synth_causes[CAUSES] = {[FINE] = {"", 0},
                                                    [COORD_MISSING] = {"coord_missing", 0.02},
                                                    [COORD_ZERO] = {"coord_zero", 0.006},
                                                    [SWAPPED] = {"lon_lat_swapped", 0.008},
                                                    [DMS] = {"dms_string", 0.004},
                                                    [PROJECTED] = {"projected_in_lonlat", 0.01},
                                                    [OUTSIDE_COUNTY] = {"outside_county", 0.005},
                                                    [OUTSIDE_STREET] = {"outside_street", 0.015},
                                                    [DEFAULT_POINT] = {"default_point_office", 0.03},
                                                    [ON_BOUNDARY] = {"on_boundary_exact", 0.002},
                                                    [DUPLICATE_ID] = {"exact_duplicate_id", 0.01},
                                                    [NEAR_DUPLICATE] = {"near_duplicate_report", 0.035},
                                                    [CODE_MISSING] = {"grid_code_missing", 0.06},
                                                    [CODE_RETIRED] = {"grid_code_old_version", 0.04},
                                                    [CODE_WRONG] = {"grid_code_wrong", 0.03},
                                                    [CODE_NAME] = {"grid_name_in_code_field", 0.02},
                                                    [CATEGORY_MISSING] = {"category_missing", 0.02},
                                                    [CATEGORY_UNKNOWN] = {"category_unknown", 0.01},
                                                    [TIME_ORDER] = {"time_order_violation", 0.007},
                                                    [TIME_FUTURE] = {"time_future", 0.003},
                                                    [EXCEL_DATE] = {"excel_serial_date", 0.003},
                                                    [LITERAL_WORD] = {"literal_word", 0.01},
                                                    [FULL_WIDTH] = {"fullwidth_digits", 0.004},
                                                    [MOJIBAKE] = {"mojibake", 0.002},
                                                    [TRUNCATED] = {"truncated_line", 0.0005},
                                                    [DAMAGED_ID] = {"damaged_id", 0.001}};

const wf_synth_source wf_synth_sources[] = {
    {"网格员上报", 0.58, GEODETIC, false, 0}, {"随手拍", 0.17, GCJ, false, 0.08},
    {"12345热线", 0.14, GCJ, false, 0.1},     {"视频/物联", 0.05, GEODETIC, true, 0},
    {"走访日记", 0.04, GEODETIC, false, 0},   {"部门转办", 0.02, GEODETIC, false, 0}};
enum { N_SOURCES = sizeof wf_synth_sources / sizeof *wf_synth_sources };

wf_synth_incidents_params wf_synth_incidents_defaults(void) {
    return (wf_synth_incidents_params){
        .seed = 610824, .n = 65700, .first_year = 2025, .first_month = 1, .first_day = 1, .n_days = 365};
}

/* ---- preparing -------------------------------------------------------------------------------------------------- */

static bool is_month_of(const char *code, int month) {
    static const struct {
        const char *code;
        uint16_t months; /* bit 0 January */
    } seasons[] = {{"E02", 0xC07}, {"D04", 0x0C0}, {"I03", 0x803}, {"G04", 0x01C}};
    for (size_t i = 0; i < sizeof seasons / sizeof *seasons; i++)
        if (strcmp(seasons[i].code, code) == 0)
            return (seasons[i].months >> month & 1) != 0;
    return true;
}

static const char *field(const char *line, const char *end, int at, size_t *n) {
    for (; at > 0 && line < end; at--) {
        line = memchr(line, ',', (size_t)(end - line));
        line = line == NULL ? end : line + 1;
    }
    const char *stop = memchr(line, ',', (size_t)(end - line));
    *n = (size_t)((stop == NULL ? end : stop) - line);
    return line;
}

static void read_categories(wf_synth_incidents *s) {
    size_t n_text, n;
    const char *p = wf_table_categories(&n_text), *end = p + n_text;
    p = memchr(p, '\n', n_text);
    for (p = p == NULL ? end : p + 1; p < end && s->n_categories < MAX_CATEGORIES;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop == NULL ? end : stop;
        wf_synth_category *c = &s->category[s->n_categories];
        const char *code = field(p, stop, 0, &n);
        memcpy(c->code, code, n < sizeof c->code ? n : sizeof c->code - 1);
        const char *name = field(p, stop, 1, &n);
        memcpy(c->name, name, n < sizeof c->name ? n : sizeof c->name - 1);
        c->share = strtod(field(p, stop, 3, &n), NULL);
        char profile[16] = "";
        const char *hours = field(p, stop, 5, &n);
        memcpy(profile, hours, n < sizeof profile ? n : sizeof profile - 1);
        c->hours = wf_table_hours(profile);
        for (int m = 0; m < 12; m++)
            c->month[m] = is_month_of(c->code, m) ? 1 : 0.05;
        s->n_categories += c->code[0] != '\0' && c->share > 0 && c->hours != NULL;
        p = stop + 1;
    }
}

static double people_of(const wf_grids *g, uint32_t i) {
    double people = isfinite(g->population[i]) ? g->population[i] : 0;
    return people + (isfinite(g->floating_pop[i]) ? g->floating_pop[i] : 0) + 1;
}

/* Every twentieth grid is a hot spot; together they draw 22 % of the incidents. */
static bool is_hot(const wf_synth_incidents *s, uint32_t grid) {
    return wf_hash_bytes(s->clean->code[grid], strlen(s->clean->code[grid]), s->p.seed) % 20 == 0;
}

static wf_code weigh_units(wf_synth_incidents *s, wf_arena *keep, wf_error *err) {
    const wf_grids *g = s->clean;
    uint32_t n = g->shape.n_grids;
    s->unit = WF_NEW(keep, uint32_t, n);
    s->grid = WF_NEW(keep, uint32_t, n);
    s->weight = WF_NEW(keep, double, n);
    uint8_t *hot = WF_NEW(keep, uint8_t, n);
    if (s->unit == NULL || s->grid == NULL || s->weight == NULL || hot == NULL)
        return wf_fail_nomem(err);
    double sum[2] = {0, 0};
    for (uint32_t i = 0; i < n; i++) {
        if (g->role[i] != WF_ROLE_PARTITION)
            continue;
        if (g->level[i] == 4)
            s->grid[s->n_grids++] = i;
        if (g->level[i] != 5)
            continue;
        hot[s->n_units] = is_hot(s, wf_synth_ancestor(s->on_clean, i, 4));
        sum[hot[s->n_units]] += people_of(g, i);
        s->unit[s->n_units++] = i;
    }
    double running = 0, lift = sum[1] > 0 && sum[0] > 0 ? 0.22 / 0.78 * sum[0] / sum[1] : 1;
    for (uint32_t k = 0; k < s->n_units; k++) {
        running += people_of(g, s->unit[k]) * (hot[k] ? lift : 1);
        s->weight[k] = running;
    }
    return WF_OK;
}

/* The rule asks for 20 rows of 3 categories at one place: count until both are there. */
static bool office_is_default(const wf_synth_incidents *s) {
    uint32_t n = 0, n_categories = 0, met[DEFAULT_CATEGORIES];
    for (uint64_t i = 0; i < s->p.n; i++) {
        wf_synth_row r = wf_synth_row_make(s, i);
        if (r.what != DEFAULT_POINT)
            continue;
        uint32_t k = 0;
        while (k < n_categories && met[k] != r.category)
            k++;
        if (k == n_categories && n_categories < DEFAULT_CATEGORIES)
            met[n_categories++] = r.category;
        if (++n >= DEFAULT_ROWS && n_categories == DEFAULT_CATEGORIES)
            return true;
    }
    return false;
}

static double seven(double v) {
    return (double)llround(v * 1e7) / 1e7;
}

wf_code wf_synth_incidents_open(const wf_synth_incidents_params *params, const wf_grids *clean, const wf_grids *defects,
                                wf_arena *keep, wf_synth_incidents **out, wf_error *err) {
    wf_synth_incidents *s = WF_NEW(keep, wf_synth_incidents, 1);
    if (s == NULL)
        return wf_fail_nomem(err);
    s->p = *params;
    s->clean = clean;
    s->defects = defects;
    WF_TRY(wf_synth_placer_open(clean, keep, &s->on_clean, err));
    WF_TRY(wf_synth_placer_open(defects, keep, &s->on_defects, err));
    wf_names_init(&s->codes, keep);
    for (uint32_t i = 0; i < clean->shape.n_grids; i++)
        if (wf_names_add(&s->codes, clean->code[i], strlen(clean->code[i])) == UINT32_MAX)
            return wf_fail_nomem(err);
    read_categories(s);
    WF_TRY(weigh_units(s, keep, err));
    s->west = s->south = INFINITY;
    s->east = s->north = -INFINITY;
    const wf_polygons *p = &clean->shape;
    for (uint32_t v = 0; v < p->ring_start[p->part_start[p->grid_start[1]]]; v++) {
        s->west = fmin(s->west, p->x[v]);
        s->east = fmax(s->east, p->x[v]);
        s->south = fmin(s->south, p->y[v]);
        s->north = fmax(s->north, p->y[v]);
    }
    /* An office in the middle, a centimetre and more from any border. */
    s->office_lon = seven((s->west + s->east) / 2);
    s->office_lat = seven((s->south + s->north) / 2);
    while (wf_synth_border_m(s->on_clean, 0, s->office_lon, s->office_lat, 0.1) < 0.1 ||
           wf_synth_border_m(s->on_defects, 0, s->office_lon, s->office_lat, 0.1) < 0.1)
        s->office_lon = seven(s->office_lon + 1e-5);
    s->office_is_default = office_is_default(s);
    *out = s;
    return WF_OK;
}

/* ---- one row ---------------------------------------------------------------------------------------------------- */

static wf_synth_cause draw_cause(wf_random *r) {
    double u = wf_random_unit(r);
    for (wf_synth_cause c = FINE + 1; c < CAUSES; c++) {
        if (u < wf_synth_causes[c].share)
            return c;
        u -= wf_synth_causes[c].share;
    }
    return FINE;
}

static void draw_source(wf_random *r, wf_synth_row *o) {
    double u = wf_random_unit(r);
    for (o->source = 0; o->source + 1 < N_SOURCES && u >= wf_synth_sources[o->source].share; o->source++)
        u -= wf_synth_sources[o->source].share;
    /* Damage that is told by numbers of one system is only found where rows are in it. */
    if (o->what == PROJECTED || o->what == DEFAULT_POINT || o->what == ON_BOUNDARY)
        o->source = 0;
    o->system = wf_synth_sources[o->source].declared;
    if (o->source == MIXED && wf_random_unit(r) < 0.3)
        o->system = BD;
    o->named = wf_random_unit(r) >= wf_synth_sources[o->source].unnamed;
}

static void draw_category(const wf_synth_incidents *s, wf_random *r, wf_synth_row *o) {
    double sum = 0, u;
    for (uint32_t c = 0; c < s->n_categories; c++)
        sum += s->category[c].share;
    u = wf_random_unit(r) * sum;
    for (o->category = 0; o->category + 1 < s->n_categories && u >= s->category[o->category].share; o->category++)
        u -= s->category[o->category].share;
}

/* Days of the year before each month. */
static int month_of(uint32_t day) {
    static const uint16_t first[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int m = 11;
    while (first[m] > day % 365)
        m--;
    return m;
}

/* 2025-01-01 is a Wednesday; the generator's calendar is one of common years. */
static void draw_time(const wf_synth_incidents *s, wf_random *r, wf_synth_row *o) {
    const wf_synth_category *c = &s->category[o->category];
    uint32_t day = 0, sum = 0, hour = 0;
    for (int t = 0; t < TRIES; t++) {
        day = (uint32_t)wf_random_below(r, s->p.n_days);
        if (wf_random_unit(r) * 1.08 < wf_table_weekdays[(day + 2) % 7] * c->month[month_of(day)])
            break;
    }
    for (int h = 0; h < 24; h++)
        sum += c->hours[h];
    for (uint32_t u = (uint32_t)wf_random_below(r, sum); u >= c->hours[hour]; hour++)
        u -= c->hours[hour];
    o->minute = (int64_t)day * 1440 + hour * 60 + (int64_t)wf_random_below(r, 60);
    double u = wf_random_unit(r);
    bool open = u > 0.94;
    o->close = open ? INT64_MIN : o->minute + 30 + (int64_t)wf_random_below(r, u < 0.86 ? 2880 : 14400);
    if (o->what == TIME_ORDER)
        o->close = o->minute - 60 - (int64_t)wf_random_below(r, 1440);
}

/* A place in the unit, even over its box and kept when inside. */
static bool draw_in_unit(const wf_synth_incidents *s, wf_random *r, wf_synth_row *o) {
    const wf_polygons *p = &s->clean->shape;
    uint32_t i = o->unit, grid, from = p->ring_start[p->part_start[p->grid_start[i]]],
             to = p->ring_start[p->part_start[p->grid_start[i + 1]]];
    double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
    for (uint32_t v = from; v < to; v++) {
        west = fmin(west, p->x[v]);
        east = fmax(east, p->x[v]);
        south = fmin(south, p->y[v]);
        north = fmax(north, p->y[v]);
    }
    for (int t = 0; t < TRIES; t++) {
        o->lon = seven(west + wf_random_unit(r) * (east - west));
        o->lat = seven(south + wf_random_unit(r) * (north - south));
        if (wf_synth_place(s->on_clean, o->lon, o->lat, "", &grid) == WF_SYNTH_INSIDE && grid == i)
            return true;
    }
    return false;
}

static void draw_unit(const wf_synth_incidents *s, wf_random *r, wf_synth_row *o) {
    double u = wf_random_unit(r) * s->weight[s->n_units - 1];
    uint32_t low = 0, high = s->n_units - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (s->weight[middle] <= u)
            low = middle + 1;
        else
            high = middle;
    }
    o->unit = s->unit[low];
}

static void draw_place(const wf_synth_incidents *s, wf_random *r, wf_synth_row *o) {
    const wf_polygons *p = &s->clean->shape;
    uint32_t grid;
    draw_unit(s, r, o);
    if (o->what == DEFAULT_POINT) {
        o->lon = s->office_lon;
        o->lat = s->office_lat;
    } else if (o->what == ON_BOUNDARY) {
        uint32_t g = s->grid[wf_random_below(r, s->n_grids)], from = p->ring_start[p->part_start[p->grid_start[g]]];
        uint32_t v = from + (uint32_t)wf_random_below(r, p->ring_start[p->part_start[p->grid_start[g + 1]]] - from);
        o->lon = p->x[v];
        o->lat = p->y[v];
    } else if (o->what == OUTSIDE_STREET || o->what == OUTSIDE_COUNTY) {
        double reach = o->what == OUTSIDE_STREET ? 0.05 : 1;
        do {
            o->lon = seven(s->west - reach + wf_random_unit(r) * (s->east - s->west + 2 * reach));
            o->lat = seven(s->south - reach + wf_random_unit(r) * (s->north - s->south + 2 * reach));
        } while (wf_synth_place(s->on_clean, o->lon, o->lat, "", &grid) != WF_SYNTH_OUTSIDE);
    } else
        draw_in_unit(s, r, o);
}

static void to_system(wf_synth_system system, double *lon, double *lat) {
    if (system == GCJ)
        wf_synth_to_gcj(lon, lat);
    else if (system == BD)
        wf_synth_to_bd(lon, lat);
}

static void from_system(wf_synth_system system, double *lon, double *lat) {
    if (system == GCJ)
        wf_synth_from_gcj(lon, lat);
    else if (system == BD)
        wf_synth_from_bd(lon, lat);
}

/* Degrees, minutes and seconds to four decimals, as they will be written. */
static double as_dms(double v) {
    return (double)llround(v * 36e6) / 36e6;
}

/* What is written, and where a reader must take it to be. */
static void write_place(wf_synth_row *o) {
    double x = o->lon, y = o->lat;
    if (o->what == PROJECTED) {
        wf_synth_to_gauss(108, x, y, &x, &y);
        o->written_x = (double)llround(x * 1000) / 1000;
        o->written_y = (double)llround(y * 1000) / 1000;
        wf_synth_from_gauss(108, o->written_x, o->written_y, &o->taken_lon, &o->taken_lat);
        return;
    }
    to_system(o->system, &x, &y);
    o->written_x = o->what == DMS ? as_dms(x) : seven(x);
    o->written_y = o->what == DMS ? as_dms(y) : seven(y);
    o->taken_lon = o->written_x;
    o->taken_lat = o->written_y;
    from_system(o->named ? o->system : wf_synth_sources[o->source].declared, &o->taken_lon, &o->taken_lat);
}

/* Exact where the numbers are the grids' own; else clear of every border. */
static bool is_decided(const wf_synth_incidents *s, const wf_synth_row *o) {
    if (o->what == COORD_MISSING || o->what == COORD_ZERO || o->what == TRUNCATED)
        return true;
    if (o->what == ON_BOUNDARY || (o->what != DMS && o->what != PROJECTED &&
                                   (o->named ? o->system : wf_synth_sources[o->source].declared) == GEODETIC))
        return true;
    return wf_synth_border_m(s->on_clean, 0, o->taken_lon, o->taken_lat, CLEAR_M) >= CLEAR_M &&
           wf_synth_border_m(s->on_defects, 0, o->taken_lon, o->taken_lat, CLEAR_M) >= CLEAR_M;
}

static wf_synth_row draw_row(const wf_synth_incidents *s, uint64_t number, uint64_t attempt) {
    wf_random r;
    wf_synth_row o = {.number = number, .copy_of = UINT64_MAX};
    wf_random_seed(&r, s->p.seed, number * 2 + 1);
    o.what = draw_cause(&r);
    draw_source(&r, &o);
    draw_category(s, &r, &o);
    draw_time(s, &r, &o);
    o.dice = (uint32_t)wf_random_u64(&r);
    o.wrong_grid = s->grid[wf_random_below(&r, s->n_grids)];
    uint64_t back = number < BACK_ROWS ? number : BACK_ROWS;
    o.copy_of = back > 0 ? number - 1 - wf_random_below(&r, back) : UINT64_MAX;
    wf_random_seed(&r, s->p.seed + 1 + attempt, number * 2);
    draw_place(s, &r, &o);
    write_place(&o);
    return o;
}

static wf_synth_row redraw_row(const wf_synth_incidents *s, uint64_t number) {
    wf_synth_row o = draw_row(s, number, 0);
    for (uint64_t attempt = 1; attempt < TRIES && !is_decided(s, &o); attempt++)
        o = draw_row(s, number, attempt);
    return o;
}

/* The same report once more: 5 to 25 m away, within five days, under another id. */
static wf_synth_row repeat_report(const wf_synth_incidents *s, const wf_synth_row *o, const wf_synth_row *first) {
    wf_synth_row n = *first;
    wf_random r;
    n.number = o->number;
    n.what = NEAR_DUPLICATE;
    n.copy_of = o->copy_of;
    n.dice = o->dice;
    for (uint64_t attempt = 0; attempt < TRIES; attempt++) {
        wf_random_seed(&r, s->p.seed + 7 + attempt, o->number * 2);
        double angle = wf_random_unit(&r) * 2 * M_PI, far = 5 + 20 * wf_random_unit(&r);
        n.lon = seven(first->lon + far * cos(angle) / (111195 * cos(first->lat * M_PI / 180)));
        n.lat = seven(first->lat + far * sin(angle) / 111195);
        n.minute = first->minute + 60 + (int64_t)wf_random_below(&r, 4 * 1440);
        n.close = first->close == INT64_MIN ? INT64_MIN : n.minute + 600;
        write_place(&n);
        if (is_decided(s, &n))
            break;
    }
    if (n.minute >= (int64_t)s->p.n_days * 1440)
        n.minute = first->minute;
    return n;
}

wf_synth_row wf_synth_row_make(const wf_synth_incidents *s, uint64_t number) {
    wf_synth_row o = redraw_row(s, number);
    if (o.what != DUPLICATE_ID && o.what != NEAR_DUPLICATE)
        return o;
    if (o.copy_of == UINT64_MAX) {
        o.what = FINE;
        return o;
    }
    wf_synth_row first = redraw_row(s, o.copy_of);
    if (first.what != FINE) { /* only an undamaged row is repeated */
        o.what = FINE;
        return o;
    }
    if (o.what == NEAR_DUPLICATE)
        return repeat_report(s, &o, &first);
    first.number = number;
    first.what = DUPLICATE_ID;
    first.copy_of = o.copy_of;
    return first;
}
