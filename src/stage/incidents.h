#ifndef WF_STAGE_INCIDENTS_H
#define WF_STAGE_INCIDENTS_H
#include "base/grids.h"
#include "base/pool.h"
#include <signal.h>

/** What the user asked of `assign` and `tally`; NULL where nothing was said. */
typedef struct {
    const char *grids, *incidents, *output;
    const char *code, *name, *level, *parent;
    const char *x, *y, *id, *grid, *crs;
    wf_pool *pool;
    const volatile sig_atomic_t *cancelled; /**< polled between batches; NULL: never */
} wf_incidents_request;

/** Accounts: read = assigned + outside + rejected + duplicates; boundary and overlap are parts of assigned. */
typedef struct {
    uint64_t read, assigned, boundary, overlap, outside, rejected, duplicates;
    uint64_t labelled,
        agree; /**< rows with a recorded code that names a grid of the finest level; those placed in it */
} wf_accounts;

typedef struct {
    wf_grids grids;
    uint8_t finest;       /**< level of the grids that incidents are given to; 0 when the file has no levels */
    uint32_t *parent;     /**< index of each grid's parent, UINT32_MAX without */
    uint64_t *count;      /**< incidents by grid, all levels: children + unassigned */
    uint64_t *unassigned; /**< incidents in a parent and in none of its finest-level descendants */
    wf_accounts accounts;
    char delimiter;
    int encoding;                /**< wf_encoding of the file */
    const char *x_name, *y_name; /**< columns used */
} wf_incidents_result;

/** Place every incident and write one row each, in input order, with the columns grid_code, the upper levels' codes,
 *  placed and rule.
 *  @return WF_OK; WF_INPUT, WF_USAGE, WF_OUTPUT, WF_NOMEM, WF_CANCELLED. Nothing appears under the output's name unless
 * WF_OK. */
WF_CHECKED wf_code wf_stage_assign(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out,
                                   wf_error *err);

/** Place every incident and write the load of each grid; rows that were not counted go to OUT.rejects.csv. */
WF_CHECKED wf_code wf_stage_tally(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out,
                                  wf_error *err);
#endif
