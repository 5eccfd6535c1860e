// Files and folders.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int32_t open_file(const uint8_t *path, int flags) {
  return (int32_t)SWL_RETRY(open((const char *)path, flags | O_CLOEXEC, 0666));
}

int32_t swl_open_read(const uint8_t *path) { return open_file(path, O_RDONLY); }
int32_t swl_open_append(const uint8_t *path) {
  return open_file(path, O_WRONLY | O_APPEND | O_CREAT);
}
int32_t swl_open_new(const uint8_t *path) { return open_file(path, O_WRONLY | O_CREAT | O_EXCL); }
int32_t swl_open_write(const uint8_t *path) { return open_file(path, O_WRONLY); }

// The system transfers at most about 2 GiB at a time; asking for less keeps the result in range on
// 32-bit targets too.
static size_t clamped(uint64_t count) { return count > INT32_MAX ? INT32_MAX : (size_t)count; }

int64_t swl_read(int32_t descriptor, void *buffer, uint64_t capacity) {
  return SWL_RETRY(read(descriptor, buffer, clamped(capacity)));
}

int64_t swl_write(int32_t descriptor, const void *bytes, uint64_t count) {
  return SWL_RETRY(write(descriptor, bytes, clamped(count)));
}

int32_t swl_synchronize(int32_t descriptor) {
  int64_t result = SWL_RETRY(fsync(descriptor));
  return result == -EINVAL || result == -ENOTSUP ? 0 : (int32_t)result;
}

int32_t swl_truncate(int32_t descriptor, uint64_t byte_count) {
  return (int32_t)SWL_RETRY(ftruncate(descriptor, (off_t)byte_count));
}

// Not repeated when interrupted: Linux has released the descriptor by then.
void swl_close(int32_t descriptor) { close(descriptor); }

static int32_t kind_of(const struct stat *status) {
  if (S_ISREG(status->st_mode)) return SWL_FILE_REGULAR;
  if (S_ISDIR(status->st_mode)) return SWL_FILE_FOLDER;
  return SWL_FILE_OTHER;
}

int32_t swl_file_kind(int32_t descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? -errno : kind_of(&status);
}

int32_t swl_path_kind(const uint8_t *path) {
  struct stat status;
  return stat((const char *)path, &status) < 0 ? -errno : kind_of(&status);
}

int64_t swl_file_size(int32_t descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? -errno : (int64_t)status.st_size;
}

bool swl_is_terminal(int32_t descriptor) { return isatty(descriptor) == 1; }

int32_t swl_rename(const uint8_t *from, const uint8_t *to) {
  return rename((const char *)from, (const char *)to) < 0 ? -errno : 0;
}

int32_t swl_unlink(const uint8_t *path) { return unlink((const char *)path) < 0 ? -errno : 0; }

static int32_t make_folder(const uint8_t *path, mode_t mode) {
  if (mkdir((const char *)path, mode) == 0) return 0;
  int32_t error = -errno;
  if (error == -EEXIST && swl_path_kind(path) == SWL_FILE_FOLDER) return 0;
  return error;
}

int32_t swl_make_folder(const uint8_t *path) { return make_folder(path, 0777); }
int32_t swl_make_private_folder(const uint8_t *path) { return make_folder(path, 0750); }

int32_t swl_synchronize_folder_of(const uint8_t *path) {
  char folder[PATH_MAX];
  const char *name = (const char *)path;
  const char *slash = strrchr(name, '/');
  if (slash == NULL) {
    strcpy(folder, ".");
  } else {
    size_t length = slash == name ? 1 : (size_t)(slash - name);
    if (length >= sizeof folder) return -ENAMETOOLONG;
    memcpy(folder, name, length);
    folder[length] = 0;
  }
  int32_t descriptor = open_file((const uint8_t *)folder, O_RDONLY);
  if (descriptor < 0) return descriptor;
  int32_t result = swl_synchronize(descriptor);
  close(descriptor);
  return result;
}
