/* The pass over the incidents. Text is cut at record borders into chunks of a megabyte; a round of chunks is parsed,
 * placed and counted by the threads, then its remarks are put away in order. What needs all rows at once (ids met
 * before, default points) is put aside by hash and settled partition by partition at the end; duplicates are then taken
 * back out of the counters by reading their rows once more. Typical: 10 million rows, 200 bytes each. */
#include "stage/stream_state.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- counting --------------------------------------------------------------------------------------------------- */

wf_tally_key wf_stream_key(const wf_row *row) {
    return (wf_tally_key){row->grid, row->state == WF_ROW_OUTSIDE, row->category, row->hour, row->period};
}

void wf_stream_account(wf_accounts *a, const wf_row *row, uint64_t sign) {
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

uint32_t wf_stream_defect_of(const state *t, const wf_row *row) {
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
    wf_stream_account(&c->accounts[t->source], row, 1);
    if (row->id != 0) {
        id_record r = {row->id, at};
        WF_TRY(wf_spool_put(t->ids, thread, (uint32_t)(row->id >> 57), &r, err));
    }
    if (row->state == WF_ROW_ASSIGNED || (row->state == WF_ROW_OUTSIDE && row->grid != UINT32_MAX)) {
        wf_tally_key key = wf_stream_key(row);
        WF_TRY(wf_tally_add(&c->tally, &key, err));
    }
    uint32_t place = wf_stream_defect_of(t, row);
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

static wf_code look_for_quotes(void *ctx, uint32_t block, unsigned thread, wf_error *err) {
    state *t = ctx;
    const wf_mapped *text = &t->config.sources[t->source].text;
    size_t from = t->border[0] + (size_t)block * CHUNK_BYTES, n = from < text->n ? text->n - from : 0;
    (void)thread;
    (void)err;
    t->quoted[block] = n > 0 && memchr(text->bytes + from, '"', n < CHUNK_BYTES ? n : CHUNK_BYTES) != NULL;
    return WF_OK;
}

static bool is_quoted(const state *t, size_t from, size_t to) {
    size_t last = (to - 1 - t->border[0]) / CHUNK_BYTES;
    for (size_t block = (from - t->border[0]) / CHUNK_BYTES; block <= last; block++)
        if (!t->config.sources[t->source].unquoted && (block >= ROUND_CHUNKS || t->quoted[block]))
            return true;
    return false;
}

/* Cut the next round of chunks at record borders; *n_out is their number. Where no quotes stand, and the threads look
 * for them, a border is the next line end. */
static wf_code cut_round(state *t, size_t from, uint32_t *n_out, wf_error *err) {
    const wf_mapped *text = &t->config.sources[t->source].text;
    char delimiter = t->config.sources[t->source].delimiter;
    uint32_t n = 0;
    t->border[0] = from;
    memset(t->quoted, 0, sizeof t->quoted);
    if (!t->config.sources[t->source].unquoted)
        WF_TRY(wf_pool_run(t->config.pool, ROUND_CHUNKS, look_for_quotes, t, err));
    for (; n < ROUND_CHUNKS && t->border[n] < text->n; n++) {
        size_t at = t->border[n], target = at + CHUNK_BYTES;
        t->border[n + 1] = is_quoted(t, at, target)
                               ? wf_csv_border(text->bytes, text->n, delimiter, at, target)
                               : wf_csv_border_unquoted(text->bytes, text->n, delimiter, at, target);
    }
    *n_out = n;
    return WF_OK;
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
        uint32_t n;
        WF_TRY(cut_round(t, from, &n, err));
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
    WF_GO(wf_stream_settle(t, err));
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
