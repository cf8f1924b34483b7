/* Folders: hidden while they grow, then in place at once. */
#include "stage/publish.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static wf_code make_folders(const char *path, wf_error *err) {
    char part[4096];
    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return wf_fail(err, WF_OUTPUT, "%s: cannot be made: %s", part, strerror(errno));
        *p = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be made: %s", part, strerror(errno));
    return WF_OK;
}

/* Remove a folder of plain files. */
static void remove_folder(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

/* What a run that was killed outright left behind; the lock is held, so nobody else works here. */
static void remove_leftovers(const wf_publication *p) {
    DIR *dir = opendir(p->home);
    struct dirent *e;
    char path[4400];
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        size_t n = strlen(e->d_name);
        if (e->d_name[0] != '.' || n < 6 || strcmp(e->d_name + n - 5, ".part") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", p->home, e->d_name);
        remove_folder(path);
        unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* The target without its dots, from the working directory where it lies below. */
static void show_target(wf_publication *p) {
    char home[PATH_MAX], here[PATH_MAX];
    snprintf(p->shown, sizeof p->shown, "%s", p->target);
    if (realpath(p->home, home) == NULL || getcwd(here, sizeof here) == NULL)
        return;
    size_t n = strlen(here);
    bool below = strncmp(home, here, n) == 0 && home[n] == '/';
    snprintf(p->shown, sizeof p->shown, "%.4000s%s", below ? home + n + 1 : home, p->target + strlen(p->home));
}

/* What stands under the name of the link must be a link, or the new run would be in place and not pointed to. */
static wf_code check_latest(const wf_publication *p, wf_error *err) {
    char link[4300];
    struct stat st;
    snprintf(link, sizeof link, "%s/latest", p->home);
    if (lstat(link, &st) != 0 || S_ISLNK(st.st_mode))
        return WF_OK;
    return wf_fail(err, WF_OUTPUT, "%s: is a %s and not the link to the newest run: move it away", link,
                   S_ISDIR(st.st_mode) ? "folder" : "file");
}

wf_code wf_publication_open(const wf_job *job, wf_publication *out, wf_error *err) {
    wf_publication p = {.lock = -1};
    char lock[4224];
    size_t n = strlen(job->folder);
    while (n > 1 && job->folder[n - 1] == '/')
        n--;
    int length = snprintf(p.home, sizeof p.home, "%.*s/%s", (int)n, job->folder, job->name);
    if (length < 0 || (size_t)length >= sizeof p.home)
        return wf_fail(err, WF_OUTPUT, "%.200s…: the path is too long", job->folder);
    snprintf(p.target, sizeof p.target, "%s/%.32s", p.home, job->date);
    snprintf(p.staging, sizeof p.staging, "%s/.%.32s.%ld.part", p.home, job->date, (long)getpid());
    WF_TRY(make_folders(p.home, err));
    WF_TRY(check_latest(&p, err));
    snprintf(lock, sizeof lock, "%s/.lock", p.home);
    p.lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (p.lock < 0)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be written: %s", lock, strerror(errno));
    if (flock(p.lock, LOCK_EX | LOCK_NB) != 0) {
        close(p.lock);
        return wf_fail(err, WF_LOCKED, "%s: another run of this job is at work", p.home);
    }
    remove_leftovers(&p);
    show_target(&p);
    if (mkdir(p.staging, 0777) != 0) {
        wf_code code = wf_fail(err, WF_OUTPUT, "%s: cannot be made: %s", p.staging, strerror(errno));
        close(p.lock);
        return code;
    }
    *out = p;
    return WF_OK;
}

void wf_publication_close(wf_publication *p) {
    if (p->staging[0] != '\0')
        remove_folder(p->staging);
    if (p->lock >= 0)
        close(p->lock);
    *p = (wf_publication){.lock = -1};
}

void wf_publication_path(const wf_publication *p, const char *name, char *path, size_t room) {
    snprintf(path, room, "%s/%s", p->staging, name);
}

static wf_code sync_path(const char *path, wf_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return failed ? wf_fail(err, WF_OUTPUT, "%s: cannot be made durable: %s", path, strerror(why)) : WF_OK;
}

static wf_code sync_folder(const char *path, wf_error *err) {
    DIR *dir = opendir(path);
    struct dirent *e;
    wf_code code = WF_OK;
    char file[4600];
    if (dir == NULL)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be read: %s", path, strerror(errno));
    while (code == WF_OK && (e = readdir(dir)) != NULL) {
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            code = sync_path(file, err);
    }
    closedir(dir);
    return code == WF_OK ? sync_path(path, err) : code;
}

/* The link is made beside and renamed over the old one. */
static wf_code point_latest(const wf_publication *p, wf_error *err) {
    char made[4300], link[4300];
    snprintf(made, sizeof made, "%s/.latest.%ld.part", p->home, (long)getpid());
    snprintf(link, sizeof link, "%s/latest", p->home);
    unlink(made);
    if (symlink(p->target + strlen(p->home) + 1, made) != 0 || rename(made, link) != 0) {
        int why = errno;
        unlink(made);
        return wf_fail(err, WF_OUTPUT, "%s: cannot be pointed to the new run: %s", link, strerror(why));
    }
    return WF_OK;
}

wf_code wf_publication_publish(wf_publication *p, wf_error *err) {
    struct stat st;
    WF_TRY(check_latest(p, err));
    WF_TRY(sync_folder(p->staging, err));
    bool there = lstat(p->target, &st) == 0;
    if (renameat2(AT_FDCWD, p->staging, AT_FDCWD, p->target, there ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0)
        return wf_fail(err, WF_OUTPUT, "%s: cannot be put in place: %s; nothing was changed", p->target,
                       strerror(errno));
    if (there)
        remove_folder(p->staging);
    p->staging[0] = '\0';
    WF_TRY(point_latest(p, err));
    return sync_path(p->home, err);
}
