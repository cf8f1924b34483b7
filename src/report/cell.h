#ifndef WF_REPORT_CELL_H
#define WF_REPORT_CELL_H
#include <stddef.h>
#include <stdio.h>
/** Write one cell of text delimited by `delimiter`, quoted where RFC 4180 asks for it, and with a quote mark before a
 * text that a spreadsheet would run as a formula (begins with = + @, or - followed by no digit). */
void wf_cell_put(FILE *to, const char *text, size_t n, char delimiter);
/** The same with commas. */
void wf_cell_write(FILE *to, const char *text, size_t n);
/** Write a number with fixed decimals behind a comma; nothing but the comma for NaN and infinities. */
void wf_cell_number(FILE *to, double value, int decimals);
/** Write a JSON string with its quotes. */
void wf_cell_json(FILE *to, const char *text);
#endif
