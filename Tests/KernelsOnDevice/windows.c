// Convolution, depthwise convolution and pools against loops over all taps.
#include <stdio.h>

#include "check.h"

static char description[160];

static swl_window random_window(int32_t largest_kernel, int32_t largest_depth) {
  swl_window w = {.batches = any(0, 9) == 0 ? 2 : 1};
  w.kernel_height = any(0, 1) ? any_of(1, 3) : any(1, largest_kernel);
  w.kernel_width = any(0, 1) ? w.kernel_height : any(1, largest_kernel);
  w.stride_height = any_of(1, 1, 1, 2, 3);
  w.stride_width = any(0, 3) ? w.stride_height : any(1, 3);
  w.dilation_height = any(0, 5) ? 1 : any(1, 3);
  w.dilation_width = any(0, 5) ? 1 : any(1, 3);
  w.padding_top = any(0, 1) ? 0 : any(0, w.kernel_height - 1);
  w.padding_left = any(0, 1) ? 0 : any(0, w.kernel_width - 1);
  w.output_height = any(1, 6);
  w.output_width = any(0, 3) ? any(1, 12) : any(1, 60);
  if (any(0, 7) == 0) {
    // A signal: one column.
    w.kernel_width = w.stride_width = w.dilation_width = w.output_width = 1;
    w.padding_left = 0;
    w.output_height = any(1, 40);
    w.kernel_height = any(1, 17);
    w.padding_top = any(0, w.kernel_height - 1);
  }
  // Windows may end outside on the other side, too.
  const int32_t height = (w.output_height - 1) * w.stride_height +
    (w.kernel_height - 1) * w.dilation_height + 1 - w.padding_top - any(0, w.kernel_height / 2);
  const int32_t width = (w.output_width - 1) * w.stride_width +
    (w.kernel_width - 1) * w.dilation_width + 1 - w.padding_left - any(0, w.kernel_width / 2);
  w.input_height = swl_max(height, 1);
  w.input_width = swl_max(width, 1);
  w.input_depth = any(0, 2) ? any(1, 20) : any_of(8, 16, 32, 48, 64, any(1, largest_depth));
  w.depth_multiplier = 1;
  w.group_depth = w.input_depth;
  return w;
}

// The commonest depthwise convolutions: 3 × 3 taps, stride 1 or 2, outputs wherever a window touches the
// input, and a clamp at zero alone. They have kernels of their own.
static void make_usual(swl_window *w, swl_activation *activation) {
  w->kernel_height = w->kernel_width = 3;
  w->stride_height = w->stride_width = any(1, 2);
  w->dilation_height = w->dilation_width = 1;
  w->padding_top = any(0, 2), w->padding_left = any(0, 2);
  w->input_height = any(1, 9), w->input_width = any(1, 20);
  const int32_t height = w->input_height + w->padding_top, width = w->input_width + w->padding_left;
  w->output_height = swl_max((height - any(0, 2) + w->stride_height - 1) / w->stride_height, 1);
  w->output_width = swl_max((width - any(0, 2) + w->stride_width - 1) / w->stride_width, 1);
  w->input_depth = w->group_depth = any(1, 10) * any_of(1, 8, 8, 8);
  activation->output_zero_point = activation->minimum = -128;
  activation->maximum = 127;
}

// Convolutions of 3 × 3 windows that move by one, with blocks of channels on both sides: they have a
// kernel of their own too.
static void make_square(swl_window *w) {
  w->kernel_height = w->kernel_width = 3;
  w->stride_height = w->stride_width = w->dilation_height = w->dilation_width = 1;
  w->padding_top = any(0, 3), w->padding_left = any(0, 3);
  w->output_height = any(2, 12), w->output_width = any(2, 20);
  w->input_height = swl_max(w->output_height + 2 - w->padding_top - any(0, 2), 1);
  w->input_width = swl_max(w->output_width + 2 - w->padding_left - any(0, 2), 1);
  w->input_depth = w->group_depth = any(1, 4) * any_of(16, 16, 16, 8);
  w->output_depth = any(1, 3) * any_of(16, 16, 16, 8);
}

static void describe(const swl_window *w) {
  snprintf(
    description, sizeof description,
    "%dx%dx%dx%d to %dx%dx%d kernel %dx%d stride %dx%d dilation %dx%d padding %dx%d", w->batches,
    w->input_height, w->input_width, w->input_depth, w->output_height, w->output_width,
    w->output_depth, w->kernel_height, w->kernel_width, w->stride_height, w->stride_width,
    w->dilation_height, w->dilation_width, w->padding_top, w->padding_left);
}

