/* libyaml's events to a flat list. Small files: clarity before speed. */
#include "bridge/yaml_read.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 16, MAX_PATH = 512 };

typedef struct {
    size_t length;    /* of the path at this level */
    uint32_t n_items; /* sequence: items met */
    int sequence, want_value;
    uint32_t line, column;
} frame;

typedef struct {
    wf_yaml out;
    wf_arena *keep;
    uint32_t cap;
    char path[MAX_PATH];
    frame stack[MAX_DEPTH];
    int depth;
} reader;

static wf_code bad(const reader *r, const yaml_mark_t *at, const char *what, wf_error *err) {
    return wf_fail(err, WF_USAGE, "%s: line %zu, column %zu: %s", r->out.file, at->line + 1, at->column + 1, what);
}

static wf_code add_entry(reader *r, const frame *f, const char *value, size_t n, int quoted, wf_error *err) {
    for (uint32_t i = 0; i < r->out.n; i++)
        if (strcmp(r->out.entry[i].path, r->path) == 0)
            return wf_fail(err, WF_USAGE, "%s: line %u, column %u: \"%s\" is there already at line %u", r->out.file,
                           f->line, f->column, r->path, r->out.entry[i].line);
    if (WF_ROOM(r->keep, r->out.entry, r->out.n, r->cap))
        return wf_fail_nomem(err);
    wf_yaml_entry e = {.path = wf_arena_text(r->keep, r->path, strlen(r->path)),
                       .value = wf_arena_text(r->keep, value, n),
                       .line = f->line,
                       .column = f->column,
                       .quoted = (uint8_t)quoted};
    if (e.path == NULL || e.value == NULL)
        return wf_fail_nomem(err);
    r->out.entry[r->out.n++] = e;
    return WF_OK;
}

/* Put the name of what comes next behind the path of the enclosing level. */
static wf_code extend(reader *r, frame *f, const char *name, const yaml_mark_t *at, wf_error *err) {
    size_t n = f->length;
    int wrote = snprintf(r->path + n, sizeof r->path - n, "%s%s", n == 0 ? "" : ".", name);
    if (wrote < 0 || (size_t)wrote >= sizeof r->path - n)
        return bad(r, at, "the keys are too long", err);
    f->line = (uint32_t)at->line + 1;
    f->column = (uint32_t)at->column + 1;
    return WF_OK;
}

/* A value begins: in a sequence it gets its number. */
static wf_code begin_value(reader *r, const yaml_mark_t *at, wf_error *err) {
    if (r->depth == 0)
        return WF_OK;
    frame *f = &r->stack[r->depth - 1];
    f->want_value = 0;
    if (!f->sequence)
        return WF_OK;
    char number[16];
    snprintf(number, sizeof number, "%u", f->n_items++);
    return extend(r, f, number, at, err);
}

static wf_code take_event(reader *r, const yaml_event_t *e, wf_error *err) {
    frame *f = r->depth > 0 ? &r->stack[r->depth - 1] : NULL;
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return bad(r, &e->start_mark, "anchors and aliases are not understood: write the value out", err);
    case YAML_SCALAR_EVENT: {
        const char *text = (const char *)e->data.scalar.value;
        if (f == NULL)
            return bad(r, &e->start_mark, "the file must hold keys with values", err);
        if (!f->sequence && !f->want_value) {
            f->want_value = 1;
            return extend(r, f, text, &e->start_mark, err);
        }
        WF_TRY(begin_value(r, &e->start_mark, err));
        return add_entry(r, f, text, e->data.scalar.length, e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE, err);
    }
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (r->depth == MAX_DEPTH)
            return bad(r, &e->start_mark, "nested too deeply", err);
        if (f != NULL && !f->sequence && !f->want_value)
            return bad(r, &e->start_mark, "a key must be a word", err);
        WF_TRY(begin_value(r, &e->start_mark, err));
        r->stack[r->depth] =
            (frame){.length = r->depth == 0 ? 0 : strlen(r->path), .sequence = e->type == YAML_SEQUENCE_START_EVENT};
        r->depth++;
        return WF_OK;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return WF_OK;
    default:
        return WF_OK;
    }
}

