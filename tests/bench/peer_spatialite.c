/* The join of points with grids in SpatiaLite, all in memory, by the two plans there are: an R*Tree of the grids
 * searched point by point, and an R*Tree of the points searched grid by grid. Prints the wall and CPU seconds of each
 * join. Reading the CSV, building the geometries and the index of the grids is not held against it; the index of the
 * points is, because the points are new each time. Exit status 3: the extension is not there.
 *
 *   peer_spatialite GRIDS.gpkg POINTS.csv ROWS COUNTS.csv AGAIN.csv */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(sqlite3 *db, const char *what) {
    fprintf(stderr, "peer_spatialite: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail(db, sql);
    return s;
}

static void load_grids(sqlite3 *db, const char *path) {
    sqlite3_stmt *s = prepare(db, "ATTACH ? AS plan");
    sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    if (sqlite3_step(s) != SQLITE_DONE)
        fail(db, path);
    sqlite3_finalize(s);
    run(db, "SELECT InitSpatialMetadata(1, 'WGS84_ONLY');"
            "CREATE TABLE grids (id INTEGER PRIMARY KEY, grid_code TEXT);"
            "SELECT AddGeometryColumn('grids', 'geom', 4326, 'POLYGON', 'XY');"
            "INSERT INTO grids SELECT fid, grid_code, SetSRID(GeomFromGPB(geom), 4326) FROM plan.grids;"
            "SELECT CreateSpatialIndex('grids', 'geom');");
}

static void load_points(sqlite3 *db, const char *path, long n_rows) {
    FILE *f = fopen(path, "r");
    char line[256];
    if (f == NULL || fgets(line, sizeof line, f) == NULL)
        fail(db, path);
    run(db, "CREATE TABLE points (id INTEGER PRIMARY KEY, lon REAL, lat REAL, geom BLOB); BEGIN");
    sqlite3_stmt *s = prepare(db, "INSERT INTO points VALUES (?1, ?2, ?3, MakePoint(?2, ?3, 4326))");
    while (n_rows-- > 0 && fgets(line, sizeof line, f) != NULL) {
        char *end;
        sqlite3_bind_int64(s, 1, strtoll(line, &end, 10));
        sqlite3_bind_double(s, 2, strtod(end + 1, &end));
        sqlite3_bind_double(s, 3, strtod(end + 1, &end));
        if (sqlite3_step(s) != SQLITE_DONE)
            fail(db, "a point");
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    run(db, "COMMIT");
    fclose(f);
}

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void join(sqlite3 *db, const char *name, const char *index, const char *query, const char *path) {
    FILE *out = fopen(path, "w");
    if (out == NULL)
        fail(db, path);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    run(db, index);
    sqlite3_stmt *s = prepare(db, query);
    while (sqlite3_step(s) == SQLITE_ROW)
        fprintf(out, "%s,%lld\n", (const char *)sqlite3_column_text(s, 0), (long long)sqlite3_column_int64(s, 1));
    printf("%s %.4f %.4f\n", name, seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    if (sqlite3_finalize(s) != SQLITE_OK || fclose(out) != 0)
        fail(db, path);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fputs("usage: peer_spatialite GRIDS.gpkg POINTS.csv ROWS COUNTS.csv AGAIN.csv\n", stderr);
        return 2;
    }
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        fail(db, "sqlite");
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    if (sqlite3_load_extension(db, "mod_spatialite", NULL, NULL) != SQLITE_OK)
        return 3;
    load_grids(db, argv[1]);
    load_points(db, argv[2], atol(argv[3]));
    /* CROSS JOIN pins the order of the plan. The bounds in an R*Tree are rounded outward, so it never loses a point. */
    join(db, "spatialite", "",
         "SELECT g.grid_code, count(*) FROM points p"
         " CROSS JOIN idx_grids_geom i ON i.xmin <= p.lon AND i.xmax >= p.lon AND i.ymin <= p.lat AND i.ymax >= p.lat"
         " CROSS JOIN grids g ON g.id = i.pkid AND ST_Contains(g.geom, p.geom)"
         " GROUP BY g.grid_code ORDER BY g.grid_code",
         argv[4]);
    join(db, "spatialite_points",
         "CREATE VIRTUAL TABLE idx_points USING rtree(id, xmin, xmax, ymin, ymax);"
         "INSERT INTO idx_points SELECT id, lon, lon, lat, lat FROM points",
         "SELECT g.grid_code, count(*) FROM grids g"
         " CROSS JOIN idx_points i ON i.xmax >= MbrMinX(g.geom) AND i.xmin <= MbrMaxX(g.geom)"
         " AND i.ymax >= MbrMinY(g.geom) AND i.ymin <= MbrMaxY(g.geom)"
         " CROSS JOIN points p ON p.id = i.id AND ST_Contains(g.geom, p.geom)"
         " GROUP BY g.grid_code ORDER BY g.grid_code",
         argv[5]);
    return sqlite3_close(db) != SQLITE_OK;
}
