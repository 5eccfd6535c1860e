// GPIO through libgpiod 1.x (Debian 12), which speaks the kernel's first GPIO interface.
//
// No `_TIME_BITS` here: the library hands over a `struct timespec` as it was compiled itself.
#define _GNU_SOURCE

#include "gpio.h"

#if SWL_GPIOD_GENERATION == 1

#include <fcntl.h>
#include <stdlib.h>

int32_t swl_gpio_generation(void) { return 1; }

// The library's own chip; `swl_gpio_chip` is never defined.
static struct gpiod_chip *library(const swl_gpio_chip *chip) { return (struct gpiod_chip *)chip; }

static struct gpiod_chip *open_chip(int32_t number, int32_t *error) {
  char path[32];
  swl_gpio_chip_path(number, path);
  struct gpiod_chip *chip = gpiod_chip_open(path);
  *error = chip == NULL ? -errno : 0;
  return chip;
}

swl_gpio_chip *swl_gpio_chip_open(int32_t number, int32_t *error) {
  return (swl_gpio_chip *)open_chip(number, error);
}

void swl_gpio_chip_close(swl_gpio_chip *chip) { gpiod_chip_close(library(chip)); }

const uint8_t *swl_gpio_chip_name(const swl_gpio_chip *chip) {
  return (const uint8_t *)gpiod_chip_name(library(chip));
}

const uint8_t *swl_gpio_chip_label(const swl_gpio_chip *chip) {
  return (const uint8_t *)gpiod_chip_label(library(chip));
}

uint32_t swl_gpio_chip_line_count(const swl_gpio_chip *chip) {
  return gpiod_chip_num_lines(library(chip));
}

int32_t swl_gpio_line_inspect(swl_gpio_chip *chip, uint32_t offset, swl_gpio_line_info *info) {
  // Asks the kernel anew each time, for a line it has already handed out too.
  struct gpiod_line *line = gpiod_chip_get_line(library(chip), offset);
  if (line == NULL || gpiod_line_update(line) < 0) return -errno;
  swl_gpio_copy_name(info->name, gpiod_line_name(line));
  swl_gpio_copy_name(info->consumer, gpiod_line_consumer(line));
  info->is_output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  info->is_active_low = gpiod_line_active_state(line) == GPIOD_LINE_ACTIVE_STATE_LOW;
  info->is_used = gpiod_line_is_used(line);
  return 0;
}

struct swl_gpio_line {
  struct gpiod_chip *chip;  // owns `line`
  struct gpiod_line *line;
  int descriptor;  // of changes, or -EINVAL
  uint32_t taken, count;
  struct gpiod_line_event changes[SWL_GPIO_BATCH];
};

static int flags_of(const swl_gpio_settings *settings) {
  int flags = settings->is_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  if (settings->is_output) {
    if (settings->drive == SWL_GPIO_OPEN_DRAIN) flags |= GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN;
    if (settings->drive == SWL_GPIO_OPEN_SOURCE) flags |= GPIOD_LINE_REQUEST_FLAG_OPEN_SOURCE;
  }
  switch (settings->bias) {
    case SWL_GPIO_BIAS_DISABLED: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case SWL_GPIO_BIAS_PULL_UP: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case SWL_GPIO_BIAS_PULL_DOWN: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    default: return flags;
  }
}

// 0 or a negated errno; on failure the caller releases what was reached.
static int32_t request(swl_gpio_line *line, const swl_gpio_settings *settings) {
  line->line = gpiod_chip_get_line(line->chip, settings->offset);
  if (line->line == NULL) return -errno;
  struct gpiod_line_request_config config = {
    .consumer = SWL_GPIO_CONSUMER,
    .request_type = settings->is_output       ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
                    : settings->reports_edges ? GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES
                                              : GPIOD_LINE_REQUEST_DIRECTION_INPUT,
    .flags = flags_of(settings),
  };
  if (gpiod_line_request(line->line, &config, settings->initial_level) < 0) return -errno;
  if (settings->is_output || !settings->reports_edges) return 0;
  line->descriptor = gpiod_line_event_get_fd(line->line);
  int flags = line->descriptor < 0 ? -1 : fcntl(line->descriptor, F_GETFL);
  if (flags < 0 || fcntl(line->descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return 0;
}

swl_gpio_line *swl_gpio_line_request(
  int32_t chip_number, const swl_gpio_settings *settings, int32_t *error) {
  swl_gpio_line *line = calloc(1, sizeof *line);
  if (line == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  line->descriptor = -EINVAL;
  line->chip = open_chip(chip_number, error);
  if (line->chip != NULL) *error = request(line, settings);
  if (*error < 0) {
    swl_gpio_line_release(line);
    return NULL;
  }
  return line;
}

void swl_gpio_line_release(swl_gpio_line *line) {
  // Releases the chip's lines too.
  if (line->chip != NULL) gpiod_chip_close(line->chip);
  free(line);
}

int32_t swl_gpio_line_get(swl_gpio_line *line) {
  int value = gpiod_line_get_value(line->line);
  return value < 0 ? -errno : value != 0;
}

int32_t swl_gpio_line_set(swl_gpio_line *line, bool level) {
  return gpiod_line_set_value(line->line, level) < 0 ? -errno : 0;
}

// Kernels before 5.7 stamp the changes of this interface with the wall clock. Such a time lies
// decades ahead of the monotonic clock.
static uint64_t monotonic(const SWL_GPIOD_TIMESPEC *time) {
  uint64_t stamp = (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
  uint64_t now = swl_monotonic_ns();
  if (stamp <= now) return stamp;
  uint64_t wall = (uint64_t)swl_realtime_ns();
  uint64_t age = wall > stamp ? wall - stamp : 0;
  return now > age ? now - age : 0;
}

int32_t swl_gpio_line_next_edge(swl_gpio_line *line, swl_gpio_edge *edge) {
  if (line->descriptor < 0) return line->descriptor;
  if (line->taken == line->count) {
    int count = gpiod_line_event_read_fd_multiple(line->descriptor, line->changes, SWL_GPIO_BATCH);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    line->count = (uint32_t)count;
    line->taken = 0;
    if (count == 0) return 0;
  }
  const struct gpiod_line_event *change = &line->changes[line->taken++];
  edge->nanoseconds = monotonic(&change->ts);
  edge->level = change->event_type == GPIOD_LINE_EVENT_RISING_EDGE;
  edge->lost = 0;  // this interface does not count them
  return 1;
}

int32_t swl_gpio_line_descriptor(swl_gpio_line *line) { return line->descriptor; }

#endif
