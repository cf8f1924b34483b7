#ifndef WF_STAGE_SUMMARY_H
#define WF_STAGE_SUMMARY_H
#include "stage/check.h"
#include "stage/publish.h"

/** What a planner reads aloud: verdict, counts, the most loaded grids, the worst defects, what was rejected and why,
 *  where the files are. */
void wf_summary_print(const wf_store_facts *facts, const wf_check_result *check, const wf_publication *publication,
                      FILE *to);
#endif
