#ifndef WF_INTAKE_ENCODING_H
#define WF_INTAKE_ENCODING_H
#include <stddef.h>

/** The encodings incident files come in, tried in this order: byte order mark, strict UTF-8, strict GB18030. */
typedef enum { WF_ENCODING_UNKNOWN, WF_ENCODING_UTF8, WF_ENCODING_GB18030, WF_ENCODING_UTF16LE } wf_encoding;

/** Where converted text goes; anything but 0 ends the conversion. */
typedef int (*wf_encoding_sink)(void *self, const char *bytes, size_t n);

/** What the byte order mark says; WF_ENCODING_UNKNOWN without one. A file that says it is UTF-8 is taken at its word:
 *  broken characters are then a matter of single rows. */
wf_encoding wf_encoding_mark(const char *text, size_t n);

/** Hand a text over as UTF-8, block by block; the mark of UTF-16 is left out.
 *  @param from  WF_ENCODING_GB18030 or WF_ENCODING_UTF16LE; strict
 *  @param bad   offset of the first byte that does not fit, when that is why
 *  @return 0 done; 1 a byte does not fit; 2 the sink failed or the converter is missing */
int wf_encoding_convert(wf_encoding from, const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad);

/** The other way, for writing: UTF-8 to GB18030, the same answers. */
int wf_encoding_convert_from_utf8(const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad);
#endif
