/* Encodings through iconv of the C library: strict, whole text at once. */
#include "intake/encoding.h"
#include "base/text.h"
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* NULL when a byte does not fit the encoding or memory is short. */
static char *convert(const char *from, const char *text, size_t n, size_t *n_out) {
    iconv_t cd = iconv_open("UTF-8", from);
    if (cd == (iconv_t)-1)
        return NULL;
    size_t room = n * 2 + 16, left = room, in_left = n;
    char *out = malloc(room), *to = out, *in = (char *)(size_t)text;
    if (out != NULL && iconv(cd, &in, &in_left, &to, &left) == (size_t)-1) {
        free(out);
        out = NULL;
    }
    iconv_close(cd);
    *n_out = room - left;
    return out;
}

wf_encoding wf_encoding_to_utf8(const char *text, size_t n, char **out, size_t *n_out, size_t *bad) {
    *out = NULL;
    if (n >= 2 && memcmp(text, "\xFF\xFE", 2) == 0) {
        *bad = 0;
        *out = convert("UTF-16LE", text + 2, n - 2, n_out);
        return *out == NULL ? WF_ENCODING_UNKNOWN : WF_ENCODING_UTF16LE;
    }
    if (wf_text_is_utf8(text, n, bad))
        return WF_ENCODING_UTF8;
    *out = convert("GB18030", text, n, n_out);
    return *out == NULL ? WF_ENCODING_UNKNOWN : WF_ENCODING_GB18030;
}
