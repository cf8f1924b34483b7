/* A way is at most: undo a web map's offset, project, apply an offset. */
#include "stage/frames.h"
#include <math.h>
#include <string.h>
#include <strings.h>

void wf_frames_init(wf_frames *frames, const wf_plan *plan, unsigned n_threads) {
    memset(frames, 0, sizeof *frames);
    frames->plan = plan;
    frames->n_threads = n_threads;
}

void wf_frames_clear(wf_frames *frames) {
    for (uint32_t i = 0; i < frames->n; i++)
        wf_transform_close(frames->frame[i].transform);
    frames->n = 0;
}

/* From degrees of a known system to the grids. */
static wf_code from_known(const wf_frames *frames, wf_system system, wf_frame *f, wf_error *err) {
    const wf_plan *plan = frames->plan;
    if (system == plan->system)
        return WF_OK;
    f->shift_from = system;
    f->shift_to = plan->system;
    if (plan->system != WF_SYSTEM_UNKNOWN)
        return WF_OK;
    if (plan->crs[0] == '\0')
        return wf_fail(err, WF_USAGE,
                       "%s: the grids' file does not say its coordinate system, so %s cannot be moved to it: state it "
                       "with --grids-crs",
                       plan->source, f->from);
    /* The register knows more changes from WGS 84 than from its twin. */
    if (wf_transform_open(&f->transform, "EPSG:4490", plan->crs, plan->area, frames->n_threads, NULL) == WF_OK)
        return WF_OK;
    return wf_transform_open(&f->transform, "EPSG:4326", plan->crs, plan->area, frames->n_threads, err);
}

static wf_code from_crs(const wf_frames *frames, wf_frame *f, wf_error *err) {
    const wf_plan *plan = frames->plan;
    int geographic, modern;
    if (!wf_transform_knows(f->from, &geographic, &modern))
        return wf_fail(err, WF_USAGE, "unknown coordinate system \"%s\": use AUTHORITY:CODE, GCJ-02 or BD-09", f->from);
    if (geographic && modern)
        return from_known(frames, WF_SYSTEM_GEODETIC, f, err);
    if (strcasecmp(f->from, plan->crs) == 0 && plan->system != WF_SYSTEM_GCJ && plan->system != WF_SYSTEM_BD)
        return WF_OK;
    if (plan->crs[0] == '\0' && plan->system == WF_SYSTEM_UNKNOWN)
        return wf_fail(err, WF_USAGE,
                       "%s: the grids' file does not say its coordinate system, so %s cannot be moved to it: state it "
                       "with --grids-crs",
                       plan->source, f->from);
    f->shift_to = plan->system;
    return wf_transform_open(&f->transform, f->from, plan->crs, plan->area, frames->n_threads, err);
}

wf_code wf_frames_find(wf_frames *frames, const char *crs, uint32_t *out, wf_error *err) {
    if (crs == NULL || strcasecmp(crs, "auto") == 0)
        crs = "";
    for (uint32_t i = 0; i < frames->n; i++)
        if (strcmp(frames->frame[i].from, crs) == 0) {
            *out = i;
            return WF_OK;
        }
    if (frames->n == WF_FRAMES)
        return wf_fail(err, WF_LIMIT, "over %d coordinate systems in one job", WF_FRAMES);
    wf_frame *f = &frames->frame[frames->n];
    *f = (wf_frame){.from = crs};
    wf_system system = wf_system_find(crs, strlen(crs));
    if (system != WF_SYSTEM_UNKNOWN)
        WF_TRY(from_known(frames, system, f, err));
    else if (crs[0] != '\0')
        WF_TRY(from_crs(frames, f, err));
    *out = frames->n++;
    return WF_OK;
}

bool wf_frame_move(const wf_frame *f, unsigned thread, double *x, double *y) {
    wf_system_to_geodetic(f->shift_from, x, y);
    if (f->transform != NULL)
        wf_transform_points(f->transform, thread, 1, x, y);
    wf_system_from_geodetic(f->shift_to, x, y);
    return isfinite(*x) && isfinite(*y);
}
