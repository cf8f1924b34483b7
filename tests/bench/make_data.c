/* The data of the benchmark: a lattice of grids whose shared borders are crooked and match vertex by vertex, the same
 * with planted gaps and overlaps, and incidents spread at random over it. The same arguments give the same bytes.
 *
 *   make_data plan OUT.gpkg GRIDS VERTICES [DEFECTS]
 *   make_data points OUT.csv GRIDS VERTICES ROWS
 *
 * Coordinates are whole numbers of 1e-7 degrees until they are written, so a corner is one value in both files. */
#include "base/random.h"
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 20240501, CELL = 20000, MAX_SEGMENTS = 4096, NODE_EVERY = 1000 };
static const int64_t WEST = 1087000000, SOUTH = 376000000;
/* Corners move by at most JITTER of a cell, and a border leaves its chord by a slope of at most SLOPE: two borders of
 * one corner, over 70° apart, then stay within 29° of their chords and cannot meet again. */
static const double JITTER = 0.08, SLOPE = 0.55;

typedef struct {
    int64_t x, y;
} point;

typedef struct {
    int64_t n_grids, nx, ny;
    int n_across, n_up; /* segments of a border that runs east, north */
} lattice;

static lattice lattice_of(int64_t n_grids, int n_vertices) {
    lattice l = {.n_grids = n_grids, .n_across = n_vertices / 4, .n_up = n_vertices / 2 - n_vertices / 4};
    l.nx = llround(sqrt((double)n_grids));
    l.ny = (n_grids + l.nx - 1) / l.nx;
    return l;
}

static point node(const lattice *l, int64_t i, int64_t j) {
    wf_random r;
    wf_random_seed(&r, SEED, (uint64_t)(3 * (j * (l->nx + 1) + i)));
    double dx = JITTER * (2 * wf_random_unit(&r) - 1), dy = JITTER * (2 * wf_random_unit(&r) - 1);
    return (point){WEST + llround(CELL * ((double)i + dx)), SOUTH + llround(CELL * ((double)j + dy))};
}

/* Heights over the chord between a and b: half-way a tent is put on, half-way on each side a smaller one, … */
static void displace(wf_random *r, double *height, int a, int b, double slope) {
    if (b - a < 2)
        return;
    int m = a + (b - a) / 2;
    double straight = height[a] + (height[b] - height[a]) * (m - a) / (b - a);
    height[m] = straight + slope * (m - a) * (2 * wf_random_unit(r) - 1);
    displace(r, height, a, m, slope);
    displace(r, height, m, b, slope);
}

/* The n + 1 vertices of the border that starts at node (i, j) and runs north or east. */
static void border(const lattice *l, int64_t i, int64_t j, int north, point *out) {
    int n = north ? l->n_up : l->n_across;
    point a = node(l, i, j), b = north ? node(l, i, j + 1) : node(l, i + 1, j);
    wf_random r;
    wf_random_seed(&r, SEED, (uint64_t)(3 * (j * (l->nx + 1) + i) + 1 + north));
    double height[MAX_SEGMENTS + 1] = {0};
    displace(&r, height, 0, n, SLOPE / ceil(log2(n)) / n);
    for (int k = 0; k <= n; k++) {
        double t = (double)k / n, dx = (double)(b.x - a.x), dy = (double)(b.y - a.y);
        out[k] = (point){a.x + llround(t * dx - height[k] * dy), a.y + llround(t * dy + height[k] * dx)};
    }
}

/* The ring of a grid, counter-clockwise and not closed. side: 0 whole, 1 or -1 moves the middle vertex of the eastern
 * border out of the grid or into it, in this grid alone: an overlap or a gap. Returns the number of vertices. */
static int ring_of(const lattice *l, int64_t grid, int side, point *ring) {
    int64_t i = grid % l->nx, j = grid / l->nx;
    point edge[MAX_SEGMENTS + 1];
    int n = 0;
    border(l, i, j, 0, edge);
    for (int k = 0; k < l->n_across; k++)
        ring[n++] = edge[k];
    border(l, i + 1, j, 1, edge);
    edge[l->n_up / 2].x += side * (int64_t)(0.3 * CELL / l->n_up);
    for (int k = 0; k < l->n_up; k++)
        ring[n++] = edge[k];
    border(l, i, j + 1, 0, edge);
    for (int k = l->n_across; k > 0; k--)
        ring[n++] = edge[k];
    border(l, i, j, 1, edge);
    for (int k = l->n_up; k > 0; k--)
        ring[n++] = edge[k];
    return n;
}

static void fail(const char *what) {
    fprintf(stderr, "make_data: %s\n", what);
    exit(1);
}

static void write_grid(OGRLayerH layer, int64_t grid, const point *ring, int n) {
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLinearRing), polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_SetPointCount(line, n + 1);
    for (int k = 0; k <= n; k++)
        OGR_G_SetPoint_2D(line, k, (double)ring[k % n].x / 1e7, (double)ring[k % n].y / 1e7);
    OGR_G_AddGeometryDirectly(polygon, line);
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    char text[32];
    snprintf(text, sizeof text, "610824%09lld", (long long)grid + 1);
    OGR_F_SetFieldString(feature, 0, text);
    snprintf(text, sizeof text, "第%lld网格", (long long)grid + 1);
    OGR_F_SetFieldString(feature, 1, text);
    OGR_F_SetGeometryDirectly(feature, polygon);
    if (OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
        fail("a grid could not be written");
    OGR_F_Destroy(feature);
}

