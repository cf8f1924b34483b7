/* Near-duplicates by cells, against every pair. */
#include "base/random.h"
#include "bridge/measure.h"
#include "workload/near.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 3000, KINDS = 3 };

typedef struct {
    uint64_t of[N];
} answer;

static wf_code take(void *self, const wf_near_report *later, const wf_near_report *earlier, wf_error *err) {
    (void)err;
    answer *a = self;
    assert_int_equal(a->of[later->at], UINT64_MAX);
    a->of[later->at] = earlier->at;
    return WF_OK;
}

static void every_pair(const wf_near_report *r, const uint64_t *kind, const wf_measure *m, answer *out) {
    for (uint64_t i = 0; i < N; i++) {
        double mx, my;
        uint64_t best = UINT64_MAX;
        m->scale_m(m->self, r[i].x, r[i].y, &mx, &my);
        for (uint64_t j = 0; j < N; j++) {
            bool before = r[j].when_s < r[i].when_s || (r[j].when_s == r[i].when_s && j < i);
            if (kind[j] != kind[i] || !before || r[i].when_s - r[j].when_s > 432000 ||
                pow((r[j].x - r[i].x) * mx, 2) + pow((r[j].y - r[i].y) * my, 2) > 900)
                continue;
            if (best == UINT64_MAX || r[j].when_s > r[best].when_s || (r[j].when_s == r[best].when_s && j > best))
                best = j;
        }
        out->of[i] = best;
    }
}

/* 3,000 reports of three kinds in a square of 600 m over 60 days, some of them far from where the box says. */
static void compare(bool geographic, double lat) {
    static wf_near_report r[N], all[N * WF_NEAR_COPIES];
    static uint64_t kind[N];
    static answer want, got;
    wf_measure m;
    wf_near_cells cells;
    wf_random random;
    double mx, my;
    size_t n = 0, n_found = 0;
    wf_random_seed(&random, 9, geographic);
    wf_measure_init(&m, geographic);
    m.scale_m(m.self, 108, lat, &mx, &my);
    const double box[4] = {108, lat, 108 + 600 / mx, lat + 500 / my};
    wf_near_cells_init(&cells, &m, box);
    for (uint64_t i = 0; i < N; i++) {
        r[i] = (wf_near_report){.at = i,
                                .when_s = (int64_t)wf_random_below(&random, 60 * 24) * 3600,
                                .x = box[0] + wf_random_unit(&random) * 600 / mx,
                                .y = box[1] + wf_random_unit(&random) * 600 / my};
        kind[i] = wf_random_below(&random, KINDS);
        n += wf_near_spread(&cells, kind[i], &r[i], all + n);
    }
    memset(&got, 0xFF, sizeof got);
    assert_int_equal(wf_near_find(all, n, &m, take, &got, NULL), WF_OK);
    every_pair(r, kind, &m, &want);
    for (uint64_t i = 0; i < N; i++) {
        assert_int_equal(got.of[i], want.of[i]);
        n_found += want.of[i] != UINT64_MAX;
    }
    assert_true(n_found > 300 && n_found < N - 300);
}

static void near_against_every_pair(void **state) {
    (void)state;
    compare(true, 37.6);
    compare(true, -68.0);
    compare(false, 4162000.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(near_against_every_pair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
