/* What an earlier check found. */
#include "stage/previous.h"
#include "bridge/vector_cells.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static wf_code append(wf_previous *p, const char ***more, uint32_t n, uint32_t n_columns, uint32_t id, uint32_t status,
                      uint32_t *cap, wf_arena *keep, wf_error *err) {
    for (uint32_t row = 0; row < n; row++) {
        const char *key = more[id][row];
        if (key[0] == '\0' || strcmp(more[status][row], "fixed") == 0)
            continue;
        uint32_t before = p->ids.n;
        if (wf_names_add(&p->ids, key, strlen(key)) == UINT32_MAX)
            return wf_fail_nomem(err);
        if (p->ids.n == before)
            continue;
        for (uint32_t c = 0; c < n_columns; c++) {
            if (WF_ROOM(keep, p->cell[c], p->n, cap[c]))
                return wf_fail_nomem(err);
            p->cell[c][p->n] = more[c][row];
        }
        p->n++;
    }
    return WF_OK;
}

static uint32_t column_of(const char *name, uint32_t n_columns, const char *const *names) {
    uint32_t c = 0;
    while (c < n_columns && strcmp(names[c], name) != 0)
        c++;
    return c;
}

wf_code wf_previous_read(const char *path, uint32_t n_columns, const char *const *names, wf_arena *keep,
                         wf_previous *out, wf_error *err) {
    wf_previous p = {.n = 0, .cell = WF_NEW(keep, const char **, n_columns)};
    const char ***more = WF_NEW(keep, const char **, n_columns);
    uint32_t *cap = WF_NEW(keep, uint32_t, n_columns), n, n_read = 0;
    if (p.cell == NULL || more == NULL || cap == NULL)
        return wf_fail_nomem(err);
    wf_names_init(&p.ids, keep);
    uint32_t id = column_of("stable_id", n_columns, names), status = column_of("status", n_columns, names);
    /* A GeoPackage holds rows with a polygon and rows without one in two layers; a run database has many. */
    const char *dot = strrchr(path, '.');
    bool package = dot != NULL && strcasecmp(dot, ".gpkg") == 0, run = dot != NULL && strcasecmp(dot, ".sqlite") == 0;
    const char *const layers[] = {package || run ? ":defects" : "", package ? ":defect_points" : NULL};
    for (int k = 0; k < 2 && layers[k] != NULL; k++) {
        char source[4800];
        snprintf(source, sizeof source, "%s%s", path, layers[k]);
        wf_error none;
        wf_code code = wf_vector_read_cells(source, n_columns, names, keep, &n, more, package ? &none : err);
        if (package && code == WF_USAGE)
            continue; /* no rows of this kind, no layer */
        if (code != WF_OK)
            return package ? wf_fail(err, code, "%s", none.message) : code;
        n_read += n;
        WF_TRY(append(&p, more, n, n_columns, id, status, cap, keep, err));
    }
    if (n_read > 0 && p.n == 0 && more[id][0][0] == '\0')
        return wf_fail(err, WF_INPUT, "%s: holds no findings of an earlier check: there is no column stable_id", path);
    *out = p;
    return WF_OK;
}

static bool is_day(const char *name) {
    return strlen(name) == 10 && name[4] == '-' && name[7] == '-' && strspn(name, "0123456789-") == 10;
}

const char *wf_previous_find(const char *folder, const char *date, wf_arena *keep) {
    DIR *dir = opendir(folder);
    char best[16] = "", path[4800];
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (!is_day(e->d_name) || strcmp(e->d_name, date) >= 0 || strcmp(e->d_name, best) <= 0)
            continue;
        snprintf(path, sizeof path, "%s/%s/run.sqlite", folder, e->d_name);
        if (access(path, R_OK) == 0)
            snprintf(best, sizeof best, "%.10s", e->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    if (best[0] == '\0')
        return NULL;
    snprintf(path, sizeof path, "%s/%s/run.sqlite", folder, best);
    return wf_arena_text(keep, path, strlen(path));
}
