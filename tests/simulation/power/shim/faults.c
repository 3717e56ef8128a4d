/* Rules that make an operation fail, half succeed, or be the last thing a process does. */
#include "shim.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* From the `skip`-th matching operation on, `times` of them meet the action (-1: all of them).
 * An empty match is for every file, but not for the folder itself: SQLite passes over a folder whose fsync fails, so
 * where only that fsync makes names certain, nobody can promise anything any more. "/" is for the folder. */
void power_rule(int index, const char *match, uint32_t operations, int skip, int times, int error, int action) {
    log_enter();
    struct rule *rule = &S->rules[index];
    strncpy(rule->match, match, PATH_SIZE - 1);
    rule->operations = operations;
    rule->skip = skip;
    rule->times = times;
    rule->error = error;
    rule->action = action;
    log_leave();
}

static int matches(const struct rule *rule, const char *path) {
    if (path[0] == '\0') return strcmp(rule->match, "/") == 0;
    return strstr(path, rule->match) != NULL;
}

/* Let the disk work again. */
void power_heal(void) {
    log_enter();
    memset(S->rules, 0, sizeof S->rules);
    log_leave();
}

/* Say what is to happen to an operation. The caller holds the log. */
enum action fault_for(enum operation operation, const char *path, int *error) {
    for (int index = 0; index < RULES_MAX; index++) {
        struct rule *rule = &S->rules[index];
        if (rule->times == 0 || !(rule->operations & (1u << operation)) || !matches(rule, path)) continue;
        if (rule->skip > 0) {
            rule->skip--;
            continue;
        }
        if (rule->times > 0) rule->times--;
        S->injected++;
        *error = rule->error;
        return (enum action)rule->action;
    }
    return ACT_NONE;
}

/* Be killed as by kill -9. The one who reaps us gets the turn. The caller holds the log. */
void die(void) {
    if (slot >= 0) {
        S->actors[slot].state = GONE;
        sem_post(&S->parent);
    }
    log_leave();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}
