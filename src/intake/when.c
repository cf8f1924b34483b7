/* Cells to local times. Hot with a time column: the plain ISO form is read without a detour. */
#include "intake/when.h"
#include "intake/number.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DAY_S = 86400, CHINA_S = 8 * 3600 };

int64_t wf_when_of(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400, doy = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    return (era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468) * DAY_S;
}

static int64_t days_of(int64_t when) {
    return when >= 0 ? when / DAY_S : -((-when + DAY_S - 1) / DAY_S);
}

void wf_when_date(int64_t when, int64_t *year, unsigned *month, unsigned *day) {
    int64_t z = days_of(when) + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

unsigned wf_when_weekday(int64_t when) {
    int64_t d = (days_of(when) + 3) % 7;
    return (unsigned)(d < 0 ? d + 7 : d);
}

unsigned wf_when_hour(int64_t when) {
    return (unsigned)((when - days_of(when) * DAY_S) / 3600);
}

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

static unsigned digits(const char *p, int n) {
    unsigned v = 0;
    for (int i = 0; i < n; i++)
        v = v * 10 + (unsigned)(p[i] - '0');
    return v;
}

static int all_digits(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!is_digit(p[i]))
            return 0;
    return n > 0;
}

static int join(const unsigned part[6], int64_t *out) {
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned y = part[0], m = part[1], d = part[2];
    if (y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1 || part[3] > 24 || part[4] > 59 || part[5] > 60)
        return 0;
    unsigned last = days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
    if (d > last || (part[3] == 24 && part[4] + part[5] > 0))
        return 0;
    *out = wf_when_of(y, m, d) + (int64_t)part[3] * 3600 + (int64_t)part[4] * 60 + (int64_t)part[5];
    return 1;
}

/* 20250101, 20250101080500, Excel serials, epoch seconds and milliseconds. */
static int read_numeric(const char *text, size_t n, int64_t *out) {
    double value;
    if (all_digits(text, n) && (n == 8 || n == 12 || n == 14)) {
        const unsigned part[6] = {digits(text, 4),
                                  digits(text + 4, 2),
                                  digits(text + 6, 2),
                                  n > 8 ? digits(text + 8, 2) : 0,
                                  n > 8 ? digits(text + 10, 2) : 0,
                                  n > 12 ? digits(text + 12, 2) : 0};
        if (join(part, out))
            return 1;
    }
    if (!wf_number_read(text, n, &value))
        return 0;
    if (value >= 25569 && value < 73051) { /* 1970-01-01 … 2099-12-31 as days since 1899-12-30 */
        *out = llround((value - 25569) * DAY_S);
        /* A serial of a whole minute is written with too few digits to be exact. */
        int64_t minute = (*out + 30) / 60 * 60;
        *out = *out - minute <= 1 && *out - minute >= -1 ? minute : *out;
        return 1;
    }
    if (value >= 1e8 && value < 4.2e9)
        *out = (int64_t)value + CHINA_S;
    else if (value >= 1e11 && value < 4.2e12)
        *out = (int64_t)(value / 1000) + CHINA_S;
    else
        return 0;
    return 1;
}

static int has(const char **p, const char *end, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(end - *p) < n || memcmp(*p, word, n) != 0)
        return 0;
    *p += n;
    return 1;
}

/* Blanks, T and the signs between the parts of a date and a time. */
static void skip_signs(const char **p, const char *end) {
    static const char *const signs[] = {" ", "\t", "年", "月", "日", "时", "点", "分", "秒", "号",
                                        "/", "-",  ".",  ":",  "：", "T",  "，", ",",  "　"};
    for (int again = 1; again;) {
        again = 0;
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            again |= has(p, end, signs[i]);
    }
}

