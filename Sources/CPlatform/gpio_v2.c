// GPIO through libgpiod 2.x (Debian 13, Raspberry Pi OS 13), which speaks the kernel's second GPIO
// interface, Linux 5.10 and later.
#define _GNU_SOURCE

#include "gpio.h"

#if SWL_GPIOD_GENERATION == 2

#include <fcntl.h>
#include <stdlib.h>

int32_t swl_gpio_generation(void) { return 2; }

struct swl_gpio_chip {
  struct gpiod_chip *chip;
  struct gpiod_chip_info *info;
};

static struct gpiod_chip *open_chip(int32_t number, int32_t *error) {
  char path[32];
  swl_gpio_chip_path(number, path);
  struct gpiod_chip *chip = gpiod_chip_open(path);
  *error = chip == NULL ? -errno : 0;
  return chip;
}

swl_gpio_chip *swl_gpio_chip_open(int32_t number, int32_t *error) {
  swl_gpio_chip *chip = calloc(1, sizeof *chip);
  if (chip == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  chip->chip = open_chip(number, error);
  if (chip->chip != NULL) {
    chip->info = gpiod_chip_get_info(chip->chip);
    if (chip->info == NULL) *error = -errno;
  }
  if (*error < 0) {
    swl_gpio_chip_close(chip);
    return NULL;
  }
  return chip;
}

void swl_gpio_chip_close(swl_gpio_chip *chip) {
  if (chip->info != NULL) gpiod_chip_info_free(chip->info);
  if (chip->chip != NULL) gpiod_chip_close(chip->chip);
  free(chip);
}

const uint8_t *swl_gpio_chip_name(const swl_gpio_chip *chip) {
  return (const uint8_t *)gpiod_chip_info_get_name(chip->info);
}

const uint8_t *swl_gpio_chip_label(const swl_gpio_chip *chip) {
  return (const uint8_t *)gpiod_chip_info_get_label(chip->info);
}

uint32_t swl_gpio_chip_line_count(const swl_gpio_chip *chip) {
  return (uint32_t)gpiod_chip_info_get_num_lines(chip->info);
}

int32_t swl_gpio_line_inspect(swl_gpio_chip *chip, uint32_t offset, swl_gpio_line_info *info) {
  struct gpiod_line_info *line = gpiod_chip_get_line_info(chip->chip, offset);
  if (line == NULL) return -errno;
  swl_gpio_copy_name(info->name, gpiod_line_info_get_name(line));
  swl_gpio_copy_name(info->consumer, gpiod_line_info_get_consumer(line));
  info->is_output = gpiod_line_info_get_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  info->is_active_low = gpiod_line_info_is_active_low(line);
  info->is_used = gpiod_line_info_is_used(line);
  gpiod_line_info_free(line);
  return 0;
}

struct swl_gpio_line {
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *changes;  // NULL where edges were not asked for
  uint32_t offset, taken, count;
  uint32_t sequence;  // of the last change that was handed out
};

static enum gpiod_line_bias bias_of(uint8_t bias) {
  switch (bias) {
    case SWL_GPIO_BIAS_DISABLED: return GPIOD_LINE_BIAS_DISABLED;
    case SWL_GPIO_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
    case SWL_GPIO_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
    default: return GPIOD_LINE_BIAS_AS_IS;
  }
}

static enum gpiod_line_drive drive_of(uint8_t drive) {
  switch (drive) {
    case SWL_GPIO_OPEN_DRAIN: return GPIOD_LINE_DRIVE_OPEN_DRAIN;
    case SWL_GPIO_OPEN_SOURCE: return GPIOD_LINE_DRIVE_OPEN_SOURCE;
    default: return GPIOD_LINE_DRIVE_PUSH_PULL;
  }
}

static enum gpiod_line_value value_of(bool level) {
  return level ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}

// Fails with errno set, as the library does.
static int apply(struct gpiod_line_settings *target, const swl_gpio_settings *settings) {
  gpiod_line_settings_set_active_low(target, settings->is_active_low);
  if (gpiod_line_settings_set_bias(target, bias_of(settings->bias)) < 0) return -1;
  if (settings->is_output) {
    if (gpiod_line_settings_set_direction(target, GPIOD_LINE_DIRECTION_OUTPUT) < 0) return -1;
    if (gpiod_line_settings_set_drive(target, drive_of(settings->drive)) < 0) return -1;
    return gpiod_line_settings_set_output_value(target, value_of(settings->initial_level));
  }
  if (gpiod_line_settings_set_direction(target, GPIOD_LINE_DIRECTION_INPUT) < 0) return -1;
  gpiod_line_settings_set_debounce_period_us(target, settings->debounce_us);
  if (!settings->reports_edges) return 0;
  if (gpiod_line_settings_set_event_clock(target, GPIOD_LINE_CLOCK_MONOTONIC) < 0) return -1;
  return gpiod_line_settings_set_edge_detection(target, GPIOD_LINE_EDGE_BOTH);
}

// The request or NULL with errno set; the objects that describe it are the library's way of passing
// arguments and live no longer.
static struct gpiod_line_request *request(
  struct gpiod_chip *chip, const swl_gpio_settings *settings) {
  struct gpiod_line_settings *line = gpiod_line_settings_new();
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *options = gpiod_request_config_new();
  struct gpiod_line_request *result = NULL;
  unsigned int offset = settings->offset;
  if (line != NULL && lines != NULL && options != NULL && apply(line, settings) == 0 &&
      gpiod_line_config_add_line_settings(lines, &offset, 1, line) == 0) {
    gpiod_request_config_set_consumer(options, SWL_GPIO_CONSUMER);
    // Room for a burst while the loop is busy elsewhere; the kernel's default is 16.
    if (settings->reports_edges) gpiod_request_config_set_event_buffer_size(options, 1024);
    result = gpiod_chip_request_lines(chip, options, lines);
  }
  int error = errno;
  gpiod_request_config_free(options);
  gpiod_line_config_free(lines);
  gpiod_line_settings_free(line);
  errno = error;
  return result;
}

static int32_t prepare_changes(swl_gpio_line *line) {
  line->changes = gpiod_edge_event_buffer_new(SWL_GPIO_BATCH);
  if (line->changes == NULL) return -errno;
  int descriptor = gpiod_line_request_get_fd(line->request);
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return 0;
}

swl_gpio_line *swl_gpio_line_request(
  int32_t chip_number, const swl_gpio_settings *settings, int32_t *error) {
  swl_gpio_line *line = calloc(1, sizeof *line);
  if (line == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  line->offset = settings->offset;
  struct gpiod_chip *chip = open_chip(chip_number, error);
  if (chip != NULL) {
    line->request = request(chip, settings);
    if (line->request == NULL) *error = -errno;
    gpiod_chip_close(chip);
  }
  if (*error == 0 && !settings->is_output && settings->reports_edges)
    *error = prepare_changes(line);
  if (*error < 0) {
    swl_gpio_line_release(line);
    return NULL;
  }
  return line;
}

void swl_gpio_line_release(swl_gpio_line *line) {
  if (line->changes != NULL) gpiod_edge_event_buffer_free(line->changes);
  if (line->request != NULL) gpiod_line_request_release(line->request);
  free(line);
}

int32_t swl_gpio_line_get(swl_gpio_line *line) {
  enum gpiod_line_value value = gpiod_line_request_get_value(line->request, line->offset);
  return value == GPIOD_LINE_VALUE_ERROR ? -errno : value == GPIOD_LINE_VALUE_ACTIVE;
}

int32_t swl_gpio_line_set(swl_gpio_line *line, bool level) {
  return gpiod_line_request_set_value(line->request, line->offset, value_of(level)) < 0 ? -errno : 0;
}

int32_t swl_gpio_line_next_edge(swl_gpio_line *line, swl_gpio_edge *edge) {
  if (line->changes == NULL) return -EINVAL;
  if (line->taken == line->count) {
    int count = gpiod_line_request_read_edge_events(line->request, line->changes, SWL_GPIO_BATCH);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    line->count = (uint32_t)count;
    line->taken = 0;
    if (count == 0) return 0;
  }
  // Belongs to the buffer.
  struct gpiod_edge_event *change =
    gpiod_edge_event_buffer_get_event(line->changes, line->taken++);
  edge->nanoseconds = gpiod_edge_event_get_timestamp_ns(change);
  edge->level = gpiod_edge_event_get_event_type(change) == GPIOD_EDGE_EVENT_RISING_EDGE;
  // The kernel numbers the changes of a line from 1 on, those it has no room for too.
  uint32_t sequence = (uint32_t)gpiod_edge_event_get_line_seqno(change);
  edge->lost = sequence - line->sequence - 1;
  line->sequence = sequence;
  return 1;
}

int32_t swl_gpio_line_descriptor(swl_gpio_line *line) {
  return line->changes == NULL ? -EINVAL : gpiod_line_request_get_fd(line->request);
}

#endif
