// The stack a start needed and the loop after it does not.
#define _GNU_SOURCE

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"
#include "swl_system.h"

__attribute__((noinline)) void swl_release_stack(void) {
  volatile uint8_t here = 0;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  // Room for this function, the calls below it and a signal's frame.
  uintptr_t address = ((uintptr_t)&here - 32 * 1024) / page * page;
  // Downwards, page by page, until the first that the stack does not reach.
  for (int count = 0; count < 4096; count++) {
    address -= page;
    if (madvise((void *)address, page, MADV_DONTNEED) == 0) continue;
    // A locked page must be unlocked first.
    if (errno != EINVAL || munlock((void *)address, page) != 0) return;
    if (madvise((void *)address, page, MADV_DONTNEED) != 0) return;
  }
}
