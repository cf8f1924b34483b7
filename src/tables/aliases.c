/* The alias table: a few dozen columns, read once a command. */
#include "tables/aliases.h"
#include "tables/embed.h"
#include <string.h>
#include <strings.h>

WF_EMBED(wf_tables_field_aliases, "src/tables/field_aliases.csv");

enum { COLUMNS = 5, MAX_NAMES = 64 };

static const char *cut(wf_arena *keep, const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\r'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\r'))
        to--;
    return wf_arena_text(keep, from, (size_t)(to - from));
}

/* The names in one cell, each once, behind those there are. */
static int add_names(wf_arena *keep, const char *from, const char *to, const char **names, uint32_t *n) {
    while (from < to) {
        const char *stop = memchr(from, ';', (size_t)(to - from));
        stop = stop == NULL ? to : stop;
        const char *name = cut(keep, from, stop);
        if (name == NULL)
            return -1;
        uint32_t k = 0;
        while (k < *n && strcmp(names[k], name) != 0)
            k++;
        if (name[0] != '\0' && k == *n && *n < MAX_NAMES)
            names[(*n)++] = name;
        from = stop + 1;
    }
    return 0;
}

static wf_code read_line(const char *p, const char *end, uint32_t line, wf_arena *keep, wf_alias *out, wf_error *err) {
    const char *from[COLUMNS] = {p, end, end, end, end}, *to[COLUMNS] = {end, end, end, end, end};
    for (int c = 0; c < COLUMNS; c++) {
        const char *comma = memchr(from[c], ',', (size_t)(end - from[c]));
        if (comma == NULL || c + 1 == COLUMNS)
            break;
        to[c] = comma;
        from[c + 1] = comma + 1;
    }
    const char *names[MAX_NAMES];
    wf_alias row = {.layer = cut(keep, from[0], to[0]), .canonical = cut(keep, from[1], to[1])};
    if (row.layer == NULL || row.canonical == NULL)
        return wf_fail_nomem(err);
    if (row.canonical[0] == '\0' || (strcmp(row.layer, "grid") != 0 && strcmp(row.layer, "incident") != 0))
        return wf_fail(err, WF_USAGE, "alias table, line %u: needs a layer (grid or incident) and a canonical name",
                       line);
    for (int c = 1; c < COLUMNS; c++)
        if (add_names(keep, from[c], to[c], names, &row.n) != 0)
            return wf_fail_nomem(err);
    const char **copy = WF_NEW(keep, const char *, row.n);
    if (copy == NULL)
        return wf_fail_nomem(err);
    memcpy(copy, names, row.n * sizeof *names);
    row.names = copy;
    *out = row;
    return WF_OK;
}

wf_code wf_aliases_read(const char *text, size_t n, wf_arena *keep, wf_aliases *out, wf_error *err) {
    const char *p = text != NULL ? text : wf_tables_field_aliases;
    const char *end = text != NULL ? text + n : wf_tables_field_aliases_end;
    wf_aliases a = {NULL, 0};
    uint32_t cap = 0;
    for (uint32_t line = 1; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop == NULL ? end : stop;
        if (line > 1 && stop > p && *p != '\r') {
            if (WF_ROOM(keep, a.row, a.n, cap))
                return wf_fail_nomem(err);
            WF_TRY(read_line(p, stop, line, keep, &a.row[a.n], err));
            a.n++;
        }
        p = stop + 1;
    }
    *out = a;
    return WF_OK;
}

const wf_alias *wf_aliases_find(const wf_aliases *aliases, const char *layer, const char *canonical) {
    for (uint32_t i = 0; i < aliases->n; i++)
        if (strcmp(aliases->row[i].layer, layer) == 0 && strcmp(aliases->row[i].canonical, canonical) == 0)
            return &aliases->row[i];
    return NULL;
}

int wf_alias_matches(const wf_alias *alias, const char *name) {
    for (uint32_t i = 0; i < alias->n; i++)
        if (strcasecmp(alias->names[i], name) == 0)
            return 1;
    return 0;
}
