#ifndef WF_TABLES_CATEGORIES_H
#define WF_TABLES_CATEGORIES_H
#include <stddef.h>
/** The sample table of incident categories as CSV text with a header: code, name_zh, name_en, share_pct (of all
 *  incidents), land_use, hour_profile, deadline_value, deadline_unit, weight_min, codes of two standards. UTF-8 with a
 *  byte order mark, no quotes. *n gets its length. */
const char *wf_table_categories(size_t *n);

/** Shares of incidents by hour of the day for a profile of the table, 24 numbers of any sum; NULL for an unknown one.
 */
const unsigned char *wf_table_hours(const char *profile);
/** Weights of the days, Monday first. */
extern const double wf_table_weekdays[7];
#endif
