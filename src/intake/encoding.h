#ifndef WF_INTAKE_ENCODING_H
#define WF_INTAKE_ENCODING_H
#include <stddef.h>

/** The encodings incident files come in, tried in this order: byte order mark, strict UTF-8, strict GB18030. */
typedef enum { WF_ENCODING_UNKNOWN, WF_ENCODING_UTF8, WF_ENCODING_GB18030, WF_ENCODING_UTF16LE } wf_encoding;

/** Make UTF-8 of a text.
 *
 *  UTF-8 is left where it is: *out is NULL. Otherwise *out is the converted text of *n_out bytes, to be given back with
 * free.
 *  @param bad  where the text is neither: offset of the first byte that is not UTF-8
 *  @return WF_ENCODING_UNKNOWN when it is no text in any of them or memory is short */
wf_encoding wf_encoding_to_utf8(const char *text, size_t n, char **out, size_t *n_out, size_t *bad);
#endif
