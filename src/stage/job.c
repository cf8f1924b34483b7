/* A job file to the requests of the stages. */
#include "stage/job.h"
#include "intake/when.h"
#include <string.h>

enum { MAX_SOURCES = 256 };

static const char *const known[] = {"job",
                                    "language",
                                    "grids.source",
                                    "grids.layer",
                                    "grids.crs",
                                    "grids.outline",
                                    "grids.population",
                                    "grids.fields.code",
                                    "grids.fields.name",
                                    "grids.fields.level",
                                    "grids.fields.parent",
                                    "grids.fields.kind",
                                    "grids.fields.role",
                                    "grids.fields.households",
                                    "grids.fields.population",
                                    "grids.fields.floating_pop",
                                    "grids.fields.workers",
                                    "grids.fields.area",
                                    "incidents.*.source",
                                    "incidents.*.name",
                                    "incidents.*.layer",
                                    "incidents.*.header",
                                    "incidents.*.crs",
                                    "incidents.*.crs_by.field",
                                    "incidents.*.crs_by.map.*",
                                    "incidents.*.fields.x",
                                    "incidents.*.fields.y",
                                    "incidents.*.fields.id",
                                    "incidents.*.fields.category",
                                    "incidents.*.fields.time",
                                    "incidents.*.fields.close",
                                    "incidents.*.fields.grid",
                                    "incidents.*.fields.crs",
                                    "categories",
                                    "aliases",
                                    "check.floor_m",
                                    "check.allowed_gaps",
                                    "check.fail_on",
                                    "repair.mode",
                                    "load.level",
                                    "load.period",
                                    "load.from",
                                    "load.to",
                                    "publish.dir",
                                    "publish.formats",
                                    "publish.formats.*",
                                    "publish.queries",
                                    "publish.crs",
                                    "publish.points"};

/* Keys of which this version knows one value. */
static const struct {
    const char *path, *value, *what;
} fixed[] = {{"repair.mode", "off", "takes off: grids are checked, not changed"},
             {"publish.crs", "auto",
              "takes auto: GeoJSON is in longitude and latitude, run.sqlite in the system of "
              "the grids"},
             {"publish.points", "never", "takes never: places of single incidents are not published"}};

typedef struct {
    wf_job *job;
    wf_arena *keep;
    const char *file, *folder; /* of the job file; the folder ends in a slash or is empty */
    const char *const *set;
    uint32_t n_set;
} reader;

static const char *text_at(const reader *r, const char *path) {
    return wf_yaml_text(&r->job->yaml, path);
}

/* True when the value at a path came from the command line. */
static bool was_set(const reader *r, const char *path) {
    size_t n = strlen(path);
    for (uint32_t i = 0; i < r->n_set; i++)
        if (strncmp(r->set[i], path, n) == 0 && r->set[i][n] == '=')
            return true;
    return false;
}

wf_code wf_job_complain(const wf_job *j, const char *path, const char *what, wf_error *err) {
    char place[WF_YAML_PLACE];
    wf_yaml_place(&j->yaml, path, place);
    return wf_fail(err, WF_USAGE, "%s%s: %s", place, path, what);
}

static wf_code complain(const reader *r, const char *path, const char *what, wf_error *err) {
    return wf_job_complain(r->job, path, what, err);
}

/* A path of the file, relative to its folder; NULL when it is absent. */
static wf_code path_at(const reader *r, const char *path, const char **out, wf_error *err) {
    const char *value = text_at(r, path);
    *out = value;
    if (value == NULL || value[0] == '/' || was_set(r, path) || r->folder[0] == '\0')
        return WF_OK;
    size_t n = strlen(r->folder) + strlen(value);
    char *joined = wf_arena_alloc(r->keep, n + 1, 1);
    if (joined == NULL)
        return wf_fail_nomem(err);
    snprintf(joined, n + 1, "%s%s", r->folder, value);
    *out = joined;
    return WF_OK;
}

static wf_code with_layer(const reader *r, const char *source, const char *layer, const char **out, wf_error *err) {
    *out = source;
    if (source == NULL || layer == NULL)
        return WF_OK;
    size_t n = strlen(source) + strlen(layer) + 1;
    char *joined = wf_arena_alloc(r->keep, n + 1, 1);
    if (joined == NULL)
        return wf_fail_nomem(err);
    snprintf(joined, n + 1, "%s:%s", source, layer);
    *out = joined;
    return WF_OK;
}

