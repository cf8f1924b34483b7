#ifndef WF_BASE_ARENA_H
#define WF_BASE_ARENA_H
#include <stddef.h>

/** Memory that is given back all at once. Pieces are zeroed and aligned to 16 bytes. A debug build
 *  (WF_ARENA_MALLOC) makes each piece a malloc of its own so that sanitizers see its ends.
 *  One arena belongs to one thread at a time. */
typedef struct wf_arena_block wf_arena_block;
typedef struct {
    wf_arena_block *last; /**< newest block, linked to older ones; NULL when empty */
    size_t n_bytes;       /**< bytes handed out and still held */
    long fail_in;         /**< tests: the piece after this many more fails; < 0 never */
} wf_arena;

void wf_arena_init(wf_arena *arena);
/** Give everything back; the arena can be used again. */
void wf_arena_clear(wf_arena *arena);
/** n * size zeroed bytes, or NULL when memory is short or the product overflows. n == 0 gives a valid pointer. */
void *wf_arena_alloc(wf_arena *arena, size_t n, size_t size);
/** A piece of old_n items (its full size, as it was asked for) moved into room for new_n, rest zeroed; NULL when memory
 * is short (old stays valid). old may be NULL with old_n == 0. Pieces over 64 KiB are grown in place by the system
 * where it can. */
void *wf_arena_grow(wf_arena *arena, void *old, size_t old_n, size_t new_n, size_t size);
/** A copy of n bytes with a NUL behind them, or NULL. */
char *wf_arena_text(wf_arena *arena, const char *bytes, size_t n);

#define WF_NEW(arena, type, n) ((type *)wf_arena_alloc((arena), (n), sizeof(type)))

/** Make room for one more item in a growable column `items` of n used and cap room; grows by doubling.
 *  Evaluates to nonzero when memory is short. items is an lvalue pointer, cap an lvalue size_t or uint32_t. */
#define WF_ROOM(arena, items, n, cap)                                                                                  \
    ((size_t)(n) < (size_t)(cap)                                                                                       \
         ? 0                                                                                                           \
         : wf_arena_double((arena), (void **)&(items), (size_t)(n), sizeof *(items), sizeof(cap), &(cap)))
int wf_arena_double(wf_arena *arena, void **items, size_t n, size_t size, size_t cap_size, void *cap);
#endif
