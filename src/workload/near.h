#ifndef WF_WORKLOAD_NEAR_H
#define WF_WORKLOAD_NEAR_H
#include "base/grids.h"

/** Near-duplicates: the same report twice under two ids. A report is one when another of its category lies at most
 *  WF_NEAR_M metres from it and was made at most WF_NEAR_S seconds before it; of two at one time the later row. That is
 *  a property of the whole set, whatever order its parts come in. */
enum { WF_NEAR_M = 30, WF_NEAR_S = 5 * 86400 };

/** A report, or a copy of one from a cell beside. */
typedef struct {
    uint64_t group; /**< of category and cell: only reports of one group are compared */
    uint64_t at;    /**< order of the rows */
    uint64_t spot;  /**< the caller's */
    int64_t when_s; /**< local time */
    double x, y;    /**< in the grids' coordinates */
    bool own;       /**< false: a copy that others are held against */
} wf_near_report;

/** Square cells of about 256 m. */
typedef struct {
    const wf_measure *measure;
    double cell_x, cell_y, reach_x, reach_y, south, north;
} wf_near_cells;

enum { WF_NEAR_COPIES = 9 };

/** @param measure  borrowed
 *  @param box      west, south, east, north of where most reports lie */
void wf_near_cells_init(wf_near_cells *cells, const wf_measure *measure, const double box[4]);

/** Put a report into its cell, and copies into the cells that its reach touches.
 *  @param kind    hash of the category
 *  @param report  group and own are not read
 *  @param out     the report itself first
 *  @return how many were written, at most WF_NEAR_COPIES */
uint32_t wf_near_spread(const wf_near_cells *cells, uint64_t kind, const wf_near_report *report,
                        wf_near_report out[WF_NEAR_COPIES]);

typedef wf_code (*wf_near_take)(void *self, const wf_near_report *later, const wf_near_report *earlier, wf_error *err);

/** Hand out every near-duplicate among reports that hold whole groups, with the last report before it that makes it
 * one. Sorts the reports; O(n log n) but for places where many reports of one category crowd without one being near
 * another in time. Returns what `take` failed with. Any number of calls at once, each on its own reports. */
WF_CHECKED wf_code wf_near_find(wf_near_report *reports, size_t n, const wf_measure *measure, wf_near_take take,
                                void *self, wf_error *err);
#endif
