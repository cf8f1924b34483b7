/* Damaged files through the stages: a job, grids as GeoJSON and as a GeoPackage, and incidents by 1, 2 and 8 threads.
 * Whatever a file holds, a stage ends with a result or with one line that says why not, and never as a bug of ours or
 * out of memory; threads do not change a byte. */
#include "app/commands.h"
#include "bridge/vector_write.h"
#include "stage/check.h"
#include "stage/job.h"
#include "synth/plan.h"
#include "bridge/measure.h"
#include "fuzz.h"
#include <math.h>
#include <unistd.h>

enum { ROOM = 4 << 20 };
static char folder[64], text[ROOM], base[ROOM];

static const char *in_folder(const char *name) {
    static char path[4][128];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, 128, "%s/%s", folder, name);
    return p;
}

static void put_file(const char *path, const char *bytes, size_t n) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static size_t get_file(const char *path, char *out) {
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s is not there", path);
    size_t n = fread(out, 1, ROOM, f);
    fclose(f);
    return n;
}

/* One line that says why; the file is kept where it is a bug. */
static void judge(const char *what, uint64_t round, wf_code code, const wf_error *err, const char *path) {
    bool said = code == WF_OK || (err->message[0] != '\0' && strchr(err->message, '\n') == NULL);
    if (said && (code == WF_OK || code == WF_USAGE || code == WF_INPUT || code == WF_LIMIT))
        return;
    fail_msg("%s, round %llu (%s): code %d: %s", what, (unsigned long long)round, path, (int)code, err->message);
}

/* ---- jobs ------------------------------------------------------------------------------------------------------- */

