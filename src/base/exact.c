/* Exact orientation. Nearly every call ends at the error-bound filter; the exact path expands the determinant into a
 * sum of doubles without rounding. Must be compiled with -ffp-contract=off. */
#include "base/exact.h"
#include <math.h>

static void two_sum(double a, double b, double *sum, double *error) {
    *sum = a + b;
    double bb = *sum - a;
    *error = (a - (*sum - bb)) + (b - bb);
}

/* Add v to an expansion e of n non-overlapping parts in increasing magnitude; returns the new count. */
static int grow(double *e, int n, double v) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
        double sum, error;
        two_sum(v, e[i], &sum, &error);
        v = sum;
        if (error != 0.0)
            e[kept++] = error;
    }
    if (v != 0.0)
        e[kept++] = v;
    return kept;
}

/* Add sign·a·b exactly: the product and its rounding error. */
static int grow_product(double *e, int n, double a, double b) {
    double product = a * b, error = fma(a, b, -product);
    n = grow(e, n, error);
    return grow(e, n, product);
}

/* The determinant written without differences: ax·by − ay·bx + bx·cy − by·cx + cx·ay − cy·ax. */
static int orient_exact(double ax, double ay, double bx, double by, double cx, double cy) {
    double e[16];
    int n = 0;
    n = grow_product(e, n, ax, by);
    n = grow_product(e, n, -ay, bx);
    n = grow_product(e, n, bx, cy);
    n = grow_product(e, n, -by, cx);
    n = grow_product(e, n, cx, ay);
    n = grow_product(e, n, -cy, ax);
    return n == 0 ? 0 : e[n - 1] > 0.0 ? 1 : -1;
}

int wf_exact_orient(double ax, double ay, double bx, double by, double cx, double cy) {
    const double left = (ax - cx) * (by - cy), right = (ay - cy) * (bx - cx), det = left - right;
    /* Shewchuk's bound for the first stage: (3 + 16 eps) eps with eps = 2^-53. */
    const double bound = 3.3306690738754716e-16 * (fabs(left) + fabs(right));
    if (det > bound)
        return 1;
    if (det < -bound)
        return -1;
    return orient_exact(ax, ay, bx, by, cx, cy);
}

int wf_exact_on_segment(double ax, double ay, double bx, double by, double px, double py) {
    return fmin(ax, bx) <= px && px <= fmax(ax, bx) && fmin(ay, by) <= py && py <= fmax(ay, by) &&
           wf_exact_orient(ax, ay, bx, by, px, py) == 0;
}
