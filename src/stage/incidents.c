/* Incidents through the locator. Text is cut at record borders into chunks of about a megabyte; threads parse and place
 * a round of chunks, then the rows are committed in input order on one thread (duplicates, accounts, output), so the
 * result is the same with any number of threads. Memory: one round, and 16 bytes for each id seen. */
#include "stage/incidents.h"
#include "base/file.h"
#include "base/hash.h"
#include "bridge/measure.h"
#include "bridge/vector_read.h"
#include "intake/csv.h"
#include "intake/encoding.h"
#include "intake/gcj.h"
#include "locate/locator.h"
#include "report/cell.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_BYTES = 1 << 20, ROUND_CHUNKS = 16, CELL_BYTES = 512, MAX_LEVEL = 9 };
typedef enum { FRAME_SAME, FRAME_GCJ, FRAME_BD } frame;
typedef enum { RULE_NONE, I01, I02, I03, I06, I08, I17 } rule;
static const char *const rule_names[] = {"", "I01", "I02", "I03", "I06", "I08", "I17"};

typedef struct {
    size_t offset, n_bytes; /* the record in the text, without its line end */
    uint64_t id;            /* hash of the id; 0 without one */
    uint32_t grid, recorded;
    uint8_t placed, rule;
} row;

typedef struct {
    wf_arena arena;
    row *rows;
    uint32_t n, cap;
} slot;

typedef struct {
    const wf_incidents_request *request;
    wf_incidents_result *result;
    wf_mapped mapped, text; /* the file, and its text in UTF-8 */
    char *converted;        /* the text when the file was not UTF-8, else NULL */
    size_t body;            /* offset behind the header */
    int x, y, id, grid;
    frame system;
    wf_names codes; /* finest level: code → position in code_grid */
    uint32_t *code_grid;
    wf_locator *locator[MAX_LEVEL + 1];
    double west, south, east, north;
    size_t start[ROUND_CHUNKS + 1];
    slot slots[ROUND_CHUNKS];
    uint64_t *seen; /* open addressing of id hashes */
    size_t n_seen, n_slots;
    wf_output out, rejects;
} flow;

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static const char *const x_names[] = {"lon",    "longitude", "lng",  "经度",  "x", "coordinate_x",
                                      "coordX", "JD",        "东经", "X坐标", NULL};
static const char *const y_names[] = {"lat",    "latitude", "纬度", "y",     "coordinate_y",
                                      "coordY", "WD",       "北纬", "Y坐标", NULL};
static const char *const id_names[] = {"event_id", "事件编号", "案件编号", "工单编号", "taskid",
                                       "task_num", "rec_id",   "SJBH",     NULL};
static const char *const grid_names[] = {"grid_code", "登记网格",       "所属网格", "网格编码",
                                         "cell_id",   "duty_grid_code", "WGBM",     NULL};

static int find_field(const wf_csv_field *fields, uint32_t n, const char *const *names) {
    char text[CELL_BYTES];
    for (; *names != NULL; names++)
        for (uint32_t i = 0; i < n; i++) {
            wf_csv_text(&fields[i], text, sizeof text);
            if (strcasecmp(text, *names) == 0)
                return (int)i;
        }
    return -1;
}

static wf_code missing_column(const flow *f, const wf_csv_field *fields, uint32_t n, wf_code code, const char *what,
                              wf_error *err) {
    char list[600] = "", text[CELL_BYTES];
    for (uint32_t i = 0; i < n; i++) {
        size_t used = strlen(list);
        wf_csv_text(&fields[i], text, sizeof text);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", text);
    }
    return wf_fail(err, code, "%s: %s; the columns are: %s", f->request->incidents, what, list);
}

static wf_code find_asked(const flow *f, const wf_csv_field *fields, uint32_t n, const char *asked,
                          const char *const *names, int *at, wf_error *err) {
    const char *const one[] = {asked, NULL};
    *at = find_field(fields, n, asked != NULL ? one : names);
    if (asked == NULL || *at >= 0)
        return WF_OK;
    char what[300];
    snprintf(what, sizeof what, "there is no column \"%s\"", asked);
    return missing_column(f, fields, n, WF_USAGE, what, err);
}

