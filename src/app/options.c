/* The command line: one table of options, one loop. */
#include "app/options.h"
#include "base/text.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum { TEXT, NUMBER, COUNT, FLAG, SETTING } option_kind;

typedef struct {
    const char *name;
    option_kind kind;
    size_t offset;
} option;

#define AT(field) offsetof(wf_options, field)
static const option options[] = {
    {"--output", TEXT, AT(output)},
    {"-o", TEXT, AT(output)},
    {"--code", TEXT, AT(code)},
    {"--name", TEXT, AT(name)},
    {"--level", TEXT, AT(level)},
    {"--parent", TEXT, AT(parent)},
    {"--x", TEXT, AT(x)},
    {"--y", TEXT, AT(y)},
    {"--id", TEXT, AT(id)},
    {"--grid", TEXT, AT(grid)},
    {"--category", TEXT, AT(category)},
    {"--time", TEXT, AT(time)},
    {"--crs", TEXT, AT(crs)},
    {"--grids-crs", TEXT, AT(grids_crs)},
    {"--aliases", TEXT, AT(aliases)},
    {"--categories", TEXT, AT(categories)},
    {"--period", TEXT, AT(period)},
    {"--from", TEXT, AT(from)},
    {"--to", TEXT, AT(to)},
    {"--by", TEXT, AT(by)},
    {"--date", TEXT, AT(date)},
    {"--progress", TEXT, AT(progress)},
    {"--set", SETTING, 0},
    {"--dry-run", FLAG, AT(dry_run)},
    {"--outline", TEXT, AT(outline)},
    {"--allowed-gaps", TEXT, AT(allowed_gaps)},
    {"--previous", TEXT, AT(previous)},
    {"--fail-on", TEXT, AT(fail_on)},
    {"--floor", NUMBER, AT(floor_m)},
    {"--ledger", TEXT, AT(ledger)},
    {"--overlap-order", TEXT, AT(overlap_order)},
    {"--priority", TEXT, AT(priority)},
    {"--locked", TEXT, AT(locked)},
    {"--max-gap-width", NUMBER, AT(max_gap_width_m)},
    {"--max-gap-area", NUMBER, AT(max_gap_area_m2)},
    {"--at-level", COUNT, AT(at_level)},
    {"--grids", COUNT, AT(grids)},
    {"--incidents", COUNT, AT(incidents)},
    {"--crs-by", TEXT, AT(crs_by)},
    {"--no-header", FLAG, AT(no_header)},
    {"--threads", COUNT, AT(threads)},
    {"--json", FLAG, AT(json)},
    {"-q", FLAG, AT(quiet)},
    {"--quiet", FLAG, AT(quiet)},
    {"--help", FLAG, AT(help)},
    {"-h", FLAG, AT(help)},
};
enum { N_OPTIONS = sizeof options / sizeof *options };

static wf_code unknown(const char *arg, wf_error *err) {
    const char *names[N_OPTIONS];
    for (size_t i = 0; i < N_OPTIONS; i++)
        names[i] = options[i].name;
    const char *nearest = wf_text_nearest(arg, names, N_OPTIONS);
    if (nearest == NULL)
        return wf_fail(err, WF_USAGE, "unknown option %s: see wufeng help", arg);
    return wf_fail(err, WF_USAGE, "unknown option %s: did you mean %s?", arg, nearest);
}

static wf_code set_value(const option *o, const char *value, wf_options *out, wf_error *err) {
    char *field = (char *)out + o->offset, *end;
    if (o->kind == TEXT) {
        *(const char **)(void *)field = value;
        return WF_OK;
    }
    if (o->kind == SETTING) {
        if (out->n_set == sizeof out->set / sizeof *out->set)
            return wf_fail(err, WF_USAGE, "over %u settings with --set", out->n_set);
        out->set[out->n_set++] = value;
        return WF_OK;
    }
    double number = strtod(value, &end);
    bool whole = o->kind == NUMBER || number == floor(number);
    if (end == value || *end != '\0' || !(number >= 0) || number > 1e9 || !whole)
        return wf_fail(err, WF_USAGE, "%s takes a%s number of 0 or more, not \"%s\"", o->name,
                       o->kind == COUNT ? " whole" : "", value);
    if (o->kind == NUMBER)
        *(double *)(void *)field = number;
    else
        *(uint32_t *)(void *)field = (uint32_t)number;
    return WF_OK;
}

static const option *find(const char *arg, size_t n) {
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (strncmp(options[i].name, arg, n) == 0 && options[i].name[n] == '\0')
            return &options[i];
    return NULL;
}

wf_code wf_options_parse(int n, char *const *args, wf_options *out, wf_error *err) {
    wf_options o = {.floor_m = -1.0, .max_gap_width_m = -1.0, .max_gap_area_m2 = -1.0};
    for (int i = 0; i < n; i++) {
        const char *arg = args[i], *value = NULL;
        if (arg[0] != '-' || arg[1] == '\0') {
            if (o.n_inputs == sizeof o.input / sizeof *o.input)
                return wf_fail(err, WF_USAGE, "one argument too many: \"%s\"", arg);
            o.input[o.n_inputs++] = arg;
            continue;
        }
        const char *equals = strncmp(arg, "--", 2) == 0 ? strchr(arg, '=') : NULL;
        const option *found = find(arg, equals == NULL ? strlen(arg) : (size_t)(equals - arg));
        if (found == NULL)
            return unknown(arg, err);
        if (found->kind == FLAG) {
            *((bool *)&o + found->offset) = true;
            continue;
        }
        value = equals != NULL ? equals + 1 : i + 1 < n ? args[++i] : NULL;
        if (value == NULL)
            return wf_fail(err, WF_USAGE, "%s needs a value", arg);
        WF_TRY(set_value(found, value, &o, err));
    }
    time_t now = time(NULL);
    struct tm day;
    localtime_r(&now, &day);
    strftime(o.today, sizeof o.today, "%Y-%m-%d", &day);
    *out = o;
    if (o.date == NULL)
        out->date = out->today;
    return WF_OK;
}
