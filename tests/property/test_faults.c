/* Memory that runs short: every place of the program that asks for memory is refused once, the first and the last time
 * that it asks, in a tiny job that goes through every stage. The command must say so (WF_NOMEM), give back all memory
 * and files it held, and publish nothing. The linker puts the allocator below in front of that of the C library, for
 * our own objects only (see the Makefile); the arenas are compiled here so that each piece is a call. */
#ifndef WF_ARENA_MALLOC
#define WF_ARENA_MALLOC
#endif
#include "app/commands.h"
#include "../../src/base/arena.c"
#include <dirent.h>
#include <execinfo.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { DEPTH = 8, MAX_SITES = 8192, HELD = 1 << 18 };

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void __wrap_free(void *p);

static long live, calls, refuse; /* pieces held; asked since the start; the number to refuse, 0 none */
static int counting;
static struct {
    uint64_t stack;
    long first, last; /* 0: does not ask in this command */
    int done;         /* another command went through it */
} site[MAX_SITES];
static uint32_t n_sites;

/* Who asks: the call stack, told by its addresses. */
static void note_site(void) {
    void *frame[DEPTH];
    int n = backtrace(frame, DEPTH);
    uint64_t stack = 0;
    for (int i = 2; i < n; i++)
        stack = (stack ^ (uint64_t)(uintptr_t)frame[i]) * UINT64_C(0x9E3779B97F4A7C15);
    for (uint32_t i = 0; i < n_sites; i++)
        if (site[i].stack == stack) {
            site[i].first = site[i].first == 0 ? calls : site[i].first;
            site[i].last = calls;
            return;
        }
    assert_in_range(n_sites, 0, MAX_SITES - 1);
    site[n_sites].stack = stack;
    site[n_sites].first = site[n_sites].last = calls;
    n_sites++;
}

static int is_refused(void) {
    calls++;
    if (counting)
        note_site();
    return calls == refuse;
}

/* The pieces that are held, by address: what the C library made (scandir) is freed by us and no piece of ours. */
static void *held[HELD];

static size_t slot_of(const void *p) {
    size_t at = (size_t)((uintptr_t)p / 16 * UINT64_C(0x9E3779B97F4A7C15) >> 40) % HELD;
    while (held[at] != NULL && held[at] != p)
        at = (at + 1) % HELD;
    return at;
}

static void *take(void *p) {
    if (p != NULL) {
        assert_in_range(live, 0, HELD / 2);
        held[slot_of(p)] = p;
        live++;
    }
    return p;
}

static void drop(const void *p) {
    size_t at = slot_of(p);
    if (p == NULL || held[at] == NULL)
        return;
    held[at] = NULL;
    live--;
    for (size_t k = (at + 1) % HELD; held[k] != NULL; k = (k + 1) % HELD) { /* close the hole */
        void *moved = held[k];
        held[k] = NULL;
        held[slot_of(moved)] = moved;
    }
}

