#ifndef WF_APP_OPTIONS_H
#define WF_APP_OPTIONS_H
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

/** What the command line said. Text points into argv; NULL where an option was not given. */
typedef struct {
    const char *input[2]; /**< GRIDS, INCIDENTS */
    uint32_t n_inputs;
    const char *output;
    const char *code, *name, *level, *parent; /**< grid columns */
    const char *x, *y, *id, *grid;            /**< incident columns */
    const char *category, *time;
    const char *crs, *grids_crs, *aliases, *categories, *fail_on, *outline, *allowed_gaps, *previous;
    const char *period, *from, *to, *by;     /**< what is counted */
    const char *date;                        /**< of the run, YYYY-MM-DD; today when not given */
    double floor_m;                          /**< < 0: from the input's own precision */
    const char *ledger, *overlap_order;      /**< repair */
    const char *priority, *locked;           /**< repair: grid columns */
    double max_gap_width_m, max_gap_area_m2; /**< repair; < 0: no limit */
    uint32_t at_level;                       /**< 0: every level */
    uint32_t grids;                          /**< synth: grids on level 4; 0: as the seed file says */
    uint32_t incidents;                      /**< synth: rows; 0: as the seed file says */
    const char *crs_by;                      /**< COLUMN:VALUE=CRS,VALUE=CRS */
    uint32_t threads;                        /**< 0: all cores */
    const char *progress;                    /**< run: auto, on, off */
    const char *set[64];                     /**< run: key=value */
    uint32_t n_set;
    bool json, quiet, help, dry_run, no_header;
    char today[16]; /**< what `date` points to when it was not given; local time */
} wf_options;

/** Parse the arguments behind the command's name. Every command takes the common options; an unknown one is
 *  WF_USAGE with the nearest known name. */
WF_CHECKED wf_code wf_options_parse(int n, char *const *args, wf_options *out, wf_error *err);

#endif
