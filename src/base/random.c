/* xoshiro256** and the distributions the generators need. */
#include "base/random.h"
#include <math.h>

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void wf_random_seed(wf_random *r, uint64_t seed, uint64_t stream) {
    uint64_t state = seed;
    state = splitmix(&state) ^ (stream * 0xd1342543de82ef95u);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&state);
}

static uint64_t rotl(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t wf_random_u64(wf_random *r) {
    uint64_t *s = r->s;
    const uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double wf_random_unit(wf_random *r) {
    return (double)(wf_random_u64(r) >> 11) * 0x1p-53;
}

uint64_t wf_random_below(wf_random *r, uint64_t n) {
    const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t v;
    do
        v = wf_random_u64(r);
    while (v >= limit);
    return v % n;
}

double wf_random_normal(wf_random *r) {
    for (;;) {
        double u = 2.0 * wf_random_unit(r) - 1.0, v = 2.0 * wf_random_unit(r) - 1.0, s = u * u + v * v;
        if (s > 0.0 && s < 1.0)
            return u * sqrt(-2.0 * log(s) / s);
    }
}

double wf_random_gamma(wf_random *r, double k) {
    if (k < 1.0)
        return wf_random_gamma(r, k + 1.0) * pow(1.0 - wf_random_unit(r), 1.0 / k);
    const double d = k - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = wf_random_normal(r), v = 1.0 + c * x;
        if (v <= 0.0)
            continue;
        v = v * v * v;
        double u = 1.0 - wf_random_unit(r);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

uint64_t wf_random_poisson(wf_random *r, double m) {
    /* A Poisson count splits into independent halves, so a large mean is a sum of small ones. */
    uint64_t n = 0;
    while (m >= 30.0) {
        double gamma = wf_random_gamma(r, floor(m * 0.875));
        if (gamma > m) {
            /* The floor(m·7/8)-th arrival is after the end: the arrivals before it are binomial. */
            uint64_t k = (uint64_t)floor(m * 0.875) - 1;
            for (uint64_t i = 0; i < k; i++)
                n += wf_random_unit(r) * gamma < m;
            return n;
        }
        n += (uint64_t)floor(m * 0.875);
        m -= gamma;
    }
    double limit = exp(-m), product = wf_random_unit(r);
    while (product > limit) {
        n++;
        product *= wf_random_unit(r);
    }
    return n;
}
