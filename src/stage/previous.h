#ifndef WF_STAGE_PREVIOUS_H
#define WF_STAGE_PREVIOUS_H
#include "base/error.h"
#include "base/hash.h"
#include <stdbool.h>
#include <stdint.h>

/** Findings as an earlier check or run published them: the columns of wf_defects_tabulate, as text. */
typedef struct {
    uint32_t n;
    const char ***cell; /**< cell[column][row]; "" when missing */
    wf_names ids;       /**< stable_id → row */
} wf_previous;

/** Read the findings of an earlier check: what `check -o` wrote (.csv, .geojson, .gpkg), a published defects file, or a
 *  run.sqlite. Those that were fixed by then are left out.
 *  @param names  n_columns names; one of them is stable_id, another status
 *  @return WF_OK; WF_INPUT when the file cannot be read or has no column stable_id; WF_NOMEM */
WF_CHECKED wf_code wf_previous_read(const char *path, uint32_t n_columns, const char *const *names, wf_arena *keep,
                                    wf_previous *out, wf_error *err);

/** The run database of the newest earlier day in a job's folder: of the folders named by a day before `date` the last
 *  one with a run.sqlite. Runs of the same day and later ones do not matter, so that a day can be run again.
 *  @return the path, in keep; NULL without one or when memory is short */
const char *wf_previous_find(const char *folder, const char *date, wf_arena *keep);
#endif
