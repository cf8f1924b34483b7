/* Rows to text, and the truth of each. */
#include "synth/row.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------------------------- */

void wf_synth_text_clear(wf_synth_text *t) {
    free(t->bytes);
    memset(t, 0, sizeof *t);
}

static void put(wf_synth_text *t, const char *bytes, size_t n) {
    if (t->n + n > t->cap) {
        size_t cap = t->cap < 4096 ? 8192 : t->cap * 2;
        cap = cap < t->n + n ? t->n + n : cap;
        char *grown = realloc(t->bytes, cap);
        if (grown == NULL) {
            t->failed = true;
            return;
        }
        t->bytes = grown;
        t->cap = cap;
    }
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
}

static void put_text(wf_synth_text *t, const char *text) {
    put(t, text, strlen(text));
}

static void put_number(wf_synth_text *t, uint64_t v, int width) {
    char digits[24];
    int n = 0;
    do {
        digits[23 - n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n < width && n < 24)
        digits[23 - n++] = '0';
    put(t, digits + 24 - n, (size_t)n);
}

/* v with so many decimals; v · 10^decimals must be exact to half a unit. */
static void put_fixed(wf_synth_text *t, double v, int decimals) {
    double scale = pow(10, decimals);
    int64_t whole = llround(v * scale), unit = llround(scale);
    if (whole < 0)
        put_text(t, "-");
    whole = whole < 0 ? -whole : whole;
    put_number(t, (uint64_t)(whole / unit), 1);
    put_text(t, ".");
    put_number(t, (uint64_t)(whole % unit), decimals);
}

static void put_full_width(wf_synth_text *t, double v) {
    wf_synth_text plain = {.bytes = NULL};
    put_fixed(&plain, v, 7);
    for (size_t i = 0; i < plain.n; i++) {
        char wide[4] = {(char)0xEF, (char)0xBC, (char)(0x90 + plain.bytes[i] - '0'), '\0'};
        put_text(t, plain.bytes[i] == '.' ? "．" : wide);
    }
    wf_synth_text_clear(&plain);
}

static void put_dms(wf_synth_text *t, double v) {
    uint64_t units = (uint64_t)llround(v * 36e6); /* 0.0001 seconds */
    put_number(t, units / 36000000, 1);
    put_text(t, "°");
    put_number(t, units / 600000 % 60, 2);
    put_text(t, "'");
    put_number(t, units % 600000 / 10000, 2);
    put_text(t, ".");
    put_number(t, units % 10000, 4);
    put_text(t, "\"\"");
}

typedef struct {
    uint64_t year, month, day, hour, minute;
} moment;

/* Common years only: the generator's calendar. */
static moment moment_of(const wf_synth_incidents *s, int64_t minute) {
    static const uint16_t first[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t start = first[s->p.first_month - 1] + s->p.first_day - 1,
            day = start + (minute >= 0 ? minute / 1440 : -((1439 - minute) / 1440));
    int64_t within = ((minute % 1440) + 1440) % 1440, year = s->p.first_year;
    for (; day < 0; day += 365)
        year--;
    for (; day >= 365; day -= 365)
        year++;
    uint64_t m = 11;
    while (first[m] > day)
        m--;
    return (moment){(uint64_t)year, m + 1, (uint64_t)(day - first[m] + 1), (uint64_t)(within / 60),
                    (uint64_t)(within % 60)};
}

static void put_iso(wf_synth_text *t, moment m) {
    put_number(t, m.year, 4);
    put_text(t, "-");
    put_number(t, m.month, 2);
    put_text(t, "-");
    put_number(t, m.day, 2);
    put_text(t, " ");
    put_number(t, m.hour, 2);
    put_text(t, ":");
    put_number(t, m.minute, 2);
}

/* One time in twenty in another form than the usual. */
static void put_time(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o) {
    static const char *const signs[][5] = {
        {"/", "/", " ", ":", ""}, {".", ".", " ", ":", ""}, {"年", "月", "日 ", "时", "分"}};
    moment m = moment_of(s, o->minute);
    if (o->what == EXCEL_DATE) {
        /* Days since 1899-12-30 to 2025-01-01 are 45,658. */
        put_fixed(t, 45658 + (double)o->minute / 1440, 6);
        return;
    }
    if (o->what == TIME_FUTURE)
        m.year = 2052;
    uint32_t form = o->dice % 60;
    if (form >= 3 || o->what == TIME_FUTURE) {
        put_iso(t, m);
        put_text(t, ":00");
        return;
    }
    const uint64_t part[] = {m.year, m.month, m.day, m.hour, m.minute};
    for (int i = 0; i < 5; i++) {
        put_number(t, part[i], i == 4 ? 2 : 1);
        put_text(t, signs[form][i]);
    }
}

static void put_id(wf_synth_text *t, uint64_t number) {
    put_text(t, "6108242025");
    put_number(t, number / 999 * 1000 + number % 999 + 1, 8); /* never ends in 000 */
}

static void put_event(wf_synth_text *t, const wf_synth_row *o) {
    if (o->what == DAMAGED_ID)
        put_text(t, "6.10824E+17");
    else
        put_id(t, o->what == DUPLICATE_ID ? o->copy_of : o->number);
}

static void put_place(wf_synth_text *t, const wf_synth_row *o) {
    static const char *const missing[] = {"", "NULL", "无", "/", "-", "空"};
    double x = o->written_x, y = o->written_y;
    switch (o->what) {
    case COORD_MISSING:
        put_text(t, missing[o->dice % 6]);
        put_text(t, ",");
        put_text(t, missing[o->dice % 6]);
        return;
    case COORD_ZERO:
        put_text(t, o->dice % 2 ? "0,0" : "0.0,0.0");
        return;
    case FULL_WIDTH:
        put_full_width(t, x);
        put_text(t, ",");
        put_full_width(t, y);
        return;
    case DMS:
        put_text(t, "\"");
        put_dms(t, x);
        put_text(t, "\",\"");
        put_dms(t, y);
        put_text(t, "\"");
        return;
    case PROJECTED:
        x += o->dice % 2 ? 36e6 : 0; /* with the number of its zone in front, or without */
        put_fixed(t, o->dice % 3 == 0 ? y : x, 3);
        put_text(t, ",");
        put_fixed(t, o->dice % 3 == 0 ? x : y, 3);
        return;
    default:
        put_fixed(t, o->what == SWAPPED ? y : x, 7);
        put_text(t, ",");
        put_fixed(t, o->what == SWAPPED ? x : y, 7);
    }
}

/* The code in the record. */
static void put_recorded(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o) {
    uint32_t right = wf_synth_ancestor(s->on_clean, o->unit, 4);
    if (o->what == CODE_MISSING || right == UINT32_MAX)
        return;
    if (o->what == CODE_RETIRED) {
        put(t, s->clean->code[right], strlen(s->clean->code[right]) - 3);
        put_text(t, "9");
        put_number(t, o->dice % 90 + 10, 2);
    } else
        put_text(t, o->what == CODE_WRONG  ? s->clean->code[o->wrong_grid]
                    : o->what == CODE_NAME ? s->clean->name[right]
                                           : s->clean->code[right]);
}

static void put_description(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o) {
    const char *name = s->category[o->category].name;
    if (o->what == MOJIBAKE) {
        put_text(t, "锟斤拷锟斤拷");
        return;
    }
    if (o->what == LITERAL_WORD) {
        put_text(t, o->dice % 2 ? "无" : "NULL");
        return;
    }
    uint32_t form = o->dice / 64 % 500;
    put_text(t, form < 51 ? "\"" : "");
    put_text(t, s->clean->name[0]);
    put_text(t, form == 0 ? "\n" : form < 26 ? "," : form < 51 ? "\"\"近处\"\"" : "");
    put_text(t, name);
    put_text(t, form < 51 ? "\"" : "");
}

static void put_row(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o) {
    static const char *const systems[] = {"CGCS2000", "GCJ-02", "BD-09"};
    put_event(t, o);
    put_text(t, ",");
    put_text(t, wf_synth_sources[o->source].name);
    put_text(t, ",");
    if (o->named)
        put_text(t, o->system == GEODETIC && wf_synth_sources[o->source].wgs84 ? "WGS84" : systems[o->system]);
    put_text(t, ",");
    if (o->what == TRUNCATED) {
        put_text(t, o->dice % 2 ? "108." : "");
        put_text(t, "\n");
        return;
    }
    put_place(t, o);
    put_text(t, ",");
    put_text(t, o->what == CATEGORY_MISSING ? "" : o->what == CATEGORY_UNKNOWN ? "X99" : s->category[o->category].code);
    put_text(t, ",");
    put_time(t, s, o);
    put_text(t, ",");
    if (o->close != INT64_MIN) {
        put_iso(t, moment_of(s, o->close));
        put_text(t, ":00");
    }
    put_text(t, o->close != INT64_MIN ? ",结案," : ",处置中,");
    put_recorded(t, s, o);
    put_text(t, ",");
    put_description(t, s, o);
    put_text(t, "\n");
}

/* ---- truth ------------------------------------------------------------------------------------------------------ */

static const char *rule_of(const wf_synth_row *o, bool outside) {
    switch (o->what) {
    case COORD_MISSING:
        return "I01";
    case COORD_ZERO:
        return "I02";
    case TRUNCATED:
        return "I17";
    case DUPLICATE_ID:
        return "I08";
    default:
        return outside                ? "I06"
               : o->what == SWAPPED   ? "I03"
               : o->what == DMS       ? "I04"
               : o->what == PROJECTED ? "I05"
                                      : "";
    }
}

static void put_flag(wf_synth_text *t, bool raised, const char *code, bool *any) {
    if (!raised)
        return;
    put_text(t, *any ? ";" : "");
    put_text(t, code);
    *any = true;
}

/* Remarks in the order of their codes; only a row that counts has any. */
static void put_flags(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o, uint32_t placed) {
    bool any = false;
    wf_synth_text recorded = {.bytes = NULL};
    put_recorded(&recorded, s, o);
    uint32_t code = wf_names_find(&s->codes, recorded.n == 0 ? "" : recorded.bytes, recorded.n);
    uint32_t here = wf_synth_ancestor(s->on_clean, placed, 4);
    bool known = recorded.n > 0 && code != UINT32_MAX;
    put_flag(t, o->what == SWAPPED, "I03", &any);
    put_flag(t, o->what == DMS, "I04", &any);
    put_flag(t, o->what == PROJECTED, "I05", &any);
    put_flag(t, o->what == DEFAULT_POINT && s->office_is_default, "I07", &any);
    put_flag(t, known && (here == UINT32_MAX || strcmp(s->codes.key[code], s->clean->code[here]) != 0), "I10", &any);
    put_flag(t, recorded.n > 0 && !known, "I11", &any);
    put_flag(t, o->what == TIME_ORDER, "I12", &any);
    put_flag(t, o->what == TIME_FUTURE, "I13", &any);
    put_flag(t, o->what == CATEGORY_MISSING || o->what == CATEGORY_UNKNOWN, "I14", &any);
    put_flag(t, o->what == MOJIBAKE, "I15", &any);
    put_flag(t, o->what == DAMAGED_ID, "I16", &any);
    put_flag(t, o->source == MIXED && !o->named, "C02", &any);
    wf_synth_text_clear(&recorded);
}

/* What a reader can hold against other reports: a place, a time that can be believed, a category. */
static void keep_report(const wf_synth_incidents *s, const wf_synth_row *o, wf_synth_reports *reports) {
    if (reports == NULL || o->what == TIME_FUTURE || o->what == CATEGORY_MISSING ||
        (o->what == DEFAULT_POINT && s->office_is_default))
        return;
    if (reports->n == reports->cap) {
        size_t cap = reports->cap == 0 ? 4096 : reports->cap * 2;
        wf_synth_report *grown = realloc(reports->row, cap * sizeof *grown);
        if (grown == NULL) {
            reports->failed = true;
            return;
        }
        reports->row = grown;
        reports->cap = cap;
    }
    reports->row[reports->n++] = (wf_synth_report){o->number + 1, o->taken_lon, o->taken_lat, o->minute,
                                                   o->what == CATEGORY_UNKNOWN ? UINT32_MAX : o->category};
}

static void put_truth(wf_synth_text *t, const wf_synth_incidents *s, const wf_synth_row *o, wf_synth_reports *reports) {
    static const char *const words[] = {"outside", "inside", "boundary", "overlap"};
    bool rejected = o->what == COORD_MISSING || o->what == COORD_ZERO || o->what == TRUNCATED,
         twin = o->what == DUPLICATE_ID, placed = !rejected && !twin;
    uint32_t grid[2] = {UINT32_MAX, UINT32_MAX};
    wf_synth_placed how[2] = {WF_SYNTH_OUTSIDE, WF_SYNTH_OUTSIDE};
    wf_synth_text recorded = {.bytes = NULL};
    put_recorded(&recorded, s, o);
    put(&recorded, "", 1);
    if (placed) {
        how[0] = wf_synth_place(s->on_clean, o->taken_lon, o->taken_lat, recorded.bytes, &grid[0]);
        how[1] = wf_synth_place(s->on_defects, o->taken_lon, o->taken_lat, recorded.bytes, &grid[1]);
    }
    put_number(t, o->number + 1, 1);
    put_text(t, ",");
    put_event(t, o);
    put_text(t, ",");
    put_text(t, wf_synth_causes[o->what].name);
    put_text(t, ",");
    if (o->what != OUTSIDE_STREET && o->what != OUTSIDE_COUNTY)
        put_text(t, s->clean->code[o->unit]);
    for (int plan = 0; plan < 2; plan++) {
        put_text(t, ",");
        put_text(t, twin ? "duplicate" : rejected ? "rejected" : words[how[plan]]);
        put_text(t, ",");
        if (grid[plan] != UINT32_MAX)
            put_text(t, (plan == 0 ? s->clean : s->defects)->code[grid[plan]]);
    }
    put_text(t, ",");
    double border = placed ? wf_synth_border_m(s->on_clean, 4, o->taken_lon, o->taken_lat, 500) : INFINITY;
    if (isfinite(border))
        put_fixed(t, border, 2);
    put_text(t, ",");
    put_text(t, rule_of(o, placed && how[0] == WF_SYNTH_OUTSIDE));
    put_text(t, ",");
    if (placed && how[0] != WF_SYNTH_OUTSIDE)
        keep_report(s, o, reports);
    if (placed && how[0] != WF_SYNTH_OUTSIDE)
        put_flags(t, s, o, grid[0]);
    put_text(t, ",");
    if (o->what != TIME_FUTURE && o->what != TRUNCATED)
        put_iso(t, moment_of(s, o->minute));
    put_text(t, "\n");
    wf_synth_text_clear(&recorded);
}

void wf_synth_incidents_header(wf_synth_text *rows, wf_synth_text *truth) {
    put_text(rows,
             "event_id,source,坐标系,lon,lat,category_code,report_time,close_time,status,grid_code,description\n");
    put_text(truth, "row,event_id,what,happened_unit,placed_clean,grid_clean,placed_defects,grid_defects,border_m,rule,"
                    "flags,minute\n");
}

void wf_synth_incidents_rows(const wf_synth_incidents *s, uint64_t first, uint64_t n, wf_synth_text *rows,
                             wf_synth_text *truth, wf_synth_reports *reports) {
    for (uint64_t i = first; i < first + n; i++) {
        wf_synth_row o = wf_synth_row_make(s, i);
        put_row(rows, s, &o);
        put_truth(truth, s, &o, reports);
    }
}

/* ---- reports made twice ----------------------------------------------------------------------------------------- */

void wf_synth_reports_clear(wf_synth_reports *r) {
    free(r->row);
    memset(r, 0, sizeof *r);
}

static int by_category(const void *a, const void *b) {
    const wf_synth_report *p = a, *q = b;
    if (p->category != q->category)
        return p->category < q->category ? -1 : 1;
    if (p->minute != q->minute)
        return p->minute < q->minute ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

typedef struct {
    uint64_t row, of;
} repeated;

static int by_row(const void *a, const void *b) {
    const repeated *p = a, *q = b;
    return p->row < q->row ? -1 : p->row > q->row;
}

/* On the CGCS2000 ellipsoid, in the plane at the middle of the two. */
static double apart_m(const wf_synth_report *a, const wf_synth_report *b) {
    const double f = 1 / 298.257222101, e2 = f * (2 - f), phi = (a->lat + b->lat) / 2 * M_PI / 180;
    double w2 = 1 - e2 * sin(phi) * sin(phi), n = 6378137 / sqrt(w2);
    double east = (a->lon - b->lon) * M_PI / 180 * n * cos(phi);
    double north = (a->lat - b->lat) * M_PI / 180 * n * (1 - e2) / w2;
    return hypot(east, north);
}

void wf_synth_reports_near(wf_synth_reports *r, wf_synth_text *text) {
    repeated *found = calloc(r->n + 1, sizeof *found);
    size_t n = 0;
    if (found == NULL) {
        text->failed = true;
        return;
    }
    if (r->n > 0)
        qsort(r->row, r->n, sizeof *r->row, by_category);
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = i; j > 0; j--) {
            const wf_synth_report *late = &r->row[i], *early = &r->row[j - 1];
            if (early->category != late->category || late->minute - early->minute > 5 * 1440)
                break;
            if (apart_m(late, early) > 30)
                continue;
            found[n++] = (repeated){late->row, early->row};
            break;
        }
    qsort(found, n, sizeof *found, by_row);
    put_text(text, "row,of_row\n");
    for (size_t i = 0; i < n; i++) {
        put_number(text, found[i].row, 1);
        put_text(text, ",");
        put_number(text, found[i].of, 1);
        put_text(text, "\n");
    }
    free(found);
}
