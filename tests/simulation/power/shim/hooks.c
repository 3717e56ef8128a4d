/* The C library's file calls, seen from the watched folder; every other file passes straight through. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 4096

static char *names[FDS_MAX]; /* what each watched descriptor was opened as */

static const char *name_of(int fd) { return fd >= 0 && fd < FDS_MAX ? names[fd] : NULL; }

static int fails(enum action action) { return action == ACT_FAIL; }

/* End an operation that went through: log already written, `error` from the rule. Returns -1 when it must be denied. */
static int denied(enum action action, int error) {
    if (action == ACT_KILL_AFTER || action == ACT_KILL_SHORT) die();
    log_leave();
    if (action != ACT_FAIL_AFTER) return 0;
    errno = error;
    return -1;
}

static int refuse(struct record head, const char *path, int error) {
    head.error = error;
    log_add(head, path, strlen(path));
    log_leave();
    errno = error;
    return -1;
}

static void unsupported(const char *call, const char *path) {
    char text[PATH_SIZE + 64];
    struct record head = {.operation = OP_UNSUPPORTED, .fd = -1};
    int length = snprintf(text, sizeof text, "%s %s", call, path);
    log_enter();
    log_add(head, text, (size_t)length);
    log_leave();
}

/* -- opening and closing ------------------------------------------------------------------------------------- */

