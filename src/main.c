/* wufeng: arguments → command → exit code. */
#include "app/commands.h"
#include "app/options.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    wf_code (*run)(const wf_options *options, int *verdict, wf_error *err);
    const char *help;
} command;

static const command commands[] = {
    {"run", wf_app_run, wf_help_run},          {"check", wf_app_check, wf_help_check},
    {"repair", wf_app_repair, wf_help_repair}, {"assign", wf_app_assign, wf_help_assign},
    {"tally", wf_app_tally, wf_help_tally},    {"synth", wf_app_synth, wf_help_synth},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const command *find(const char *name) {
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int usage(const char *name) {
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = wf_text_nearest(name, names, N_COMMANDS);
    if (nearest != NULL)
        fprintf(stderr, "wufeng: unknown command \"%s\": did you mean %s?\n", name, nearest);
    else
        fprintf(stderr, "wufeng: unknown command \"%s\": see wufeng help\n", name);
    return wf_error_exit(WF_USAGE);
}

static int help(int argc, char **argv) {
    const command *c = argc > 2 ? find(argv[2]) : NULL;
    if (argc > 2 && c == NULL)
        return usage(argv[2]);
    fputs(c != NULL ? c->help : wf_help_overview, stdout);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        if (argc >= 2)
            return help(argc, argv);
        fputs(wf_help_overview, stderr);
        return wf_error_exit(WF_USAGE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("wufeng " WF_VERSION);
        return 0;
    }
    const command *c = find(argv[1]);
    if (c == NULL)
        return usage(argv[1]);
    wf_options options;
    wf_error err = {0};
    int verdict = 0;
    wf_code code = wf_options_parse(argc - 2, argv + 2, &options, &err);
    if (code == WF_OK && options.help) {
        fputs(c->help, stdout);
        return 0;
    }
    if (code == WF_OK)
        code = c->run(&options, &verdict, &err);
    if (code != WF_OK) {
        fprintf(stderr, "wufeng %s: %s\n", c->name, err.message);
        return wf_error_exit(code);
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "wufeng %s: standard output cannot be written\n", c->name);
        return wf_error_exit(WF_OUTPUT);
    }
    return verdict;
}
