#ifndef WF_SYNTH_OVERLAY_H
#define WF_SYNTH_OVERLAY_H
#include "synth/edit.h"

/** A ring without repeated end, simple, counter-clockwise. */
typedef struct {
    const wf_spot *at;
    uint32_t n;
} wf_loop;

/** Pieces of an overlay: rings of degrees. Edge k of ring 0 or 1 takes part in piece i when it is listed in
 *  [edge_start[i], edge_start[i + 1]). */
typedef struct {
    uint32_t n;
    double *x, *y;
    uint32_t *start; /**< vertices of piece i: start[i] … start[i + 1] - 1 */
    uint32_t *edge_start, *edge;
    uint8_t *edge_ring;
} wf_overlay;

/** Intersect two rings (p ∩ q), or cut one out of the other (p without q).
 *
 *  For rings in general position: no vertex of one on a line of the other near it, which is told exactly by turns in
 *  128 bits. Crossing points are the only numbers that are rounded.
 *  @param minus    p without q, else what both cover
 *  @param general  false when the rings are not in general position or q lies inside p and is to be cut out: then *out
 *                  is empty
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_overlay_make(wf_loop p, wf_loop q, bool minus, wf_arena *keep, bool *general, wf_overlay *out,
                                   wf_error *err);
#endif
