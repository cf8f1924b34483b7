/* SQLite with SpatiaLite. Each check of a SpatiaLite call is on its answer: failures are a 0 and not an error. */
#include "bridge/store.h"
#include "tables/embed.h"
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <spatialite.h>
#include <spatialite/gaiageo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

WF_EMBED(wf_bridge_schema, "src/bridge/schema.sql");

enum { MAX_TABLES = 24, MAX_COLUMNS = 64 };

typedef struct {
    const char *table;
    sqlite3_stmt *insert;
} inserter;

struct wf_store {
    sqlite3 *db;
    void *cache; /* SpatiaLite's own state of the connection */
    int srid;
    const char *job, *run_date;
    inserter inserters[MAX_TABLES];
    uint32_t n_inserters;
    unsigned char *wkb; /* room for one shape */
    size_t wkb_room;
    wf_arena row;       /* shapes of the row being read */
    bool out_of_memory; /* while a shape was read */
};

static wf_code failed(const wf_store *s, const char *what, wf_error *err) {
    /* SpatiaLite's functions fail without leaving SQLite's reason. */
    int reason = s->db == NULL ? SQLITE_OK : sqlite3_errcode(s->db);
    const char *why = reason == SQLITE_OK || reason == SQLITE_ROW || reason == SQLITE_DONE ? "is the disk full?"
                                                                                           : sqlite3_errmsg(s->db);
    return wf_fail(err, reason == SQLITE_NOMEM ? WF_NOMEM : WF_OUTPUT, "the run database: %s: %s", what, why);
}

static wf_code run(wf_store *s, const char *sql, const char *what, wf_error *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? WF_OK : failed(s, what, err);
}

/* SpatiaLite's functions tell standard error what went wrong, whatever they are asked. */
static int hush(void) {
    int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fflush(stderr);
    if (kept >= 0 && nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0)
        close(nowhere);
    return kept;
}

static void speak(int kept) {
    fflush(stderr);
    if (kept < 0)
        return;
    dup2(kept, STDERR_FILENO);
    close(kept);
}

/* A SpatiaLite function that answers 1 when it did its work. */
static wf_code ask(wf_store *s, const char *sql, const char *what, wf_error *err) {
    sqlite3_stmt *stmt = NULL;
    int answer = 0, kept = hush();
    if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        answer = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    speak(kept);
    return answer == 1 ? WF_OK : failed(s, what, err);
}

static wf_code make_tables(wf_store *s, wf_error *err) {
    char sql[256];
    WF_TRY(run(s, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE", "settings", err));
    WF_TRY(ask(s, "SELECT InitSpatialMetaDataFull(1, 'NONE')", "spatial metadata cannot be made", err));
    if (s->srid > 0) {
        snprintf(sql, sizeof sql, "SELECT InsertEpsgSrid(%d)", s->srid);
        if (ask(s, sql, "system", NULL) != WF_OK)
            s->srid = 0;
    }
    WF_TRY(run(s, wf_bridge_schema, "schema", err));
    snprintf(sql, sizeof sql, "SELECT AddGeometryColumn('grids', 'geometry', %d, 'MULTIPOLYGON', 'XY')", s->srid);
    WF_TRY(ask(s, sql, "geometry of grids", err));
    snprintf(sql, sizeof sql, "SELECT AddGeometryColumn('defects', 'geometry', %d, 'MULTIPOLYGON', 'XY')", s->srid);
    WF_TRY(ask(s, sql, "geometry of defects", err));
    return run(s, "BEGIN", "transaction", err);
}

wf_code wf_store_open(const char *path, const char *crs, wf_store **out, wf_error *err) {
    wf_store *s = calloc(1, sizeof *s);
    wf_code code = WF_OK;
    if (s == NULL)
        return wf_fail_nomem(err);
    wf_arena_init(&s->row);
    unsetenv("SPATIALITE_SECURITY");
    s->srid = strncmp(crs, "EPSG:", 5) == 0 ? atoi(crs + 5) : 0;
    s->cache = spatialite_alloc_connection();
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        code = wf_fail(err, WF_OUTPUT, "%s: the run database cannot be made: %s", path,
                       s->db == NULL ? "" : sqlite3_errmsg(s->db));
        goto done;
    }
    spatialite_init_ex(s->db, s->cache, 0);
    WF_GO(make_tables(s, err));
    *out = s;
done:
    if (code != WF_OK)
        wf_store_close(s);
    return code;
}

void wf_store_close(wf_store *s) {
    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->n_inserters; i++)
        sqlite3_finalize(s->inserters[i].insert);
    sqlite3_close(s->db);
    spatialite_cleanup_ex(s->cache);
    wf_arena_clear(&s->row);
    free(s->wkb);
    free(s);
}

