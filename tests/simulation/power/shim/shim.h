/* A window on the disk: logs what watched processes do to one folder, makes it fail, and takes turns for them.
 *
 * Preloaded into a Python process (LD_PRELOAD). All state lives in one shared mapping, so that the processes it is
 * forked into write one log, in the true order of their operations. tests/simulation/power/trace.py reads it.
 */
#ifndef POWER_SHIM_H
#define POWER_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ACTORS_MAX 16
#define RULES_MAX 4
#define PATH_SIZE 512

/* Operations: the numbers are those of the log and, as bits, those of a rule. */
enum operation {
    OP_OPEN = 0,
    OP_CLOSE = 1,
    OP_WRITE = 2,
    OP_TRUNCATE = 3,
    OP_SYNC = 4,
    OP_RENAME = 5,
    OP_UNLINK = 6,
    OP_MKDIR = 7,
    OP_RMDIR = 8,
    OP_MARK = 9,
    OP_UNSUPPORTED = 10,
    OP_CREATE = 11, /* in rules only: an open that makes the file */
};

enum action { ACT_NONE = 0, ACT_FAIL, ACT_SHORT, ACT_FAIL_AFTER, ACT_KILL, ACT_KILL_AFTER, ACT_KILL_SHORT };

enum state { FREE = 0, READY, SLEEPING, GONE };

struct record {
    uint32_t size; /* of this header and the payload */
    uint16_t operation;
    uint16_t actor;
    int32_t fd;
    int32_t error;
    uint64_t offset;
    uint32_t flags;
    uint32_t split; /* where the second path of a payload begins */
};

struct rule {
    char match[PATH_SIZE];
    uint32_t operations;
    int32_t skip, times, error, action;
};

struct actor {
    int32_t state;
    uint64_t wake_ns;
    sem_t turn;
};

struct shared {
    uint64_t capacity, used;
    int32_t watching, overflowed, scheduled, ready;
    uint32_t switch_mille;
    uint64_t random, now_ns, injected;
    char folder[PATH_SIZE];
    pthread_mutex_t lock;
    sem_t parent;
    struct actor actors[ACTORS_MAX];
    struct rule rules[RULES_MAX];
    uint8_t log[];
};

/* Inside a function that stands before one of the C library: the one behind it. */
#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

extern struct shared *S;
extern int slot; /* our place among the actors, -1 when we take no turns */
extern int life; /* our number in the log */

/* log.c */
void log_enter(void);
void log_leave(void);
void log_add(struct record head, const void *payload, size_t length);
const char *watched(const char *path);

/* faults.c */
enum action fault_for(enum operation operation, const char *path, int *error);
void die(void);

/* turns.c */
void take_turns(void);
int sleep_by_turns(uint64_t ns);
uint64_t next_random(void);

#endif
