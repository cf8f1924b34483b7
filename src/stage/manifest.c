/* manifest.json: what a run read, did and wrote. The one file that differs between two runs of the same. */
#include "bridge/digest.h"
#include "bridge/versions.h"
#include "report/cell.h"
#include "stage/publish.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { MAX_OUTPUTS = 2000, SCHEMA_VERSION = 1, MAX_OPERATIONS = 64 };

static void write_name(FILE *to, const char *name, const char *value, const char *behind) {
    wf_cell_json(to, name);
    fputs(": ", to);
    if (value == NULL)
        fputs("null", to);
    else
        wf_cell_json(to, value);
    fputs(behind, to);
}

static void write_number(FILE *to, const char *name, double value, int decimals, const char *behind) {
    wf_cell_json(to, name);
    if (isfinite(value))
        fprintf(to, ": %.*f%s", decimals, value, behind);
    else
        fprintf(to, ": null%s", behind);
}

void wf_manifest_now(char *text, size_t room) {
    char zone[8];
    time_t now = time(NULL);
    struct tm day;
    localtime_r(&now, &day);
    size_t n = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &day);
    strftime(zone, sizeof zone, "%z", &day);
    snprintf(text + n, room - n, "%.3s:%.2s", zone, zone + 3);
}

/* FILE:LAYER is the file; folders have no checksum. */
static wf_code write_input(FILE *to, const char *source, double rows, bool first, wf_error *err) {
    char path[4096], hex[65];
    struct stat st;
    uint64_t n_bytes;
    snprintf(path, sizeof path, "%s", source);
    char *colon = strrchr(path, ':');
    if (stat(path, &st) != 0 && colon != NULL)
        *colon = '\0';
    bool plain = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    if (plain)
        WF_TRY(wf_digest_file(path, hex, &n_bytes, err));
    fputs(first ? "\n    {" : ",\n    {", to);
    write_name(to, "path", source, ", ");
    write_name(to, "sha256", plain ? hex : NULL, ", ");
    write_number(to, "rows", rows, 0, "}");
    return WF_OK;
}

static wf_code write_inputs(FILE *to, const wf_store_facts *f, wf_error *err) {
    const wf_job *j = f->job;
    fputs("  \"inputs\": [", to);
    WF_TRY(write_input(to, j->grids.source, f->plan->grids.shape.n_grids, true, err));
    for (uint32_t i = 0; i < j->n_sources; i++)
        WF_TRY(write_input(to, j->source[i].path, (double)f->stream->accounts[i].read, false, err));
    const char *const others[] = {j->outline, j->allowed_gaps, j->population, j->categories, j->aliases};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] != NULL)
            WF_TRY(write_input(to, others[i], NAN, false, err));
    fputs("\n  ],\n", to);
    return WF_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static wf_code list_outputs(const char *folder, char **names, size_t *n, wf_error *err) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    *n = 0;
    if (dir == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be read: %s", folder, strerror(errno));
    while ((e = readdir(dir)) != NULL && *n < MAX_OUTPUTS)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "manifest.json") != 0)
            names[(*n)++] = strdup(e->d_name);
    closedir(dir);
    for (size_t i = 0; i < *n; i++)
        if (names[i] == NULL)
            return wf_fail_nomem(err);
    qsort(names, *n, sizeof *names, by_name);
    return WF_OK;
}

static wf_code write_outputs(FILE *to, const wf_publication *p, wf_error *err) {
    char **names = calloc(MAX_OUTPUTS, sizeof *names), path[4600], hex[65];
    size_t n = 0;
    uint64_t n_bytes = 0;
    wf_code code = names == NULL ? wf_fail_nomem(err) : list_outputs(p->staging, names, &n, err);
    fputs("  \"outputs\": [", to);
    for (size_t i = 0; code == WF_OK && i < n; i++) {
        wf_publication_path(p, names[i], path, sizeof path);
        code = wf_digest_file(path, hex, &n_bytes, err);
        fputs(i == 0 ? "\n    {" : ",\n    {", to);
        write_name(to, "path", names[i], ", ");
        write_name(to, "sha256", code == WF_OK ? hex : NULL, ", ");
        fprintf(to, "\"bytes\": %llu}", (unsigned long long)n_bytes);
    }
    fputs("\n  ],\n", to);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return code;
}

static void write_job(FILE *to, const wf_job *j) {
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    fputs("  \"job\": {", to);
    if (memory != NULL) {
        wf_job_print(j, memory);
        fclose(memory);
    }
    char *rest = text, *line;
    for (bool first = true; text != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        char *value = strstr(line, ": ");
        if (value == NULL)
            continue;
        *value = '\0';
        fputs(first ? "\n    " : ",\n    ", to);
        write_name(to, line, value + 2, "");
        first = false;
    }
    fputs("\n  },\n", to);
    free(text);
}

