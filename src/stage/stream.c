/* The pass over the incidents. Text is cut at record borders into chunks of a megabyte; a round of chunks is parsed,
 * placed and counted by the threads, then its remarks are put away in order. What needs all rows at once (ids met
 * before, default points) is put aside by hash and settled partition by partition at the end; duplicates are then taken
 * back out of the counters by reading their rows once more. Typical: 10 million rows, 200 bytes each. */
#include "stage/stream.h"
#include "base/spool.h"
#include "bridge/measure.h"
#include "workload/near.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = (1 << 20) - 1, /* a record starts at most this far into its chunk, which fits the bits of a mark */
    ROUND_CHUNKS = 16,
    CELL_BYTES = 512,
    PARTITIONS = 128,
    SPOOL_BYTES = 48 << 20,
    DEFAULT_ROWS = 20,      /* identical coordinates that make a default point … */
    DEFAULT_CATEGORIES = 3, /* … in so many categories */
    IN_CHUNK_BITS = 20
};

/* A row by its place: chunk, offset in the chunk, number in the chunk. Ascending in source and row. */
typedef uint64_t mark;
#define MARK(chunk, offset, number) ((mark)(chunk) << 2 * IN_CHUNK_BITS | (mark)(offset) << IN_CHUNK_BITS | (number))
#define MARK_CHUNK(m) ((uint32_t)((m) >> 2 * IN_CHUNK_BITS))
#define MARK_OFFSET(m) ((size_t)((m) >> IN_CHUNK_BITS & ((1u << IN_CHUNK_BITS) - 1)))
#define MARK_NUMBER(m) ((uint32_t)((m) & ((1u << IN_CHUNK_BITS) - 1)))

typedef struct {
    size_t start; /* in the source's text */
    uint64_t first_row;
    uint32_t source;
} chunk_place;

typedef struct {
    mark at;
    uint32_t grid, recorded, group;
    uint8_t rule;
    bool counted;
} note;

typedef struct {
    uint64_t hash;
    mark at;
} id_record;

typedef struct {
    uint64_t hash;
    mark at;
    uint32_t category, grid;
} spot_record;

typedef struct {
    note *note;
    wf_placing *placing;
    uint32_t n_notes, cap_notes, n_placings, cap_placings, n_rows;
    wf_arena arena;
} slot;

/* What one thread counts. */
typedef struct {
    wf_tally tally;
    wf_accounts *accounts;
    uint32_t *inside;
} counter;

/* What settling one partition finds. */
typedef struct {
    wf_arena arena;
    mark *twin;
    note *spot, *near;
    uint64_t *office; /* hashes of the default points' coordinates */
    uint32_t n_twins, cap_twins, n_spots, cap_spots, n_near, cap_near, n_offices, cap_offices;
} settled;

typedef struct wf_stream_state {
    wf_stream_config config;
    wf_stream *out;
    unsigned n_threads;
    counter *counters;
    slot slots[ROUND_CHUNKS];
    size_t border[ROUND_CHUNKS + 1];
    uint32_t source, round_first; /* of the round at work */
    chunk_place *chunks;
    uint32_t n_chunks, cap_chunks;
    wf_spool *ids, *spots, *reports;
    wf_measure measure;
    wf_near_cells cells;
    uint64_t *offices; /* of all partitions, ascending */
    size_t n_offices;
    settled *partition;
    FILE *notes;
    wf_arena keep;
    mark *twins; /* duplicates, ascending */
    note *late;  /* remarks found at the end, ascending */
    wf_row_name *twin_rows;
    size_t n_twins, n_late;
    uint64_t *repeats; /* n_sources²: rows of the first whose id was met in the second */
    uint64_t bytes_done, bytes_all;
} state;

/* ---- counting --------------------------------------------------------------------------------------------------- */

static wf_tally_key key_of(const wf_row *row) {
    return (wf_tally_key){row->grid, row->state == WF_ROW_OUTSIDE, row->category, row->hour, row->period};
}

/* Add a row to the accounts (sign 1) or take it back (sign -1, as two's complement). */
static void account(wf_accounts *a, const wf_row *row, uint64_t sign) {
    bool assigned = row->state == WF_ROW_ASSIGNED;
    a->read += sign;
    a->assigned += assigned ? sign : 0;
    a->outside += row->state == WF_ROW_OUTSIDE ? sign : 0;
    a->rejected += row->state == WF_ROW_REJECTED ? sign : 0;
    a->out_of_period += row->state == WF_ROW_OUT_OF_PERIOD ? sign : 0;
    a->boundary += assigned && row->placed == WF_PLACED_BOUNDARY ? sign : 0;
    a->overlap += assigned && row->placed == WF_PLACED_OVERLAP ? sign : 0;
    bool labelled = row->recorded != UINT32_MAX && (assigned || row->state == WF_ROW_OUTSIDE);
    a->labelled += labelled ? sign : 0;
    a->agree += labelled && assigned && (row->flags & 1u << WF_I10) == 0 ? sign : 0;
}

/* The place of a defect that a row lies in; UINT32_MAX none. */
static uint32_t defect_of(const state *t, const wf_row *row) {
    uint32_t place = UINT32_MAX;
    const wf_locator *l = row->state == WF_ROW_OUTSIDE                                        ? t->config.gaps
                          : row->state == WF_ROW_ASSIGNED && row->placed == WF_PLACED_OVERLAP ? t->config.overlaps
                                                                                              : NULL;
    if (l != NULL)
        wf_locator_place(l, row->x, row->y, NULL, &place);
    return place;
}

