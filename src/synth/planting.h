#ifndef WF_SYNTH_PLANTING_H
#define WF_SYNTH_PLANTING_H
/* Shared by the files that plant defects: the plan under work, the room that is taken, the truth so far. */
#include "base/random.h"
#include "synth/defects.h"
#include "synth/edit.h"

enum { WF_PLANTING_TRIES = 4000, WF_PLANTING_RUN = 400 };

/** A box that a cause keeps to itself, 1e-7 degrees. */
typedef struct {
    int64_t west, south, east, north;
} wf_extent;

typedef struct {
    wf_edit edit;
    const wf_grids *clean;
    const wf_synth_defects_params *p;
    const wf_measure *measure;
    wf_arena *keep;
    wf_random random;
    wf_grids *out;
    wf_synth_truth truth;
    uint32_t cap_rows, cap_taken, n_taken;
    wf_extent *taken;
    uint32_t *parent_row; /**< of each row: the row its parent code names */
    double mx, my;        /**< metres a unit of 1e-7 degrees */
    uint32_t n_new;
} wf_planting;

/** A stretch of a grid's border beside one neighbour. */
typedef struct {
    uint32_t grid, across;                               /**< level 4: to the left of the run, and to its right */
    uint32_t n;                                          /**< vertices, both ends included */
    wf_spot at[WF_PLANTING_RUN], moved[WF_PLANTING_RUN]; /**< ends are not moved */
    uint32_t unit, unit_across; /**< level 5 when one unit lies along each side, else UINT32_MAX */
} wf_border_run;

/** Add a finding that the check must report. */
WF_CHECKED wf_code wf_planting_expect(wf_planting *s, const char *cause, const char *rule, uint8_t level,
                                      double area_m2, uint32_t n, const uint32_t *rows, wf_error *err);
wf_extent wf_planting_extent(uint32_t n, const wf_spot *at);
/** Of a row before anything was planted: a grid with swapped axes still holds its place. */
wf_extent wf_planting_clean_extent(const wf_planting *s, uint32_t row);
bool wf_planting_is_free(const wf_planting *s, wf_extent e);
WF_CHECKED wf_code wf_planting_take(wf_planting *s, wf_extent e, wf_error *err);
/** A row of level 4 or 5 drawn at random, no overlay; kind NULL: any. */
uint32_t wf_planting_draw_row(wf_planting *s, uint8_t level, const char *kind);
/** A stretch of n edges from a random place; false when there is none there. */
bool wf_planting_draw_run(wf_planting *s, const char *kind, uint32_t n_edges, wf_border_run *r);
/** A grid that no cause has touched, with its whole extent free, off the rim. */
bool wf_planting_draw_whole(wf_planting *s, uint32_t *grid, wf_extent *room);
bool wf_planting_is_unit_of(const wf_planting *s, uint32_t row, uint32_t grid);

/** Plant a community in another datum and a grid in GCJ-02, each with all under it, first of all: they need room. */
WF_CHECKED wf_code wf_planting_move(wf_planting *s, wf_error *err);
/** Plant crossing rings, a unit under a parent far away, household counts out of their band. */
WF_CHECKED wf_code wf_planting_misplace(wf_planting *s, wf_error *err);
#endif
