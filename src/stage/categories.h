#ifndef WF_STAGE_CATEGORIES_H
#define WF_STAGE_CATEGORIES_H
#include "stage/rows.h"

/** Read a table of categories: delimited text with the columns code (needed), name_zh or name, name_en, weight_min
 *  (minutes one incident takes). A category is met by its code or its name; blanks around them do not count.
 *  @return WF_OK; WF_INPUT (unreadable, no code column, no rows, a code twice: the message has the line); WF_NOMEM */
WF_CHECKED wf_code wf_categories_read(const char *path, wf_arena *keep, wf_categories *out, wf_error *err);
#endif
