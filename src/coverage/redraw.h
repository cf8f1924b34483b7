#ifndef WF_COVERAGE_REDRAW_H
#define WF_COVERAGE_REDRAW_H
#include "coverage/spots.h"

/** Chain edges into the parts and rings of one grid and append them to the grid that is open in `to`.
 *
 *  The edges run with the interior on their left, meet at their ends only, and as many leave each vertex as arrive
 *  there. Rings visit a vertex once: where the grid touches itself they are cut, so that the result is valid. Shells
 *  counter-clockwise, holes clockwise, closed; parts in the order of their westernmost vertices.
 *  @param edge   sorted on return; weights and owners are not looked at
 *  @param skip   vertices that are left out, sorted; NULL: none
 *  @return WF_OK, WF_NOMEM, WF_INTERNAL when the edges do not close */
WF_CHECKED wf_code wf_redraw(uint32_t n, wf_segment *edge, const wf_spots *skip, wf_arena *scratch,
                             wf_polygons_builder *to, wf_error *err);
#endif
