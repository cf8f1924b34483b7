#ifndef WF_STAGE_STORE_H
#define WF_STAGE_STORE_H
#include "base/table.h"
#include "bridge/store.h"
#include "coverage/check.h"
#include "stage/job.h"
#include "stage/stream.h"
#include "workload/load.h"

/** All that a run found out, ready for the database. */
typedef struct {
    const wf_job *job;
    const wf_plan *plan;
    const wf_categories *categories; /**< NULL without */
    const wf_load *load;
    wf_stream *stream;
    const wf_notices *notices;
    const wf_source *sources;
    const wf_defects *defects; /**< findings, and the published table of them */
    const wf_table *defect_table;
    const char *verdict, *verdict_strict, *fail_on;
    double floor_m;
    uint8_t load_level;
} wf_store_facts;

/** Fill the tables: runs, grids, loads, categories, defects, crossed, rejects, flags, accounts. Rows stand in the order
 * of their key, whatever the number of threads.
 *  @return WF_OK; WF_OUTPUT (disk full), WF_NOMEM */
WF_CHECKED wf_code wf_stage_store(wf_store *store, const wf_store_facts *facts, wf_arena *keep, wf_error *err);
#endif
