#ifndef WF_TABLES_ALIASES_H
#define WF_TABLES_ALIASES_H
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

/** Names under which the columns of grids and incidents are met in practice, canonical name first. */
typedef struct {
    const char *layer;        /**< "grid" or "incident" */
    const char *canonical;    /**< the engine's name of the column, "grid_code" */
    const char *const *names; /**< n names: canonical, label, variants */
    uint32_t n;
} wf_alias;

typedef struct {
    wf_alias *row;
    uint32_t n;
} wf_aliases;

/** The table compiled in, or the text of a file of the same form: CSV with a header and the columns layer, canonical,
 *  label_zh, zh_variants, abbr_or_en_variants, variants separated by ";", no quotes.
 *  @param text  NULL: the table compiled in; else n bytes, UTF-8
 *  @return WF_OK; WF_USAGE naming the line that has no layer or canonical name; WF_NOMEM */
WF_CHECKED wf_code wf_aliases_read(const char *text, size_t n, wf_arena *keep, wf_aliases *out, wf_error *err);

/** The names of a column, or NULL. */
const wf_alias *wf_aliases_find(const wf_aliases *aliases, const char *layer, const char *canonical);

/** 1 when the name is one of the column's, whatever the case of ASCII letters. */
int wf_alias_matches(const wf_alias *alias, const char *name);
#endif
