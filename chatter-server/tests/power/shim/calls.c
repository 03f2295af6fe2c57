/* The calls that the shim stands in for: the real one, and a note of it for the disk. */
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>

/* All of this file is what the process calls; the rest of the shim is hidden from it. */
#pragma GCC visibility push(default)

static struct file *volatile open_files[FDS_MAX];

static struct file *watched(int fd) { return fd >= 0 && fd < FDS_MAX ? open_files[fd] : NULL; }

static int opened(const char *path, int flags, mode_t mode) {
    char name[NAME_LEN];
    int kind = resolve(path, name);
    if (!kind) return REAL(open)(path, flags, mode);
    pthread_mutex_lock(&lock);
    int existed = access(path, F_OK) == 0, fd = REAL(open)(path, flags, mode);
    if (fd >= FDS_MAX) stop("too many open files");
    if (fd >= 0 && kind == 2) open_files[fd] = directory;
    if (fd >= 0 && kind == 1) {
        struct file *file = by_inode(fd);
        if (!file) {
            if (existed) stop("a watched file came from elsewhere");
            file = created(fd);
            later(name, file, "");
        }
        if (existed && (flags & O_TRUNC)) truncated(file, 0);
        open_files[fd] = file;
    }
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE(flags)                                         \
    mode_t mode = 0;                                        \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        mode = (mode_t)va_arg(rest, int);                   \
        va_end(rest);                                       \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return opened(path, flags, mode);
}

static int opened_at(int dir, const char *path, int flags, mode_t mode) {
    if (dir == AT_FDCWD || path[0] == '/') return opened(path, flags, mode);
    if (watched(dir)) stop("opening relative to the directory is not modelled");
    return REAL(openat)(dir, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...) {
    MODE(flags)
    return opened_at(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...) {
    MODE(flags)
    return opened_at(dir, path, flags, mode);
}

int close(int fd) {
    if (!watched(fd)) return REAL(close)(fd);
    pthread_mutex_lock(&lock);
    open_files[fd] = NULL;
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at) {
    struct file *file = watched(fd);
    if (!file) return REAL(pwrite)(fd, data, len, at);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(pwrite)(fd, data, len, at);
    if (done > 0) wrote(file, at, data, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at) { return pwrite(fd, data, len, at); }

ssize_t write(int fd, const void *data, size_t len) {
    struct file *file = watched(fd);
    if (!file) return REAL(write)(fd, data, len);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(write)(fd, data, len);
    if (done > 0) wrote(file, lseek(fd, 0, SEEK_CUR) - done, data, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t all = 0;
    if (!watched(fd)) return REAL(writev)(fd, parts, count);
    for (int i = 0; i < count; i++) {
        ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
        if (done < 0) return all ? all : done;
        all += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return all;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    ssize_t all = 0;
    if (!watched(fd)) return REAL(pwritev)(fd, parts, count, at);
    for (int i = 0; i < count; i++) {
        ssize_t done = pwrite(fd, parts[i].iov_base, parts[i].iov_len, at + all);
        if (done < 0) return all ? all : done;
        all += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return all;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }

int ftruncate(int fd, off_t len) {
    struct file *file = watched(fd);
    if (!file) return REAL(ftruncate)(fd, len);
    pthread_mutex_lock(&lock);
    int result = REAL(ftruncate)(fd, len);
    if (result == 0) truncated(file, len);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int fd, off64_t len) { return ftruncate(fd, len); }

int fsync(int fd) {
    struct file *file = watched(fd);
    return file ? synced(file) : REAL(fsync)(fd);
}

int fdatasync(int fd) {
    struct file *file = watched(fd);
    return file ? synced(file) : REAL(fdatasync)(fd);
}

int unlink(const char *path) {
    char name[NAME_LEN];
    if (resolve(path, name) != 1) return REAL(unlink)(path);
    pthread_mutex_lock(&lock);
    nlink_t count = 0;
    struct file *file = by_path(path, &count);
    int result = REAL(unlink)(path), error = errno;
    if (result == 0 && file) {
        if (count == 1) removed(file);
        later(name, NULL, "");
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int rename(const char *from, const char *to) {
    char old[NAME_LEN], name[NAME_LEN];
    int source = resolve(from, old), target = resolve(to, name);
    if (!source && !target) return REAL(rename)(from, to);
    if (source != 1 || target != 1) stop("renaming across the directory is not modelled");
    pthread_mutex_lock(&lock);
    nlink_t count = 0;
    struct file *file = by_path(from, &count), *replaced = by_path(to, &count);
    int result = REAL(rename)(from, to), error = errno;
    if (result == 0) {
        if (replaced && replaced != file && count == 1) removed(replaced);
        later(name, file, old);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int linked(const char *from, const char *to) {
    char old[NAME_LEN], name[NAME_LEN];
    int source = resolve(from, old), target = resolve(to, name);
    if (!source && !target) return REAL(link)(from, to);
    if (source != 1 || target != 1) stop("linking across the directory is not modelled");
    pthread_mutex_lock(&lock);
    nlink_t count = 0;
    struct file *file = by_path(from, &count);
    int result = REAL(link)(from, to), error = errno;
    if (result == 0) later(name, file, "");
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int link(const char *from, const char *to) { return linked(from, to); }

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    if (from_dir == AT_FDCWD && to_dir == AT_FDCWD && flags == 0) return linked(from, to);
    if (watched(from_dir) || watched(to_dir)) stop("linking relative to the directory is not modelled");
    return REAL(linkat)(from_dir, from, to_dir, to, flags);
}

/* ---- what is not modelled ---- */

int truncate(const char *path, off_t len) {
    char name[NAME_LEN];
    if (resolve(path, name)) stop("truncate by name is not modelled");
    return REAL(truncate)(path, len);
}

int truncate64(const char *path, off64_t len) { return truncate(path, len); }

int posix_fallocate(int fd, off_t at, off_t len) {
    if (watched(fd)) stop("posix_fallocate is not modelled");
    return REAL(posix_fallocate)(fd, at, len);
}

int posix_fallocate64(int fd, off64_t at, off64_t len) { return posix_fallocate(fd, at, len); }

int fallocate(int fd, int mode, off_t at, off_t len) {
    if (watched(fd)) stop("fallocate is not modelled");
    return REAL(fallocate)(fd, mode, at, len);
}

int fallocate64(int fd, int mode, off64_t at, off64_t len) { return fallocate(fd, mode, at, len); }

ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags) {
    if (watched(out)) stop("copy_file_range is not modelled");
    return REAL(copy_file_range)(in, in_at, out, out_at, len, flags);
}

void *mmap(void *address, size_t len, int protection, int flags, int fd, off_t at) {
    if (watched(fd) && (flags & MAP_SHARED) && (protection & PROT_WRITE)) stop("shared mappings are not modelled");
    return REAL(mmap)(address, len, protection, flags, fd, at);
}

void *mmap64(void *address, size_t len, int protection, int flags, int fd, off64_t at) {
    return mmap(address, len, protection, flags, fd, at);
}
