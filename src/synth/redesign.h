#ifndef WF_SYNTH_REDESIGN_H
#define WF_SYNTH_REDESIGN_H
#include "base/grids.h"

/** How many changes a second plan makes. */
typedef struct {
    uint32_t n_splits, n_merges, n_shifts, n_new_unit_grids, n_renamed, n_dissolved;
} wf_synth_redesign_params;

wf_synth_redesign_params wf_synth_redesign_defaults(void);

/** What moves from an old grid to a new one. */
typedef struct {
    const char *old_code, *new_code;
    const char *change; /**< 保留 更名 合并 拆分 边界微调 新增 撤销 */
    double area_m2, households, population;
} wf_synth_move;

typedef struct {
    uint32_t n;
    wf_synth_move *row; /**< by old code, then new code; the areas of one old grid add up to its own */
    uint32_t n_changes; /**< that found room */
} wf_synth_crosswalk;

/** Make the second plan of a clean one: grids of level 4 are split, merged, dissolved into their neighbours, give a
 * unit to a neighbour or to a new unit grid, or are renamed. Units keep their shape and take codes of their new grid.
 * Every change stays inside one community and touches no other; retired codes are not used again, new ones follow the
 *  highest of the community. Seamless by construction: a changed grid is drawn from the borders of its units that do
 * not cancel.
 *  @param clean  a plan of wf_synth_plan_make with areas; shared where nothing changes
 *  @return WF_OK, WF_NOMEM, WF_INTERNAL */
WF_CHECKED wf_code wf_synth_redesign(const wf_grids *clean, const wf_synth_redesign_params *params, uint64_t seed,
                                     const wf_measure *measure, wf_arena *keep, wf_grids *out,
                                     wf_synth_crosswalk *crosswalk, wf_error *err);
#endif
