/* Cells to numbers. Hot: two coordinates a row pass here. */
#include "intake/number.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

int wf_cell_missing(const char *text, size_t n) {
    static const char *const words[] = {"NULL", "null", "无", "空", "/", "-", "\\N", "NaN", "nan", "None", "N/A"};
    if (n == 0)
        return 1;
    if (n > 4 || (text[0] >= '0' && text[0] <= '9'))
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return 1;
    return 0;
}

/* The general case by the C library, which needs a NUL behind. Hexadecimal, infinities and NaN are no decimals. */
static int read_slow(const char *text, size_t n, double *out) {
    char copy[400], *end;
    if (n == 0 || n >= sizeof copy)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (strchr("0123456789+-.eE", text[i]) == NULL || text[i] == '\0')
            return 0;
    memcpy(copy, text, n);
    copy[n] = '\0';
    double value = strtod(copy, &end);
    if (end != copy + n || !isfinite(value))
        return 0;
    *out = value;
    return 1;
}

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The last n <= 8 characters before `end` as a number, where 8 bytes before it can be read: digits are added up in
 * pairs, pairs of pairs, and fours. False when one of them is no digit. */
static int read_eight(const char *end, int n, uint64_t *out) {
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    uint64_t v;
    memcpy(&v, end - 8, 8);
    if (n < 8)
        v = (v & (UINT64_MAX << 8 * (8 - n))) | (zeros & ~(UINT64_MAX << 8 * (8 - n)));
    v -= zeros;
    if (((v | (v + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080)) != 0)
        return 0;
    v = (v & UINT64_C(0x0F0F0F0F0F0F0F0F)) * 2561 >> 8;
    v = (v & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
    *out = (v & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32;
    return 1;
}
#else
static int read_eight(const char *end, int n, uint64_t *out) {
    (void)end, (void)n, (void)out;
    return 0;
}
#endif

int wf_number_read(const char *text, size_t n, double *out) {
    static const uint64_t whole_powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    const char *p = text, *end = text + n;
    uint64_t digits = 0, behind;
    int negative = p < end && *p == '-', n_digits = 0, n_behind = 0;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (; p < end && *p >= '0' && *p <= '9'; p++, n_digits++)
        digits = digits * 10 + (uint64_t)(*p - '0');
    if (p < end && *p == '.') {
        p++;
        if (n >= 8 && end - p <= 8 && n_digits <= 9 && p < end && read_eight(end, (int)(end - p), &behind)) {
            n_behind = (int)(end - p);
            digits = digits * whole_powers[n_behind] + behind;
            n_digits += n_behind;
            p = end;
        }
        for (; p < end && *p >= '0' && *p <= '9'; p++, n_digits++, n_behind++)
            digits = digits * 10 + (uint64_t)(*p - '0');
    }
    /* Both the digits and the power of ten are doubles without rounding, so the one division rounds correctly. */
    if (p != end || n_digits == 0 || n_digits > 19 || digits > (UINT64_C(1) << 53) || n_behind > 22)
        return read_slow(text, n, out);
    double value = (double)digits / powers[n_behind];
    *out = negative ? -value : value;
    return 1;
}

/* ---- other forms ------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *from;
    char to;
} twin;

/* Signs of degrees, minutes and seconds become d, m, s; hemispheres become letters; full-width becomes ASCII. */
static const twin twins[] = {{"°", 'd'},    {"º", 'd'},    {"度", 'd'}, {"′", 'm'},  {"’", 'm'},    {"'", 'm'},
                             {"分", 'm'},   {"″", 's'},    {"”", 's'},  {"\"", 's'}, {"秒", 's'},   {"．", '.'},
                             {"－", '-'},   {"＋", '+'},   {"　", ' '}, {"，", ','}, {"东经", 'E'}, {"西经", 'W'},
                             {"北纬", 'N'}, {"南纬", 'S'}, {"E", 'E'},  {"W", 'W'},  {"N", 'N'},    {"S", 'S'}};

/* The text with every sign replaced by its twin; 0 when it holds anything else. */
static size_t fold(const char *text, size_t n, char *out, size_t room) {
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        size_t step = 0;
        char c = 0;
        if (i + 2 < n && memcmp(text + i, "\xEF\xBC", 2) == 0 && (unsigned char)text[i + 2] >= 0x90 &&
            (unsigned char)text[i + 2] <= 0x99) {
            c = (char)('0' + ((unsigned char)text[i + 2] - 0x90));
            step = 3;
        }
        for (size_t k = 0; step == 0 && k < sizeof twins / sizeof *twins; k++) {
            size_t len = strlen(twins[k].from);
            if (i + len <= n && memcmp(text + i, twins[k].from, len) == 0) {
                c = twins[k].to;
                step = len;
            }
        }
        if (step == 0 && strchr("0123456789+-. eE", text[i]) != NULL && text[i] != '\0') {
            c = text[i];
            step = 1;
        }
        if (step == 0 || used + 1 >= room)
            return 0;
        i += step;
        out[used++] = c;
    }
    out[used] = '\0';
    return used;
}

static const char *skip_blanks(const char *p) {
    while (*p == ' ')
        p++;
    return p;
}

/* One part "digits[.digits]" in front of the sign `mark`; the text behind it, or NULL. */
static const char *read_part(const char *p, char mark, double *out) {
    const char *from = p = skip_blanks(p);
    while ((*p >= '0' && *p <= '9') || *p == '.')
        p++;
    if (p == from || !wf_number_read(from, (size_t)(p - from), out))
        return NULL;
    p = skip_blanks(p);
    return *p == mark ? p + 1 : NULL;
}

static int read_dms(const char *p, double *out) {
    double degrees, minutes = 0, seconds = 0;
    int negative = 0;
    p = skip_blanks(p);
    if (*p != '\0' && strchr("-EWNS", *p) != NULL) {
        negative = *p == '-' || *p == 'W' || *p == 'S';
        p++;
    }
    if ((p = read_part(p, 'd', &degrees)) == NULL)
        return 0;
    const char *behind = read_part(p, 'm', &minutes);
    p = behind != NULL ? behind : p;
    behind = read_part(p, 's', &seconds);
    /* Two minute signs in a row are met for the second sign. */
    if (behind == NULL && (behind = read_part(p, 'm', &seconds)) != NULL && *behind == 'm')
        behind++;
    p = skip_blanks(behind != NULL ? behind : p);
    if (*p != '\0' && strchr("EWNS", *p) != NULL) {
        negative = *p == 'W' || *p == 'S';
        p = skip_blanks(p + 1);
    }
    if (*p != '\0' || minutes >= 60 || seconds >= 60)
        return 0;
    *out = degrees + minutes / 60 + seconds / 3600;
    *out = negative ? -*out : *out;
    return 1;
}

wf_cell_form wf_coordinate_read(const char *text, size_t n, double *out) {
    while (n > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, n--;
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (wf_number_read(text, n, out))
        return WF_CELL_NUMBER;
    if (wf_cell_missing(text, n))
        return WF_CELL_MISSING;
    char plain[128];
    size_t n_plain = n < sizeof plain ? fold(text, n, plain, sizeof plain) : 0;
    if (n_plain == 0)
        return WF_CELL_BAD;
    if (*skip_blanks(plain) == '\0')
        return WF_CELL_MISSING;
    if (wf_number_read(plain, n_plain, out))
        return WF_CELL_NUMBER;
    return read_dms(plain, out) ? WF_CELL_DMS : WF_CELL_BAD;
}
