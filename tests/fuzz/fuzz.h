#ifndef WF_TESTS_FUZZ_H
#define WF_TESTS_FUZZ_H
/* Random and damaged texts, always the same for one seed. WF_FUZZ=N makes N times as many. */
#include "base/random.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static inline uint32_t below(wf_random *r, uint32_t n) {
    return (uint32_t)wf_random_below(r, n);
}

static inline uint64_t times(uint64_t n) {
    const char *more = getenv("WF_FUZZ");
    return more == NULL ? n : n * strtoull(more, NULL, 10);
}

/* A copy of exactly n bytes, so that a sanitizer sees a step beyond. */
static inline char *exact_copy(const char *text, size_t n) {
    char *copy = malloc(n > 0 ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    return copy;
}

/* Words from a list, put together until `room` is nearly used. Returns the length. */
static inline size_t write_words(wf_random *r, const char *const *words, uint32_t n_words, char *out, size_t room) {
    size_t n = 0, want = below(r, (uint32_t)room);
    while (n < want) {
        const char *w = words[below(r, n_words)];
        size_t length = strlen(w);
        if (n + length > room)
            break;
        memcpy(out + n, w, length);
        n += length;
    }
    return n;
}

/* Damage a text in place: bytes changed, stretches doubled, moved or lost, numbers made huge. Returns the new length,
 * at most `room`. */
static inline size_t damage(wf_random *r, char *text, size_t n, size_t room) {
    static const char *const odd[] = {"1e308",
                                      "-1e999",
                                      "NaN",
                                      "null",
                                      "[",
                                      "]",
                                      "{}",
                                      ",",
                                      "\"",
                                      "\n",
                                      ": ",
                                      "- ",
                                      "0",
                                      "-0.0",
                                      "4e-324",
                                      "\xEF\xBF\xBD",
                                      "99999999999999999999",
                                      "180.0000001",
                                      "'",
                                      "#"};
    for (uint32_t k = 1 + below(r, 4); k > 0 && n > 0; k--) {
        size_t at = below(r, (uint32_t)n), length = 1 + below(r, 40);
        length = length > n - at ? n - at : length;
        switch (below(r, 5)) {
        case 0:
            text[at] = (char)below(r, 256);
            break;
        case 1:
            memmove(text + at, text + at + length, n - at - length);
            n -= length;
            break;
        case 2:
            if (n + length <= room) {
                memmove(text + at + length, text + at, n - at);
                n += length;
            }
            break;
        case 3: {
            const char *w = odd[below(r, sizeof odd / sizeof *odd)];
            length = strlen(w);
            if (n + length <= room) {
                memmove(text + at + length, text + at, n - at);
                memcpy(text + at, w, length);
                n += length;
            }
            break;
        }
        default:
            if (text[at] >= '0' && text[at] <= '9')
                text[at] = (char)('0' + below(r, 10));
        }
    }
    return n;
}
#endif