void wf_store_name_run(wf_store *s, const char *job, const char *run_date) {
    s->job = job;
    s->run_date = run_date;
}

wf_code wf_store_finish(wf_store *s, wf_error *err) {
    for (uint32_t i = 0; i < s->n_inserters; i++)
        sqlite3_finalize(s->inserters[i].insert);
    s->n_inserters = 0;
    WF_TRY(run(s, "COMMIT", "rows cannot be stored", err));
    WF_TRY(ask(s, "SELECT CreateSpatialIndex('grids', 'geometry')", "index of grids", err));
    WF_TRY(ask(s, "SELECT CreateSpatialIndex('defects', 'geometry')", "index of defects", err));
    WF_TRY(ask(s, "SELECT UpdateLayerStatistics()", "statistics", err));
    return run(s, "ANALYZE; PRAGMA journal_mode=DELETE", "statistics", err);
}

/* ---- rows in ---------------------------------------------------------------------------------------------------- */

static wf_code find_insert(wf_store *s, const char *table, uint32_t n, sqlite3_stmt **out, wf_error *err) {
    for (uint32_t i = 0; i < s->n_inserters; i++)
        if (strcmp(s->inserters[i].table, table) == 0) {
            *out = s->inserters[i].insert;
            return WF_OK;
        }
    char sql[512];
    int used = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?1, ?2", table);
    for (uint32_t i = 0; i < n && used < (int)sizeof sql - 40; i++)
        used += snprintf(sql + used, sizeof sql - (size_t)used, ", ?%u", i + 3);
    snprintf(sql + used, sizeof sql - (size_t)used, ")");
    inserter *added = &s->inserters[s->n_inserters];
    if (s->n_inserters == MAX_TABLES || sqlite3_prepare_v2(s->db, sql, -1, &added->insert, NULL) != SQLITE_OK)
        return wf_fail(err, WF_INTERNAL, "the run database: table %s: %s", table, sqlite3_errmsg(s->db));
    added->table = table;
    s->n_inserters++;
    *out = added->insert;
    return WF_OK;
}

typedef struct {
    unsigned char *at;
} writer;

static void put_bytes(writer *w, const void *bytes, size_t n) {
    memcpy(w->at, bytes, n);
    w->at += n;
}

static void put_head(writer *w, uint32_t type, uint32_t n) {
    *w->at++ = 1; /* little endian, as the machines this runs on are */
    put_bytes(w, &type, 4);
    put_bytes(w, &n, 4);
}

/* WKB of polygon i as a multipolygon; rings are closed when the input left them open. NULL when memory is short. */
static const unsigned char *shape_wkb(wf_store *s, const wf_polygons *p, uint32_t i, size_t *n_bytes) {
    uint32_t part0 = p->grid_start[i], part1 = p->grid_start[i + 1], ring0 = p->part_start[part0],
             ring1 = p->part_start[part1];
    size_t room = 9 + 9 * (size_t)(part1 - part0) + 20 * (size_t)(ring1 - ring0) +
                  16 * (size_t)(p->ring_start[ring1] - p->ring_start[ring0]);
    if (room > s->wkb_room) {
        unsigned char *grown = realloc(s->wkb, room);
        if (grown == NULL)
            return NULL;
        s->wkb = grown;
        s->wkb_room = room;
    }
    writer w = {s->wkb};
    put_head(&w, 6, part1 - part0);
    for (uint32_t part = part0; part < part1; part++) {
        put_head(&w, 3, p->part_start[part + 1] - p->part_start[part]);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            uint32_t from = p->ring_start[ring], to = p->ring_start[ring + 1];
            bool open = to > from && (p->x[from] != p->x[to - 1] || p->y[from] != p->y[to - 1]);
            uint32_t n = to - from + open;
            put_bytes(&w, &n, 4);
            for (uint32_t k = 0; k < n; k++) {
                uint32_t v = from + k < to ? from + k : from;
                put_bytes(&w, &p->x[v], 8);
                put_bytes(&w, &p->y[v], 8);
            }
        }
    }
    *n_bytes = (size_t)(w.at - s->wkb);
    return s->wkb;
}

