#ifndef WF_WORKLOAD_LOAD_H
#define WF_WORKLOAD_LOAD_H
#include "base/grids.h"
#include "workload/tally.h"

/** What one incident costs where no table of categories says it, in minutes. */
#define WF_LOAD_MINUTES 20.0

typedef enum { WF_GRADE_NONE, WF_GRADE_LOW, WF_GRADE_NORMAL, WF_GRADE_HIGH, WF_GRADE_OVERLOAD } wf_grade;

/** Load of every grid, one item a grid in every column; NaN where it cannot be said. */
typedef struct {
    uint32_t n;
    uint64_t *incidents;     /**< of the grid and all below it, unassigned ones included */
    uint64_t *unassigned;    /**< in the grid and in none of its children */
    uint64_t *default_point; /**< at a default point; parts of incidents */
    double *low, *high;      /**< 95 % interval of the Poisson mean (Byar's approximation, Rothman & Boice 1979) */
    int64_t *milliminutes;   /**< handling time of the incidents */
    double *per_1000;        /**< incidents per 1,000 residents; from 10 residents on */
    double *per_km2, *per_worker;
    double *ratio;  /**< load to the median load of the same kind; of the graded level only */
    uint8_t *grade; /**< wf_grade */
    uint32_t *rank; /**< 1 the highest ratio; 0 not ranked */
} wf_load;

typedef struct {
    const wf_grids *grids;
    const uint32_t *parent;
    const wf_tally *tally;
    const uint32_t *default_point;
    const double *minutes; /**< of each category of the tally, NaN unknown; NULL: WF_LOAD_MINUTES each */
    uint32_t n_minutes;
    uint8_t level; /**< graded and ranked */
    double months; /**< length of the time counted, > 0 */
} wf_load_input;

/** Load = handling minutes + months · (0.6 · households + 0.1 · floating population), to the median of the partition
 *  grids of one kind and level. Grades: below 0.5 low, to 1.2 normal, to 1.5 high, above overload.
 *  @return WF_OK, WF_NOMEM */
WF_CHECKED wf_code wf_load_build(const wf_load_input *input, wf_arena *keep, wf_load *out, wf_error *err);

/** "low", "normal", "high", "overload"; "" for none. */
const char *wf_grade_name(wf_grade grade);
#endif
