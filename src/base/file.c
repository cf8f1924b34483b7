/* Mapped inputs and outputs that appear whole or not at all. */
#include "base/file.h"
#include <errno.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
    return WF_OK;
}

wf_code wf_file_map_stream(FILE *stream, wf_mapped *out, wf_error *err) {
    struct stat st;
    if (fflush(stream) != 0 || fstat(fileno(stream), &st) != 0)
        return wf_fail(err, WF_OUTPUT, "a temporary file cannot be written: %s", strerror(errno));
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
    if (mapped->bytes != NULL)
        munmap((void *)(size_t)mapped->bytes, mapped->n);
    *mapped = (wf_mapped){NULL, 0};
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
