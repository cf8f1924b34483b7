/* Files beside the grids (outline, allowed gaps, buildings) in the system of the grids. */
#include "stage/align.h"
#include "bridge/transform.h"
#include <math.h>
#include <string.h>

static bool is_one_system(const wf_vector_info *a, const wf_vector_info *b) {
    int geographic[2], modern[2];
    if (a->wkt[0] == '\0' || b->wkt[0] == '\0' || strcmp(a->wkt, b->wkt) == 0)
        return true;
    if (!wf_transform_knows(a->wkt, &geographic[0], &modern[0]) ||
        !wf_transform_knows(b->wkt, &geographic[1], &modern[1]))
        return false;
    return geographic[0] && geographic[1] && modern[0] && modern[1];
}

wf_code wf_stage_align(const char *source, const wf_vector_info *from, const wf_vector_info *to, uint32_t n, double *x,
                       double *y, wf_error *err) {
    enum { AT_ONCE = 1 << 20 };
    wf_transform *t;
    if (is_one_system(from, to))
        return WF_OK;
    WF_TRY(wf_transform_open(&t, from->wkt, to->wkt, NULL, 1, err));
    for (uint32_t at = 0; at < n; at += AT_ONCE)
        wf_transform_points(t, 0, n - at < AT_ONCE ? n - at : AT_ONCE, x + at, y + at);
    wf_transform_close(t);
    for (uint32_t i = 0; i < n; i++)
        if (isnan(x[i]) || isnan(y[i]))
            return wf_fail(err, WF_INPUT, "%s: a place cannot be changed from %s to the system of the grids, %s",
                           source, from->crs, to->crs);
    return WF_OK;
}
