// The operating system as the Swift code sees it.
//
// Every function has our own name and fixed-width types, and no system header is included here, so
// the header imports for any target triple, the bare-metal ones of Embedded Swift among them.
//
// Conventions, once for all:
// - A result below zero is a negated errno value; `swl_error_*` put it into words.
// - A path is NUL-terminated bytes.
// - A call interrupted by a signal is started again, unless the signal asks to terminate
//   (`swl_termination_signal`); then it fails with EINTR.
#ifndef SWL_PLATFORM_H
#define SWL_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: Files (file.c)

enum {
  SWL_FILE_REGULAR = 0,
  SWL_FILE_FOLDER = 1,
  SWL_FILE_OTHER = 2,  // a pipe, terminal, device or socket
};

// Opens for reading. Folders open too, as the system does; ask `swl_file_kind`.
int32_t swl_open_read(const uint8_t *path);
// Opens for writing at the end, made when missing.
int32_t swl_open_append(const uint8_t *path);
// Makes a new file for writing; an existing one is EEXIST.
int32_t swl_open_new(const uint8_t *path);
// Opens an existing file, pipe or device for writing, contents left alone.
int32_t swl_open_write(const uint8_t *path);

// One read of at most `capacity` bytes; 0 is the end.
int64_t swl_read(int32_t descriptor, void *buffer, uint64_t capacity);
// One write; may take fewer than `count` bytes.
int64_t swl_write(int32_t descriptor, const void *bytes, uint64_t count);
// Waits until the device has the data. Pipes and terminals have nothing to wait for.
int32_t swl_synchronize(int32_t descriptor);
// Cuts or extends a file to `byte_count` bytes.
int32_t swl_truncate(int32_t descriptor, uint64_t byte_count);
void swl_close(int32_t descriptor);

// SWL_FILE_*, of an open file and of a path (links followed).
int32_t swl_file_kind(int32_t descriptor);
int32_t swl_path_kind(const uint8_t *path);
int64_t swl_file_size(int32_t descriptor);
bool swl_is_terminal(int32_t descriptor);

int32_t swl_rename(const uint8_t *from, const uint8_t *to);
int32_t swl_unlink(const uint8_t *path);
// Makes one folder; success when it is already there.
int32_t swl_make_folder(const uint8_t *path);
// The same for owner and group only.
int32_t swl_make_private_folder(const uint8_t *path);
// Synchronizes the folder a path lies in, so that a rename in it survives a power cut.
int32_t swl_synchronize_folder_of(const uint8_t *path);

// MARK: Memory (memory.c)

// Maps a file read-only and private. NULL with the negated errno in `*error`.
const void *_Nullable swl_map_file(int32_t descriptor, uint64_t byte_count, int32_t *error);
// Maps zeroed, page-aligned, writable memory. NULL with the negated errno in `*error`.
void *_Nullable swl_map_anonymous(uint64_t byte_count, int32_t *error);
void swl_unmap(const void *address, uint64_t byte_count);
// The most physical memory the process has held, in bytes.
uint64_t swl_peak_resident_bytes(void);

// MARK: Time (clock.c)

// Nanoseconds of a clock that never jumps and counts from an arbitrary start.
uint64_t swl_monotonic_ns(void);
// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
int64_t swl_realtime_ns(void);
// Sleeps until the monotonic clock has reached the deadline. EINTR when asked to terminate.
int32_t swl_sleep_until_monotonic_ns(uint64_t deadline);

// MARK: Process (process.c)

int32_t swl_argument_count(void);
// The argument's bytes, NUL-terminated, there for the life of the process.
const uint8_t *swl_argument(int32_t index);
// The value of an environment variable; NULL where it is not set.
const uint8_t *_Nullable swl_environment(const uint8_t *name);
uint64_t swl_string_length(const uint8_t *string);
int64_t swl_process_identifier(void);
_Noreturn void swl_exit(int32_t code);

// Word `which` (0: AT_HWCAP, 1: AT_HWCAP2) of what the kernel says the processor can do; bits by
// architecture, 0 where unknown.
uint64_t swl_hardware_capabilities(int32_t which);

// From now on SIGTERM and SIGINT are remembered instead of ending the process, and writing to a
// closed pipe is EPIPE instead of a signal.
void swl_remember_termination_signals(void);
// The number of the first such signal, or 0.
int32_t swl_termination_signal(void);
// From now on SIGHUP is remembered; calls it interrupts are started again.
void swl_remember_reload_signal(void);
// Whether it came since the last call.
bool swl_take_reload_signal(void);
// From now on these signals raise the descriptor of swl_wakeup_create, and again none, unless it is
// another one by then.
void swl_wake_by_signals(int32_t wakeup);
void swl_stop_waking_by_signals(int32_t wakeup);

// MARK: Errors (error.c)

// What to tell a user about an errno value (either sign): "ENOENT", "No such file or directory",
// "check the path". Never NULL.
const uint8_t *swl_error_name(int32_t error);
const uint8_t *swl_error_description(int32_t error);
const uint8_t *swl_error_advice(int32_t error);

// The values the Swift side raises or tells apart itself.
int32_t swl_error_is_a_folder(void);
int32_t swl_error_name_too_long(void);
int32_t swl_error_invalid(void);
int32_t swl_error_not_a_file(void);
int32_t swl_error_interrupted(void);
int32_t swl_error_missing(void);
int32_t swl_error_no_memory(void);
int32_t swl_error_already_there(void);
int32_t swl_error_would_block(void);
int32_t swl_error_read_only(void);
// Whether it is one of the values that say the same to a caller.
bool swl_error_no_space(int32_t error);
bool swl_error_not_permitted(int32_t error);
bool swl_error_connection_lost(int32_t error);

#pragma clang assume_nonnull end

#endif
