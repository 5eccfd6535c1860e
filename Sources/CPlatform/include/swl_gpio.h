// GPIO lines of Linux: /dev/gpiochipN, through libgpiod of either generation.
//
// Conventions as in swl_platform.h: a result below zero is a negated errno value, and so is `*error`
// where a pointer is returned (NULL then).
#ifndef SWL_GPIO_H
#define SWL_GPIO_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// The generation of libgpiod this was compiled with, 1 or 2.
int32_t swl_gpio_generation(void);

// The number of the first /dev/gpiochipN from `first` on, links left out; ENOENT when there is none.
int32_t swl_gpio_next_chip(int32_t first);

typedef struct swl_gpio_chip swl_gpio_chip;
swl_gpio_chip *_Nullable swl_gpio_chip_open(int32_t number, int32_t *error);
void swl_gpio_chip_close(swl_gpio_chip *chip);
// NUL-terminated, there until the chip is closed.
const uint8_t *swl_gpio_chip_name(const swl_gpio_chip *chip);
const uint8_t *swl_gpio_chip_label(const swl_gpio_chip *chip);
uint32_t swl_gpio_chip_line_count(const swl_gpio_chip *chip);

enum { SWL_GPIO_NAME_CAPACITY = 32 };  // the kernel's own limit, the NUL included

typedef struct {
  uint8_t name[32], consumer[32];  // NUL-terminated, empty where there is none
  bool is_output, is_used, is_active_low;
} swl_gpio_line_info;
int32_t swl_gpio_line_inspect(swl_gpio_chip *chip, uint32_t offset, swl_gpio_line_info *info);

enum { SWL_GPIO_BIAS_AS_IS, SWL_GPIO_BIAS_DISABLED, SWL_GPIO_BIAS_PULL_UP, SWL_GPIO_BIAS_PULL_DOWN };
enum { SWL_GPIO_PUSH_PULL, SWL_GPIO_OPEN_DRAIN, SWL_GPIO_OPEN_SOURCE };

typedef struct {
  uint32_t offset;
  uint8_t bias, drive;  // SWL_GPIO_BIAS_*, SWL_GPIO_*
  bool is_output, is_active_low;
  bool initial_level;         // of an output
  bool reports_edges;         // an input's, both
  uint32_t debounce_us;       // an input's; the first generation has none
} swl_gpio_settings;

// A line of the chip, ours until it is released. The chip may be closed at any time.
typedef struct swl_gpio_line swl_gpio_line;
swl_gpio_line *_Nullable swl_gpio_line_request(
  int32_t chip_number, const swl_gpio_settings *settings, int32_t *error);
void swl_gpio_line_release(swl_gpio_line *line);

// The logical level, 0 or 1, of an input or of an output as it is driven.
int32_t swl_gpio_line_get(swl_gpio_line *line);
int32_t swl_gpio_line_set(swl_gpio_line *line, bool level);

typedef struct {
  uint64_t nanoseconds;  // of the monotonic clock
  uint32_t lost;         // changes between this one and the one before that the kernel dropped
  bool level;            // the logical level after the change
} swl_gpio_edge;
// 1 and the oldest change, or 0 where there is none. Never waits.
int32_t swl_gpio_line_next_edge(swl_gpio_line *line, swl_gpio_edge *edge);
// Readable when a change is there; EINVAL where edges were not asked for.
int32_t swl_gpio_line_descriptor(swl_gpio_line *line);

enum {
  SWL_GPIO_MISSING,
  SWL_GPIO_BUSY,
  SWL_GPIO_NOT_PERMITTED,
  SWL_GPIO_UNSUPPORTED,
  SWL_GPIO_OTHER,
};
int32_t swl_gpio_kind_of_error(int32_t error);

#pragma clang assume_nonnull end

#endif
