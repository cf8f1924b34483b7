#ifndef WF_STAGE_SYNTH_H
#define WF_STAGE_SYNTH_H
#include "base/arena.h"
#include "base/error.h"
#include <signal.h>
#include <stdint.h>

typedef struct {
    const char *seed_file, *folder;
    uint32_t n_grids;     /**< 0: as the seed file says; else all counts in proportion, the area too */
    uint64_t n_incidents; /**< 0: as the seed file says */
    const volatile sig_atomic_t *cancelled; /**< polled between files and batches; NULL: never */
} wf_synth_request;

typedef struct {
    uint32_t n_grids, n_vertices; /**< rows on all levels */
    double area_km2, population;
    uint32_t n_causes, n_left_out; /**< defects planted; those that found no room */
    uint64_t n_incidents;
    uint32_t n_changes; /**< that the second plan makes */
} wf_synth_result;

/** Make the plan of a seed file and write it into the folder: grids.gpkg, grids.geojson, outline.geojson, the same
 *  with planted defects as grids_defects.gpkg and .geojson, truth_findings.csv, incidents.csv (UTF-8 with a mark),
 *  incidents_gb18030.csv (up to 200,000 rows), truth_incidents.csv, categories.csv, and a second plan
 *  grids_v2.gpkg and .geojson with truth_crosswalk.csv. The folder is made when
 *  missing. Every file appears whole; those of an earlier run are replaced.
 *  @return WF_OK, WF_INPUT, WF_USAGE (an unknown key: line, column), WF_OUTPUT, WF_NOMEM, WF_LIMIT */
WF_CHECKED wf_code wf_stage_synth(const wf_synth_request *request, wf_arena *keep, wf_synth_result *out, wf_error *err);
#endif
