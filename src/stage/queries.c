/* SQL files and their heads. */
#include "stage/queries.h"
#include "base/file.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_QUERIES = 500 };

typedef struct {
    wf_arena *keep;
    wf_query *q;
    uint32_t cap, line;
} head;

static const char *cut(wf_arena *keep, const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    return wf_arena_text(keep, from, (size_t)(to - from));
}

/* Pieces between bars; the last one takes the rest, absent ones are empty. */
static wf_code split(head *h, const char *value, uint32_t n, const char **piece, wf_error *err) {
    const char *end = value + strlen(value);
    for (uint32_t i = 0; i < n; i++) {
        const char *bar = i + 1 < n ? memchr(value, '|', (size_t)(end - value)) : NULL;
        piece[i] = cut(h->keep, value, bar == NULL ? end : bar);
        if (piece[i] == NULL)
            return wf_fail_nomem(err);
        value = bar == NULL ? end : bar + 1;
    }
    return WF_OK;
}

static wf_code read_output(head *h, const char *value, wf_error *err) {
    for (const char *p = value; *p != '\0';) {
        size_t n = strcspn(p, ", ");
        if (n == 3 && memcmp(p, "csv", 3) == 0)
            h->q->csv = true;
        else if (n == 7 && memcmp(p, "geojson", 7) == 0)
            h->q->geojson = true;
        else if (n > 0)
            return wf_fail(err, WF_USAGE, "%s: line %u: output takes csv and geojson, not \"%.*s\"", h->q->file,
                           h->line, (int)n, p);
        p += n + (p[n] != '\0');
    }
    return WF_OK;
}

static wf_code read_column(head *h, const char *value, wf_error *err) {
    const char *piece[4];
    wf_query *q = h->q;
    WF_TRY(split(h, value, 4, piece, err));
    bool number = piece[1][0] >= '0' && piece[1][0] <= '9' && piece[1][1] == '\0';
    if (piece[0][0] == '\0' || (!number && strcmp(piece[1], "text") != 0 && strcmp(piece[1], "integer") != 0))
        return wf_fail(err, WF_USAGE, "%s: line %u: column takes NAME | text, integer or 0 to 9 decimals | words | 词",
                       q->file, h->line);
    if (WF_ROOM(h->keep, q->column, q->n_columns, h->cap))
        return wf_fail_nomem(err);
    q->column[q->n_columns++] = (wf_query_column){piece[0], piece[1], piece[2], piece[3]};
    return WF_OK;
}

static wf_code read_line(head *h, const char *line, const char *end, wf_error *err) {
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (colon == NULL)
        return WF_OK;
    const char *key = cut(h->keep, line, colon), *value = cut(h->keep, colon + 1, end), *piece[2];
    wf_query *q = h->q;
    if (key == NULL || value == NULL)
        return wf_fail_nomem(err);
    if (strcmp(key, "name") == 0)
        q->name = value;
    else if (strcmp(key, "geometry") == 0)
        q->geometry = value;
    else if (strcmp(key, "output") == 0)
        return read_output(h, value, err);
    else if (strcmp(key, "column") == 0)
        return read_column(h, value, err);
    else if (strcmp(key, "title") == 0) {
        WF_TRY(split(h, value, 2, piece, err));
        q->title = piece[0];
        q->title_zh = piece[1];
    } else {
        static const char *const keys[] = {"name", "title", "output", "geometry", "column"};
        const char *nearest = wf_text_nearest(key, keys, 5);
        if (nearest != NULL)
            return wf_fail(err, WF_USAGE, "%s: line %u: unknown key \"%s\": did you mean %s?", q->file, h->line, key,
                           nearest);
    }
    return WF_OK;
}

static wf_code read_head(head *h, wf_error *err) {
    wf_query *q = h->q;
    for (const char *p = q->sql; strncmp(p, "--", 2) == 0;) {
        const char *end = strchr(p, '\n');
        end = end == NULL ? p + strlen(p) : end;
        h->line++;
        WF_TRY(read_line(h, p + 2, end, err));
        p = *end == '\n' ? end + 1 : end;
    }
    if (q->name == NULL || q->name[0] == '\0' || strpbrk(q->name, "/\\. ") != NULL)
        return wf_fail(err, WF_USAGE, "%s: the head needs \"-- name: WORD\", which names the published files", q->file);
    if (!q->csv && !q->geojson)
        return wf_fail(err, WF_USAGE, "%s: the head needs \"-- output: csv\" or geojson or both", q->file);
    if (q->geojson && q->geometry == NULL)
        return wf_fail(err, WF_USAGE, "%s: GeoJSON needs \"-- geometry: COLUMN\" in the head", q->file);
    if (q->title == NULL)
        q->title = q->title_zh = q->name;
    return WF_OK;
}

