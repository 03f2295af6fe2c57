/* What the disk and the calls know of each other. See disk.c. */
#ifndef CHATTER_POWER_DISK_H
#define CHATTER_POWER_DISK_H

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS_MAX 65536
#define NAME_LEN 256

/* Calls the function that would have been called without the shim. */
#define REAL(name)                                                   \
    (*({                                                             \
        static __typeof__(&name) found;                              \
        if (!found) found = (__typeof__(&name))real(#name);          \
        &found;                                                      \
    }))

struct file;

/* Held by everyone who changes what is below. */
extern pthread_mutex_t lock;
/* Stands for the watched directory itself. */
extern struct file *const directory;

void *real(const char *name);
/* Ends the process because it does what is not modelled. */
void stop(const char *why);

/* 1 and the name inside the watched directory; 2 for the directory itself; 0 for anything else. */
int resolve(const char *path, char *name);
/* The file of that name, and how many names it has. */
struct file *by_path(const char *path, nlink_t *count);
struct file *by_inode(int fd);
/* A file that did not exist before. */
struct file *created(int fd);
/* Its last name is gone. */
void removed(struct file *file);
/* Not durable yet: `name` becomes `file`, or nobody; `old` is freed with it. */
void later(const char *name, struct file *file, const char *old);

/* Not durable yet: a truncation. */
void truncated(struct file *file, off_t len);
/* Not durable yet: a write; it may be the one at which the power goes. */
void wrote(struct file *file, off_t at, const void *data, size_t len);
/* Makes a file, or the names in the directory, durable; it may be the sync at which the power goes. Takes
 * the lock by itself. */
int synced(struct file *file);

#endif
