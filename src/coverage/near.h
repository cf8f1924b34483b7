#ifndef WF_COVERAGE_NEAR_H
#define WF_COVERAGE_NEAR_H
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

/** Boxes (west, south, east, north) to be asked which of them meet a box: a packed tree in the manner of Leutenegger,
 *  Lopez and Edgington 1997 ("STR"). Neither outliers nor long boxes spoil it. One thread at a time. */
typedef struct {
    uint32_t n, n_nodes, n_leaves;
    double (*box)[4]; /**< of the items, the caller's */
    uint32_t *item;   /**< items in the order of the leaves */
    struct wf_near_node *node;
    uint32_t *found, cap_found, *stack;
    wf_arena *keep;
} wf_near;

/** Have two closed boxes a point in common? */
bool wf_boxes_meet(const double a[4], const double b[4]);

/** Boxes the wrong way round (infinite, of nothing) and NaN are left out. The boxes must stay while it is asked.
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_near_build(uint32_t n, double (*box)[4], wf_arena *keep, wf_near *out, wf_error *err);

/** The items whose box meets the closed box, ascending, until the next question.
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_near_ask(wf_near *near, const double box[4], uint32_t *n, const uint32_t **items, wf_error *err);
#endif
