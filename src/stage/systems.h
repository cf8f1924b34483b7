#ifndef WF_STAGE_SYSTEMS_H
#define WF_STAGE_SYSTEMS_H
#include "base/notice.h"
#include "stage/plan.h"
#include "stage/source.h"

/** Settle the system of sources for which none is stated by a look at their values.
 *
 *  Without a statement a source is in the system of the grids. Where the grids are projected and the values are degrees
 *  that cannot be: such a source is read as EPSG:4490, with a notice C01. Up to 100,000 rows are looked at, spread
 * evenly over the text; rows that state their system, or whose group has one, have no say.
 *  @param sources  their crs is set where it is settled
 *  @return WF_OK; WF_USAGE where part of a source is degrees and part is not, or the grids' own system is not known;
 *          WF_NOMEM */
WF_CHECKED wf_code wf_stage_systems(const wf_plan *plan, uint32_t n_sources, wf_source *sources, wf_notices *notices,
                                    wf_error *err);
#endif
