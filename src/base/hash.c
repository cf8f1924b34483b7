/* Hash of bytes and the text dictionary. Names are few (categories, codes): clarity before speed. */
#include "base/hash.h"
#include <string.h>

static uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t p = (__uint128_t)a * b;
    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t wf_hash_bytes(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t h = seed ^ 0x8f2a6c1d3b5e7091u, word;
    size_t left = n;
    for (; left >= 8; left -= 8, p += 8) {
        memcpy(&word, p, 8);
        h = mix(h ^ word, 0xa24baed4963ee407u);
    }
    word = 0;
    memcpy(&word, p, left);
    return mix(mix(h ^ word, 0x9fb21c651e98df25u) ^ n, 0xd6e8feb86659fd93u);
}

void wf_names_init(wf_names *names, wf_arena *keep) {
    *names = (wf_names){.keep = keep};
}

static uint32_t probe(const wf_names *names, const char *key, size_t n) {
    uint32_t at = (uint32_t)wf_hash_bytes(key, n, 0) & (names->n_slots - 1);
    while (names->slot[at] != 0) {
        uint32_t have = names->slot[at] - 1;
        if (names->length[have] == n && memcmp(names->key[have], key, n) == 0)
            break;
        at = (at + 1) & (names->n_slots - 1);
    }
    return at;
}

uint32_t wf_names_find(const wf_names *names, const char *key, size_t n) {
    if (names->n_slots == 0)
        return UINT32_MAX;
    uint32_t at = probe(names, key, n);
    return names->slot[at] == 0 ? UINT32_MAX : names->slot[at] - 1;
}

static int rehash(wf_names *names) {
    uint32_t n_slots = names->n_slots == 0 ? 64 : names->n_slots * 2;
    uint32_t *slot = WF_NEW(names->keep, uint32_t, n_slots);
    if (slot == NULL)
        return 1;
    names->slot = slot;
    names->n_slots = n_slots;
    for (uint32_t i = 0; i < names->n; i++)
        slot[probe(names, names->key[i], names->length[i])] = i + 1;
    return 0;
}

uint32_t wf_names_add(wf_names *names, const char *key, size_t n) {
    uint32_t found = wf_names_find(names, key, n);
    if (found != UINT32_MAX)
        return found;
    if ((names->n + 1) * 2 > names->n_slots && rehash(names))
        return UINT32_MAX;
    if (n > UINT32_MAX || WF_ROOM(names->keep, names->key, names->n, names->cap) ||
        WF_ROOM(names->keep, names->length, names->n, names->cap_length))
        return UINT32_MAX;
    char *copy = wf_arena_text(names->keep, key, n);
    if (copy == NULL)
        return UINT32_MAX;
    names->key[names->n] = copy;
    names->length[names->n] = (uint32_t)n;
    names->slot[probe(names, key, n)] = names->n + 1;
    return names->n++;
}
