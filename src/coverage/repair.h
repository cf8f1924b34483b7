#ifndef WF_COVERAGE_REPAIR_H
#define WF_COVERAGE_REPAIR_H
#include "coverage/check.h"

/** What decides who keeps a place, each rule among those whom the rules before it left equal. */
typedef enum {
    WF_REPAIR_PRIORITY,                   /**< the smaller number; a grid without one comes last */
    WF_REPAIR_LOCKED,                     /**< a locked grid */
    WF_REPAIR_BORDER,                     /**< the longest border with the place */
    WF_REPAIR_AREA,                       /**< the larger grid */
    WF_REPAIR_CODE,                       /**< the lower code by bytes, then the earlier grid */
    WF_REPAIR_ORDERED,                    /**< how many can be put in an order; those below are not the user's */
    WF_REPAIR_NESTED = WF_REPAIR_ORDERED, /**< a grid that hardly has a place of its own keeps what it lies on */
    WF_REPAIR_WHOLE,                      /**< so that no grid falls into more parts than it had */
    WF_REPAIR_RULES
} wf_repair_rule;

typedef struct {
    const wf_check_params *check; /**< floor, measure, allowed gaps, pool, cancel flag; the outline is not looked at */
    wf_repair_rule
        order[WF_REPAIR_ORDERED]; /**< of the rules for overlaps, without repetition; code closes any order */
    uint32_t n_order;
    uint32_t n_decimals;    /**< of the vertices that are made, <= 13; up to two more where they do not settle */
    double gap_thickness_m; /**< thicker gaps are left; INFINITY: none is */
    double gap_area_m2;     /**< larger gaps are left; INFINITY: none is */
    const double *priority; /**< of each grid, NaN without one; NULL: no grid has one */
    const uint8_t *locked;  /**< of each grid: it takes no gap; NULL: none is */
} wf_repair_params;

/** A place that changed hands. */
typedef struct {
    uint32_t from; /**< grid that lost it; UINT32_MAX: it was a gap */
    uint32_t to;
    wf_repair_rule rule; /**< that decided */
    double area_m2, x, y;
} wf_transfer;

typedef enum {
    WF_LEFT_ALLOWED,   /**< the gap is meant to be there */
    WF_LEFT_LARGE,     /**< over the limits for gaps */
    WF_LEFT_LOCKED,    /**< all grids beside the gap are locked */
    WF_LEFT_DUPLICATE, /**< the grid would be emptied: it repeats another one, or hardly differs from it */
    WF_LEFT_UNUSABLE,  /**< the grid has no border: nothing, no number, out of range, collapsed */
    WF_LEFT_UNSETTLED, /**< what was tried did not pass the check */
    WF_LEFT_REASONS
} wf_left_reason;

/** A place that was left as it was. */
typedef struct {
    wf_left_reason reason;
    uint32_t grid;        /**< UINT32_MAX for a gap */
    double area_m2, x, y; /**< NaN where there is none */
} wf_left;

typedef struct {
    wf_polygons shape; /**< of all grids; those that did not change have their vertices and rings bit for bit */
    uint8_t *changed;  /**< of each grid */
    uint32_t n_transfers, n_left;
    wf_transfer *transfer;       /**< by kind (overlaps first), place and grids */
    wf_left *left;               /**< without those of a pass that was taken back */
    uint32_t n_gaps, n_overlaps; /**< places that were resolved */
    double moved_m2;             /**< area of these */
    uint32_t n_changed, n_passes;
} wf_repair_result;

/** Close the gaps and resolve the overlaps of the partition grids of one level.
 *
 *  The grids near a defect (its own, and those whose box meets it) are arranged with their whole borders; every face
 *  knows the grids that lie over it. A face of one grid is that grid's. Of several grids the order of rules decides,
 *  among those that it stays connected to, and then whether a grid would fall apart. A face of none that is enclosed is
 * a gap and goes to the neighbour with the longest border, then the larger, then the one with the lower code; but not
 * to a locked one. A long gap is cut across where its neighbours change, so that none gets a spike along another.
 * Within the floor, where two grids draw one border twice, the border of the one that goes first stands: it keeps the
 * overlaps and the other one takes the gaps. A grid that is covered by others to nine tenths keeps its whole place and
 * becomes a hole of its host. Then the borders of the grids that changed are drawn from the edges between faces of
 * different grids, so that neighbours have the same vertices. Grids whose border is not touched stay as they are, and
 * so does the outer border save for a vertex where two grids cross on it. Rings that cross themselves or are not closed
 * become those of their even-odd region.
 *
 *  Each neighbourhood is checked afterwards as wf_coverage_check does it. One that does not pass is drawn again with
 *  all vertices of the noding, and when that does not pass either it is taken back. It is gone on until a pass changes
 *  nothing; hence the repair of a repaired plan is the same plan.
 *
 *  No grid is emptied. Grids that others would take nearly all of are left as they are and reported; so are duplicates,
 *  which stay duplicates: they follow the earlier grid.
 *  @param grids  with codes and roles; read only
 *  @param keep   owns everything reached from *out; shape and changed are new even where nothing changed
 *  @return WF_OK, WF_NOMEM, WF_LIMIT, WF_CANCELLED */
WF_CHECKED wf_code wf_coverage_repair(const wf_grids *grids, uint8_t level, const wf_repair_params *params,
                                      wf_arena *keep, wf_repair_result *out, wf_error *err);

/** "priority", "locked", "border", "area", "code", "nested", "whole". */
const char *wf_repair_rule_name(wf_repair_rule rule);
/** A short English reason. */
const char *wf_left_reason_name(wf_left_reason reason);
#endif
