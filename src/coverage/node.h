#ifndef WF_COVERAGE_NODE_H
#define WF_COVERAGE_NODE_H
#include "coverage/arrange.h"

typedef struct {
    uint32_t n;
    wf_segment *segment;
    uint32_t *owner_start, *owner; /**< n + 1; of each segment */
    wf_crossings crossings;        /**< of the segments as they were given */
} wf_noded;

/** Split segments wherever they cross, touch or run over each other, until they meet at end points only.
 *
 *  Ends keep their doubles, crossings are rounded to doubles. Segments that fall together become one: weights add up
 * (by the direction from the lower end to the higher), owners are listed. Those that cancel vanish unless keep_walls.
 *  @return WF_OK, WF_NOMEM, WF_LIMIT when 40 rounds do not settle it */
WF_CHECKED wf_code wf_node(uint32_t n, const wf_segment *segment, bool keep_walls, wf_arena *keep, wf_noded *out,
                           wf_error *err);
#endif
