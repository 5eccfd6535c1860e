// The stack a start needed and the loop after it does not.
#define _GNU_SOURCE

#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"
#include "swl_system.h"

extern char **environ;

// An address that the stack may reach for sure. What lies below the stack may be other memory without
// a gap, as with the emulators of QEMU for one program.
static uintptr_t surely_stack(void) {
  uint64_t byte_count = 4 << 20;
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur / 2 < byte_count)
    byte_count = limit.rlim_cur / 2;
  // The environment lies at the top.
  return (uintptr_t)environ - (uintptr_t)byte_count;
}

__attribute__((noinline)) void swl_release_stack(void) {
  volatile uint8_t here = 0;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  const uintptr_t end = surely_stack();
  // Room for this function, the calls below it and a signal's frame.
  uintptr_t address = ((uintptr_t)&here - 32 * 1024) / page * page;
  // Downwards, page by page, until the first that the stack does not reach.
  while (address - page >= end) {
    address -= page;
    if (madvise((void *)address, page, MADV_DONTNEED) == 0) continue;
    // A locked page must be unlocked first.
    if (errno != EINVAL || munlock((void *)address, page) != 0) return;
    if (madvise((void *)address, page, MADV_DONTNEED) != 0) return;
  }
}
