#ifndef WF_STAGE_STREAM_H
#define WF_STAGE_STREAM_H
#include "base/pool.h"
#include "stage/accounts.h"
#include "stage/rows.h"
#include "workload/tally.h"
#include <signal.h>
#include <stdio.h>

/** A remark on one row as it is handed out: by source, row, rule. */
typedef struct {
    const wf_source *source;
    uint64_t row; /**< record number, the first behind the header is 1 */
    wf_rule rule;
    bool counted;           /**< a remark on a row that counts; else the reason why it does not */
    const char *detail;     /**< one line */
    const char *x, *y, *id; /**< as written, "" without */
} wf_remark;

/** How the rows of an `assign` went, in input order. */
typedef struct {
    uint32_t grid;
    uint8_t state, placed, rule, spare;
} wf_placing;

typedef struct {
    const wf_plan *plan;
    const wf_rows_rules *rules;
    const wf_source *sources;
    uint32_t n_sources;
    bool by_category, by_hour;              /**< counted besides the grids; periods follow the rules */
    bool keep_placings;                     /**< write a wf_placing for each row */
    const char *spill_folder;               /**< for what does not fit in memory; NULL: the system's */
    const wf_locator *gaps, *overlaps;      /**< places of defects: rows outside are looked for in the first, rows in an
                                               overlap in the second; NULL: none */
    uint32_t n_places;                      /**< above every number the two give */
    wf_pool *pool;                          /**< NULL: one thread */
    const volatile sig_atomic_t *cancelled; /**< polled between batches; NULL: never */
    void (*progress)(void *self, double share); /**< NULL: none; share of the bytes done */
    void *progress_self;
    wf_notices *notices; /**< NULL: nobody listens */
} wf_stream_config;

/** What a pass over all incidents found. */
typedef struct {
    wf_rows *rows;
    wf_tally tally;
    wf_accounts *accounts; /**< of each source */
    wf_accounts total;
    uint32_t *default_point; /**< of each grid: incidents at a default point */
    uint32_t *inside;        /**< of each place of a defect: incidents in it */
    uint64_t *crossed;       /**< recorded grid << 32 | grid that holds the point, one a row, sorted */
    size_t n_crossed;
    FILE *placings;               /**< wf_placing of each row, rewound; NULL unless kept */
    uint64_t n_by_rule[WF_RULES]; /**< rows with each remark */
    struct wf_stream_state *state;
} wf_stream;

/** Read, place and count every row of all sources.
 *
 *  Rows are parsed and counted by the threads of the pool chunk by chunk; ids and coordinates are put aside by hash and
 *  looked through afterwards, so memory is bounded by the counters and a fixed budget. Sums are integers: any number of
 *  threads gives the same.
 *  @return WF_OK; WF_NOMEM, WF_LIMIT, WF_OUTPUT (temporary files), WF_CANCELLED, WF_USAGE, WF_INPUT (no source has a
 * row with usable coordinates) */
WF_CHECKED wf_code wf_stream_run(const wf_stream_config *config, wf_stream *out, wf_error *err);
void wf_stream_close(wf_stream *stream);

/** Hand out every remark in order of source, row and rule. The first failure of `take` ends it and is returned. */
typedef wf_code (*wf_remark_take)(void *self, const wf_remark *remark, wf_error *err);
WF_CHECKED wf_code wf_stream_remarks(wf_stream *stream, wf_remark_take take, void *self, wf_error *err);

/** Rows that are duplicates, as source and row, ascending; for writing placings. */
typedef struct {
    uint32_t source;
    uint64_t row;
} wf_row_name;
void wf_stream_duplicates(const wf_stream *stream, const wf_row_name **out, size_t *n);
#endif
