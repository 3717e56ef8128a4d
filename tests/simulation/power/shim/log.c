/* The shared mapping, the log in it, and the calls by which Python drives the shim. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct shared *S;
int slot = -1;
int life;

__attribute__((constructor)) static void attach(void) {
    const char *path = getenv("POWER_SHIM_SHARED");
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) != 0) abort();
    S = mmap(NULL, (size_t)facts.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (S == MAP_FAILED) abort();
    syscall(SYS_close, fd);
    S->capacity = (uint64_t)facts.st_size - sizeof(struct shared);
}

/* Watch a folder from now on, with an empty log and no rule. The caller is the parent of the actors to come. */
void power_begin(const char *folder, uint64_t seed, uint32_t switch_mille, int scheduled) {
    pthread_mutexattr_t shared;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&S->lock, &shared);
    sem_init(&S->parent, 1, 0);
    for (int each = 0; each < ACTORS_MAX; each++) {
        S->actors[each].state = FREE;
        sem_init(&S->actors[each].turn, 1, 0);
    }
    memset(S->rules, 0, sizeof S->rules);
    strncpy(S->folder, folder, PATH_SIZE - 1);
    S->random = seed * 2 + 1;
    S->switch_mille = switch_mille;
    S->scheduled = scheduled;
    S->now_ns = 1000000000000ull;
    S->used = S->injected = 0;
    S->overflowed = S->ready = 0;
    S->watching = 1;
}

void power_end(void) { S->watching = 0; }

/* Number the records of this process, which takes no turns: for actors that run freely, threads included. */
void power_name(int number) { life = number; }

/* Add the workload's own word to the log, e.g. that a tap was shown green. */
void power_mark(const void *data, uint32_t length) {
    struct record head = {.operation = OP_MARK, .fd = -1};
    log_enter();
    log_add(head, data, length);
    log_leave();
}

/* An actor that runs freely has begun its work; its parent polls. */
void power_be_ready(void) { __atomic_store_n(&S->ready, 1, __ATOMIC_RELEASE); }
int power_is_ready(void) { return __atomic_load_n(&S->ready, __ATOMIC_ACQUIRE); }

uint64_t power_used(void) { return S->overflowed ? UINT64_MAX : S->used; }
uint64_t power_log_offset(void) { return offsetof(struct shared, log); }
uint64_t power_injected(void) { return S->injected; }

void log_enter(void) {
    if (pthread_mutex_lock(&S->lock) == EOWNERDEAD) pthread_mutex_consistent(&S->lock);
}

void log_leave(void) { pthread_mutex_unlock(&S->lock); }

void log_add(struct record head, const void *payload, size_t length) {
    head.size = (uint32_t)(sizeof head + length);
    head.actor = (uint16_t)life;
    if (S->used + head.size > S->capacity) {
        S->overflowed = 1;
        return;
    }
    memcpy(S->log + S->used, &head, sizeof head);
    if (length) memcpy(S->log + S->used + sizeof head, payload, length);
    S->used += head.size;
}

/* Return a path inside the watched folder relative to it ("" for the folder itself), NULL for any other.
 * The shared-memory index of a WAL is left out: it does not outlive a power cut. */
const char *watched(const char *path) {
    if (!S || !S->watching || !path) return NULL;
    size_t length = strlen(S->folder), whole = strlen(path);
    if (strncmp(path, S->folder, length) != 0) return NULL;
    if (path[length] == '\0') return path + length;
    if (path[length] != '/') return NULL;
    if (whole > 4 && strcmp(path + whole - 4, "-shm") == 0) return NULL;
    return path + length + 1;
}
