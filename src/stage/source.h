#ifndef WF_STAGE_SOURCE_H
#define WF_STAGE_SOURCE_H
#include "base/arena.h"
#include "base/file.h"
#include "base/pool.h"
#include "intake/csv.h"
#include "intake/encoding.h"
#include "tables/aliases.h"

/** Columns of incidents the engine knows. */
typedef enum {
    WF_COLUMN_X,
    WF_COLUMN_Y,
    WF_COLUMN_ID,
    WF_COLUMN_GRID,
    WF_COLUMN_CATEGORY,
    WF_COLUMN_TIME,
    WF_COLUMN_CLOSE,  /**< when the case was closed */
    WF_COLUMN_GROUP,  /**< who reported: systems are told apart by it */
    WF_COLUMN_SYSTEM, /**< the row's own coordinate system */
    WF_COLUMNS
} wf_source_column;

/** Declared system of the rows whose group column holds a value. */
typedef struct {
    const char *value, *crs;
} wf_group_system;

/** What the user says of one source; NULL where nothing was said. */
typedef struct {
    const char *path;              /**< delimited text, or any file GDAL's allowed drivers read, FILE or FILE:LAYER */
    const char *name;              /**< in accounts and rejects; NULL: the file's name */
    const char *crs;               /**< of the coordinates; NULL or "auto": that of the grids */
    const char *field[WF_COLUMNS]; /**< column names; NULL: by the alias table */
    bool headless;                 /**< no header: columns are named by their number, from 1 */
    const wf_group_system *group;  /**< declared systems by group */
    uint32_t n_groups;
} wf_source_request;

/** A source as UTF-8 text and the places of its columns. */
typedef struct {
    const wf_source_request *request;
    const char *name;
    const char *crs;   /**< of the coordinates: as requested, or as a look at the values settled it */
    wf_mapped text;    /**< in UTF-8: the file itself, or a temporary one when it was something else */
    size_t body;       /**< offset behind the header */
    uint32_t n_fields; /**< of the header */
    bool ascii;        /**< no byte has its high bit: nothing in it can be a broken character */
    bool unquoted;     /**< no quote stands in it; false: not known */
    char delimiter;
    wf_encoding encoding;
    int column[WF_COLUMNS];              /**< position, -1 without */
    const char *column_name[WF_COLUMNS]; /**< as the header writes it; NULL without */
} wf_source;

/** Read "COLUMN:VALUE=CRS,VALUE=CRS" into a request. WF_USAGE, WF_NOMEM. */
WF_CHECKED wf_code wf_source_groups(const char *text, wf_arena *keep, wf_source_request *request, wf_error *err);

/** The alias table of a file, or the one compiled in when path is NULL. WF_INPUT, WF_USAGE, WF_NOMEM. */
WF_CHECKED wf_code wf_aliases_load(const char *path, wf_arena *keep, wf_aliases *out, wf_error *err);

/** The name of a source in accounts and remarks: the one it was given, else that of its file. */
const char *wf_source_name(const wf_source_request *request);

/** Open a source: map it, make UTF-8 of it, find the delimiter and the columns.
 *
 *  A column named by the user must be there. Otherwise the first name of the alias table that the header holds; for the
 *  coordinates two columns under different names of the table are an error that lists them.
 *  @param pool  threads to look through the text with; NULL: the caller's alone
 *  @return WF_OK; WF_INPUT (missing, empty, in no known encoding, no coordinate columns: the message lists the
 * columns); WF_USAGE (a column that is not there, an ambiguous one); WF_NOMEM */
WF_CHECKED wf_code wf_source_open(const wf_source_request *request, const wf_aliases *aliases, wf_pool *pool,
                                  wf_arena *keep, wf_source *out, wf_error *err);
/** WF_INPUT when another program has cut the file short since it was opened, and zeros were read in its place. */
WF_CHECKED wf_code wf_source_whole(const wf_source *source, wf_error *err);
void wf_source_close(wf_source *source);
#endif
