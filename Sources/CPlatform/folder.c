// Folders: what is in them, how much fits, who has them.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "swl_folder.h"

int32_t swl_folder_open(const uint8_t *path) {
  return (int32_t)SWL_RETRY(
    open((const char *)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int64_t swl_folder_read(int32_t folder, void *buffer, uint64_t capacity) {
  return SWL_RETRY(syscall(SYS_getdents64, folder, buffer, (size_t)capacity));
}

// The record of the kernel, `struct linux_dirent64`: its name follows without padding.
struct record {
  uint64_t inode;
  int64_t next_position;
  uint16_t byte_count;
  uint8_t kind;
} __attribute__((packed));
enum { RECORD_HEADER = 19 };
_Static_assert(sizeof(struct record) == RECORD_HEADER, "as the kernel lays it out");

uint64_t swl_folder_entry(const uint8_t *buffer, uint64_t offset, swl_folder_entry_view *entry) {
  struct record record;
  memcpy(&record, buffer + offset, sizeof record);
  entry->name_offset = offset + RECORD_HEADER;
  entry->name_byte_count = strlen((const char *)buffer + entry->name_offset);
  return offset + record.byte_count;
}

static int32_t status_of(int32_t folder, const uint8_t *name, struct stat *status) {
  return fstatat(folder, (const char *)name, status, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int32_t swl_folder_kind(int32_t folder, const uint8_t *name) {
  struct stat status;
  int32_t error = status_of(folder, name, &status);
  if (error < 0) return error;
  if (S_ISREG(status.st_mode)) return SWL_FILE_REGULAR;
  return S_ISDIR(status.st_mode) ? SWL_FILE_FOLDER : SWL_FILE_OTHER;
}

int64_t swl_folder_byte_count(int32_t folder, const uint8_t *name) {
  struct stat status;
  int32_t error = status_of(folder, name, &status);
  return error < 0 ? error : (int64_t)status.st_size;
}

int32_t swl_folder_open_file(int32_t folder, const uint8_t *name, bool appends) {
  int flags = appends ? O_RDWR | O_APPEND | O_CREAT : O_RDONLY;
  return (int32_t)SWL_RETRY(
    openat(folder, (const char *)name, flags | O_CLOEXEC | O_NOFOLLOW, 0640));
}

int32_t swl_folder_rename(int32_t folder, const uint8_t *from, const uint8_t *to) {
  return renameat(folder, (const char *)from, folder, (const char *)to) < 0 ? -errno : 0;
}

int32_t swl_folder_remove(int32_t folder, const uint8_t *name) {
  return unlinkat(folder, (const char *)name, 0) < 0 ? -errno : 0;
}

// Bytes a user who is not root may still write.
int64_t swl_free_bytes(int32_t descriptor) {
  struct statvfs status;
  if (fstatvfs(descriptor, &status) < 0) return -errno;
  return (int64_t)((uint64_t)status.f_bavail * status.f_frsize);
}

int32_t swl_lock_exclusively(int32_t descriptor) {
  return (int32_t)SWL_RETRY(flock(descriptor, LOCK_EX | LOCK_NB));
}

int32_t swl_open_lock(const uint8_t *path) {
  return (int32_t)SWL_RETRY(
    open((const char *)path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
}

static size_t clamped(uint64_t count) { return count > INT32_MAX ? INT32_MAX : (size_t)count; }

int64_t swl_read_at(int32_t descriptor, void *buffer, uint64_t capacity, uint64_t offset) {
  return SWL_RETRY(pread(descriptor, buffer, clamped(capacity), (off_t)offset));
}

int64_t swl_write_at(int32_t descriptor, const void *bytes, uint64_t count, uint64_t offset) {
  return SWL_RETRY(pwrite(descriptor, bytes, clamped(count), (off_t)offset));
}

int32_t swl_synchronize_data(int32_t descriptor) {
  return (int32_t)SWL_RETRY(fdatasync(descriptor));
}

int32_t swl_link_count(int32_t descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? -errno : (int32_t)status.st_nlink;
}
