// Arguments, signals and the end of the process.
#define _GNU_SOURCE

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "internal.h"
#include "swl_events.h"

static int argument_count;
static char **arguments;

// Embedded Swift has no `CommandLine`. glibc and the C library of macOS hand the arguments to
// constructors, in static programs too.
#if !defined(__linux__) || defined(__GLIBC__)
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
  argument_count = argc;
  arguments = argv;
}
#else
// musl does not. But Linux puts them on the stack for every processor alike, each a word: the count,
// the arguments, NULL, the environment.
__attribute__((constructor)) static void find_arguments(void) {
  char **end = environ - 1;
  while ((uintptr_t)end[-1 - argument_count] != (uintptr_t)argument_count) argument_count++;
  arguments = end - argument_count;
}
#endif

uint64_t swl_hardware_capabilities(int32_t which) {
#ifdef __linux__
  return getauxval(which == 0 ? AT_HWCAP : AT_HWCAP2);
#else
  (void)which;
  return 0;
#endif
}

int32_t swl_argument_count(void) { return argument_count; }

const uint8_t *swl_argument(int32_t index) {
  return (const uint8_t *)(index >= 0 && index < argument_count ? arguments[index] : "");
}

const uint8_t *swl_environment(const uint8_t *name) {
  return (const uint8_t *)getenv((const char *)name);
}

uint64_t swl_string_length(const uint8_t *string) { return strlen((const char *)string); }

int64_t swl_process_identifier(void) { return getpid(); }

_Noreturn void swl_exit(int32_t code) { exit(code); }

static volatile sig_atomic_t first_termination_signal;

static volatile sig_atomic_t reload_requested;
// Raised by each of these signals, for a loop that waits for many things; none below zero.
static volatile sig_atomic_t signal_wakeup = -1;

static void wake(void) {
  int before = errno;
  if (signal_wakeup >= 0) swl_wakeup_raise(signal_wakeup);
  errno = before;
}

static void remember(int number) {
  if (first_termination_signal == 0) first_termination_signal = number;
  wake();
}

static void remember_reload(int number) {
  (void)number;
  reload_requested = 1;
  wake();
}

static void unblock(int first, int second) {
  sigset_t requests;
  sigemptyset(&requests);
  sigaddset(&requests, first);
  sigaddset(&requests, second);
  sigprocmask(SIG_UNBLOCK, &requests, NULL);
}

void swl_remember_termination_signals(void) {
  // Without SA_RESTART, so that a call waiting for a slow pipe returns.
  struct sigaction action = {.sa_handler = remember};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  // Whoever started this program may have blocked them, as thread pools do.
  unblock(SIGTERM, SIGINT);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGPIPE, &ignore, NULL);
}

int32_t swl_termination_signal(void) { return first_termination_signal; }

void swl_remember_reload_signal(void) {
  struct sigaction action = {.sa_handler = remember_reload, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGHUP, &action, NULL);
  unblock(SIGHUP, SIGHUP);
}

bool swl_take_reload_signal(void) {
  // Cleared only where it was seen: a request made between the two lines becomes part of this one,
  // one made between a look at nothing and a clearing would be lost.
  if (reload_requested == 0) return false;
  reload_requested = 0;
  return true;
}

void swl_wake_by_signals(int32_t wakeup) { signal_wakeup = wakeup; }

void swl_stop_waking_by_signals(int32_t wakeup) {
  if (signal_wakeup == wakeup) signal_wakeup = -1;
}
