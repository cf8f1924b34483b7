#ifndef WF_COVERAGE_MEND_H
#define WF_COVERAGE_MEND_H
#include "coverage/borders.h"
#include "coverage/near.h"
#include "coverage/repair.h"
#include "coverage/spots.h"

/** One neighbourhood of defects: the items that are arranged together. */
typedef struct {
    const wf_repair_params *params;
    const wf_borders *b;    /**< matched */
    const wf_segment *rest; /**< the residual of b: lower end first, sorted by ends, then owner */
    uint32_t n_rest;
    wf_near *near; /**< boxes of all items of b */
    uint32_t n_items;
    const uint32_t *item;   /**< ascending */
    const uint8_t *invalid; /**< of each item of b: it must be drawn anew whatever its edges */
    bool dissolve; /**< leave out vertices that were made and lie on one edge between two grids; cut long gaps */
} wf_mend_request;

typedef enum {
    WF_MEND_DONE,
    WF_MEND_WIDER,   /**< more items have to be in it: `more` */
    WF_MEND_EMPTIED, /**< an item would lose its place: more[0] has to be left out */
    WF_MEND_FAILED   /**< it does not settle */
} wf_mend_outcome;

typedef struct {
    wf_mend_outcome outcome;
    uint32_t n_more, cap_more, *more;
    wf_polygons shape; /**< of the items of the request, those that changed; others are empty */
    uint8_t *changed;  /**< of the items of the request */
    uint32_t n_transfers, cap_transfers, n_left, cap_left, n_gaps, n_overlaps;
    wf_transfer *transfer;
    wf_left *left;
    double moved_m2;
} wf_mend;

/** Resolve one neighbourhood. WF_NOMEM, WF_CANCELLED. */
WF_CHECKED wf_code wf_mend_cluster(const wf_mend_request *request, wf_arena *keep, wf_mend *out, wf_error *err);

/** The order of b's residual in a request. */
int wf_mend_order(const void *a, const void *b);
/** Lower end first. */
wf_segment wf_mend_lower(wf_segment s);

/* ---- between mend.c and decide.c -------------------------------------------------------------------------------- */

enum { WF_NOBODY = UINT32_MAX };

/** The faces of a neighbourhood. "Local" is a number in the request's items. The unbounded face is the last. */
typedef struct {
    const wf_mend_request *q;
    wf_arena *keep;
    wf_arrangement a;
    uint32_t n_faces;
    uint8_t *cut;                   /**< of each segment: it cuts a gap and is no border of a grid */
    uint32_t *side_start, *side;    /**< segments around each face */
    uint32_t *set_at, *n_set, *set; /**< local items over each face, ascending */
    uint8_t *beyond;                /**< of each face: the outside, or grids that are not in the neighbourhood */
    uint32_t *owner;                /**< of each face: local, or WF_NOBODY. Set by wf_mend_decide */
} wf_mending;

/** Give every face an owner, list transfers and what is left. outcome is WF_MEND_DONE or WF_MEND_EMPTIED.
 *  @param cuts  where long gaps should be cut is appended; NULL: that has been done */
WF_CHECKED wf_code wf_mend_decide(wf_mending *m, wf_segments *cuts, wf_mend *out, wf_error *err);
#endif
