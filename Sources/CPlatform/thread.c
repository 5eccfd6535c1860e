// Threads.
#define _GNU_SOURCE

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "internal.h"
#include "swl_events.h"

struct thread {
  pthread_t handle;
  swl_thread_body body;
  void *context;
};

// The default of glibc, 8 MiB, would all be held in memory by a process that locks its memory.
// Writing metrics and drift state takes more than 128 KiB in a build without optimization; the build for
// boards, which has musl, is never without.
#if defined(__linux__) && !defined(__GLIBC__)
static const size_t stack_byte_count = 128 * 1024;
#else
static const size_t stack_byte_count = 192 * 1024;
#endif

static void *run(void *argument) {
  struct thread *thread = argument;
  thread->body(thread->context);
  return NULL;
}

void *swl_thread_start(swl_thread_body body, void *context, int32_t *error) {
  struct thread *thread = malloc(sizeof *thread);
  if (thread == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  thread->body = body;
  thread->context = context;
  // The new thread inherits the mask: signals are the business of the thread that starts it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_byte_count);
  *error = -pthread_create(&thread->handle, &attributes, run, thread);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (*error == 0) return thread;
  free(thread);
  return NULL;
}

void swl_thread_join(void *thread) {
  pthread_join(((struct thread *)thread)->handle, NULL);
  free(thread);
}
