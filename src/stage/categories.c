/* The table of categories: a few dozen rows. */
#include "stage/categories.h"
#include "base/file.h"
#include "intake/csv.h"
#include "intake/number.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { CELL_BYTES = 512 };

typedef struct {
    const char *path, *text;
    size_t n;
    char delimiter;
    int code, name, name_en, minutes;
    wf_arena *keep;
    wf_categories out;
    uint32_t cap, cap_keys;
} reader;

static int find(const wf_csv_field *fields, uint32_t n, const char *a, const char *b) {
    char text[CELL_BYTES];
    for (uint32_t i = 0; i < n; i++) {
        wf_csv_text(&fields[i], text, sizeof text);
        if (strcasecmp(text, a) == 0 || strcasecmp(text, b) == 0)
            return (int)i;
    }
    return -1;
}

static void cell(const wf_csv_field *fields, uint32_t n, int at, char *room) {
    room[0] = '\0';
    if (at >= 0 && (uint32_t)at < n)
        wf_csv_text(&fields[at], room, CELL_BYTES);
}

/* A name leads to the category unless another one had it first. */
static wf_code add_key(reader *r, const char *key, uint32_t category, wf_error *err) {
    wf_categories *c = &r->out;
    if (key[0] == '\0')
        return WF_OK;
    uint32_t before = c->lookup.n, at = wf_names_add(&c->lookup, key, strlen(key));
    if (at == UINT32_MAX || WF_ROOM(r->keep, c->of, at, r->cap_keys))
        return wf_fail_nomem(err);
    if (c->lookup.n > before)
        c->of[at] = category;
    return WF_OK;
}

static wf_code make_room(reader *r, wf_error *err) {
    wf_categories *c = &r->out;
    if (c->n < r->cap)
        return WF_OK;
    uint32_t cap = r->cap == 0 ? 64 : r->cap * 2;
    c->code = wf_arena_grow(r->keep, c->code, r->cap, cap, sizeof *c->code);
    c->name = wf_arena_grow(r->keep, c->name, r->cap, cap, sizeof *c->name);
    c->name_en = wf_arena_grow(r->keep, c->name_en, r->cap, cap, sizeof *c->name_en);
    c->minutes = wf_arena_grow(r->keep, c->minutes, r->cap, cap, sizeof *c->minutes);
    if (c->code == NULL || c->name == NULL || c->name_en == NULL || c->minutes == NULL)
        return wf_fail_nomem(err);
    r->cap = cap;
    return WF_OK;
}

static wf_code add_row(reader *r, const wf_csv_field *fields, uint32_t n, uint32_t row, wf_error *err) {
    char code[CELL_BYTES], name[CELL_BYTES], name_en[CELL_BYTES], minutes[CELL_BYTES];
    wf_categories *c = &r->out;
    cell(fields, n, r->code, code);
    if (code[0] == '\0')
        return WF_OK;
    if (wf_names_find(&c->lookup, code, strlen(code)) != UINT32_MAX)
        return wf_fail(err, WF_INPUT, "%s: row %u: the category \"%s\" is there already", r->path, row, code);
    WF_TRY(make_room(r, err));
    cell(fields, n, r->name, name);
    cell(fields, n, r->name_en, name_en);
    cell(fields, n, r->minutes, minutes);
    c->minutes[c->n] = NAN;
    if (minutes[0] != '\0' &&
        (!wf_number_read(minutes, strlen(minutes), &c->minutes[c->n]) || !(c->minutes[c->n] >= 0)))
        return wf_fail(err, WF_INPUT, "%s: row %u: weight_min takes minutes, not \"%s\"", r->path, row, minutes);
    c->code[c->n] = wf_arena_text(r->keep, code, strlen(code));
    c->name[c->n] = wf_arena_text(r->keep, name, strlen(name));
    c->name_en[c->n] = wf_arena_text(r->keep, name_en, strlen(name_en));
    if (c->code[c->n] == NULL || c->name[c->n] == NULL || c->name_en[c->n] == NULL)
        return wf_fail_nomem(err);
    WF_TRY(add_key(r, code, c->n, err));
    WF_TRY(add_key(r, name, c->n, err));
    c->n++;
    return WF_OK;
}

static wf_code read_table(reader *r, wf_error *err) {
    wf_csv_field *fields = WF_NEW(r->keep, wf_csv_field, WF_CSV_MAX_FIELDS);
    if (fields == NULL)
        return wf_fail_nomem(err);
    size_t at = r->n >= 3 && memcmp(r->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, start;
    uint32_t n, row = 1;
    r->delimiter = wf_csv_delimiter(r->text + at, r->n - at);
    if (wf_csv_next(r->text, r->n, r->delimiter, &at, fields, &n, &start) == WF_CSV_END)
        return wf_fail(err, WF_INPUT, "%s: the file is empty", r->path);
    r->code = find(fields, n, "code", "category_code");
    r->name = find(fields, n, "name_zh", "name");
    r->name_en = find(fields, n, "name_en", "english");
    r->minutes = find(fields, n, "weight_min", "minutes");
    if (r->code < 0)
        return wf_fail(err, WF_INPUT, "%s: there is no column \"code\"", r->path);
    for (; wf_csv_next(r->text, r->n, r->delimiter, &at, fields, &n, &start) != WF_CSV_END; row++)
        WF_TRY(add_row(r, fields, n, row, err));
    return r->out.n > 0 ? WF_OK : wf_fail(err, WF_INPUT, "%s: there are no categories", r->path);
}

wf_code wf_categories_read(const char *path, wf_arena *keep, wf_categories *out, wf_error *err) {
    wf_mapped file;
    reader r = {.path = path, .keep = keep};
    wf_names_init(&r.out.lookup, keep);
    WF_TRY(wf_file_map(path, &file, err));
    r.text = file.bytes;
    r.n = file.n;
    wf_code code = read_table(&r, err);
    wf_file_unmap(&file);
    if (code == WF_OK)
        *out = r.out;
    return code;
}
