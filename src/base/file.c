/* Mapped inputs and outputs that appear whole or not at all. */
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- mapped files that shrink ----------------------------------------------------------------------------------- */

/* What is mapped now, for the handler. Over the last place a file is read unguarded. */
enum { MAX_GUARDED = 1024 };
static struct {
    _Atomic uintptr_t start; /* 0: the place is free */
    size_t n;
    volatile sig_atomic_t cut;
} guarded[MAX_GUARDED];

static void note_mapping(const wf_mapped *m) {
    for (size_t i = 0; i < MAX_GUARDED; i++) {
        uintptr_t none = 0;
        if (guarded[i].start != 0 || !atomic_compare_exchange_strong(&guarded[i].start, &none, 1))
            continue;
        guarded[i].n = m->n;
        guarded[i].cut = 0;
        guarded[i].start = (uintptr_t)m->bytes;
        return;
    }
}

/* Zeros in place of the rest of the mapping; mmap is a plain system call here. Any other fault ends the process. */
static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    uintptr_t at = (uintptr_t)info->si_addr, page = (uintptr_t)sysconf(_SC_PAGESIZE), from = at / page * page;
    for (size_t i = 0; i < MAX_GUARDED; i++) {
        uintptr_t start = guarded[i].start;
        if (start <= 1 || at < start || at >= start + guarded[i].n)
            continue;
        if (mmap((void *)from, start + guarded[i].n - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0) == MAP_FAILED)
            break;
        guarded[i].cut = 1;
        return;
    }
    signal(number, SIG_DFL);
}

void wf_file_guard(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = on_fault;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

bool wf_mapped_is_cut(const wf_mapped *m) {
    for (size_t i = 0; m->bytes != NULL && i < MAX_GUARDED; i++)
        if (guarded[i].start == (uintptr_t)m->bytes)
            return guarded[i].cut != 0;
    return false;
}

wf_code wf_file_map(const char *path, wf_mapped *out, wf_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return wf_fail(err, WF_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    struct stat st;
    wf_code code = WF_OK;
    void *bytes = MAP_FAILED;
    if (fstat(fd, &st) != 0)
        code = wf_fail(err, WF_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        code = wf_fail(err, WF_INPUT, "%s: is not a file", path);
    else if (st.st_size == 0)
        code = wf_fail(err, WF_INPUT, "%s: the file is empty", path);
    else if ((bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
        code = wf_fail(err, WF_INPUT, "%s: cannot be mapped: %s", path, strerror(errno));
    close(fd);
    if (code != WF_OK)
        return code;
    madvise(bytes, (size_t)st.st_size, MADV_SEQUENTIAL);
    *out = (wf_mapped){bytes, (size_t)st.st_size};
    note_mapping(out);
    return WF_OK;
}

wf_code wf_file_map_stream(FILE *stream, wf_mapped *out, wf_error *err) {
    struct stat st;
    if (fflush(stream) != 0 || fstat(fileno(stream), &st) != 0)
        return wf_fail(err, WF_OUTPUT, "a temporary file cannot be written: %s", strerror(errno));
    if (st.st_size == 0)
        return wf_fail(err, WF_INPUT, "the text is empty");
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fileno(stream), 0);
    if (bytes == MAP_FAILED)
        return wf_fail_nomem(err);
    *out = (wf_mapped){bytes, (size_t)st.st_size};
    return WF_OK;
}

void wf_mapped_forget(const wf_mapped *mapped, size_t from, size_t to) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    from = from / page * page; /* mappings begin on a page */
    if (((uintptr_t)mapped->bytes & (page - 1)) == 0 && to > from)
        madvise((void *)(uintptr_t)(mapped->bytes + from), to - from, MADV_DONTNEED);
}

void wf_file_unmap(wf_mapped *mapped) {
    for (size_t i = 0; mapped->bytes != NULL && i < MAX_GUARDED; i++)
        if (guarded[i].start == (uintptr_t)mapped->bytes)
            guarded[i].start = 0;
    if (mapped->bytes != NULL)
        munmap((void *)(size_t)mapped->bytes, mapped->n);
    *mapped = (wf_mapped){NULL, 0};
}

wf_code wf_output_spares(const char *output, const char *input, wf_error *err) {
    struct stat a, b;
    char file[4096];
    if (output == NULL || input == NULL || stat(output, &a) != 0)
        return WF_OK;
    if (stat(input, &b) != 0) {
        const char *colon = strrchr(input, ':');
        if (colon == NULL || (size_t)(colon - input) >= sizeof file)
            return WF_OK;
        memcpy(file, input, (size_t)(colon - input));
        file[colon - input] = '\0';
        if (stat(file, &b) != 0)
            return WF_OK;
    }
    if (a.st_dev != b.st_dev || a.st_ino != b.st_ino)
        return WF_OK;
    return wf_fail(err, WF_USAGE, "%s is an input too: name another file for the output", output);
}

wf_code wf_output_open(wf_output *out, const char *path, wf_error *err) {
    *out = (wf_output){.stream = NULL};
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
    int n = snprintf(out->staged, sizeof out->staged, "%.*s.%s.%ld.part", folder, path, path + folder, (long)getpid());
    if (strlen(path) >= sizeof out->path || n < 0 || (size_t)n >= sizeof out->staged)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", path);
    memcpy(out->path, path, strlen(path) + 1);
    out->stream = fopen(out->staged, "we");
    if (out->stream == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
    return WF_OK;
}

wf_code wf_output_publish(wf_output *out, wf_error *err) {
    int failed = fflush(out->stream) != 0 || ferror(out->stream) || fsync(fileno(out->stream)) != 0;
    int why = errno;
    if (fclose(out->stream) != 0 && !failed) {
        failed = 1;
        why = errno;
    }
    out->stream = NULL;
    if (!failed && rename(out->staged, out->path) == 0)
        return WF_OK;
    if (!failed)
        why = errno;
    unlink(out->staged);
    return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s; nothing was changed", out->path, strerror(why));
}

void wf_output_drop(wf_output *out) {
    if (out->stream == NULL)
        return;
    fclose(out->stream);
    out->stream = NULL;
    unlink(out->staged);
}
