/* Geodesic measures by PROJ's geodesic routines (Karney 2013, "Algorithms for geodesics"). Rings under 5 km across are
 * measured in a plane from coordinates differenced from their own first vertex, so that slivers keep their digits. */
#include "bridge/measure.h"
#include <geodesic.h>
#include <math.h>

static const double semi_major_m = 6378137.0, flattening = 1.0 / 298.257222101, local_m = 5000.0;

static void scale_geographic(void *self, double x, double y, double *mx, double *my) {
    (void)self;
    (void)x;
    const double e2 = flattening * (2.0 - flattening), rad = M_PI / 180.0, s = sin(y * rad), w2 = 1.0 - e2 * s * s;
    *mx = semi_major_m / sqrt(w2) * cos(y * rad) * rad;
    *my = semi_major_m * (1.0 - e2) / (w2 * sqrt(w2)) * rad;
}

static void scale_planar(void *self, double x, double y, double *mx, double *my) {
    (void)self;
    (void)x;
    (void)y;
    *mx = *my = 1.0;
}

/* Twice the signed area of a ring in units of its coordinates, from its first vertex. */
static double doubled_area(uint32_t n, const double *x, const double *y) {
    double sum = 0.0;
    for (uint32_t i = 1; i + 1 < n; i++)
        sum += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    return sum;
}

static double area_planar(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    return n < 3 ? 0.0 : fabs(doubled_area(n, x, y)) / 2.0;
}

/* Signed area of a small ring whose edges are straight in longitude and latitude. With f(phi) = M N cos(phi), the area
 * is -contour integral of F dlambda, where F is the integral of f from the first vertex' latitude, taken to its third
 * power there: the first power is the plane's area, which keeps the digits of slivers, the others change with the
 * latitude. Under 5 km the rest is below 1e-9 of the area. */
static double local_area(uint32_t n, const double *x, const double *y) {
    const double e2 = flattening * (2.0 - flattening), rad = M_PI / 180.0;
    double mx, my, s = sin(y[0] * rad), c = cos(y[0] * rad), w2 = 1.0 - e2 * s * s;
    scale_geographic(NULL, x[0], y[0], &mx, &my);
    double g = -s / c + 4.0 * e2 * s * c / w2;
    double g1 = -1.0 / (c * c) + 4.0 * e2 * (c * c - s * s) / w2 + 8.0 * e2 * e2 * s * s * c * c / (w2 * w2);
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t next = i + 1 < n ? i + 1 : 0;
        double p = (y[i] - y[0]) * rad, q = (y[next] - y[0]) * rad;
        sum += (x[next] - x[i]) * (g * (p * p + p * q + q * q) / 6.0 + (g * g + g1) * (p + q) * (p * p + q * q) / 24.0);
    }
    return (doubled_area(n, x, y) / 2.0 - sum / rad) * mx * my;
}

static double area_geographic(void *self, uint32_t n, const double *x, const double *y) {
    if (n < 3)
        return 0.0;
    double west = x[0], east = x[0], south = y[0], north = y[0], mx, my;
    for (uint32_t i = 1; i < n; i++) {
        west = x[i] < west ? x[i] : west;
        east = x[i] > east ? x[i] : east;
        south = y[i] < south ? y[i] : south;
        north = y[i] > north ? y[i] : north;
    }
    scale_geographic(self, x[0], y[0], &mx, &my);
    if ((east - west) * mx < local_m && (north - south) * my < local_m)
        return fabs(local_area(n, x, y));
    struct geod_geodesic g;
    struct geod_polygon p;
    double area, perimeter;
    geod_init(&g, semi_major_m, flattening);
    geod_polygon_init(&p, 0);
    uint32_t last = x[n - 1] == x[0] && y[n - 1] == y[0] ? n - 1 : n;
    for (uint32_t i = 0; i < last; i++)
        geod_polygon_addpoint(&g, &p, y[i], x[i]);
    geod_polygon_compute(&g, &p, 0, 1, &area, &perimeter);
    return fabs(area);
}

static double length_geographic(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    struct geod_geodesic g;
    double sum = 0.0, s;
    geod_init(&g, semi_major_m, flattening);
    for (uint32_t i = 1; i < n; i++) {
        geod_inverse(&g, y[i - 1], x[i - 1], y[i], x[i], &s, NULL, NULL);
        sum += s;
    }
    return sum;
}

static double length_planar(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    double sum = 0.0;
    for (uint32_t i = 1; i < n; i++)
        sum += hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
    return sum;
}

void wf_measure_init(wf_measure *out, bool geographic) {
    *out = geographic ? (wf_measure){NULL, area_geographic, length_geographic, scale_geographic}
                      : (wf_measure){NULL, area_planar, length_planar, scale_planar};
}
