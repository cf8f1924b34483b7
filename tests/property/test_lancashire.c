/* Every incident whose grid is not the publisher's is explained: it lies within 20 m of the polygon that the publisher
 * names (positions are published with 4 decimals). */
#include "base/file.h"
#include "base/hash.h"
#include "bridge/measure.h"
#include "bridge/vector_read.h"
#include "intake/csv.h"
#include "locate/locator.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Metres from a place to a grid's border in the local frame. */
static double border_m(const wf_polygons *p, uint32_t grid, const wf_measure *measure, double x, double y) {
    double mx, my, least = INFINITY;
    measure->scale_m(measure->self, x, y, &mx, &my);
    for (uint32_t ring = p->part_start[p->grid_start[grid]]; ring < p->part_start[p->grid_start[grid + 1]]; ring++)
        for (uint32_t i = p->ring_start[ring]; i + 1 < p->ring_start[ring + 1]; i++) {
            double ax = (p->x[i] - x) * mx, ay = (p->y[i] - y) * my;
            double dx = (p->x[i + 1] - p->x[i]) * mx, dy = (p->y[i + 1] - p->y[i]) * my, len2 = dx * dx + dy * dy;
            double t = len2 > 0 ? fmin(fmax(-(ax * dx + ay * dy) / len2, 0), 1) : 0;
            least = fmin(least, hypot(ax + t * dx, ay + t * dy));
        }
    return least;
}

static void every_difference_is_explained(void **state) {
    (void)state;
    wf_arena keep;
    wf_arena_init(&keep);
    wf_grids g;
    wf_vector_info info;
    wf_error err = {0};
    wf_mapped text;
    wf_locator *l;
    wf_measure measure;
    const wf_vector_fields fields = {.code = NULL};
    if (wf_vector_read_grids("geodata/lancashire/grids.geojson", &fields, &keep, &g, &info, &err) != WF_OK ||
        wf_file_map("geodata/lancashire/incidents.tab", &text, &err) != WF_OK)
        fail_msg("%s", err.message);
    wf_measure_init(&measure, info.geographic);
    wf_names codes;
    wf_names_init(&codes, &keep);
    uint32_t subset[2000], n = 0;
    for (uint32_t i = 0; i < g.shape.n_grids; i++)
        if (g.level[i] == 4) {
            g.area_m2[i] = wf_polygons_area_m2(&g.shape, i, &measure);
            assert_int_equal(wf_names_add(&codes, g.code[i], strlen(g.code[i])), n);
            subset[n++] = i;
        }
    assert_int_equal(n, 941);
    assert_int_equal(wf_locator_build(&g, n, subset, &keep, &l, &err), WF_OK);
    wf_csv_field f[WF_CSV_MAX_FIELDS];
    size_t at = 0, start;
    uint32_t n_fields, n_rows = 0, n_same = 0, n_near = 0, n_unlabelled = 0, n_unexplained = 0;
    wf_csv_next(text.bytes, text.n, '\t', &at, f, &n_fields, &start);
    while (wf_csv_next(text.bytes, text.n, '\t', &at, f, &n_fields, &start) == WF_CSV_OK) {
        char cell[64];
        wf_csv_text(&f[1], cell, sizeof cell);
        double x = strtod(cell, NULL);
        wf_csv_text(&f[2], cell, sizeof cell);
        double y = strtod(cell, NULL);
        size_t n_code = wf_csv_text(&f[4], cell, sizeof cell);
        uint32_t label = wf_names_find(&codes, cell, n_code), grid;
        wf_locator_place(l, x, y, cell, &grid);
        n_rows++;
        if (label == UINT32_MAX)
            n_unlabelled++;
        else if (grid == subset[label])
            n_same++;
        else if (border_m(&g.shape, subset[label], &measure, x, y) <= 20.0)
            n_near++;
        else
            n_unexplained++;
    }
    assert_int_equal(n_rows, 56434);
    assert_int_equal(n_same, 53884);
    assert_int_equal(n_unlabelled, 1);
    assert_int_equal(n_same + n_near + n_unlabelled, n_rows);
    assert_int_equal(n_unexplained, 0);
    wf_file_unmap(&text);
    wf_arena_clear(&keep);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_difference_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
