#ifndef WF_SYNTH_EDIT_H
#define WF_SYNTH_EDIT_H
#include "base/grids.h"

/** Polygons that can be changed, in whole numbers of 1e-7 degrees. */
typedef struct {
    int64_t x, y;
} wf_spot;

typedef struct {
    wf_spot *at; /**< closed: the first again at the end, unless the ring is to be unclosed */
    uint32_t n;
    bool shell; /**< begins a part */
} wf_edit_ring;

typedef struct {
    wf_edit_ring *ring;
    uint32_t n, cap;
} wf_edit_polygon;

/** A directed edge and the grid it bounds. */
typedef struct {
    wf_spot a, b;
    uint32_t grid;
} wf_edit_edge;

typedef struct {
    const wf_grids *clean;
    wf_arena *keep;
    wf_edit_polygon *polygon; /**< of each row; rows behind the clean ones are new */
    uint32_t n;
    wf_edit_edge *edge[2]; /**< of the clean plan: level 4, level 5; sorted */
    uint32_t n_edges[2];
} wf_edit;

WF_CHECKED wf_code wf_edit_open(wf_edit *edit, const wf_grids *clean, uint32_t n_new, wf_arena *keep, wf_error *err);
/** The grid on the other side of edge a→b on level 4 or 5 of the clean plan, UINT32_MAX at the rim. */
uint32_t wf_edit_across(const wf_edit *edit, int level, wf_spot a, wf_spot b);
/** The grid whose border runs a→b. */
uint32_t wf_edit_along(const wf_edit *edit, int level, wf_spot a, wf_spot b);
/** Move every vertex of a row that equals one of `from` to the same item of `to`. */
void wf_edit_move(wf_edit *edit, uint32_t row, uint32_t n, const wf_spot *from, const wf_spot *to);
/** Put n vertices behind the first vertex of a row's border edge a→b. */
WF_CHECKED wf_code wf_edit_insert(wf_edit *edit, uint32_t row, wf_spot a, wf_spot b, uint32_t n, const wf_spot *what,
                                  wf_error *err);
/** Add a ring, reversed for a hole; `shell` begins a part. The figure is counter-clockwise and not closed. */
WF_CHECKED wf_code wf_edit_add(wf_edit *edit, uint32_t row, bool shell, uint32_t n, const wf_spot *figure,
                               wf_error *err);
/** True when segments a–b and c–d have a point in common that is no common end; exact. */
bool wf_edit_cross(wf_spot a, wf_spot b, wf_spot c, wf_spot d);
/** True when a segment crosses a border of the row as it is in the clean plan. */
bool wf_edit_hits(const wf_edit *edit, uint32_t row, wf_spot a, wf_spot b);
/** True when a place is strictly inside the row's clean polygon. */
bool wf_edit_inside(const wf_edit *edit, uint32_t row, wf_spot at);
/** All rows as polygons in degrees. */
WF_CHECKED wf_code wf_edit_close(const wf_edit *edit, wf_polygons *out, wf_error *err);
#endif
