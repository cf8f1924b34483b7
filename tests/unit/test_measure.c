/* Areas on the ellipsoid: small rings are measured in their own plane, and must say what the geodesic routines say. */
#include "bridge/measure.h"
#include <geodesic.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { N = 4000 };
static double x[N + 1], y[N + 1];

/* A crooked ring with edges so short that geodesics and straight lines in degrees are one. */
static void make_ring(double lon, double lat, double radius_m) {
    for (int i = 0; i < N; i++) {
        double a = 2.0 * M_PI * i / N,
               r = radius_m * (0.8 + 0.15 * sin(5.0 * a) + 0.05 * sin(17.0 * a + 1.0)) / 111000.0;
        x[i] = lon + r * cos(a) / cos(lat * M_PI / 180.0);
        y[i] = lat + r * sin(a);
    }
    x[N] = x[0];
    y[N] = y[0];
}

static double by_geodesics(void) {
    struct geod_geodesic g;
    struct geod_polygon p;
    double area, perimeter;
    geod_init(&g, 6378137.0, 1.0 / 298.257222101);
    geod_polygon_init(&p, 0);
    for (int i = 0; i < N; i++)
        geod_polygon_addpoint(&g, &p, y[i], x[i]);
    geod_polygon_compute(&g, &p, 0, 1, &area, &perimeter);
    return fabs(area);
}

static void small_rings_agree_with_geodesics(void **state) {
    (void)state;
    wf_measure m;
    wf_measure_init(&m, true);
    for (double lat = -66.0; lat <= 66.0; lat += 11.0)
        for (double radius = 24.0; radius <= 2400.0; radius *= 10.0) {
            make_ring(108.8, lat, radius);
            double want = by_geodesics(), got = m.ring_area_m2(m.self, N + 1, x, y);
            assert_true(fabs(got - want) < 5e-3 + 1e-8 * want);              // the peer's own noise is 1e-3 m²
            assert_true(fabs(m.ring_area_m2(m.self, N, x, y) - got) < 1e-6); // the closing vertex may be left out
        }
}

static void a_sliver_keeps_its_digits(void **state) {
    (void)state;
    wf_measure m;
    double sx[5] = {108.8, 108.80001, 108.80001, 108.8, 108.8}, sy[5] = {37.6, 37.6, 37.6 + 1e-13, 37.6 + 1e-13, 37.6};
    double mx, my;
    wf_measure_init(&m, true);
    m.scale_m(m.self, sx[0], sy[0], &mx, &my);
    double want = (sx[1] - sx[0]) * mx * (sy[2] - sy[1]) * my;
    assert_true(fabs(m.ring_area_m2(m.self, 5, sx, sy) / want - 1.0) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_rings_agree_with_geodesics),
                                       cmocka_unit_test(a_sliver_keeps_its_digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
