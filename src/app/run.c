/* The whole job, to be read from top to bottom:
 * job file → grids → check → incidents: parse, place, tally → load → store → publish. */
#include "app/commands.h"
#include "app/progress.h"
#include "app/signals.h"
#include "stage/categories.h"
#include "stage/check.h"
#include "stage/defects.h"
#include "stage/inside.h"
#include "stage/publish.h"
#include "stage/summary.h"
#include "stage/systems.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_STAGES = 8 };

typedef struct {
    wf_job job;
    wf_aliases aliases;
    wf_queries queries;
    wf_categories categories;
    wf_source *sources;
    wf_plan plan;
    wf_check_request check_request;
    wf_check_result check;
    wf_table defects;
    wf_inside inside;
    wf_people homes; /* none without a layer */
    wf_stream stream;
    wf_load load;
    wf_store *store;
    wf_store_facts facts;
    wf_notices notices;
    wf_publication publication;
    wf_pool *pool;
    wf_progress progress;
    char started[WF_MANIFEST_TIME];
    const char *stage[MAX_STAGES];
    double seconds[MAX_STAGES], since;
    uint32_t n_stages;
} run;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Close the stage before, begin the next. */
static void enter(run *r, const char *stage) {
    double now = now_s();
    if (r->n_stages > 0)
        r->seconds[r->n_stages - 1] = now - r->since;
    r->since = now;
    if (stage == NULL || r->n_stages == MAX_STAGES)
        return;
    r->stage[r->n_stages++] = stage;
    wf_progress_stage(&r->progress, stage);
}

static wf_code check_load_level(const run *r, wf_error *err) {
    wf_error why;
    if (wf_plan_check_level(&r->plan, r->job.load_level, &why) == WF_OK)
        return WF_OK;
    return wf_job_complain(&r->job, "load.level", why.message, err);
}

static wf_code open_inputs(run *r, wf_arena *keep, wf_error *err) {
    const wf_job *j = &r->job;
    wf_plan_request plan = j->grids;
    WF_TRY(wf_aliases_load(j->aliases, keep, &r->aliases, err));
    if (j->categories != NULL)
        WF_TRY(wf_categories_read(j->categories, keep, &r->categories, err));
    r->sources = WF_NEW(keep, wf_source, j->n_sources);
    if (r->sources == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < j->n_sources; i++)
        WF_TRY(wf_source_open(&j->source[i], &r->aliases, r->pool, keep, &r->sources[i], err));
    plan.fields.aliases = &r->aliases;
    plan.notices = &r->notices;
    WF_TRY(wf_stage_plan(&plan, keep, &r->plan, err));
    if (j->load_level > 0)
        WF_TRY(check_load_level(r, err));
    WF_TRY(wf_stage_systems(&r->plan, j->n_sources, r->sources, &r->notices, err));
    if (j->population == NULL)
        return WF_OK;
    return wf_inside_read_homes(j->population, &r->aliases, &r->plan.info, keep, &r->homes, err);
}

/* The tables are made before the work, so that a mistake in a query shows at once. */
static wf_code open_store(run *r, wf_error *err) {
    char path[4600];
    wf_publication_path(&r->publication, "run.sqlite", path, sizeof path);
    WF_TRY(wf_store_open(path, r->plan.crs, &r->store, err));
    wf_store_name_run(r->store, r->job.name, r->job.date);
    return wf_queries_try(&r->queries, r->store, err);
}

static wf_code check_grids(run *r, wf_arena *keep, wf_error *err) {
    const wf_job *j = &r->job;
    r->check_request = (wf_check_request){.grids = j->grids.source,
                                          .pool = r->pool,
                                          .outline = j->outline,
                                          .allowed_gaps = j->allowed_gaps,
                                          .floor_m = j->floor_m,
                                          .fail_on = j->fail_on == NULL ? "ordinary" : j->fail_on,
                                          .cancelled = &wf_signals_caught};
    WF_TRY(wf_stage_check_grids(&r->check_request, &r->plan.grids, &r->plan.info, keep, &r->check, err));
    return wf_inside_build(&r->check.defects, keep, &r->inside, err);
}

static wf_code place_incidents(run *r, wf_error *err) {
    bool category = r->job.categories != NULL, time = false;
    for (uint32_t i = 0; i < r->job.n_sources; i++) {
        category |= r->sources[i].column[WF_COLUMN_CATEGORY] >= 0;
        time |= r->sources[i].column[WF_COLUMN_TIME] >= 0;
    }
    wf_rows_rules rules = r->job.rules;
    rules.categories = r->job.categories != NULL ? &r->categories : NULL;
    r->job.rules = rules;
    const wf_stream_config config = {.plan = &r->plan,
                                     .rules = &r->job.rules,
                                     .sources = r->sources,
                                     .n_sources = r->job.n_sources,
                                     .by_category = category,
                                     .by_hour = time,
                                     .spill_folder = r->publication.home,
                                     .gaps = r->inside.gaps,
                                     .overlaps = r->inside.overlaps,
                                     .n_places = r->check.defects.shape.n_grids,
                                     .pool = r->pool,
                                     .cancelled = &wf_signals_caught,
                                     .progress = wf_progress_share,
                                     .progress_self = &r->progress,
                                     .notices = &r->notices};
    return wf_stream_run(&config, &r->stream, err);
}

static uint8_t graded_level(const run *r) {
    if (r->job.load_level > 0)
        return r->job.load_level;
    return r->plan.finest >= 4 && r->plan.locator[4] != NULL ? 4 : r->plan.finest;
}