static void write_account(FILE *to, const char *name, const wf_accounts *a, const char *behind) {
    typedef unsigned long long ull;
    fputs("    {", to);
    write_name(to, "source", name, ", ");
    fprintf(to,
            "\"read\": %llu, \"assigned\": %llu, \"boundary\": %llu, \"overlap\": %llu, \"nearest\": 0, "
            "\"outside\": %llu, \"rejected\": %llu, \"duplicates\": %llu, \"out_of_period\": %llu, "
            "\"labelled\": %llu, \"agree\": %llu}%s\n",
            (ull)a->read, (ull)a->assigned, (ull)a->boundary, (ull)a->overlap, (ull)a->outside, (ull)a->rejected,
            (ull)a->duplicates, (ull)a->out_of_period, (ull)a->labelled, (ull)a->agree, behind);
}

static void write_operations(FILE *to, const wf_store_facts *f) {
    wf_rows_operation op[MAX_OPERATIONS];
    uint32_t n = wf_rows_operations(f->stream->rows, op, MAX_OPERATIONS);
    fputs("  \"crs_operations\": [", to);
    for (uint32_t i = 0; i < n; i++) {
        fputs(i == 0 ? "\n    {" : ",\n    {", to);
        write_name(to, "from", op[i].from, ", ");
        write_name(to, "to", op[i].to, ", ");
        write_name(to, "name", op[i].name, ", ");
        write_number(to, "accuracy_m", op[i].accuracy_m, 2, "}");
    }
    fputs("\n  ],\n", to);
}

static void write_notices(FILE *to, const wf_notices *notices) {
    fputs("  \"notices\": [", to);
    for (uint32_t i = 0; i < notices->n; i++) {
        fputs(i == 0 ? "\n    {" : ",\n    {", to);
        write_name(to, "rule", notices->row[i].rule[0] == '\0' ? NULL : notices->row[i].rule, ", ");
        write_name(to, "text", notices->row[i].text, "}");
    }
    fputs(notices->n == 0 ? "],\n" : "\n  ],\n", to);
}

static wf_code write_all(FILE *to, const wf_publication *p, const wf_store_facts *f, const wf_manifest_times *times,
                         const char *version, wf_error *err) {
    uint32_t n;
    const wf_library *library = wf_libraries(&n);
    fprintf(to, "{\n  \"schema_version\": %d,\n  ", SCHEMA_VERSION);
    write_name(to, "version", version, ",\n");
    write_job(to, f->job);
    fputs("  ", to);
    write_name(to, "run_date", f->job->date, ",\n  ");
    write_name(to, "verdict", f->verdict, ",\n  ");
    write_name(to, "verdict_strict", f->verdict_strict, ",\n  ");
    write_number(to, "floor_m", f->floor_m, 4, ",\n");
    fputs("  \"libraries\": {", to);
    for (uint32_t i = 0; i < n; i++)
        write_name(to, library[i].name, library[i].version, i + 1 < n ? ", " : "},\n");
    WF_TRY(write_inputs(to, f, err));
    WF_TRY(write_outputs(to, p, err));
    write_operations(to, f);
    write_notices(to, f->notices);
    fputs("  \"accounts\": [\n", to);
    for (uint32_t i = 0; i < f->job->n_sources; i++)
        write_account(to, f->sources[i].name, &f->stream->accounts[i], i + 1 < f->job->n_sources ? "," : "");
    fputs("  ],\n  \"timings_s\": {", to);
    for (uint32_t i = 0; i < times->n_stages; i++)
        write_number(to, times->stage[i], times->seconds[i], 3, i + 1 < times->n_stages ? ", " : "},\n  ");
    write_name(to, "started", times->started, ",\n  ");
    char finished[WF_MANIFEST_TIME];
    wf_manifest_now(finished, sizeof finished);
    write_name(to, "finished", finished, "\n");
    fputs("}\n", to);
    return WF_OK;
}

wf_code wf_stage_manifest(const wf_publication *p, const wf_store_facts *facts, const wf_manifest_times *times,
                          const char *version, wf_error *err) {
    char path[4600];
    wf_publication_path(p, "manifest.json", path, sizeof path);
    FILE *to = fopen(path, "we");
    if (to == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
    wf_code code = write_all(to, p, facts, times, version, err);
    bool failed = ferror(to) != 0;
    failed |= fclose(to) != 0;
    if (code == WF_OK && failed)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: is the disk full? Nothing was changed", path);
    return code;
}
