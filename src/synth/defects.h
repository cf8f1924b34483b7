#ifndef WF_SYNTH_DEFECTS_H
#define WF_SYNTH_DEFECTS_H
#include "base/grids.h"

/** How many of each cause to plant, and how large. Widths and sizes are drawn evenly between their two limits. */
typedef struct {
    uint32_t n_slivers, n_digitising, n_rivers, n_estates, n_roundabouts, n_medians; /**< gaps */
    uint32_t n_small_overlaps, n_claims, n_duplicates;                               /**< overlaps */
    uint32_t n_self_touching, n_multiparts, n_filled_holes, n_lone_vertices, n_empty, n_unclosed,
        n_swapped;                                                           /**< geometry */
    uint32_t n_duplicate_codes, n_wrong_prefixes, n_area_units, n_no_worker; /**< codes and attributes */
    uint32_t n_bow_ties, n_misplaced_units, n_many_households, n_few_households, n_in_gcj, n_in_datum;
    double sliver_m[2], digitising_m[2], small_overlap_m[2], claim_m2[2];
} wf_synth_defects_params;

wf_synth_defects_params wf_synth_defects_defaults(void);

/** One finding that a check of the given level alone must report: no more and no less. G05 is looked for where all
 *  levels are checked together. */
typedef struct {
    uint32_t cause_id;
    const char *cause, *rule, *codes; /**< codes ascending, joined by ";" */
    uint8_t level;
    double area_m2; /**< NaN where the finding has none */
} wf_synth_finding;

typedef struct {
    uint32_t n, n_causes, n_left_out; /**< causes that found no room in a small plan */
    wf_synth_finding *row;
} wf_synth_truth;

/** Plant defects into a clean plan at level 4; the units of level 5 follow their grid.
 *
 *  Areas are known by construction: a border run moved along its normal, a figure cut out of the inside, a grid
 * repeated or taken away. Causes keep clear of each other. All coordinates stay multiples of 1e-7 degrees.
 *  @param clean  a plan of wf_synth_plan_make; read only
 *  @param out    shares the text and untouched columns of `clean`
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_synth_defects_plant(const wf_grids *clean, const wf_synth_defects_params *params, uint64_t seed,
                                          const wf_measure *measure, wf_arena *keep, wf_grids *out,
                                          wf_synth_truth *truth, wf_error *err);
#endif
