/* Delimited text to fields. Hot: every byte of the incidents passes here once. */
#include "intake/csv.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool ends_field(const char *p, const char *end, char delimiter) {
    while (p < end && *p == ' ')
        p++;
    return p == end || *p == delimiter || *p == '\n' || *p == '\r';
}

/* The quote that closes the one at `open`; NULL when that one is a character like the rest. A stray quote must not make
 * one field of all that follows: over a line end only a quote that ends its field closes, and not too far off. */
static const char *closing_quote(const char *open, const char *end, char delimiter) {
    const char *p = open + 1, *last = end - p > WF_CSV_QUOTED_BYTES ? p + WF_CSV_QUOTED_BYTES : end;
    while (p < last && (p = memchr(p, '"', (size_t)(last - p))) != NULL) {
        if (p + 1 < end && p[1] == '"') {
            p += 2;
            continue;
        }
        size_t n = (size_t)(p - open);
        bool closes =
            ends_field(p + 1, end, delimiter) || (memchr(open, '\n', n) == NULL && memchr(open, '\r', n) == NULL);
        return closes ? p : NULL;
    }
    return NULL;
}

static const char *field_end(const char *p, const char *end, char delimiter) {
    while (p < end && *p != delimiter && *p != '\n' && *p != '\r')
        p++;
    return p;
}

static const char *skip_line_end(const char *p, const char *end) {
    if (p < end && *p == '\r')
        p++;
    if (p < end && *p == '\n')
        p++;
    return p;
}

#ifdef __SSE2__
enum { BLOCK = 32 };

/* Bit i set: byte i of the block is the delimiter, a quote or a line end. */
static inline uint32_t find_marks(const char *p, __m128i delimiter) {
    const __m128i quote = _mm_set1_epi8('"'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    uint32_t mask = 0;
    for (int half = 0; half < 2; half++) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * half));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b, delimiter), _mm_cmpeq_epi8(b, quote)),
                                   _mm_or_si128(_mm_cmpeq_epi8(b, lf), _mm_cmpeq_epi8(b, cr)));
        mask |= (uint32_t)_mm_movemask_epi8(hit) << 16 * half;
    }
    return mask;
}

/* A record without quotes that ends well before the text does: fields between marks found 32 bytes at a time. False
 * when it is another one; nothing is changed then. */
static bool next_plain(const char *text, size_t n_text, char delimiter, size_t *at, wf_csv_field *fields, uint32_t *n) {
    const __m128i sign = _mm_set1_epi8(delimiter);
    size_t base = *at, field = *at;
    uint32_t count = 0;
    for (; base + BLOCK <= n_text; base += BLOCK)
        for (uint32_t marks = find_marks(text + base, sign); marks != 0; marks &= marks - 1) {
            size_t i = base + (size_t)__builtin_ctz(marks);
            if (text[i] == '"' || count == WF_CSV_MAX_FIELDS)
                return false;
            fields[count++] = (wf_csv_field){text + field, (uint32_t)(i - field), false};
            field = i + 1;
            if (text[i] == delimiter)
                continue;
            *n = count;
            *at = i + 1 + (text[i] == '\r' && i + 1 < n_text && text[i + 1] == '\n');
            return true;
        }
    return false;
}
#else
static bool next_plain(const char *text, size_t n_text, char delimiter, size_t *at, wf_csv_field *fields, uint32_t *n) {
    (void)text, (void)n_text, (void)delimiter, (void)at, (void)fields, (void)n;
    return false;
}
#endif

