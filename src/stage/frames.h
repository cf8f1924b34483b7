#ifndef WF_STAGE_FRAMES_H
#define WF_STAGE_FRAMES_H
#include "bridge/transform.h"
#include "stage/plan.h"

/** Ways from the systems incidents come in to the system of the grids. */
typedef struct {
    const char *from;        /**< as the user names it */
    wf_system shift_from;    /**< UNKNOWN: nothing to undo */
    wf_transform *transform; /**< NULL: none */
    wf_system shift_to;      /**< UNKNOWN: nothing to do */
    bool declared;           /**< by the user, a group or a row's column */
    bool used;               /**< some point went this way; set by any thread */
} wf_frame;

enum { WF_FRAMES = 64 };

typedef struct {
    const wf_plan *plan;
    unsigned n_threads;
    uint32_t n;
    wf_frame frame[WF_FRAMES];
} wf_frames;

void wf_frames_init(wf_frames *frames, const wf_plan *plan, unsigned n_threads);
void wf_frames_clear(wf_frames *frames);

/** Number of the frame of a system, added when new. crs NULL or "auto": the grids' own.
 *  @return WF_OK; WF_USAGE (unknown, or no way from there); WF_LIMIT over 64; WF_NOMEM */
WF_CHECKED wf_code wf_frames_find(wf_frames *frames, const char *crs, uint32_t *out, wf_error *err);

/** Move one point to the grids' system. False when it cannot be moved. */
bool wf_frame_move(const wf_frame *frame, unsigned thread, double *x, double *y);
#endif
