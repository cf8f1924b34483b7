#ifndef WF_INTAKE_WHEN_H
#define WF_INTAKE_WHEN_H
#include <stddef.h>
#include <stdint.h>

/** Local times as seconds since 1970-01-01 00:00:00 of the same clock (UTC+8 without daylight saving in the data this
 *  is for). No zone arithmetic is ever done on them but for epoch numbers and texts with Z or an offset. */

typedef enum { WF_WHEN_TIME, WF_WHEN_MISSING, WF_WHEN_BAD } wf_when_form;

/** Read a date or a date and time in the forms incident files hold:
 *  2025-01-01 08:05:00, 2025-01-01T08:05:00+08:00, 2025-01-01 08-05-00, 2025/1/1 8:05, 2025.1.1, 20250101,
 * 20250101080500, 2025年1月1日 8时5分, 2025/1/1 下午 3:05 or 3:05 PM, Excel serials (25569 … 73050), epoch seconds and
 * milliseconds. A date alone is its midnight. Missing: empty, the words of wf_cell_missing, 0.
 *  @return *out set for WF_WHEN_TIME only */
wf_when_form wf_when_read(const char *text, size_t n, int64_t *out);

/** Seconds of a civil date (proleptic Gregorian; Hinnant 2013, "chrono-compatible low-level date algorithms"). */
int64_t wf_when_of(int64_t year, unsigned month, unsigned day);
/** The civil date of a time. */
void wf_when_date(int64_t when, int64_t *year, unsigned *month, unsigned *day);
/** 0 Monday … 6 Sunday. */
unsigned wf_when_weekday(int64_t when);
/** 0 … 23. */
unsigned wf_when_hour(int64_t when);
#endif
