#ifndef WF_STAGE_INCIDENTS_H
#define WF_STAGE_INCIDENTS_H
#include "stage/stream.h"
#include "workload/load.h"

/** What the user asked of `assign` and `tally`; NULL where nothing was said. */
typedef struct {
    wf_plan_request plan;
    wf_source_request source;
    const char *aliases;    /**< file of column names that replaces the table compiled in */
    const char *categories; /**< table of categories with their minutes */
    const char *output;
    const char *by; /**< tally: category, period, hour, joined by commas; writes OUT.by.csv */
    wf_rows_rules rules;
    wf_pool *pool;
    const volatile sig_atomic_t *cancelled; /**< polled between batches; NULL: never */
} wf_incidents_request;

typedef struct {
    wf_plan plan;
    wf_accounts accounts;
    wf_load load; /**< of every grid; tally only */
    char delimiter;
    wf_encoding encoding;                     /**< of the file */
    const char *x_name, *y_name;              /**< columns used */
    const char *rejects, *flags, *long_table; /**< tally: files written beside the output; NULL when not */
    wf_notices notices;
} wf_incidents_result;

/** Place every incident and write one row each, in input order, with the columns grid_code, the upper levels' codes,
 *  placed and rule.
 *  @return WF_OK; WF_INPUT, WF_USAGE, WF_OUTPUT, WF_NOMEM, WF_LIMIT, WF_CANCELLED. Nothing appears under the output's
 *          name unless WF_OK. */
WF_CHECKED wf_code wf_stage_assign(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out,
                                   wf_error *err);

/** Place every incident and write the load of each grid; rows that were not counted go to OUT.rejects.csv, remarks on
 *  rows that were to OUT.flags.csv, counts by category, period or hour to OUT.by.csv when asked. */
WF_CHECKED wf_code wf_stage_tally(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out,
                                  wf_error *err);
#endif
