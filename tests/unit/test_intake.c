/* Delimited text and the offset systems. */
#include "intake/csv.h"
#include "intake/gcj.h"
#include "base/exact.h"
#include "base/random.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void records(void **state) {
    (void)state;
    const char *text = "a,\"b \"\"q\"\"\nc\",\r\n\r\n x ,2\n\"open";
    wf_csv_field f[WF_CSV_MAX_FIELDS];
    size_t at = 0, start;
    uint32_t n;
    char cell[32];
    assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), WF_CSV_OK);
    assert_int_equal(n, 3);
    wf_csv_text(&f[1], cell, sizeof cell);
    assert_string_equal(cell, "b \"q\"\nc");
    assert_int_equal(f[2].n, 0);
    assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), WF_CSV_OK);
    assert_int_equal(n, 2);
    wf_csv_text(&f[0], cell, sizeof cell);
    assert_string_equal(cell, "x");
    assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), WF_CSV_UNCLOSED);
    assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), WF_CSV_END);
    assert_int_equal(wf_csv_delimiter("\"a,b,c\"\tb\n", 10), '\t');
    assert_int_equal(wf_csv_delimiter("a\"b;c,d;e\n", 10), ';');
}

static void stray_quotes(void **state) {
    (void)state;
    /* Open to the end; closed on its line with text behind; open before a field that is quoted well; closed two lines
     * on, with a blank behind. */
    const char *text = "1,\"a,b\n2,\"c\"d,e\n3,\"f\n4,\"g\nh\n\" ,i\n5,\"j";
    static const struct {
        wf_csv_status status;
        uint32_t n;
        const char *second;
    } want[] = {{WF_CSV_UNCLOSED, 3, "\"a"},
                {WF_CSV_OK, 3, "c"},
                {WF_CSV_UNCLOSED, 2, "\"f"},
                {WF_CSV_OK, 3, "g\nh\n"},
                {WF_CSV_UNCLOSED, 2, "\"j"}};
    wf_csv_field f[WF_CSV_MAX_FIELDS];
    size_t at = 0, start;
    uint32_t n;
    char cell[32];
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), want[i].status);
        assert_int_equal(n, want[i].n);
        wf_csv_text(&f[1], cell, sizeof cell);
        assert_string_equal(cell, want[i].second);
    }
    assert_int_equal(wf_csv_next(text, strlen(text), ',', &at, f, &n, &start), WF_CSV_END);
}

/* A quote closes within so many bytes or not at all, for the reader and the finder of borders. */
static void far_quotes(void **state) {
    (void)state;
    static char text[2 * WF_CSV_QUOTED_BYTES];
    for (size_t far = WF_CSV_QUOTED_BYTES - 2; far < WF_CSV_QUOTED_BYTES + 3; far++) {
        memset(text, 'x', sizeof text);
        for (size_t i = 99; i < sizeof text; i += 100)
            text[i] = '\n';
        text[0] = '"';
        text[far] = '"';
        text[far + 1] = '\n';
        wf_csv_field f[WF_CSV_MAX_FIELDS];
        size_t at = 0, start;
        uint32_t n;
        bool closes = far <= WF_CSV_QUOTED_BYTES;
        assert_int_equal(wf_csv_next(text, sizeof text, ',', &at, f, &n, &start), closes ? WF_CSV_OK : WF_CSV_UNCLOSED);
        assert_int_equal(at, closes ? far + 2 : 100);
        assert_int_equal(wf_csv_border(text, sizeof text, ',', 0, 50), at);
    }
}

/* Random text of quotes, line ends and delimiters: cutting it anywhere gives the same records. */
static void borders(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 3, 3);
    for (int round = 0; round < 300; round++) {
        char text[400];
        size_t n_text = 0;
        for (int record = 0; record < 12; record++) {
            for (int field = 0; field < 3; field++) {
                int quoted = wf_random_below(&r, 2) == 0;
                if (quoted)
                    text[n_text++] = '"';
                for (uint64_t k = wf_random_below(&r, 5); k > 0; k--) {
                    static const char inside[] = {'a', ',', '\n', 'b'};
                    if (quoted && wf_random_below(&r, 5) == 0) {
                        text[n_text++] = '"';
                        text[n_text++] = '"';
                    } else
                        text[n_text++] = quoted ? inside[wf_random_below(&r, 4)] : 'c';
                }
                if (quoted)
                    text[n_text++] = '"';
                text[n_text++] = field == 2 ? '\n' : ',';
            }
        }
        wf_csv_field f[WF_CSV_MAX_FIELDS];
        size_t starts[16], n_starts = 0, at = 0, start;
        uint32_t n;
        while (wf_csv_next(text, n_text, ',', &at, f, &n, &start) == WF_CSV_OK) {
            assert_int_equal(n, 3);
            starts[n_starts++] = start;
        }
        assert_int_equal(n_starts, 12);
        for (size_t target = 1; target < n_text; target++) {
            size_t border = wf_csv_border(text, n_text, ',', 0, target);
            size_t k = 0;
            while (k < n_starts && starts[k] != border)
                k++;
            assert_true(border == n_text || k < n_starts);
        }
    }
}

