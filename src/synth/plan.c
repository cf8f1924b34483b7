/* Five levels on one mesh, from the outside in: street, core, communities and villages, grids, units; service centres
 * are joined from communities. Then people, then polygons. */
#include "synth/plan.h"
#include "synth/mesh.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t n_regions;
    uint32_t *label; /* of each mesh cell */
    uint32_t *start; /* cells of region r: cell[start[r]] … ascending */
    uint32_t *cell;
    uint32_t *parent; /* region one level up */
} layer;

typedef struct {
    wf_synth_plan_params p;
    const wf_measure *measure;
    wf_arena *keep, scratch;
    wf_mesh mesh;
    uint32_t n_mesh, n_core_communities;
    uint8_t *taken;       /* of each cell, for wf_mesh_spread */
    uint32_t *everywhere; /* all 0: the ground on which the street spreads */
    layer street, core, community, centre, grid, unit;
    double *households, *people, *floating; /* of each unit */
    wf_polygons_builder shapes;
    wf_grids out;
} plan;

wf_synth_plan_params wf_synth_plan_defaults(void) {
    return (wf_synth_plan_params){.seed = 610824,
                                  .street_code = "610824001",
                                  .street_name = "张家畔街道",
                                  .centre_lon = 108.80068,
                                  .centre_lat = 37.59553,
                                  .area_km2 = 212.2,
                                  .urban_km2 = 30,
                                  .n_centres = 5,
                                  .n_communities = 16,
                                  .n_villages = 16,
                                  .n_urban_grids = 240,
                                  .n_rural_grids = 62,
                                  .n_units = 1787,
                                  .n_unit_grids = 15,
                                  .n_overlays = 30,
                                  .urban_people = 232000,
                                  .rural_people = 35000,
                                  .floating_people = 118000,
                                  .urban_households_median = 310,
                                  .urban_households_sigma = 0.33,
                                  .rural_households_median = 180,
                                  .rural_households_sigma = 0.45,
                                  .persons_per_household = 2.99,
                                  .cells_per_unit = 6};
}

/* ---- apportionment ---------------------------------------------------------------------------------------------- */

typedef struct {
    double rest;
    uint32_t at;
} remainder_key;

