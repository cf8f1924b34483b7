/* Gaps and places outside the outline, read off the faces of what did not cancel. */
#include "coverage/rules.h"
#include <stdlib.h>

int wf_face_side_order(const void *a, const void *b) {
    const wf_face_side *p = a, *q = b;
    if (p->face != q->face)
        return p->face < q->face ? -1 : 1;
    return p->owner < q->owner ? -1 : p->owner > q->owner;
}

/* The faces of a wanted count (`below`: that or less), each with the grids beside it. Faces beside the outline, owner
 * n_subset, take the second rule. */
static wf_code report_faces(wf_borders *w, const wf_arrangement *a, int32_t count, bool below,
                            const char *const rules[2], const char *kind, wf_error *err) {
    wf_face_side *pairs = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t s = 0; s < a->n_segments; s++)
        for (int side = 0; side < 2; side++) {
            uint32_t face = side ? a->left[s] : a->right[s];
            if (face == WF_NO_FACE || (below ? a->count[face] > count : a->count[face] != count))
                continue;
            for (uint32_t k = a->owner_start[s]; k < a->owner_start[s + 1]; k++) {
                if (WF_ROOM(w->scratch, pairs, n, cap))
                    return wf_fail_nomem(err);
                pairs[n++] = (wf_face_side){face, a->owner[k] == w->n_subset ? UINT32_MAX : w->subset[a->owner[k]]};
            }
        }
    if (n > 0)
        qsort(pairs, n, sizeof *pairs, wf_face_side_order);
    uint32_t *owners = WF_NEW(w->scratch, uint32_t, (size_t)n + 1);
    if (owners == NULL)
        return wf_fail_nomem(err);
    for (uint32_t i = 0, j; i < n; i = j) {
        uint32_t face = pairs[i].face, n_owners = 0;
        uint32_t sides[2] = {0, 0}; /* edges of the first two owners */
        bool at_outline = false;
        for (j = i; j < n && pairs[j].face == face; j++) {
            if (pairs[j].owner == UINT32_MAX)
                at_outline = true;
            else if (j == i || pairs[j].owner != pairs[j - 1].owner)
                owners[n_owners++] = pairs[j].owner;
            if (n_owners == 1 || n_owners == 2)
                sides[n_owners - 1]++;
        }
        bool lone = n_owners == 2 && !at_outline && (sides[0] == 1 || sides[1] == 1);
        const wf_place place = {.rule = rules[at_outline],
                                .kind = kind,
                                .from = &a->shape,
                                .index = face,
                                .x = a->x[face],
                                .y = a->y[face],
                                .lone_vertex = lone};
        WF_TRY(wf_findings_add_place(w->found, &place, n_owners, owners, err));
    }
    return WF_OK;
}

static wf_code report_gaps(wf_borders *w, const wf_arrangement *a, wf_error *err) {
    static const char *const rules[] = {"G03", "G03"};
    return report_faces(w, a, 0, true, rules, "gap", err);
}

/* With an outline its rings count -1 and the rest of the union +1: what is left at -1 is unfilled, at +1 outside. The
 * union is the residual with every place that a grid covers counted once. */
static wf_code report_outline(wf_borders *w, const wf_arrangement *a, wf_error *err) {
    static const char *const gap_rules[] = {"G03", "G04"}, *const outside_rules[] = {"G14", "G14"};
    const wf_polygons *o = w->params->outline;
    wf_segments all = {.arena = w->scratch};
    for (uint32_t s = 0; s < a->n_segments; s++) {
        int left = a->left[s] != WF_NO_FACE && a->count[a->left[s]] > 0;
        int right = a->right[s] != WF_NO_FACE && a->count[a->right[s]] > 0;
        if (left == right)
            continue;
        wf_segment kept = a->segment[s];
        kept.weight = left - right;
        kept.owner = a->owner[a->owner_start[s]];
        WF_TRY(wf_segments_add(&all, kept, err));
    }
    for (uint32_t i = 0; i < o->n_grids; i++)
        WF_TRY(wf_segments_add_polygon(&all, o, i, -1, w->n_subset, err));
    wf_arrangement b;
    WF_TRY(wf_arrange(all.n, all.segment, false, w->scratch, &b, err));
    WF_TRY(report_faces(w, &b, -1, false, gap_rules, "gap", err));
    return report_faces(w, &b, 1, false, outside_rules, "outside the outline", err);
}

wf_code wf_rules_gaps(wf_borders *b, const wf_arrangement *residual, wf_error *err) {
    return b->params->outline != NULL ? report_outline(b, residual, err) : report_gaps(b, residual, err);
}
