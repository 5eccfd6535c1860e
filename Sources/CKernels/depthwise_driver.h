// The walk of a depthwise convolution, the same for every instruction set. Included by a kernel
// file after it has defined, for itself,
//
//   SWL_TARGET                           the attribute of its functions
//   SWL_LANES                            channels of a chunk: what one step of the kernel computes
//   swl_chunk                            a type: the constants of a chunk
//   swl_copy_row, swl_fill_row           as in convolution_driver.h
//   swl_copy_columns(target, source, channels, pitch, count)
//                                        copies `channels` bytes of every column, `pitch` apart
//
// and defines after it
//
//   swl_load_chunk(call, lanes, chunk)   works the constants out
//   swl_convolve_rows(chunk, pass)       computes one or two output rows of a chunk
//
// The channels are worked through in chunks. Where a whole number of pixels fills a chunk, a chunk
// is several pixels with all their channels.
//
// Rows of the input, the chunk's channels only, are copied to scratch memory, with the zero point
// where the window leaves the input. Columns of a strided window are sorted by their remainder, so
// that the inputs of neighbouring outputs are neighbours too.
//
// A kernel multiplies four rows of a window column at a time. A window of a single row is laid out
// as a single column instead: its elements become the rows.
#ifndef SWL_DEPTHWISE_DRIVER_H
#define SWL_DEPTHWISE_DRIVER_H

#include "rows.h"

// The part of the work that has the same weights.
typedef struct {
  int32_t first_channel;
  int32_t channels;     // of one pixel
  int32_t lanes;        // outputs of one step: `channels`, or a multiple of it
  int32_t tap_rows;     // window elements of a column, in the order of `swl_pass.rows`
  int32_t tap_columns;  // columns of window elements
  int32_t rows_at_once;  // of output, at most
} swl_lanes;

// One or two rows of output.
typedef struct {
  // The input of every tap row, `4 × ceil(tap rows / 4)` of them. Two rows of output use one more tap
  // row. Those past the window have no meaning.
  const uint8_t *rows[SWL_LARGEST_WINDOW + 4];
  const int32_t *tap_offsets;  // bytes from a step's first input to those of a window column
  int32_t row_count;           // of output
  int32_t steps;
  int32_t last_lanes;          // outputs of the last step; the others have `lanes`
  ptrdiff_t input_step, output_step;
  int8_t *output[2];
} swl_pass;

// The columns of a strip with one remainder: bytes of zero points, of the input, of zero points again.
typedef struct {
  ptrdiff_t place;  // in a slot
  ptrdiff_t left, right;
  int32_t columns;
  ptrdiff_t first;  // from the start of an input row
} swl_phase;

#endif

SWL_TARGET static void swl_load_chunk(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk);
SWL_TARGET static void swl_convolve_rows(const swl_chunk *chunk, const swl_pass *pass);

// value / divisor, rounded up; most strides are 1.
SWL_INLINE int64_t swl_divided(int64_t value, int64_t divisor) {
  return divisor == 1 ? value : (value + divisor - 1) / divisor;
}

// How the columns of a strip are laid out in a slot. Returns the bytes they take.
SWL_TARGET static ptrdiff_t swl_sort_columns(
  const swl_window *window, int32_t channels, int64_t first, int64_t columns, swl_phase *phases
) {
  const int64_t stride = window->stride_width, width = window->input_width;
  const int64_t room = swl_divided(columns, stride) * channels;
  int64_t phase = 0;
  for (; phase < stride && phase < columns; phase++) {
    const int64_t count = swl_divided(columns - phase, stride);
    const int64_t start = first + phase;
    // Columns of this phase left of the input, and those before its right end.
    int64_t left = start < 0 ? swl_divided(-start, stride) : 0;
    int64_t end = start < width ? swl_divided(width - start, stride) : 0;
    if (left > count) left = count;
    if (end > count) end = count;
    if (end < left) end = left;
    phases[phase] = (swl_phase){
      .place = phase * room, .left = left * channels, .right = (count - end) * channels,
      .columns = (int32_t)(end - left), .first = (start + left * stride) * window->input_depth};
  }
  return phase * room;
}

