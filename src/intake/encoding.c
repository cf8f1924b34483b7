/* Encodings through iconv of the C library, in blocks. Files come damaged: a character cut in two by a program that
 * counts bytes, a few words pasted from elsewhere. Such places become U+FFFD; only text that hardly fits at all is
 * refused. */
#include "intake/encoding.h"
#include "base/text.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16, HOPELESS = 4096 };
static const char replacement[] = "\xEF\xBF\xBD";

wf_encoding wf_encoding_mark(const char *text, size_t n) {
    if (n >= 2 && memcmp(text, "\xFF\xFE", 2) == 0)
        return WF_ENCODING_UTF16LE;
    return n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? WF_ENCODING_UTF8 : WF_ENCODING_UNKNOWN;
}

static void count_bad(wf_encoding_count *count, size_t at) {
    if (count->bad++ == 0)
        count->first_bad = at;
}

/* Characters of valid UTF-8 that are more than one byte. */
static uint64_t count_good(const char *text, size_t n) {
    uint64_t good = 0;
    for (size_t i = 0; i < n; i++)
        good += (unsigned char)text[i] >= 0xC0;
    return good;
}

void wf_encoding_count_utf8(const char *text, size_t n, size_t offset, wf_encoding_count *count) {
    for (size_t i = 0, bad; i < n; i += bad + wf_text_broken(text + i + bad, n - i - bad)) {
        bool clean = wf_text_is_utf8(text + i, n - i, &bad);
        count->good += count_good(text + i, clean ? n - i : bad);
        if (clean)
            return;
        count_bad(count, offset + i + bad);
    }
}

bool wf_encoding_fits(const wf_encoding_count *count) {
    return count->bad <= count->good / 100;
}

static int repair_utf8(const char *text, size_t n, wf_encoding_sink sink, void *self, wf_encoding_count *count) {
    for (size_t i = 0, bad = 0; i < n; i += bad + wf_text_broken(text + i + bad, n - i - bad)) {
        bool clean = wf_text_is_utf8(text + i, n - i, &bad);
        size_t stop = clean ? n - i : bad;
        if (stop > 0 && sink(self, text + i, stop) != 0)
            return 2;
        if (clean)
            return 0;
        count_bad(count, i + bad);
        if (sink(self, replacement, sizeof replacement - 1) != 0)
            return 2;
    }
    return 0;
}

/* One block of converted text; *text and *n move on. 1 where a byte does not fit, 2 when the sink fails. */
static int convert_block(iconv_t cd, const char **text, size_t *n, wf_encoding_sink sink, void *self, uint64_t *good) {
    char block[BLOCK_BYTES], *to = block, *in = (char *)(size_t)*text;
    size_t room = sizeof block, before = *n, status = iconv(cd, &in, n, &to, &room);
    int why = errno;
    *text = in;
    if (to > block && sink(self, block, (size_t)(to - block)) != 0)
        return 2;
    *good += count_good(block, (size_t)(to - block));
    return status == (size_t)-1 && (why != E2BIG || (*n == before && to == block)) ? 1 : 0;
}

int wf_encoding_convert(wf_encoding from, const char *text, size_t n, wf_encoding_sink sink, void *self,
                        wf_encoding_count *count) {
    *count = (wf_encoding_count){0, 0, 0};
    if (from == WF_ENCODING_UTF8)
        return repair_utf8(text, n, sink, self, count);
    bool wide = from == WF_ENCODING_UTF16LE;
    const char *p = text + (wide && wf_encoding_mark(text, n) == WF_ENCODING_UTF16LE ? 2 : 0);
    size_t left = n - (size_t)(p - text);
    iconv_t cd = iconv_open("UTF-8", wide ? "UTF-16LE" : "GB18030");
    if (cd == (iconv_t)-1)
        return 2;
    int result = 0;
    while (left > 0 && result == 0) {
        result = convert_block(cd, &p, &left, sink, self, &count->good);
        if (result != 1)
            continue;
        count_bad(count, (size_t)(p - text));
        size_t skip = wide && left > 1 ? 2 : 1;
        p += skip;
        left -= skip;
        result = sink(self, replacement, sizeof replacement - 1) != 0         ? 2
                 : !wide && count->bad > HOPELESS && !wf_encoding_fits(count) ? 1
                                                                              : 0;
    }
    iconv_close(cd);
    return result != 0 ? result : wide || wf_encoding_fits(count) ? 0 : 1;
}

int wf_encoding_convert_from_utf8(const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad) {
    const char *p = text;
    uint64_t good = 0;
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    if (cd == (iconv_t)-1)
        return 2;
    int result = 0;
    while (n > 0 && result == 0)
        result = convert_block(cd, &p, &n, sink, self, &good);
    if (result == 1)
        *bad = (size_t)(p - text);
    iconv_close(cd);
    return result;
}