static wf_code add_note(slot *s, mark at, const wf_row *row, wf_rule rule, bool counted, wf_error *err) {
    if (WF_ROOM(&s->arena, s->note, s->n_notes, s->cap_notes))
        return wf_fail_nomem(err);
    s->note[s->n_notes++] = (note){at, row->grid, row->recorded, row->group, (uint8_t)rule, counted};
    return WF_OK;
}

static wf_code note_row(slot *s, mark at, const wf_row *row, wf_error *err) {
    bool counted = row->state == WF_ROW_ASSIGNED;
    if (!counted && row->state != WF_ROW_OUT_OF_PERIOD)
        return add_note(s, at, row, row->rule, false, err);
    for (uint32_t flags = counted ? row->flags : 0; flags != 0; flags &= flags - 1)
        WF_TRY(add_note(s, at, row, (wf_rule)__builtin_ctz(flags), true, err));
    return WF_OK;
}

/* Put a row aside to be held against others of its category: only what counts, and is known to be reported some time.
 */
static wf_code put_report(state *t, unsigned thread, mark at, const wf_row *row, wf_error *err) {
    wf_near_report copy[WF_NEAR_COPIES];
    if (t->reports == NULL || row->state != WF_ROW_ASSIGNED || row->when == INT64_MIN || row->kind == 0)
        return WF_OK;
    const wf_near_report report = {.at = at, .spot = row->spot, .when_s = row->when, .x = row->x, .y = row->y};
    uint32_t n = wf_near_spread(&t->cells, row->kind, &report, copy);
    for (uint32_t i = 0; i < n; i++)
        WF_TRY(wf_spool_put(t->reports, thread, (uint32_t)(copy[i].group >> 57), &copy[i], err));
    return WF_OK;
}

static wf_code take_row(state *t, slot *s, unsigned thread, mark at, const wf_row *row, wf_error *err) {
    counter *c = &t->counters[thread];
    account(&c->accounts[t->source], row, 1);
    if (row->id != 0) {
        id_record r = {row->id, at};
        WF_TRY(wf_spool_put(t->ids, thread, (uint32_t)(row->id >> 57), &r, err));
    }
    if (row->state == WF_ROW_ASSIGNED || (row->state == WF_ROW_OUTSIDE && row->grid != UINT32_MAX)) {
        wf_tally_key key = key_of(row);
        WF_TRY(wf_tally_add(&c->tally, &key, err));
    }
    uint32_t place = defect_of(t, row);
    if (place != UINT32_MAX)
        c->inside[place]++;
    if (t->spots != NULL && row->state == WF_ROW_ASSIGNED) {
        spot_record r = {row->spot, at, row->category, row->grid};
        WF_TRY(wf_spool_put(t->spots, thread, (uint32_t)(row->spot >> 57), &r, err));
    }
    WF_TRY(put_report(t, thread, at, row, err));
    if (row->rule != WF_RULE_NONE || row->flags != 0)
        WF_TRY(note_row(s, at, row, err));
    if (!t->config.keep_placings)
        return WF_OK;
    if (WF_ROOM(&s->arena, s->placing, s->n_placings, s->cap_placings))
        return wf_fail_nomem(err);
    s->placing[s->n_placings++] = (wf_placing){row->grid, row->state, row->placed, row->rule, 0};
    return WF_OK;
}

/* Where the next sign of a broken character stands, each kind by itself so that what is far off is looked for once. */
typedef struct {
    size_t sign, twice; /* U+FFFD; 锟斤拷, which is U+FFFD taken for GB18030; SIZE_MAX none */
} broken;

/* Few characters begin with the first byte of U+FFFD: looking for that alone is faster than for all three. */
static size_t find_sign(const char *text, size_t from, size_t end) {
    for (const char *p = text + from; (p = memchr(p, 0xEF, (size_t)(text + end - p))) != NULL; p++)
        if (text + end - p >= 3 && memcmp(p, "\xEF\xBF\xBD", 3) == 0)
            return (size_t)(p - text);
    return SIZE_MAX;
}

static size_t find_twice(const char *text, size_t from, size_t end) {
    static const char twice[] = "锟斤拷";
    const char *at = memmem(text + from, end - from, twice, sizeof twice - 1);
    return at == NULL ? SIZE_MAX : (size_t)(at - text);
}

/* True when the record that ends at `stop` holds one; records are asked for in their order. */
static inline bool is_broken(broken *b, const char *text, size_t stop, size_t end) {
    if (b->sign >= stop && b->twice >= stop)
        return false;
    b->sign = b->sign < stop ? find_sign(text, stop, end) : b->sign;
    b->twice = b->twice < stop ? find_twice(text, stop, end) : b->twice;
    return true;
}

/* Rows that are read and not yet placed and counted. */
enum { BATCH = 64 };
typedef struct {
    uint32_t n;
    wf_row row[BATCH];
    mark at[BATCH];
    bool broken[BATCH];
} batch;

static wf_code take_batch(state *t, slot *s, unsigned thread, batch *b, wf_error *err) {
    wf_rows_place(t->out->rows, b->n, b->row);
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->broken[i] && b->row[i].state == WF_ROW_ASSIGNED)
            b->row[i].flags |= 1u << WF_I15;
        WF_TRY(take_row(t, s, thread, b->at[i], &b->row[i], err));
    }
    b->n = 0;
    return WF_OK;
}

