/* Edges against edges: which of them no neighbour draws the other way round. Hot: sees every edge of a level. */
#include "coverage/borders.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An edge is numbered by the vertex it leaves in p, or from n_vertices on by its place among the extra segments (mended
 * borders, and the closing edges of rings that the input left open). An entry is twice the number, plus one when the
 * edge counts −1 along the direction from its lower end (west, then south) to its upper end. */
enum { EDGES_A_TILE = 4096, MAX_TILES = 1 << 14, MAX_CHUNKS = 64, NO_EDGE = 0xFFFF };

typedef struct {
    double ax, ay, bx, by; /* lower end, upper end */
} ends;

typedef struct {
    uint32_t tag, entry; /* high half of the hash; one edge of the group */
    int32_t sum;         /* of the weights along the lower to upper direction */
    uint32_t used;
} slot;

/* What one thread needs for a tile; grows. */
typedef struct {
    slot *table;
    uint32_t *slot_of;
    size_t n_table, n_slot_of;
} bench;

typedef struct {
    wf_borders *b;
    wf_segments extra;
    double per_x, per_y; /* cells in a unit of x and y */
    uint32_t n_chunks, n_tiles, shift;
    uint16_t *tile;     /* of each edge: its tile · 2, plus one as in its entry; NO_EDGE where there is no length */
    uint32_t *start;    /* of each chunk's entries in each tile: by tile, then chunk; one more at the end */
    uint32_t *entry, n; /* by tile, then chunk */
    uint32_t *n_left;   /* of each tile: its first entries are those that are left */
    bench *bench;       /* of each thread */
} matching;

/* ---- dealing ---------------------------------------------------------------------------------------------------- */

/* Cells are as large as hold the edges of a tile where grids are of the usual size, and fall to tiles by hash: the
 * extent of the plan and far outliers play no part. */
static uint32_t tile_of(const matching *m, double x, double y) {
    double cx = x * m->per_x, cy = y * m->per_y;
    if (!(fabs(cx) < 1e15 && fabs(cy) < 1e15))
        return 0;
    uint64_t h = (uint64_t)(int64_t)cx * 0x9E3779B97F4A7C15U + (uint64_t)(int64_t)cy * 0xC2B2AE3D27D4EB4FU;
    h ^= h >> 32;
    return (uint32_t)((h * 0x9FB21C651E98DF25U) >> m->shift);
}

static bool is_lower(double ax, double ay, double bx, double by) {
    return ax < bx || (ax == bx && ay < by);
}

static wf_code size_cells(matching *m, wf_error *err) {
    const wf_borders *b = m->b;
    double log_w = 0, log_h = 0;
    uint32_t n = 0;
    uint64_t n_edges = m->extra.n;
    for (uint32_t item = 0; item < b->n_subset; item++) {
        double w = b->box[item][2] - b->box[item][0], h = b->box[item][3] - b->box[item][1];
        uint32_t grid = b->subset[item], part = b->p->grid_start[grid], last = b->p->grid_start[grid + 1];
        n_edges += b->p->ring_start[b->p->part_start[last]] - b->p->ring_start[b->p->part_start[part]];
        if (!(w > 0 && h > 0))
            continue;
        log_w += log(w);
        log_h += log(h);
        n++;
    }
    if (n_edges + b->p->n_vertices >= UINT32_MAX / 2)
        return wf_fail(err, WF_LIMIT, "over 2^31 edges on one level: split the plan by county or street");
    m->n_tiles = 2;
    for (m->shift = 63; m->n_tiles < MAX_TILES && (uint64_t)m->n_tiles * EDGES_A_TILE < n_edges; m->shift--)
        m->n_tiles *= 2;
    double grids_a_cell = n > 0 ? fmax(1.0, (double)EDGES_A_TILE * n / (double)n_edges) : 1.0;
    m->per_x = n > 0 ? 1.0 / (exp(log_w / n) * sqrt(grids_a_cell)) : 1.0;
    m->per_y = n > 0 ? 1.0 / (exp(log_h / n) * sqrt(grids_a_cell)) : 1.0;
    return WF_OK;
}