static wf_code apply_set(reader *r, wf_error *err) {
    wf_yaml *y = &r->job->yaml;
    wf_yaml_entry *all = WF_NEW(r->keep, wf_yaml_entry, y->n + r->n_set);
    if (all == NULL)
        return wf_fail_nomem(err);
    memcpy(all, y->entry, y->n * sizeof *all);
    y->entry = all;
    for (uint32_t i = 0; i < r->n_set; i++) {
        const char *equals = strchr(r->set[i], '=');
        if (equals == NULL || equals == r->set[i])
            return wf_fail(err, WF_USAGE, "--set takes key=value, not \"%s\"", r->set[i]);
        const char *path = wf_arena_text(r->keep, r->set[i], (size_t)(equals - r->set[i]));
        if (path == NULL)
            return wf_fail_nomem(err);
        uint32_t at = 0;
        while (at < y->n && strcmp(all[at].path, path) != 0)
            at++;
        y->n += at == y->n;
        all[at] = (wf_yaml_entry){.path = path, .value = equals + 1};
    }
    return WF_OK;
}

static wf_code read_grids(reader *r, wf_error *err) {
    wf_job *j = r->job;
    const char *source;
    WF_TRY(path_at(r, "grids.source", &source, err));
    if (source == NULL)
        return complain(r, "grids.source", "needs a file", err);
    WF_TRY(with_layer(r, source, text_at(r, "grids.layer"), &j->grids.source, err));
    j->grids.crs = text_at(r, "grids.crs");
    j->grids.fields = (wf_vector_fields){.code = text_at(r, "grids.fields.code"),
                                         .name = text_at(r, "grids.fields.name"),
                                         .level = text_at(r, "grids.fields.level"),
                                         .parent = text_at(r, "grids.fields.parent"),
                                         .kind = text_at(r, "grids.fields.kind"),
                                         .role = text_at(r, "grids.fields.role"),
                                         .households = text_at(r, "grids.fields.households"),
                                         .population = text_at(r, "grids.fields.population"),
                                         .floating_pop = text_at(r, "grids.fields.floating_pop"),
                                         .workers = text_at(r, "grids.fields.workers"),
                                         .area = text_at(r, "grids.fields.area")};
    WF_TRY(path_at(r, "grids.outline", &j->outline, err));
    return path_at(r, "grids.population", &j->population, err);
}

/* incidents.3.fields.x */
static const char *of_source(char *room, size_t n, uint32_t i, const char *rest) {
    snprintf(room, n, "incidents.%u.%s", i, rest);
    return room;
}

static wf_code read_groups(reader *r, uint32_t i, wf_source_request *s, wf_error *err) {
    char prefix[64];
    wf_group_system *group = WF_NEW(r->keep, wf_group_system, r->job->yaml.n);
    if (group == NULL)
        return wf_fail_nomem(err);
    of_source(prefix, sizeof prefix, i, "crs_by.map.");
    for (uint32_t k = 0; k < r->job->yaml.n; k++) {
        const wf_yaml_entry *e = &r->job->yaml.entry[k];
        if (strncmp(e->path, prefix, strlen(prefix)) == 0)
            group[s->n_groups++] = (wf_group_system){e->path + strlen(prefix), e->value};
    }
    s->group = group;
    return WF_OK;
}

static wf_code read_source(reader *r, uint32_t i, wf_source_request *s, wf_error *err) {
    static const char *const fields[WF_COLUMNS] = {"fields.x",     "fields.y",        "fields.id",
                                                   "fields.grid",  "fields.category", "fields.time",
                                                   "fields.close", "crs_by.field",    "fields.crs"};
    char at[128];
    const char *path;
    WF_TRY(path_at(r, of_source(at, sizeof at, i, "source"), &path, err));
    if (path == NULL)
        return complain(r, at, "needs a file", err);
    WF_TRY(with_layer(r, path, text_at(r, of_source(at, sizeof at, i, "layer")), &s->path, err));
    s->name = text_at(r, of_source(at, sizeof at, i, "name"));
    s->crs = text_at(r, of_source(at, sizeof at, i, "crs"));
    for (int c = 0; c < WF_COLUMNS; c++)
        s->field[c] = text_at(r, of_source(at, sizeof at, i, fields[c]));
    const char *header = text_at(r, of_source(at, sizeof at, i, "header"));
    if (header != NULL && strcmp(header, "true") != 0 && strcmp(header, "false") != 0)
        return complain(r, at, "takes true or false", err);
    s->headless = header != NULL && strcmp(header, "false") == 0;
    return read_groups(r, i, s, err);
}

