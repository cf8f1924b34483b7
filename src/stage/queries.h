#ifndef WF_STAGE_QUERIES_H
#define WF_STAGE_QUERIES_H
#include "base/arena.h"
#include "bridge/store.h"

/** A report: one SQL file with a head of comment lines "-- key: value".
 *
 *  name: of the files, without ending (needed)     title: English | Chinese
 *  output: csv, geojson, or both (needed)           geometry: column that is the geometry
 *  column: NAME | text, integer, or decimals of a number | English | Chinese */
typedef struct {
    const char *file; /**< path, for messages */
    const char *name, *title, *title_zh, *geometry, *sql;
    bool csv, geojson;
    uint32_t n_columns;
    struct wf_query_column *column;
} wf_query;

typedef struct wf_query_column {
    const char *name, *type, *label, *label_zh;
} wf_query_column;

typedef struct {
    wf_query *query;
    uint32_t n;
} wf_queries;

/** Read every *.sql of a folder, in the order of their file names (bytes).
 *  @return WF_OK; WF_INPUT (no folder, no files, unreadable); WF_USAGE naming file and line of a bad head, or two files
 *          that publish one name, the dictionaries' included; WF_NOMEM */
WF_CHECKED wf_code wf_queries_read(const char *folder, wf_arena *keep, wf_queries *out, wf_error *err);

/** WF_USAGE when none of a query's n columns is the one that its head calls the geometry. */
WF_CHECKED wf_code wf_query_check_columns(const wf_query *query, uint32_t n, const char *const *name, wf_error *err);

/** Prepare every query against the tables, so that mistakes show before the work. WF_USAGE with file and line. */
WF_CHECKED wf_code wf_queries_try(const wf_queries *queries, wf_store *store, wf_error *err);

/** Decimals of a real column: as the head says, else 3. */
int wf_query_decimals(const wf_query *query, const char *column);
#endif
