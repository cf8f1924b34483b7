#ifndef WF_STAGE_INSIDE_H
#define WF_STAGE_INSIDE_H
#include "bridge/vector_read.h"
#include "coverage/check.h"
#include "locate/locator.h"

/** Where defects are, so that incidents and people inside them can be counted. Gaps are G03 and G04, overlaps G02 and
 *  G10; rows that refer to another one, and noise, hold nothing. */
typedef struct {
    wf_grids places;             /**< polygon i of the findings as grid i; only shape and area are filled */
    wf_locator *gaps, *overlaps; /**< NULL without any */
} wf_inside;

/** WF_OK, WF_NOMEM, WF_LIMIT. */
WF_CHECKED wf_code wf_inside_build(const wf_defects *defects, wf_arena *keep, wf_inside *out, wf_error *err);

/** Read the layer of buildings or units with people, in the system of the grids.
 *  @return as wf_vector_read_people and wf_stage_align */
WF_CHECKED wf_code wf_inside_read_homes(const char *source, const wf_aliases *aliases, const wf_vector_info *grids,
                                        wf_arena *keep, wf_people *out, wf_error *err);

/** Fill the incidents and people of every finding, and make slivers and ordinary defects with any of them serious.
 *
 *  With a layer of buildings or units, people are those whose place lies inside, and nobody lives where there is none.
 *  Without one they are those of the finest level's grids whose representative point lies inside; in an overlap without
 *  one, by the share of area of the smaller grid; in a gap without one they are not known (NaN).
 *  @param incidents  of each polygon of the findings
 *  @param homes      in the system of the grids; NULL: no layer
 *  @param grids      with areas
 *  @param finest     level of the grids whose people are counted
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_inside_fill(const wf_inside *inside, const uint32_t *incidents, const wf_grids *grids,
                                  uint8_t finest, const wf_people *homes, wf_defects *defects, wf_arena *keep,
                                  wf_error *err);

/** A point strictly inside polygon i: the middle of the longest stretch of a line across it. False without one. */
bool wf_inside_point(const wf_polygons *p, uint32_t i, double *x, double *y);
#endif
