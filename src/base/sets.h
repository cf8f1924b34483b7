#ifndef WF_BASE_SETS_H
#define WF_BASE_SETS_H
#include <stdint.h>

/** Disjoint sets of numbers (Tarjan 1975, union-find with path halving): of[i] == i is a set of its own to begin with.
 *  A set is named by its lowest number, so that names do not depend on the order of joining. */
uint32_t wf_sets_root(uint32_t *of, uint32_t i);
/** Join the sets of a and b; both may be one. */
void wf_sets_join(uint32_t *of, uint32_t a, uint32_t b);
#endif
