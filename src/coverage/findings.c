/* The growing table of findings. Typically tens of rows; noisy borders give tens of thousands, and then the measuring
 * of their thickness is most of a check. */
#include "coverage/findings.h"
#include "coverage/thickness.h"
#include <math.h>
#include <string.h>

void wf_findings_begin(wf_findings *f, uint8_t level, const wf_check_params *params, wf_arena *keep) {
    *f = (wf_findings){.params = params, .keep = keep, .level = level};
    wf_polygons_begin(&f->shapes, keep);
}

wf_code wf_check_poll(const wf_check_params *params, wf_error *err) {
    if (params->cancelled != NULL && *params->cancelled != 0)
        return wf_fail(err, WF_CANCELLED, "stopped by a signal; nothing was written");
    return WF_OK;
}

static wf_severity by_size(double floor_m, double thickness_m, double area_m2) {
    if (thickness_m <= floor_m)
        return WF_NOISE;
    if (thickness_m <= 1.0)
        return WF_SLIVER;
    return thickness_m <= 5.0 || area_m2 <= 100.0 ? WF_ORDINARY : WF_SERIOUS;
}

wf_defect wf_findings_blank(const char *rule, const char *kind, wf_severity severity) {
    wf_defect d = {.rule = rule, .kind = kind, .severity = severity};
    d.shape = d.see = d.excused = UINT32_MAX;
    d.area_m2 = d.thickness_m = d.length_m = d.x = d.y = d.value = d.incidents = d.population = NAN;
    return d;
}

static wf_code append(wf_findings *f, wf_defect row, uint32_t n_owners, const uint32_t *owners, wf_error *err) {
    if (WF_ROOM(f->keep, f->out.row, f->out.n, f->cap_rows))
        return wf_fail_nomem(err);
    row.owner_first = f->n_owners;
    row.n_owners = n_owners;
    row.vertex_first = f->n_vertices;
    row.n_vertices = 0;
    for (uint32_t i = 0; i < n_owners; i++) {
        if (WF_ROOM(f->keep, f->out.owner, f->n_owners, f->cap_owners))
            return wf_fail_nomem(err);
        f->out.owner[f->n_owners++] = owners[i];
    }
    f->out.row[f->out.n++] = row;
    return WF_OK;
}

wf_code wf_findings_add(wf_findings *f, wf_defect row, uint32_t n_owners, const uint32_t *owners, wf_error *err) {
    row.level = f->level;
    return append(f, row, n_owners, owners, err);
}

wf_code wf_findings_add_grid(wf_findings *f, const char *rule, const char *kind, wf_severity severity, uint32_t grid,
                             double x, double y, wf_error *err) {
    if (f == NULL)
        return WF_OK;
    wf_defect d = wf_findings_blank(rule, kind, severity);
    d.x = x;
    d.y = y;
    return wf_findings_add(f, d, 1, &grid, err);
}

static uint32_t copy_shape(wf_findings *f, const wf_polygons *from, uint32_t i) {
    uint32_t shape = f->shapes.p.n_grids;
    wf_polygons_grid(&f->shapes);
    for (uint32_t part = from->grid_start[i]; part < from->grid_start[i + 1]; part++) {
        wf_polygons_part(&f->shapes);
        for (uint32_t ring = from->part_start[part]; ring < from->part_start[part + 1]; ring++) {
            wf_polygons_ring(&f->shapes);
            for (uint32_t k = from->ring_start[ring]; k < from->ring_start[ring + 1]; k++)
                wf_polygons_vertex(&f->shapes, from->x[k], from->y[k]);
        }
    }
    return shape;
}

wf_code wf_findings_add_place(wf_findings *f, const wf_place *place, uint32_t n_owners, const uint32_t *owners,
                              wf_error *err) {
    const wf_polygons *from = place->from;
    const wf_measure *m = f->params->measure;
    uint32_t i = place->index, shell = from->part_start[from->grid_start[i]], at = from->ring_start[shell];
    WF_TRY(wf_check_poll(f->params, err));
    wf_defect d = wf_findings_blank(place->rule, place->kind, WF_NOISE);
    d.x = place->x;
    d.y = place->y;
    d.shape = copy_shape(f, from, i);
    d.area_m2 = wf_polygons_area_m2(from, i, m);
    d.length_m = m->length_m(m->self, from->ring_start[shell + 1] - at, from->x + at, from->y + at) / 2;
    d.thickness_m = wf_thickness_m(from, i, m);
    if (isnan(d.thickness_m))
        return wf_fail_nomem(err);
    d.severity = by_size(f->params->floor_m, d.thickness_m, d.area_m2);
    if (place->lone_vertex && d.severity == WF_NOISE) {
        d.rule = "G06";
        d.kind = "unmatched vertex";
    }
    return wf_findings_add(f, d, n_owners, owners, err);
}

wf_code wf_findings_add_vertex(wf_findings *f, double x, double y, wf_error *err) {
    if (WF_ROOM(f->keep, f->out.vertex_x, f->n_vertices, f->cap_x) ||
        WF_ROOM(f->keep, f->out.vertex_y, f->n_vertices, f->cap_y))
        return wf_fail_nomem(err);
    f->out.vertex_x[f->n_vertices] = x;
    f->out.vertex_y[f->n_vertices++] = y;
    f->out.row[f->out.n - 1].n_vertices++;
    return WF_OK;
}

wf_code wf_findings_copy(wf_findings *f, const wf_defects *from, uint32_t row, wf_error *err) {
    wf_defect d = from->row[row];
    uint32_t first = d.vertex_first, n = d.n_vertices;
    if (d.shape != UINT32_MAX)
        d.shape = copy_shape(f, &from->shape, d.shape);
    WF_TRY(append(f, d, d.n_owners, from->owner + d.owner_first, err));
    for (uint32_t i = 0; i < n; i++)
        WF_TRY(wf_findings_add_vertex(f, from->vertex_x[first + i], from->vertex_y[first + i], err));
    return WF_OK;
}

wf_code wf_findings_finish(wf_findings *f, wf_defects *out, wf_error *err) {
    WF_TRY(wf_polygons_finish(&f->shapes, &f->out.shape, err));
    *out = f->out;
    return WF_OK;
}

int wf_findings_order(const wf_defect *p, const wf_defect *q) {
    if (p->level != q->level)
        return p->level > q->level ? -1 : 1;
    int order = strcmp(p->rule, q->rule);
    if (order != 0)
        return order;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->owner_first < q->owner_first ? -1 : p->owner_first > q->owner_first;
}
