#ifndef WF_STAGE_ALIGN_H
#define WF_STAGE_ALIGN_H
#include "bridge/vector_read.h"

/** Move places of another file into the system of the grids. Nothing moves when either file says nothing of its system,
 *  when both say the same, or between WGS 84 and CGCS2000 in degrees, which are one system here.
 *  @param source  the other file, for messages
 *  @param from    of the other file
 *  @param to      of the grids
 *  @return WF_OK; WF_USAGE for a system that PROJ cannot change; WF_INPUT when a place cannot be moved; WF_NOMEM */
WF_CHECKED wf_code wf_stage_align(const char *source, const wf_vector_info *from, const wf_vector_info *to, uint32_t n,
                                  double *x, double *y, wf_error *err);
#endif