// One row of the input to a slot.
SWL_TARGET static void swl_load_lanes(
  const swl_depthwise *call, const swl_lanes *lanes, const swl_phase *phases, int64_t phase_count,
  const int8_t *row, uint8_t *slot
) {
  const swl_window *window = &call->window;
  const int32_t depth = window->input_depth, channels = lanes->channels;
  const int32_t multiplier = window->depth_multiplier;
  const ptrdiff_t pitch = (ptrdiff_t)window->stride_width * depth;
  const int8_t zero = (int8_t)call->activation.input_zero_point;
  for (int64_t index = 0; index < phase_count; index++) {
    const swl_phase *phase = &phases[index];
    uint8_t *target = slot + phase->place;
    const int8_t *source = row + phase->first;
    if (phase->left > 0) swl_fill_row(target, zero, phase->left);
    target += phase->left;
    if (multiplier > 1) {
      // One input channel is repeated for all its output channels.
      for (int32_t column = 0; column < phase->columns; column++, source += pitch) {
        int8_t repeated[SWL_LANES];
        for (int32_t lane = 0; lane < channels; lane++) {
          repeated[lane] = source[(lanes->first_channel + lane) / multiplier];
        }
        swl_copy_row(target, repeated, channels);
        target += channels;
      }
    } else if (pitch == channels) {
      swl_copy_row(target, source, (ptrdiff_t)phase->columns * channels);
      target += (ptrdiff_t)phase->columns * channels;
    } else {
      swl_copy_columns(target, source + lanes->first_channel, channels, pitch, phase->columns);
      target += (ptrdiff_t)phase->columns * channels;
    }
    if (phase->right > 0) swl_fill_row(target, zero, phase->right);
  }
}

// All output rows of one strip of output columns of one image.
SWL_TARGET static void swl_convolve_strip(
  const swl_depthwise *call, const swl_lanes *lanes, const swl_chunk *chunk, const int8_t *image,
  int8_t *output, int64_t column, int64_t columns_out, int32_t rows_at_once
) {
  const swl_window *window = &call->window;
  _Alignas(64) uint8_t scratch[SWL_SCRATCH_BYTES];
  int32_t held[SWL_LARGEST_WINDOW + 1];  // the input row in each slot
  int32_t tap_offsets[SWL_LARGEST_WINDOW];
  swl_phase phases[SWL_LARGEST_STRIDE];

  const int32_t kernel_height = window->kernel_height, kernel_width = window->kernel_width;
  const int32_t slots = kernel_height + rows_at_once - 1;
  const int64_t stride = window->stride_width, channels = lanes->channels;
  const int64_t first = column * stride - window->padding_left;
  const int64_t columns = (columns_out - 1) * stride + swl_reach(window);
  const int64_t phase_count = stride < columns ? stride : columns;
  const ptrdiff_t row_room = swl_sort_columns(window, lanes->channels, first, columns, phases);
  const ptrdiff_t slot_bytes = swl_slot_bytes(row_room);
  for (int32_t tap = 0; tap < kernel_width; tap++) {
    const int64_t place = (int64_t)tap * window->dilation_width;
    const int64_t quotient = stride == 1 ? place : place / stride;
    tap_offsets[tap] =
      (int32_t)(phases[place - quotient * stride].place + quotient * channels);
  }
  for (int32_t slot = 0; slot < slots; slot++) held[slot] = -1;
  uint8_t *const outside = scratch + slots * slot_bytes;
  const int64_t bottom = (int64_t)(window->output_height - 1) * window->stride_height +
                         (int64_t)(kernel_height - 1) * window->dilation_height -
                         window->padding_top;
  if (window->padding_top > 0 || bottom >= window->input_height) {
    swl_fill_row(outside, (int8_t)call->activation.input_zero_point, row_room);
  }

  static const int32_t no_offset = 0;
  const bool is_single_column = lanes->tap_rows != kernel_height;
  const bool is_flat = lanes->lanes != lanes->channels;
  const int64_t outputs = columns_out * channels;
  swl_pass pass;
  pass.tap_offsets = is_single_column ? &no_offset : tap_offsets;
  pass.steps = (int32_t)(is_flat ? (outputs + lanes->lanes - 1) / lanes->lanes : columns_out);
  pass.last_lanes =
    is_flat ? (int32_t)(outputs - (int64_t)(pass.steps - 1) * lanes->lanes) : lanes->lanes;
  pass.input_step = is_flat ? lanes->lanes : channels;
  pass.output_step = is_flat ? lanes->lanes : window->output_depth;
  for (int32_t row = 0; row < lanes->tap_rows + 4; row++) pass.rows[row] = outside;

  const int64_t row_bytes = (int64_t)window->input_width * window->input_depth;
  const int64_t output_row_bytes = (int64_t)window->output_width * window->output_depth;
  output += column * window->output_depth + lanes->first_channel;
  for (int32_t y = 0; y < window->output_height; y += pass.row_count) {
    pass.row_count = swl_min(rows_at_once, window->output_height - y);
    const int32_t top = y * window->stride_height - window->padding_top;
    int32_t next_slot = swl_slot_of(top, slots);
    for (int32_t kernel_row = 0; kernel_row < kernel_height + pass.row_count - 1; kernel_row++) {
      const int32_t row = top + kernel_row * window->dilation_height;
      // Neighbouring rows are in different slots as long as rows are not skipped.
      const int32_t slot = window->dilation_height == 1 ? next_slot : kernel_row;
      next_slot = next_slot + 1 < slots ? next_slot + 1 : 0;
      const uint8_t *place = outside;
      if (row >= 0 && row < window->input_height) {
        uint8_t *loaded = scratch + slot * slot_bytes;
        if (held[slot] != row) {
          held[slot] = row;
          swl_load_lanes(call, lanes, phases, phase_count, image + row * row_bytes, loaded);
        }
        place = loaded;
      }
      if (is_single_column) {
        for (int32_t tap = 0; tap < kernel_width; tap++) pass.rows[tap] = place + tap_offsets[tap];
      } else {
        pass.rows[kernel_row] = place;
      }
    }
    pass.output[0] = output + y * output_row_bytes;
    pass.output[1] = pass.output[0] + output_row_bytes;
    swl_convolve_rows(chunk, &pass);
  }
}

