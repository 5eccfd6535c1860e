// The machine and the process's place on it.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64

#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "swl_system.h"

// The bytes of a small file of the kernel, NUL-terminated; 0 where it cannot be read.
static int64_t read_text(const char *path, char *text, uint64_t capacity) {
  int32_t descriptor = swl_open_read((const uint8_t *)path);
  if (descriptor < 0) return 0;
  int64_t count = swl_read(descriptor, text, capacity - 1);
  swl_close(descriptor);
  if (count < 0) count = 0;
  text[count] = 0;
  return count;
}

int64_t swl_boot_identifier(void) {
  char text[64];
  if (read_text("/proc/sys/kernel/random/boot_id", text, sizeof text) < 8) return -ENOENT;
  int64_t value = 0;
  for (int index = 0; index < 8; index++) {
    static const char digits[] = "0123456789abcdef";
    const char *digit = strchr(digits, text[index]);
    if (text[index] == 0 || digit == NULL) return -EINVAL;
    value = value << 4 | (digit - digits);
  }
  return value;
}

bool swl_clock_is_synchronized(void) {
  // Changes nothing and needs no privilege, but a sandbox may refuse it with the calls that do.
  struct timex state = {.modes = 0};
  int condition = adjtimex(&state);
  return condition >= 0 && condition != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

int32_t swl_lock_memory(void) { return mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0; }

int32_t swl_set_real_time_priority(int32_t priority) {
  struct sched_param parameters = {.sched_priority = priority};
  // Programs it might start some day are ordinary again. By number: musl refuses to do it, because
  // the call sets one thread where POSIX means the whole process, and one thread is what is meant.
  return syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) < 0
           ? -errno
           : 0;
}

__attribute__((noinline)) void swl_prefault_stack(void) {
  volatile uint8_t pages[128 * 1024];
  for (size_t offset = 0; offset < sizeof pages; offset += 1024) pages[offset] = 0;
  // Some of them were unlocked, if they were given back.
  (void)mlock((const void *)pages, sizeof pages);
}

uint64_t swl_page_bytes(void) { return (uint64_t)sysconf(_SC_PAGESIZE); }

uint64_t swl_resident_bytes(void) {
  char text[128];
  if (read_text("/proc/self/statm", text, sizeof text) == 0) return 0;
  // The second number, in pages.
  const char *digit = strchr(text, ' ');
  uint64_t pages = 0;
  for (digit = digit ? digit + 1 : ""; *digit >= '0' && *digit <= '9'; digit++)
    pages = 10 * pages + (uint64_t)(*digit - '0');
  return pages * swl_page_bytes();
}

uint64_t swl_cpu_ns(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}
