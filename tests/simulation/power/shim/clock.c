/* Time and chance for those who take turns: sleeping is virtual, and random bytes follow from the seed. */
#include "shim.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

ssize_t getrandom(void *data, size_t length, unsigned flags) {
    REAL(getrandom);
    if (slot < 0) return real(data, length, flags);
    for (size_t each = 0; each < length; each++) ((uint8_t *)data)[each] = (uint8_t)next_random();
    return (ssize_t)length;
}

int usleep(useconds_t microseconds) {
    REAL(usleep);
    return sleep_by_turns(microseconds * 1000ull) ? 0 : real(microseconds);
}

static uint64_t in_ns(const struct timespec *time) {
    return (uint64_t)time->tv_sec * 1000000000ull + (uint64_t)time->tv_nsec;
}

int nanosleep(const struct timespec *time, struct timespec *rest) {
    REAL(nanosleep);
    return sleep_by_turns(in_ns(time)) ? 0 : real(time, rest);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest) {
    REAL(clock_nanosleep);
    if (slot < 0) return real(clock, flags, time, rest);
    uint64_t wanted = in_ns(time), now = S->now_ns;
    sleep_by_turns(!(flags & TIMER_ABSTIME) ? wanted : wanted > now ? wanted - now : 0);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    if (slot < 0 || clock != CLOCK_MONOTONIC) return real(clock, time);
    time->tv_sec = (time_t)(S->now_ns / 1000000000ull);
    time->tv_nsec = (long)(S->now_ns % 1000000000ull);
    return 0;
}
