/* Incidents and people inside defects. */
#include "stage/inside.h"
#include "stage/align.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CROSSINGS = 4096 };

static bool is_gap(const wf_defect *d) {
    return strcmp(d->rule, "G03") == 0 || strcmp(d->rule, "G04") == 0;
}

static bool is_overlap(const wf_defect *d) {
    return strcmp(d->rule, "G02") == 0 || strcmp(d->rule, "G10") == 0;
}

static bool holds(const wf_defect *d) {
    return d->shape != UINT32_MAX && d->see == UINT32_MAX && d->severity > WF_NOISE;
}

static int ascending(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static wf_code index_places(const wf_defects *d, bool (*wanted)(const wf_defect *), const wf_grids *places,
                            wf_arena *keep, wf_locator **out, wf_error *err) {
    uint32_t *subset = WF_NEW(keep, uint32_t, d->n), n = 0;
    if (subset == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < d->n; i++)
        if (wanted(&d->row[i]) && holds(&d->row[i]))
            subset[n++] = d->row[i].shape;
    if (n == 0)
        return WF_OK;
    qsort(subset, n, sizeof *subset, ascending);
    return wf_locator_build(places, n, subset, keep, out, err);
}

wf_code wf_inside_build(const wf_defects *defects, wf_arena *keep, wf_inside *out, wf_error *err) {
    *out = (wf_inside){.gaps = NULL};
    WF_TRY(wf_grids_init(&out->places, defects->shape.n_grids, keep, err));
    out->places.shape = defects->shape;
    for (uint32_t i = 0; i < defects->n; i++)
        if (defects->row[i].shape != UINT32_MAX)
            out->places.area_m2[defects->row[i].shape] = defects->row[i].area_m2;
    WF_TRY(index_places(defects, is_gap, &out->places, keep, &out->gaps, err));
    return index_places(defects, is_overlap, &out->places, keep, &out->overlaps, err);
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

bool wf_inside_point(const wf_polygons *p, uint32_t i, double *x, double *y) {
    uint32_t ring0 = p->part_start[p->grid_start[i]], ring1 = p->part_start[p->grid_start[i + 1]];
    double low = INFINITY, high = -INFINITY, at[MAX_CROSSINGS], longest = 0;
    for (uint32_t v = p->ring_start[ring0]; v < p->ring_start[ring1]; v++) {
        low = fmin(low, p->y[v]);
        high = fmax(high, p->y[v]);
    }
    /* A line that runs through a vertex is passed over by the half-open rule; a second and third try miss it. */
    for (int t = 0; t < 3 && longest <= 0; t++) {
        double line = low + (high - low) * (0.5 + 0.137 * t);
        uint32_t n = 0;
        for (uint32_t ring = ring0; ring < ring1; ring++)
            for (uint32_t a = p->ring_start[ring], b = p->ring_start[ring + 1] - 1; a < p->ring_start[ring + 1];
                 b = a++)
                if ((p->y[a] > line) != (p->y[b] > line) && n < MAX_CROSSINGS)
                    at[n++] = p->x[a] + (line - p->y[a]) * (p->x[b] - p->x[a]) / (p->y[b] - p->y[a]);
        qsort(at, n, sizeof *at, by_value);
        for (uint32_t k = 0; k + 1 < n; k += 2) {
            if (at[k + 1] - at[k] <= longest)
                continue;
            longest = at[k + 1] - at[k];
            *x = (at[k] + at[k + 1]) / 2;
            *y = line;
        }
    }
    return longest > 0;
}

/* Nobody lives twice: whoever is at a place counts in the one gap and the one overlap it lies in. */
static void count_at(const wf_inside *inside, double x, double y, double population, double *people) {
    const wf_locator *const both[] = {inside->gaps, inside->overlaps};
    uint32_t place;
    for (int k = 0; k < 2; k++)
        if (both[k] != NULL && wf_locator_place(both[k], x, y, NULL, &place) != WF_PLACED_OUTSIDE)
            people[place] = isfinite(people[place]) ? people[place] + population : population;
}

static void count_people(const wf_inside *inside, const wf_grids *grids, uint8_t finest, double *people) {
    for (uint32_t i = 0; i < grids->shape.n_grids; i++) {
        double x, y;
        if (grids->level[i] != finest || grids->role[i] != WF_ROLE_PARTITION || !isfinite(grids->population[i]) ||
            !wf_inside_point(&grids->shape, i, &x, &y))
            continue;
        count_at(inside, x, y, grids->population[i], people);
    }
}

/* An overlap without a representative point has its share of the smaller grid's people. */
static double share_of_smaller(const wf_defects *d, const wf_defect *row, const wf_grids *grids) {
    uint32_t smaller = UINT32_MAX;
    for (uint32_t k = 0; k < row->n_owners; k++) {
        uint32_t g = d->owner[row->owner_first + k];
        if (smaller == UINT32_MAX || grids->area_m2[g] < grids->area_m2[smaller])
            smaller = g;
    }
    if (smaller == UINT32_MAX || !(grids->area_m2[smaller] > 0))
        return NAN;
    return grids->population[smaller] * fmin(row->area_m2 / grids->area_m2[smaller], 1.0);
}

wf_code wf_inside_read_homes(const char *source, const wf_aliases *aliases, const wf_vector_info *grids, wf_arena *keep,
                             wf_people *out, wf_error *err) {
    wf_vector_info info;
    WF_TRY(wf_vector_read_people(source, aliases, keep, out, &info, err));
    return wf_stage_align(source, &info, grids, out->n, out->x, out->y, err);
}

wf_code wf_inside_fill(const wf_inside *inside, const uint32_t *incidents, const wf_grids *grids, uint8_t finest,
                       const wf_people *homes, wf_defects *defects, wf_arena *keep, wf_error *err) {
    double *people = WF_NEW(keep, double, defects->shape.n_grids);
    if (people == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0; i < defects->shape.n_grids; i++)
        people[i] = homes != NULL ? 0 : NAN;
    for (uint32_t i = 0; homes != NULL && i < homes->n; i++)
        count_at(inside, homes->x[i], homes->y[i], homes->population[i], people);
    if (homes == NULL)
        count_people(inside, grids, finest, people);
    for (uint32_t i = 0; i < defects->n; i++) {
        wf_defect *d = &defects->row[i];
        if (!holds(d) || (!is_gap(d) && !is_overlap(d)))
            continue;
        d->incidents = incidents[d->shape];
        d->population = people[d->shape];
        if (is_overlap(d) && !isfinite(d->population))
            d->population = share_of_smaller(defects, d, grids);
        if ((d->severity == WF_SLIVER || d->severity == WF_ORDINARY) && (d->incidents > 0 || d->population >= 0.5))
            d->severity = WF_SERIOUS;
    }
    return WF_OK;
}
