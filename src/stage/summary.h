#ifndef WF_STAGE_SUMMARY_H
#define WF_STAGE_SUMMARY_H
#include "stage/check.h"
#include "stage/publish.h"

/** What a planner reads aloud: verdict, counts, the most loaded grids, the worst defects, what was rejected and why,
 *  where the files are. */
void wf_summary_print(const wf_store_facts *facts, const wf_check_result *check, const wf_publication *publication,
                      FILE *to);

/** Notices one a line behind a margin; nothing without any. */
void wf_summary_notices(const wf_notices *notices, const char *margin, FILE *to);
/** `, "notices": [{"rule": …, "text": …}]` for the end of a JSON object; nothing without any. */
void wf_summary_notices_json(const wf_notices *notices, FILE *to);
#endif
