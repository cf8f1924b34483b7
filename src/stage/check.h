#ifndef WF_STAGE_CHECK_H
#define WF_STAGE_CHECK_H
#include "base/error.h"
#include "base/grids.h"

/** What the user asked of `check`; NULL where nothing was said. */
typedef struct {
    const char *grids, *output; /**< output by its ending: .csv or .geojson */
    const char *outline;        /**< polygons that the grids must fill together */
    const char *code, *name, *level, *parent;
    double floor_m;    /**< < 0: from the decimals of the coordinates */
    uint32_t at_level; /**< 0: every level in turn */
    const char *fail_on;
} wf_check_request;

enum { WF_CHECK_RULES = 5, WF_CHECK_WORST = 5 };

typedef struct {
    const char *rule, *kind, *codes;
    double area_m2, thickness_m, x, y;
} wf_check_worst;

typedef struct {
    uint32_t n_grids, n_vertices, n_levels;
    const char *crs;
    double floor_m;
    bool seamless, seamless_strict, fails;
    uint32_t n_findings, n_gaps, n_overlaps, n_noise, n_invalid, n_information;
    double gap_m2, overlap_m2;
    uint32_t n_worst;
    wf_check_worst worst[WF_CHECK_WORST]; /**< gaps and overlaps with the largest area, largest first */
} wf_check_result;

/** Read the grids, check each level, write the findings where asked.
 *  @return WF_OK whatever the verdict; WF_INPUT, WF_USAGE, WF_OUTPUT, WF_NOMEM, WF_LIMIT */
WF_CHECKED wf_code wf_stage_check(const wf_check_request *request, wf_arena *keep, wf_check_result *out, wf_error *err);
#endif
