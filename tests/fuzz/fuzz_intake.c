/* Random texts through the readers of records, numbers, coordinates and times, each held against a second, slow
 * reading: records byte by byte and cut at any border, numbers by strtod, dates by the C library's calendar. */
#include "intake/csv.h"
#include "intake/number.h"
#include "intake/when.h"
#include "fuzz.h"
#include <math.h>
#include <time.h>
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* forms come from tables */

/* ---- records ---------------------------------------------------------------------------------------------------- */

enum { MAX_RECORDS = 4096, ROOM = 70000 };

typedef struct {
    size_t start, after;
    wf_csv_status status;
    uint32_t n;
    uint64_t fields; /* hash of the places, lengths and quotes */
} record;

static uint64_t mix(uint64_t h, uint64_t v) {
    return (h ^ v) * UINT64_C(0x9E3779B97F4A7C15) + (h >> 31);
}

static int is_line_end(char c) {
    return c == '\n' || c == '\r';
}

/* Where the quoted field that opens at `at` closes, as csv.h has it; n when it does not. */
static size_t slow_close(const char *t, size_t n, char delimiter, size_t at) {
    int lines = 0;
    for (size_t i = at + 1; i < n && i < at + 1 + WF_CSV_QUOTED_BYTES; i++) {
        lines |= is_line_end(t[i]);
        if (t[i] != '"')
            continue;
        if (i + 1 < n && t[i + 1] == '"') {
            i++;
            continue;
        }
        size_t behind = i + 1;
        while (behind < n && t[behind] == ' ')
            behind++;
        int ends = behind == n || t[behind] == delimiter || is_line_end(t[behind]);
        return ends || !lines ? i : n;
    }
    return n;
}

static int slow_next(const char *t, size_t n, char delimiter, size_t at, record *out) {
    while (at < n && is_line_end(t[at]))
        at++;
    *out = (record){at, at, WF_CSV_OK, 0, 0};
    if (at == n)
        return 0;
    for (;;) {
        size_t begin = at, end;
        int quoted = 0;
        if (at < n && t[at] == '"') {
            size_t close = slow_close(t, n, delimiter, at);
            quoted = close < n;
            if (!quoted)
                out->status = WF_CSV_UNCLOSED;
            else {
                begin = at + 1;
                end = close;
                at = close + 1;
            }
        }
        while (at < n && t[at] != delimiter && !is_line_end(t[at]))
            at++;
        end = quoted ? end : at;
        if (out->n < WF_CSV_MAX_FIELDS) {
            out->n++;
            out->fields = mix(mix(mix(out->fields, begin), end - begin), (uint64_t)quoted);
        } else
            out->status = WF_CSV_TOO_MANY;
        if (at < n && t[at] == delimiter) {
            at++;
            continue;
        }
        if (at < n && t[at] == '\r')
            at++, at += at < n && t[at] == '\n';
        else if (at < n)
            at++;
        out->after = at;
        return 1;
    }
}

static int fast_next(const char *t, size_t n, char delimiter, size_t *at, record *out) {
    static wf_csv_field field[WF_CSV_MAX_FIELDS];
    *out = (record){0, 0, WF_CSV_OK, 0, 0};
    out->status = wf_csv_next(t, n, delimiter, at, field, &out->n, &out->start);
    out->after = *at;
    for (uint32_t i = 0; i < out->n; i++)
        out->fields = mix(mix(mix(out->fields, (uint64_t)(field[i].bytes - t)), field[i].n), field[i].quoted);
    return out->status != WF_CSV_END;
}

static void same(const record *a, const record *b, const char *what, uint64_t round) {
    if (a->start != b->start || a->n != b->n || a->status != b->status || a->fields != b->fields ||
        a->after != b->after)
        fail_msg("%s, round %llu: record at %zu with %u fields (%d), should be at %zu with %u (%d)", what,
                 (unsigned long long)round, b->start, b->n, (int)b->status, a->start, a->n, (int)a->status);
}