void *__wrap_malloc(size_t n) {
    return is_refused() ? NULL : take(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size) {
    return is_refused() ? NULL : take(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t n) {
    if (is_refused())
        return NULL;
    drop(old);
    return take(__real_realloc(old, n));
}

void __wrap_free(void *p) {
    drop(p);
    __real_free(p);
}

/* ---- the tiny job ----------------------------------------------------------------------------------------------- */

static char folder[64];

static FILE *make_file(const char *name) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    return f;
}

static void write_feature(FILE *f, int i, const char *ring) {
    fprintf(
        f,
        "%s{\"type\":\"Feature\",\"properties\":{\"grid_code\":\"6108240010%s%d\",\"level\":%d,\"parent_code\":\"%s\","
        "\"households\":%d},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[%s]]}}",
        i == 0 ? "" : ",", i == 0 ? "" : "0300", i, i == 0 ? 3 : 4, i == 0 ? "" : "6108240010", 100 + i, ring);
}

/* Two levels; between the second and the third grid a gap, between the third and the fourth an overlap, a grid that is
 * there twice, a bow-tie, and a grid that is out of its parent. */
static void write_inputs(void) {
    static const double west[] = {108.70, 108.70, 108.71, 108.7205, 108.7295, 108.70, 108.7395},
                        east[] = {108.74, 108.71, 108.72, 108.73, 108.74, 108.71, 108.7405};
    char ring[256], whole[256];
    FILE *f = make_file("grids.geojson");
    fprintf(f, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < 7; i++) {
        snprintf(ring, sizeof ring, "[%.4f,37.6],[%.4f,37.6],[%.4f,37.61],[%.4f,37.61],[%.4f,37.6]", west[i], east[i],
                 east[i], west[i], west[i]);
        write_feature(f, i, ring);
        if (i == 0)
            memcpy(whole, ring, sizeof whole);
    }
    write_feature(f, 7, "[108.705,37.602],[108.708,37.605],[108.708,37.602],[108.705,37.605],[108.705,37.602]");
    fprintf(f, "]}");
    fclose(f);
    f = make_file("outline.geojson");
    fprintf(f, "{\"type\":\"FeatureCollection\",\"features\":[");
    write_feature(f, 0, whole);
    fprintf(f, "]}");
    fclose(f);
    f = make_file("incidents.csv");
    fprintf(f, "event_id,lon,lat,category_code,report_time,grid_code\n");
    for (int i = 0; i < 60; i++)
        fprintf(f, "%d,%s,37.60%d,A0%d,2025-03-%02d 08:0%d:00,6108240010%s\n", i % 50,
                i < 30    ? "108.7051"
                : i == 40 ? ""
                : i == 41 ? "0"
                          : "108.7202",
                i < 30 ? 5 : i % 10, i % 4, 1 + i % 28, i % 10, i % 3 == 0 ? "03001" : "9");
    fprintf(f, "x,37.605,108.725,A01,2025-03-01,\ny,108.7297,37.605,,2025-03-01,\n");
    fclose(f);
    f = make_file("categories.csv");
    fprintf(f, "code,name,weight_min\nA00,a,10\nA01,b,20\nA02,c,30\n");
    fclose(f);
    f = make_file("job.yaml");
    fprintf(f,
            "job: tiny\ngrids: {source: grids.geojson}\nincidents:\n  - source: incidents.csv\n    crs_by: {field: "
            "category_code, map: {A03: GCJ-02}}\ncategories: categories.csv\nload: {period: month, from: 2025-01-01, "
            "to: 2025-12-31}\npublish: {dir: out, queries: %s/queries, formats: [csv, geojson]}\n",
            getenv("PWD"));
    fclose(f);
}

/* Names and sizes of all files below the folder; manifests differ by their times. */
static char listing[65536];
static int list_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)at;
    size_t used = strlen(listing);
    const char *name = strrchr(path, '/');
    long size = type == FTW_F && strcmp(name, "/manifest.json") != 0 ? (long)st->st_size : 0;
    snprintf(listing + used, sizeof listing - used, "%s %ld\n", path, size);
    return 0;
}
static const char *list_files(void) {
    listing[0] = '\0';
    nftw(folder, list_one, 16, FTW_PHYS);
    return listing;
}