/* Which tile an edge goes to; counted. */
static void count_edge(const matching *m, uint32_t edge, double ax, double ay, double bx, double by, int32_t weight,
                       uint32_t *count) {
    bool up = is_lower(ax, ay, bx, by);
    uint32_t tile = up ? tile_of(m, ax, ay) : tile_of(m, bx, by);
    m->tile[edge] = (uint16_t)(2 * tile + (up == (weight < 0)));
    count[tile]++;
}

static void count_ring(const matching *m, uint32_t ring, int32_t weight, uint32_t *count) {
    const wf_polygons *p = m->b->p;
    const double *x = p->x, *y = p->y;
    uint32_t last = p->ring_start[ring + 1];
    for (uint32_t v = p->ring_start[ring]; v + 1 < last; v++) {
        if (x[v] == x[v + 1] && y[v] == y[v + 1])
            m->tile[v] = NO_EDGE;
        else
            count_edge(m, v, x[v], y[v], x[v + 1], y[v + 1], weight, count);
    }
}

static void count_extra(const matching *m, uint32_t *count) {
    for (uint32_t k = 0; k < m->extra.n; k++) {
        const wf_segment *s = &m->extra.segment[k];
        count_edge(m, m->b->p->n_vertices + k, s->ax, s->ay, s->bx, s->by, s->weight, count);
    }
}

/* Deal out the edges from … to - 1: place[tile] is where a tile's next one goes. */
static void deal_edges(const matching *m, uint32_t from, uint32_t to, uint32_t *place) {
    for (uint32_t edge = from; edge < to; edge++)
        if (m->tile[edge] != NO_EDGE)
            m->entry[place[m->tile[edge] / 2]++] = 2 * edge + (m->tile[edge] & 1);
}

/* The edges of a share of the items; `place` counts them, or says where they go when they are dealt out. */
static wf_code pass_chunk(const matching *m, uint32_t chunk, bool counting, wf_error *err) {
    const wf_borders *b = m->b;
    const wf_polygons *p = b->p;
    uint32_t *place = m->start + (size_t)chunk * m->n_tiles;
    uint64_t n = b->n_subset;
    WF_TRY(wf_check_poll(b->params, err));
    for (uint32_t item = (uint32_t)(n * chunk / m->n_chunks); item < n * (chunk + 1) / m->n_chunks; item++) {
        uint32_t grid = b->subset[item], last = p->part_start[p->grid_start[grid + 1]];
        for (uint32_t ring = p->part_start[p->grid_start[grid]]; !b->duplicate[item] && ring < last; ring++) {
            if (b->weight[ring] == 0)
                continue;
            if (counting)
                count_ring(m, ring, b->weight[ring], place);
            else
                deal_edges(m, p->ring_start[ring], p->ring_start[ring + 1] - 1, place);
        }
    }
    if (chunk > 0)
        return WF_OK;
    if (counting)
        count_extra(m, place);
    else
        deal_edges(m, p->n_vertices, p->n_vertices + m->extra.n, place);
    return WF_OK;
}

static wf_code count_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    (void)thread;
    return pass_chunk(ctx, chunk, true, err);
}

static wf_code deal_out_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    (void)thread;
    return pass_chunk(ctx, chunk, false, err);
}

/* Counts become the places where each chunk deals to, tile by tile. Afterwards place[last chunk] is a tile's end. */
static wf_code deal(matching *m, wf_error *err) {
    wf_arena *scratch = m->b->scratch;
    m->n_chunks = m->b->n_subset < MAX_CHUNKS ? m->b->n_subset : MAX_CHUNKS;
    m->start = WF_NEW(scratch, uint32_t, (size_t)m->n_chunks * m->n_tiles);
    m->tile = WF_NEW(scratch, uint16_t, (size_t)m->b->p->n_vertices + m->extra.n);
    if (m->start == NULL || m->tile == NULL)
        return wf_fail_nomem(err);
    WF_TRY(wf_pool_run(m->b->params->pool, m->n_chunks, count_chunk, m, err));
    for (uint32_t tile = 0; tile < m->n_tiles; tile++)
        for (uint32_t chunk = 0; chunk < m->n_chunks; chunk++) {
            uint32_t *at = &m->start[(size_t)chunk * m->n_tiles + tile], count = *at;
            *at = m->n;
            m->n += count;
        }
    if ((m->entry = WF_NEW(scratch, uint32_t, m->n)) == NULL)
        return wf_fail_nomem(err);
    return wf_pool_run(m->b->params->pool, m->n_chunks, deal_out_chunk, m, err);
}

