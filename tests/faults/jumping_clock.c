/* Preloaded, it lets the wall clock jump: each second another hour or day, ahead and back.
   The monotonic clock goes on as it does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

static const long JUMPS_S[] = {0, 3600, -3600, 86400, -86400, 400, -400};

static int real_clock(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, now);
}

static long jump_s(void) {
    struct timespec now;
    real_clock(CLOCK_MONOTONIC, &now);
    return JUMPS_S[now.tv_sec % (long)(sizeof JUMPS_S / sizeof *JUMPS_S)];
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = real_clock(clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += jump_s();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise)) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *also) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    if (also) *also = now.tv_sec;
    return now.tv_sec;
}
