#ifndef WF_STAGE_PLAN_H
#define WF_STAGE_PLAN_H
#include "base/grids.h"
#include "base/hash.h"
#include "base/notice.h"
#include "bridge/vector_read.h"
#include "intake/system.h"
#include "locate/locator.h"

enum { WF_PLAN_LEVELS = 10 };

/** The grids and all that placing an incident needs: read only once built, for any number of threads. */
typedef struct {
    const char *source;
    wf_grids grids;
    wf_vector_info info;
    wf_system system; /**< of the coordinates: GEODETIC, GCJ or BD; UNKNOWN for projected ones */
    const char *crs;  /**< EPSG code, WKT or name as stated by the job or the file; "" unknown */
    uint8_t finest;   /**< level of the partition grids that incidents are given to: the finest one that is more than a
                           few strays; 0 without levels */
    uint32_t *parent; /**< index of each grid's parent, UINT32_MAX without */
    wf_locator *locator[WF_PLAN_LEVELS]; /**< partition grids of each level; NULL where there are none */
    wf_names codes;                      /**< code → position in code_grid */
    uint32_t *code_grid;                 /**< first grid of each code */
    double west, south, east, north;     /**< extent of the grids, less those far off by mistake */
    double area[4];                      /**< the same in degrees, for choosing operations; a margin around it */
} wf_plan;

typedef struct {
    const char *source;      /**< FILE or FILE:LAYER */
    wf_vector_fields fields; /**< aliases are taken from here too */
    const char *crs;         /**< NULL or "auto": as the file says */
    wf_notices *notices;     /**< NULL: nobody listens */
} wf_plan_request;

/** Read the grids, measure their areas, index every level.
 *
 *  A level of one grid beside several of the next coarser one, or of under a tenth of their number and area, is not one
 *  that incidents are given to: a notice names its grids. So do notices for levels that cannot be read, and for a
 * finest level that fills under half of the one above.
 *  @param keep  owns everything reached from *out
 *  @return WF_OK; WF_INPUT, WF_USAGE, WF_NOMEM, WF_LIMIT */
WF_CHECKED wf_code wf_stage_plan(const wf_plan_request *request, wf_arena *keep, wf_plan *out, wf_error *err);

/** True when a place in the grids' own system lies among them or not far off: 0.02° or 2 km, more than any web map's
 *  offset. */
bool wf_plan_near(const wf_plan *plan, double x, double y);
/** The same for a place in degrees, whatever system the grids are in. */
bool wf_plan_near_degrees(const wf_plan *plan, double lon, double lat);

/** WF_USAGE naming the levels there are when no incident can be given to grids of `level`. */
WF_CHECKED wf_code wf_plan_check_level(const wf_plan *plan, uint8_t level, wf_error *err);

/** The ancestor of a grid at a level, or UINT32_MAX. */
uint32_t wf_plan_ancestor(const wf_plan *plan, uint32_t grid, uint8_t level);
#endif