static int count_open(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d != NULL && readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

typedef wf_code (*command)(const wf_options *, int *, wf_error *);

static wf_code call(command c, int argc, char **argv, wf_error *err) {
    wf_options o;
    int verdict;
    wf_code code = wf_options_parse(argc, argv, &o, err);
    assert_int_equal(code, WF_OK);
    return c(&o, &verdict, err);
}

static uint32_t refuse_everywhere(const char *name, command c, char **argv) {
    int argc = 0;
    wf_error err = {0};
    while (argv[argc] != NULL)
        argc++;
    refuse = 0;
    if (call(c, argc, argv, &err) != WF_OK) /* once before: what libraries keep is kept now, and there is an output */
        fail_msg("%s: %s", name, err.message);
    calls = live = 0;
    memset(held, 0, sizeof held);
    counting = 1;
    assert_int_equal(call(c, argc, argv, &err), WF_OK);
    counting = 0;
    if (live != 0)
        fail_msg("%s: %ld pieces are never given back", name, live);
    static char before[sizeof listing];
    memcpy(before, list_files(), sizeof before);
    int n_open = count_open();
    uint32_t n_runs = 0;
    for (uint32_t k = 0; k < 2 * n_sites; k++) {
        uint32_t at = k / 2;
        long number = k % 2 == 0 ? site[at].first : site[at].last;
        if (number == 0 || site[at].done || (k % 2 == 1 && site[at].first == number))
            continue;
        calls = live = 0;
        memset(held, 0, sizeof held);
        refuse = number;
        err = (wf_error){0};
        wf_code code = call(c, argc, argv, &err);
        refuse = 0;
        n_runs++;
        if (code != WF_NOMEM || strstr(err.message, "memory") == NULL)
            fail_msg("%s: request %ld refused: code %d, \"%s\" (%s)", name, number, (int)code, err.message,
                     err.origin == NULL ? "" : err.origin);
        if (live != 0)
            fail_msg("%s: request %ld refused (%s): %ld pieces are never given back", name, number, err.origin, live);
        if (count_open() != n_open)
            fail_msg("%s: request %ld refused (%s): %d files stay open", name, number, err.origin,
                     count_open() - n_open);
        if (strcmp(before, list_files()) != 0)
            fail_msg("%s: request %ld refused (%s): the files changed:\n%s", name, number, err.origin, listing);
    }
    for (uint32_t i = 0; i < n_sites; i++) {
        site[i].done |= site[i].first != 0;
        site[i].first = site[i].last = 0;
    }
    print_message("%s: %u places that ask for memory so far, %u runs\n", name, n_sites, n_runs);
    return n_runs;
}

static char *in_folder(const char *name) {
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static void check_out_of_memory(void **state) {
    (void)state;
    char *to[] = {in_folder("defects.csv"), in_folder("defects.geojson"), in_folder("defects.gpkg")};
    char *plain[] = {in_folder("grids.geojson"), "-o", to[0], "-q", "--threads", "1", NULL};
    assert_true(refuse_everywhere("check", wf_app_check, plain) > 100);
    plain[2] = to[1];
    refuse_everywhere("check", wf_app_check, plain);
    char *argv[] = {in_folder("grids.geojson"),
                    "-o",
                    to[2],
                    "-q",
                    "--threads",
                    "1",
                    "--outline",
                    in_folder("outline.geojson"),
                    "--allowed-gaps",
                    in_folder("outline.geojson"),
                    NULL};
    refuse_everywhere("check", wf_app_check, argv);
}

static void assign_out_of_memory(void **state) {
    (void)state;
    char *argv[] = {in_folder("grids.geojson"),
                    in_folder("incidents.csv"),
                    "-o",
                    in_folder("assigned.csv"),
                    "-q",
                    "--threads",
                    "1",
                    "--crs-by",
                    "category_code:A03=GCJ-02",
                    NULL};
    assert_true(refuse_everywhere("assign", wf_app_assign, argv) > 50);
}

static void tally_out_of_memory(void **state) {
    (void)state;
    char *argv[] = {in_folder("grids.geojson"),
                    in_folder("incidents.csv"),
                    "-o",
                    in_folder("load.csv"),
                    "-q",
                    "--threads",
                    "1",
                    "--by",
                    "category,period,hour",
                    "--period",
                    "month",
                    "--from",
                    "2025-01-01",
                    "--to",
                    "2025-12-31",
                    NULL};
    assert_true(refuse_everywhere("tally", wf_app_tally, argv) > 50);
}

static void run_out_of_memory(void **state) {
    (void)state;
    char *argv[] = {in_folder("job.yaml"), "-q", "--date", "2025-12-31", "--threads", "1", NULL};
    assert_true(refuse_everywhere("run", wf_app_run, argv) > 50);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/wufeng-faults-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_inputs();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_out_of_memory), cmocka_unit_test(assign_out_of_memory),
                                       cmocka_unit_test(tally_out_of_memory), cmocka_unit_test(run_out_of_memory)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
