/* A power cut for one directory, preloaded into the process under test.
 *
 * Files of the directory CHATTER_POWER_WATCH are used as always. Beside them, under
 * CHATTER_POWER_MIRROR, the shim keeps what a disk without power would hold: for every file the
 * content as of its last fsync or fdatasync, and which names are durable. Syncing is only noted (and
 * takes a short random time), so the test is as fast as the disk is slow.
 *
 * At the cut (CHATTER_POWER_CUT = "sync:N" or "write:N": the N-th call of that kind) what was not
 * synced survives in part: sector by sector, so that writes are torn and reordered, by one of several
 * styles, chosen like everything else by CHATTER_POWER_SEED. The mirror is then written out under the
 * durable names, a line is added to CHATTER_POWER_REPORT, and the process kills itself. Nobody can have
 * been told of anything later: every call that could make something durable waits for the same lock.
 *
 * Names: a file that was created survives if it or its directory was synced since, otherwise by chance;
 * a file that was removed or renamed is surely gone only once the directory was synced.
 *
 * Not modelled, and therefore stopped loudly: subdirectories, writing through a shared mapping,
 * fallocate, truncate by name, copying inside the kernel. Files that end in -shm are SQLite's wal-index:
 * mapped, never synced, rebuilt from the log; they are left out. */
#define _GNU_SOURCE
#include "disk.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECTOR 512

struct change { /* not synced yet: a write, or a truncation (data == NULL) to `at` */
    struct change *next;
    off_t at;
    size_t len;
    char *data;
};

struct file {
    struct file *next;
    ino_t inode; /* 0 once it has no name any more */
    int data;    /* its durable content */
    unsigned id;
    struct change *first, *last;
};

struct naming { /* not durable yet: `name` becomes `file`, or nobody; a rename frees `old` with it */
    struct naming *next;
    struct file *file;
    char name[NAME_LEN], old[NAME_LEN];
};

struct name { /* durable */
    struct name *next;
    struct file *file;
    char name[NAME_LEN];
};

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char watch[PATH_MAX], mirror[PATH_MAX];
static struct file *files, directory_itself;
struct file *const directory = &directory_itself;
static struct naming *namings;
static struct name *names;
static uint64_t random_state;
static long writes, syncs, cut_write, cut_sync;
static unsigned last_id;

void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

void stop(const char *why) {
    dprintf(2, "power shim: %s\n", why);
    kill(getpid(), SIGABRT);
    _exit(99);
}

static uint64_t draw(uint64_t below) { /* splitmix64 */
    uint64_t z = (random_state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
}

/* ---- names ---- */

int resolve(const char *path, char *name) {
    char copy[PATH_MAX], parent[PATH_MAX];
    if (!watch[0] || !path || strlen(path) >= PATH_MAX) return 0;
    if (realpath(path, parent) && strcmp(parent, watch) == 0) return 2;
    strcpy(copy, path);
    char *slash = strrchr(copy, '/');
    const char *base = slash ? slash + 1 : copy;
    if (slash) *slash = 0;
    if (!realpath(slash ? (slash == copy ? "/" : copy) : ".", parent)) return 0;
    size_t len = strlen(watch), base_len = strlen(base);
    if (strncmp(parent, watch, len) == 0 && parent[len] == '/') stop("a subdirectory is not modelled");
    if (strcmp(parent, watch) != 0 || base_len == 0 || base_len >= NAME_LEN) return 0;
    if (base_len > 4 && strcmp(base + base_len - 4, "-shm") == 0) return 0;
    strcpy(name, base);
    return 1;
}

static void path_of(const struct file *file, char *path) {
    snprintf(path, PATH_MAX, "%.3000s/.content-%u", mirror, file->id);
}

static struct file *new_file(ino_t inode) {
    char path[PATH_MAX];
    struct file *file = calloc(1, sizeof *file);
    if (!file) stop("out of memory");
    file->id = ++last_id;
    file->inode = inode;
    path_of(file, path);
    file->data = REAL(open)(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->data < 0) stop("the mirror cannot be written");
    file->next = files;
    return files = file;
}

struct file *by_inode(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) stop("a watched file has no inode");
    for (struct file *file = files; file; file = file->next)
        if (file->inode == st.st_ino) return file;
    return NULL;
}