static wf_code parse_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    state *t = ctx;
    slot *s = &t->slots[chunk];
    const wf_source *source = &t->config.sources[t->source];
    const char *text = source->text.bytes;
    size_t begin = t->border[chunk], end = t->border[chunk + 1], at = begin, start;
    broken next = {SIZE_MAX, SIZE_MAX};
    if (!source->ascii)
        next = (broken){find_sign(text, begin, end), find_twice(text, begin, end)};
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    batch b = {.n = 0};
    s->n_notes = s->n_placings = s->n_rows = 0;
    for (;;) {
        uint32_t n;
        wf_csv_status status = wf_csv_next(text, end, source->delimiter, &at, fields, &n, &start);
        if (status == WF_CSV_END)
            return take_batch(t, s, thread, &b, err);
        if (start - begin > CHUNK_BYTES)
            return wf_fail(err, WF_INTERNAL, "%s: a record starts outside its chunk", source->name);
        size_t stop = at;
        while (stop > start && (text[stop - 1] == '\n' || text[stop - 1] == '\r'))
            stop--;
        WF_TRY(wf_rows_read(t->out->rows, thread, t->source, fields, n, status, start, stop - start, &b.row[b.n], err));
        b.at[b.n] = MARK(t->round_first + chunk, start - begin, s->n_rows);
        b.broken[b.n++] = is_broken(&next, text, stop, end);
        s->n_rows++;
        if (b.n == BATCH)
            WF_TRY(take_batch(t, s, thread, &b, err));
    }
}

/* ---- rounds ----------------------------------------------------------------------------------------------------- */

/* Cut the next round of chunks at record borders; returns their number. */
static uint32_t cut_round(state *t, size_t from) {
    const wf_mapped *text = &t->config.sources[t->source].text;
    uint32_t n = 0;
    t->border[0] = from;
    while (n < ROUND_CHUNKS && t->border[n] < text->n) {
        t->border[n + 1] = wf_csv_border(text->bytes, text->n, t->config.sources[t->source].delimiter, t->border[n],
                                         t->border[n] + CHUNK_BYTES);
        n++;
    }
    return n;
}

static wf_code put_away(state *t, uint32_t n, uint64_t *row, wf_error *err) {
    for (uint32_t c = 0; c < n; c++) {
        const slot *s = &t->slots[c];
        if (WF_ROOM(&t->keep, t->chunks, t->n_chunks, t->cap_chunks))
            return wf_fail_nomem(err);
        t->chunks[t->n_chunks++] = (chunk_place){t->border[c], *row, t->source};
        *row += s->n_rows;
        if (s->n_notes > 0)
            fwrite(s->note, sizeof *s->note, s->n_notes, t->notes);
        if (t->out->placings != NULL && s->n_placings > 0)
            fwrite(s->placing, sizeof *s->placing, s->n_placings, t->out->placings);
    }
    if (ferror(t->notes) || (t->out->placings != NULL && ferror(t->out->placings)))
        return wf_fail(err, WF_OUTPUT, "a temporary file cannot be written: is the disk full?");
    return WF_OK;
}

static wf_code read_source(state *t, wf_error *err) {
    const wf_source *source = &t->config.sources[t->source];
    uint64_t row = 1;
    for (size_t from = source->body; from < source->text.n;) {
        if (t->config.cancelled != NULL && *t->config.cancelled)
            return wf_fail(err, WF_CANCELLED, "stopped by a signal after %llu rows of %s; nothing was written",
                           (unsigned long long)row - 1, source->name);
        t->round_first = t->n_chunks;
        uint32_t n = cut_round(t, from);
        WF_TRY(wf_pool_run(t->config.pool, n, parse_chunk, t, err));
        WF_TRY(put_away(t, n, &row, err));
        WF_TRY(wf_source_whole(source, err));
        wf_mapped_forget(&source->text, from, t->border[n]);
        t->bytes_done += t->border[n] - from;
        from = t->border[n];
        if (t->config.progress != NULL)
            t->config.progress(t->config.progress_self, (double)t->bytes_done / (double)t->bytes_all);
    }
    return WF_OK;
}

/* ---- settling --------------------------------------------------------------------------------------------------- */