static int bind_shape(wf_store *s, sqlite3_stmt *stmt, int at, const wf_value *v) {
    size_t n;
    unsigned char *blob;
    int n_blob = 0;
    if (v->shape == NULL || v->shape->grid_start[v->index] == v->shape->grid_start[v->index + 1])
        return sqlite3_bind_null(stmt, at);
    const unsigned char *wkb = shape_wkb(s, v->shape, v->index, &n);
    if (wkb == NULL || n > INT32_MAX)
        return SQLITE_NOMEM;
    gaiaGeomCollPtr geometry = gaiaFromWkb(wkb, (unsigned)n);
    if (geometry == NULL)
        return sqlite3_bind_null(stmt, at);
    geometry->Srid = s->srid;
    geometry->DeclaredType = GAIA_MULTIPOLYGON;
    gaiaToSpatiaLiteBlobWkb(geometry, &blob, &n_blob);
    gaiaFreeGeomColl(geometry);
    return sqlite3_bind_blob(stmt, at, blob, n_blob, free);
}

static int bind_value(wf_store *s, sqlite3_stmt *stmt, int at, const wf_value *v) {
    switch (v->kind) {
    case WF_VALUE_INTEGER:
        return sqlite3_bind_int64(stmt, at, v->integer);
    case WF_VALUE_REAL:
        return isfinite(v->real) ? sqlite3_bind_double(stmt, at, v->real) : sqlite3_bind_null(stmt, at);
    case WF_VALUE_TEXT:
        return v->text == NULL ? sqlite3_bind_null(stmt, at)
                               : sqlite3_bind_text(stmt, at, v->text, -1, SQLITE_TRANSIENT);
    case WF_VALUE_SHAPE:
        return bind_shape(s, stmt, at, v);
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

wf_code wf_store_put(wf_store *s, const char *table, uint32_t n, const wf_value *value, wf_error *err) {
    sqlite3_stmt *stmt;
    WF_TRY(find_insert(s, table, n, &stmt, err));
    int status = sqlite3_bind_text(stmt, 1, s->job, -1, SQLITE_STATIC);
    if (status == SQLITE_OK)
        status = sqlite3_bind_text(stmt, 2, s->run_date, -1, SQLITE_STATIC);
    for (uint32_t i = 0; i < n && status == SQLITE_OK; i++)
        status = bind_value(s, stmt, (int)i + 3, &value[i]);
    if (status == SQLITE_OK)
        status = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(s->db);
    sqlite3_reset(stmt);
    if (status == SQLITE_OK)
        return WF_OK;
    if (status == SQLITE_NOMEM)
        return wf_fail_nomem(err);
    return wf_fail(err, status == SQLITE_CONSTRAINT ? WF_INTERNAL : WF_OUTPUT, "the run database: table %s: %s", table,
                   sqlite3_errmsg(s->db));
}

/* ---- rows out --------------------------------------------------------------------------------------------------- */

static void add_ring(wf_polygons_builder *b, const gaiaRingPtr ring) {
    wf_polygons_ring(b);
    for (int i = 0; i < ring->Points; i++)
        wf_polygons_vertex(b, ring->Coords[2 * i], ring->Coords[2 * i + 1]);
}

/* A stored geometry as polygons; NULL when it is none. */
static const wf_polygons *read_shape(wf_store *s, sqlite3_stmt *stmt, int at) {
    gaiaGeomCollPtr g =
        gaiaFromSpatiaLiteBlobWkb(sqlite3_column_blob(stmt, at), (unsigned)sqlite3_column_bytes(stmt, at));
    wf_polygons *out = WF_NEW(&s->row, wf_polygons, 1);
    wf_polygons_builder b;
    s->out_of_memory |= out == NULL;
    bool ok = g != NULL && out != NULL && g->FirstPolygon != NULL;
    if (ok) {
        wf_polygons_begin(&b, &s->row);
        wf_polygons_grid(&b);
        for (gaiaPolygonPtr p = g->FirstPolygon; p != NULL; p = p->Next) {
            wf_polygons_part(&b);
            add_ring(&b, p->Exterior);
            for (int i = 0; i < p->NumInteriors; i++)
                add_ring(&b, p->Interiors + i);
        }
        ok = wf_polygons_finish(&b, out, NULL) == WF_OK;
        s->out_of_memory |= !ok;
    }
    if (g != NULL)
        gaiaFreeGeomColl(g);
    return ok ? out : NULL;
}

static wf_value read_value(wf_store *s, sqlite3_stmt *stmt, int at, bool geometry) {
    switch (sqlite3_column_type(stmt, at)) {
    case SQLITE_INTEGER:
        return WF_INTEGER(sqlite3_column_int64(stmt, at));
    case SQLITE_FLOAT:
        return WF_REAL(sqlite3_column_double(stmt, at));
    case SQLITE_TEXT:
        return WF_TEXT((const char *)sqlite3_column_text(stmt, at));
    case SQLITE_BLOB:
        if (geometry) {
            const wf_polygons *shape = read_shape(s, stmt, at);
            return shape == NULL ? WF_NOTHING : WF_SHAPE(shape, 0);
        }
        return WF_NOTHING;
    default:
        return WF_NOTHING;
    }
}

static wf_code read_rows(wf_store *s, sqlite3_stmt *stmt, const char *name, const char *geometry,
                         const wf_store_reader *reader, wf_error *err) {
    const char *names[MAX_COLUMNS];
    wf_value values[MAX_COLUMNS];
    int n = sqlite3_column_count(stmt), status;
    if (n > MAX_COLUMNS)
        return wf_fail(err, WF_USAGE, "%s: over %d columns", name, MAX_COLUMNS);
    for (int i = 0; i < n; i++)
        names[i] = sqlite3_column_name(stmt, i);
    WF_TRY(reader->column(reader->self, (uint32_t)n, names, err));
    if (reader->row == NULL)
        return WF_OK;
    while ((status = sqlite3_step(stmt)) == SQLITE_ROW) {
        wf_arena_clear(&s->row);
        for (int i = 0; i < n; i++)
            values[i] = read_value(s, stmt, i, geometry != NULL && strcmp(names[i], geometry) == 0);
        if (s->out_of_memory)
            return wf_fail_nomem(err);
        WF_TRY(reader->row(reader->self, (uint32_t)n, values, err));
    }
    return status == SQLITE_DONE ? WF_OK : wf_fail(err, WF_USAGE, "%s: %s", name, sqlite3_errmsg(s->db));
}

/* True when nothing but blanks, semicolons and comments is left of a text of SQL. */
static bool is_done(wf_store *s, const char *rest) {
    while (rest != NULL && *(rest += strspn(rest, " \t\r\n;")) != '\0') {
        sqlite3_stmt *next = NULL;
        bool more = sqlite3_prepare_v2(s->db, rest, -1, &next, &rest) != SQLITE_OK || next != NULL;
        sqlite3_finalize(next);
        if (more)
            return false;
    }
    return true;
}

wf_code wf_store_query(wf_store *s, const char *name, const char *sql, const char *geometry,
                       const wf_store_reader *reader, wf_error *err) {
    sqlite3_stmt *stmt = NULL;
    const char *rest = NULL;
    wf_code code = WF_OK;
    if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, &rest) != SQLITE_OK) {
        int at = sqlite3_error_offset(s->db), line = 1;
        for (int i = 0; i < at && sql[i] != '\0'; i++)
            line += sql[i] == '\n';
        code = wf_fail(err, WF_USAGE, "%s: line %d: %s", name, line, sqlite3_errmsg(s->db));
    } else if (stmt == NULL || !sqlite3_stmt_readonly(stmt) || sqlite3_column_count(stmt) == 0)
        code = wf_fail(err, WF_USAGE, "%s: must be one SELECT", name);
    else if (!is_done(s, rest))
        code = wf_fail(err, WF_USAGE, "%s: holds more than one statement", name);
    else if (reader != NULL)
        code = read_rows(s, stmt, name, geometry, reader, err);
    sqlite3_finalize(stmt);
    return code;
}
