/* An incident file to text and columns. */
#include "stage/source.h"
#include "base/spool.h"
#include "base/text.h"
#include "bridge/vector_text.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { CELL_BYTES = 512, WINDOW_BYTES = 4 << 20, NEAR_BYTES = 64 << 10, HOPELESS = 4096 };
/* Names of the columns in the alias table. */
static const char *const canonical[WF_COLUMNS] = {"lon",         "lat",        "event_id", "grid_code", "category_code",
                                                  "report_time", "close_time", "source",   "crs"};

wf_code wf_aliases_load(const char *path, wf_arena *keep, wf_aliases *out, wf_error *err) {
    wf_mapped file;
    if (path == NULL)
        return wf_aliases_read(NULL, 0, keep, out, err);
    WF_TRY(wf_file_map(path, &file, err));
    wf_code code = wf_aliases_read(file.bytes, file.n, keep, out, err);
    wf_file_unmap(&file);
    return code;
}

wf_code wf_source_groups(const char *text, wf_arena *keep, wf_source_request *request, wf_error *err) {
    const char *colon = strchr(text, ':');
    size_t room = 1;
    for (const char *p = text; *p != '\0'; p++)
        room += *p == ',';
    wf_group_system *group = WF_NEW(keep, wf_group_system, room);
    if (group == NULL)
        return wf_fail_nomem(err);
    request->n_groups = 0;
    for (const char *p = colon; p != NULL && *p != '\0';) {
        const char *value = p + 1, *end = value + strcspn(value, ",");
        const char *equals = memchr(value, '=', (size_t)(end - value));
        if (equals == NULL || equals == value || equals + 1 == end)
            return wf_fail(err, WF_USAGE, "--crs-by takes COLUMN:VALUE=CRS,VALUE=CRS, not \"%s\"", text);
        wf_group_system *g = &group[request->n_groups++];
        g->value = wf_arena_text(keep, value, (size_t)(equals - value));
        g->crs = wf_arena_text(keep, equals + 1, (size_t)(end - equals - 1));
        if (g->value == NULL || g->crs == NULL)
            return wf_fail_nomem(err);
        p = end;
    }
    if (colon == NULL || colon == text || request->n_groups == 0)
        return wf_fail(err, WF_USAGE, "--crs-by takes COLUMN:VALUE=CRS,VALUE=CRS, not \"%s\"", text);
    request->field[WF_COLUMN_GROUP] = wf_arena_text(keep, text, (size_t)(colon - text));
    request->group = group;
    return request->field[WF_COLUMN_GROUP] == NULL ? wf_fail_nomem(err) : WF_OK;
}

typedef struct {
    wf_csv_field field[WF_CSV_MAX_FIELDS];
    uint32_t n;
} header;

static void name_of(const wf_source *s, const header *h, uint32_t i, char *text) {
    if (s->request->headless)
        snprintf(text, CELL_BYTES, "%u", i + 1);
    else
        wf_csv_text(&h->field[i], text, CELL_BYTES);
}

static wf_code complain(const wf_source *s, const header *h, wf_code code, const char *what, wf_error *err) {
    char list[600] = "", text[CELL_BYTES];
    for (uint32_t i = 0; i < h->n; i++) {
        size_t used = strlen(list);
        name_of(s, h, i, text);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", text);
    }
    return wf_fail(err, code, "%s: %s; the columns are: %s", s->request->path, what, list);
}

static int find_name(const wf_source *s, const header *h, const char *name) {
    char text[CELL_BYTES];
    for (uint32_t i = 0; i < h->n; i++) {
        name_of(s, h, i, text);
        if (strcasecmp(text, name) == 0)
            return (int)i;
    }
    return -1;
}