static void damaged_jobs(void **state) {
    (void)state;
    wf_random r;
    uint64_t n_read = 0, n = times(3000);
    size_t n_base = get_file("geodata/jingbian/job.yaml", base);
    const char *path = in_folder("job.yaml");
    for (uint64_t round = 0; round < n; round++) {
        wf_random_seed(&r, round, 61);
        memcpy(text, base, n_base);
        char file[128];
        snprintf(file, sizeof file, "%s", path);
        put_file(file, text, damage(&r, text, n_base, n_base + 400));
        wf_arena keep;
        wf_job job;
        wf_error err = {0};
        wf_arena_init(&keep);
        const wf_job_request request = {file, NULL, 0, "2025-12-31"};
        wf_code code = wf_stage_job(&request, &keep, &job, &err);
        judge("job", round, code, &err, file);
        n_read += code == WF_OK;
        wf_arena_clear(&keep);
    }
    assert_in_range(n_read, n / 50, n - n / 10);
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

static void make_plan(const char *path) {
    wf_synth_plan_params p = wf_synth_plan_defaults();
    wf_measure measure;
    wf_arena keep;
    wf_grids g;
    wf_error err;
    p.n_centres = 1, p.n_communities = 2, p.n_villages = 1, p.n_urban_grids = 4, p.n_rural_grids = 2, p.n_units = 14;
    p.n_unit_grids = 1, p.n_overlays = 1, p.area_km2 = 4, p.urban_km2 = 1, p.cells_per_unit = 4;
    p.urban_people = 2000, p.rural_people = 500, p.floating_people = 100;
    wf_arena_init(&keep);
    wf_measure_init(&measure, true);
    assert_int_equal(wf_synth_plan_make(&p, &measure, &keep, &g, &err), WF_OK);
    if (wf_vector_write_grids(path, &g, "EPSG:4490", &err) != WF_OK)
        fail_msg("%s", err.message);
    wf_arena_clear(&keep);
}

static void damaged_grids(const char *ending, uint64_t n, uint64_t stream) {
    wf_random r;
    char clean[128], file[128];
    uint64_t n_read = 0;
    snprintf(clean, sizeof clean, "%s/clean.%s", folder, ending);
    snprintf(file, sizeof file, "%s/dirty.%s", folder, ending);
    make_plan(clean);
    size_t n_base = get_file(clean, base);
    for (uint64_t round = 0; round < n; round++) {
        wf_random_seed(&r, round, stream);
        memcpy(text, base, n_base);
        put_file(file, text, damage(&r, text, n_base, n_base + 400));
        wf_arena keep;
        wf_check_result result;
        wf_error err = {0};
        wf_arena_init(&keep);
        static const char *const endings[] = {"csv", "geojson", "gpkg"};
        char out[128];
        snprintf(out, sizeof out, "%s/found.%s", folder, endings[round % 3]);
        const wf_check_request request = {.grids = file, .floor_m = -1, .output = out};
        wf_code code = wf_stage_check(&request, &keep, &result, &err);
        judge(ending, round, code, &err, file);
        n_read += code == WF_OK;
        if (code == WF_OK && (result.n_gaps + result.n_overlaps + result.n_invalid > 0) && result.seamless_strict)
            fail_msg("%s, round %llu: %u gaps, %u overlaps and yet seamless", ending, (unsigned long long)round,
                     result.n_gaps, result.n_overlaps);
        wf_arena_clear(&keep);
    }
    print_message("%s: %llu of %llu were read\n", ending, (unsigned long long)n_read, (unsigned long long)n);
    assert_in_range(n_read, 1, n);
}

static void damaged_geojson(void **state) {
    (void)state;
    damaged_grids("geojson", times(250), 62);
}

static void damaged_geopackages(void **state) {
    (void)state;
    damaged_grids("gpkg", times(60), 63);
}

/* ---- incidents -------------------------------------------------------------------------------------------------- */

static size_t write_rows(wf_random *r, char *out, size_t room) {
    static const char *const kinds[] = {"A01", "A02", "", "\"A,3\"", "x\"y", "锟斤拷"};
    size_t n = (size_t)sprintf(out, "event_id,lon,lat,category_code,report_time,note\n");
    for (uint32_t i = 0; n + 400 < room; i++) {
        n += (size_t)sprintf(out + n, "%u,%.5f,%.5f,%s,2025-0%u-1%u 08:00:00,", below(r, 9) == 0 ? i / 2 : i,
                             108.79 + below(r, 4000) / 1e5, 37.59 + below(r, 4000) / 1e5, kinds[below(r, 6)],
                             1 + below(r, 9), below(r, 10));
        switch (below(r, 40)) {
        case 0:
            n += (size_t)sprintf(out + n, "\"over\nlines, \"\"quoted\"\"\"");
            break;
        case 1:
            n += (size_t)sprintf(out + n, "\"never closed");
            break;
        case 2:
            out[n++] = (char)below(r, 256);
            break;
        default:
            n += (size_t)sprintf(out + n, "plain");
        }
        n += (size_t)sprintf(out + n, below(r, 30) == 0 ? "\r\n" : "\n");
    }
    return n;
}

static void threads_do_not_matter(void **state) {
    (void)state;
    static const unsigned n_threads[] = {1, 2, 8};
    static const char *const outputs[] = {"csv", "rejects.csv", "flags.csv", "by.csv"};
    static char want[4][ROOM];
    size_t n_want[4] = {0};
    wf_random r;
    uint32_t n_done = 0;
    char grids[128], rows[128], out[128], threads[8];
    snprintf(grids, sizeof grids, "%s/clean.geojson", folder);
    make_plan(grids);
    for (uint64_t round = 0; round < times(4); round++) {
        wf_random_seed(&r, round, 64);
        size_t n = write_rows(&r, text, (3 << 20) + below(&r, 100000));
        for (int k = 0; k < 20; k++)
            n = damage(&r, text, n, ROOM);
        snprintf(rows, sizeof rows, "%s/rows.csv", folder);
        put_file(rows, text, n);
        for (int t = 0; t < 3; t++) {
            snprintf(out, sizeof out, "%s/t%d.csv", folder, t);
            snprintf(threads, sizeof threads, "%u", n_threads[t]);
            char *argv[] = {grids, rows, "-o", out, "-q", "--threads", threads, "--by", "category,hour", NULL};
            wf_options o;
            wf_error err = {0};
            int verdict;
            assert_int_equal(wf_options_parse(9, argv, &o, &err), WF_OK);
            wf_code code = wf_app_tally(&o, &verdict, &err);
            judge("incidents", round, code, &err, rows);
            if (code != WF_OK)
                break;
            n_done += t == 2;
            for (int k = 0; k < 4; k++) {
                snprintf(out, sizeof out, "%s/t%d.%s", folder, t, outputs[k]);
                size_t n_got = get_file(out, t == 0 ? want[k] : base);
                if (t == 0)
                    n_want[k] = n_got;
                else if (n_got != n_want[k] || memcmp(base, want[k], n_got) != 0)
                    fail_msg("round %llu: %s differs with %u threads", (unsigned long long)round, outputs[k],
                             n_threads[t]);
            }
        }
    }
    assert_in_range(n_done, 1, times(4));
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/wufeng-fuzz-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const names[] = {"job.yaml",       "clean.geojson", "dirty.geojson",      "clean.gpkg",
                                        "dirty.gpkg",     "rows.csv",      "dirty.gpkg-journal", "dirty.gpkg-wal",
                                        "dirty.gpkg-shm", "found.csv",     "found.geojson",      "found.gpkg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    for (int t = 0; t < 3; t++) {
        static const char *const endings[] = {"csv", "rejects.csv", "flags.csv", "by.csv"};
        for (int k = 0; k < 4; k++) {
            char path[128];
            snprintf(path, sizeof path, "%s/t%d.%s", folder, t, endings[k]);
            unlink(path);
        }
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_jobs), cmocka_unit_test(damaged_geojson),
                                       cmocka_unit_test(damaged_geopackages), cmocka_unit_test(threads_do_not_matter)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
