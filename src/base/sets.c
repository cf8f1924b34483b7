/* Disjoint sets. Hot where an arrangement joins its vertices. */
#include "base/sets.h"

uint32_t wf_sets_root(uint32_t *of, uint32_t i) {
    while (of[i] != i)
        i = of[i] = of[of[i]];
    return i;
}

void wf_sets_join(uint32_t *of, uint32_t a, uint32_t b) {
    a = wf_sets_root(of, a);
    b = wf_sets_root(of, b);
    of[a < b ? b : a] = a < b ? a : b;
}
