#ifndef WF_TESTS_PLAIN_H
#define WF_TESTS_PLAIN_H
/* Measures in the plane, for figures whose coordinates are metres. */
#include "base/grids.h"
#include <math.h>

static inline double plain_area(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    double sum = 0;
    for (uint32_t i = 1; i + 1 < n; i++)
        sum += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    return fabs(sum) / 2;
}

static inline double plain_length(void *self, uint32_t n, const double *x, const double *y) {
    (void)self;
    double sum = 0;
    for (uint32_t i = 1; i < n; i++)
        sum += hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
    return sum;
}

static inline void plain_scale(void *self, double x, double y, double *mx, double *my) {
    (void)self, (void)x, (void)y;
    *mx = *my = 1;
}

__attribute__((unused)) static const wf_measure plain = {NULL, plain_area, plain_length, plain_scale};
#endif
