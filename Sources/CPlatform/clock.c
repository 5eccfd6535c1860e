// Clocks and sleeping.
#define _GNU_SOURCE
// Times beyond 2038 on 32-bit targets.
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64

#include <signal.h>
#include <sys/select.h>
#include <time.h>

#include "internal.h"

static const uint64_t nanoseconds_per_second = 1000000000;

uint64_t swl_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * nanoseconds_per_second + (uint64_t)now.tv_nsec;
}

int64_t swl_realtime_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * (int64_t)nanoseconds_per_second + now.tv_nsec;
}

// The termination signals are blocked but while asleep: a signal that comes between the look at
// the flag and the call cannot be slept over.
int32_t swl_sleep_until_monotonic_ns(uint64_t deadline) {
  sigset_t termination, before;
  sigemptyset(&termination);
  sigaddset(&termination, SIGTERM);
  sigaddset(&termination, SIGINT);
  sigprocmask(SIG_BLOCK, &termination, &before);
  int32_t result = 0;
  while (true) {
    if (swl_termination_signal() != 0) {
      result = -EINTR;
      break;
    }
    uint64_t now = swl_monotonic_ns();
    if (now >= deadline) break;
    struct timespec rest = {
      .tv_sec = (time_t)((deadline - now) / nanoseconds_per_second),
      .tv_nsec = (long)((deadline - now) % nanoseconds_per_second),
    };
    if (pselect(0, NULL, NULL, NULL, &rest, &before) < 0 && errno != EINTR) {
      result = -errno;
      break;
    }
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  return result;
}