SWL_TARGET static void swl_convolve_depthwise(const swl_depthwise *original) {
  swl_depthwise copy = *original;
  const swl_depthwise *call = &copy;
  copy.window = swl_lie_down(original->window);
  const swl_window *window = &call->window;
  const int32_t depth = window->output_depth;
  // Rows of a window one row further down share all inputs but one row, and the last of a group of
  // four taps is often free.
  const bool shares_rows = window->stride_height == 1 && window->dilation_height == 1 &&
                           window->kernel_height % 4 != 0 && window->kernel_height > 1;
  const int32_t rows_at_once = shares_rows ? 2 : 1;
  swl_chunk chunk;
  for (int32_t channel = 0; channel < depth; channel += SWL_LANES) {
    const int32_t channels = swl_min(SWL_LANES, depth - channel);
    const bool is_flat = depth < SWL_LANES && SWL_LANES % depth == 0;
    const bool is_row = window->kernel_height == 1;
    const swl_lanes lanes = {
      .first_channel = channel, .channels = channels, .lanes = is_flat ? SWL_LANES : channels,
      .tap_rows = is_row ? window->kernel_width : window->kernel_height,
      .tap_columns = is_row ? 1 : window->kernel_width, .rows_at_once = rows_at_once};
    swl_load_chunk(call, &lanes, &chunk);
    const int64_t strip = swl_depthwise_strip(window, lanes.channels, rows_at_once);
    const int8_t *image = call->input;
    int8_t *output = call->output;
    for (int32_t batch = 0; batch < window->batches; batch++) {
      for (int64_t column = 0; column < window->output_width; column += strip) {
        const int64_t here =
          window->output_width - column < strip ? window->output_width - column : strip;
        swl_convolve_strip(call, &lanes, &chunk, image, output, column, here, rows_at_once);
      }
      image += (int64_t)window->input_height * window->input_width * window->input_depth;
      output += (int64_t)window->output_height * window->output_width * depth;
    }
  }
}
