/* Arenas: blocks in a list, small pieces carved from the newest, large pieces in a block of their own so that
 * growing them is a realloc. Huge ones are mapped: they come zeroed, room that is never used costs no memory, growing
 * moves no bytes, and the system may back them by large pages. */
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK_BYTES = 256 * 1024, LARGE_BYTES = 64 * 1024, HUGE_BYTES = 4 * 1024 * 1024, ALIGN = 16 };

struct wf_arena_block {
    wf_arena_block *prev, *next;
    size_t used, room;
    _Alignas(16) unsigned char bytes[];
};

void wf_arena_init(wf_arena *arena) {
    *arena = (wf_arena){.last = NULL, .n_bytes = 0, .fail_in = -1};
}

static bool is_huge(size_t bytes) {
#ifdef WF_ARENA_MALLOC
    (void)bytes;
    return false;
#else
    return bytes >= HUGE_BYTES;
#endif
}

void wf_arena_clear(wf_arena *arena) {
    wf_arena_block *block = arena->last;
    while (block != NULL) {
        wf_arena_block *prev = block->prev;
        if (is_huge(block->room))
            munmap(block, sizeof *block + block->room);
        else
            free(block);
        block = prev;
    }
    arena->last = NULL;
    arena->n_bytes = 0;
}

static bool fails_now(wf_arena *arena) {
    if (arena->fail_in < 0)
        return false;
    if (arena->fail_in == 0)
        return true;
    arena->fail_in--;
    return false;
}

/* Link a block behind the newest, or as the newest. */
static void link_block(wf_arena *arena, wf_arena_block *block, bool newest) {
    wf_arena_block *last = arena->last;
    if (last == NULL || newest) {
        block->prev = last;
        block->next = NULL;
        if (last != NULL)
            last->next = block;
        arena->last = block;
        return;
    }
    block->prev = last->prev;
    block->next = last;
    if (last->prev != NULL)
        last->prev->next = block;
    last->prev = block;
}

static bool sized(size_t n, size_t size, size_t *bytes) {
    if (size != 0 && n > (SIZE_MAX / 2) / size)
        return false;
    *bytes = (n * size + ALIGN - 1) / ALIGN * ALIGN;
    return true;
}

static bool is_large(size_t bytes) {
#ifdef WF_ARENA_MALLOC
    (void)bytes;
    return true;
#else
    return bytes > LARGE_BYTES;
#endif
}

static wf_arena_block *map_block(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(at, bytes, MADV_HUGEPAGE); /* a wish */
    return at;
}

static void *alloc_large(wf_arena *arena, size_t bytes) {
    size_t whole = sizeof(wf_arena_block) + bytes;
    wf_arena_block *block = is_huge(bytes) ? map_block(whole) : calloc(1, whole);
    if (block == NULL)
        return NULL;
    block->used = block->room = bytes;
    link_block(arena, block, false);
    arena->n_bytes += bytes;
    return block->bytes;
}

void *wf_arena_alloc(wf_arena *arena, size_t n, size_t size) {
    size_t bytes;
    if (fails_now(arena) || !sized(n, size, &bytes))
        return NULL;
    if (is_large(bytes))
        return alloc_large(arena, bytes);
    wf_arena_block *block = arena->last;
    if (block == NULL || block->room - block->used < bytes) {
        block = calloc(1, sizeof *block + BLOCK_BYTES);
        if (block == NULL)
            return NULL;
        block->room = BLOCK_BYTES;
        link_block(arena, block, true);
    }
    void *piece = block->bytes + block->used;
    block->used += bytes;
    arena->n_bytes += bytes;
    return piece;
}

/* A block of its own with more room, the rest zeroed; NULL when memory is short, and then the old one stands. */
static wf_arena_block *move_block(wf_arena_block *block, size_t old_bytes, size_t new_bytes) {
    wf_arena_block *moved;
    if (is_huge(old_bytes)) {
        moved = mremap(block, sizeof *block + old_bytes, sizeof *block + new_bytes, MREMAP_MAYMOVE);
        return moved == MAP_FAILED ? NULL : moved;
    }
    if (is_huge(new_bytes)) {
        if ((moved = map_block(sizeof *moved + new_bytes)) == NULL)
            return NULL;
        memcpy(moved, block, sizeof *block + old_bytes);
        free(block);
        return moved;
    }
    if ((moved = realloc(block, sizeof *block + new_bytes)) != NULL)
        memset(moved->bytes + old_bytes, 0, new_bytes - old_bytes);
    return moved;
}

static void *grow_large(wf_arena *arena, void *old, size_t old_bytes, size_t new_bytes) {
    wf_arena_block *block = (wf_arena_block *)(void *)((unsigned char *)old - offsetof(wf_arena_block, bytes));
    bool newest = arena->last == block;
    wf_arena_block *moved = move_block(block, old_bytes, new_bytes);
    if (moved == NULL)
        return NULL;
    arena->n_bytes += new_bytes - old_bytes;
    moved->used = moved->room = new_bytes;
    if (moved->prev != NULL)
        moved->prev->next = moved;
    if (moved->next != NULL)
        moved->next->prev = moved;
    if (newest)
        arena->last = moved;
    return moved->bytes;
}

void *wf_arena_grow(wf_arena *arena, void *old, size_t old_n, size_t new_n, size_t size) {
    size_t old_bytes, new_bytes;
    if (!sized(old_n, size, &old_bytes) || !sized(new_n, size, &new_bytes))
        return NULL;
    if (old != NULL && new_bytes <= old_bytes)
        return old;
    if (old != NULL && old_bytes > 0 && is_large(old_bytes))
        return fails_now(arena) ? NULL : grow_large(arena, old, old_bytes, new_bytes);
    void *piece = wf_arena_alloc(arena, new_n, size);
    if (piece != NULL && old != NULL)
        memcpy(piece, old, old_bytes);
    return piece;
}

char *wf_arena_text(wf_arena *arena, const char *bytes, size_t n) {
    char *text = wf_arena_alloc(arena, n + 1, 1);
    if (text != NULL && n > 0)
        memcpy(text, bytes, n);
    return text;
}

int wf_arena_double(wf_arena *arena, void **items, size_t n, size_t size, size_t cap_size, void *cap) {
    size_t room = n < 8 ? 16 : n * 2;
    if (cap_size == sizeof(uint32_t) && room > UINT32_MAX)
        return 1;
    /* The old room is what was asked for last time: the piece's true size when it is a block of its own. */
    size_t old = cap_size == sizeof(uint32_t) ? *(uint32_t *)cap : *(size_t *)cap;
    void *moved = wf_arena_grow(arena, *items, old, room, size);
    if (moved == NULL)
        return 1;
    *items = moved;
    if (cap_size == sizeof(uint32_t))
        *(uint32_t *)cap = (uint32_t)room;
    else
        *(size_t *)cap = room;
    return 0;
}
