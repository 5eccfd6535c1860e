// A team of threads: all run one function, and wait for each other in the middle of it.
//
// Waiting is spinning for a moment and then sleeping in the kernel (futex): the pieces of work between
// two meetings take microseconds, and the time between two samples seconds.
#define _GNU_SOURCE

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "swl_team.h"

#if defined(__OPTIMIZE__)
// Scratch memory of the kernels (64 KiB), and what lies around it. glibc takes no less on AArch64.
static const size_t stack_byte_count = 128 * 1024;
#else
// Without optimization every value has a place of its own.
static const size_t stack_byte_count = 1024 * 1024;
#endif

// Some hundred microseconds: about as long as it takes to wake up a thread on an idle CPU, which is
// what sleeping too early costs.
enum { SPIN_COUNT = 10000 };

struct member {
  struct swl_team *team;
  pthread_t handle;
  int32_t index;
};

struct swl_team {
  // Written by all members, and alone in its cache line.
  _Alignas(64) _Atomic uint32_t arrived;
  // The number of meetings so far, read by those who wait.
  _Alignas(64) _Atomic uint32_t meeting;
  _Atomic uint32_t sleeper_count;
  _Alignas(64) swl_team_body body;
  void *argument;
  _Atomic int32_t count;
  bool is_ending;
  struct member members[];
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  // Unlike YIELD, which most cores ignore, this empties the pipeline.
  __asm__ volatile("isb" ::: "memory");
#elif defined(__arm__)
  __asm__ volatile("yield" ::: "memory");
#endif
}

void swl_team_meet(struct swl_team *team) {
  const uint32_t meeting = atomic_load_explicit(&team->meeting, memory_order_relaxed);
  const uint32_t before = atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel);
  const int32_t count = atomic_load_explicit(&team->count, memory_order_relaxed);
  if (before + 1 == (uint32_t)count) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    // In one order with the sleepers' count: either it is seen here, or the kernel sees the new
    // number and lets nobody sleep.
    atomic_store(&team->meeting, meeting + 1);
    if (atomic_load(&team->sleeper_count) > 0) {
      syscall(SYS_futex, &team->meeting, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
    return;
  }
  for (int32_t spin = 0; spin < SPIN_COUNT; spin++) {
    if (atomic_load_explicit(&team->meeting, memory_order_acquire) != meeting) return;
    pause_briefly();
  }
  atomic_fetch_add(&team->sleeper_count, 1);
  while (atomic_load(&team->meeting) == meeting) {
    syscall(SYS_futex, &team->meeting, FUTEX_WAIT_PRIVATE, meeting, NULL, NULL, 0);
  }
  atomic_fetch_sub(&team->sleeper_count, 1);
}

static void *serve(void *argument) {
  struct member *member = argument;
  struct swl_team *team = member->team;
  while (true) {
    swl_team_meet(team);
    if (team->is_ending) return NULL;
    team->body(team->argument, member->index);
    swl_team_meet(team);
  }
}

void swl_team_run(struct swl_team *team, swl_team_body body, void *argument) {
  team->body = body;
  team->argument = argument;
  swl_team_meet(team);
  body(argument, 0);
  swl_team_meet(team);
}

// The first `started` threads wait for their first meeting, and never get to it.
static void abandon(struct swl_team *team, int32_t started) {
  team->is_ending = true;
  team->count = started + 1;
  swl_team_meet(team);
  for (int32_t index = 0; index < started; index++) {
    pthread_join(team->members[index].handle, NULL);
  }
  free(team);
}

struct swl_team *swl_team_start(int32_t count, int32_t *error) {
  struct swl_team *team = NULL;
  const size_t byte_count = sizeof *team + (size_t)(count - 1) * sizeof team->members[0];
  // The size of aligned memory is a multiple of the alignment.
  *error = -posix_memalign((void **)&team, 64, (byte_count + 63) / 64 * 64);
  if (*error != 0) return NULL;
  memset(team, 0, byte_count);
  team->count = count;
  // Signals are the business of the thread that starts the team.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_byte_count);
  int32_t started = 0;
  while (started < count - 1 && *error == 0) {
    struct member *member = &team->members[started];
    member->team = team;
    member->index = started + 1;
    *error = -pthread_create(&member->handle, &attributes, serve, member);
    if (*error == 0) started++;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (*error == 0) return team;
  abandon(team, started);
  return NULL;
}

int32_t swl_team_adopt_priority(struct swl_team *team) {
  // The kernel is asked itself: musl's functions for it only fail, and glibc's for threads remember
  // what was once so.
  struct sched_param parameters = {0};
  const long policy = syscall(SYS_sched_getscheduler, 0);
  if (policy < 0 || syscall(SYS_sched_getparam, 0, &parameters) < 0) return -errno;
  // Children of the owner are ordinary again; the threads of the team are not its children.
  const int own_policy = (int)policy & ~SCHED_RESET_ON_FORK;
  for (int32_t index = 0; index < team->count - 1; index++) {
    const int result =
      pthread_setschedparam(team->members[index].handle, own_policy, &parameters);
    if (result != 0) return -result;
  }
  return 0;
}

void swl_team_stop(struct swl_team *team) {
  abandon(team, team->count - 1);
}

int32_t swl_usable_cpu_count(void) {
  cpu_set_t set;
  // A machine with more CPUs than the set has bits fails; then all of them are counted.
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int32_t)online : 1;
}