/* Accounts and remarks name their source, so no two may have one name. */
static wf_code check_names(const reader *r, wf_error *err) {
    const wf_job *j = r->job;
    char at[64], what[400];
    for (uint32_t i = 0; i < j->n_sources; i++)
        for (uint32_t k = 0; k < i; k++) {
            const char *name = wf_source_name(&j->source[i]);
            if (strcmp(name, wf_source_name(&j->source[k])) != 0)
                continue;
            snprintf(what, sizeof what, "source %u is \"%.200s\" already: give each a name of its own", k + 1, name);
            of_source(at, sizeof at, i, j->source[i].name != NULL ? "name" : "source");
            return complain(r, at, what, err);
        }
    return WF_OK;
}

static wf_code read_sources(reader *r, wf_error *err) {
    wf_job *j = r->job;
    for (uint32_t k = 0; k < j->yaml.n; k++) {
        unsigned i;
        if (sscanf(j->yaml.entry[k].path, "incidents.%u.", &i) != 1 || i < j->n_sources)
            continue;
        if (i >= MAX_SOURCES)
            return complain(r, j->yaml.entry[k].path, "over 256 sources", err);
        j->n_sources = i + 1;
    }
    if (j->n_sources == 0)
        return complain(r, "incidents", "needs at least one source", err);
    j->source = WF_NEW(r->keep, wf_source_request, j->n_sources);
    if (j->source == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < j->n_sources; i++)
        WF_TRY(read_source(r, i, &j->source[i], err));
    return check_names(r, err);
}

static wf_code read_check(reader *r, wf_error *err) {
    static const char *const severities[] = {"sliver", "ordinary", "serious", "never"};
    wf_job *j = r->job;
    const char *floor = text_at(r, "check.floor_m");
    j->floor_m = -1;
    if (floor != NULL && strcmp(floor, "auto") != 0)
        WF_TRY(wf_yaml_number(&j->yaml, "check.floor_m", 0, 1000, &j->floor_m, err));
    j->fail_on = text_at(r, "check.fail_on");
    for (int i = 0; j->fail_on != NULL; i++) {
        if (i == 4)
            return complain(r, "check.fail_on", "takes sliver, ordinary, serious or never", err);
        if (strcmp(j->fail_on, severities[i]) == 0)
            break;
    }
    return path_at(r, "check.allowed_gaps", &j->allowed_gaps, err);
}

static wf_code read_load(reader *r, wf_error *err) {
    wf_job *j = r->job;
    double level = 0;
    WF_TRY(wf_yaml_number(&j->yaml, "load.level", 1, 9, &level, err));
    j->load_level = (uint8_t)level;
    j->rules = wf_rows_rules_default();
    wf_error why;
    if (wf_rows_rules_set(text_at(r, "load.period"), text_at(r, "load.from"), text_at(r, "load.to"), j->date, &j->rules,
                          &why) != WF_OK)
        return complain(r, "load", why.message, err);
    return WF_OK;
}

/* A list: its items, or the words of one text. */
static wf_code read_formats(reader *r, wf_error *err) {
    wf_job *j = r->job;
    bool any = false;
    for (uint32_t k = 0; k < j->yaml.n; k++) {
        const wf_yaml_entry *e = &j->yaml.entry[k];
        if (strcmp(e->path, "publish.formats") != 0 && strncmp(e->path, "publish.formats.", 16) != 0)
            continue;
        for (const char *p = e->value; *p != '\0';) {
            size_t n = strcspn(p, ", []");
            if (n == 3 && memcmp(p, "csv", 3) == 0)
                j->csv = any = true;
            else if (n == 7 && memcmp(p, "geojson", 7) == 0)
                j->geojson = any = true;
            else if (n > 0)
                return complain(r, e->path, "takes csv and geojson", err);
            p += n + (p[n] != '\0');
        }
    }
    if (!any)
        j->csv = j->geojson = true;
    return WF_OK;
}

static wf_code read_publish(reader *r, wf_error *err) {
    wf_job *j = r->job;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        const char *value = text_at(r, fixed[i].path);
        if (value != NULL && strcmp(value, fixed[i].value) != 0)
            return complain(r, fixed[i].path, fixed[i].what, err);
    }
    WF_TRY(path_at(r, "publish.dir", &j->folder, err));
    WF_TRY(path_at(r, "publish.queries", &j->queries, err));
    if (j->folder == NULL)
        return complain(r, "publish.dir", "needs a folder", err);
    if (j->queries == NULL)
        return complain(r, "publish.queries", "needs the folder of the SQL files", err);
    return read_formats(r, err);
}

