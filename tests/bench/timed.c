/* Runs a command and appends one line about it to a file: label, round, wall seconds, CPU seconds of all its threads,
 * peak memory in MB (10^6 bytes). Its exit status is the command's.
 *
 *   timed FILE LABEL ROUND COMMAND [ARGUMENT …] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double of_timeval(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fputs("usage: timed FILE LABEL ROUND COMMAND [ARGUMENT ...]\n", stderr);
        return 2;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[4], argv + 4);
        perror(argv[4]);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 127;
    clock_gettime(CLOCK_MONOTONIC, &end);
    FILE *f = fopen(argv[1], "a");
    if (f == NULL)
        return 127;
    double wall = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    fprintf(f, "%s %s %.4f %.4f %.1f\n", argv[2], argv[3], wall, of_timeval(used.ru_utime) + of_timeval(used.ru_stime),
            (double)used.ru_maxrss * 1024 / 1e6);
    if (fclose(f) != 0)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