static int by_spot(const void *a, const void *b) {
    const spot_record *p = a, *q = b;
    if (p->hash != q->hash)
        return p->hash < q->hash ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* The record at a mark. */
static size_t read_again(const state *t, mark at, wf_csv_field *fields, uint32_t *n, wf_csv_status *status,
                         size_t *start) {
    const chunk_place *c = &t->chunks[MARK_CHUNK(at)];
    const wf_source *s = &t->config.sources[c->source];
    size_t next = c->start + MARK_OFFSET(at);
    *status = wf_csv_next(s->text.bytes, s->text.n, s->delimiter, &next, fields, n, start);
    while (next > *start && (s->text.bytes[next - 1] == '\n' || s->text.bytes[next - 1] == '\r'))
        next--;
    return next - *start;
}

static void text_at(const state *t, mark at, wf_source_column column, char *out) {
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    uint32_t n;
    size_t start;
    wf_csv_status status;
    const wf_source *s = &t->config.sources[t->chunks[MARK_CHUNK(at)].source];
    out[0] = '\0';
    read_again(t, at, fields, &n, &status, &start);
    if (s->column[column] >= 0 && (uint32_t)s->column[column] < n)
        wf_csv_text(&fields[s->column[column]], out, CELL_BYTES);
}

/* Equal hashes are equal ids but for one pair in 2^64: the texts have the last word. */
static bool same_id(const state *t, mark a, mark b) {
    char text_a[CELL_BYTES], text_b[CELL_BYTES];
    text_at(t, a, WF_COLUMN_ID, text_a);
    text_at(t, b, WF_COLUMN_ID, text_b);
    return strcmp(text_a, text_b) == 0;
}

/* A table with room for n hashes at most half full; slots hold a record's number + 1. */
static uint32_t *open_table(wf_arena *scratch, size_t n, size_t *mask) {
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    *mask = size - 1;
    return WF_NEW(scratch, uint32_t, size);
}

static wf_code find_twins(const state *t, settled *p, id_record *r, size_t n, wf_arena *scratch, wf_error *err) {
    size_t mask;
    uint32_t *table = open_table(scratch, n, &mask), *first_of = NULL, cap = 0;
    if (table == NULL)
        return wf_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        size_t at = r[i].hash >> 1 & mask;
        while (table[at] != 0 && (r[table[at] - 1].hash != r[i].hash || !same_id(t, r[table[at] - 1].at, r[i].at)))
            at = (at + 1) & mask;
        if (table[at] == 0) {
            table[at] = (uint32_t)i + 1;
            continue;
        }
        id_record *first = &r[table[at] - 1]; /* of those met so far: the earlier row stays, the later is the twin */
        mark later = r[i].at > first->at ? r[i].at : first->at;
        first->at = r[i].at > first->at ? first->at : r[i].at;
        if (WF_ROOM(&p->arena, p->twin, p->n_twins, p->cap_twins) || WF_ROOM(scratch, first_of, p->n_twins, cap))
            return wf_fail_nomem(err);
        first_of[p->n_twins] = table[at] - 1;
        p->twin[p->n_twins++] = later;
    }
    for (uint32_t i = 0; i < p->n_twins; i++) {
        uint32_t of = t->chunks[MARK_CHUNK(r[first_of[i]].at)].source, s = t->chunks[MARK_CHUNK(p->twin[i])].source;
        __atomic_fetch_add(&t->repeats[(size_t)s * t->config.n_sources + of], 1, __ATOMIC_RELAXED);
    }
    return WF_OK;
}

static wf_code settle_ids(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    wf_arena scratch;
    void *records;
    size_t n;
    wf_arena_init(&scratch);
    wf_code code = wf_spool_read(t->ids, partition, &scratch, &records, &n, err);
    if (code == WF_OK && n > UINT32_MAX / 2)
        code = wf_fail(err, WF_LIMIT, "over 2^31 ids in one partition");
    if (code == WF_OK)
        code = find_twins(t, &t->partition[partition], records, n, &scratch, err);
    wf_arena_clear(&scratch);
    return code;
}

static int by_mark(const void *a, const void *b) {
    mark p = *(const mark *)a, q = *(const mark *)b;
    return p < q ? -1 : p > q;
}

static bool is_twin(const state *t, mark at) {
    return bsearch(&at, t->twins, t->n_twins, sizeof at, by_mark) != NULL;
}

/* One group of equal coordinates: a default point when it is large and mixed enough. */
static wf_code settle_spot(state *t, settled *p, const spot_record *r, size_t n, wf_error *err) {
    uint32_t category[DEFAULT_CATEGORIES], n_categories = 0;
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_twin(t, r[i].at))
            continue;
        n_rows++;
        uint32_t k = 0;
        while (k < n_categories && category[k] != r[i].category)
            k++;
        if (k == n_categories && n_categories < DEFAULT_CATEGORIES)
            category[n_categories++] = r[i].category;
    }
    if (n_rows < DEFAULT_ROWS || n_categories < DEFAULT_CATEGORIES)
        return WF_OK;
    if (WF_ROOM(&p->arena, p->office, p->n_offices, p->cap_offices))
        return wf_fail_nomem(err);
    p->office[p->n_offices++] = r[0].hash;
    for (size_t i = 0; i < n; i++) {
        if (is_twin(t, r[i].at))
            continue;
        if (WF_ROOM(&p->arena, p->spot, p->n_spots, p->cap_spots))
            return wf_fail_nomem(err);
        p->spot[p->n_spots++] = (note){r[i].at, r[i].grid, UINT32_MAX, UINT32_MAX, WF_I07, true};
    }
    return WF_OK;
}

/* Records whose coordinates are met often enough, moved to the front; the few are then sorted. */
static wf_code keep_frequent(spot_record *r, size_t *n, wf_arena *scratch, wf_error *err) {
    size_t mask, kept = 0;
    uint32_t *table = open_table(scratch, *n, &mask), *count = WF_NEW(scratch, uint32_t, *n);
    uint32_t *of = WF_NEW(scratch, uint32_t, *n);
    if (table == NULL || count == NULL || of == NULL)
        return wf_fail_nomem(err);
    for (size_t i = 0; i < *n; i++) {
        size_t at = r[i].hash & mask;
        while (table[at] != 0 && r[table[at] - 1].hash != r[i].hash)
            at = (at + 1) & mask;
        if (table[at] == 0)
            table[at] = (uint32_t)i + 1;
        of[i] = table[at] - 1;
        count[of[i]]++;
    }
    for (size_t i = 0; i < *n; i++)
        if (count[of[i]] >= DEFAULT_ROWS)
            r[kept++] = r[i];
    *n = kept;
    return WF_OK;
}

