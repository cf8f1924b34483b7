#ifndef WF_COVERAGE_LEVELS_H
#define WF_COVERAGE_LEVELS_H
#include "coverage/check.h"

/** Check every level and the nesting of each level in the next coarser one that there is, or one level alone.
 *
 *  A place is reported at the finest level where it shows. Levels are taken finest first; a finding at a coarser level
 *  is left out when findings of its kin at finer levels cover its place: one lies over its middle, and all of them over
 *  all but a millionth of its area and a rim of 2 µm (of a place under 10 µm thick the middle decides). Kin are
 * gaps (G03, G04), overlaps (G02, G10) and places outside the outline (G14), each to itself; a polygon of G06 is kin to
 * gaps and to overlaps, and vertices on an edge (G06 without area) are left out when all of them are reported at finer
 * levels. Several findings can cover one: a grid's overlap is often that of many units. The nesting findings G05 and
 * G15 are all kept: but a G15 whose place is covered by G03, G04 and G05 at finer levels has `see` set to the one of
 * them that lies over its middle (a gap before G05), and that one decides: whoever counts gaps or judges the whole
 * leaves a row with `see` out. With one level alone nothing is left out and nesting is not looked at. Grids of level 0
 * (unknown) stand alone.
 *
 *  A gap (G03, G04, G15) that one polygon of params->allowed covers, save for places no thicker than the floor, has
 *  `excused` set; a row with `see` is excused when the other one is.
 *  @param at_level  0: all levels
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_coverage_check_levels(const wf_grids *grids, uint8_t at_level, const wf_check_params *params,
                                            wf_arena *keep, wf_defects *out, wf_error *err);
#endif
