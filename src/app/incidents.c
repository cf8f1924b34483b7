/* The assign and tally commands: run the stage, print the accounts. */
#include "stage/incidents.h"
#include "app/commands.h"
#include "app/signals.h"
#include "stage/summary.h"
#include <stdio.h>

typedef unsigned long long ull;

static wf_code check_arguments(const wf_options *o, const char *name, wf_error *err) {
    if (o->n_inputs != 2)
        return wf_fail(err, WF_USAGE, "needs GRIDS and INCIDENTS: see wufeng help %s", name);
    if (o->output == NULL)
        return wf_fail(err, WF_USAGE, "needs -o OUT.csv: see wufeng help %s", name);
    return WF_OK;
}

static void print_json(const wf_incidents_result *r) {
    const wf_accounts *a = &r->accounts;
    printf(
        "{\"read\": %llu, \"assigned\": %llu, \"boundary\": %llu, \"overlap\": %llu, \"outside\": %llu, \"rejected\": "
        "%llu, \"duplicates\": %llu, \"out_of_period\": %llu, \"labelled\": %llu, \"agree\": %llu",
        (ull)a->read, (ull)a->assigned, (ull)a->boundary, (ull)a->overlap, (ull)a->outside, (ull)a->rejected,
        (ull)a->duplicates, (ull)a->out_of_period, (ull)a->labelled, (ull)a->agree);
    wf_summary_notices_json(&r->notices, stdout);
    puts("}");
}

/* The five grids of the finest level that carry most. */
static void print_busiest(const wf_incidents_result *r) {
    const wf_grids *g = &r->plan.grids;
    uint32_t top[5], n_top = 0;
    for (uint32_t i = 0; i < g->shape.n_grids; i++) {
        if (g->level[i] != r->plan.finest || r->load.incidents[i] == 0)
            continue;
        uint32_t at = n_top < 5 ? n_top++ : 5;
        while (at > 0 && r->load.incidents[top[at - 1]] < r->load.incidents[i])
            at--;
        if (at == 5)
            continue;
        for (uint32_t k = n_top - 1; k > at; k--)
            top[k] = top[k - 1];
        top[at] = i;
    }
    for (uint32_t k = 0; k < n_top; k++)
        printf("%s %-20s %8llu incidents  %s\n", k == 0 ? "busiest " : "        ", g->code[top[k]],
               (ull)r->load.incidents[top[k]], g->name[top[k]]);
}

static void print_summary(const wf_options *o, const wf_incidents_result *r, bool busiest) {
    const wf_accounts *a = &r->accounts;
    static const char *const encodings[] = {"", "UTF-8", "GB18030", "UTF-16LE"};
    printf("columns  x = %s, y = %s, delimiter %s, %s\n", r->x_name, r->y_name,
           r->delimiter == '\t' ? "tab" : (char[]){r->delimiter, '\0'}, encodings[r->encoding]);
    printf("accounts %llu read = %llu assigned + %llu outside + %llu rejected + %llu duplicates", (ull)a->read,
           (ull)a->assigned, (ull)a->outside, (ull)a->rejected, (ull)a->duplicates);
    if (a->out_of_period > 0)
        printf(" + %llu out of period", (ull)a->out_of_period);
    printf("\n");
    printf("         of the assigned %llu on a border, %llu in an overlap\n", (ull)a->boundary, (ull)a->overlap);
    if (a->labelled > 0)
        printf("recorded %llu of %llu rows whose recorded code names a grid lie in it (%.2f %%)\n", (ull)a->agree,
               (ull)a->labelled, 100.0 * (double)a->agree / (double)a->labelled);
    if (busiest)
        print_busiest(r);
    wf_summary_notices(&r->notices, "notice   ", stdout);
    printf("written  %s\n", o->output);
}

typedef wf_code stage_call(const wf_incidents_request *, wf_arena *, wf_incidents_result *, wf_error *);

static wf_code run_stage(const wf_options *o, stage_call *stage, bool busiest, wf_error *err) {
    wf_arena keep;
    wf_arena_init(&keep);
    wf_incidents_result result;
    wf_pool *pool = NULL;
    wf_code code;
    wf_signals_catch();
    WF_GO(wf_pool_open(&pool, o->threads, err));
    wf_incidents_request request = {
        .plan = {.source = o->input[0],
                 .crs = o->grids_crs,
                 .fields = {.code = o->code, .name = o->name, .level = o->level, .parent = o->parent}},
        .source = {.path = o->input[1],
                   .crs = o->crs,
                   .headless = o->no_header,
                   .field = {[WF_COLUMN_X] = o->x,
                             [WF_COLUMN_Y] = o->y,
                             [WF_COLUMN_ID] = o->id,
                             [WF_COLUMN_GRID] = o->grid,
                             [WF_COLUMN_CATEGORY] = o->category,
                             [WF_COLUMN_TIME] = o->time}},
        .aliases = o->aliases,
        .categories = o->categories,
        .output = o->output,
        .by = o->by,
        .rules = wf_rows_rules_default(),
        .pool = pool,
        .cancelled = &wf_signals_caught};
    if (o->crs_by != NULL)
        WF_GO(wf_source_groups(o->crs_by, &keep, &request.source, err));
    WF_GO(wf_rows_rules_set(o->period, o->from, o->to, o->date, &request.rules, err));
    WF_GO(stage(&request, &keep, &result, err));
    if (o->json)
        print_json(&result);
    else if (!o->quiet)
        print_summary(o, &result, busiest);
done:
    wf_pool_close(pool);
    wf_arena_clear(&keep);
    return code;
}

wf_code wf_app_assign(const wf_options *options, int *verdict, wf_error *err) {
    WF_TRY(check_arguments(options, "assign", err));
    *verdict = 0;
    return run_stage(options, wf_stage_assign, false, err);
}

wf_code wf_app_tally(const wf_options *options, int *verdict, wf_error *err) {
    WF_TRY(check_arguments(options, "tally", err));
    *verdict = 0;
    return run_stage(options, wf_stage_tally, true, err);
}