static wf_code settle_spots(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    wf_arena scratch;
    void *records;
    size_t n;
    wf_arena_init(&scratch);
    wf_code code = wf_spool_read(t->spots, partition, &scratch, &records, &n, err);
    spot_record *r = records;
    if (code == WF_OK && n > UINT32_MAX / 2)
        code = wf_fail(err, WF_LIMIT, "over 2^31 places in one partition");
    if (code == WF_OK)
        code = keep_frequent(r, &n, &scratch, err);
    if (code == WF_OK && n > 0)
        qsort(r, n, sizeof *r, by_spot);
    for (size_t i = 0, next; code == WF_OK && i < n; i = next) {
        for (next = i + 1; next < n && r[next].hash == r[i].hash;)
            next++;
        code = settle_spot(t, &t->partition[partition], r + i, next - i, err);
    }
    wf_arena_clear(&scratch);
    return code;
}

static int by_hash(const void *a, const void *b) {
    uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
    return p < q ? -1 : p > q;
}

static wf_code gather_offices(state *t, wf_error *err) {
    size_t n = 0;
    for (uint32_t p = 0; p < PARTITIONS; p++)
        n += t->partition[p].n_offices;
    t->offices = WF_NEW(&t->keep, uint64_t, n);
    if (t->offices == NULL)
        return wf_fail_nomem(err);
    for (uint32_t p = 0; p < PARTITIONS; p++)
        for (uint32_t i = 0; i < t->partition[p].n_offices; i++)
            t->offices[t->n_offices++] = t->partition[p].office[i];
    if (n > 0)
        qsort(t->offices, n, sizeof *t->offices, by_hash);
    return WF_OK;
}

static wf_code take_near(void *self, const wf_near_report *later, const wf_near_report *earlier, wf_error *err) {
    settled *p = self;
    if (WF_ROOM(&p->arena, p->near, p->n_near, p->cap_near))
        return wf_fail_nomem(err);
    /* The earlier report's mark stands where other notes have grids. */
    p->near[p->n_near++] =
        (note){later->at, UINT32_MAX, (uint32_t)(earlier->at >> 32), (uint32_t)earlier->at, WF_I09, true};
    return WF_OK;
}

/* Rows at a default point say nothing of where they were, and rows that are duplicates do not count: neither is held
 * against anything. */
static wf_code settle_reports(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    wf_arena scratch;
    void *records;
    size_t n, kept = 0;
    wf_arena_init(&scratch);
    wf_code code = wf_spool_read(t->reports, partition, &scratch, &records, &n, err);
    if (code == WF_OK) {
        wf_near_report *r = records;
        for (size_t i = 0; i < n; i++)
            if (!is_twin(t, r[i].at) &&
                bsearch(&r[i].spot, t->offices, t->n_offices, sizeof *t->offices, by_hash) == NULL)
                r[kept++] = r[i];
        code = wf_near_find(r, kept, &t->measure, take_near, &t->partition[partition], err);
    }
    wf_arena_clear(&scratch);
    return code;
}

static wf_code gather_twins(state *t, wf_error *err) {
    size_t n = 0;
    for (uint32_t p = 0; p < PARTITIONS; p++)
        n += t->partition[p].n_twins;
    t->twins = WF_NEW(&t->keep, mark, n);
    t->twin_rows = WF_NEW(&t->keep, wf_row_name, n);
    if (t->twins == NULL || t->twin_rows == NULL)
        return wf_fail_nomem(err);
    for (uint32_t p = 0; p < PARTITIONS; p++)
        for (uint32_t i = 0; i < t->partition[p].n_twins; i++)
            t->twins[t->n_twins++] = t->partition[p].twin[i];
    if (n > 0)
        qsort(t->twins, n, sizeof *t->twins, by_mark);
    for (size_t i = 0; i < n; i++) {
        const chunk_place *c = &t->chunks[MARK_CHUNK(t->twins[i])];
        t->twin_rows[i] = (wf_row_name){c->source, c->first_row + MARK_NUMBER(t->twins[i])};
    }
    return WF_OK;
}

/* Take a duplicate back out of everything it was counted in. */
static wf_code take_back(state *t, mark at, wf_error *err) {
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    uint32_t n, source = t->chunks[MARK_CHUNK(at)].source;
    size_t start;
    wf_csv_status status;
    wf_row row;
    size_t n_bytes = read_again(t, at, fields, &n, &status, &start);
    WF_TRY(wf_rows_read(t->out->rows, 0, source, fields, n, status, start, n_bytes, &row, err));
    wf_rows_place(t->out->rows, 1, &row);
    wf_accounts *a = &t->out->accounts[source];
    account(a, &row, (uint64_t)-1);
    a->read++;
    a->duplicates++;
    if (row.state == WF_ROW_ASSIGNED || (row.state == WF_ROW_OUTSIDE && row.grid != UINT32_MAX)) {
        wf_tally_key key = key_of(&row);
        wf_tally_remove(&t->out->tally, &key);
    }
    uint32_t place = defect_of(t, &row);
    if (place != UINT32_MAX)
        t->out->inside[place]--;
    return WF_OK;
}

