#ifndef WF_INTAKE_ENCODING_H
#define WF_INTAKE_ENCODING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The encodings incident files come in. */
typedef enum { WF_ENCODING_UNKNOWN, WF_ENCODING_UTF8, WF_ENCODING_GB18030, WF_ENCODING_UTF16LE } wf_encoding;

/** Characters beyond ASCII that fit an encoding, and sequences that do not. */
typedef struct {
    uint64_t good, bad;
    size_t first_bad; /**< offset of the first that does not fit; set when bad > 0 */
} wf_encoding_count;

/** Where converted text goes; anything but 0 ends the conversion. */
typedef int (*wf_encoding_sink)(void *self, const char *bytes, size_t n);

/** What the byte order mark says; WF_ENCODING_UNKNOWN without one. A file that says it is UTF-8 is taken at its word:
 *  broken characters are then a matter of single rows. */
wf_encoding wf_encoding_mark(const char *text, size_t n);

/** Add to *count how a piece of text fits UTF-8. Text in GB18030 taken for UTF-8 has more bad sequences than good ones.
 *  @param offset  of the piece in the whole; pieces end between characters */
void wf_encoding_count_utf8(const char *text, size_t n, size_t offset, wf_encoding_count *count);

/** True when so few sequences do not fit that the encoding is the right one: one in a hundred at most. */
bool wf_encoding_fits(const wf_encoding_count *count);

/** Hand a text over as UTF-8, block by block; the mark of UTF-16 is left out. What does not fit becomes U+FFFD.
 *  @param from   anything but WF_ENCODING_UNKNOWN
 *  @param count  set to how the text fits; from WF_ENCODING_UTF8 only the bad ones are counted
 *  @return 0 done; 1 so much does not fit that the encoding is the wrong one (never from WF_ENCODING_UTF8); 2 the sink
 *          failed or the converter is missing */
int wf_encoding_convert(wf_encoding from, const char *text, size_t n, wf_encoding_sink sink, void *self,
                        wf_encoding_count *count);

/** The other way, for writing: UTF-8 to GB18030, strict.
 *  @param bad  offset of the first byte that does not fit, when that is why
 *  @return 0 done; 1 a byte does not fit; 2 the sink failed or the converter is missing */
int wf_encoding_convert_from_utf8(const char *text, size_t n, wf_encoding_sink sink, void *self, size_t *bad);
#endif