static wf_code read_header(flow *f, wf_arena *keep, wf_error *err) {
    const wf_incidents_request *r = f->request;
    wf_csv_field *fields = WF_NEW(keep, wf_csv_field, WF_CSV_MAX_FIELDS);
    if (fields == NULL)
        return wf_fail_nomem(err);
    size_t bad;
    f->result->encoding = wf_encoding_to_utf8(f->mapped.bytes, f->mapped.n, &f->converted, &f->text.n, &bad);
    if (f->result->encoding == WF_ENCODING_UNKNOWN)
        return wf_fail(err, WF_INPUT, "%s: byte %zu is neither UTF-8 nor GB18030: save the file as UTF-8", r->incidents,
                       bad);
    f->text.bytes = f->converted;
    if (f->converted == NULL)
        f->text = f->mapped;
    size_t at = f->text.n >= 3 && memcmp(f->text.bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, start;
    uint32_t n;
    f->result->delimiter = wf_csv_delimiter(f->text.bytes + at, f->text.n - at);
    if (wf_csv_next(f->text.bytes, f->text.n, f->result->delimiter, &at, fields, &n, &start) == WF_CSV_END)
        return wf_fail(err, WF_INPUT, "%s: the file is empty", r->incidents);
    f->body = at;
    WF_TRY(find_asked(f, fields, n, r->x, x_names, &f->x, err));
    WF_TRY(find_asked(f, fields, n, r->y, y_names, &f->y, err));
    WF_TRY(find_asked(f, fields, n, r->id, id_names, &f->id, err));
    WF_TRY(find_asked(f, fields, n, r->grid, grid_names, &f->grid, err));
    if (f->x < 0 || f->y < 0)
        return missing_column(f, fields, n, WF_INPUT, "no coordinate columns found: name them with --x and --y", err);
    char text[CELL_BYTES];
    f->result->x_name = wf_arena_text(keep, text, wf_csv_text(&fields[f->x], text, sizeof text));
    f->result->y_name = wf_arena_text(keep, text, wf_csv_text(&fields[f->y], text, sizeof text));
    return f->result->x_name == NULL || f->result->y_name == NULL ? wf_fail_nomem(err) : WF_OK;
}

static wf_code read_system(flow *f, bool geographic, wf_error *err) {
    const char *crs = f->request->crs;
    if (crs == NULL)
        return WF_OK;
    if (strcasecmp(crs, "GCJ-02") != 0 && strcasecmp(crs, "BD-09") != 0)
        return wf_fail(err, WF_USAGE,
                       "--crs %s: the incidents' system is GCJ-02, BD-09 or that of the grids (no --crs)", crs);
    if (!geographic)
        return wf_fail(err, WF_USAGE, "--crs %s needs grids in degrees", crs);
    f->system = strcasecmp(crs, "GCJ-02") == 0 ? FRAME_GCJ : FRAME_BD;
    return WF_OK;
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

static wf_code find_parents(const wf_grids *g, uint32_t n, wf_arena *keep, wf_incidents_result *out, wf_error *err) {
    wf_names codes;
    wf_names_init(&codes, keep);
    uint32_t *first = WF_NEW(keep, uint32_t, n);
    out->parent = WF_NEW(keep, uint32_t, n);
    out->count = WF_NEW(keep, uint64_t, n);
    out->unassigned = WF_NEW(keep, uint64_t, n);
    if (first == NULL || out->parent == NULL || out->count == NULL || out->unassigned == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t before = codes.n, at = wf_names_add(&codes, g->code[i], strlen(g->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        if (codes.n > before)
            first[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = g->parent[i][0] == '\0' ? UINT32_MAX : wf_names_find(&codes, g->parent[i], strlen(g->parent[i]));
        /* A parent stands on a coarser level, so the chain upward ends. */
        out->parent[i] = at != UINT32_MAX && g->level[first[at]] < g->level[i] ? first[at] : UINT32_MAX;
    }
    return WF_OK;
}

static wf_code index_level(flow *f, uint8_t level, wf_arena *keep, wf_error *err) {
    const wf_grids *g = &f->result->grids;
    uint32_t *subset = WF_NEW(keep, uint32_t, g->shape.n_grids), n = 0;
    if (subset == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < g->shape.n_grids; i++)
        if (g->level[i] == level && g->role[i] == WF_ROLE_PARTITION)
            subset[n++] = i;
    if (n > 0)
        WF_TRY(wf_locator_build(g, n, subset, keep, &f->locator[level], err));
    if (level != f->result->finest)
        return WF_OK;
    f->code_grid = subset;
    wf_names_init(&f->codes, keep);
    uint32_t n_codes = 0;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = subset[k], at = wf_names_add(&f->codes, g->code[i], strlen(g->code[i]));
        if (at == UINT32_MAX)
            return wf_fail_nomem(err);
        if (at == n_codes)
            subset[n_codes++] = i;
    }
    return WF_OK;
}

static wf_code read_grids(flow *f, wf_arena *keep, wf_error *err) {
    const wf_incidents_request *r = f->request;
    wf_incidents_result *out = f->result;
    wf_vector_fields fields = {r->code, r->name, r->level, r->parent};
    wf_vector_info info;
    WF_TRY(wf_vector_read_grids(r->grids, &fields, keep, &out->grids, &info, err));
    wf_grids *g = &out->grids;
    uint32_t n = g->shape.n_grids;
    wf_measure measure;
    wf_measure_init(&measure, info.geographic);
    for (uint32_t i = 0; i < n; i++) {
        g->area_m2[i] = wf_polygons_area_m2(&g->shape, i, &measure);
        if (g->level[i] > out->finest)
            out->finest = g->level[i];
    }
    WF_TRY(read_system(f, info.geographic, err));
    WF_TRY(find_parents(g, n, keep, out, err));
    f->west = f->south = INFINITY;
    f->east = f->north = -INFINITY;
    for (uint32_t i = 0; i < g->shape.n_vertices; i++) {
        f->west = fmin(f->west, g->shape.x[i]);
        f->east = fmax(f->east, g->shape.x[i]);
        f->south = fmin(f->south, g->shape.y[i]);
        f->north = fmax(f->north, g->shape.y[i]);
    }
    for (uint8_t level = 0; level <= out->finest; level++)
        WF_TRY(index_level(f, level, keep, err));
    return WF_OK;
}

/* ---- one chunk: parse and place --------------------------------------------------------------------------------- */

/* A coordinate. 1 a number, 0 nothing recorded, -1 not a number. */
static int read_number(const wf_csv_field *field, double *out) {
    char text[64], *end;
    static const char *const missing[] = {"", "NULL", "null", "无", "空", "/", "-", "\\N", "NaN", "nan"};
    wf_csv_text(field, text, sizeof text);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        if (strcmp(text, missing[i]) == 0)
            return 0;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out) ? 1 : -1;
}

static bool in_extent(const flow *f, double x, double y) {
    return x >= f->west && x <= f->east && y >= f->south && y <= f->north;
}

static rule read_place(const flow *f, const wf_csv_field *fields, uint32_t n, double *x, double *y) {
    if ((uint32_t)f->x >= n || (uint32_t)f->y >= n)
        return I17;
    int got_x = read_number(&fields[f->x], x), got_y = read_number(&fields[f->y], y);
    if (got_x < 0 || got_y < 0)
        return I17;
    if (got_x == 0 || got_y == 0)
        return I01;
    if (*x == 0.0 && *y == 0.0)
        return I02;
    rule found = RULE_NONE;
    if (!in_extent(f, *x, *y) && in_extent(f, *y, *x)) {
        double swap = *x;
        *x = *y;
        *y = swap;
        found = I03;
    }
    if (f->system == FRAME_BD)
        wf_gcj_from_bd(x, y);
    if (f->system != FRAME_SAME)
        wf_gcj_to_wgs(x, y);
    return found;
}

static void place_row(const flow *f, double x, double y, const char *recorded, row *r) {
    const wf_incidents_result *result = f->result;
    for (int level = result->finest; level >= 0; level--) {
        if (f->locator[level] == NULL)
            continue;
        wf_placed placed = wf_locator_place(f->locator[level], x, y, recorded, &r->grid);
        if (level == result->finest)
            r->placed = (uint8_t)placed;
        if (placed != WF_PLACED_OUTSIDE)
            return;
    }
}

static wf_code parse_chunk(void *ctx, uint32_t chunk, unsigned thread, wf_error *err) {
    (void)thread;
    flow *f = ctx;
    slot *s = &f->slots[chunk];
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    size_t at = f->start[chunk], end = f->start[chunk + 1], start;
    char id[CELL_BYTES], recorded[CELL_BYTES];
    s->n = 0;
    for (;;) {
        uint32_t n;
        wf_csv_status status = wf_csv_next(f->text.bytes, end, f->result->delimiter, &at, fields, &n, &start);
        if (status == WF_CSV_END)
            return WF_OK;
        if (WF_ROOM(&s->arena, s->rows, s->n, s->cap))
            return wf_fail_nomem(err);
        size_t stop = at;
        while (stop > start && (f->text.bytes[stop - 1] == '\n' || f->text.bytes[stop - 1] == '\r'))
            stop--;
        row r = {.offset = start, .n_bytes = stop - start, .grid = UINT32_MAX, .recorded = UINT32_MAX};
        recorded[0] = '\0';
        if (f->id >= 0 && (uint32_t)f->id < n && wf_csv_text(&fields[f->id], id, sizeof id) > 0)
            r.id = wf_hash_bytes(id, strlen(id), 1) | 1;
        if (f->grid >= 0 && (uint32_t)f->grid < n) {
            wf_csv_text(&fields[f->grid], recorded, sizeof recorded);
            uint32_t code = wf_names_find(&f->codes, recorded, strlen(recorded));
            r.recorded = code == UINT32_MAX ? UINT32_MAX : f->code_grid[code];
        }
        double x, y;
        rule found = status == WF_CSV_OK ? read_place(f, fields, n, &x, &y) : I17;
        r.rule = (uint8_t)found;
        if (found == RULE_NONE || found == I03)
            place_row(f, x, y, recorded, &r);
        s->rows[s->n++] = r;
    }
}

/* ---- commit in input order -------------------------------------------------------------------------------------- */

/* 1 when the id was seen before, -1 when memory is short. */
static int seen_before(flow *f, uint64_t id) {
    if ((f->n_seen + 1) * 2 > f->n_slots) {
        size_t n_slots = f->n_slots == 0 ? 1 << 16 : f->n_slots * 2;
        uint64_t *slots = calloc(n_slots, sizeof *slots);
        if (slots == NULL)
            return -1;
        for (size_t i = 0; i < f->n_slots; i++) {
            if (f->seen[i] == 0)
                continue;
            size_t at = f->seen[i] >> 1 & (n_slots - 1);
            while (slots[at] != 0)
                at = (at + 1) & (n_slots - 1);
            slots[at] = f->seen[i];
        }
        free(f->seen);
        f->seen = slots;
        f->n_slots = n_slots;
    }
    size_t at = id >> 1 & (f->n_slots - 1);
    for (; f->seen[at] != 0; at = (at + 1) & (f->n_slots - 1))
        if (f->seen[at] == id)
            return 1;
    f->seen[at] = id;
    f->n_seen++;
    return 0;
}

static void count_row(flow *f, row *r) {
    wf_incidents_result *out = f->result;
    wf_accounts *a = &out->accounts;
    if (r->recorded != UINT32_MAX && (r->rule == RULE_NONE || r->rule == I03)) {
        a->labelled++;
        a->agree += r->placed != WF_PLACED_OUTSIDE && r->grid == r->recorded;
    }
    if (r->rule == I08)
        a->duplicates++;
    else if (r->rule != RULE_NONE && r->rule != I03)
        a->rejected++;
    else if (r->placed == WF_PLACED_OUTSIDE) {
        a->outside++;
        r->rule = I06;
        if (r->grid != UINT32_MAX)
            out->unassigned[r->grid]++;
    } else {
        a->assigned++;
        a->boundary += r->placed == WF_PLACED_BOUNDARY;
        a->overlap += r->placed == WF_PLACED_OVERLAP;
        out->count[r->grid]++;
    }
}

static void write_assigned(flow *f, const row *r) {
    static const char *const words[] = {"outside", "inside", "boundary", "overlap"};
    const wf_grids *g = &f->result->grids;
    FILE *to = f->out.stream;
    const char *by_level[MAX_LEVEL + 1] = {NULL};
    for (uint32_t i = r->rule == I08 ? UINT32_MAX : r->grid; i != UINT32_MAX; i = f->result->parent[i])
        by_level[g->level[i]] = g->code[i];
    fwrite(f->text.bytes + r->offset, 1, r->n_bytes, to);
    for (int level = f->result->finest; level >= 0; level--) {
        if (f->locator[level] == NULL)
            continue;
        fputc(f->result->delimiter, to);
        if (by_level[level] != NULL)
            wf_cell_write(to, by_level[level], strlen(by_level[level]));
    }
    bool rejected = r->rule == I01 || r->rule == I02 || r->rule == I17;
    fprintf(to, "%c%s%c%s\n", f->result->delimiter,
            r->rule == I08 ? "duplicate"
            : rejected     ? "rejected"
                           : words[r->placed],
            f->result->delimiter, rule_names[r->rule]);
}

static const char *detail_of(rule found) {
    switch (found) {
    case I01:
        return "no coordinates";
    case I02:
        return "coordinates are 0, 0";
    case I06:
        return "outside every grid";
    case I08:
        return "the id was met before";
    case I17:
        return "the row cannot be read";
    default:
        return "";
    }
}

/* source,row,rule,detail,x,y,id with the raw text of the row. */
static void write_reject(flow *f, const row *r) {
    FILE *to = f->rejects.stream;
    const char *source = strrchr(f->request->incidents, '/');
    source = source == NULL ? f->request->incidents : source + 1;
    wf_cell_write(to, source, strlen(source));
    fprintf(to, ",%llu,%s,%s", (unsigned long long)f->result->accounts.read, rule_names[r->rule], detail_of(r->rule));
    wf_csv_field fields[WF_CSV_MAX_FIELDS];
    char text[CELL_BYTES];
    uint32_t n;
    size_t at = r->offset, start;
    wf_csv_next(f->text.bytes, r->offset + r->n_bytes, f->result->delimiter, &at, fields, &n, &start);
    const int columns[] = {f->x, f->y, f->id};
    for (size_t c = 0; c < 3; c++) {
        fputc(',', to);
        if (columns[c] >= 0 && (uint32_t)columns[c] < n)
            wf_cell_write(to, text, wf_csv_text(&fields[columns[c]], text, sizeof text));
    }
    fputc('\n', to);
}

static wf_code commit_row(flow *f, row *r, wf_error *err) {
    f->result->accounts.read++;
    if (r->id != 0) {
        int seen = seen_before(f, r->id);
        if (seen < 0)
            return wf_fail_nomem(err);
        if (seen > 0)
            r->rule = I08;
    }
    count_row(f, r);
    if (f->rejects.stream == NULL)
        write_assigned(f, r);
    else if (r->rule != RULE_NONE && r->rule != I03)
        write_reject(f, r);
    return WF_OK;
}

/* Cut the next round of chunks at record borders; returns their number. */
static uint32_t cut_round(flow *f, size_t from) {
    uint32_t n = 0;
    f->start[0] = from;
    while (n < ROUND_CHUNKS && f->start[n] < f->text.n) {
        f->start[n + 1] = wf_csv_border(f->text.bytes, f->text.n, f->start[n], f->start[n] + CHUNK_BYTES);
        n++;
    }
    return n;
}

static wf_code stream_rows(flow *f, wf_error *err) {
    for (uint32_t i = 0; i < ROUND_CHUNKS; i++)
        wf_arena_init(&f->slots[i].arena);
    wf_code code = WF_OK;
    for (size_t from = f->body; code == WF_OK && from < f->text.n;) {
        if (f->request->cancelled != NULL && *f->request->cancelled) {
            code = wf_fail(err, WF_CANCELLED, "stopped by a signal after %llu rows; nothing was written",
                           (unsigned long long)f->result->accounts.read);
            break;
        }
        uint32_t n = cut_round(f, from);
        code = wf_pool_run(f->request->pool, n, parse_chunk, f, err);
        for (uint32_t c = 0; code == WF_OK && c < n; c++)
            for (uint32_t i = 0; code == WF_OK && i < f->slots[c].n; i++)
                code = commit_row(f, &f->slots[c].rows[i], err);
        from = f->start[n];
    }
    for (uint32_t i = 0; i < ROUND_CHUNKS; i++)
        wf_arena_clear(&f->slots[i].arena);
    free(f->seen);
    f->seen = NULL;
    const wf_accounts *a = &f->result->accounts;
    if (code == WF_OK && a->read != a->assigned + a->outside + a->rejected + a->duplicates)
        return wf_fail(err, WF_INTERNAL, "the accounts do not reconcile");
    return code;
}

static wf_code open_flow(flow *f, const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out,
                         wf_error *err) {
    f->request = request;
    f->result = out;
    WF_TRY(wf_file_map(request->incidents, &f->mapped, err));
    WF_TRY(read_header(f, keep, err));
    return read_grids(f, keep, err);
}

static void write_assigned_header(flow *f) {
    FILE *to = f->out.stream;
    const wf_incidents_result *r = f->result;
    size_t n = f->body;
    while (n > 0 && (f->text.bytes[n - 1] == '\n' || f->text.bytes[n - 1] == '\r'))
        n--;
    fwrite(f->text.bytes, 1, n, to);
    for (int level = r->finest; level >= 0; level--) {
        if (f->locator[level] == NULL)
            continue;
        fprintf(to, level == r->finest ? "%cgrid_code" : "%cgrid_code_%d", r->delimiter, level);
    }
    fprintf(to, "%cplaced%crule\n", r->delimiter, r->delimiter);
}

wf_code wf_stage_assign(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out, wf_error *err) {
    flow *f = WF_NEW(keep, flow, 1);
    if (f == NULL)
        return wf_fail_nomem(err);
    wf_incidents_result result = {.delimiter = ','};
    wf_code code;
    WF_GO(open_flow(f, request, keep, &result, err));
    WF_GO(wf_output_open(&f->out, request->output, err));
    write_assigned_header(f);
    WF_GO(stream_rows(f, err));
    WF_GO(wf_output_publish(&f->out, err));
    *out = result;
done:
    wf_output_drop(&f->out);
    free(f->converted);
    wf_file_unmap(&f->mapped);
    return code;
}

/* Parents take what their children have: grids are visited from the finest level up. */
static void roll_up(wf_incidents_result *r) {
    for (int level = r->finest; level >= 0; level--)
        for (uint32_t i = 0; i < r->grids.shape.n_grids; i++) {
            if (r->grids.level[i] != level)
                continue;
            r->count[i] += r->unassigned[i];
            if (r->parent[i] != UINT32_MAX)
                r->count[r->parent[i]] += r->count[i];
        }
}

typedef struct {
    uint8_t level;
    uint32_t grid;
    const char *code;
} load_key;

static int by_level_code(const void *a, const void *b) {
    const load_key *p = a, *q = b;
    if (p->level != q->level)
        return p->level < q->level ? -1 : 1;
    int order = strcmp(p->code, q->code);
    return order != 0 ? order : p->grid < q->grid ? -1 : p->grid > q->grid;
}

static wf_code write_load(flow *f, wf_arena *keep, wf_error *err) {
    const wf_incidents_result *r = f->result;
    const wf_grids *g = &r->grids;
    uint32_t n = g->shape.n_grids;
    load_key *order = WF_NEW(keep, load_key, n);
    if (order == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++)
        order[i] = (load_key){g->level[i], i, g->code[i]};
    qsort(order, n, sizeof *order, by_level_code);
    FILE *to = f->out.stream;
    fputs("\xEF\xBB\xBFgrid_code,grid_name,level,parent_code,kind,households,population,floating_pop,workers,area_m2,"
          "incidents,unassigned,per_1000,per_km2\n",
          to);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = order[k].grid;
        wf_cell_write(to, g->code[i], strlen(g->code[i]));
        fputc(',', to);
        wf_cell_write(to, g->name[i], strlen(g->name[i]));
        fprintf(to, ",%u,", g->level[i]);
        wf_cell_write(to, g->parent[i], strlen(g->parent[i]));
        fputc(',', to);
        wf_cell_write(to, g->kind[i], strlen(g->kind[i]));
        wf_cell_number(to, g->households[i], 0);
        wf_cell_number(to, g->population[i], 0);
        wf_cell_number(to, g->floating_pop[i], 0);
        wf_cell_number(to, g->workers[i], 0);
        wf_cell_number(to, g->area_m2[i], 1);
        bool counted = g->role[i] == WF_ROLE_PARTITION;
        double count = counted ? (double)r->count[i] : NAN;
        wf_cell_number(to, count, 0);
        wf_cell_number(to, counted ? (double)r->unassigned[i] : NAN, 0);
        wf_cell_number(to, g->population[i] >= 10.0 ? count * 1000.0 / g->population[i] : NAN, 3);
        wf_cell_number(to, g->area_m2[i] > 0.0 ? count * 1e6 / g->area_m2[i] : NAN, 3);
        fputc('\n', to);
    }
    return WF_OK;
}

/* OUT.csv → OUT.rejects.csv */
static wf_code open_rejects(flow *f, wf_error *err) {
    char path[4096];
    const char *out = f->request->output;
    size_t n = strlen(out);
    if (n > 4 && strcasecmp(out + n - 4, ".csv") == 0)
        n -= 4;
    if (snprintf(path, sizeof path, "%.*s.rejects.csv", (int)n, out) >= (int)sizeof path)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", out);
    WF_TRY(wf_output_open(&f->rejects, path, err));
    fputs("\xEF\xBB\xBFsource,row,rule,detail,x,y,id\n", f->rejects.stream);
    return WF_OK;
}

wf_code wf_stage_tally(const wf_incidents_request *request, wf_arena *keep, wf_incidents_result *out, wf_error *err) {
    flow *f = WF_NEW(keep, flow, 1);
    if (f == NULL)
        return wf_fail_nomem(err);
    wf_incidents_result result = {.delimiter = ','};
    wf_code code;
    WF_GO(open_flow(f, request, keep, &result, err));
    WF_GO(wf_output_open(&f->out, request->output, err));
    WF_GO(open_rejects(f, err));
    WF_GO(stream_rows(f, err));
    roll_up(&result);
    WF_GO(write_load(f, keep, err));
    WF_GO(wf_output_publish(&f->rejects, err));
    WF_GO(wf_output_publish(&f->out, err));
    *out = result;
done:
    wf_output_drop(&f->rejects);
    wf_output_drop(&f->out);
    free(f->converted);
    wf_file_unmap(&f->mapped);
    return code;
}
