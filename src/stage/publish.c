/* Queries to files. */
#include "stage/publish.h"
#include "bridge/transform.h"
#include "report/cell.h"
#include "report/sheet.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const wf_query *query;
    const wf_publication *p;
    wf_sheet sheet[2];
    uint32_t n_sheets;
    wf_sheet_way way;
    int place_decimals;
    const wf_job *job;
} writer;

static wf_code open_sheet(writer *w, wf_sheet_kind kind, wf_error *err) {
    char name[300], path[4600];
    snprintf(name, sizeof name, "%.200s.%s", w->query->name, kind == WF_SHEET_CSV ? "csv" : "geojson");
    wf_publication_path(w->p, name, path, sizeof path);
    wf_sheet *s = &w->sheet[w->n_sheets];
    *s = (wf_sheet){.kind = kind, .geometry = -1, .way = w->way, .place_decimals = w->place_decimals};
    s->to = fopen(path, "we");
    if (s->to == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
    w->n_sheets++;
    return WF_OK;
}

static wf_code begin(void *self, uint32_t n, const char *const *name, wf_error *err) {
    writer *w = self;
    const wf_query *q = w->query;
    WF_TRY(wf_query_check_columns(q, n, name, err));
    for (uint32_t k = 0; k < w->n_sheets; k++) {
        wf_sheet *s = &w->sheet[k];
        s->n = n;
        for (uint32_t i = 0; i < n; i++) {
            s->name[i] = name[i];
            s->decimals[i] = (int8_t)wf_query_decimals(q, name[i]);
            if (q->geometry != NULL && strcmp(name[i], q->geometry) == 0)
                s->geometry = (int)i;
        }
        wf_sheet_begin(s, q->name);
    }
    return WF_OK;
}

static wf_code row(void *self, uint32_t n, const wf_value *value, wf_error *err) {
    (void)n, (void)err;
    writer *w = self;
    for (uint32_t k = 0; k < w->n_sheets; k++)
        wf_sheet_row(&w->sheet[k], value);
    return WF_OK;
}

static wf_code close_sheets(writer *w, wf_error *err) {
    bool failed = false;
    for (uint32_t k = 0; k < w->n_sheets; k++) {
        failed |= ferror(w->sheet[k].to) != 0;
        failed |= fclose(w->sheet[k].to) != 0;
    }
    w->n_sheets = 0;
    return failed ? wf_fail(err, WF_OUTPUT, "%s: %s cannot be written: is the disk full? Nothing was changed",
                            w->p->home, w->query->name)
                  : WF_OK;
}

/* NAME_dictionary.csv: what each column means. */
static wf_code write_dictionary(const writer *w, wf_error *err) {
    char name[300], path[4600];
    const wf_query *q = w->query;
    snprintf(name, sizeof name, "%.200s_dictionary.csv", q->name);
    wf_publication_path(w->p, name, path, sizeof path);
    FILE *to = fopen(path, "we");
    if (to == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
    fputs("\xEF\xBB\xBF"
          "column,type,meaning,含义\n",
          to);
    for (uint32_t i = 0; i < q->n_columns; i++) {
        const wf_query_column *c = &q->column[i];
        const char *type = c->type[0] >= '0' && c->type[0] <= '9' ? "number" : c->type;
        const char *const cells[] = {c->name, type, c->label, c->label_zh};
        for (int k = 0; k < 4; k++) {
            fputs(k == 0 ? "" : ",", to);
            wf_cell_write(to, cells[k], strlen(cells[k]));
        }
        fputc('\n', to);
    }
    bool failed = ferror(to) != 0;
    failed |= fclose(to) != 0;
    return failed ? wf_fail(err, WF_OUTPUT, "%s: cannot be written: is the disk full?", path) : WF_OK;
}

static wf_code publish_query(writer *w, wf_store *store, wf_error *err) {
    const wf_query *q = w->query;
    const wf_store_reader reader = {w, begin, row};
    wf_code code = WF_OK;
    if (q->csv && w->job->csv)
        code = open_sheet(w, WF_SHEET_CSV, err);
    if (code == WF_OK && q->geojson && w->job->geojson)
        code = open_sheet(w, WF_SHEET_GEOJSON, err);
    if (code == WF_OK && w->n_sheets > 0)
        code = wf_store_query(store, q->file, q->sql, q->geometry, &reader, err);
    for (uint32_t k = 0; code == WF_OK && k < w->n_sheets; k++)
        wf_sheet_end(&w->sheet[k]);
    wf_code closed = close_sheets(w, code == WF_OK ? err : NULL);
    code = code == WF_OK ? closed : code;
    return code == WF_OK && q->n_columns > 0 ? write_dictionary(w, err) : code;
}

static void move_place(void *self, double *x, double *y) {
    wf_transform_points(self, 0, 1, x, y);
}

wf_code wf_stage_publish(const wf_publication *p, wf_store *store, const wf_queries *queries,
                         const wf_store_facts *facts, const volatile sig_atomic_t *stopped, wf_error *err) {
    const wf_plan *plan = facts->plan;
    writer w = {.p = p, .job = facts->job};
    wf_transform *degrees = NULL;
    wf_code code = WF_OK;
    /* Seven decimals are a centimetre; grids with more keep theirs, so that borders stay shared as they are. */
    w.place_decimals = (int)fmin(fmax(plan->info.n_decimals, 7), 15);
    if (!plan->info.geographic && plan->crs[0] != '\0') {
        WF_GO(wf_transform_open(&degrees, plan->crs, "OGC:CRS84", plan->area, 1, err));
        w.way = (wf_sheet_way){degrees, move_place};
        w.place_decimals = 9;
    }
    for (uint32_t i = 0; i < queries->n; i++) {
        if (stopped != NULL && *stopped) {
            code = wf_fail(err, WF_CANCELLED, "stopped by a signal; nothing was published");
            goto done;
        }
        w.query = &queries->query[i];
        WF_GO(publish_query(&w, store, err));
    }
done:
    wf_transform_close(degrees);
    return code;
}