wf_csv_status wf_csv_next(const char *text, size_t n_text, char delimiter, size_t *at, wf_csv_field *fields,
                          uint32_t *n, size_t *start) {
    const char *p = text + *at, *end = text + n_text;
    while (p < end && (*p == '\n' || *p == '\r'))
        p++;
    *n = 0;
    *start = (size_t)(p - text);
    *at = *start;
    if (p == end)
        return WF_CSV_END;
    if (next_plain(text, n_text, delimiter, at, fields, n))
        return WF_CSV_OK;
    wf_csv_status status = WF_CSV_OK;
    for (;;) {
        wf_csv_field field;
        const char *close = NULL;
        if (p < end && *p == '"') {
            close = closing_quote(p, end, delimiter);
            status = close == NULL ? WF_CSV_UNCLOSED : status;
        }
        if (close != NULL) {
            field = (wf_csv_field){p + 1, (uint32_t)(close - p - 1), true};
            /* Text behind a closing quote belongs to no field that could be trusted: it is passed over. */
            p = field_end(close + 1, end, delimiter);
        } else {
            const char *stop = field_end(p, end, delimiter);
            field = (wf_csv_field){p, (uint32_t)(stop - p), false};
            p = stop;
        }
        if (*n < WF_CSV_MAX_FIELDS)
            fields[(*n)++] = field;
        else
            status = WF_CSV_TOO_MANY;
        if (p < end && *p == delimiter) {
            p++;
            continue;
        }
        *at = (size_t)(skip_line_end(p, end) - text);
        return status;
    }
}

/* Count the delimiters of the first line, or with `quotes` of the first record. False when a quote is still open at the
 * end of what is looked at. */
static bool count_delimiters(const char *text, size_t n, bool quotes, const char *candidates, size_t *count) {
    bool quoted = false;
    for (size_t c = 0; candidates[c] != '\0'; c++)
        count[c] = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            quoted = quotes && !quoted;
        if (!quoted && (text[i] == '\n' || text[i] == '\r'))
            return true;
        for (size_t c = 0; !quoted && candidates[c] != '\0'; c++)
            count[c] += text[i] == candidates[c];
    }
    return !quoted;
}

char wf_csv_delimiter(const char *text, size_t n) {
    static const char candidates[] = ",\t;|";
    size_t count[sizeof candidates], best = 0;
    n = n < WF_CSV_QUOTED_BYTES ? n : WF_CSV_QUOTED_BYTES;
    if (!count_delimiters(text, n, true, candidates, count))
        count_delimiters(text, n, false, candidates, count);
    for (size_t c = 1; candidates[c] != '\0'; c++)
        if (count[c] > count[best])
            best = c;
    return candidates[best];
}

size_t wf_csv_text(const wf_csv_field *field, char *out, size_t room) {
    const char *p = field->bytes, *end = p + field->n;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t n = 0;
    for (; p < end && n + 1 < room; p++) {
        out[n++] = *p;
        if (field->quoted && *p == '"' && p + 1 < end && p[1] == '"')
            p++;
    }
    out[n] = '\0';
    return n;
}

/* A quote opens a field at the field's start only; any other is a character like the rest. */
static bool opens_field(const char *quote, const char *first, char delimiter) {
    return quote == first || quote[-1] == delimiter || quote[-1] == '\n' || quote[-1] == '\r';
}

/* The border behind p, which lies outside quotes. */
static size_t border_behind(const char *text, const char *p, const char *end, const char *first, char delimiter) {
    for (; p < end && *p != '\n' && *p != '\r'; p++)
        if (*p == '"' && opens_field(p, first, delimiter)) {
            const char *close = closing_quote(p, end, delimiter);
            p = close == NULL ? p : close;
        }
    return (size_t)(skip_line_end(p, end) - text);
}

size_t wf_csv_border_unquoted(const char *text, size_t n_text, char delimiter, size_t from, size_t target) {
    return target >= n_text ? n_text : border_behind(text, text + target, text + n_text, text + from, delimiter);
}

size_t wf_csv_border(const char *text, size_t n_text, char delimiter, size_t from, size_t target) {
    if (target >= n_text)
        return n_text;
    const char *first = text + from, *end = text + n_text, *p = first, *q;
    while (p < text + target && (q = memchr(p, '"', (size_t)(text + target - p))) != NULL) {
        const char *close = opens_field(q, first, delimiter) ? closing_quote(q, end, delimiter) : NULL;
        p = (close == NULL ? q : close) + 1;
    }
    return border_behind(text, p > text + target ? p : text + target, end, first, delimiter);
}
