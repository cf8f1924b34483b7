/* What only all rows together tell: ids met before, default points, reports made twice. Rows were put aside by hash
 * while they were read; each partition is settled by itself, and duplicates are taken back out of the counters by
 * reading their rows once more. */
#include "stage/stream_state.h"
#include <stdlib.h>
#include <string.h>

size_t wf_stream_read_again(const state *t, mark at, wf_csv_field *fields, uint32_t *n, wf_csv_status *status,
                            size_t *start) {
    const chunk_place *c = &t->chunks[MARK_CHUNK(at)];
    const wf_source *s = &t->config.sources[c->source];
    size_t next = c->start + MARK_OFFSET(at);
    *status = wf_csv_next(s->text.bytes, s->text.n, s->delimiter, &next, fields, n, start);
    while (next > *start && (s->text.bytes[next - 1] == '\n' || s->text.bytes[next - 1] == '\r'))
        next--;
    return next - *start;
}

void wf_stream_text_at(const state *t, mark at, wf_source_column column, char *out) {
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    uint32_t n;
    size_t start;
    wf_csv_status status;
    const wf_source *s = &t->config.sources[t->chunks[MARK_CHUNK(at)].source];
    out[0] = '\0';
    wf_stream_read_again(t, at, fields, &n, &status, &start);
    if (s->column[column] >= 0 && (uint32_t)s->column[column] < n)
        wf_csv_text(&fields[s->column[column]], out, CELL_BYTES);
}

int wf_stream_mark_order(const void *a, const void *b) {
    mark p = *(const mark *)a, q = *(const mark *)b;
    return p < q ? -1 : p > q;
}

bool wf_stream_is_twin(const state *t, mark at) {
    return bsearch(&at, t->twins, t->n_twins, sizeof at, wf_stream_mark_order) != NULL;
}

/* One group of equal coordinates: a default point when it is large and mixed enough. */
int wf_stream_note_order(const void *a, const void *b) {
    const note *p = a, *q = b;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return p->rule < q->rule ? -1 : p->rule > q->rule;
}

static int by_spot(const void *a, const void *b) {
    const spot_record *p = a, *q = b;
    if (p->hash != q->hash)
        return p->hash < q->hash ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* Equal hashes are equal ids but for one pair in 2^64: the texts have the last word. */
static bool same_id(const state *t, mark a, mark b) {
    char text_a[CELL_BYTES], text_b[CELL_BYTES];
    wf_stream_text_at(t, a, WF_COLUMN_ID, text_a);
    wf_stream_text_at(t, b, WF_COLUMN_ID, text_b);
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

static wf_code find_twins(state *t, settled *p, void *records, size_t n, wf_arena *scratch, wf_error *err) {
    id_record *r = records;
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

/* Read a partition's records back and settle them. */
static wf_code settle_partition(state *t, wf_spool *spool, uint32_t partition,
                                wf_code (*settle)(state *, settled *, void *, size_t, wf_arena *, wf_error *),
                                wf_error *err) {
    wf_arena scratch;
    void *records;
    size_t n;
    wf_arena_init(&scratch);
    wf_code code = wf_spool_read(spool, partition, &scratch, &records, &n, err);
    if (code == WF_OK && n > UINT32_MAX / 2)
        code = wf_fail(err, WF_LIMIT, "over 2^31 rows in one partition");
    if (code == WF_OK)
        code = settle(t, &t->partition[partition], records, n, &scratch, err);
    wf_arena_clear(&scratch);
    return code;
}

static wf_code settle_ids(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    return settle_partition(t, t->ids, partition, find_twins, err);
}

static wf_code settle_spot(state *t, settled *p, const spot_record *r, size_t n, wf_error *err) {
    uint32_t category[DEFAULT_CATEGORIES], n_categories = 0;
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (wf_stream_is_twin(t, r[i].at))
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
        if (wf_stream_is_twin(t, r[i].at))
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

static wf_code find_offices(state *t, settled *p, void *records, size_t n, wf_arena *scratch, wf_error *err) {
    spot_record *r = records;
    WF_TRY(keep_frequent(r, &n, scratch, err));
    if (n > 0)
        qsort(r, n, sizeof *r, by_spot);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && r[next].hash == r[i].hash;)
            next++;
        WF_TRY(settle_spot(t, p, r + i, next - i, err));
    }
    return WF_OK;
}

static wf_code settle_spots(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    return settle_partition(t, t->spots, partition, find_offices, err);
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
static wf_code find_repeated(state *t, settled *p, void *records, size_t n, wf_arena *scratch, wf_error *err) {
    wf_near_report *r = records;
    size_t kept = 0;
    (void)scratch;
    for (size_t i = 0; i < n; i++)
        if (!wf_stream_is_twin(t, r[i].at) &&
            bsearch(&r[i].spot, t->offices, t->n_offices, sizeof *t->offices, by_hash) == NULL)
            r[kept++] = r[i];
    return wf_near_find(r, kept, &t->measure, take_near, p, err);
}

static wf_code settle_reports(void *ctx, uint32_t partition, unsigned thread, wf_error *err) {
    (void)thread;
    state *t = ctx;
    return settle_partition(t, t->reports, partition, find_repeated, err);
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
        qsort(t->twins, n, sizeof *t->twins, wf_stream_mark_order);
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
    size_t n_bytes = wf_stream_read_again(t, at, fields, &n, &status, &start);
    WF_TRY(wf_rows_read(t->out->rows, 0, source, fields, n, status, start, n_bytes, &row, err));
    wf_rows_place(t->out->rows, 1, &row);
    wf_accounts *a = &t->out->accounts[source];
    wf_stream_account(a, &row, (uint64_t)-1);
    a->read++;
    a->duplicates++;
    if (row.state == WF_ROW_ASSIGNED || (row.state == WF_ROW_OUTSIDE && row.grid != UINT32_MAX)) {
        wf_tally_key key = wf_stream_key(&row);
        wf_tally_remove(&t->out->tally, &key);
    }
    uint32_t place = wf_stream_defect_of(t, &row);
    if (place != UINT32_MAX)
        t->out->inside[place]--;
    return WF_OK;
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
        qsort(t->late, t->n_late, sizeof *t->late, wf_stream_note_order);
    return WF_OK;
}

wf_code wf_stream_settle(state *t, wf_error *err) {
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
