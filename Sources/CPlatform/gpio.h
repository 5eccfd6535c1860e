// Shared by the GPIO sources of this target.
#ifndef SWL_GPIO_INTERNAL_H
#define SWL_GPIO_INTERNAL_H

#include <gpiod.h>

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
