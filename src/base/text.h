#ifndef WF_BASE_TEXT_H
#define WF_BASE_TEXT_H
#include <stddef.h>
/** Text helpers on UTF-8. */
/** Columns a terminal needs for the text: East Asian wide characters count two. */
size_t wf_text_width(const char *text);
/** 1 when the n bytes are strict UTF-8 (no overlongs, surrogates or > U+10FFFF); *bad gets the offset else. */
int wf_text_is_utf8(const char *bytes, size_t n, size_t *bad);
/** Length of the broken sequence at the first of n >= 1 bytes, where wf_text_is_utf8 found one: its first byte and
 * those that continue it. Never a byte of ASCII. */
size_t wf_text_broken(const char *bytes, size_t n);
/** 1 when no byte has its high bit. */
int wf_text_is_ascii(const char *bytes, size_t n);
/** Edit distance (Damerau, restricted) of two words in bytes, capped at limit + 1; words up to 63 bytes. */
unsigned wf_text_distance(const char *a, const char *b, unsigned limit);
/** Of n words the one nearest to `word` within a third of its length, or NULL: for "did you mean". */
const char *wf_text_nearest(const char *word, const char *const *words, size_t n);
#endif
