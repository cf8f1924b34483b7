/* Encodings through iconv of the C library: strict, in blocks. */
#include "intake/encoding.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16 };

wf_encoding wf_encoding_mark(const char *text, size_t n) {
    if (n >= 2 && memcmp(text, "\xFF\xFE", 2) == 0)
        return WF_ENCODING_UTF16LE;
    return n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? WF_ENCODING_UTF8 : WF_ENCODING_UNKNOWN;
}

static int convert(const char *to_name, const char *from_name, const char *text, size_t n, wf_encoding_sink sink,
                   void *self, size_t *bad) {
    char block[BLOCK_BYTES], *in = (char *)(size_t)text;
    iconv_t cd = iconv_open(to_name, from_name);
    if (cd == (iconv_t)-1)
        return 2;
    int result = 0;
    while (n > 0 && result == 0) {
        char *to = block;
        size_t room = sizeof block, before = n;
        size_t status = iconv(cd, &in, &n, &to, &room);
        if (to > block && sink(self, block, (size_t)(to - block)) != 0)
            result = 2;
        else if (status == (size_t)-1 && (errno != E2BIG || (n == before && to == block))) {
            *bad = (size_t)(in - text);
            result = 1;
        }
    }
    iconv_close(cd);
    return result;
}

int wf_encoding_convert(wf_encoding from, const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad) {
    if (from == WF_ENCODING_GB18030)
        return convert("UTF-8", "GB18030", text, n, sink, self, bad);
    size_t mark = wf_encoding_mark(text, n) == WF_ENCODING_UTF16LE ? 2 : 0;
    int result = convert("UTF-8", "UTF-16LE", text + mark, n - mark, sink, self, bad);
    *bad += result == 1 ? mark : 0;
    return result;
}

int wf_encoding_convert_from_utf8(const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad) {
    return convert("GB18030", "UTF-8", text, n, sink, self, bad);
}