static int by_note(const void *a, const void *b) {
    const note *p = a, *q = b;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return p->rule < q->rule ? -1 : p->rule > q->rule;
}

static wf_code gather_late(state *t, wf_error *err) {
    size_t n = t->n_twins;
    for (uint32_t p = 0; p < PARTITIONS; p++)
        n += t->partition[p].n_spots + t->partition[p].n_near;
    t->late = WF_NEW(&t->keep, note, n);
    if (t->late == NULL)
        return wf_fail_nomem(err);
    for (size_t i = 0; i < t->n_twins; i++)
        t->late[t->n_late++] = (note){t->twins[i], UINT32_MAX, UINT32_MAX, UINT32_MAX, WF_I08, false};
    for (uint32_t p = 0; p < PARTITIONS; p++)
        for (uint32_t i = 0; i < t->partition[p].n_near; i++)
            t->late[t->n_late++] = t->partition[p].near[i];
    for (uint32_t p = 0; p < PARTITIONS; p++)
        for (uint32_t i = 0; i < t->partition[p].n_spots; i++) {
            t->late[t->n_late++] = t->partition[p].spot[i];
            t->out->default_point[t->partition[p].spot[i].grid]++;
        }
    if (t->n_late > 0)
        qsort(t->late, t->n_late, sizeof *t->late, by_note);
    return WF_OK;
}

static wf_code settle(state *t, wf_error *err) {
    WF_TRY(wf_spool_finish(t->ids, err));
    WF_TRY(wf_pool_run(t->config.pool, PARTITIONS, settle_ids, t, err));
    WF_TRY(gather_twins(t, err));
    for (size_t i = 0; i < t->n_twins; i++)
        WF_TRY(take_back(t, t->twins[i], err));
    if (t->spots != NULL) {
        WF_TRY(wf_spool_finish(t->spots, err));
        WF_TRY(wf_pool_run(t->config.pool, PARTITIONS, settle_spots, t, err));
    }
    wf_spool_close(t->ids);
    wf_spool_close(t->spots);
    t->ids = t->spots = NULL;
    if (t->reports != NULL) {
        WF_TRY(gather_offices(t, err));
        WF_TRY(wf_spool_finish(t->reports, err));
        WF_TRY(wf_pool_run(t->config.pool, PARTITIONS, settle_reports, t, err));
    }
    WF_TRY(gather_late(t, err));
    wf_spool_close(t->reports);
    t->reports = NULL;
    return WF_OK;
}

/* ---- the whole pass --------------------------------------------------------------------------------------------- */

static wf_code open_state(state *t, wf_error *err) {
    wf_stream *out = t->out;
    const wf_stream_config *c = &t->config;
    uint32_t n_grids = c->plan->grids.shape.n_grids;
    bool spots = false, times = false;
    for (uint32_t s = 0; s < c->n_sources; s++) {
        spots |= c->sources[s].column[WF_COLUMN_CATEGORY] >= 0;
        times |= c->sources[s].column[WF_COLUMN_TIME] >= 0;
        t->bytes_all += c->sources[s].text.n - c->sources[s].body;
    }
    wf_rows_rules rules = *c->rules;
    rules.by_category = c->by_category;
    WF_TRY(wf_rows_open(c->plan, &rules, c->n_sources, c->sources, t->n_threads, &out->rows, err));
    wf_tally_shape shape = {n_grids, wf_rows_n_periods(out->rows), c->by_category, c->by_hour};
    WF_TRY(wf_tally_open(&out->tally, &shape, err));
    out->accounts = calloc(c->n_sources, sizeof *out->accounts);
    out->default_point = calloc((size_t)n_grids + 1, sizeof *out->default_point);
    out->inside = calloc((size_t)c->n_places + 1, sizeof *out->inside);
    t->counters = calloc(t->n_threads, sizeof *t->counters);
    t->partition = calloc(PARTITIONS, sizeof *t->partition);
    t->repeats = WF_NEW(&t->keep, uint64_t, (size_t)c->n_sources * c->n_sources);
    if (t->repeats == NULL || out->accounts == NULL || out->default_point == NULL || out->inside == NULL ||
        t->counters == NULL || t->partition == NULL)
        return wf_fail_nomem(err);
    for (unsigned i = 0; i < t->n_threads; i++) {
        WF_TRY(wf_tally_open(&t->counters[i].tally, &shape, err));
        t->counters[i].accounts = calloc(c->n_sources, sizeof *t->counters[i].accounts);
        t->counters[i].inside = calloc((size_t)c->n_places + 1, sizeof *out->inside);
        if (t->counters[i].accounts == NULL || t->counters[i].inside == NULL)
            return wf_fail_nomem(err);
    }
    for (uint32_t i = 0; i < ROUND_CHUNKS; i++)
        wf_arena_init(&t->slots[i].arena);
    for (uint32_t p = 0; p < PARTITIONS; p++)
        wf_arena_init(&t->partition[p].arena);
    WF_TRY(wf_spool_open(&t->ids, sizeof(id_record), PARTITIONS, t->n_threads, SPOOL_BYTES, c->spill_folder, err));
    if (spots)
        WF_TRY(
            wf_spool_open(&t->spots, sizeof(spot_record), PARTITIONS, t->n_threads, SPOOL_BYTES, c->spill_folder, err));
    const double box[4] = {c->plan->west, c->plan->south, c->plan->east, c->plan->north};
    wf_measure_init(&t->measure, c->plan->info.geographic);
    wf_near_cells_init(&t->cells, &t->measure, box);
    if (spots && times)
        WF_TRY(wf_spool_open(&t->reports, sizeof(wf_near_report), PARTITIONS, t->n_threads, SPOOL_BYTES,
                             c->spill_folder, err));
    WF_TRY(wf_temporary_open(c->spill_folder, &t->notes, err));
    return c->keep_placings ? wf_temporary_open(c->spill_folder, &out->placings, err) : WF_OK;
}

