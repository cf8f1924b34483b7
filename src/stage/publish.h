#ifndef WF_STAGE_PUBLISH_H
#define WF_STAGE_PUBLISH_H
#include "stage/queries.h"
#include "stage/store.h"
#include <signal.h>

/** Where a run's results stand: DIR/JOB/DATE, and DIR/JOB/latest points to the newest. They are made in a hidden folder
 *  beside and appear by one rename. */
typedef struct {
    char home[4096];    /**< DIR/JOB */
    char target[4224];  /**< DIR/JOB/DATE */
    char shown[4224];   /**< the same as a user would write it from the working directory */
    char staging[4224]; /**< while the run works */
    int lock;           /**< of home, held until close; -1 without */
} wf_publication;

/** Make the folders and take the lock.
 *  @return WF_OK; WF_OUTPUT (also when `latest` is no link); WF_LOCKED when another run of the job works */
WF_CHECKED wf_code wf_publication_open(const wf_job *job, wf_publication *out, wf_error *err);
/** Remove what was not published, give the lock back. */
void wf_publication_close(wf_publication *p);

/** Path of a file in the staging folder. */
void wf_publication_path(const wf_publication *p, const char *name, char *path, size_t room);

/** Run every query and write its files and its dictionary into the staging folder.
 *  @param stopped  polled between queries; NULL: never
 *  @return WF_OK; WF_USAGE (a query fails: file and SQLite's message); WF_OUTPUT; WF_CANCELLED */
WF_CHECKED wf_code wf_stage_publish(const wf_publication *p, wf_store *store, const wf_queries *queries,
                                    const wf_store_facts *facts, const volatile sig_atomic_t *stopped, wf_error *err);

enum { WF_MANIFEST_TIME = 40 };
/** The time of day with its offset from UTC, ISO 8601. */
void wf_manifest_now(char *text, size_t room);

/** What only the manifest tells. */
typedef struct {
    const char *started; /**< ISO 8601 with its offset */
    const char *const *stage;
    const double *seconds;
    uint32_t n_stages;
} wf_manifest_times;

/** Write manifest.json over all files of the staging folder and all inputs. WF_OUTPUT, WF_INPUT. */
WF_CHECKED wf_code wf_stage_manifest(const wf_publication *p, const wf_store_facts *facts,
                                     const wf_manifest_times *times, const char *version, wf_error *err);

/** Make everything durable and put it in its place: a new date is renamed, an existing one exchanged and the old
 *  removed, then `latest` is pointed to it. WF_OUTPUT; the last published run stays whole whatever happens. */
WF_CHECKED wf_code wf_publication_publish(wf_publication *p, wf_error *err);
#endif
