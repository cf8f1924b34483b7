#ifndef WF_WORKLOAD_TALLY_H
#define WF_WORKLOAD_TALLY_H
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

enum { WF_TALLY_HOURS = 168, WF_TALLY_CATEGORIES = 65536, WF_TALLY_CELLS = 1 << 25 };

/** What is counted. Counts are kept for the grid an incident was given to; parents are summed afterwards. */
typedef struct {
    uint32_t n_grids;
    uint32_t n_periods; /**< 0: not by period; else one more column is kept for "unknown" */
    bool by_category, by_hour;
} wf_tally_shape;

/** Counters of one thread. Integers only, so that merging in any order gives the same. */
typedef struct {
    wf_tally_shape shape;
    uint32_t *placed;       /**< n_grids: incidents in each grid of the finest level */
    uint32_t *unassigned;   /**< n_grids: in this grid and in none of its children */
    uint32_t **by_category; /**< n_grids each; NULL while a category has not been met */
    uint32_t n_categories, cap_categories;
    uint32_t *by_hour;   /**< n_grids · 168: weekday (Monday first) · 24 + hour */
    uint32_t *by_period; /**< n_grids · (n_periods + 1), the last one unknown */
} wf_tally;

/** One incident as it is counted. */
typedef struct {
    uint32_t grid;     /**< where it counts */
    bool unassigned;   /**< outside the finest level, in `grid` of a coarser one */
    uint32_t category; /**< below wf_tally_categories; read when counted by category */
    uint32_t hour;     /**< below 168, UINT32_MAX unknown */
    uint32_t period;   /**< below n_periods, UINT32_MAX unknown */
} wf_tally_key;

/** How many categories can be counted on so many grids: at most WF_TALLY_CATEGORIES, and so many that WF_TALLY_CELLS
 *  counters of a thread (128 MiB) hold them, but 4,096 at least. */
uint32_t wf_tally_categories(uint32_t n_grids);

/** Zeroed counters; memory 4 bytes · n_grids · (2 + categories met + 168 by hour + periods). WF_NOMEM. */
WF_CHECKED wf_code wf_tally_open(wf_tally *out, const wf_tally_shape *shape, wf_error *err);
void wf_tally_close(wf_tally *tally);

/** Count one incident. WF_NOMEM when a new category finds no room. */
WF_CHECKED wf_code wf_tally_add(wf_tally *tally, const wf_tally_key *key, wf_error *err);
/** Take back one that was added to these counters or to any merged into them. */
void wf_tally_remove(wf_tally *tally, const wf_tally_key *key);
/** Add all counts of `from`. WF_NOMEM, WF_LIMIT when a count passes 2^32. */
WF_CHECKED wf_code wf_tally_merge(wf_tally *into, const wf_tally *from, wf_error *err);

/** Sum a column up the hierarchy: out[i] = own + children's. parent as in a plan, level of each grid; levels up to 255.
 *  The order of the grids does not matter. */
void wf_tally_roll_up(uint32_t n_grids, const uint32_t *parent, const uint8_t *level, uint64_t *count);
#endif
