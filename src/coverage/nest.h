#ifndef WF_COVERAGE_NEST_H
#define WF_COVERAGE_NEST_H
#include "coverage/check.h"

/** Check that the partition grids of one level are filled by those of a finer one whose parent code names them.
 *
 *  Places of a child outside its parent are G05 at the child's level (grids: child, parent), one finding for each
 *  connected place; places of a parent that none of its own children covers are G15 at the parent's level. A child
 *  that is filed under the wrong parent is therefore G05 there and G15 in the parent it lies in. Parent codes that name
 *  no grid of the file are G09, one finding for each code with the grids that carry it. The parent's border counts −1
 *  and each child's +1; what is left is arranged into faces, and −1 is unfilled. Severity is by size, as of a gap;
 * there is no G06 between levels. A parent without children or without a border is not compared; of two parents with
 * one code the first is the parent.
 *  @param level        of the parents
 *  @param child_level  of the children
 *  @param params       the outline is not used
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_coverage_nest(const wf_grids *grids, uint8_t level, uint8_t child_level,
                                    const wf_check_params *params, wf_arena *keep, wf_defects *out, wf_error *err);
#endif
