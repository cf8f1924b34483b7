/* Writers of published tables. Errors stay in the stream for the caller to ask. */
#include "report/sheet.h"
#include "report/cell.h"
#include <math.h>
#include <string.h>

void wf_sheet_begin(wf_sheet *s, const char *title) {
    s->n_rows = 0;
    s->west = s->south = INFINITY;
    s->east = s->north = -INFINITY;
    if (s->kind == WF_SHEET_GEOJSON) {
        fputs("{\"type\": \"FeatureCollection\", \"name\": ", s->to);
        wf_cell_json(s->to, title);
        fputs(", \"features\": [", s->to);
        return;
    }
    fputs("\xEF\xBB\xBF", s->to);
    for (uint32_t i = 0, first = 1; i < s->n; i++) {
        if ((int)i == s->geometry)
            continue;
        fputs(first ? "" : ",", s->to);
        wf_cell_write(s->to, s->name[i], strlen(s->name[i]));
        first = 0;
    }
    fputc('\n', s->to);
}

static void write_csv(wf_sheet *s, const wf_value *value) {
    for (uint32_t i = 0, first = 1; i < s->n; i++) {
        const wf_value *v = &value[i];
        if ((int)i == s->geometry)
            continue;
        fputs(first ? "" : ",", s->to);
        first = 0;
        if (v->kind == WF_VALUE_INTEGER)
            fprintf(s->to, "%lld", (long long)v->integer);
        else if (v->kind == WF_VALUE_REAL && isfinite(v->real))
            fprintf(s->to, "%.*f", s->decimals[i], v->real);
        else if (v->kind == WF_VALUE_TEXT)
            wf_cell_write(s->to, v->text, strlen(v->text));
    }
    fputc('\n', s->to);
}

/* ---- GeoJSON ---------------------------------------------------------------------------------------------------- */

static void write_place(wf_sheet *s, double x, double y, bool first) {
    if (s->way.move != NULL)
        s->way.move(s->way.self, &x, &y);
    s->west = fmin(s->west, x);
    s->east = fmax(s->east, x);
    s->south = fmin(s->south, y);
    s->north = fmax(s->north, y);
    fprintf(s->to, "%s[%.*f,%.*f]", first ? "" : ",", s->place_decimals, x, s->place_decimals, y);
}

/* Shells counter-clockwise, holes clockwise, closed. */
static void write_ring(wf_sheet *s, const wf_polygons *p, uint32_t ring, bool shell) {
    uint32_t from = p->ring_start[ring], to = p->ring_start[ring + 1];
    while (to > from + 1 && p->x[to - 1] == p->x[from] && p->y[to - 1] == p->y[from])
        to--;
    double twice = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t j = i + 1 < to ? i + 1 : from;
        twice += (p->x[i] - p->x[from]) * (p->y[j] - p->y[from]) - (p->x[j] - p->x[from]) * (p->y[i] - p->y[from]);
    }
    bool backward = (twice > 0) != shell;
    fputc('[', s->to);
    for (uint32_t k = 0; k <= to - from; k++) {
        uint32_t step = k == to - from ? 0 : k, at = backward ? (step == 0 ? from : to - step) : from + step;
        write_place(s, p->x[at], p->y[at], k == 0);
    }
    fputc(']', s->to);
}

static bool has_places(const wf_polygons *p, uint32_t i) {
    uint32_t from = p->ring_start[p->part_start[p->grid_start[i]]],
             to = p->ring_start[p->part_start[p->grid_start[i + 1]]];
    for (uint32_t v = from; v < to; v++)
        if (!isfinite(p->x[v]) || !isfinite(p->y[v]))
            return false;
    return to > from;
}

static void write_shape(wf_sheet *s, const wf_polygons *p, uint32_t i) {
    if (!has_places(p, i)) {
        fputs("null", s->to);
        return;
    }
    fputs("{\"type\": \"MultiPolygon\", \"coordinates\": [", s->to);
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        fputs(part == p->grid_start[i] ? "[" : ",[", s->to);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            fputs(ring == p->part_start[part] ? "" : ",", s->to);
            write_ring(s, p, ring, ring == p->part_start[part]);
        }
        fputc(']', s->to);
    }
    fputs("]}", s->to);
}

static void write_feature(wf_sheet *s, const wf_value *value) {
    fprintf(s->to, "%s\n{\"type\": \"Feature\", \"properties\": {", s->n_rows == 0 ? "" : ",");
    for (uint32_t i = 0, first = 1; i < s->n; i++) {
        const wf_value *v = &value[i];
        if ((int)i == s->geometry)
            continue;
        fputs(first ? "" : ", ", s->to);
        first = 0;
        wf_cell_json(s->to, s->name[i]);
        fputs(": ", s->to);
        if (v->kind == WF_VALUE_INTEGER)
            fprintf(s->to, "%lld", (long long)v->integer);
        else if (v->kind == WF_VALUE_REAL && isfinite(v->real))
            fprintf(s->to, "%.*f", s->decimals[i], v->real);
        else if (v->kind == WF_VALUE_TEXT)
            wf_cell_json(s->to, v->text);
        else
            fputs("null", s->to);
    }
    fputs("}, \"geometry\": ", s->to);
    if (s->geometry >= 0 && value[s->geometry].kind == WF_VALUE_SHAPE)
        write_shape(s, value[s->geometry].shape, value[s->geometry].index);
    else
        fputs("null", s->to);
    fputc('}', s->to);
}

void wf_sheet_row(wf_sheet *s, const wf_value *value) {
    if (s->kind == WF_SHEET_GEOJSON)
        write_feature(s, value);
    else
        write_csv(s, value);
    s->n_rows++;
}

void wf_sheet_end(wf_sheet *s) {
    if (s->kind != WF_SHEET_GEOJSON)
        return;
    fputs("\n]", s->to);
    if (s->west <= s->east)
        fprintf(s->to, ", \"bbox\": [%.*f,%.*f,%.*f,%.*f]", s->place_decimals, s->west, s->place_decimals, s->south,
                s->place_decimals, s->east, s->place_decimals, s->north);
    fputs("}\n", s->to);
}
