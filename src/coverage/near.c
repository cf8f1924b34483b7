/* A packed box tree: leaves of neighbouring boxes, levels of neighbouring nodes, built once. */
#include "coverage/near.h"
#include <math.h>
#include <stdlib.h>

enum { FAN = 16 };

struct wf_near_node {
    double box[4];
    uint32_t first, n; /* items of a leaf, nodes of another */
};

typedef struct {
    double x, y;
    uint32_t item;
} middle;

static int by_x(const void *a, const void *b) {
    const middle *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->item < q->item ? -1 : p->item > q->item;
}

static int by_y(const void *a, const void *b) {
    const middle *p = a, *q = b;
    return p->y != q->y ? (p->y < q->y ? -1 : 1) : p->item < q->item ? -1 : p->item > q->item;
}

static int by_number(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static void widen(double box[4], const double by[4]) {
    for (int side = 0; side < 2; side++) {
        box[side] = by[side] < box[side] ? by[side] : box[side];
        box[side + 2] = by[side + 2] > box[side + 2] ? by[side + 2] : box[side + 2];
    }
}

bool wf_boxes_meet(const double a[4], const double b[4]) {
    return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

/* Neighbours side by side: strips from west to east, each from south to north. */
static wf_code order_items(wf_near *near, wf_error *err) {
    middle *m = WF_NEW(near->keep, middle, near->n);
    if (m == NULL)
        return wf_fail_nomem(err);
    uint32_t n = 0;
    for (uint32_t i = 0; i < near->n; i++) {
        const double *b = near->box[i];
        if (b[0] <= b[2] && b[1] <= b[3])
            m[n++] = (middle){b[0] / 2 + b[2] / 2, b[1] / 2 + b[3] / 2, i};
    }
    near->n = n;
    if (n > 0)
        qsort(m, n, sizeof *m, by_x);
    uint32_t strip = (uint32_t)ceil(sqrt((double)n / FAN)) * FAN;
    for (uint32_t from = 0; from < n; from += strip)
        qsort(m + from, n - from < strip ? n - from : strip, sizeof *m, by_y);
    for (uint32_t i = 0; i < n; i++)
        near->item[i] = m[i].item;
    return WF_OK;
}

wf_code wf_near_build(uint32_t n, double (*box)[4], wf_arena *keep, wf_near *out, wf_error *err) {
    wf_near near = {.n = n, .box = box, .keep = keep};
    near.item = WF_NEW(keep, uint32_t, n);
    if (near.item == NULL)
        return wf_fail_nomem(err);
    WF_TRY(order_items(&near, err));
    uint32_t room = 1, depth = 1;
    for (uint32_t k = near.n; k > 1; k = (k + FAN - 1) / FAN, depth++)
        room += (k + FAN - 1) / FAN;
    near.node = WF_NEW(keep, struct wf_near_node, room);
    near.stack = WF_NEW(keep, uint32_t, (size_t)depth * FAN + 1);
    if (near.node == NULL || near.stack == NULL)
        return wf_fail_nomem(err);
    for (uint32_t from = 0; from < near.n; from += FAN, near.n_leaves++) {
        struct wf_near_node *node = &near.node[near.n_leaves];
        *node = (struct wf_near_node){{INFINITY, INFINITY, -INFINITY, -INFINITY}, from, near.n - from};
        node->n = node->n < FAN ? node->n : FAN;
        for (uint32_t k = from; k < from + node->n; k++)
            widen(node->box, box[near.item[k]]);
    }
    near.n_nodes = near.n_leaves;
    for (uint32_t from = 0, to = near.n_leaves; to - from > 1; from = to, to = near.n_nodes)
        for (uint32_t k = from; k < to; k += FAN) {
            struct wf_near_node *node = &near.node[near.n_nodes++];
            *node = (struct wf_near_node){{INFINITY, INFINITY, -INFINITY, -INFINITY}, k, to - k};
            node->n = node->n < FAN ? node->n : FAN;
            for (uint32_t c = k; c < k + node->n; c++)
                widen(node->box, near.node[c].box);
        }
    *out = near;
    return WF_OK;
}

wf_code wf_near_ask(wf_near *near, const double box[4], uint32_t *n, const uint32_t **items, wf_error *err) {
    uint32_t depth = 0, n_found = 0;
    if (near->n_nodes > 0)
        near->stack[depth++] = near->n_nodes - 1;
    while (depth > 0) {
        uint32_t at = near->stack[--depth];
        const struct wf_near_node *node = &near->node[at];
        if (!wf_boxes_meet(node->box, box))
            continue;
        for (uint32_t k = node->first; k < node->first + node->n; k++) {
            if (at >= near->n_leaves) {
                near->stack[depth++] = k;
                continue;
            }
            if (!wf_boxes_meet(near->box[near->item[k]], box))
                continue;
            if (WF_ROOM(near->keep, near->found, n_found, near->cap_found))
                return wf_fail_nomem(err);
            near->found[n_found++] = near->item[k];
        }
    }
    if (n_found > 1)
        qsort(near->found, n_found, sizeof *near->found, by_number);
    *n = n_found;
    *items = near->found;
    return WF_OK;
}