static void records_are_read_alike(void **state) {
    (void)state;
    static const char *const words[] = {"a",
                                        "1.5",
                                        ",",
                                        ",",
                                        ",",
                                        "\"",
                                        "\"",
                                        "\"\"",
                                        "\n",
                                        "\n",
                                        "\r\n",
                                        "\r",
                                        " ",
                                        "\"x,y\"",
                                        "\"x\ny\"",
                                        ",\"",
                                        "\",",
                                        "\"\n",
                                        "long field of plain text",
                                        ";"};
    static char text[ROOM];
    static record whole[ROOM];
    wf_random r;
    for (uint64_t round = 0; round < times(6000); round++) {
        wf_random_seed(&r, round, 51);
        size_t room = below(&r, 12) == 0 ? ROOM : below(&r, 3) == 0 ? 2000 : 120;
        if (room == ROOM && round % 4 != 0)
            room = 4000;
        size_t n = write_words(&r, words, 3 + below(&r, sizeof words / sizeof *words - 2), text, room);
        char *t = exact_copy(text, n);
        record got;
        uint32_t n_records = 0;
        size_t at = 0, slow_at = 0;
        while (fast_next(t, n, ',', &at, &got)) {
            assert_true(slow_next(t, n, ',', slow_at, &whole[n_records]));
            same(&whole[n_records], &got, "whole", round);
            slow_at = whole[n_records++].after;
        }
        record none;
        assert_false(slow_next(t, n, ',', slow_at, &none));
        assert_true(wf_csv_delimiter(t, n) != 0);
        /* The same records from pieces of any size. */
        uint32_t k = 0;
        for (size_t from = 0, to; from < n; from = to) {
            to = wf_csv_border(t, n, ',', from, from + below(&r, (uint32_t)n / (1 + below(&r, 8)) + 2));
            assert_in_range(to, from, n);
            at = from;
            while (fast_next(t, to, ',', &at, &got)) {
                assert_in_range(k, 0, n_records - 1);
                same(&whole[k++], &got, "in pieces", round);
            }
            if (to == from)
                break;
        }
        assert_int_equal(k, n_records);
        free(t);
    }
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static void numbers_are_strtod(void **state) {
    (void)state;
    static const char *const words[] = {"0", "1", "9", "12345",    "00000", ".",    "e",
                                        "E", "+", "-", "99999999", "5e-1",  "e308", "108.7"};
    char text[420];
    wf_random r;
    wf_random_seed(&r, 1, 52);
    uint64_t n_numbers = 0;
    for (uint64_t round = 0; round < times(400000); round++) {
        size_t n;
        if (round % 2 == 0)
            n = write_words(&r, words, sizeof words / sizeof *words, text, round % 64 == 0 ? 410 : 24);
        else {
            n = (size_t)snprintf(text, sizeof text, below(&r, 2) ? "%.*f" : "%.*e", (int)below(&r, 20),
                                 (wf_random_unit(&r) - 0.5) * pow(10, below(&r, 25)));
            if (below(&r, 8) == 0)
                text[below(&r, (uint32_t)n)] = (char)below(&r, 256);
        }
        int decimal = n > 0 && n < 400;
        for (size_t i = 0; i < n; i++)
            decimal &= text[i] != '\0' && strchr("0123456789+-.eE", text[i]) != NULL;
        char *end, copy[sizeof text];
        memcpy(copy, text, n);
        copy[n] = '\0';
        double want = decimal ? strtod(copy, &end) : 0, got = -7;
        decimal = decimal && end == copy + n && isfinite(want);
        char *t = exact_copy(text, n);
        int ok = wf_number_read(t, n, &got);
        if (ok != decimal || (ok ? memcmp(&want, &got, sizeof want) != 0 : got != -7))
            fail_msg("\"%s\": %d %.17g, should be %d %.17g", copy, ok, got, decimal, want);
        wf_coordinate_read(t, n, &got);
        n_numbers += (uint64_t)ok;
        free(t);
    }
    assert_true(n_numbers > times(400000) / 4);
}

static void coordinates_come_back(void **state) {
    (void)state;
    static const struct {
        const char *format;
        int negative;
    } forms[] = {{"%u°%u'%.3f\"", 0},  {"%u度%u分%.3f秒", 0},     {"东经%u°%u′%.3f″", 0},    {"-%u°%u'%.3f\"", 1},
                 {"%u°%u'%.3f\"S", 1}, {" %u° %u' %.3f\" W ", 1}, {"南纬%u度%u分%.3f秒", 1}, {"N%u°%u’%.3f”", 0}};
    static const char *const words[] = {"1", "59",   "°", "'", "\"", "′",  "″",  "度", "分",   "秒",
                                        "E", "东经", "-", ".", " ",  "１", "．", "－", "\xE5", "　"};
    char text[200];
    wf_random r;
    wf_random_seed(&r, 1, 53);
    for (uint64_t round = 0; round < times(60000); round++) {
        unsigned d = below(&r, 180), m = below(&r, 60);
        double s = below(&r, 59999) / 1000.0, got = NAN;
        uint32_t f = below(&r, sizeof forms / sizeof *forms);
        size_t n = (size_t)snprintf(text, sizeof text, forms[f].format, d, m, s);
        char *t = exact_copy(text, n);
        wf_cell_form form = wf_coordinate_read(t, n, &got);
        double want = (forms[f].negative ? -1 : 1) * (d + m / 60.0 + s / 3600);
        if (form != WF_CELL_DMS || fabs(got - want) > 1e-12)
            fail_msg("\"%s\": %d %.17g, should be %.17g", text, (int)form, got, want);
        free(t);
        n = write_words(&r, words, sizeof words / sizeof *words, text, 150);
        t = exact_copy(text, n);
        got = -7;
        form = wf_coordinate_read(t, n, &got);
        if ((form == WF_CELL_NUMBER || form == WF_CELL_DMS) ? !isfinite(got) : got != -7)
            fail_msg("form %d with %.17g", (int)form, got);
        free(t);
    }
}

/* ---- times ------------------------------------------------------------------------------------------------------ */

static void times_come_back(void **state) {
    (void)state;
    static const struct {
        const char *format;
        int unit_s;
    } forms[] = {{"%04d-%02d-%02d %02d:%02d:%02d", 1},
                 {"%04d-%02d-%02dT%02d:%02d:%02d", 1},
                 {"%d/%d/%d %d:%02d:%02d", 1},
                 {"%d.%d.%d %d:%d:%d", 1},
                 {"%d年%d月%d日 %d时%d分%d秒", 1},
                 {"%04d%02d%02d%02d%02d%02d", 1},
                 {"%d/%d/%d %d:%02d", 60},
                 {"%04d%02d%02d", 86400},
                 {"%d-%d-%d", 86400},
                 {"%04d-%02d-%02dT%02d:%02d:%02d+08:00", 1}};
    static const char *const words[] = {"2025", "1",   "12",       "31",      "-", "/",    "年",
                                        "月",   "日",  " ",        "T",       ":", "下午", "PM",
                                        "Z",    "+08", "20250101", "45000.5", "0", ".",    "\xE5"};
    char text[120];
    wf_random r;
    wf_random_seed(&r, 1, 54);
    for (uint64_t round = 0; round < times(100000); round++) {
        int64_t when = wf_when_of(1900, 1, 1) +
                       (int64_t)wf_random_below(&r, (uint64_t)(wf_when_of(2200, 1, 1) - wf_when_of(1900, 1, 1))),
                got = -7;
        uint32_t f = below(&r, sizeof forms / sizeof *forms);
        when -= ((when % forms[f].unit_s) + forms[f].unit_s) % forms[f].unit_s;
        time_t seconds = (time_t)when;
        struct tm c;
        gmtime_r(&seconds, &c);
        int64_t year;
        unsigned month, day;
        wf_when_date(when, &year, &month, &day);
        if (year != c.tm_year + 1900 || month != (unsigned)c.tm_mon + 1 || day != (unsigned)c.tm_mday ||
            wf_when_hour(when) != (unsigned)c.tm_hour || wf_when_weekday(when) != (unsigned)(c.tm_wday + 6) % 7)
            fail_msg("%lld: %lld-%u-%u %u, weekday %u", (long long)when, (long long)year, month, day,
                     wf_when_hour(when), wf_when_weekday(when));
        size_t n = (size_t)snprintf(text, sizeof text, forms[f].format, c.tm_year + 1900, c.tm_mon + 1, c.tm_mday,
                                    c.tm_hour, c.tm_min, c.tm_sec);
        char *t = exact_copy(text, n);
        if (wf_when_read(t, n, &got) != WF_WHEN_TIME || got != when)
            fail_msg("\"%s\": %lld, should be %lld", text, (long long)got, (long long)when);
        free(t);
        n = round % 3 ? write_words(&r, words, sizeof words / sizeof *words, text, 60) : damage(&r, text, n, 100);
        t = exact_copy(text, n);
        got = -7;
        wf_when_form form = wf_when_read(t, n, &got);
        if (form == WF_WHEN_TIME ? got < wf_when_of(1899, 12, 1) || got > wf_when_of(2201, 2, 1) : got != -7)
            fail_msg("\"%.*s\": form %d, %lld", (int)n, text, (int)form, (long long)got);
        free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_are_read_alike), cmocka_unit_test(numbers_are_strtod),
                                       cmocka_unit_test(coordinates_come_back), cmocka_unit_test(times_come_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