static wf_code read_names(reader *r, wf_error *err) {
    wf_job *j = r->job;
    j->name = text_at(r, "job");
    if (j->name == NULL)
        return complain(r, "job", "needs a name", err);
    if (strpbrk(j->name, "/\\") != NULL || j->name[0] == '.')
        return complain(r, "job", "names a folder: no slashes, no dot in front", err);
    j->language = text_at(r, "language");
    if (j->language == NULL)
        j->language = "both";
    if (strcmp(j->language, "zh") != 0 && strcmp(j->language, "en") != 0 && strcmp(j->language, "both") != 0)
        return complain(r, "language", "takes zh, en or both", err);
    WF_TRY(path_at(r, "categories", &j->categories, err));
    return path_at(r, "aliases", &j->aliases, err);
}

/* The day names the folder of the run: no other form of a date will do. */
static wf_code check_date(const char *date, wf_error *err) {
    int64_t when;
    if (strlen(date) == 10 && date[4] == '-' && date[7] == '-' && strspn(date, "0123456789-") == 10 &&
        wf_when_read(date, 10, &when) == WF_WHEN_TIME)
        return WF_OK;
    return wf_fail(err, WF_USAGE, "--date takes a day like 2025-01-31, not \"%s\"", date);
}

wf_code wf_stage_job(const wf_job_request *request, wf_arena *keep, wf_job *out, wf_error *err) {
    wf_job job = {.date = request->date};
    const char *slash = strrchr(request->path, '/');
    reader r = {.job = &job, .keep = keep, .file = request->path, .set = request->set, .n_set = request->n_set};
    r.folder = slash == NULL ? "" : wf_arena_text(keep, request->path, (size_t)(slash + 1 - request->path));
    if (r.folder == NULL)
        return wf_fail_nomem(err);
    WF_TRY(check_date(request->date, err));
    WF_TRY(wf_yaml_read(request->path, keep, &job.yaml, err));
    WF_TRY(apply_set(&r, err));
    WF_TRY(wf_yaml_check_keys(&job.yaml, known, sizeof known / sizeof *known, err));
    WF_TRY(read_names(&r, err));
    WF_TRY(read_grids(&r, err));
    WF_TRY(read_sources(&r, err));
    WF_TRY(read_check(&r, err));
    WF_TRY(read_load(&r, err));
    WF_TRY(read_publish(&r, err));
    *out = job;
    return WF_OK;
}

static void print_one(FILE *to, const char *path, const char *value) {
    if (value != NULL)
        fprintf(to, "%s: %s\n", path, value);
}

void wf_job_print(const wf_job *j, FILE *to) {
    print_one(to, "job", j->name);
    print_one(to, "date", j->date);
    print_one(to, "language", j->language);
    print_one(to, "grids.source", j->grids.source);
    print_one(to, "grids.crs", j->grids.crs == NULL ? "auto" : j->grids.crs);
    print_one(to, "grids.outline", j->outline);
    print_one(to, "grids.population", j->population);
    for (uint32_t i = 0; i < j->n_sources; i++) {
        const wf_source_request *s = &j->source[i];
        char at[64];
        print_one(to, of_source(at, sizeof at, i, "source"), s->path);
        print_one(to, of_source(at, sizeof at, i, "name"), s->name);
        print_one(to, of_source(at, sizeof at, i, "crs"), s->crs == NULL ? "auto" : s->crs);
        for (uint32_t g = 0; g < s->n_groups; g++)
            fprintf(to, "incidents.%u.crs_by.map.%s: %s\n", i, s->group[g].value, s->group[g].crs);
    }
    for (uint32_t i = 0; i < j->yaml.n; i++)
        if (strstr(j->yaml.entry[i].path, "fields.") != NULL)
            print_one(to, j->yaml.entry[i].path, j->yaml.entry[i].value);
    print_one(to, "categories", j->categories);
    print_one(to, "aliases", j->aliases);
    if (j->floor_m >= 0)
        fprintf(to, "check.floor_m: %g\n", j->floor_m);
    else
        print_one(to, "check.floor_m", "auto");
    print_one(to, "check.allowed_gaps", j->allowed_gaps);
    print_one(to, "check.fail_on", j->fail_on == NULL ? "ordinary" : j->fail_on);
    print_one(to, "load.level", j->load_level == 0 ? "auto" : (char[]){(char)('0' + j->load_level), '\0'});
    print_one(to, "load.period", wf_yaml_text(&j->yaml, "load.period"));
    print_one(to, "load.from", wf_yaml_text(&j->yaml, "load.from"));
    print_one(to, "load.to", wf_yaml_text(&j->yaml, "load.to"));
    print_one(to, "publish.dir", j->folder);
    print_one(to, "publish.queries", j->queries);
    print_one(to, "publish.formats", j->csv && j->geojson ? "csv geojson" : j->csv ? "csv" : "geojson");
}
