#ifndef WF_BRIDGE_STORE_H
#define WF_BRIDGE_STORE_H
#include "base/value.h"

/** The SpatiaLite database of a run: tables of schema.sql, filled row by row and read by queries. One thread. */
typedef struct wf_store wf_store;

/** Make the database with its tables, empty.
 *  @param path  a new file
 *  @param crs   of the geometry: "EPSG:4490"; anything but an EPSG code: undefined
 *  @return WF_OK; WF_OUTPUT with SQLite's reason; WF_NOMEM */
WF_CHECKED wf_code wf_store_open(const char *path, const char *crs, wf_store **out, wf_error *err);

/** Index what was filled, gather statistics, make the file durable. WF_OUTPUT. */
WF_CHECKED wf_code wf_store_finish(wf_store *store, wf_error *err);
void wf_store_close(wf_store *store);

/** Append a row: job and run date, which every table begins with, are put in front; then the values in the order of the
 *  schema. Rows go into one transaction until wf_store_finish. WF_OUTPUT (disk full), WF_INTERNAL (a key twice). */
WF_CHECKED wf_code wf_store_put(wf_store *store, const char *table, uint32_t n, const wf_value *value, wf_error *err);
/** What wf_store_put puts in front; kept by reference. */
void wf_store_name_run(wf_store *store, const char *job, const char *run_date);

/** A query's result, row by row. `column` is called once before the first row; row NULL: no row is asked for. */
typedef struct {
    void *self;
    wf_code (*column)(void *self, uint32_t n, const char *const *name, wf_error *err);
    wf_code (*row)(void *self, uint32_t n, const wf_value *value, wf_error *err);
} wf_store_reader;

/** Run one SELECT. It must be the only statement, and change nothing.
 *  @param name      of its file, for messages
 *  @param geometry  column whose value is a geometry, NULL without
 *  @param reader    NULL or without `row`: only prepare, to tell mistakes before work starts
 *  @return WF_OK; WF_USAGE with SQLite's message; what a reader's function failed with */
WF_CHECKED wf_code wf_store_query(wf_store *store, const char *name, const char *sql, const char *geometry,
                                  const wf_store_reader *reader, wf_error *err);

#endif
