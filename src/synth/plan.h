#ifndef WF_SYNTH_PLAN_H
#define WF_SYNTH_PLAN_H
#include "base/grids.h"

/** What a synthetic plan of grids is like. Defaults (wf_synth_plan_defaults): a street of 212.2 km² and 267,000 people
 * around 108.8007 E 37.5955 N with five levels. */
typedef struct {
    uint64_t seed;
    const char *street_code, *street_name; /**< 9 digits; name */
    double centre_lon, centre_lat, area_km2, urban_km2;
    uint32_t n_centres, n_communities, n_villages, n_urban_grids, n_rural_grids, n_units, n_unit_grids, n_overlays;
    double urban_people, rural_people, floating_people;
    double urban_households_median, urban_households_sigma, rural_households_median, rural_households_sigma;
    double persons_per_household;
    uint32_t cells_per_unit; /**< mesh cells an urban unit has on average: how crooked the borders are */
} wf_synth_plan_params;

wf_synth_plan_params wf_synth_plan_defaults(void);

/** Make the plan: levels 1 street, 2 service centres, 3 communities and villages, 4 grids, 5 building units, sorted by
 * level and code, then the overlay unit grids (level 4, role overlay).
 *
 *  Every border is a run of mesh edges, each a crooked line made once and used by both sides, all coordinates multiples
 * of 1e-7 degrees before anything is built: the tiling is seamless at every level by construction. Children's borders
 * contain their parents'. The same parameters give the same plan on one machine.
 *  @param measure  areas (declared_area_m2 and area_m2)
 *  @return WF_OK, WF_NOMEM, WF_LIMIT (more units than the mesh can hold) */
WF_CHECKED wf_code wf_synth_plan_make(const wf_synth_plan_params *params, const wf_measure *measure, wf_arena *keep,
                                      wf_grids *out, wf_error *err);
#endif