/* The findings against those of the last earlier day. That its database cannot be read is no reason to stop. */
static wf_code sum_up(run *r, wf_arena *keep, wf_error *err) {
    const char *earlier = wf_previous_find(r->publication.home, r->job.date, keep);
    wf_previous before;
    wf_error why;
    bool read = false;
    if (earlier != NULL) {
        wf_code code = wf_defects_read(earlier, keep, &before, &why);
        if (code == WF_NOMEM)
            return wf_fail_nomem(err);
        read = code == WF_OK;
        if (!read)
            WF_TRY(wf_notices_add(&r->notices, "", err, "%s: all defects count as new", why.message));
    }
    return wf_stage_check_sum(&r->check_request, read ? &before : NULL, &r->check, keep, &r->defects, err);
}

static wf_code analyse(run *r, wf_arena *keep, wf_error *err) {
    const wf_rows_rules *rules = &r->job.rules;
    double days = rules->from != INT64_MIN && rules->to != INT64_MAX ? (double)(rules->to - rules->from) / 86400 : 0;
    const wf_load_input in = {.grids = &r->plan.grids,
                              .parent = r->plan.parent,
                              .tally = &r->stream.tally,
                              .default_point = r->stream.default_point,
                              .minutes = r->job.categories != NULL ? r->categories.minutes : NULL,
                              .n_minutes = r->categories.n,
                              .level = graded_level(r),
                              .months = days > 0 ? days / (365.2425 / 12) : 1};
    WF_TRY(wf_inside_fill(&r->inside, r->stream.inside, &r->plan.grids, r->plan.finest,
                          r->job.population != NULL ? &r->homes : NULL, &r->check.defects, keep, err));
    WF_TRY(sum_up(r, keep, err));
    return wf_load_build(&in, keep, &r->load, err);
}

static wf_code fill_store(run *r, wf_arena *keep, wf_error *err) {
    r->facts = (wf_store_facts){.job = &r->job,
                                .plan = &r->plan,
                                .categories = r->job.categories != NULL ? &r->categories : NULL,
                                .load = &r->load,
                                .stream = &r->stream,
                                .notices = &r->notices,
                                .sources = r->sources,
                                .defects = &r->check.defects,
                                .defect_table = &r->defects,
                                .verdict = r->check.seamless ? "seamless" : "not_seamless",
                                .verdict_strict = r->check.seamless_strict ? "seamless" : "not_seamless",
                                .fail_on = r->check_request.fail_on,
                                .floor_m = r->check.floor_m,
                                .load_level = graded_level(r)};
    WF_TRY(wf_stage_store(r->store, &r->facts, keep, err));
    return wf_store_finish(r->store, err);
}

static wf_code publish(run *r, wf_error *err) {
    WF_TRY(wf_stage_publish(&r->publication, r->store, &r->queries, &r->facts, &wf_signals_caught, err));
    wf_store_close(r->store);
    r->store = NULL;
    enter(r, NULL);
    const wf_manifest_times times = {r->started, r->stage, r->seconds, r->n_stages};
    WF_TRY(wf_stage_manifest(&r->publication, &r->facts, &times, WF_VERSION, err));
    if (wf_signals_caught)
        return wf_fail(err, WF_CANCELLED, "stopped by a signal; nothing was published");
    return wf_publication_publish(&r->publication, err);
}

static wf_code work(run *r, const wf_options *o, wf_arena *keep, wf_error *err) {
    enter(r, "read");
    WF_TRY(wf_queries_read(r->job.queries, keep, &r->queries, err));
    WF_TRY(wf_publication_open(&r->job, &r->publication, err));
    WF_TRY(wf_pool_open(&r->pool, o->threads, err));
    WF_TRY(open_inputs(r, keep, err));
    WF_TRY(open_store(r, err));
    enter(r, "check");
    WF_TRY(check_grids(r, keep, err));
    enter(r, "incidents");
    WF_TRY(place_incidents(r, err));
    enter(r, "analyse");
    WF_TRY(analyse(r, keep, err));
    enter(r, "store");
    WF_TRY(fill_store(r, keep, err));
    enter(r, "publish");
    return publish(r, err);
}

static void close_run(run *r) {
    wf_progress_close(&r->progress);
    wf_store_close(r->store);
    wf_stream_close(&r->stream);
    for (uint32_t i = 0; r->sources != NULL && i < r->job.n_sources; i++)
        wf_source_close(&r->sources[i]);
    wf_pool_close(r->pool);
    wf_publication_close(&r->publication);
}

wf_code wf_app_run(const wf_options *o, int *verdict, wf_error *err) {
    if (o->n_inputs != 1)
        return wf_fail(err, WF_USAGE, "needs one JOB.yaml: see wufeng help run");
    wf_arena keep;
    run *r;
    wf_code code;
    wf_arena_init(&keep);
    r = WF_NEW(&keep, run, 1);
    if (r == NULL)
        return wf_fail_nomem(err);
    r->publication.lock = -1;
    r->notices.keep = &keep;
    wf_manifest_now(r->started, sizeof r->started);
    const wf_job_request request = {o->input[0], o->set, o->n_set, o->date};
    wf_signals_catch();
    wf_progress_open(&r->progress, o->progress, o->quiet || o->json || o->dry_run);
    WF_GO(wf_stage_job(&request, &keep, &r->job, err));
    if (o->dry_run) {
        wf_job_print(&r->job, stdout);
        goto done;
    }
    WF_GO(work(r, o, &keep, err));
    wf_progress_close(&r->progress);
    *verdict = r->check.fails ? 1 : 0;
    if (o->json)
        wf_stage_check_json(&r->check, stdout);
    else if (!o->quiet)
        wf_summary_print(&r->facts, &r->check, &r->publication, stdout);
done:
    close_run(r);
    wf_arena_clear(&keep);
    return code;
}
