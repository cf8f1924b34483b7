#ifndef WF_COVERAGE_DECIDE_H
#define WF_COVERAGE_DECIDE_H
#include "coverage/mend.h"

/** Faces that hang together and have the same grids over them: several grids, or none. */
typedef struct {
    uint32_t face;  /**< the largest */
    uint32_t owner; /**< local, or WF_NOBODY while it is open and where it is left */
    wf_repair_rule rule;
    double m2, face_m2, length_m;
    bool gap, thin; /**< thin: within the floor */
} wf_contested;

/** The places of a neighbourhood while it is decided who gets them. */
typedef struct {
    wf_mending *m;
    const wf_repair_params *params;
    const wf_measure *measure;
    uint32_t n;
    wf_contested *at;
    uint32_t *of;                /**< place of each face, or WF_NOBODY */
    uint32_t *face_start, *face; /**< faces of each place */
    uint32_t *side_start, *side; /**< segments around each place */
    double *face_m2;             /**< of each face */
    double *total_m2, *own_m2;   /**< of each local item: all its faces; those that no other grid lies over */
} wf_contest;

/** Number the places and measure them. WF_NOMEM, WF_CANCELLED. */
WF_CHECKED wf_code wf_contest_begin(wf_contest *c, wf_mending *m, wf_error *err);
/** The face on a side of a segment; the unbounded one is the last. */
uint32_t wf_mend_face(const wf_mending *m, uint32_t segment, bool left);
/** Does the item lie over the face? */
bool wf_mend_is_over(const wf_mending *m, uint32_t face, uint32_t local);
/** Whose the face is as things stand, or WF_NOBODY. */
uint32_t wf_contest_owner(const wf_contest *c, uint32_t face);
double wf_contest_length_m(const wf_contest *c, uint32_t segment);
WF_CHECKED wf_code wf_contest_thickness_m(const wf_contest *c, uint32_t place, double *out, wf_error *err);

/** Give overlaps to another of their grids where that leaves fewer grids in more parts than they had. Only places that
 *  border, area or code decided change hands; their rule becomes WF_REPAIR_WHOLE. WF_NOMEM. */
WF_CHECKED wf_code wf_contest_keep_whole(wf_contest *c, wf_error *err);
#endif
