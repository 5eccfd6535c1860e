// GPIO: what both generations of libgpiod share.
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>

#include "gpio.h"

int32_t swl_gpio_next_chip(int32_t first) { return swl_next_device("gpiochip", first); }

void swl_gpio_chip_path(int32_t number, char path[32]) {
  snprintf(path, 32, "/dev/gpiochip%d", (int)number);
}

void swl_gpio_copy_name(uint8_t destination[32], const char *source) {
  memset(destination, 0, 32);
  if (source != NULL) strncpy((char *)destination, source, 31);
}

int32_t swl_gpio_kind_of_error(int32_t error) {
  switch (error < 0 ? -error : error) {
    case ENOENT:
    case ENODEV: return SWL_GPIO_MISSING;
    case EBUSY: return SWL_GPIO_BUSY;
    case EACCES:
    case EPERM: return SWL_GPIO_NOT_PERMITTED;
    // A line without an interrupt, a chip without bias or open drain, a kernel without the request.
    case EOPNOTSUPP:
    case ENOTTY:
    case EINVAL:
    case ENXIO: return SWL_GPIO_UNSUPPORTED;
    default: return SWL_GPIO_OTHER;
  }
}
