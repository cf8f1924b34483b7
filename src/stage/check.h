#ifndef WF_STAGE_CHECK_H
#define WF_STAGE_CHECK_H
#include "base/error.h"
#include "base/grids.h"
#include "base/table.h"
#include "bridge/vector_read.h"
#include "coverage/check.h"
#include "stage/previous.h"
#include <signal.h>
#include <stdio.h>

/** What the user asked of `check`; NULL where nothing was said. */
typedef struct {
    const char *grids, *output; /**< output by its ending: .csv, .geojson or .gpkg */
    const char *outline;        /**< polygons that the grids must fill together */
    const char *allowed_gaps;   /**< polygons that excuse the gaps they cover */
    const char *previous;       /**< findings of an earlier check: see wf_previous_read */
    const char *code, *name, *level, *parent;
    double floor_m;    /**< < 0: from the decimals of the coordinates */
    uint32_t at_level; /**< 0: every level and their nesting */
    const char *fail_on;
    wf_pool *pool;                          /**< NULL: one thread */
    const volatile sig_atomic_t *cancelled; /**< polled; NULL: never */
} wf_check_request;

enum { WF_CHECK_RULES = 15, WF_CHECK_WORST = 5 };

typedef struct {
    const char *rule, *kind, *codes;
    double area_m2, thickness_m, x, y;
} wf_check_worst;

/** Gaps are G03, G04 and G15, overlaps G02 and G10. Rows that are excused or refer to another row ("see defect") count
 *  in n_findings and by_rule and nowhere else. */
typedef struct {
    uint32_t n_grids, n_vertices, n_levels;
    const char *crs;
    double floor_m, area_m2; /**< area of the partition grids; of several levels that of the largest */
    bool outline, seamless, seamless_strict, fails;
    bool compared;                         /**< with an earlier check */
    uint32_t n_new, n_persisting, n_fixed; /**< since then; whatever their severity */
    uint32_t n_findings, n_gaps, n_overlaps, n_misfits, n_noise, n_invalid, n_information, n_excused;
    uint32_t by_rule[WF_CHECK_RULES + 1]; /**< [3]: G03 */
    double gap_m2, overlap_m2;
    uint32_t n_worst;
    wf_check_worst worst[WF_CHECK_WORST]; /**< gaps and overlaps with the largest area, largest first */
    wf_grids grids;
    wf_grids allowed; /**< areas that excuse gaps; none without a file */
    wf_defects defects;
} wf_check_result;

/** Read the grids, check the levels, write the findings where asked.
 *  @return WF_OK whatever the verdict; WF_INPUT, WF_USAGE, WF_OUTPUT, WF_NOMEM, WF_LIMIT, WF_CANCELLED. Nothing appears
 *          under the output's name unless WF_OK is returned. */
WF_CHECKED wf_code wf_stage_check(const wf_check_request *request, wf_arena *keep, wf_check_result *out, wf_error *err);

/** Check grids that have been read, and write nothing: what the request says of files and columns of the grids is not
 *  used. The result holds the findings and no sums yet, so that incidents and people inside them can be filled in.
 *  @param grids  with areas; shared with the result */
WF_CHECKED wf_code wf_stage_check_grids(const wf_check_request *request, const wf_grids *grids,
                                        const wf_vector_info *info, wf_arena *keep, wf_check_result *out,
                                        wf_error *err);

/** Sum the findings up to the verdict and make the published table of them. Once, on a result without sums.
 *  @param before  findings of an earlier check, or NULL; the request's `previous` is not used */
WF_CHECKED wf_code wf_stage_check_sum(const wf_check_request *request, const wf_previous *before,
                                      wf_check_result *result, wf_arena *keep, wf_table *table, wf_error *err);

/** The floor that the decimals of the coordinates allow: 1.5 units of the last one, held between 0.02 and 0.20 m. */
double wf_stage_floor_m(const wf_vector_info *info, const wf_grids *grids, const wf_measure *measure);

/** Write the result as one JSON object with all findings, and a line end. */
void wf_stage_check_json(const wf_check_result *result, FILE *to);
#endif
