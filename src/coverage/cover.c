/* One place against others. Called for findings only, on figures of tens of vertices. */
#include "coverage/cover.h"
#include "base/exact.h"
#include "coverage/arrange.h"
#include "coverage/findings.h"
#include "coverage/thickness.h"
#include <math.h>

/* Figures from different arrangements differ by the rounding of their crossings; on one lattice of a micrometre what is
 * the same is equal. */
static void round_ends(wf_segment *s, uint32_t n, bool geographic) {
    double per_unit = geographic ? 1e11 : 1e6;
    for (uint32_t i = 0; i < n; i++) {
        s[i].ax = round(s[i].ax * per_unit) / per_unit;
        s[i].ay = round(s[i].ay * per_unit) / per_unit;
        s[i].bx = round(s[i].bx * per_unit) / per_unit;
        s[i].by = round(s[i].by * per_unit) / per_unit;
    }
}

wf_code wf_cover_rest(const wf_polygons *of, uint32_t i, const wf_polygons *by, uint32_t n, const uint32_t *list,
                      const wf_check_params *params, double *area_m2, double *thickness_m, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    wf_segments all = {.arena = &local};
    wf_arrangement a;
    double area = 0, thickness = 0;
    wf_code code;
    WF_GO(wf_check_poll(params, err));
    WF_GO(wf_segments_add_polygon(&all, of, i, 1, 0, err));
    for (uint32_t k = 0; k < n; k++)
        WF_GO(wf_segments_add_polygon(&all, by, list[k], -1, 1, err));
    round_ends(all.segment, all.n, params->geographic);
    WF_GO(wf_arrange(all.n, all.segment, false, &local, &a, err));
    /* What covers it counts down, so that 1 is left only where nothing does. */
    for (uint32_t f = 0; f < a.n_faces; f++) {
        if (a.count[f] < 1)
            continue;
        area += wf_polygons_area_m2(&a.shape, f, params->measure);
        if (thickness_m == NULL)
            continue;
        double here = wf_thickness_m(&a.shape, f, params->measure);
        if (isnan(here))
            WF_GO(wf_fail_nomem(err));
        thickness = fmax(thickness, here);
    }
    *area_m2 = area;
    if (thickness_m != NULL)
        *thickness_m = thickness;
done:
    wf_arena_clear(&local);
    return code;
}

bool wf_cover_holds(const wf_polygons *p, uint32_t i, double x, double y) {
    uint32_t to = p->part_start[p->grid_start[i + 1]];
    bool in = false;
    for (uint32_t ring = p->part_start[p->grid_start[i]]; ring < to; ring++) {
        uint32_t from = p->ring_start[ring], n = p->ring_start[ring + 1] - from;
        for (uint32_t k = 0; k < n; k++) {
            uint32_t a = from + k, b = from + (k + 1) % n;
            if ((p->y[a] > y) == (p->y[b] > y))
                continue;
            uint32_t low = p->y[a] < p->y[b] ? a : b, high = low == a ? b : a;
            in ^= wf_exact_orient(p->x[low], p->y[low], p->x[high], p->y[high], x, y) > 0;
        }
    }
    return in;
}