struct file *by_path(const char *path, nlink_t *count) {
    struct stat st;
    if (stat(path, &st) != 0) return NULL;
    *count = st.st_nlink;
    for (struct file *file = files; file; file = file->next)
        if (file->inode == st.st_ino) return file;
    return NULL;
}

struct file *created(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) stop("a watched file has no inode");
    return new_file(st.st_ino);
}

void removed(struct file *file) { file->inode = 0; }

static void set_name(const char *name, struct file *file) {
    struct name **at = &names;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    if (!*at) {
        if (!(*at = calloc(1, sizeof **at))) stop("out of memory");
        strcpy((*at)->name, name);
    }
    (*at)->file = file;
}

void later(const char *name, struct file *file, const char *old) {
    struct naming **at = &namings, *naming = calloc(1, sizeof *naming);
    if (!naming) stop("out of memory");
    while (*at) at = &(*at)->next;
    *at = naming;
    naming->file = file;
    strcpy(naming->name, name);
    strcpy(naming->old, old);
}

/* Whether making the name of `of` durable takes this with it: it is that name, or an older use of it. */
static int concerns(const struct naming *naming, const struct file *of) {
    if (!of) return 1;
    for (const struct naming *next = naming; next; next = next->next)
        if (next->file == of && strcmp(next->name, naming->name) == 0) return 1;
    return 0;
}

/* Makes the waiting names durable: those of one file, or all. By chance, at a cut. */
static void settle_names(const struct file *of, int by_chance) {
    struct naming **at = &namings;
    while (*at) {
        struct naming *naming = *at;
        if (!concerns(naming, of)) {
            at = &naming->next;
            continue;
        }
        if (!by_chance || draw(2)) {
            set_name(naming->name, naming->file);
            if (naming->old[0]) set_name(naming->old, NULL);
        }
        *at = naming->next;
        free(naming);
    }
}

/* ---- contents ---- */

static void changed(struct file *file, off_t at, const void *data, size_t len) {
    struct change *change = calloc(1, sizeof *change);
    if (!change || (data && !(change->data = malloc(len ? len : 1)))) stop("out of memory");
    change->at = at;
    change->len = len;
    if (data) memcpy(change->data, data, len);
    if (file->last)
        file->last->next = change;
    else
        file->first = change;
    file->last = change;
}

void truncated(struct file *file, off_t len) { changed(file, len, NULL, 0); }

static void put(struct file *file, const char *data, size_t len, off_t at) {
    if (REAL(pwrite)(file->data, data, len, at) != (ssize_t)len) stop("the mirror cannot be written");
}

static void apply(struct file *file, const struct change *change) {
    if (change->data)
        put(file, change->data, change->len, change->at);
    else if (REAL(ftruncate)(file->data, change->at) != 0)
        stop("the mirror cannot be written");
}

static void drop_first(struct file *file) {
    struct change *change = file->first;
    file->first = change->next;
    if (!file->first) file->last = NULL;
    free(change->data);
    free(change);
}

/* Each sector of a write survives with a chance of `keep` in 8. */
static unsigned apply_sectors(struct file *file, const struct change *change, unsigned keep) {
    unsigned kept = 0;
    for (size_t done = 0; done < change->len;) {
        size_t in_sector = (size_t)(change->at + (off_t)done) % SECTOR, part = SECTOR - in_sector;
        if (part > change->len - done) part = change->len - done;
        if (draw(8) < keep) {
            put(file, change->data + done, part, change->at + (off_t)done);
            kept++;
        }
        done += part;
    }
    return kept;
}