static wf_code merge_counters(state *t, wf_error *err) {
    for (unsigned i = 0; i < t->n_threads; i++) {
        WF_TRY(wf_tally_merge(&t->out->tally, &t->counters[i].tally, err));
        wf_tally_close(&t->counters[i].tally);
        for (uint32_t p = 0; p < t->config.n_places; p++)
            t->out->inside[p] += t->counters[i].inside[p];
        for (uint32_t s = 0; s < t->config.n_sources; s++) {
            uint64_t *into = (uint64_t *)&t->out->accounts[s];
            const uint64_t *from = (const uint64_t *)&t->counters[i].accounts[s];
            for (size_t k = 0; k < sizeof(wf_accounts) / sizeof *into; k++)
                into[k] += from[k];
        }
    }
    return WF_OK;
}

static wf_code reconcile(state *t, wf_error *err) {
    wf_stream *out = t->out;
    uint64_t counted = 0;
    for (uint32_t s = 0; s < t->config.n_sources; s++) {
        const wf_accounts *a = &out->accounts[s];
        if (a->read != a->assigned + a->outside + a->rejected + a->duplicates + a->out_of_period)
            return wf_fail(err, WF_INTERNAL, "the accounts of %s do not reconcile", t->config.sources[s].name);
        for (size_t k = 0; k < sizeof *a / sizeof(uint64_t); k++)
            ((uint64_t *)&out->total)[k] += ((const uint64_t *)a)[k];
    }
    for (uint32_t i = 0; i < out->tally.shape.n_grids; i++)
        counted += out->tally.placed[i];
    if (counted != out->total.assigned)
        return wf_fail(err, WF_INTERNAL, "the grids count %llu incidents and the accounts %llu",
                       (unsigned long long)counted, (unsigned long long)out->total.assigned);
    return WF_OK;
}

wf_code wf_stream_run(const wf_stream_config *config, wf_stream *out, wf_error *err) {
    state *t = calloc(1, sizeof *t);
    if (t == NULL)
        return wf_fail_nomem(err);
    wf_stream stream = {.state = t};
    t->config = *config;
    t->out = &stream;
    t->n_threads = config->pool == NULL ? 1 : wf_pool_threads(config->pool);
    wf_arena_init(&t->keep);
    wf_code code;
    WF_GO(open_state(t, err));
    for (t->source = 0; t->source < config->n_sources; t->source++)
        WF_GO(read_source(t, err));
    WF_GO(merge_counters(t, err));
    WF_GO(settle(t, err));
    WF_GO(reconcile(t, err));
    WF_GO(wf_accounts_check(config->n_sources, config->sources, stream.accounts, t->repeats, config->notices, err));
    /* What is still buffered must reach the disk here: rewind would clear the error. */
    if (fflush(t->notes) != 0 || (stream.placings != NULL && fflush(stream.placings) != 0))
        WF_GO(wf_fail(err, WF_OUTPUT, "a temporary file cannot be written: is the disk full?"));
    if (stream.placings != NULL)
        rewind(stream.placings);
    *out = stream;
    t->out = out;
done:
    for (uint32_t s = 0; s < config->n_sources && code != WF_CANCELLED; s++)
        if (wf_source_whole(&config->sources[s], err) != WF_OK) /* then this is why, whatever went wrong */
            code = WF_INPUT;
    if (code != WF_OK)
        wf_stream_close(&stream);
    return code;
}

void wf_stream_close(wf_stream *out) {
    state *t = out->state;
    if (t == NULL)
        return;
    for (unsigned i = 0; t->counters != NULL && i < t->n_threads; i++) {
        wf_tally_close(&t->counters[i].tally);
        free(t->counters[i].accounts);
        free(t->counters[i].inside);
    }
    for (uint32_t i = 0; i < ROUND_CHUNKS; i++)
        wf_arena_clear(&t->slots[i].arena);
    for (uint32_t p = 0; t->partition != NULL && p < PARTITIONS; p++)
        wf_arena_clear(&t->partition[p].arena);
    wf_spool_close(t->ids);
    wf_spool_close(t->spots);
    wf_spool_close(t->reports);
    if (t->notes != NULL)
        fclose(t->notes);
    if (out->placings != NULL)
        fclose(out->placings);
    wf_arena_clear(&t->keep);
    free(t->counters);
    free(t->partition);
    free(t);
    wf_tally_close(&out->tally);
    wf_rows_close(out->rows);
    free(out->accounts);
    free(out->default_point);
    free(out->inside);
    free(out->crossed);
    memset(out, 0, sizeof *out);
}

void wf_stream_duplicates(const wf_stream *stream, const wf_row_name **out, size_t *n) {
    *out = stream->state->twin_rows;
    *n = stream->state->n_twins;
}