/* Z, +08:00, -0500 at the end of a text with a time of day: back to the data's own clock. */
static int read_zone(const char **p, const char *end, int64_t *shift_s) {
    const char *q = *p;
    *shift_s = 0;
    if (q < end && (*q == 'Z' || *q == 'z')) {
        *p = q + 1;
        *shift_s = CHINA_S;
        return 1;
    }
    if (q + 3 > end || (*q != '+' && *q != '-') || !all_digits(q + 1, 2))
        return 0;
    int sign = *q == '-' ? -1 : 1;
    int64_t offset = digits(q + 1, 2) * 3600;
    q += 3;
    q += q < end && *q == ':';
    if (q + 2 <= end && all_digits(q, 2)) {
        offset += digits(q, 2) * 60;
        q += 2;
    }
    *p = q;
    *shift_s = CHINA_S - sign * offset;
    return 1;
}

/* 0 none, 1 morning, 2 afternoon. */
static int read_half(const char **p, const char *end) {
    static const char *const am[] = {"上午", "凌晨", "早上", "AM", "am", "a.m."};
    static const char *const pm[] = {"下午", "晚上", "中午", "PM", "pm", "p.m."};
    for (size_t i = 0; i < sizeof am / sizeof *am; i++) {
        if (has(p, end, am[i]))
            return 1;
        if (has(p, end, pm[i]))
            return 2;
    }
    return 0;
}

static int read_parts(const char *p, const char *end, int64_t *out) {
    unsigned part[6] = {0};
    int half = 0;
    int64_t zone = 0;
    for (int i = 0; p < end && i < 6; i++) {
        int found = read_half(&p, end);
        half = found ? found : half;
        bool dashes = i == 4 && p < end && *p == '-'; /* 15-05-00: then the next dash is no offset either */
        skip_signs(&p, end);
        int n = 0;
        while (p + n < end && n < 5 && is_digit(p[n]))
            n++;
        if (n == 0 && i >= 3)
            break;
        if (n == 0 || n > 4 || (i > 0 && n > 2) || (i == 0 && n != 4))
            return 0;
        part[i] = digits(p, n);
        p += n;
        if (i == 2)
            skip_signs(&p, end);
        if (i >= 4 && !(dashes && p < end && *p == '-') && read_zone(&p, end, &zone))
            break;
        if (i == 5 && p < end && *p == '.')
            for (p++; p < end && is_digit(*p);)
                p++;
        if (i != 5 || p == end || (*p != '+' && *p != '-' && *p != 'Z'))
            continue;
        if (!read_zone(&p, end, &zone))
            return 0;
    }
    while (p < end) {
        const char *before = p;
        int found = read_half(&p, end);
        half = found ? found : half;
        skip_signs(&p, end);
        if (p == before)
            return 0;
    }
    if (part[2] == 0)
        return 0;
    if (half == 2 && part[3] < 12)
        part[3] += 12;
    else if (half == 1 && part[3] == 12)
        part[3] = 0;
    if (!join(part, out))
        return 0;
    *out += zone;
    return 1;
}

wf_when_form wf_when_read(const char *text, size_t n, int64_t *out) {
    while (n > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, n--;
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (n == 19 && text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' && is_digit(text[18]) &&
        (text[10] == ' ' || text[10] == 'T') && all_digits(text, 4) && all_digits(text + 5, 2) &&
        all_digits(text + 8, 2) && all_digits(text + 11, 2) && all_digits(text + 14, 2) && is_digit(text[17])) {
        const unsigned part[6] = {digits(text, 4),      digits(text + 5, 2),  digits(text + 8, 2),
                                  digits(text + 11, 2), digits(text + 14, 2), digits(text + 17, 2)};
        return join(part, out) ? WF_WHEN_TIME : WF_WHEN_BAD;
    }
    if (wf_cell_missing(text, n) || (n == 1 && *text == '0'))
        return WF_WHEN_MISSING;
    return read_numeric(text, n, out) || read_parts(text, text + n, out) ? WF_WHEN_TIME : WF_WHEN_BAD;
}
