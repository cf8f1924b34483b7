/* UTF-8 helpers for messages and terminal tables. */
#include "base/text.h"
#include <stdint.h>
#include <string.h>

/* Length of the strict UTF-8 sequence at p (0 when bad); its code point in *cp. */
static size_t decode(const unsigned char *p, size_t n, uint32_t *cp) {
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len > n)
        return 0;
    *cp = p[0] & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        *cp = *cp << 6 | (p[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return *cp < least[len] || *cp > 0x10FFFF || (*cp >= 0xD800 && *cp < 0xE000) ? 0 : len;
}

int wf_text_is_ascii(const char *bytes, size_t n) {
    uint64_t all = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        all |= word;
    }
    for (; i < n; i++)
        all |= (unsigned char)bytes[i];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* Offset of the first byte at or behind i with its high bit set, n without one. */
static size_t skip_ascii(const unsigned char *p, size_t i, size_t n) {
    uint64_t block[4], word;
    for (; i + sizeof block <= n; i += sizeof block) {
        memcpy(block, p + i, sizeof block);
        if (((block[0] | block[1] | block[2] | block[3]) & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, p + i, sizeof word);
        word &= UINT64_C(0x8080808080808080);
        if (word != 0)
            return i + (size_t)__builtin_ctzll(word) / 8;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

/* Chinese text is three bytes a character: those whose first byte allows any second one pass without a decoder. */
static size_t skip_triples(const unsigned char *p, size_t i, size_t n) {
    while (i + 3 <= n && p[i] > 0xE0 && p[i] < 0xF0 && p[i] != 0xED && (p[i + 1] & 0xC0) == 0x80 &&
           (p[i + 2] & 0xC0) == 0x80)
        i += 3;
    return i;
}

int wf_text_is_utf8(const char *bytes, size_t n, size_t *bad) {
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t i = skip_ascii(p, 0, n); i < n; i = skip_ascii(p, i, n)) {
        size_t after = skip_triples(p, i, n);
        if (after > i) {
            i = after;
            continue;
        }
        uint32_t cp;
        size_t len = decode(p + i, n - i, &cp);
        if (len == 0) {
            if (bad != NULL)
                *bad = i;
            return 0;
        }
        i += len;
    }
    return 1;
}

size_t wf_text_broken(const char *bytes, size_t n) {
    const unsigned char *p = (const unsigned char *)bytes;
    size_t len = p[0] < 0xC2 || p[0] > 0xF4 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2, i = 1;
    while (i < len && i < n && (p[i] & 0xC0) == 0x80)
        i++;
    return i;
}

size_t wf_text_width(const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    size_t n = strlen(text), width = 0;
    for (size_t i = 0; i < n;) {
        uint32_t cp = 0;
        size_t len = decode(p + i, n - i, &cp);
        int wide = (cp >= 0x1100 && cp <= 0x115F) || (cp >= 0x2E80 && cp <= 0xA4CF) || (cp >= 0xAC00 && cp <= 0xD7A3) ||
                   (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0xFE30 && cp <= 0xFE6F) || (cp >= 0xFF00 && cp <= 0xFF60) ||
                   (cp >= 0xFFE0 && cp <= 0xFFE6) || (cp >= 0x20000 && cp <= 0x3FFFD);
        width += wide ? 2 : 1;
        i += len == 0 ? 1 : len;
    }
    return width;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned wf_text_distance(const char *a, const char *b, unsigned limit) {
    size_t n = strlen(a), m = strlen(b);
    if (n > 63 || m > 63)
        return limit + 1;
    unsigned row[3][64];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], up2[j - 2] + 1);
        }
    }
    return least(row[n % 3][m], limit + 1);
}

const char *wf_text_nearest(const char *word, const char *const *words, size_t n) {
    unsigned limit = (unsigned)(strlen(word) + 2) / 3, best = limit + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        unsigned d = wf_text_distance(word, words[i], limit);
        if (d < best) {
            best = d;
            nearest = words[i];
        }
    }
    return nearest;
}
