// Memory mapped from files and from nowhere.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "internal.h"

static void *map(uint64_t byte_count, int protection, int flags, int descriptor, int32_t *error) {
  *error = 0;
  if (byte_count > SIZE_MAX) {
    *error = -ENOMEM;
    return NULL;
  }
  void *address = mmap(NULL, (size_t)byte_count, protection, flags, descriptor, 0);
  if (address == MAP_FAILED) {
    *error = -errno;
    return NULL;
  }
  return address;
}

const void *swl_map_file(int32_t descriptor, uint64_t byte_count, int32_t *error) {
  return map(byte_count, PROT_READ, MAP_PRIVATE, descriptor, error);
}

void *swl_map_anonymous(uint64_t byte_count, int32_t *error) {
  return map(byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, error);
}

void swl_unmap(const void *address, uint64_t byte_count) {
  munmap((void *)address, (size_t)byte_count);
}

#ifdef __linux__
// Not getrusage: its maximum is inherited from the program that started this one.
uint64_t swl_peak_resident_bytes(void) {
  char status[4096];
  int32_t descriptor = swl_open_read((const uint8_t *)"/proc/self/status");
  if (descriptor < 0) return 0;
  int64_t count = swl_read(descriptor, status, sizeof status - 1);
  swl_close(descriptor);
  if (count <= 0) return 0;
  status[count] = 0;
  const char *digit = strstr(status, "VmHWM:");
  if (digit == NULL) return 0;
  digit += strcspn(digit, "0123456789\n");
  uint64_t kibibytes = 0;
  for (; *digit >= '0' && *digit <= '9'; digit++) kibibytes = 10 * kibibytes + (*digit - '0');
  return kibibytes * 1024;
}
#else
uint64_t swl_peak_resident_bytes(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) < 0 ? 0 : (uint64_t)usage.ru_maxrss;
}
#endif
