/* The contested places of a neighbourhood: overlaps and gaps, with their measures. */
#include "coverage/decide.h"
#include "base/sets.h"
#include "coverage/thickness.h"
#include <math.h>
#include <string.h>

uint32_t wf_mend_face(const wf_mending *m, uint32_t segment, bool left) {
    uint32_t f = left ? m->a.left[segment] : m->a.right[segment];
    return f == WF_NO_FACE ? m->n_faces - 1 : f;
}

bool wf_mend_is_over(const wf_mending *m, uint32_t face, uint32_t local) {
    for (uint32_t k = 0; k < m->n_set[face]; k++)
        if (m->set[m->set_at[face] + k] == local)
            return true;
    return false;
}

uint32_t wf_contest_owner(const wf_contest *c, uint32_t face) {
    const wf_mending *m = c->m;
    if (m->n_set[face] == 1)
        return m->set[m->set_at[face]];
    return c->of[face] == WF_NOBODY ? WF_NOBODY : c->at[c->of[face]].owner;
}

static bool same_set(const wf_mending *m, uint32_t a, uint32_t b) {
    return m->n_set[a] == m->n_set[b] &&
           memcmp(m->set + m->set_at[a], m->set + m->set_at[b], m->n_set[a] * sizeof *m->set) == 0;
}

/* Number the places. Faces of one grid are none, and neither is what lies beyond. */
static wf_code find_places(wf_contest *c, wf_error *err) {
    wf_mending *m = c->m;
    uint32_t *group = WF_NEW(m->keep, uint32_t, m->n_faces);
    c->of = WF_NEW(m->keep, uint32_t, m->n_faces);
    c->at = WF_NEW(m->keep, wf_contested, m->n_faces);
    c->face_m2 = WF_NEW(m->keep, double, m->n_faces);
    if (group == NULL || c->of == NULL || c->at == NULL || c->face_m2 == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < m->n_faces; f++) {
        group[f] = f;
        c->of[f] = WF_NOBODY;
    }
    for (uint32_t s = 0; s < m->a.n_segments; s++) {
        uint32_t l = wf_mend_face(m, s, true), r = wf_mend_face(m, s, false);
        if (m->n_set[l] == 1 || m->cut[s] || !same_set(m, l, r))
            continue;
        l = wf_sets_root(group, l);
        r = wf_sets_root(group, r);
        m->beyond[l < r ? l : r] |= m->beyond[l < r ? r : l];
        wf_sets_join(group, l, r);
    }
    for (uint32_t f = 0; f + 1 < m->n_faces; f++) {
        uint32_t first = wf_sets_root(group, f);
        c->face_m2[f] = wf_polygons_area_m2(&m->a.shape, f, c->measure);
        m->beyond[f] = m->beyond[first];
        if (m->n_set[f] == 1 || m->beyond[f])
            continue;
        if (c->of[first] == WF_NOBODY) {
            c->at[c->n] = (wf_contested){.face = f, .owner = WF_NOBODY, .gap = m->n_set[f] == 0};
            c->of[first] = c->n++;
        }
        wf_contested *p = &c->at[c->of[f] = c->of[first]];
        p->m2 += c->face_m2[f];
        if (c->face_m2[f] > p->face_m2) {
            p->face_m2 = c->face_m2[f];
            p->face = f;
        }
    }
    return WF_OK;
}

double wf_contest_length_m(const wf_contest *c, uint32_t s) {
    const wf_segment *e = &c->m->a.segment[s];
    const double x[] = {e->ax, e->bx}, y[] = {e->ay, e->by};
    return c->measure->length_m(c->measure->self, 2, x, y);
}

static wf_code list_sides(wf_contest *c, wf_error *err) {
    wf_mending *m = c->m;
    c->side_start = WF_NEW(m->keep, uint32_t, (size_t)c->n + 2);
    c->side = WF_NEW(m->keep, uint32_t, 2 * (size_t)m->a.n_segments);
    if (c->side_start == NULL || c->side == NULL)
        return wf_fail_nomem(err);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < m->a.n_segments; s++) {
            uint32_t l = c->of[wf_mend_face(m, s, true)], r = c->of[wf_mend_face(m, s, false)];
            for (int left = 0; left < 2 && l != r; left++) {
                uint32_t p = left ? l : r;
                if (p == WF_NOBODY)
                    continue;
                if (pass == 0) {
                    c->side_start[p + 2]++;
                    c->at[p].length_m += wf_contest_length_m(c, s);
                } else
                    c->side[c->side_start[p + 1]++] = s;
            }
        }
        for (uint32_t p = 0; pass == 0 && p < c->n; p++)
            c->side_start[p + 2] += c->side_start[p + 1];
    }
    return WF_OK;
}

static wf_code measure_items(wf_contest *c, wf_error *err) {
    wf_mending *m = c->m;
    uint32_t n = m->q->n_items;
    c->total_m2 = WF_NEW(m->keep, double, n);
    c->own_m2 = WF_NEW(m->keep, double, n);
    if (c->total_m2 == NULL || c->own_m2 == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f + 1 < m->n_faces; f++)
        for (uint32_t k = 0; k < m->n_set[f]; k++) {
            uint32_t local = m->set[m->set_at[f] + k];
            c->total_m2[local] += c->face_m2[f];
            c->own_m2[local] += m->n_set[f] == 1 ? c->face_m2[f] : 0;
        }
    return WF_OK;
}

static wf_code list_faces(wf_contest *c, wf_error *err) {
    wf_mending *m = c->m;
    c->face_start = WF_NEW(m->keep, uint32_t, (size_t)c->n + 2);
    c->face = WF_NEW(m->keep, uint32_t, m->n_faces);
    if (c->face_start == NULL || c->face == NULL)
        return wf_fail_nomem(err);
    for (uint32_t f = 0; f < m->n_faces; f++)
        if (c->of[f] != WF_NOBODY)
            c->face_start[c->of[f] + 2]++;
    for (uint32_t p = 0; p < c->n; p++)
        c->face_start[p + 2] += c->face_start[p + 1];
    for (uint32_t f = 0; f < m->n_faces; f++)
        if (c->of[f] != WF_NOBODY)
            c->face[c->face_start[c->of[f] + 1]++] = f;
    return WF_OK;
}

wf_code wf_contest_thickness_m(const wf_contest *c, uint32_t place, double *out, wf_error *err) {
    *out = 0;
    for (uint32_t k = c->face_start[place]; k < c->face_start[place + 1]; k++) {
        double t = wf_thickness_m(&c->m->a.shape, c->face[k], c->measure);
        if (isnan(t))
            return wf_fail_nomem(err);
        *out = fmax(*out, t);
    }
    return WF_OK;
}

/* Within the floor? A figure is at least twice its area over its border's length thick. */
static wf_code find_thin(wf_contest *c, wf_error *err) {
    double floor_m = c->params->check->floor_m, t;
    for (uint32_t p = 0; p < c->n; p++) {
        if (2 * c->at[p].m2 > floor_m * c->at[p].length_m)
            continue;
        WF_TRY(wf_check_poll(c->params->check, err));
        WF_TRY(wf_contest_thickness_m(c, p, &t, err));
        c->at[p].thin = t <= floor_m;
    }
    return WF_OK;
}

wf_code wf_contest_begin(wf_contest *c, wf_mending *m, wf_error *err) {
    *c = (wf_contest){.m = m, .params = m->q->params, .measure = m->q->params->check->measure};
    WF_TRY(find_places(c, err));
    WF_TRY(list_faces(c, err));
    WF_TRY(list_sides(c, err));
    WF_TRY(measure_items(c, err));
    return find_thin(c, err);
}
