#ifndef WF_BRIDGE_VECTOR_READ_H
#define WF_BRIDGE_VECTOR_READ_H
#include "base/grids.h"
#include "tables/aliases.h"

/** Columns of the grids' attributes; NULL: found by the alias table. */
typedef struct {
    const char *code, *name, *level, *parent, *kind, *role, *households, *population, *floating_pop, *workers, *worker,
        *area;
    const char *priority, *locked; /**< NULL: no grid has one; never found by name */
    const wf_aliases *aliases;     /**< NULL: the table compiled in */
} wf_vector_fields;

typedef struct {
    const char *crs; /**< "EPSG:4490", or the system's name; "" when the file does not say */
    const char *wkt; /**< the whole definition, to write results in the same system; "" when the file does not say */
    bool geographic; /**< degrees */
    const char *layer;
    uint32_t n_decimals;      /**< decimals that reproduce 99 % of the coordinates, at most 15 */
    uint32_t n_levels_unread; /**< partition grids whose level is empty or cannot be read, where others have one */
    uint32_t level_unread;    /**< the first of them */
    const char *level_text;   /**< what stands there */
} wf_vector_info;

/** Read polygons and their attributes through GDAL's allow-listed drivers, network off.
 *
 *  Geometry is taken as read and never mended; NULL and empty ones become grids without a part.
 *  @param source  FILE or FILE:LAYER
 *  @param fields  NULL: no attributes are read
 *  @return WF_OK; WF_INPUT (missing, unsupported, empty, no polygons, no code column: the message lists the columns);
 *          WF_USAGE (no such layer or column: the message lists those there are); WF_NOMEM; WF_LIMIT
 *  One call at a time on a thread. */
WF_CHECKED wf_code wf_vector_read_grids(const char *source, const wf_vector_fields *fields, wf_arena *keep,
                                        wf_grids *out, wf_vector_info *info, wf_error *err);
/** Read the polygons of an outline: every feature of the layer, no attributes. FILE or FILE:LAYER; the same errors. */
WF_CHECKED wf_code wf_vector_read_outline(const char *source, wf_arena *keep, wf_polygons *out, wf_vector_info *info,
                                          wf_error *err);
/** Read named areas: every feature of the layer, with its name and code where the usual columns are there. FILE or
 *  FILE:LAYER; the same errors, save that a code column is not asked for. */
WF_CHECKED wf_code wf_vector_read_areas(const char *source, wf_arena *keep, wf_grids *out, wf_vector_info *info,
                                        wf_error *err);

/** Where people live: a place for each building or unit with a number of people. */
typedef struct {
    uint32_t n;
    double *x, *y, *population; /**< population >= 0 */
} wf_people;

/** Read a layer of buildings or units: a point stands for itself, a polygon for a point inside it. Features without a
 *  geometry or a number are left out.
 *  @param source   FILE or FILE:LAYER
 *  @param aliases  names of the population column; NULL: the table compiled in
 *  @return as wf_vector_read_grids; WF_INPUT without a population column (the message lists the columns) */
WF_CHECKED wf_code wf_vector_read_people(const char *source, const wf_aliases *aliases, wf_arena *keep, wf_people *out,
                                         wf_vector_info *info, wf_error *err);
#endif
