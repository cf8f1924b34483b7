#ifndef WF_STAGE_REPAIR_H
#define WF_STAGE_REPAIR_H
#include "base/pool.h"
#include "coverage/repair.h"
#include <signal.h>
#include <stdio.h>

/** What the user asked of `repair`; NULL where nothing was said. */
typedef struct {
    const char *grids, *output; /**< output by its ending: .gpkg or .geojson */
    const char *ledger;         /**< NULL: the output's name with the ending .ledger.csv */
    const char *allowed_gaps;   /**< polygons over gaps that stay */
    const char *code, *name, *level, *parent, *priority, *locked; /**< columns */
    const char *order;                      /**< rules for overlaps, "priority,locked,border,area,code" */
    double floor_m;                         /**< < 0: from the decimals of the coordinates */
    double gap_thickness_m, gap_area_m2;    /**< larger gaps are left; < 0: no limit */
    uint32_t at_level;                      /**< 0: all, with parents redrawn from their grids */
    bool dry_run;                           /**< write the ledger alone */
    wf_pool *pool;                          /**< NULL: one thread */
    const volatile sig_atomic_t *cancelled; /**< polled; NULL: never */
} wf_repair_request;

enum { WF_REPAIR_SHOWN = 5 };

typedef struct {
    const char *rule, *reason, *codes;
    double area_m2, x, y;
} wf_repair_left_row;

typedef struct {
    uint32_t n_grids, n_repaired; /**< partition grids of the levels that were repaired; how many levels these are */
    uint32_t level, n_levels;     /**< the finest of them; all levels there are */
    uint32_t n_redrawn;           /**< parents drawn anew from their grids */
    uint32_t n_parents_left;      /**< parents that their grids did not fit before */
    double floor_m, moved_m2;
    uint32_t n_decimals, n_changed, n_gaps, n_overlaps, n_transfers, n_passes;
    const char *largest_from, *largest_to; /**< codes of the largest place that moved; "" from: a gap; NULL: none did */
    double largest_m2, largest_x, largest_y;
    uint32_t n_left, n_excused; /**< findings of the strict check of the result; those in allowed gaps */
    uint32_t n_shown;
    wf_repair_left_row shown[WF_REPAIR_SHOWN]; /**< of what is left */
    bool coarser;                              /**< there are coarser levels, and they were not touched */
    char ledger[4096];                         /**< where it was written */
} wf_repair_summary;

/** Read the grids, repair one level or all, check that strictly, write the result and the ledger.
 *
 *  The ledger has a row for each place and each grid that lost it (kind overlap or gap, from, to, area_m2, rule, lon,
 *  lat) and one for each finding that the strict check still has (kind left, its grids in `from`, the reason in
 * `rule`).
 *  @return WF_OK whatever is left; WF_INPUT, WF_USAGE, WF_OUTPUT, WF_NOMEM, WF_LIMIT, WF_CANCELLED. Nothing appears
 *          under the output's name unless WF_OK is returned. */
WF_CHECKED wf_code wf_stage_repair(const wf_repair_request *request, wf_arena *keep, wf_repair_summary *out,
                                   wf_error *err);

/** Write the summary as one JSON object and a line end. */
void wf_stage_repair_json(const wf_repair_summary *summary, FILE *to);
#endif
