#ifndef WF_STAGE_STREAM_STATE_H
#define WF_STAGE_STREAM_STATE_H
#include "base/spool.h"
#include "bridge/measure.h"
#include "stage/stream.h"
#include "workload/near.h"

/** What the files of the pass over the incidents (stream, stream_settle, stream_remarks) share; for them alone. */

enum {
    CHUNK_BYTES = (1 << 20) - 1, /* a record starts at most this far into its chunk, which fits the bits of a mark */
    ROUND_CHUNKS = 16,
    CELL_BYTES = 512,
    PARTITIONS = 128,
    SPOOL_BYTES = 64 << 20,
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

/* A remark on a row; of I09 recorded and group hold the mark of the earlier row. */
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
    bool quoted[ROUND_CHUNKS];    /* of each CHUNK_BYTES from border[0] on: a quote stands in them */
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

/** Key of a row's counter. */
wf_tally_key wf_stream_key(const wf_row *row);
/** Add a row to the accounts (sign 1) or take it back (sign −1, as two's complement). */
void wf_stream_account(wf_accounts *accounts, const wf_row *row, uint64_t sign);

/** The place of a defect that a row lies in; UINT32_MAX none. */
uint32_t wf_stream_defect_of(const state *t, const wf_row *row);

/** Read the record at a mark once more; its bytes without the line end. */
size_t wf_stream_read_again(const state *t, mark at, wf_csv_field *fields, uint32_t *n, wf_csv_status *status,
                            size_t *start);
/** Text of a column of the row at a mark, "" without; CELL_BYTES of room. */
void wf_stream_text_at(const state *t, mark at, wf_source_column column, char *out);
/** Ascending by place. */
int wf_stream_mark_order(const void *a, const void *b);
/** Ascending by row, then rule. */
int wf_stream_note_order(const void *a, const void *b);
/** Is the row one whose id was met before? After the ids are settled. */
bool wf_stream_is_twin(const state *t, mark at);

/** Settle what needs all rows at once: ids met before, default points, reports made twice.
 *  @return WF_OK; WF_NOMEM, WF_OUTPUT, WF_CANCELLED as the spools say */
WF_CHECKED wf_code wf_stream_settle(state *t, wf_error *err);
#endif