/* ---- remarks ---------------------------------------------------------------------------------------------------- */

static const char *detail_of(const state *t, const note *n, char *room) {
    const wf_grids *g = &t->config.plan->grids;
    char text[CELL_BYTES];
    switch ((wf_rule)n->rule) {
    case WF_I09: {
        mark earlier = (mark)n->recorded << 32 | n->group;
        const chunk_place *c = &t->chunks[MARK_CHUNK(earlier)];
        snprintf(room, CELL_BYTES, "row %llu of %.200s: same category within %d m and %d days",
                 (unsigned long long)(c->first_row + MARK_NUMBER(earlier)), t->config.sources[c->source].name,
                 WF_NEAR_M, WF_NEAR_S / 86400);
        return room;
    }
    case WF_I10:
        snprintf(room, CELL_BYTES, "recorded in %s, lies in %s", g->code[n->recorded],
                 g->code[wf_plan_ancestor(t->config.plan, n->grid, g->level[n->recorded]) == UINT32_MAX
                             ? n->grid
                             : wf_plan_ancestor(t->config.plan, n->grid, g->level[n->recorded])]);
        return room;
    case WF_I11:
        text_at(t, n->at, WF_COLUMN_GRID, text);
        snprintf(room, CELL_BYTES, "\"%.300s\" names no grid", text);
        return room;
    case WF_I14:
        text_at(t, n->at, WF_COLUMN_CATEGORY, text);
        if (text[0] == '\0')
            return "no category";
        snprintf(room, CELL_BYTES, "unknown category \"%.300s\"", text);
        return room;
    case WF_I06:
        if (n->grid == UINT32_MAX)
            return wf_rule_title(WF_I06);
        snprintf(room, CELL_BYTES, "in %s but in none of its grids", g->code[n->grid]);
        return room;
    default:
        return wf_rule_title((wf_rule)n->rule);
    }
}

static wf_code note_crossing(wf_stream *s, const note *n, size_t *cap, wf_error *err) {
    const wf_plan *plan = s->state->config.plan;
    uint32_t in = wf_plan_ancestor(plan, n->grid, plan->grids.level[n->recorded]);
    if (in == UINT32_MAX)
        return WF_OK;
    if (s->n_crossed == *cap) {
        *cap = *cap == 0 ? 1024 : *cap * 2;
        uint64_t *grown = realloc(s->crossed, *cap * sizeof *grown);
        if (grown == NULL)
            return wf_fail_nomem(err);
        s->crossed = grown;
    }
    s->crossed[s->n_crossed++] = (uint64_t)n->recorded << 32 | in;
    return WF_OK;
}

static wf_code hand_out(wf_stream *s, const note *n, wf_remark_take take, void *self, wf_error *err) {
    const state *t = s->state;
    const chunk_place *c = &t->chunks[MARK_CHUNK(n->at)];
    char x[CELL_BYTES], y[CELL_BYTES], id[CELL_BYTES], detail[CELL_BYTES];
    text_at(t, n->at, WF_COLUMN_X, x);
    text_at(t, n->at, WF_COLUMN_Y, y);
    text_at(t, n->at, WF_COLUMN_ID, id);
    wf_remark r = {.source = &t->config.sources[c->source],
                   .row = c->first_row + MARK_NUMBER(n->at),
                   .rule = (wf_rule)n->rule,
                   .counted = n->counted,
                   .detail = detail_of(t, n, detail),
                   .x = x,
                   .y = y,
                   .id = id};
    s->n_by_rule[n->rule]++;
    return take(self, &r, err);
}

wf_code wf_stream_remarks(wf_stream *s, wf_remark_take take, void *self, wf_error *err) {
    state *t = s->state;
    note early;
    size_t late = 0, cap_crossed = 0;
    memset(s->n_by_rule, 0, sizeof s->n_by_rule);
    s->n_crossed = 0;
    rewind(t->notes);
    bool more = fread(&early, sizeof early, 1, t->notes) == 1;
    const chunk_place *last = t->chunks;
    while (more || late < t->n_late) {
        bool from_file = more && (late == t->n_late || by_note(&early, &t->late[late]) < 0);
        note n = from_file ? early : t->late[late];
        if (from_file)
            more = fread(&early, sizeof early, 1, t->notes) == 1;
        else
            late++;
        const chunk_place *c = &t->chunks[MARK_CHUNK(n.at)];
        if (c != last && last->source == c->source)
            wf_mapped_forget(&t->config.sources[c->source].text, last->start, c->start);
        last = c;
        if ((n.rule != WF_I08 && is_twin(t, n.at)) || (n.rule == WF_C02 && !wf_rows_mixed(s->rows, c->source, n.group)))
            continue;
        if (n.rule == WF_I10)
            WF_TRY(note_crossing(s, &n, &cap_crossed, err));
        WF_TRY(hand_out(s, &n, take, self, err));
    }
    if (s->n_crossed > 0)
        qsort(s->crossed, s->n_crossed, sizeof *s->crossed, by_mark);
    for (uint32_t i = 0; i < t->config.n_sources; i++)
        WF_TRY(wf_source_whole(&t->config.sources[i], err));
    return ferror(t->notes) ? wf_fail(err, WF_INTERNAL, "a temporary file cannot be read back") : WF_OK;
}