static int by_rest(const void *a, const void *b) {
    const remainder_key *p = a, *q = b;
    if (p->rest != q->rest)
        return p->rest > q->rest ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* Whole numbers in proportion to the weights that add up to total, each at least `least` (Hamilton's method). */
static wf_code apportion(uint32_t n, const double *weight, double total, double least, double *share, wf_arena *scratch,
                         wf_error *err) {
    remainder_key *keys = WF_NEW(scratch, remainder_key, n);
    if (keys == NULL)
        return wf_fail_nomem(err);
    double sum = 0, given = 0, spare = total - least * n;
    for (uint32_t i = 0; i < n; i++)
        sum += weight[i];
    for (uint32_t i = 0; i < n; i++) {
        double exact = sum > 0 ? spare * weight[i] / sum : 0;
        share[i] = least + floor(exact);
        given += share[i];
        keys[i] = (remainder_key){exact - floor(exact), i};
    }
    qsort(keys, n, sizeof *keys, by_rest);
    for (uint32_t i = 0; i < n && given < total; i++, given++)
        share[keys[i].at]++;
    return WF_OK;
}

/* ---- regions ---------------------------------------------------------------------------------------------------- */

static wf_code open_layer(plan *s, layer *l, uint32_t n_regions, wf_error *err) {
    l->n_regions = n_regions;
    l->label = WF_NEW(&s->scratch, uint32_t, s->n_mesh);
    l->parent = WF_NEW(&s->scratch, uint32_t, n_regions);
    if (l->label == NULL || l->parent == NULL)
        return wf_fail_nomem(err);
    memset(l->label, 0xFF, s->n_mesh * sizeof *l->label);
    return WF_OK;
}

/* List the cells of each region. */
static wf_code list_cells(plan *s, layer *l, wf_error *err) {
    l->start = WF_NEW(&s->scratch, uint32_t, (size_t)l->n_regions + 2);
    if (l->start == NULL)
        return wf_fail_nomem(err);
    for (uint32_t c = 0; c < s->n_mesh; c++)
        if (l->label[c] != WF_NO_REGION)
            l->start[l->label[c] + 2]++;
    for (uint32_t r = 0; r < l->n_regions; r++)
        l->start[r + 2] += l->start[r + 1];
    l->cell = WF_NEW(&s->scratch, uint32_t, l->start[l->n_regions + 1]);
    if (l->cell == NULL)
        return wf_fail_nomem(err);
    for (uint32_t c = 0; c < s->n_mesh; c++)
        if (l->label[c] != WF_NO_REGION)
            l->cell[l->start[l->label[c] + 1]++] = c;
    return WF_OK;
}

static uint32_t size_of(const layer *l, uint32_t region) {
    return l->start[region + 1] - l->start[region];
}

/* Cells that are not labelled and cannot be reached from the mesh's rim become part of region 0; returns their number.
 */
static wf_code fill_holes(plan *s, uint32_t *label, uint32_t *n_filled, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    uint8_t *open = WF_NEW(&local, uint8_t, s->n_mesh);
    uint32_t *stack = WF_NEW(&local, uint32_t, (size_t)s->n_mesh * 2), n = 0, w = s->mesh.n_x;
    wf_code code = open == NULL || stack == NULL ? wf_fail_nomem(err) : WF_OK;
    if (code != WF_OK)
        goto done;
    for (uint32_t c = 0; c < s->n_mesh; c++)
        if ((c % w == 0 || c % w == w - 1 || c < w || c >= s->n_mesh - w) && label[c] == WF_NO_REGION) {
            open[c] = 1;
            stack[n++] = c;
        }
    while (n > 0) {
        uint32_t c = stack[--n];
        const uint32_t next[] = {c % w + 1 < w ? c + 1 : c, c % w > 0 ? c - 1 : c, c + w < s->n_mesh ? c + w : c,
                                 c >= w ? c - w : c};
        for (int k = 0; k < 4; k++)
            if (!open[next[k]] && label[next[k]] == WF_NO_REGION) {
                open[next[k]] = 1;
                stack[n++] = next[k];
            }
    }
    *n_filled = 0;
    for (uint32_t c = 0; c < s->n_mesh; c++)
        if (label[c] == WF_NO_REGION && !open[c]) {
            label[c] = 0;
            (*n_filled)++;
        }
done:
    wf_arena_clear(&local);
    return code;
}

/* A round patch of n cells around the mesh's middle without holes. */
static wf_code make_patch(plan *s, layer *l, const uint32_t *within, uint32_t n, wf_error *err) {
    uint32_t middle = s->mesh.n_y / 2 * s->mesh.n_x + s->mesh.n_x / 2, n_order, n_filled = 0;
    uint32_t *order = WF_NEW(&s->scratch, uint32_t, n);
    if (order == NULL)
        return wf_fail_nomem(err);
    WF_TRY(open_layer(s, l, 1, err));
    WF_TRY(wf_mesh_spread(&s->mesh, within, 0, middle, n, s->taken, order, &n_order, err));
    for (int round = 0; round < 4; round++) {
        uint32_t take = n_order - n_filled;
        memset(l->label, 0xFF, s->n_mesh * sizeof *l->label);
        for (uint32_t i = 0; i < take; i++)
            l->label[order[i]] = 0;
        uint32_t before = n_filled;
        WF_TRY(fill_holes(s, l->label, &n_filled, err));
        if (n_filled == before)
            break;
    }
    return list_cells(s, l, err);
}

static void size_mesh(plan *s) {
    const wf_synth_plan_params *p = &s->p;
    double urban_units = (double)p->n_units * p->n_urban_grids / (p->n_urban_grids + p->n_rural_grids);
    double cell_m2 = p->urban_km2 * 1e6 / (urban_units * p->cells_per_unit), side_m = sqrt(cell_m2), mx, my;
    s->measure->scale_m(s->measure->self, p->centre_lon, p->centre_lat, &mx, &my);
    uint32_t n = (uint32_t)(sqrt(p->area_km2 * 1e6 / cell_m2) * 1.5) + 16;
    s->mesh = (wf_mesh){.seed = p->seed, .n_x = n, .n_y = n, .step_x = side_m / mx, .step_y = side_m / my};
    s->mesh.west = p->centre_lon - s->mesh.step_x * n / 2;
    s->mesh.south = p->centre_lat - s->mesh.step_y * n / 2;
    s->n_mesh = n * n;
}

/* Divide region `region` of `from` into n parts of `to`. */
static wf_code divide(plan *s, const layer *from, uint32_t region, layer *to, uint32_t first, uint32_t n,
                      uint64_t stream, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    wf_code code = wf_mesh_divide(&s->mesh, from->label, region, size_of(from, region),
                                  from->cell + from->start[region], n, first, stream, to->label, &local, err);
    wf_arena_clear(&local);
    for (uint32_t k = 0; k < n; k++)
        to->parent[first + k] = region;
    return code;
}

/* Every region of `from` gets a share of n_urban or n_rural parts by its cells. */
static wf_code divide_all(plan *s, const layer *from, uint32_t n_urban_regions, layer *to, uint32_t n_urban,
                          uint32_t n_rural, uint64_t stream, wf_error *err) {
    uint32_t n = from->n_regions, first = 0;
    double *weight = WF_NEW(&s->scratch, double, n), *share = WF_NEW(&s->scratch, double, n);
    if (weight == NULL || share == NULL)
        return wf_fail_nomem(err);
    for (uint32_t r = 0; r < n; r++)
        weight[r] = size_of(from, r);
    WF_TRY(open_layer(s, to, n_urban + n_rural, err));
    WF_TRY(apportion(n_urban_regions, weight, n_urban, 1, share, &s->scratch, err));
    WF_TRY(apportion(n - n_urban_regions, weight + n_urban_regions, n_rural, 1, share + n_urban_regions, &s->scratch,
                     err));
    for (uint32_t r = 0; r < n; r++) {
        WF_TRY(divide(s, from, r, to, first, (uint32_t)share[r], stream + r, err));
        first += (uint32_t)share[r];
    }
    return list_cells(s, to, err);
}

/* Service centres: the smallest one takes the next free community beside it, so that each is connected. */
static wf_code join_centres(plan *s, wf_error *err) {
    uint32_t n = s->community.n_regions, k = s->p.n_centres, w = s->mesh.n_x;
    uint8_t *beside = WF_NEW(&s->scratch, uint8_t, (size_t)n * n);
    uint32_t *count = WF_NEW(&s->scratch, uint32_t, k), *of = WF_NEW(&s->scratch, uint32_t, n);
    if (beside == NULL || count == NULL || of == NULL)
        return wf_fail_nomem(err);
    const uint32_t *label = s->community.label;
    for (uint32_t c = 0; c + w < s->n_mesh; c++) {
        const uint32_t next[] = {c + 1, c + w};
        for (int i = 0; i < 2; i++)
            if (label[c] != WF_NO_REGION && label[next[i]] != WF_NO_REGION)
                beside[label[c] * n + label[next[i]]] = beside[label[next[i]] * n + label[c]] = 1;
    }
    for (uint32_t r = 0; r < n; r++)
        of[r] = UINT32_MAX;
    for (uint32_t i = 0; i < k; i++) {
        of[i * n / k] = i;
        count[i] = 1;
    }
    for (uint32_t left = n - k; left > 0; left--) {
        uint32_t best = UINT32_MAX, best_region = 0;
        for (uint32_t r = 0; r < n; r++)
            for (uint32_t q = 0; of[r] == UINT32_MAX && q < n; q++)
                if (of[q] != UINT32_MAX && beside[q * n + r] && (best == UINT32_MAX || count[of[q]] < count[best])) {
                    best = of[q];
                    best_region = r;
                }
        if (best == UINT32_MAX)
            return wf_fail(err, WF_INTERNAL, "the communities do not hang together");
        of[best_region] = best;
        count[best]++;
    }
    WF_TRY(open_layer(s, &s->centre, k, err));
    for (uint32_t c = 0; c < s->n_mesh; c++)
        s->centre.label[c] = label[c] == WF_NO_REGION ? WF_NO_REGION : of[label[c]];
    for (uint32_t r = 0; r < n; r++)
        s->community.parent[r] = of[r];
    return list_cells(s, &s->centre, err);
}

static wf_code make_regions(plan *s, wf_error *err) {
    const wf_synth_plan_params *p = &s->p;
    size_mesh(s);
    s->everywhere = WF_NEW(&s->scratch, uint32_t, s->n_mesh);
    s->taken = WF_NEW(&s->scratch, uint8_t, s->n_mesh);
    if (s->everywhere == NULL || s->taken == NULL)
        return wf_fail_nomem(err);
    double mx, my;
    s->measure->scale_m(s->measure->self, p->centre_lon, p->centre_lat, &mx, &my);
    double cell_km2 = s->mesh.step_x * mx * s->mesh.step_y * my / 1e6;
    WF_TRY(make_patch(s, &s->street, s->everywhere, (uint32_t)lround(p->area_km2 / cell_km2), err));
    WF_TRY(make_patch(s, &s->core, s->street.label, (uint32_t)lround(p->urban_km2 / cell_km2), err));
    layer belt = {0};
    WF_TRY(open_layer(s, &belt, 1, err));
    for (uint32_t c = 0; c < s->n_mesh; c++)
        if (s->street.label[c] == 0 && s->core.label[c] != 0)
            belt.label[c] = 0;
    WF_TRY(list_cells(s, &belt, err));
    WF_TRY(open_layer(s, &s->community, p->n_communities + p->n_villages, err));
    WF_TRY(divide(s, &s->core, 0, &s->community, 0, p->n_communities, 100, err));
    WF_TRY(divide(s, &belt, 0, &s->community, p->n_communities, p->n_villages, 101, err));
    WF_TRY(list_cells(s, &s->community, err));
    WF_TRY(join_centres(s, err));
    WF_TRY(divide_all(s, &s->community, p->n_communities, &s->grid, p->n_urban_grids, p->n_rural_grids, 1000, err));
    uint32_t urban_units =
        (uint32_t)lround((double)p->n_units * p->n_urban_grids / (p->n_urban_grids + p->n_rural_grids));
    return divide_all(s, &s->grid, p->n_urban_grids, &s->unit, urban_units, p->n_units - urban_units, 1u << 20, err);
}

/* ---- people ----------------------------------------------------------------------------------------------------- */

/* Draw each grid's households, scale them to the people there are, and share them out to the units. */
static wf_code settle(plan *s, wf_error *err) {
    const wf_synth_plan_params *p = &s->p;
    uint32_t n_grids = s->grid.n_regions, n = s->unit.n_regions, n_urban = p->n_urban_grids, urban_units = 0;
    double *weight = WF_NEW(&s->scratch, double, n), *away = WF_NEW(&s->scratch, double, n);
    double *drawn = WF_NEW(&s->scratch, double, n_grids);
    s->people = WF_NEW(&s->scratch, double, n);
    s->floating = WF_NEW(&s->scratch, double, n);
    s->households = WF_NEW(&s->scratch, double, n);
    if (weight == NULL || away == NULL || drawn == NULL || s->people == NULL || s->floating == NULL ||
        s->households == NULL)
        return wf_fail_nomem(err);
    wf_random r;
    wf_random_seed(&r, p->seed, 7);
    for (uint32_t g = 0; g < n_grids; g++) {
        bool urban = g < n_urban;
        double median = urban ? p->urban_households_median : p->rural_households_median;
        double sigma = urban ? p->urban_households_sigma : p->rural_households_sigma;
        double low = urban ? 110 : 40, high = urban ? 980 : 600;
        drawn[g] = fmin(fmax(median * exp(sigma * wf_random_normal(&r)), low), high);
    }
    for (uint32_t u = 0; u < n; u++) {
        uint32_t g = s->unit.parent[u];
        double a = wf_random_gamma(&r, g < n_urban ? 8 * 0.49 : 8 * 0.12),
               b = wf_random_gamma(&r, g < n_urban ? 8 * 0.51 : 8 * 0.88);
        weight[u] = drawn[g] * size_of(&s->unit, u) / size_of(&s->grid, g);
        away[u] = weight[u] * a / (a + b);
        urban_units += g < n_urban;
    }
    WF_TRY(apportion(urban_units, weight, p->urban_people, 0, s->people, &s->scratch, err));
    WF_TRY(apportion(n - urban_units, weight + urban_units, p->rural_people, 0, s->people + urban_units, &s->scratch,
                     err));
    WF_TRY(apportion(n, away, p->floating_people, 0, s->floating, &s->scratch, err));
    for (uint32_t u = 0; u < n; u++) {
        s->floating[u] = fmin(s->floating[u], s->people[u]);
        s->households[u] = round(s->people[u] / p->persons_per_household);
    }
    /* What the cap took goes, one by one, to the units that have room, in order. */
    double missing = p->floating_people;
    for (uint32_t u = 0; u < n; u++)
        missing -= s->floating[u];
    for (uint32_t u = 0; missing > 0; u = (u + 1) % n)
        if (s->floating[u] < s->people[u]) {
            s->floating[u]++;
            missing--;
        }
    return WF_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

/* prefix, a letter or "", number with at least `width` digits, suffix. */
static const char *label_text(wf_arena *keep, const char *prefix, uint32_t number, int width, const char *suffix) {
    char digits[12];
    int n = 0;
    for (uint32_t v = number; v > 0 || n < width; v /= 10)
        digits[n++] = (char)('0' + v % 10);
    size_t n_prefix = strlen(prefix), n_suffix = strlen(suffix);
    char *text = wf_arena_alloc(keep, n_prefix + (size_t)n + n_suffix + 1, 1);
    if (text == NULL)
        return NULL;
    memcpy(text, prefix, n_prefix);
    for (int i = 0; i < n; i++)
        text[n_prefix + (size_t)i] = digits[n - 1 - i];
    memcpy(text + n_prefix + n, suffix, n_suffix);
    return text;
}

static int digits_of(uint32_t n) {
    int digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    return digits < 3 ? 3 : digits;
}

typedef struct {
    double row, x;
    uint32_t region;
} place_key;

static int by_place(const void *a, const void *b) {
    const place_key *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->region < q->region ? -1 : p->region > q->region;
}

/* Regions first … first + n - 1 in reading order: in rows from north to south, each from west to east. */
static wf_code reading_order(plan *s, const layer *l, uint32_t first, uint32_t n, uint32_t *order, wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    place_key *keys = WF_NEW(&local, place_key, n);
    if (keys == NULL)
        return wf_fail_nomem(err);
    double north = 0, south = 1e18;
    for (uint32_t k = 0; k < n; k++) {
        double x = 0, y = 0;
        for (uint32_t c = l->start[first + k]; c < l->start[first + k + 1]; c++) {
            x += l->cell[c] % s->mesh.n_x;
            y += l->cell[c] / s->mesh.n_x;
        }
        keys[k] = (place_key){y / size_of(l, first + k), x / size_of(l, first + k), first + k};
        north = fmax(north, keys[k].row);
        south = fmin(south, keys[k].row);
    }
    double rows = ceil(sqrt(n));
    for (uint32_t k = 0; k < n; k++)
        keys[k].row = fmin(floor((north - keys[k].row) / fmax(north - south, 1e-9) * rows), rows - 1);
    qsort(keys, n, sizeof *keys, by_place);
    for (uint32_t k = 0; k < n; k++)
        order[k] = keys[k].region;
    wf_arena_clear(&local);
    return WF_OK;
}

static wf_code draw_cells(plan *s, const uint32_t *label, uint32_t region, uint32_t n, const uint32_t *cells,
                          wf_error *err) {
    wf_arena local;
    wf_arena_init(&local);
    wf_code code = wf_mesh_outline(&s->mesh, label, region, n, cells, &s->shapes, &local, err);
    wf_arena_clear(&local);
    return code;
}

typedef struct {
    const char *code, *name, *parent, *kind;
    uint8_t level, role;
    double households, people, floating, workers;
} attributes;

/* The attributes of the row drawn last. */
static wf_code set_row(plan *s, attributes a, wf_error *err) {
    if (a.code == NULL || a.name == NULL)
        return wf_fail_nomem(err);
    uint32_t i = s->shapes.p.n_grids - 1;
    wf_grids *g = &s->out;
    g->code[i] = a.code;
    g->name[i] = a.name;
    g->parent[i] = a.parent;
    g->kind[i] = a.kind;
    g->level[i] = a.level;
    g->role[i] = a.role;
    g->households[i] = a.households;
    g->population[i] = a.people;
    g->floating_pop[i] = a.floating;
    g->workers[i] = a.workers;
    g->feature[i] = i + 1;
    return WF_OK;
}

static wf_code add_row(plan *s, const layer *l, uint32_t region, attributes a, wf_error *err) {
    WF_TRY(draw_cells(s, l->label, region, size_of(l, region), l->cell + l->start[region], err));
    return set_row(s, a, err);
}

/* People of each region of a layer, summed from those one level down. */
static double (*sum_up(plan *s, const layer *below, double (*of_below)[4], uint32_t n_regions))[4] {
    double(*sums)[4] = wf_arena_alloc(&s->scratch, n_regions, sizeof *sums);
    for (uint32_t r = 0; sums != NULL && r < below->n_regions; r++)
        for (int k = 0; k < 4; k++)
            sums[below->parent[r]][k] += of_below[r][k];
    return sums;
}

static attributes with_people(attributes a, const double sums[4]) {
    a.households = sums[0];
    a.people = sums[1];
    a.floating = sums[2];
    a.workers = sums[3];
    return a;
}

typedef struct {
    double (*unit)[4], (*grid)[4], (*community)[4], (*centre)[4], (*street)[4];
    const char **community_code, **grid_code, **grid_name;
    uint32_t *order;
} naming;

static wf_code open_naming(plan *s, naming *v, wf_error *err) {
    v->unit = wf_arena_alloc(&s->scratch, s->unit.n_regions, sizeof *v->unit);
    for (uint32_t u = 0; v->unit != NULL && u < s->unit.n_regions; u++) {
        v->unit[u][0] = s->households[u];
        v->unit[u][1] = s->people[u];
        v->unit[u][2] = s->floating[u];
        v->unit[u][3] = 1;
    }
    if (v->unit == NULL || (v->grid = sum_up(s, &s->unit, v->unit, s->grid.n_regions)) == NULL ||
        (v->community = sum_up(s, &s->grid, v->grid, s->community.n_regions)) == NULL ||
        (v->centre = sum_up(s, &s->community, v->community, s->centre.n_regions)) == NULL ||
        (v->street = sum_up(s, &s->centre, v->centre, 1)) == NULL)
        return wf_fail_nomem(err);
    v->community_code = WF_NEW(&s->scratch, const char *, s->community.n_regions);
    v->grid_code = WF_NEW(&s->scratch, const char *, s->grid.n_regions);
    v->grid_name = WF_NEW(&s->scratch, const char *, s->grid.n_regions);
    v->order = WF_NEW(&s->scratch, uint32_t, s->unit.n_regions);
    if (v->community_code == NULL || v->grid_code == NULL || v->grid_name == NULL || v->order == NULL)
        return wf_fail_nomem(err);
    return WF_OK;
}

static wf_code add_upper_rows(plan *s, naming *v, wf_error *err) {
    static const char *const surnames[] = {"张", "王", "李", "赵", "杨", "高", "白", "马",
                                           "刘", "郭", "乔", "贺", "康", "曹", "雷", "谢"};
    static const char *const places[] = {"家畔", "家峁", "家沟", "家湾", "家梁", "家坪", "家洼", "家圪"};
    const wf_synth_plan_params *p = &s->p;
    attributes a = {.code = p->street_code, .name = p->street_name, .parent = "", .kind = "街道", .level = 1};
    WF_TRY(add_row(s, &s->street, 0, with_people(a, v->street[0]), err));
    const char **centre_code = WF_NEW(&s->scratch, const char *, s->centre.n_regions);
    if (centre_code == NULL)
        return wf_fail_nomem(err);
    const char *centre_prefix = label_text(s->keep, p->street_code, 0, 0, "F");
    for (uint32_t r = 0; r < s->centre.n_regions; r++) {
        centre_code[r] = centre_prefix == NULL ? NULL : label_text(s->keep, centre_prefix, r + 1, 2, "");
        a = (attributes){.code = centre_code[r],
                         .name = label_text(s->keep, "第", r + 1, 1, "社区服务中心"),
                         .parent = p->street_code,
                         .kind = "社区服务中心",
                         .level = 2};
        WF_TRY(add_row(s, &s->centre, r, with_people(a, v->centre[r]), err));
    }
    int width = digits_of(s->community.n_regions + 200);
    for (uint32_t r = 0; r < s->community.n_regions; r++) {
        bool urban = r < p->n_communities;
        uint32_t number = urban ? r + 1 : r - p->n_communities + 1 + (p->n_communities < 200 ? 200 : p->n_communities);
        v->community_code[r] = label_text(s->keep, p->street_code, number, width, "");
        const char *stem = label_text(s->keep, surnames[r % 16], 0, 0, places[(r / 16 * 3 + r) % 8]);
        if (stem == NULL)
            return wf_fail_nomem(err);
        a = (attributes){.code = v->community_code[r],
                         .name = label_text(s->keep, stem, 0, 0, urban ? "社区" : "村"),
                         .parent = centre_code[s->community.parent[r]],
                         .kind = urban ? "社区" : "行政村",
                         .level = 3};
        WF_TRY(add_row(s, &s->community, r, with_people(a, v->community[r]), err));
    }
    return WF_OK;
}

/* First region of `l` whose parent is r, and their number: children stand together. */
static uint32_t children(const layer *l, uint32_t r, uint32_t from, uint32_t *n) {
    *n = 0;
    while (from + *n < l->n_regions && l->parent[from + *n] == r)
        (*n)++;
    return from + *n;
}

static wf_code add_grid_rows(plan *s, naming *v, wf_error *err) {
    uint32_t from = 0, n, n_special = s->p.n_unit_grids, most = 1;
    for (uint32_t r = 0, at = 0; r < s->community.n_regions; r++) {
        at = children(&s->grid, r, at, &n);
        most = n > most ? n : most;
    }
    int width = digits_of(most);
    for (uint32_t r = 0; r < s->community.n_regions; r++) {
        uint32_t to = children(&s->grid, r, from, &n);
        WF_TRY(reading_order(s, &s->grid, from, n, v->order, err));
        for (uint32_t k = 0; k < n; k++) {
            uint32_t g = v->order[k];
            /* The carved-out unit grids are spread evenly over the urban ones. */
            bool urban = g < s->p.n_urban_grids,
                 special = urban && g * n_special / s->p.n_urban_grids != (g + 1) * n_special / s->p.n_urban_grids;
            v->grid_code[g] = label_text(s->keep, v->community_code[r], k + 1, width, "");
            v->grid_name[g] = label_text(s->keep, "第", k + 1, 1, "网格");
            attributes a = {.code = v->grid_code[g],
                            .name = v->grid_name[g],
                            .parent = v->community_code[r],
                            .kind = special ? "专属网格"
                                    : urban ? "城市网格"
                                            : "农村网格",
                            .level = 4};
            WF_TRY(add_row(s, &s->grid, g, with_people(a, v->grid[g]), err));
        }
        from = to;
    }
    return WF_OK;
}

typedef struct {
    const char *code;
    uint32_t grid;
} code_key;

static int by_code(const void *a, const void *b) {
    return strcmp(((const code_key *)a)->code, ((const code_key *)b)->code);
}

static wf_code add_unit_rows(plan *s, naming *v, wf_error *err) {
    uint32_t n_grids = s->grid.n_regions, n;
    code_key *keys = WF_NEW(&s->scratch, code_key, n_grids);
    uint32_t *first = WF_NEW(&s->scratch, uint32_t, (size_t)n_grids + 1);
    if (keys == NULL || first == NULL)
        return wf_fail_nomem(err);
    for (uint32_t g = 0; g < n_grids; g++) {
        first[g + 1] = children(&s->unit, g, first[g], &n);
        keys[g] = (code_key){v->grid_code[g], g};
    }
    qsort(keys, n_grids, sizeof *keys, by_code);
    for (uint32_t i = 0; i < n_grids; i++) {
        uint32_t g = keys[i].grid;
        n = first[g + 1] - first[g];
        WF_TRY(reading_order(s, &s->unit, first[g], n, v->order, err));
        for (uint32_t k = 0; k < n; k++) {
            uint32_t u = v->order[k];
            attributes a = {.code = label_text(s->keep, v->grid_code[g], k + 1, 3, ""),
                            .name = label_text(s->keep, "", k + 1, 1, "号楼栋巷道"),
                            .parent = v->grid_code[g],
                            .kind = "楼栋巷道",
                            .level = 5};
            WF_TRY(add_row(s, &s->unit, u, with_people(a, v->unit[u]), err));
        }
    }
    return WF_OK;
}

/* Overlay unit grids: small patches over urban units, each within one grid, people counted below. */
static wf_code add_overlays(plan *s, wf_error *err) {
    layer l = {0};
    WF_TRY(open_layer(s, &l, s->p.n_overlays, err));
    uint32_t step = s->p.n_urban_grids / (s->p.n_overlays + 1), order[4], n;
    for (uint32_t k = 0; k < s->p.n_overlays; k++) {
        uint32_t g = (k + 1) * step;
        WF_TRY(wf_mesh_spread(&s->mesh, s->grid.label, g, s->grid.cell[s->grid.start[g] + size_of(&s->grid, g) / 2], 4,
                              s->taken, order, &n, err));
        for (uint32_t i = 1; i < n; i++)
            for (uint32_t j = i; j > 0 && order[j - 1] > order[j]; j--) {
                uint32_t swap = order[j];
                order[j] = order[j - 1];
                order[j - 1] = swap;
            }
        for (uint32_t i = 0; i < n; i++)
            l.label[order[i]] = k;
        attributes a = {.code = label_text(s->keep, s->p.street_code, 900001 + k, 6, ""),
                        .name = label_text(s->keep, "专属网格", k + 1, 1, ""),
                        .parent = s->p.street_code,
                        .kind = "专属网格",
                        .level = 4,
                        .role = WF_ROLE_OVERLAY};
        a.households = a.people = a.floating = NAN;
        a.workers = 1;
        WF_TRY(draw_cells(s, l.label, k, n, order, err));
        WF_TRY(set_row(s, a, err));
    }
    return WF_OK;
}

static wf_code make(plan *s, wf_error *err) {
    naming v = {0};
    WF_TRY(make_regions(s, err));
    WF_TRY(settle(s, err));
    WF_TRY(open_naming(s, &v, err));
    uint32_t n =
        1 + s->centre.n_regions + s->community.n_regions + s->grid.n_regions + s->unit.n_regions + s->p.n_overlays;
    WF_TRY(wf_grids_init(&s->out, n, s->keep, err));
    wf_polygons_begin(&s->shapes, s->keep);
    WF_TRY(add_upper_rows(s, &v, err));
    WF_TRY(add_grid_rows(s, &v, err));
    WF_TRY(add_unit_rows(s, &v, err));
    WF_TRY(add_overlays(s, err));
    WF_TRY(wf_polygons_finish(&s->shapes, &s->out.shape, err));
    for (uint32_t i = 0; i < n; i++) {
        s->out.area_m2[i] = wf_polygons_area_m2(&s->out.shape, i, s->measure);
        s->out.declared_area_m2[i] = round(s->out.area_m2[i] * 10) / 10;
    }
    return WF_OK;
}

wf_code wf_synth_plan_make(const wf_synth_plan_params *params, const wf_measure *measure, wf_arena *keep, wf_grids *out,
                           wf_error *err) {
    plan *s = WF_NEW(keep, plan, 1);
    if (s == NULL)
        return wf_fail_nomem(err);
    s->p = *params;
    s->measure = measure;
    s->keep = keep;
    wf_arena_init(&s->scratch);
    wf_code code = make(s, err);
    if (code == WF_OK)
        *out = s->out;
    wf_arena_clear(&s->scratch);
    return code;
}
