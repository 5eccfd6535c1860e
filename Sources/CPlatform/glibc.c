// What the libraries of Debian ask of their own C library, for a program linked with musl.
//
// libgpiod, libi2c and libinih come as Debian compiled them, against glibc. Nearly all they call is
// the same in both, by name and by layout; this is the rest. The definitions lie here, before the C
// library in the link, so they also replace what musl has under the same names (`stat` on 32-bit ARM).
#define _GNU_SOURCE

#include <stdint.h>

#if defined(__linux__) && !defined(__GLIBC__)

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// The checked variants (_FORTIFY_SOURCE): the last size is that of the destination, as the compiler
// knew it.

int __snprintf_chk(
  char *text, size_t capacity, int flag, size_t known_capacity, const char *format, ...) {
  (void)flag;
  if (known_capacity < capacity) abort();
  va_list values;
  va_start(values, format);
  int count = vsnprintf(text, capacity, format, values);
  va_end(values);
  return count;
}

int __asprintf_chk(char **text, int flag, const char *format, ...) {
  (void)flag;
  va_list values;
  va_start(values, format);
  int count = vasprintf(text, format, values);
  va_end(values);
  return count;
}

void *__memcpy_chk(void *to, const void *from, size_t count, size_t known_capacity) {
  if (known_capacity < count) abort();
  return memcpy(to, from, count);
}

char *__strcpy_chk(char *to, const char *from, size_t known_capacity) {
  if (known_capacity <= strlen(from)) abort();
  return strcpy(to, from);
}

// musl's files have no other size than the large one, and newer versions no second name for it.
FILE *swl_fopen64(const char *path, const char *mode) __asm__("fopen64");
FILE *swl_fopen64(const char *path, const char *mode) { return fopen(path, mode); }

#ifdef __arm__

// `struct stat` of 32-bit glibc without large files and with 32-bit times, which libgpiod of Debian 12
// was compiled with. All it reads is the kind of a file and which device it is.
struct glibc_stat {
  uint64_t device;
  uint16_t padding_1;
  uint32_t inode, mode, links, user, group;
  uint64_t own_device;
  uint16_t padding_2;
  int32_t byte_count, block_bytes, blocks;
  int32_t times[6];
  uint32_t reserved[2];
};
_Static_assert(sizeof(struct glibc_stat) == 88, "as glibc lays it out");

static int copy(int result, const struct stat *status, struct glibc_stat *copy) {
  if (result == 0)
    *copy = (struct glibc_stat){
      .device = status->st_dev,
      .inode = (uint32_t)status->st_ino,
      .mode = status->st_mode,
      .links = status->st_nlink,
      .user = status->st_uid,
      .group = status->st_gid,
      .own_device = status->st_rdev,
      .byte_count = (int32_t)status->st_size,
      .block_bytes = (int32_t)status->st_blksize,
      .blocks = (int32_t)status->st_blocks,
    };
  return result;
}

// musl's own callers, and ours, say `__stat_time64`.
int swl_glibc_stat(const char *path, struct glibc_stat *result) __asm__("stat");
int swl_glibc_stat(const char *path, struct glibc_stat *result) {
  struct stat status;
  return copy(stat(path, &status), &status, result);
}

int swl_glibc_lstat(const char *path, struct glibc_stat *result) __asm__("lstat");
int swl_glibc_lstat(const char *path, struct glibc_stat *result) {
  struct stat status;
  return copy(lstat(path, &status), &status, result);
}

#endif
#endif
