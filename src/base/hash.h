#ifndef WF_BASE_HASH_H
#define WF_BASE_HASH_H
#include "base/arena.h"
#include <stddef.h>
#include <stdint.h>
/** 64-bit hash of bytes (wyhash-like multiply-mix of our own constants); not cryptographic; same on every machine. */
uint64_t wf_hash_bytes(const void *bytes, size_t n, uint64_t seed);
/** Text → uint32 in insertion order. Keys are copied into the arena. */
typedef struct {
    wf_arena *keep;
    const char **key; /**< n keys in the order they came */
    uint32_t *length; /**< of each key */
    uint32_t *slot;   /**< open addressing, index + 1 */
    uint32_t n, cap, cap_length, n_slots;
} wf_names;
void wf_names_init(wf_names *names, wf_arena *keep);
/** Number of the key, added when new; UINT32_MAX when memory is short. */
uint32_t wf_names_add(wf_names *names, const char *key, size_t n);
/** Number of the key, or UINT32_MAX. */
uint32_t wf_names_find(const wf_names *names, const char *key, size_t n);
#endif