static void write_plan(const char *path, const lattice *l, int64_t n_defects) {
    GDALAllRegister();
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    GDALDatasetH set = driver != NULL ? GDALCreate(driver, path, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    if (set == NULL)
        fail("the GeoPackage could not be made");
    OGRSpatialReferenceH system = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(system, 4490);
    OGRLayerH layer = GDALDatasetCreateLayer(set, "grids", system, wkbPolygon, NULL);
    static const char *const names[] = {"grid_code", "grid_name"};
    for (size_t k = 0; k < 2; k++) {
        OGRFieldDefnH field = OGR_Fld_Create(names[k], OFTString);
        OGR_L_CreateField(layer, field, 0);
        OGR_Fld_Destroy(field);
    }
    point *ring = malloc(sizeof *ring * 4 * (MAX_SEGMENTS + 1));
    if (ring == NULL || GDALDatasetStartTransaction(set, 0) != OGRERR_NONE)
        fail("no transaction");
    int64_t step = n_defects > 0 ? l->n_grids / n_defects : 0, planted = 0;
    for (int64_t grid = 0; grid < l->n_grids; grid++) {
        int side = 0;
        /* At the eastern rim there is no neighbour: the next grid in that row takes the defect. */
        if (planted < n_defects && grid >= planted * step && grid % l->nx < l->nx - 1 && grid + 1 < l->n_grids)
            side = planted++ % 2 == 0 ? -1 : 1;
        write_grid(layer, grid, ring, ring_of(l, grid, side, ring));
    }
    if (planted != n_defects || GDALDatasetCommitTransaction(set) != OGRERR_NONE)
        fail("the plan could not be written");
    free(ring);
    OSRDestroySpatialReference(system);
    GDALClose(set);
}

static void write_time(char *out, size_t size, int64_t minute) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int day = (int)(minute / 1440), month = 0, rest = (int)(minute % 1440);
    while (day >= days[month])
        day -= days[month++];
    snprintf(out, size, "2024-%02d-%02d %02d:%02d", month + 1, day + 1, rest / 60, rest % 60);
}

/* Incidents in the order of time. One in NODE_EVERY lies on a corner of four grids, the others anywhere within half a
 * cell of the rim, which the crooked rim never reaches: every one has exactly one grid. */
static void write_points(const char *path, const lattice *l, int64_t n_rows) {
    static const char *const categories[] = {"A01", "A05", "B01", "B03", "C02", "C05", "D03", "E02", "F01", "G02"};
    FILE *f = fopen(path, "w");
    if (f == NULL || l->nx < 4 || l->ny < 4)
        fail("the incidents could not be written");
    int64_t full_rows = l->n_grids / l->nx;
    fputs("id,lon,lat,time,category\n", f);
    wf_random r;
    wf_random_seed(&r, SEED, 0);
    char when[32];
    for (int64_t row = 0; row < n_rows; row++) {
        point p;
        if (row % NODE_EVERY == 0)
            p = node(l, 1 + (int64_t)wf_random_below(&r, (uint64_t)l->nx - 1),
                     1 + (int64_t)wf_random_below(&r, (uint64_t)full_rows - 1));
        else
            p = (point){WEST + CELL / 2 + (int64_t)wf_random_below(&r, (uint64_t)(CELL * (l->nx - 1))),
                        SOUTH + CELL / 2 + (int64_t)wf_random_below(&r, (uint64_t)(CELL * (full_rows - 1)))};
        write_time(when, sizeof when, (int64_t)((double)row / (double)n_rows * 366 * 1440));
        fprintf(f, "%lld,%lld.%07lld,%lld.%07lld,%s,%s\n", 10000001 + (long long)row, (long long)p.x / 10000000,
                (long long)p.x % 10000000, (long long)p.y / 10000000, (long long)p.y % 10000000, when,
                categories[wf_random_below(&r, sizeof categories / sizeof *categories)]);
    }
    if (fclose(f) != 0)
        fail("the disk is full");
}

int main(int argc, char **argv) {
    int points = argc == 6 && strcmp(argv[1], "points") == 0;
    if (!points && !(argc >= 5 && argc <= 6 && strcmp(argv[1], "plan") == 0)) {
        fputs("usage: make_data plan OUT.gpkg GRIDS VERTICES [DEFECTS] | points OUT.csv GRIDS VERTICES ROWS\n", stderr);
        return 2;
    }
    int n_vertices = atoi(argv[4]);
    if (n_vertices < 8 || n_vertices / 2 > MAX_SEGMENTS || atoll(argv[3]) < 16)
        fail("at least 16 grids of 8 vertices");
    lattice l = lattice_of(atoll(argv[3]), n_vertices);
    if (points)
        write_points(argv[2], &l, atoll(argv[5]));
    else
        write_plan(argv[2], &l, argc == 6 ? atoll(argv[5]) : 0);
    return 0;
}