/* What becomes of unsynced changes: all lost, all kept, sectors by chance, or all up to one that is torn. */
static void tear(struct file *file, unsigned *changes, unsigned *sectors) {
    static const unsigned chances[] = {0, 8, 4, 7};
    unsigned style = (unsigned)draw(5), count = 0, at = 0;
    for (struct change *change = file->first; change; change = change->next) count++;
    unsigned torn = count ? (unsigned)draw(count) : 0;
    for (; file->first; drop_first(file), at++) {
        unsigned keep = style < 4 ? chances[style] : at < torn ? 8 : at == torn ? 4 : 0;
        if (file->first->data)
            *sectors += apply_sectors(file, file->first, keep);
        else if (draw(8) < keep)
            apply(file, file->first);
    }
    *changes += count;
}

/* ---- the cut ---- */

static void report(unsigned changes, unsigned sectors) {
    const char *path = getenv("CHATTER_POWER_REPORT");
    int fd = path ? REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (fd >= 0)
        dprintf(fd, "cut after %ld writes, %ld syncs; of %u changes not synced, %u sectors survived\n", writes, syncs,
                changes, sectors);
}

static void cut(void) {
    unsigned changes = 0, sectors = 0;
    char from[PATH_MAX], to[PATH_MAX];
    for (struct file *file = files; file; file = file->next) tear(file, &changes, &sectors);
    settle_names(NULL, 1);
    for (struct name *name = names; name; name = name->next) {
        if (!name->file) continue;
        path_of(name->file, from);
        snprintf(to, sizeof to, "%.3000s/%s", mirror, name->name);
        REAL(link)(from, to);
    }
    for (struct file *file = files; file; file = file->next) {
        path_of(file, from);
        REAL(unlink)(from);
    }
    report(changes, sectors);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

void wrote(struct file *file, off_t at, const void *data, size_t len) {
    changed(file, at, data, len);
    if (++writes == cut_write) cut();
}

int synced(struct file *file) {
    usleep(100 + (useconds_t)(writes % 8) * 50);
    pthread_mutex_lock(&lock);
    int now = ++syncs == cut_sync;
    if (now && draw(2)) cut();
    if (file == directory) {
        settle_names(NULL, 0);
    } else {
        for (; file->first; drop_first(file)) apply(file, file->first);
        settle_names(file, 0);
    }
    if (now) cut();
    pthread_mutex_unlock(&lock);
    return 0;
}

/* ---- the start ---- */

static void adopt(const char *name) {
    char path[PATH_MAX], buffer[1 << 16];
    struct stat st;
    ssize_t got;
    off_t at = 0;
    snprintf(path, sizeof path, "%.3000s/%s", watch, name);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return;
    nlink_t count;
    struct file *file = by_path(path, &count);
    if (file) { /* one more name of it */
        set_name(name, file);
        return;
    }
    file = new_file(st.st_ino);
    int fd = REAL(open)(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) stop("a watched file cannot be read");
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
        put(file, buffer, (size_t)got, at);
        at += got;
    }
    REAL(close)(fd);
    set_name(name, file);
}

__attribute__((constructor)) static void start(void) {
    const char *dir = getenv("CHATTER_POWER_WATCH"), *to = getenv("CHATTER_POWER_MIRROR");
    const char *when = getenv("CHATTER_POWER_CUT"), *seed = getenv("CHATTER_POWER_SEED");
    char name[NAME_LEN];
    if (!dir || !to || !realpath(to, mirror) || !realpath(dir, watch)) stop("no directories are given");
    random_state = seed ? strtoull(seed, NULL, 10) : 1;
    if (when && strncmp(when, "sync:", 5) == 0) cut_sync = atol(when + 5);
    if (when && strncmp(when, "write:", 6) == 0) cut_write = atol(when + 6);
    DIR *all = opendir(watch);
    if (!all) stop("the watched directory cannot be read");
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.3000s/%s", watch, entry->d_name);
        if (entry->d_name[0] != '.' && resolve(path, name) == 1) adopt(name);
    }
    closedir(all);
}