static int entropy(void) {
    /* SQLite salts its WAL from here: the same seed must write the same bytes. */
    int fd = memfd_create("entropy", MFD_CLOEXEC);
    uint64_t words[64];
    for (int each = 0; each < 64; each++) words[each] = next_random();
    if (fd < 0 || write(fd, words, sizeof words) != (ssize_t)sizeof words) abort();
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static int open_watched(const char *relative, const char *path, int flags, mode_t mode) {
    REAL(open);
    struct record head = {.operation = OP_OPEN, .fd = -1, .flags = (uint32_t)flags};
    enum action action = ACT_NONE;
    int error = 0;
    take_turns();
    log_enter();
    if ((flags & O_CREAT) && access(path, F_OK) != 0) action = fault_for(OP_CREATE, relative, &error);
    if (action == ACT_NONE && (flags & (O_WRONLY | O_RDWR | O_CREAT))) action = fault_for(OP_OPEN, relative, &error);
    if (fails(action)) return refuse(head, relative, error);
    if (action == ACT_KILL) die();
    int fd = real(path, flags, mode);
    if (fd < 0) {
        log_leave();
        return fd;
    }
    if (fd < FDS_MAX) {
        free(names[fd]);
        names[fd] = strdup(relative);
    }
    head.fd = fd;
    log_add(head, relative, strlen(relative));
    if (denied(action, error) != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

#define OPEN_BODY(call) \
    REAL(call); \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    } \
    if (slot >= 0 && strcmp(path, "/dev/urandom") == 0) return entropy(); \
    const char *relative = watched(path)

int open(const char *path, int flags, ...) {
    OPEN_BODY(open);
    return relative ? open_watched(relative, path, flags, mode) : real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    OPEN_BODY(open64);
    return relative ? open_watched(relative, path, flags, mode) : real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    OPEN_BODY(openat);
    if (name_of(folder) && path[0] != '/') unsupported("openat", path);
    return relative ? open_watched(relative, path, flags, mode) : real(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    OPEN_BODY(openat64);
    if (name_of(folder) && path[0] != '/') unsupported("openat", path);
    return relative ? open_watched(relative, path, flags, mode) : real(folder, path, flags, mode);
}

int close(int fd) {
    REAL(close);
    if (!name_of(fd)) return real(fd);
    take_turns();
    log_enter();
    struct record head = {.operation = OP_CLOSE, .fd = fd};
    log_add(head, NULL, 0);
    free(names[fd]);
    names[fd] = NULL;
    int result = real(fd);
    log_leave();
    return result;
}

/* -- content ------------------------------------------------------------------------------------------------- */

static ssize_t write_watched(int fd, const void *data, size_t length, off_t at) {
    static ssize_t (*put)(int, const void *, size_t);
    static ssize_t (*put_at)(int, const void *, size_t, off_t);
    if (!put) {
        put = (__typeof__(put))dlsym(RTLD_NEXT, "write");
        put_at = (__typeof__(put_at))dlsym(RTLD_NEXT, "pwrite64");
    }
    struct record head = {.operation = OP_WRITE, .fd = fd};
    int error = 0;
    take_turns();
    log_enter();
    enum action action = fault_for(OP_WRITE, names[fd], &error);
    if (action == ACT_KILL) die();
    if (action == ACT_SHORT || action == ACT_KILL_SHORT) length /= 2;
    if (fails(action) || (action == ACT_SHORT && length == 0)) return refuse(head, names[fd], error);
    ssize_t written = at < 0 ? put(fd, data, length) : put_at(fd, data, length, at);
    if (written < 0) {
        log_leave();
        return written;
    }
    head.offset = (uint64_t)(at < 0 ? lseek(fd, 0, SEEK_CUR) - written : at);
    log_add(head, data, (size_t)written);
    return denied(action, error) == 0 ? written : -1;
}

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write);
    return name_of(fd) ? write_watched(fd, data, length, -1) : real(fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    REAL(pwrite);
    return name_of(fd) ? write_watched(fd, data, length, at) : real(fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) {
    REAL(pwrite64);
    return name_of(fd) ? write_watched(fd, data, length, at) : real(fd, data, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    if (name_of(fd)) unsupported("writev", names[fd]);
    return real(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    if (name_of(fd)) unsupported("pwritev", names[fd]);
    return real(fd, parts, count, at);
}

ssize_t copy_file_range(int from, off_t *at, int to, off_t *there, size_t length, unsigned flags) {
    REAL(copy_file_range);
    if (name_of(to)) unsupported("copy_file_range", names[to]);
    return real(from, at, to, there, length, flags);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    REAL(posix_fallocate);
    if (name_of(fd)) unsupported("posix_fallocate", names[fd]);
    return real(fd, at, length);
}

void *mmap64(void *at, size_t length, int access_kind, int flags, int fd, off_t offset) {
    REAL(mmap64);
    if ((flags & MAP_SHARED) && (access_kind & PROT_WRITE) && name_of(fd)) unsupported("mmap", names[fd]);
    return real(at, length, access_kind, flags, fd, offset);
}

static int truncate_watched(int fd, off_t size, int (*real)(int, off_t)) {
    struct record head = {.operation = OP_TRUNCATE, .fd = fd, .offset = (uint64_t)size};
    int error = 0;
    take_turns();
    log_enter();
    enum action action = fault_for(OP_TRUNCATE, names[fd], &error);
    if (fails(action)) return refuse(head, names[fd], error);
    if (action == ACT_KILL) die();
    int result = real(fd, size);
    if (result == 0) log_add(head, NULL, 0);
    return denied(action, error) == 0 ? result : -1;
}

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    return name_of(fd) ? truncate_watched(fd, size, real) : real(fd, size);
}

int ftruncate64(int fd, off_t size) {
    REAL(ftruncate64);
    return name_of(fd) ? truncate_watched(fd, size, real) : real(fd, size);
}

/* A sync does nothing here: what it would have saved is worked out afterwards, from the log. */
static int sync_watched(int fd) {
    struct record head = {.operation = OP_SYNC, .fd = fd};
    int error = 0;
    take_turns();
    log_enter();
    enum action action = fault_for(OP_SYNC, names[fd], &error);
    if (fails(action)) return refuse(head, names[fd], error);
    if (action == ACT_KILL) die();
    log_add(head, NULL, 0);
    return denied(action, error);
}

int fsync(int fd) {
    REAL(fsync);
    return name_of(fd) ? sync_watched(fd) : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return name_of(fd) ? sync_watched(fd) : real(fd);
}

/* -- names --------------------------------------------------------------------------------------------------- */

static int name_watched(enum operation operation, const char *path, const char *relative, mode_t mode) {
    static int (*calls[3])(const char *);
    static int (*make)(const char *, mode_t);
    if (!make) {
        calls[0] = (__typeof__(calls[0]))dlsym(RTLD_NEXT, "unlink");
        calls[1] = (__typeof__(calls[1]))dlsym(RTLD_NEXT, "rmdir");
        make = (__typeof__(make))dlsym(RTLD_NEXT, "mkdir");
    }
    struct record head = {.operation = (uint16_t)operation, .fd = -1};
    int error = 0;
    take_turns();
    log_enter();
    enum action action = fault_for(operation, relative, &error);
    if (fails(action)) return refuse(head, relative, error);
    if (action == ACT_KILL) die();
    int result = operation == OP_MKDIR ? make(path, mode) : calls[operation == OP_RMDIR](path);
    int why = errno;
    if (result == 0) log_add(head, relative, strlen(relative));
    if (denied(action, error) != 0) return -1;
    errno = why;
    return result;
}

int unlink(const char *path) {
    REAL(unlink);
    const char *relative = watched(path);
    return relative ? name_watched(OP_UNLINK, path, relative, 0) : real(path);
}

int rmdir(const char *path) {
    REAL(rmdir);
    const char *relative = watched(path);
    return relative ? name_watched(OP_RMDIR, path, relative, 0) : real(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    const char *relative = watched(path);
    return relative ? name_watched(OP_MKDIR, path, relative, mode) : real(path, mode);
}

int unlinkat(int folder, const char *path, int flags) {
    REAL(unlinkat);
    if (name_of(folder) || watched(path)) unsupported("unlinkat", path);
    return real(folder, path, flags);
}

int link(const char *from, const char *to) {
    REAL(link);
    if (watched(to)) unsupported("link", to);
    return real(from, to);
}

int symlink(const char *from, const char *to) {
    REAL(symlink);
    if (watched(to)) unsupported("symlink", to);
    return real(from, to);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    const char *source = watched(from), *target = watched(to);
    if (!source || !target) {
        if (source || target) unsupported("rename", to);
        return real(from, to);
    }
    char both[2 * PATH_SIZE];
    int length = snprintf(both, sizeof both, "%s%s", source, target), error = 0;
    struct record head = {.operation = OP_RENAME, .fd = -1, .split = (uint32_t)strlen(source)};
    take_turns();
    log_enter();
    enum action action = fault_for(OP_RENAME, target, &error);
    if (fails(action)) return refuse(head, both, error);
    if (action == ACT_KILL) die();
    int result = real(from, to), why = errno;
    if (result == 0) log_add(head, both, (size_t)length);
    if (denied(action, error) != 0) return -1;
    errno = why;
    return result;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    REAL(renameat);
    if (watched(from) || watched(to) || name_of(from_folder) || name_of(to_folder)) unsupported("renameat", to);
    return real(from_folder, from, to_folder, to);
}

/* -- what must not happen unseen, and where another process may come between --------------------------------- */

int dup(int fd) {
    REAL(dup);
    if (name_of(fd)) unsupported("dup", names[fd]);
    return real(fd);
}

int dup2(int fd, int other) {
    REAL(dup2);
    if (name_of(fd)) unsupported("dup2", names[fd]);
    return real(fd, other);
}

int flock(int fd, int operation) {
    REAL(flock);
    take_turns();
    return real(fd, operation);
}

#define FCNTL_BODY(call) \
    REAL(call); \
    va_list more; \
    va_start(more, command); \
    void *argument = va_arg(more, void *); \
    va_end(more); \
    if (command == F_SETLK || command == F_SETLKW) take_turns(); \
    if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && name_of(fd)) unsupported("fcntl dup", names[fd]); \
    return real(fd, command, argument)

int fcntl(int fd, int command, ...) { FCNTL_BODY(fcntl); }

int fcntl64(int fd, int command, ...) { FCNTL_BODY(fcntl64); }