static wf_code find_column(wf_source *s, const header *h, const wf_aliases *aliases, wf_source_column c,
                           wf_error *err) {
    const char *asked = s->request->field[c];
    char what[400];
    if (asked != NULL) {
        s->column[c] = find_name(s, h, asked);
        if (s->column[c] >= 0)
            return WF_OK;
        snprintf(what, sizeof what, "there is no column \"%s\"", asked);
        return complain(s, h, WF_USAGE, what, err);
    }
    const wf_alias *alias = wf_aliases_find(aliases, "incident", canonical[c]);
    s->column[c] = -1;
    for (uint32_t k = 0; alias != NULL && !s->request->headless && k < alias->n; k++) {
        int at = find_name(s, h, alias->names[k]);
        if (at < 0 || at == s->column[c])
            continue;
        if (s->column[c] < 0) {
            s->column[c] = at;
            /* The engine's own name is meant for it; of the others none is better than another. */
            if (k == 0 || (c != WF_COLUMN_X && c != WF_COLUMN_Y))
                return WF_OK;
            continue;
        }
        snprintf(what, sizeof what, "several columns could be %s: say which with %s", canonical[c],
                 c == WF_COLUMN_X ? "--x" : "--y");
        return complain(s, h, WF_USAGE, what, err);
    }
    return WF_OK;
}

static wf_code find_columns(wf_source *s, const header *h, const wf_aliases *aliases, wf_arena *keep, wf_error *err) {
    char text[CELL_BYTES];
    for (wf_source_column c = 0; c < WF_COLUMNS; c++) {
        WF_TRY(find_column(s, h, aliases, c, err));
        if (s->column[c] < 0)
            continue;
        name_of(s, h, (uint32_t)s->column[c], text);
        s->column_name[c] = wf_arena_text(keep, text, strlen(text));
        if (s->column_name[c] == NULL)
            return wf_fail_nomem(err);
    }
    if (s->column[WF_COLUMN_X] < 0 || s->column[WF_COLUMN_Y] < 0)
        return complain(s, h, WF_INPUT, "no coordinate columns found: name them with --x and --y", err);
    if (s->request->n_groups > 0 && s->column[WF_COLUMN_GROUP] < 0)
        return complain(s, h, WF_USAGE, "systems are given by the values of a column: name it as crs_by.field", err);
    return WF_OK;
}

