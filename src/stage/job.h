#ifndef WF_STAGE_JOB_H
#define WF_STAGE_JOB_H
#include "bridge/yaml_read.h"
#include "stage/plan.h"
#include "stage/rows.h"
#include "stage/source.h"
#include <stdio.h>

/** A job as its file and the command line say it, every path resolved. */
typedef struct {
    wf_yaml yaml; /**< the file's entries, --set applied; what --dry-run prints and the manifest holds */
    const char *name, *language;
    const char *date; /**< of the run, YYYY-MM-DD */
    wf_plan_request grids;
    const char *outline, *population, *allowed_gaps, *categories, *aliases; /**< NULL without */
    wf_source_request *source;
    uint32_t n_sources;
    double floor_m; /**< < 0: from the decimals of the coordinates */
    const char *fail_on;
    uint8_t load_level; /**< 0: 4 where there is one, else the finest */
    wf_rows_rules rules;
    const char *folder; /**< publish.dir */
    const char *queries;
    bool csv, geojson;
} wf_job;

typedef struct {
    const char *path;       /**< of the job file */
    const char *const *set; /**< key=value from the command line */
    uint32_t n_set;
    const char *date; /**< YYYY-MM-DD */
} wf_job_request;

/** Read a job file.
 *
 *  Paths in the file are relative to its folder, those of --set to the working directory. Unknown keys are errors with
 *  line, column and the nearest known one; `a, b` and `[a, b]` are both lists.
 *  @return WF_OK; WF_INPUT when the file cannot be read; WF_USAGE for what is wrong in it; WF_NOMEM */
WF_CHECKED wf_code wf_stage_job(const wf_job_request *request, wf_arena *keep, wf_job *out, wf_error *err);

/** WF_USAGE with a line that says what is wrong with the value at a path of the job, and where it stands: line and
 * column of the file, or --set. */
WF_CHECKED wf_code wf_job_complain(const wf_job *job, const char *path, const char *what, wf_error *err);

/** Print the resolved job as YAML, one `path: value` a line. */
void wf_job_print(const wf_job *job, FILE *to);
#endif
