/* One actor runs at a time; a seeded number says who is next at each operation on the disk, each lock and each sleep.
 *
 * So several processes that share a folder meet in every order, and a seed replays exactly. Time is virtual: it
 * moves a little at each operation and jumps when everybody sleeps.
 */
#include "shim.h"

#include <errno.h>
#include <time.h>

#define OPERATION_NS 20000u
#define STUCK_SECONDS 60

static int choose(void);
static void wait_for_turn(void);
static void hand_over(int next);

/* Parent: an actor is about to be forked into this place. */
void power_expect(int place) { S->actors[place].state = READY; }

/* Actor: take this place and wait for the first turn. */
void power_join(int place, int number) {
    slot = place;
    life = number;
    wait_for_turn();
}

/* Actor: the last word; the parent must reap us before anybody else moves. */
void power_leave(void) {
    S->actors[slot].state = GONE;
    slot = -1;
    sem_post(&S->parent);
}

/* Parent: let the actors run until one has gone; return its place, -1 when there is none, -2 when one is stuck. */
int power_wait(void) {
    int next = choose();
    if (next < 0) return -1;
    hand_over(next);
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += STUCK_SECONDS;
    while (sem_timedwait(&S->parent, &deadline) != 0)
        if (errno == ETIMEDOUT) return -2;
    for (int each = 0; each < ACTORS_MAX; each++)
        if (S->actors[each].state == GONE) {
            S->actors[each].state = FREE;
            return each;
        }
    return -2;
}

/* Called where another process could come between. */
void take_turns(void) {
    if (slot < 0) return;
    S->now_ns += OPERATION_NS;
    if (next_random() % 1000 >= S->switch_mille) return;
    int next = choose();
    if (next == slot) return;
    hand_over(next);
    wait_for_turn();
}

int sleep_by_turns(uint64_t ns) {
    if (slot < 0) return 0;
    S->actors[slot].wake_ns = S->now_ns + ns;
    S->actors[slot].state = SLEEPING;
    int next = choose();
    if (next != slot) {
        hand_over(next);
        wait_for_turn();
    }
    return 1;
}

/* SplitMix64. */
uint64_t next_random(void) {
    uint64_t z = (S->random += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static int choose(void) {
    int able[ACTORS_MAX], count = 0;
    uint64_t soonest = UINT64_MAX;
    for (int each = 0; each < ACTORS_MAX; each++)
        if (S->actors[each].state == SLEEPING && S->actors[each].wake_ns < soonest)
            soonest = S->actors[each].wake_ns;
        else if (S->actors[each].state == READY)
            able[count++] = each;
    if (count == 0 && soonest != UINT64_MAX && S->now_ns < soonest) S->now_ns = soonest;
    for (int each = 0; each < ACTORS_MAX; each++)
        if (S->actors[each].state == SLEEPING && S->actors[each].wake_ns <= S->now_ns) able[count++] = each;
    if (count == 0) return -1;
    int next = able[next_random() % (uint64_t)count];
    S->actors[next].state = READY;
    return next;
}

static void hand_over(int next) { sem_post(&S->actors[next].turn); }

static void wait_for_turn(void) {
    while (sem_wait(&S->actors[slot].turn) != 0)
        if (errno != EINTR) return;
}