/* True when the first record's quotes and delimiters make a table: text, not one of GDAL's binary formats. */
static bool is_text(const wf_mapped *m) {
    size_t n = m->n < 4096 ? m->n : 4096;
    if (n >= 2 && memcmp(m->bytes, "\xFF\xFE", 2) == 0)
        return true;
    if (memchr(m->bytes, '\0', n) != NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (m->bytes[i] != ' ' && m->bytes[i] != '\n' && m->bytes[i] != '\r' && m->bytes[i] != '\t')
            return m->bytes[i] != '{' && m->bytes[i] != '[' && m->bytes[i] != '<';
    return true;
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The features as text in a file without a name, mapped like any other. */
static wf_code read_vector(wf_source *s, wf_error *err) {
    FILE *file;
    wf_file_unmap(&s->text);
    WF_TRY(wf_temporary_open(NULL, &file, err));
    wf_code code = wf_vector_text_write(s->request->path, file, err);
    if (code == WF_OK)
        code = wf_file_map_stream(file, &s->text, err);
    fclose(file);
    return code;
}

/* Strict UTF-8, looked at in windows between characters, which are forgotten at once so that a large file does not fill
 * the memory. */
typedef struct {
    const wf_mapped *text;
    bool ascii, bad, quoted; /* set by any thread */
} looking;

static size_t window_start(const wf_mapped *m, uint64_t window) {
    uint64_t at = window * WINDOW_BYTES;
    for (int i = 0; i < 3 && at > 0 && at < m->n && (m->bytes[at] & 0xC0) == 0x80; i++)
        at++; /* not into the middle of a character */
    return at < m->n ? (size_t)at : m->n;
}

static wf_code look_at_window(void *ctx, uint32_t window, unsigned thread, wf_error *err) {
    looking *l = ctx;
    size_t from = window_start(l->text, window), to = window_start(l->text, (uint64_t)window + 1), bad;
    (void)thread;
    (void)err;
    if (from >= to || __atomic_load_n(&l->bad, __ATOMIC_RELAXED))
        return WF_OK;
    bool ascii = true, quoted = __atomic_load_n(&l->quoted, __ATOMIC_RELAXED);
    for (size_t at = from, n; at < to; at += n) {
        n = to - at < NEAR_BYTES ? to - at : NEAR_BYTES;
        ascii = ascii && wf_text_is_ascii(l->text->bytes + at, n);
        quoted = quoted || memchr(l->text->bytes + at, '"', n) != NULL;
    }
    if (quoted)
        __atomic_store_n(&l->quoted, true, __ATOMIC_RELAXED);
    if (!ascii) {
        __atomic_store_n(&l->ascii, false, __ATOMIC_RELAXED);
        if (!wf_text_is_utf8(l->text->bytes + from, to - from, &bad))
            __atomic_store_n(&l->bad, true, __ATOMIC_RELAXED);
    }
    wf_mapped_forget(l->text, from, to);
    return WF_OK;
}

static wf_code look_at_text(wf_source *s, wf_pool *pool, bool *is_utf8, wf_error *err) {
    looking l = {&s->text, true, false, false};
    uint64_t n = (s->text.n + WINDOW_BYTES - 1) / WINDOW_BYTES;
    if (n > UINT32_MAX)
        return wf_fail(err, WF_LIMIT, "%s: the file is too large", s->request->path);
    WF_TRY(wf_pool_run(pool, (uint32_t)n, look_at_window, &l, err));
    s->ascii = l.ascii;
    s->unquoted = !l.bad && !l.quoted;
    *is_utf8 = !l.bad;
    return WF_OK;
}

/* How well the text fits UTF-8, in the same windows. A file in GB18030 shows itself early. */
static void count_utf8(const wf_mapped *m, wf_encoding_count *count) {
    for (size_t from = 0, to; from < m->n && (count->bad < HOPELESS || count->good > count->bad); from = to) {
        to = m->n - from > WINDOW_BYTES ? from + WINDOW_BYTES : m->n;
        while (to < m->n && m->bytes[to - 1] != '\n')
            to++;
        wf_encoding_count_utf8(m->bytes + from, to - from, from, count);
        wf_mapped_forget(m, from, to);
    }
}

static int write_block(void *self, const char *bytes, size_t n) {
    return fwrite(bytes, 1, n, self) != n;
}

/* The text in UTF-8 in a file without a name, mapped in place of the original; *fits is false when the text is in
 * another encoding and was left alone. */
static wf_code convert(wf_source *s, bool *fits, wf_encoding_count *count, wf_error *err) {
    FILE *file;
    WF_TRY(wf_temporary_open(NULL, &file, err));
    int failed = wf_encoding_convert(s->encoding, s->text.bytes, s->text.n, write_block, file, count);
    wf_code code = WF_OK;
    *fits = failed == 0;
    if (failed == 2)
        code = wf_fail(err, WF_OUTPUT, "%s: the temporary file for its text cannot be written: is the disk full?",
                       s->request->path);
    if (failed == 0 && (code = wf_source_whole(s, err)) == WF_OK) {
        wf_file_unmap(&s->text);
        code = wf_file_map_stream(file, &s->text, err);
        if (code == WF_INPUT)
            code = wf_fail(err, WF_INPUT, "%s: the file is empty", s->request->path);
    }
    fclose(file);
    return code;
}

/* A text with hardly a broken line, though it holds no other characters beyond ASCII to go by. */
static bool is_hardly_broken(const wf_mapped *m, const wf_encoding_count *utf8) {
    uint64_t n_lines = 0;
    const char *p = m->bytes, *end = m->bytes + m->n;
    for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        n_lines++;
    return utf8->bad <= n_lines / 100;
}

/* Strict UTF-8 as it is; else what most characters beyond ASCII are in. A few broken bytes make no other encoding of a
 * file: GB18030 takes most pairs of bytes for a character, so it must not be asked first. */
static wf_code read_text(wf_source *s, wf_pool *pool, wf_error *err) {
    bool fits, utf8_throughout = false;
    wf_encoding_count utf8 = {0, 0, 0}, other;
    s->encoding = wf_encoding_mark(s->text.bytes, s->text.n);
    if (s->encoding == WF_ENCODING_UTF16LE)
        return convert(s, &fits, &other, err);
    bool marked = s->encoding == WF_ENCODING_UTF8;
    s->encoding = WF_ENCODING_UTF8;
    WF_TRY(look_at_text(s, pool, &utf8_throughout, err));
    if (utf8_throughout)
        return WF_OK;
    if (!marked)
        count_utf8(&s->text, &utf8);
    if (marked || utf8.good > utf8.bad)
        return convert(s, &fits, &other, err);
    s->encoding = WF_ENCODING_GB18030;
    WF_TRY(convert(s, &fits, &other, err));
    if (fits)
        return WF_OK;
    s->encoding = WF_ENCODING_UTF8;
    if (is_hardly_broken(&s->text, &utf8))
        return convert(s, &fits, &other, err);
    return wf_fail(err, WF_INPUT, "%s: byte %zu is neither UTF-8 nor GB18030: save the file as UTF-8", s->request->path,
                   utf8.first_bad);
}

static wf_code open_source(wf_source *s, const wf_aliases *aliases, wf_pool *pool, wf_arena *keep, wf_error *err) {
    const char *path = s->request->path;
    wf_error why = {0};
    wf_code code = wf_file_map(path, &s->text, &why);
    /* FILE:LAYER and folders are GDAL's; so is a file that is no text. */
    if (code != WF_OK && strchr(path, ':') == NULL && !is_folder(path)) {
        *err = why;
        return code;
    }
    if (code != WF_OK || !is_text(&s->text))
        WF_TRY(read_vector(s, err));
    WF_TRY(read_text(s, pool, err));
    header *h = WF_NEW(keep, header, 1);
    if (h == NULL)
        return wf_fail_nomem(err);
    size_t at = s->text.n >= 3 && memcmp(s->text.bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, start, first = at;
    s->delimiter = wf_csv_delimiter(s->text.bytes + at, s->text.n - at);
    if (wf_csv_next(s->text.bytes, s->text.n, s->delimiter, &at, h->field, &h->n, &start) == WF_CSV_END)
        return wf_fail(err, WF_INPUT, "%s: the file is empty", path);
    s->body = s->request->headless ? first : at;
    s->n_fields = h->n;
    WF_TRY(find_columns(s, h, aliases, keep, err));
    return wf_source_whole(s, err);
}

wf_code wf_source_whole(const wf_source *s, wf_error *err) {
    return wf_mapped_is_cut(&s->text) ? wf_fail(err, WF_INPUT,
                                                "%s: the file was cut short while it was read: run again "
                                                "when it is complete",
                                                s->request->path)
                                      : WF_OK;
}

const char *wf_source_name(const wf_source_request *request) {
    const char *slash = strrchr(request->path, '/');
    return request->name != NULL ? request->name : slash == NULL ? request->path : slash + 1;
}

wf_code wf_source_open(const wf_source_request *request, const wf_aliases *aliases, wf_pool *pool, wf_arena *keep,
                       wf_source *out, wf_error *err) {
    wf_source s = {.request = request, .name = wf_source_name(request), .crs = request->crs};
    wf_code code = open_source(&s, aliases, pool, keep, err);
    if (code != WF_OK) {
        wf_source_close(&s);
        return code;
    }
    *out = s;
    return WF_OK;
}

void wf_source_close(wf_source *s) {
    wf_file_unmap(&s->text);
}
