/* Tables as CSV and GeoJSON. */
#include "report/table.h"
#include "report/cell.h"
#include <math.h>
#include <string.h>

void wf_table_csv(const wf_table *t, FILE *to) {
    fputs("\xEF\xBB\xBF", to);
    for (uint32_t c = 0; c < t->n_columns; c++)
        fprintf(to, "%s%s", c == 0 ? "" : ",", t->column[c].name);
    fputc('\n', to);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            const wf_column *column = &t->column[c];
            if (c > 0)
                fputc(',', to);
            if (column->text != NULL)
                wf_cell_write(to, column->text[i], strlen(column->text[i]));
            else if (isfinite(column->number[i]))
                fprintf(to, "%.*f", column->decimals, column->number[i]);
        }
        fputc('\n', to);
    }
}

static void write_polygon(FILE *to, const wf_polygons *p, uint32_t i) {
    fputs("{\"type\": \"MultiPolygon\", \"coordinates\": [", to);
    for (uint32_t part = p->grid_start[i]; part < p->grid_start[i + 1]; part++) {
        fputs(part == p->grid_start[i] ? "[" : ", [", to);
        for (uint32_t ring = p->part_start[part]; ring < p->part_start[part + 1]; ring++) {
            fputs(ring == p->part_start[part] ? "[" : ", [", to);
            for (uint32_t k = p->ring_start[ring]; k < p->ring_start[ring + 1]; k++)
                fprintf(to, "%s[%.12g, %.12g]", k == p->ring_start[ring] ? "" : ", ", p->x[k], p->y[k]);
            fputs("]", to);
        }
        fputs("]", to);
    }
    fputs("]}", to);
}

static void write_feature(const wf_table *t, uint32_t i, FILE *to) {
    fputs("{\"type\": \"Feature\", \"properties\": {", to);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        const wf_column *column = &t->column[c];
        fprintf(to, "%s\"%s\": ", c == 0 ? "" : ", ", column->name);
        if (column->text != NULL)
            wf_cell_json(to, column->text[i]);
        else if (isfinite(column->number[i]))
            fprintf(to, "%.*f", column->decimals, column->number[i]);
        else
            fputs("null", to);
    }
    fputs("}, \"geometry\": ", to);
    if (t->shape_of[i] != UINT32_MAX)
        write_polygon(to, t->shape, t->shape_of[i]);
    else if (isfinite(t->x[i]) && isfinite(t->y[i]))
        fprintf(to, "{\"type\": \"Point\", \"coordinates\": [%.12g, %.12g]}", t->x[i], t->y[i]);
    else
        fputs("null", to);
    fputs("}", to);
}

void wf_table_geojson(const wf_table *t, FILE *to) {
    fprintf(to, "{\"type\": \"FeatureCollection\", \"name\": \"%s\", \"features\": [", t->name);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        fputs(i == 0 ? "\n" : ",\n", to);
        write_feature(t, i, to);
    }
    fputs("\n]}\n", to);
}