/* Text with quotes where none belong and every line end: chunks hold the records of the whole, each near its start. */
static void borders_of_wild_text(void **state) {
    (void)state;
    static const char signs[] = {'a', 'b', ',', ',', '"', '\n', '\r'};
    wf_random r;
    wf_random_seed(&r, 5, 5);
    for (int round = 0; round < 3000; round++) {
        char text[120];
        size_t n_text = 20 + wf_random_below(&r, 100), starts[120], n_starts = 0, at = 0, start;
        uint32_t n;
        wf_csv_field f[WF_CSV_MAX_FIELDS];
        for (size_t i = 0; i < n_text; i++)
            text[i] = signs[wf_random_below(&r, sizeof signs)];
        while (wf_csv_next(text, n_text, ',', &at, f, &n, &start) != WF_CSV_END)
            starts[n_starts++] = start;
        for (size_t step = 1; step < 30; step++) {
            size_t k = 0;
            for (size_t from = 0, to; from < n_text; from = to) {
                to = wf_csv_border(text, n_text, ',', from, from + step);
                assert_true(to > from && to <= n_text);
                for (at = from; wf_csv_next(text, to, ',', &at, f, &n, &start) != WF_CSV_END; k++) {
                    assert_true(k < n_starts && start == starts[k]);
                    assert_true(start - from <= step);
                }
            }
            assert_int_equal(k, n_starts);
        }
    }
}

typedef struct {
    double wgs_lon, wgs_lat, gcj_lon, gcj_lat, bd_lon, bd_lat;
} vector;
/* Published formulas evaluated by four independent implementations that agree to 1e-12 degrees. */
static const vector vectors[] = {
    {108.79, 37.6, 108.795001133888, 37.600567038033, 108.801596974372, 37.606341820865},
    {108.5, 36.99, 108.504874268153, 36.990314234080, 108.511363769326, 36.996407004176},
    {109.7290105, 38.2848747, 109.734588967635, 38.285388968428, 109.741204502215, 38.291074723498},
    {116.404, 39.915, 116.410244499169, 39.916404281502, 116.416627243787, 39.922699552216},
    {105.0, 35.0, 105.003286241457, 34.999098632235, 105.009666828319, 35.005403668457},
    {121.5272106, 31.1774276, 121.531541859215, 31.175303983646, 121.538015686439, 31.181328606874},
    {72.0039, 30.0, 72.0039, 30.0, 72.010311869636, 30.006211523455},
    {139.6917, 35.6895, 139.6917, 35.6895, 139.698122526263, 35.695845452841},
};

static void offset_systems(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const vector *v = &vectors[i];
        double lon = v->wgs_lon, lat = v->wgs_lat;
        wf_gcj_from_wgs(&lon, &lat);
        assert_true(fabs(lon - v->gcj_lon) < 1e-11 && fabs(lat - v->gcj_lat) < 1e-11);
        wf_gcj_to_bd(&lon, &lat);
        assert_true(fabs(lon - v->bd_lon) < 1e-11 && fabs(lat - v->bd_lat) < 1e-11);
        wf_gcj_from_bd(&lon, &lat);
        assert_true(fabs(lon - v->gcj_lon) < 2e-8 && fabs(lat - v->gcj_lat) < 2e-8);
        lon = v->gcj_lon, lat = v->gcj_lat;
        wf_gcj_to_wgs(&lon, &lat);
        assert_true(fabs(lon - v->wgs_lon) < 1e-9 && fabs(lat - v->wgs_lat) < 1e-9);
    }
}

/* Orientation of points one ulp beside a long line, against 128-bit integers. */
static void exact_orientation(void **state) {
    (void)state;
    wf_random r;
    wf_random_seed(&r, 4, 4);
    for (int i = 0; i < 200000; i++) {
        int64_t v[6];
        for (int k = 0; k < 4; k++)
            v[k] = (int64_t)wf_random_below(&r, 1u << 30);
        int64_t t = (int64_t)wf_random_below(&r, 1000);
        v[4] = v[0] + (v[2] - v[0]) * t / 1000 + (int64_t)wf_random_below(&r, 3) - 1;
        v[5] = v[1] + (v[3] - v[1]) * t / 1000 + (int64_t)wf_random_below(&r, 3) - 1;
        __int128_t det = (__int128_t)(v[2] - v[0]) * (v[5] - v[1]) - (__int128_t)(v[3] - v[1]) * (v[4] - v[0]);
        double d[6];
        /* The offset of 2^32 costs the filter its digits, so that the exact path is taken. */
        for (int k = 0; k < 6; k++)
            d[k] = ((double)v[k] + 0x1p50) * 0x1p-40;
        int want = det > 0 ? 1 : det < 0 ? -1 : 0;
        assert_int_equal(wf_exact_orient(d[0], d[1], d[2], d[3], d[4], d[5]), want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),          cmocka_unit_test(stray_quotes),         cmocka_unit_test(far_quotes),
        cmocka_unit_test(borders),          cmocka_unit_test(borders_of_wild_text), cmocka_unit_test(offset_systems),
        cmocka_unit_test(exact_orientation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
