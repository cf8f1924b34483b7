#ifndef WF_BRIDGE_YAML_READ_H
#define WF_BRIDGE_YAML_READ_H
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

/** A YAML document as its scalars: path with dots (sequence items by number, "incidents.0.fields.x"), text as written,
 * place. Scalars are text whatever YAML would make of them: 0110101 stays so, and `no` is a word. */
typedef struct {
    const char *path, *value;
    uint32_t line, column; /**< of the key, from 1; 0 when the value came from the command line */
    uint8_t quoted;        /**< written in quotes: never null */
} wf_yaml_entry;

typedef struct {
    const char *file;
    wf_yaml_entry *entry;
    uint32_t n;
} wf_yaml;

/** Read a file. WF_INPUT when it is missing or unreadable; WF_USAGE with line and column when it is no YAML, holds
 * anchors or aliases, or names a key twice. */
WF_CHECKED wf_code wf_yaml_read(const char *path, wf_arena *keep, wf_yaml *out, wf_error *err);

enum { WF_YAML_PLACE = 256 };
/** Where the value at a path stands, for the beginning of a message: "job.yaml: line 3, column 5: ", "--set key=value:
 * ", or "job.yaml: " when it is absent. At most WF_YAML_PLACE bytes. */
void wf_yaml_place(const wf_yaml *yaml, const char *path, char *text);

/** Every path must match one of the known ones ("incidents.*.source": a star stands for one part); else WF_USAGE with
 *  line, column and the nearest known key. */
WF_CHECKED wf_code wf_yaml_check_keys(const wf_yaml *yaml, const char *const *known, size_t n_known, wf_error *err);

/** The value at a path, or NULL when it is absent, empty or null. */
const char *wf_yaml_text(const wf_yaml *yaml, const char *path);

/** Set *out to the number at a path; left alone when absent. WF_USAGE with the place when it is no number in
 *  [low, high]. */
WF_CHECKED wf_code wf_yaml_number(const wf_yaml *yaml, const char *path, double low, double high, double *out,
                                  wf_error *err);
#endif
