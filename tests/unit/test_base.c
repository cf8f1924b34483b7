/* Errors, arenas, text, random numbers, names, pool, polygons. */
#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/grids.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/text.h"
#include <iconv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void error_is_one_line(void **state) {
    (void)state;
    wf_error err;
    assert_int_equal(wf_fail(&err, WF_INPUT, "a\nb %d", 7), WF_INPUT);
    assert_string_equal(err.message, "a b 7");
    assert_int_equal(wf_error_exit(WF_INPUT), 3);
    assert_int_equal(wf_error_exit(WF_LOCKED), 75);
}

static void arena_grows_and_keeps(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    uint32_t *items = NULL, cap = 0;
    char *text = wf_arena_text(&arena, "abc", 2);
    for (uint32_t n = 0; n < 300000; n++) {
        assert_int_equal(WF_ROOM(&arena, items, n, cap), 0);
        items[n] = n * 3;
        if (n % 50000 == 0)
            assert_non_null(wf_arena_alloc(&arena, 100, 1));
    }
    for (uint32_t n = 0; n < 300000; n++)
        assert_int_equal(items[n], n * 3);
    assert_string_equal(text, "ab");
    assert_null(wf_arena_alloc(&arena, SIZE_MAX / 2, 4));
    arena.fail_in = 1;
    assert_non_null(wf_arena_alloc(&arena, 1, 1));
    assert_null(wf_arena_alloc(&arena, 1, 1));
    wf_arena_clear(&arena);
}

/* Random bytes, mostly of Chinese text, against the C library's own decoder. */
static void utf8_against_iconv(void **state) {
    (void)state;
    static const char *const pieces[] = {"a,1", "网格", "0123456789abcdef", "\xC3\xA9", "\xF0\x9F\x8F\xA0", "，"};
    wf_random r;
    wf_random_seed(&r, 8, 8);
    iconv_t cd = iconv_open("UTF-32LE", "UTF-8");
    int n_clean = 0;
    for (int round = 0; round < 20000; round++) {
        char text[100], wide[512], *in = text, *out = wide;
        size_t n = 0, bad = SIZE_MAX, room = sizeof wide;
        while (n < 60) {
            const char *piece = pieces[wf_random_below(&r, 6)];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        if (wf_random_below(&r, 2) == 0)
            text[wf_random_below(&r, n)] = (char)wf_random_below(&r, 256);
        n -= wf_random_below(&r, 4);
        size_t left = n;
        iconv(cd, NULL, NULL, NULL, NULL);
        bool clean = iconv(cd, &in, &left, &out, &room) != (size_t)-1;
        assert_int_equal(wf_text_is_utf8(text, n, &bad), clean);
        assert_true(clean || bad == (size_t)(in - text));
        if (!clean)
            assert_true(wf_text_broken(text + bad, n - bad) >= 1 && wf_text_broken(text + bad, n - bad) <= n - bad);
        n_clean += clean;
    }
    iconv_close(cd);
    assert_true(n_clean > 2000 && n_clean < 18000);
}

static void text_helpers(void **state) {
    (void)state;
    size_t bad = 0;
    assert_true(wf_text_is_utf8("网格 x", strlen("网格 x"), &bad));
    assert_false(wf_text_is_utf8("ab\xC0\xAF", 4, &bad));
    assert_int_equal(bad, 2);
    assert_int_equal(wf_text_width("网格x"), 5);
    assert_int_equal(wf_text_distance("sorce", "source", 3), 1);
    assert_int_equal(wf_text_distance("ab", "ba", 3), 1);
    const char *words[] = {"grids", "incidents", "check"};
    assert_string_equal(wf_text_nearest("incidnets", words, 3), "incidents");
    assert_null(wf_text_nearest("publish", words, 3));
}

static void random_moments(void **state) {
    (void)state;
    wf_random r, same;
    wf_random_seed(&r, 1, 2);
    wf_random_seed(&same, 1, 2);
    assert_true(wf_random_u64(&r) == wf_random_u64(&same));
    const double means[] = {0.5, 8.0, 45.0, 300.0};
    for (size_t m = 0; m < 4; m++) {
        double sum = 0, sum2 = 0;
        const int n = 20000;
        for (int i = 0; i < n; i++) {
            double v = (double)wf_random_poisson(&r, means[m]);
            sum += v;
            sum2 += v * v;
        }
        double mean = sum / n, var = sum2 / n - mean * mean;
        assert_true(fabs(mean - means[m]) < 5 * sqrt(means[m] / n));
        assert_true(fabs(var / means[m] - 1) < 0.06);
    }
    double sum = 0;
    for (int i = 0; i < 20000; i++)
        sum += wf_random_gamma(&r, 2.5);
    assert_true(fabs(sum / 20000 - 2.5) < 0.06);
}

static void names_are_numbered(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_names names;
    wf_names_init(&names, &arena);
    assert_int_equal(wf_names_find(&names, "A", 1), UINT32_MAX);
    char key[8];
    for (uint32_t i = 0; i < 5000; i++) {
        size_t n = 0;
        for (uint32_t v = i + 1; v > 0; v /= 10)
            key[n++] = (char)('0' + v % 10);
        assert_int_equal(wf_names_add(&names, key, n), i);
        assert_int_equal(wf_names_add(&names, key, n), i);
    }
    assert_int_equal(wf_names_find(&names, "1", 1), 0);
    assert_string_equal(names.key[1], "2");
    wf_arena_clear(&arena);
}

typedef struct {
    atomic_uint sum;
    uint32_t fail_from;
} pool_job;

static wf_code pool_work(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    pool_job *job = ctx;
    (void)thread;
    if (chunk >= job->fail_from)
        return wf_fail(err, WF_INPUT, "chunk %u", chunk);
    atomic_fetch_add(&job->sum, chunk);
    return WF_OK;
}

static void pool_runs_every_chunk(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        wf_pool *pool;
        wf_error err;
        assert_int_equal(wf_pool_open(&pool, threads, &err), WF_OK);
        for (int round = 0; round < 50; round++) {
            pool_job job = {0, UINT32_MAX};
            assert_int_equal(wf_pool_run(pool, 100, pool_work, &job, &err), WF_OK);
            assert_int_equal(job.sum, 4950);
            job.fail_from = 40;
            assert_int_equal(wf_pool_run(pool, 100, pool_work, &job, &err), WF_INPUT);
            assert_string_equal(err.message, "chunk 40");
        }
        wf_pool_close(pool);
    }
}

