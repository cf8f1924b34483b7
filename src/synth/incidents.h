#ifndef WF_SYNTH_INCIDENTS_H
#define WF_SYNTH_INCIDENTS_H
#include "base/grids.h"

/** Synthetic incidents of a plan with all that is wrong in real exports, and the truth of every row. */
typedef struct {
    uint64_t seed;
    uint64_t n;
    int first_year, first_month, first_day; /**< of the time they are reported in */
    uint32_t n_days;
} wf_synth_incidents_params;

/** 180 a day over 2025. */
wf_synth_incidents_params wf_synth_incidents_defaults(void);

/** Text that grows; zeroed it is empty. */
typedef struct {
    char *bytes;
    size_t n, cap;
    bool failed; /**< memory ran short */
} wf_synth_text;
void wf_synth_text_clear(wf_synth_text *text);

typedef struct wf_synth_incidents wf_synth_incidents;

/** Prepare.
 *  @param clean    a plan of wf_synth_plan_make
 *  @param defects  the same with planted defects; both must outlive the generator and have areas
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_synth_incidents_open(const wf_synth_incidents_params *params, const wf_grids *clean,
                                           const wf_grids *defects, wf_arena *keep, wf_synth_incidents **out,
                                           wf_error *err);

/** Columns of both texts, one line each with its line end.
 *
 *  Incidents: event_id, source, 坐标系, lon, lat, category_code, report_time, close_time, status, grid_code,
 *  description. The source 12345热线 holds two systems; where its 坐标系 is missing the row counts in GCJ-02, the
 *  group's declared system, wherever it really was. The other groups' declared systems are right.
 *
 *  Truth: row (from 1), event_id, what (the cause, empty when nothing is wrong), happened_unit, placed_clean,
 *  grid_clean, placed_defects, grid_defects (by the placing rule at the point as a reader must take it; the finest grid
 *  of a coarser level for a point outside), border_m (to the nearest level-4 border of the clean plan, up to 500 m),
 *  rule (what `assign` says), flags (codes joined by ";", on the clean plan), minute (as reported; empty unknown). */
/** Reports that count on the clean plan, kept to find those made twice. Zeroed it is empty. */
typedef struct {
    uint64_t row;
    double lon, lat; /**< as a reader must take it */
    int64_t minute;
    uint32_t category;
} wf_synth_report;
typedef struct {
    wf_synth_report *row;
    size_t n, cap;
    bool failed; /**< memory ran short */
} wf_synth_reports;
void wf_synth_reports_clear(wf_synth_reports *reports);

/** Every report that repeats another: same category, at most 30 m away and five days before (of two at one minute the
 *  later row), neither at a default point. Appends lines "row,of_row" under their header, rows from 1 and ascending;
 *  of_row is the last report before it. Sorts the reports. Every pair in the window is looked at. */
void wf_synth_reports_near(wf_synth_reports *reports, wf_synth_text *text);

void wf_synth_incidents_header(wf_synth_text *rows, wf_synth_text *truth);

/** Append rows [first, first + n) to both texts: any division into calls gives the same bytes. Reading the row of a
 *  damaged record may depend on earlier rows, never on later ones.
 *  @param reports  gets the reports that count, in order; NULL: nobody asks for them */
void wf_synth_incidents_rows(const wf_synth_incidents *s, uint64_t first, uint64_t n, wf_synth_text *rows,
                             wf_synth_text *truth, wf_synth_reports *reports);
#endif
