#ifndef WF_COVERAGE_THICKNESS_H
#define WF_COVERAGE_THICKNESS_H
#include "base/grids.h"
/** Diameter in metres of the largest circle inside polygon i, right to 1 %.
 *  Slim figures (fifty times longer than wide along their own axis) by their longest cross-chord, others by climbing
 * from the places beside each vertex and a best-first search of squares (after Agafonkin 2016, "polylabel"). Thread
 * safe.
 *  @return NaN when memory is short */
double wf_thickness_m(const wf_polygons *p, uint32_t i, const wf_measure *measure);
#endif