/* ---- tiles ------------------------------------------------------------------------------------------------------ */

static ends ends_of(const matching *m, uint32_t entry) {
    const wf_polygons *p = m->b->p;
    uint32_t v = entry / 2;
    ends e = {0, 0, 0, 0};
    if (v < p->n_vertices) {
        e = (ends){p->x[v], p->y[v], p->x[v + 1], p->y[v + 1]};
    } else {
        const wf_segment *s = &m->extra.segment[v - p->n_vertices];
        e = (ends){s->ax, s->ay, s->bx, s->by};
    }
    return is_lower(e.ax, e.ay, e.bx, e.by) ? e : (ends){e.bx, e.by, e.ax, e.ay};
}

static bool same_ends(const ends *p, const ends *q) {
    return p->ax == q->ax && p->ay == q->ay && p->bx == q->bx && p->by == q->by;
}

static uint64_t bits_of(double v) {
    uint64_t bits;
    v += 0.0; /* −0 is 0 */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static uint64_t hash_of(const ends *e) {
    uint64_t h = bits_of(e->ax) * 0x9E3779B97F4A7C15U + bits_of(e->by) * 0xC2B2AE3D27D4EB4FU;
    uint64_t k = bits_of(e->ay) * 0x9FB21C651E98DF25U + bits_of(e->bx) * 0xD6E8FEB86659FD93U;
    h ^= k ^ (h >> 29) ^ (k >> 31);
    h *= 0x9FB21C651E98DF25U;
    return h ^ (h >> 28);
}

/* Room for a table of n_table slots, cleared, and n numbers. */
static wf_code make_room(bench *w, size_t n_table, size_t n, wf_error *err) {
    if (n_table > w->n_table) {
        free(w->table);
        w->table = malloc(n_table * sizeof *w->table);
        w->n_table = w->table == NULL ? 0 : n_table;
    }
    if (n > w->n_slot_of) {
        free(w->slot_of);
        w->slot_of = malloc(n * sizeof *w->slot_of);
        w->n_slot_of = w->slot_of == NULL ? 0 : n;
    }
    if (w->table == NULL || w->slot_of == NULL)
        return wf_fail_nomem(err);
    memset(w->table, 0, n_table * sizeof *w->table);
    return WF_OK;
}

/* Add up the groups of a tile; the entries of those that do not vanish move to its front. */
static wf_code match_tile(void *ctx, uint32_t tile, unsigned thread, wf_error *err) {
    matching *m = ctx;
    bench *w = &m->bench[thread];
    uint32_t first = tile == 0 ? 0 : m->start[(size_t)(m->n_chunks - 1) * m->n_tiles + tile - 1];
    uint32_t n = m->start[(size_t)(m->n_chunks - 1) * m->n_tiles + tile] - first, *entry = m->entry + first;
    size_t n_table = 16;
    if (n == 0)
        return WF_OK;
    while (n_table < n + n / 2)
        n_table *= 2;
    WF_TRY(wf_check_poll(m->b->params, err));
    WF_TRY(make_room(w, n_table, n, err));
    uint32_t n_open = 0;
    for (uint32_t i = 0; i < n; i++) {
        ends e = ends_of(m, entry[i]);
        uint64_t h = hash_of(&e);
        uint32_t tag = (uint32_t)(h >> 32);
        size_t at = (size_t)h & (n_table - 1);
        for (; w->table[at].used; at = (at + 1) & (n_table - 1)) {
            if (w->table[at].tag != tag)
                continue;
            ends other = ends_of(m, w->table[at].entry);
            if (same_ends(&e, &other))
                break;
        }
        slot *s = &w->table[at];
        if (!s->used)
            *s = (slot){tag, entry[i], 0, 1};
        n_open -= s->sum != 0;
        s->sum += entry[i] & 1 ? -1 : 1;
        n_open += s->sum != 0;
        w->slot_of[i] = (uint32_t)at;
    }
    for (uint32_t i = 0; n_open > 0 && i < n; i++)
        if (w->table[w->slot_of[i]].sum != 0)
            entry[m->n_left[tile]++] = entry[i];
    return WF_OK;
}

/* ---- what is left ----------------------------------------------------------------------------------------------- */

/* The interval [start[k], start[k + 1]) of n that holds v. */
static uint32_t interval_of(const uint32_t *start, uint32_t n, uint32_t v) {
    uint32_t low = 0, high = n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (start[middle] <= v)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static wf_segment segment_of(const matching *m, uint32_t edge) {
    const wf_borders *b = m->b;
    const wf_polygons *p = b->p;
    if (edge >= p->n_vertices)
        return m->extra.segment[edge - p->n_vertices];
    uint32_t ring = interval_of(p->ring_start, p->n_rings, edge), part = interval_of(p->part_start, p->n_parts, ring);
    uint32_t grid = interval_of(p->grid_start, p->n_grids, part), item = interval_of(b->subset, b->n_subset, grid);
    return (wf_segment){p->x[edge], p->y[edge], p->x[edge + 1], p->y[edge + 1], b->weight[ring], item};
}

static wf_code gather(matching *m, wf_error *err) {
    wf_segments *to = &m->b->residual;
    for (uint32_t tile = 0; tile < m->n_tiles; tile++) {
        uint32_t first = tile == 0 ? 0 : m->start[(size_t)(m->n_chunks - 1) * m->n_tiles + tile - 1];
        for (uint32_t i = first; i < first + m->n_left[tile]; i++)
            WF_TRY(wf_segments_add(to, segment_of(m, m->entry[i] / 2), err));
    }
    return WF_OK;
}

/* Closing edges of rings that the input left open, and what was drawn anew. */
static wf_code list_extra(matching *m, wf_error *err) {
    const wf_borders *b = m->b;
    const wf_polygons *p = b->p;
    for (uint32_t item = 0; item < b->n_subset; item++) {
        uint32_t grid = b->subset[item], last_ring = p->part_start[p->grid_start[grid + 1]];
        if (b->duplicate[item])
            continue;
        for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < last_ring; ring++) {
            uint32_t a = p->ring_start[ring + 1] - 1, z = p->ring_start[ring];
            if (b->weight[ring] != 0 && (p->x[a] != p->x[z] || p->y[a] != p->y[z]))
                WF_TRY(wf_segments_add(&m->extra,
                                       (wf_segment){p->x[a], p->y[a], p->x[z], p->y[z], b->weight[ring], item}, err));
        }
    }
    for (uint32_t k = 0; k < b->mended.n; k++)
        if (!b->duplicate[b->mended.segment[k].owner])
            WF_TRY(wf_segments_add(&m->extra, b->mended.segment[k], err));
    return WF_OK;
}

wf_code wf_borders_match(wf_borders *b, wf_error *err) {
    unsigned n_threads = b->params->pool == NULL ? 1 : wf_pool_threads(b->params->pool);
    matching m = {.b = b, .extra = {.arena = b->scratch}, .bench = WF_NEW(b->scratch, bench, n_threads)};
    wf_code code = WF_OK;
    if (m.bench == NULL)
        return wf_fail_nomem(err);
    WF_GO(list_extra(&m, err));
    WF_GO(size_cells(&m, err));
    WF_GO(deal(&m, err));
    if ((m.n_left = WF_NEW(b->scratch, uint32_t, m.n_tiles)) == NULL)
        WF_GO(wf_fail_nomem(err));
    if (m.n > 0)
        WF_GO(wf_pool_run(b->params->pool, m.n_tiles, match_tile, &m, err));
    if (m.n > 0)
        WF_GO(gather(&m, err));
done:
    for (unsigned t = 0; t < n_threads; t++) {
        free(m.bench[t].table);
        free(m.bench[t].slot_of);
    }
    return code;
}