// The input a tap reads, or NULL outside.
static const int8_t *pixel(
  const swl_window *w, const int8_t *input, int32_t batch, int32_t y, int32_t x, int32_t kernel_y,
  int32_t kernel_x
) {
  const int32_t row = y * w->stride_height - w->padding_top + kernel_y * w->dilation_height;
  const int32_t column = x * w->stride_width - w->padding_left + kernel_x * w->dilation_width;
  if (row < 0 || row >= w->input_height || column < 0 || column >= w->input_width) return NULL;
  return input +
    (((int64_t)batch * w->input_height + row) * w->input_width + column) * w->input_depth;
}

#define FOR_EACH_OUTPUT(w)                                   \
  for (int32_t batch = 0; batch < (w)->batches; batch++)     \
    for (int32_t y = 0; y < (w)->output_height; y++)         \
      for (int32_t x = 0; x < (w)->output_width; x++)        \
        for (int32_t k = 0; k < (w)->output_depth; k++)

#define FOR_EACH_TAP(w)                                                  \
  for (int32_t kernel_y = 0; kernel_y < (w)->kernel_height; kernel_y++)  \
    for (int32_t kernel_x = 0; kernel_x < (w)->kernel_width; kernel_x++)

static int64_t output_count(const swl_window *w) {
  return (int64_t)w->batches * w->output_height * w->output_width * w->output_depth;
}

static int64_t input_count(const swl_window *w) {
  return (int64_t)w->batches * w->input_height * w->input_width * w->input_depth;
}

static bool prepare_convolution(swl_call *call, swl_isa isa) {
  return swl_prepare_convolution((swl_convolution *)call, isa);
}

static bool prepare_depthwise(swl_call *call, swl_isa isa) {
  return swl_prepare_depthwise((swl_depthwise *)call, isa);
}

// Random weights where a channel exists and zero elsewhere; mostly none of −128, which some kernels
// leave to the reference.
// Small weights, of which many products add up in 16 bits, are a way of their own.
static int8_t random_weight(int32_t kind) {
  const int32_t most = kind == 2 ? 63 : kind == 3 ? 31 : kind == 4 ? 3 : 127;
  return (int8_t)(kind == 0 ? any_of(-128, 127)
                  : kind % 2 == 1 ? any_of(-most, most) : any(-most, most));
}

void check_convolution(void) {
  swl_convolution call = {.window = random_window(5, 150), .activation = random_activation()};
  swl_window *w = &call.window;
  w->output_depth = any(0, 1) ? any(1, 40) : any_of(4, 8, 16, 24, 32, 64);
  if (any(0, 3) == 0) make_square(w);
  describe(w);
  const bool is_row = w->dilation_width == 1;
  const int32_t runs = is_row ? w->kernel_height : w->kernel_height * w->kernel_width;
  const int32_t run_length = is_row ? w->kernel_width * w->input_depth : w->input_depth;
  const int64_t block_bytes = (int64_t)runs * ((run_length + 3) / 4) * 64;
  const int64_t weight_bytes = (w->output_depth + 15) / 16 * block_bytes;
  int8_t *weights = guarded(weight_bytes, 1);
  memset(weights, 0, (size_t)weight_bytes);
  int8_t *const input = random_bytes(input_count(w));
  const int32_t *channels = random_channels(w->output_depth, run_length * runs);
  int8_t *const expected = guarded(output_count(w), 1);
  const int32_t kind = any(0, 9);
#define WEIGHT(k, run, index)                                                          \
  weights[(k) / 16 * block_bytes + ((run) * ((run_length + 3) / 4) + (index) / 4) * 64 + \
          (k) % 16 * 4 + (index) % 4]
  for (int32_t k = 0; k < w->output_depth; k++)
    for (int32_t run = 0; run < runs; run++)
      for (int32_t index = 0; index < run_length; index++)
        WEIGHT(k, run, index) = random_weight(kind);
  int64_t place = 0;
  FOR_EACH_OUTPUT(w) {
    uint32_t sum = (uint32_t)channels[swl_channel_place(k)];
    FOR_EACH_TAP(w) {
      const int8_t *inputs = pixel(w, input, batch, y, x, kernel_y, kernel_x);
      for (int32_t c = 0; c < w->input_depth; c++) {
        const int32_t run = is_row ? kernel_y : kernel_y * w->kernel_width + kernel_x;
        const int32_t index = is_row ? kernel_x * w->input_depth + c : c;
        const int32_t value = inputs ? inputs[c] : call.activation.input_zero_point;
        sum += (uint32_t)(value * WEIGHT(k, run, index));
      }
    }
    expected[place++] = reference_output((int32_t)sum, channels, k, &call.activation);
  }
  call.input = input, call.weights = weights, call.channels = channels;
  call.output = guarded(output_count(w), 1);
  compare(
    SWL_OPERATION_convolution, &call.header, prepare_convolution, call.output, expected,
    output_count(w), description);
  release_all();
}

