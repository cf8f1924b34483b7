#ifndef WF_SYNTH_ROW_H
#define WF_SYNTH_ROW_H
/* Shared by the two files of the incident generator: how rows are drawn, and how they are written. */
#include "base/hash.h"
#include "synth/incidents.h"
#include "synth/place.h"

enum { MAX_CATEGORIES = 128 };

/** What is wrong with a row. */
typedef enum {
    FINE,
    COORD_MISSING,
    COORD_ZERO,
    SWAPPED,
    DMS,
    PROJECTED,
    OUTSIDE_COUNTY,
    OUTSIDE_STREET,
    DEFAULT_POINT,
    ON_BOUNDARY,
    DUPLICATE_ID,
    NEAR_DUPLICATE,
    CODE_MISSING,
    CODE_RETIRED,
    CODE_WRONG,
    CODE_NAME,
    CATEGORY_MISSING,
    CATEGORY_UNKNOWN,
    TIME_ORDER,
    TIME_FUTURE,
    EXCEL_DATE,
    LITERAL_WORD,
    FULL_WIDTH,
    MOJIBAKE,
    TRUNCATED,
    DAMAGED_ID,
    CAUSES
} wf_synth_cause;

typedef enum { GEODETIC, GCJ, BD } wf_synth_system;

enum { MIXED = 2 }; /* number of the source that holds two systems */

typedef struct {
    char code[8], name[64];
    const unsigned char *hours;
    double share;
    double month[12];
} wf_synth_category;

struct wf_synth_incidents {
    wf_synth_incidents_params p;
    const wf_grids *clean, *defects;
    wf_synth_placer *on_clean, *on_defects;
    wf_names codes; /* of the clean plan */
    wf_synth_category category[MAX_CATEGORIES];
    uint32_t n_categories;
    uint32_t n_units, *unit; /* rows of level 5 */
    double *weight;          /* running sums over the units */
    uint32_t n_grids, *grid; /* rows of level 4 */
    double office_lon, office_lat;
    bool office_is_default; /* enough rows stand there for the rule */
    double west, south, east, north;
};

/* One row as it happened and as it is written. */
typedef struct {
    uint64_t number;
    wf_synth_cause what;
    uint32_t unit, category, source;
    wf_synth_system system;
    bool named;
    double lon, lat;             /* where it happened, CGCS2000, seven decimals */
    double taken_lon, taken_lat; /* where a reader must take it to be */
    double written_x, written_y; /* in the row's system, seven decimals (three when projected) */
    int64_t minute;              /* since the first day */
    int64_t close;               /* minute; INT64_MIN open */
    uint32_t wrong_grid;
    uint64_t copy_of; /* row whose id or report this repeats */
    uint32_t dice;    /* for forms of writing */
} wf_synth_row;

/** Name and share of a cause. */
typedef struct {
    const char *name;
    double share;
} wf_synth_cause_row;
extern const wf_synth_cause_row wf_synth_causes[CAUSES];

typedef struct {
    const char *name;
    double share;
    wf_synth_system declared;
    bool wgs84;     /* named WGS84, else CGCS2000 */
    double unnamed; /* share of rows that leave 坐标系 empty */
} wf_synth_source;
extern const wf_synth_source wf_synth_sources[];

/** Row `number` (from 0), the same whenever it is asked for. */
wf_synth_row wf_synth_row_make(const wf_synth_incidents *s, uint64_t number);
#endif
