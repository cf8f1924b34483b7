#ifndef WF_BASE_RANDOM_H
#define WF_BASE_RANDOM_H
#include <stdint.h>
/** xoshiro256** (Blackman & Vigna 2018), seeded by splitmix64. Same seed and stream, same numbers everywhere. */
typedef struct {
    uint64_t s[4];
} wf_random;
void wf_random_seed(wf_random *r, uint64_t seed, uint64_t stream);
uint64_t wf_random_u64(wf_random *r);
/** Uniform in [0, 1) with 53 bits. */
double wf_random_unit(wf_random *r);
/** Uniform integer in [0, n); n > 0; without modulo bias. */
uint64_t wf_random_below(wf_random *r, uint64_t n);
/** Standard normal (Marsaglia's polar method). */
double wf_random_normal(wf_random *r);
/** Gamma with shape k > 0 and scale 1 (Marsaglia & Tsang 2000). */
double wf_random_gamma(wf_random *r, double k);
/** Poisson with mean m >= 0 (multiplication below 30; above, gamma reduction of Ahrens & Dieter 1974). */
uint64_t wf_random_poisson(wf_random *r, double m);
#endif