void check_depthwise(void) {
  swl_depthwise call = {.window = random_window(7, 100), .activation = random_activation()};
  swl_window *w = &call.window;
  if (any(0, 2) == 0) make_usual(w, &call.activation);
  w->output_depth = w->input_depth;
  describe(w);
  const int32_t taps = w->kernel_height * w->kernel_width;
  const int64_t weight_bytes = (int64_t)((w->output_depth + 15) / 16) * taps * 16;
  int8_t *weights = guarded(weight_bytes, 1);
  memset(weights, 0, (size_t)weight_bytes);
  int8_t *const input = random_bytes(input_count(w));
  const int32_t *channels = random_channels(w->output_depth, taps);
  int8_t *const expected = guarded(output_count(w), 1);
  const int32_t kind = any(0, 9);
  for (int32_t k = 0; k < w->output_depth; k++)
    for (int32_t tap = 0; tap < taps; tap++)
      weights[(k / 16 * taps + tap) * 16 + k % 16] = random_weight(kind);
  int64_t place = 0;
  FOR_EACH_OUTPUT(w) {
    uint32_t sum = (uint32_t)channels[swl_channel_place(k)];
    FOR_EACH_TAP(w) {
      const int8_t *inputs = pixel(w, input, batch, y, x, kernel_y, kernel_x);
      const int32_t tap = kernel_y * w->kernel_width + kernel_x;
      const int32_t value = inputs ? inputs[k] : call.activation.input_zero_point;
      sum += (uint32_t)(value * weights[(k / 16 * taps + tap) * 16 + k % 16]);
    }
    expected[place++] = reference_output((int32_t)sum, channels, k, &call.activation);
  }
  call.input = input, call.weights = weights, call.channels = channels;
  call.output = guarded(output_count(w), 1);
  compare(
    SWL_OPERATION_depthwise, &call.header, prepare_depthwise, call.output, expected,
    output_count(w), description);
  release_all();
}

static bool prepare_average(swl_call *call, swl_isa isa) {
  return swl_prepare_average_pool((swl_average_pool *)call, isa);
}

static bool prepare_max(swl_call *call, swl_isa isa) {
  return swl_prepare_max_pool((swl_max_pool *)call, isa);
}

void check_pools(void) {
  swl_pool call = {.window = random_window(9, 100), .activation = random_activation()};
  swl_window *w = &call.window;
  w->dilation_height = w->dilation_width = 1;
  w->output_depth = w->input_depth;
  describe(w);
  const int8_t *input = call.input = random_bytes(input_count(w));
  int8_t *const average = guarded(output_count(w), 1), *const largest = guarded(output_count(w), 1);
  int64_t place = 0;
  FOR_EACH_OUTPUT(w) {
    int32_t sum = 0, count = 0, maximum = -128;
    FOR_EACH_TAP(w) {
      const int8_t *inputs = pixel(w, input, batch, y, x, kernel_y, kernel_x);
      if (!inputs) continue;
      sum += inputs[k], count++;
      maximum = swl_max(maximum, inputs[k]);
    }
    const int32_t mean = count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    average[place] = swl_clamp(mean, call.activation.minimum, call.activation.maximum);
    largest[place++] = swl_clamp(maximum, call.activation.minimum, call.activation.maximum);
  }
  call.output = guarded(output_count(w), 1);
  compare(
    SWL_OPERATION_average_pool, &call.header, prepare_average, call.output, average,
    output_count(w), description);
  compare(
    SWL_OPERATION_max_pool, &call.header, prepare_max, call.output, largest, output_count(w),
    description);
  release_all();
}