static wf_code read_query(const char *path, wf_arena *keep, wf_query *q, wf_error *err) {
    wf_mapped file;
    WF_TRY(wf_file_map(path, &file, err));
    *q = (wf_query){.file = wf_arena_text(keep, path, strlen(path))};
    bool marked = file.n >= 3 && memcmp(file.bytes, "\xEF\xBB\xBF", 3) == 0;
    q->sql = wf_arena_text(keep, file.bytes + (marked ? 3 : 0), file.n - (marked ? 3 : 0));
    wf_file_unmap(&file);
    if (q->file == NULL || q->sql == NULL)
        return wf_fail_nomem(err);
    head h = {.keep = keep, .q = q};
    return read_head(&h, err);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static wf_code list_files(const char *folder, wf_arena *keep, const char **files, uint32_t *n, wf_error *err) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    wf_code code = WF_OK;
    if (dir == NULL)
        return wf_fail(err, WF_INPUT, "%s: the folder of the queries cannot be read: %s", folder, strerror(errno));
    *n = 0;
    while (code == WF_OK && (e = readdir(dir)) != NULL) {
        size_t len = strlen(e->d_name);
        if (e->d_name[0] == '.' || len < 5 || strcmp(e->d_name + len - 4, ".sql") != 0)
            continue;
        char path[4400];
        snprintf(path, sizeof path, "%.4000s/%.300s", folder, e->d_name);
        if (*n == MAX_QUERIES)
            code = wf_fail(err, WF_LIMIT, "%s: over %d queries", folder, MAX_QUERIES);
        else if ((files[(*n)++] = wf_arena_text(keep, path, strlen(path))) == NULL)
            code = wf_fail_nomem(err);
    }
    closedir(dir);
    if (code == WF_OK && *n == 0)
        return wf_fail(err, WF_INPUT, "%s: there are no *.sql files", folder);
    return code;
}

/* Two files of one name, be it that of a dictionary: NAME_dictionary.csv. */
static wf_code check_names(const wf_query *a, const wf_query *b, wf_error *err) {
    static const char suffix[] = "_dictionary";
    size_t n = strlen(a->name);
    if (strcmp(a->name, b->name) == 0)
        return wf_fail(err, WF_USAGE, "%s and %s both publish \"%s\"", a->file, b->file, b->name);
    if (a->n_columns > 0 && strncmp(a->name, b->name, n) == 0 && strcmp(b->name + n, suffix) == 0)
        return wf_fail(err, WF_USAGE, "%s publishes \"%s\", which is the dictionary of %s: give it another name",
                       b->file, b->name, a->file);
    return WF_OK;
}

wf_code wf_queries_read(const char *folder, wf_arena *keep, wf_queries *out, wf_error *err) {
    const char **files = WF_NEW(keep, const char *, MAX_QUERIES);
    wf_queries q = {NULL, 0};
    if (files == NULL)
        return wf_fail_nomem(err);
    WF_TRY(list_files(folder, keep, files, &q.n, err));
    qsort(files, q.n, sizeof *files, by_name);
    q.query = WF_NEW(keep, wf_query, q.n);
    if (q.query == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < q.n; i++) {
        WF_TRY(read_query(files[i], keep, &q.query[i], err));
        for (uint32_t k = 0; k < i; k++) {
            WF_TRY(check_names(&q.query[k], &q.query[i], err));
            WF_TRY(check_names(&q.query[i], &q.query[k], err));
        }
    }
    *out = q;
    return WF_OK;
}

int wf_query_decimals(const wf_query *query, const char *column) {
    for (uint32_t i = 0; i < query->n_columns; i++)
        if (strcmp(query->column[i].name, column) == 0 && query->column[i].type[0] >= '0' &&
            query->column[i].type[0] <= '9')
            return query->column[i].type[0] - '0';
    return 3;
}

wf_code wf_query_check_columns(const wf_query *q, uint32_t n, const char *const *name, wf_error *err) {
    for (uint32_t i = 0; i < n && q->geometry != NULL; i++)
        if (strcmp(name[i], q->geometry) == 0)
            return WF_OK;
    return q->geometry == NULL
               ? WF_OK
               : wf_fail(err, WF_USAGE, "%s: there is no column \"%s\", which the head calls the geometry", q->file,
                         q->geometry);
}

static wf_code try_columns(void *self, uint32_t n, const char *const *name, wf_error *err) {
    return wf_query_check_columns(self, n, name, err);
}

wf_code wf_queries_try(const wf_queries *queries, wf_store *store, wf_error *err) {
    for (uint32_t i = 0; i < queries->n; i++) {
        const wf_store_reader reader = {&queries->query[i], try_columns, NULL};
        WF_TRY(wf_store_query(store, queries->query[i].file, queries->query[i].sql, NULL, &reader, err));
    }
    return WF_OK;
}
