#ifndef WF_INTAKE_CSV_H
#define WF_INTAKE_CSV_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Records of delimited text (RFC 4180: quoted fields with doubled quotes and line ends inside; LF, CRLF or CR).
 *
 *  A quote at the start of a field opens it. It must close on its line, or on a later one within WF_CSV_QUOTED_BYTES
 *  and right before a delimiter or line end; else it is a character like the rest, so that a stray quote costs its own
 *  record and none behind it. */
enum { WF_CSV_MAX_FIELDS = 1024, WF_CSV_QUOTED_BYTES = 1 << 16 };

typedef struct {
    const char *bytes; /**< between the quotes when quoted; doubled quotes stay doubled */
    uint32_t n;
    bool quoted;
} wf_csv_field;

typedef enum {
    WF_CSV_OK,
    WF_CSV_END,      /**< no more records */
    WF_CSV_UNCLOSED, /**< a quote is never closed: the record ends with its line, the field begins with the quote */
    WF_CSV_TOO_MANY  /**< over WF_CSV_MAX_FIELDS fields; the rest of the record is passed over */
} wf_csv_status;

/** Read the record at *at and move *at behind its line end. Blank lines are passed over.
 *  @param fields  room for WF_CSV_MAX_FIELDS
 *  @param n       number of fields found
 *  @param start   offset of the record's first byte */
wf_csv_status wf_csv_next(const char *text, size_t n_text, char delimiter, size_t *at, wf_csv_field *fields,
                          uint32_t *n, size_t *start);

/** The delimiter of the first record: the one of comma, tab, semicolon, bar that occurs most outside quotes. */
char wf_csv_delimiter(const char *text, size_t n);

/** Copy a field's text with doubled quotes made single, blanks at both ends cut, and a NUL behind.
 *  @return the length, cut to room - 1 */
size_t wf_csv_text(const wf_csv_field *field, char *out, size_t room);

/** The first record border behind `target`, quotes followed from the record border `from` as wf_csv_next does; n_text
 *  when there is none. Cuts a text for threads so that a line end inside quotes never splits a record: no record starts
 *  between `target` and the border. */
size_t wf_csv_border(const char *text, size_t n_text, char delimiter, size_t from, size_t target);
/** The same where it is known that no quote stands between `from` and `target`. */
size_t wf_csv_border_unquoted(const char *text, size_t n_text, char delimiter, size_t from, size_t target);
#endif
