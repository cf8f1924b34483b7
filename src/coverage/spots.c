/* Noding on the lattice that a file can hold. Sees the neighbourhood of defects: hundreds to tens of thousands of
 * segments, two or three rounds. */
#include "coverage/spots.h"
#include "coverage/node.h"
#include <math.h>
#include <stdlib.h>

enum { MAX_ROUNDS = 30 };

static int by_place(const void *a, const void *b) {
    const wf_vertex *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

wf_code wf_spots_add(wf_spots *to, double x, double y, wf_error *err) {
    if (WF_ROOM(to->arena, to->at, to->n, to->cap))
        return wf_fail_nomem(err);
    to->at[to->n++] = (wf_vertex){x, y};
    return WF_OK;
}

void wf_spots_sort(wf_spots *s) {
    uint32_t kept = 0;
    if (s->n > 0)
        qsort(s->at, s->n, sizeof *s->at, by_place);
    for (uint32_t i = 0; i < s->n; i++)
        if (kept == 0 || by_place(&s->at[i], &s->at[kept - 1]) != 0)
            s->at[kept++] = s->at[i];
    s->n = kept;
}

bool wf_spots_hold(const wf_spots *s, double x, double y) {
    const wf_vertex at = {x, y};
    return s->n > 0 && bsearch(&at, s->at, s->n, sizeof at, by_place) != NULL;
}

const wf_vertex *wf_spots_near(const wf_spots *s, double x, double y, double reach) {
    uint32_t low = 0, high = s->n;
    const wf_vertex *best = NULL;
    double least = reach;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->at[middle].x < x - reach)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->n && s->at[low].x <= x + reach; low++) {
        double far = fmax(fabs(s->at[low].x - x), fabs(s->at[low].y - y));
        if (far <= least && (best == NULL || far < least)) {
            least = far;
            best = &s->at[low];
        }
    }
    return best;
}

typedef struct {
    const wf_spots *fixed;
    double per_unit;
    bool moved;
} lattice;

static void put_on_lattice(lattice *l, double *x, double *y) {
    if (wf_spots_hold(l->fixed, *x, *y))
        return;
    const wf_vertex *near = wf_spots_near(l->fixed, *x, *y, 1.0 / l->per_unit);
    double to_x = near != NULL ? near->x : round(*x * l->per_unit) / l->per_unit;
    double to_y = near != NULL ? near->y : round(*y * l->per_unit) / l->per_unit;
    l->moved |= to_x != *x || to_y != *y;
    *x = to_x;
    *y = to_y;
}

/* One round: split, then move what was made. */
static wf_code node_once(lattice *l, wf_segments *s, wf_arena *keep, wf_error *err) {
    wf_noded noded;
    WF_TRY(wf_node(s->n, s->segment, true, keep, &noded, err));
    *s = (wf_segments){.arena = keep};
    l->moved = false;
    for (uint32_t i = 0; i < noded.n; i++) {
        wf_segment piece = noded.segment[i];
        put_on_lattice(l, &piece.ax, &piece.ay);
        put_on_lattice(l, &piece.bx, &piece.by);
        piece.weight = 0;
        if (piece.ax == piece.bx && piece.ay == piece.by)
            continue;
        for (uint32_t k = noded.owner_start[i]; k < noded.owner_start[i + 1]; k++) {
            piece.owner = noded.owner[k];
            WF_TRY(wf_segments_add(s, piece, err));
        }
    }
    return WF_OK;
}

wf_code wf_spots_node(uint32_t n, const wf_segment *segment, const wf_spots *fixed, uint32_t n_decimals, wf_arena *keep,
                      wf_segments *out, wf_error *err) {
    lattice l = {.fixed = fixed, .per_unit = pow(10.0, n_decimals)};
    wf_segments s = {.arena = keep};
    for (uint32_t i = 0; i < n; i++)
        WF_TRY(wf_segments_add(&s, segment[i], err));
    for (int round = 0; round < MAX_ROUNDS; round++) {
        WF_TRY(node_once(&l, &s, keep, err));
        if (!l.moved) {
            *out = s;
            return WF_OK;
        }
    }
    return wf_fail(err, WF_LIMIT, "borders do not settle on %u decimals", n_decimals);
}
