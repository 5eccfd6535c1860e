// epoll, timerfd and eventfd.
#define _GNU_SOURCE
// Times beyond 2038 on 32-bit targets.
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"
#include "swl_events.h"

static const uint64_t nanoseconds_per_second = 1000000000;

int32_t swl_events_create(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

static int32_t control(
  int32_t events, int operation, int32_t descriptor, uint32_t token, uint32_t interest) {
  struct epoll_event event = {
    .events = (interest & SWL_READABLE ? EPOLLIN : 0u) | (interest & SWL_WRITABLE ? EPOLLOUT : 0u),
    .data.u32 = token,
  };
  return epoll_ctl(events, operation, descriptor, &event) < 0 ? -errno : 0;
}

int32_t swl_events_add(int32_t events, int32_t descriptor, uint32_t token, uint32_t interest) {
  return control(events, EPOLL_CTL_ADD, descriptor, token, interest);
}

int32_t swl_events_change(int32_t events, int32_t descriptor, uint32_t token, uint32_t interest) {
  return control(events, EPOLL_CTL_MOD, descriptor, token, interest);
}

int32_t swl_events_remove(int32_t events, int32_t descriptor) {
  return control(events, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int32_t swl_events_wait(int32_t events, swl_ready *ready, bool may_wait) {
  struct epoll_event found[SWL_READY_CAPACITY];
  int count = epoll_wait(events, found, SWL_READY_CAPACITY, may_wait ? -1 : 0);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int index = 0; index < count; index++) {
    uint32_t bits = found[index].events;
    ready[index] = (swl_ready){
      .token = found[index].data.u32,
      .state = (bits & EPOLLIN ? SWL_READABLE : 0u) | (bits & EPOLLOUT ? SWL_WRITABLE : 0u) |
               (bits & (EPOLLHUP | EPOLLERR) ? SWL_HANG_UP : 0u),
    };
  }
  return count;
}

int32_t swl_timer_create(void) {
  int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

int32_t swl_timer_arm(int32_t timer, uint64_t deadline) {
  struct itimerspec setting = {
    .it_value = {
      .tv_sec = (time_t)(deadline / nanoseconds_per_second),
      .tv_nsec = (long)(deadline % nanoseconds_per_second),
    }};
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL) < 0 ? -errno : 0;
}

int32_t swl_wakeup_create(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

void swl_wakeup_raise(int32_t wakeup) {
  uint64_t one = 1;
  // Fails only when it has been raised 2^64 - 2 times before, and then it is readable anyway.
  ssize_t ignored = write(wakeup, &one, sizeof one);
  (void)ignored;
}

bool swl_wakeup_take(int32_t wakeup) {
  uint64_t count;
  return read(wakeup, &count, sizeof count) == sizeof count;
}

int32_t swl_wakeup_wait(int32_t wakeup, uint64_t deadline) {
  while (true) {
    if (swl_wakeup_take(wakeup)) return 1;
    struct timespec rest = {0}, *limit = NULL;
    if (deadline != UINT64_MAX) {
      uint64_t now = swl_monotonic_ns();
      if (now >= deadline) return 0;
      rest.tv_sec = (time_t)((deadline - now) / nanoseconds_per_second);
      rest.tv_nsec = (long)((deadline - now) % nanoseconds_per_second);
      limit = &rest;
    }
    struct pollfd poll = {.fd = wakeup, .events = POLLIN};
    if (ppoll(&poll, 1, limit, NULL) < 0 && errno != EINTR) return -errno;
  }
}
