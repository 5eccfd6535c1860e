// Folders, and files at an offset.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value.
#ifndef SWL_FOLDER_H
#define SWL_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

int32_t swl_folder_open(const uint8_t *path);

// Fills the buffer with the entries that come next; the bytes filled, 0 at the end.
int64_t swl_folder_read(int32_t folder, void *buffer, uint64_t capacity);

typedef struct {
  uint64_t name_offset;  // in the buffer; NUL-terminated
  uint64_t name_byte_count;
} swl_folder_entry_view;
// The entry at an offset of a filled buffer; the result is the offset of the next one.
uint64_t swl_folder_entry(const uint8_t *buffer, uint64_t offset, swl_folder_entry_view *entry);

// SWL_FILE_* and size of a name in the folder; links are not followed.
int32_t swl_folder_kind(int32_t folder, const uint8_t *name);
int64_t swl_folder_byte_count(int32_t folder, const uint8_t *name);

// Opens a file of the folder, for reading or for reading and appending; the latter makes it when it is
// missing, readable by owner and group. A link is ELOOP.
int32_t swl_folder_open_file(int32_t folder, const uint8_t *name, bool appends);
int32_t swl_folder_rename(int32_t folder, const uint8_t *from, const uint8_t *to);
int32_t swl_folder_remove(int32_t folder, const uint8_t *name);

// Free bytes of the file system something open lies on.
int64_t swl_free_bytes(int32_t descriptor);

// A lock file, made when missing.
int32_t swl_open_lock(const uint8_t *path);
// EAGAIN where another process has it. The kernel releases it when the process ends, however.
int32_t swl_lock_exclusively(int32_t descriptor);

int64_t swl_read_at(int32_t descriptor, void *buffer, uint64_t capacity, uint64_t offset);
int64_t swl_write_at(int32_t descriptor, const void *bytes, uint64_t count, uint64_t offset);
// Waits until the device has the file's content and size, not its times.
int32_t swl_synchronize_data(int32_t descriptor);
// Names the open file has; 0 once it was removed or replaced.
int32_t swl_link_count(int32_t descriptor);

#pragma clang assume_nonnull end

#endif
