// The machine and the process's place on it.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value.
#ifndef SWL_SYSTEM_H
#define SWL_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// The first 32 bits of the identifier the kernel draws at each boot, as the eight hexadecimal digits
// it begins with; below zero where it cannot be read.
int64_t swl_boot_identifier(void);
// Whether the wall clock follows a time server or a reference clock.
bool swl_clock_is_synchronized(void);

// Holds all pages of the process in memory, also those still to come.
int32_t swl_lock_memory(void);
// Runs the calling thread before all ordinary ones (SCHED_FIFO), 1 through 99.
int32_t swl_set_real_time_priority(int32_t priority);
// Touches and locks the stack the caller will use later.
void swl_prefault_stack(void);
// Gives back the pages of the stack that were used deeper than the caller is now.
void swl_release_stack(void);

uint64_t swl_page_bytes(void);
// Physical memory the process holds now; 0 where unknown.
uint64_t swl_resident_bytes(void);
// Processor time the process has used.
uint64_t swl_cpu_ns(void);

#pragma clang assume_nonnull end

#endif
