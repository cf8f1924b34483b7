#ifndef WF_APP_COMMANDS_H
#define WF_APP_COMMANDS_H
#include "app/options.h"

#define WF_VERSION "0.1.0"

/** The commands. Each prints its result on standard output and sets *verdict to the exit status of a finished
 *  command: 0, or 1 when the verdict fails. A failure is returned and not printed. */
WF_CHECKED wf_code wf_app_run(const wf_options *options, int *verdict, wf_error *err);
WF_CHECKED wf_code wf_app_check(const wf_options *options, int *verdict, wf_error *err);
WF_CHECKED wf_code wf_app_repair(const wf_options *options, int *verdict, wf_error *err);
WF_CHECKED wf_code wf_app_assign(const wf_options *options, int *verdict, wf_error *err);
WF_CHECKED wf_code wf_app_tally(const wf_options *options, int *verdict, wf_error *err);
WF_CHECKED wf_code wf_app_synth(const wf_options *options, int *verdict, wf_error *err);

/** Help texts, each with a worked example. */
extern const char wf_help_overview[], wf_help_run[], wf_help_check[], wf_help_repair[], wf_help_assign[],
    wf_help_tally[], wf_help_synth[];

#endif