static void builder_makes_flat_columns(void **state) {
    (void)state;
    wf_arena arena;
    wf_arena_init(&arena);
    wf_polygons_builder b;
    wf_polygons p;
    wf_error err;
    wf_polygons_begin(&b, &arena);
    wf_polygons_grid(&b);
    wf_polygons_grid(&b);
    wf_polygons_part(&b);
    wf_polygons_ring(&b);
    for (int i = 0; i < 1000; i++)
        wf_polygons_vertex(&b, i, -i);
    assert_int_equal(wf_polygons_finish(&b, &p, &err), WF_OK);
    assert_int_equal(p.n_grids, 2);
    assert_int_equal(p.grid_start[0], 0);
    assert_int_equal(p.grid_start[1], 0);
    assert_int_equal(p.grid_start[2], 1);
    assert_int_equal(p.ring_start[1], 1000);
    assert_true(p.x[999] == 999 && p.y[999] == -999);
    wf_arena_clear(&arena);
}

/* A file that another program cuts short while it is mapped reads as zeros, and the mapping knows. */
static void a_file_cut_short_is_zeros(void **state) {
    (void)state;
    char path[] = "/tmp/wufeng-test-XXXXXX";
    enum { BYTES = 5 * 65536 };
    static char text[BYTES];
    int fd = mkstemp(path);
    memset(text, 'x', sizeof text);
    assert_int_equal(write(fd, text, sizeof text), sizeof text);
    wf_mapped whole, cut;
    wf_error err;
    wf_file_guard();
    assert_int_equal(wf_file_map("/proc/self/exe", &whole, &err), WF_OK);
    assert_int_equal(wf_file_map(path, &cut, &err), WF_OK);
    assert_int_equal(ftruncate(fd, 100), 0);
    assert_int_equal(cut.bytes[99], 'x');
    assert_false(wf_mapped_is_cut(&cut));
    assert_int_equal(cut.bytes[3 * 65536], 0);
    assert_int_equal(cut.bytes[BYTES - 1], 0);
    assert_true(wf_mapped_is_cut(&cut));
    assert_false(wf_mapped_is_cut(&whole));
    wf_file_unmap(&cut);
    assert_int_equal(ftruncate(fd, BYTES), 0);
    assert_int_equal(wf_file_map(path, &cut, &err), WF_OK);
    assert_false(wf_mapped_is_cut(&cut));
    wf_file_unmap(&cut);
    wf_file_unmap(&whole);
    close(fd);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_cut_short_is_zeros),  cmocka_unit_test(error_is_one_line),
        cmocka_unit_test(arena_grows_and_keeps),      cmocka_unit_test(text_helpers),
        cmocka_unit_test(utf8_against_iconv),         cmocka_unit_test(random_moments),
        cmocka_unit_test(names_are_numbered),         cmocka_unit_test(pool_runs_every_chunk),
        cmocka_unit_test(builder_makes_flat_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
