#ifndef WF_STAGE_ROWS_H
#define WF_STAGE_ROWS_H
#include "base/words.h"
#include "bridge/transform.h"
#include "stage/plan.h"
#include "stage/source.h"
#include "tables/rules.h"

/** Months, or other lengths, that incidents are counted by. */
typedef enum {
    WF_PERIOD_NONE,
    WF_PERIOD_DAY,
    WF_PERIOD_WEEK,
    WF_PERIOD_MONTH,
    WF_PERIOD_QUARTER,
    WF_PERIOD_YEAR
} wf_period;

/** Categories with what one of them costs; more names may lead to one category. */
typedef struct {
    uint32_t n;
    const char **code, **name, **name_en;
    double *minutes; /**< handling time of one incident, NaN unknown */
    wf_names lookup; /**< code or name → position in `of` */
    uint32_t *of;
} wf_categories;

/** How rows are read; the same for all sources. */
typedef struct {
    const wf_categories *categories; /**< NULL: categories as they come */
    bool by_category;                /**< categories are counted: numbered as they come where there is no table */
    wf_period period;
    int64_t from, to; /**< times counted: from <= time < to; INT64_MIN and INT64_MAX without */
    int64_t now;      /**< later times are not believed; INT64_MAX: all are */
} wf_rows_rules;

/** Everything counts, nothing by period. */
wf_rows_rules wf_rows_rules_default(void);

/** Set the time that is counted.
 *  @param period    day, week, month, quarter, year; NULL leaves it
 *  @param from, to  first and last day, or times in any form wf_when_read knows; a last day counts whole; NULL leaves
 *  @param date      day of the run: later times are not believed; NULL leaves
 *  @return WF_OK; WF_USAGE naming the text that is none */
WF_CHECKED wf_code wf_rows_rules_set(const char *period, const char *from, const char *to, const char *date,
                                     wf_rows_rules *rules, wf_error *err);

typedef enum {
    WF_ROW_ASSIGNED,
    WF_ROW_OUTSIDE,
    WF_ROW_REJECTED,
    WF_ROW_OUT_OF_PERIOD,
    WF_ROW_UNPLACED /**< read, and to be placed yet */
} wf_row_state;

/** One row, read, or read and placed. */
typedef struct {
    size_t start;          /**< of the record in the source's text */
    uint32_t n_bytes;      /**< of the record without its line end */
    uint8_t state;         /**< wf_row_state */
    uint8_t placed;        /**< wf_placed */
    uint8_t rule;          /**< why it does not count, or the form its coordinates had; WF_RULE_NONE */
    uint32_t flags;        /**< bit of each wf_rule that remarks on the row */
    double x, y;           /**< in the grids' system; undefined for rejected rows */
    int64_t when;          /**< INT64_MIN unknown */
    uint64_t id;           /**< hash of the id, 0 without one or with a damaged one */
    uint64_t kind;         /**< hash of the category, 0 without one */
    uint64_t spot;         /**< hash of the coordinates as written and their system */
    uint32_t grid;         /**< the finest grid that holds the point, UINT32_MAX none */
    uint32_t recorded;     /**< the grid the recorded code names, UINT32_MAX none */
    uint32_t group;        /**< number of the group's name; UINT32_MAX without a group column */
    uint32_t category;     /**< as in wf_tally_key; n of the table: unknown. A hash where nobody counts by category */
    uint32_t hour, period; /**< as in wf_tally_key */
    wf_csv_field code;     /**< the recorded code as written, in the source's text; empty without one */
} wf_row;

typedef struct wf_rows wf_rows;

/** Prepare for reading the rows of all sources: coordinate systems, dictionaries.
 *  @return WF_OK; WF_USAGE for an unknown system or an impossible change; WF_NOMEM */
WF_CHECKED wf_code wf_rows_open(const wf_plan *plan, const wf_rows_rules *rules, uint32_t n_sources,
                                const wf_source *sources, unsigned n_threads, wf_rows **out, wf_error *err);
void wf_rows_close(wf_rows *rows);

/** Read one record: afterwards it is rejected, out of the period, or to be placed. Thread safe with one thread number a
 *  thread.
 *  @param status  what wf_csv_next said of the record
 *  @param row     filled in place: of undefined content on failure
 *  @return WF_OK; WF_NOMEM; WF_LIMIT (too many categories) */
WF_CHECKED wf_code wf_rows_read(wf_rows *rows, unsigned thread, uint32_t source, const wf_csv_field *fields, uint32_t n,
                                wf_csv_status status, size_t start, size_t n_bytes, wf_row *row, wf_error *err);

/** Place the rows that are to be placed; the others stay as they are. Many at a time are quicker than one by one, for
 *  what placing needs of the memory is asked for ahead. The sources' texts must still be there. Thread safe. */
void wf_rows_place(const wf_rows *rows, uint32_t n, wf_row *row);

/** True when rows of the group came in more than one system. Ask when no thread reads any more. */
bool wf_rows_mixed(const wf_rows *rows, uint32_t source, uint32_t group);
/** Number of periods between from and to; 0 without a period. */
uint32_t wf_rows_n_periods(const wf_rows *rows);
/** "2025-03", "2025-03-01", "2025-Q1", "2025"; a week is named by its Monday. Writes at most 16 bytes. */
void wf_rows_period_name(const wf_rows *rows, uint32_t period, char *text);
/** Name of a category's number. */
const char *wf_rows_category(const wf_rows *rows, uint32_t category);
uint32_t wf_rows_n_categories(const wf_rows *rows);
typedef struct {
    const char *from, *to, *name;
    double accuracy_m; /**< NaN: not stated */
} wf_rows_operation;
/** The changes of system that were declared or used, for the manifest; returns their number, at most `room`. */
uint32_t wf_rows_operations(const wf_rows *rows, wf_rows_operation *out, uint32_t room);
#endif