wf_code wf_yaml_read(const char *path, wf_arena *keep, wf_yaml *out, wf_error *err) {
    reader r = {.out = {.file = path}, .keep = keep};
    wf_code code = WF_OK;
    yaml_parser_t parser;
    yaml_event_t event;
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return wf_fail(err, WF_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (!yaml_parser_initialize(&parser)) {
        fclose(in);
        return wf_fail_nomem(err);
    }
    yaml_parser_set_input_file(&parser, in);
    for (int done = 0; !done && code == WF_OK;) {
        if (!yaml_parser_parse(&parser, &event)) {
            code = bad(&r, &parser.problem_mark, parser.problem != NULL ? parser.problem : "this is no YAML", err);
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        code = take_event(&r, &event, err);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(in);
    if (code == WF_OK)
        *out = r.out;
    return code;
}

static const wf_yaml_entry *find(const wf_yaml *yaml, const char *path) {
    for (uint32_t i = 0; i < yaml->n; i++)
        if (strcmp(yaml->entry[i].path, path) == 0)
            return &yaml->entry[i];
    return NULL;
}

void wf_yaml_place(const wf_yaml *yaml, const char *path, char *text) {
    const wf_yaml_entry *e = find(yaml, path);
    if (e == NULL)
        snprintf(text, WF_YAML_PLACE, "%.200s: ", yaml->file);
    else if (e->line == 0)
        snprintf(text, WF_YAML_PLACE, "--set %.100s=%.60s: ", path, e->value);
    else
        snprintf(text, WF_YAML_PLACE, "%.200s: line %u, column %u: ", yaml->file, e->line, e->column);
}

static int matches(const char *pattern, const char *path) {
    for (; *pattern != '\0'; pattern++) {
        if (*pattern != '*') {
            if (*pattern != *path++)
                return 0;
            continue;
        }
        if (*path == '\0' || *path == '.')
            return 0;
        while (*path != '\0' && *path != '.')
            path++;
    }
    return *path == '\0';
}

wf_code wf_yaml_check_keys(const wf_yaml *yaml, const char *const *known, size_t n_known, wf_error *err) {
    char place[WF_YAML_PLACE];
    for (uint32_t i = 0; i < yaml->n; i++) {
        const wf_yaml_entry *e = &yaml->entry[i];
        size_t k = 0;
        while (k < n_known && !matches(known[k], e->path))
            k++;
        if (k < n_known)
            continue;
        const char *nearest = wf_text_nearest(e->path, known, n_known);
        wf_yaml_place(yaml, e->path, place);
        return wf_fail(err, WF_USAGE, "%sunknown key \"%s\"%s%s%s", place, e->path,
                       nearest == NULL ? "" : ": did you mean ", nearest == NULL ? "" : nearest,
                       nearest == NULL ? "" : "?");
    }
    return WF_OK;
}

const char *wf_yaml_text(const wf_yaml *yaml, const char *path) {
    const wf_yaml_entry *e = find(yaml, path);
    if (e == NULL ||
        (!e->quoted && (e->value[0] == '\0' || strcmp(e->value, "null") == 0 || strcmp(e->value, "~") == 0)))
        return NULL;
    return e->value;
}

wf_code wf_yaml_number(const wf_yaml *yaml, const char *path, double low, double high, double *out, wf_error *err) {
    if (wf_yaml_text(yaml, path) == NULL)
        return WF_OK;
    const wf_yaml_entry *e = find(yaml, path);
    char *end;
    double value = strtod(e->value, &end);
    char place[WF_YAML_PLACE];
    wf_yaml_place(yaml, path, place);
    if (end == e->value || *end != '\0' || !(value >= low && value <= high))
        return wf_fail(err, WF_USAGE, "%s%s takes a number from %.15g to %.15g, not \"%s\"", place, path, low, high,
                       e->value);
    *out = value;
    return WF_OK;
}
