// Shared by the GPIO sources of this target.
#ifndef SWL_GPIO_INTERNAL_H
#define SWL_GPIO_INTERNAL_H

#include <stdint.h>
#if defined(__arm__) && !defined(__GLIBC__)
// Debian 12 compiled the first generation with the 32-bit times of its own C library, which musl does
// not have. The second one has no `struct timespec` in its interface.
#include <time.h>
struct swl_glibc_timespec {
  long tv_sec, tv_nsec;
};
#define timespec swl_glibc_timespec
#include <gpiod.h>
#undef timespec
#define SWL_GPIOD_TIMESPEC struct swl_glibc_timespec
#else
#include <gpiod.h>
#define SWL_GPIOD_TIMESPEC struct timespec
#endif

#include "internal.h"
#include "swl_gpio.h"

// The generations share names and mean different things by them. Only the first has bulk requests.
#ifdef GPIOD_LINE_BULK_MAX_LINES
#define SWL_GPIOD_GENERATION 1
#else
#define SWL_GPIOD_GENERATION 2
#endif

#define SWL_GPIO_CONSUMER "swiftlet"

// Changes taken from the kernel at a time.
enum { SWL_GPIO_BATCH = 16 };

void swl_gpio_chip_path(int32_t number, char path[32]);
// At most 31 bytes and a NUL; NULL is empty.
void swl_gpio_copy_name(uint8_t destination[32], const char *source);

#endif
