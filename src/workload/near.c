/* Near-duplicates by cells: a report is held against those of its own cell, to which the cells beside have sent copies
 * of their reports near its border. Typical: 10 million reports, 60 in a group. */
#include "workload/near.h"
#include "base/hash.h"
#include <math.h>
#include <stdlib.h>

/* A copy too many is harmless, one too few is a near-duplicate missed. */
static const double cell_m = 256.0, reach_m = WF_NEAR_M * 1.001;

void wf_near_cells_init(wf_near_cells *cells, const wf_measure *measure, const double box[4]) {
    double mx, my, mx_north, my_north;
    measure->scale_m(measure->self, box[0], (box[1] + box[3]) / 2, &mx, &my);
    *cells = (wf_near_cells){.measure = measure, .cell_x = cell_m / mx, .cell_y = cell_m / my};
    /* The shorter a unit is in metres, the more of them are in reach: at the ends of the box. */
    measure->scale_m(measure->self, box[0], box[1], &mx, &my);
    measure->scale_m(measure->self, box[0], box[3], &mx_north, &my_north);
    cells->reach_x = reach_m / fmin(mx, mx_north);
    cells->reach_y = reach_m / fmin(my, my_north);
    cells->south = box[1];
    cells->north = box[3];
}

static uint64_t group_of(uint64_t kind, int64_t column, int64_t row) {
    const uint64_t key[3] = {kind, (uint64_t)column, (uint64_t)row};
    return wf_hash_bytes(key, sizeof key, 4);
}

uint32_t wf_near_spread(const wf_near_cells *c, uint64_t kind, const wf_near_report *report,
                        wf_near_report out[WF_NEAR_COPIES]) {
    double x = report->x, y = report->y, reach_x = c->reach_x, reach_y = c->reach_y, mx, my;
    if (y < c->south || y > c->north) {
        c->measure->scale_m(c->measure->self, x, y, &mx, &my);
        reach_x = reach_m / mx;
        reach_y = reach_m / my;
    }
    int64_t column = (int64_t)floor(x / c->cell_x), row = (int64_t)floor(y / c->cell_y);
    uint32_t n = 0;
    out[n] = *report;
    out[n].group = group_of(kind, column, row);
    out[n++].own = true;
    for (int64_t i = column - 1; i <= column + 1; i++)
        for (int64_t k = row - 1; k <= row + 1; k++) {
            bool touched = (double)i * c->cell_x <= x + reach_x && (double)(i + 1) * c->cell_x >= x - reach_x &&
                           (double)k * c->cell_y <= y + reach_y && (double)(k + 1) * c->cell_y >= y - reach_y;
            if (!touched || (i == column && k == row))
                continue;
            out[n] = *report;
            out[n].group = group_of(kind, i, k);
            out[n++].own = false;
        }
    return n;
}

static int by_time(const void *a, const void *b) {
    const wf_near_report *p = a, *q = b;
    if (p->group != q->group)
        return p->group < q->group ? -1 : 1;
    if (p->when_s != q->when_s)
        return p->when_s < q->when_s ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

wf_code wf_near_find(wf_near_report *r, size_t n, const wf_measure *measure, wf_near_take take, void *self,
                     wf_error *err) {
    if (n > 0)
        qsort(r, n, sizeof *r, by_time);
    for (size_t i = 0; i < n; i++) {
        double mx, my;
        if (!r[i].own || i == 0 || r[i - 1].group != r[i].group)
            continue;
        measure->scale_m(measure->self, r[i].x, r[i].y, &mx, &my);
        for (size_t j = i; j-- > 0 && r[j].group == r[i].group && r[i].when_s - r[j].when_s <= WF_NEAR_S;) {
            double dx = (r[i].x - r[j].x) * mx, dy = (r[i].y - r[j].y) * my;
            if (dx * dx + dy * dy > (double)WF_NEAR_M * WF_NEAR_M)
                continue;
            WF_TRY(take(self, &r[i], &r[j], err));
            break;
        }
    }
    return WF_OK;
}
