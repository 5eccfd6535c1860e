// Memory mapped from files and from nowhere.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <stddef.h>
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

uint64_t swl_peak_resident_bytes(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) < 0) return 0;
#ifdef __APPLE__
  return (uint64_t)usage.ru_maxrss;
#else
  return (uint64_t)usage.ru_maxrss * 1024;
#endif
}
