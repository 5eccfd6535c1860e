// Waiting for many things at once, threads, and the wake-ups between them.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value.
#ifndef SWL_EVENTS_H
#define SWL_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: The loop's wait (events.c)

enum { SWL_READABLE = 1, SWL_WRITABLE = 2, SWL_HANG_UP = 4 };
enum { SWL_READY_CAPACITY = 64 };

typedef struct {
  uint32_t token;
  uint32_t state;  // SWL_READABLE | SWL_WRITABLE | SWL_HANG_UP
} swl_ready;

int32_t swl_events_create(void);
// `interest` of SWL_READABLE and SWL_WRITABLE; level-triggered.
int32_t swl_events_add(int32_t events, int32_t descriptor, uint32_t token, uint32_t interest);
int32_t swl_events_change(int32_t events, int32_t descriptor, uint32_t token, uint32_t interest);
int32_t swl_events_remove(int32_t events, int32_t descriptor);
// Waits until something is ready, for ever or not at all; the number of entries filled in. A signal
// ends the wait with 0.
int32_t swl_events_wait(int32_t events, swl_ready *ready, bool may_wait);

// A descriptor that becomes readable at an absolute time of the monotonic clock.
int32_t swl_timer_create(void);
// Zero disarms it; a time that has passed makes it readable at once.
int32_t swl_timer_arm(int32_t timer, uint64_t deadline);

// A descriptor that becomes readable by `raise`, from any thread or a signal handler, and stops
// being so by `take`, which tells whether it was.
int32_t swl_wakeup_create(void);
void swl_wakeup_raise(int32_t wakeup);
bool swl_wakeup_take(int32_t wakeup);
// Waits for `raise` until a time of the monotonic clock, UINT64_MAX being never. 1 when it came, 0
// at the time.
int32_t swl_wakeup_wait(int32_t wakeup, uint64_t deadline);

// MARK: Threads (thread.c)

typedef void (*swl_thread_body)(void *context);
// A thread in which all signals are blocked. NULL with the negated errno in `*error`.
void *_Nullable swl_thread_start(swl_thread_body body, void *context, int32_t *error);
// Waits for its end and forgets it.
void swl_thread_join(void *thread);

#pragma clang assume_nonnull end

#endif
