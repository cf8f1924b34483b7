#ifndef WF_STAGE_ACCOUNTS_H
#define WF_STAGE_ACCOUNTS_H
#include "base/notice.h"
#include "stage/source.h"

/** Accounts of one source: read = assigned + outside + rejected + duplicates + out_of_period; boundary and overlap are
 *  parts of assigned. */
typedef struct {
    uint64_t read, assigned, boundary, overlap, outside, rejected, duplicates, out_of_period;
    uint64_t labelled, agree; /**< rows whose recorded code names a grid; those that lie in it */
} wf_accounts;

/** What the accounts say of whole sources.
 *
 *  A source without one row of usable coordinates is a notice beside sources that have some, for a platform may have
 * had nothing to report; alone it is an error. A source of which half the rows or more have ids of an earlier one is a
 * notice I08.
 *  @param repeats  n_sources²: [s · n_sources + of] rows of source s whose id was met first in source `of`
 *  @return WF_OK; WF_INPUT when no source has a usable row; WF_NOMEM */
WF_CHECKED wf_code wf_accounts_check(uint32_t n_sources, const wf_source *sources, const wf_accounts *accounts,
                                     const uint64_t *repeats, wf_notices *notices, wf_error *err);
#endif
