// The walk of a depthwise convolution, the same for every instruction set. Included by a kernel
// file after it has defined, for itself,
//
//   SWL_TARGET                           the attribute of its functions
//   SWL_LANES                            channels of a chunk: what one step of the kernel computes
//   swl_chunk                            a type: the constants of a chunk
//   swl_copy_row, swl_fill_row           as in convolution_driver.h
//   swl_load_chunk(call, lanes, chunk)   works the constants out
//   swl_convolve_rows(chunk, pass)       computes one or two output rows of a chunk
//
// The channels are worked through in chunks. Where a whole number of pixels fills a chunk and pixels
// are neighbours in the input, a chunk is several pixels with all their channels.
//
// Rows of the input, the chunk's channels only, are copied to scratch memory, with the zero point
// where the window leaves the input. Columns of a strided window are sorted by their remainder, so
// that the inputs of neighbouring outputs are neighbours too.
#ifndef SWL_DEPTHWISE_DRIVER_H
#define SWL_DEPTHWISE_DRIVER_H

#include "rows.h"

// The part of the work that has the same weights.
typedef struct {
  int32_t first_channel;
  int32_t channels;  // of one pixel
  int32_t lanes;     // outputs of one step: `channels`, or a multiple of it
} swl_lanes;

// One or two rows of output.
typedef struct {
  // Rows of scratch memory, `4 × ceil(kernel height / 4)` of them, or one more kernel row where two
  // rows of output are computed. What lies past the window has no meaning.
  const uint8_t *rows[SWL_LARGEST_WINDOW + 4];
  const int32_t *tap_offsets;  // bytes from a position's first input to those of a window column
  int32_t row_count;           // of output
  int32_t steps;
  int32_t last_lanes;          // outputs of the last step; the others have `lanes`
  ptrdiff_t input_step, output_step;
  int8_t *output[2];
} swl_pass;

#endif

SWL_TARGET static void swl_load_chunk(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk);
SWL_TARGET static void swl_convolve_rows(const swl_chunk *chunk, const swl_pass *pass);

// Copies `columns` columns, `stride` columns apart, of a row.
SWL_TARGET static void swl_copy_columns(
  const swl_depthwise *call, const swl_lanes *lanes, uint8_t *target, const int8_t *source,
  int64_t columns, int64_t stride
) {
  const int32_t depth = call->window.input_depth, channels = lanes->channels;
  const int32_t multiplier = call->window.depth_multiplier;
  if (multiplier > 1) {
    // One input channel is repeated for all its output channels.
    for (int64_t column = 0; column < columns; column++, target += channels) {
      int8_t repeated[SWL_LANES];
      for (int32_t lane = 0; lane < channels; lane++) {
        repeated[lane] = source[column * stride * depth + (lanes->first_channel + lane) / multiplier];
      }
      swl_copy_row(target, repeated, channels);
    }
  } else if (stride == 1 && channels == depth) {
    swl_copy_row(target, source, columns * channels);
  } else {
    source += lanes->first_channel;
    for (int64_t column = 0; column < columns; column++, target += channels) {
      swl_copy_row(target, source + column * stride * depth, channels);
    }
  }
}

// One row of the input in scratch memory: columns `first` and on, `columns` of them, sorted by their
// remainder divided by the stride; `phase_bytes` for each remainder.
SWL_TARGET static void swl_load_lanes(
  const swl_depthwise *call, const swl_lanes *lanes, uint8_t *target, const int8_t *row,
  int64_t first, int64_t columns, int64_t phase_bytes
) {
  const swl_window *window = &call->window;
  const int64_t stride = window->stride_width;
  const int64_t channels = lanes->channels;
  const int8_t zero = (int8_t)call->activation.input_zero_point;
  for (int64_t phase = 0; phase < stride && phase < columns; phase++, target += phase_bytes) {
    const int64_t count = (columns - phase + stride - 1) / stride;
    const int64_t start = first + phase;
    // Columns of this phase left of the input, and those before its right end.
    int64_t left = start < 0 ? (-start + stride - 1) / stride : 0;
    if (left > count) left = count;
    int64_t end =
      start < window->input_width ? (window->input_width - start + stride - 1) / stride : 0;
    if (end > count) end = count;
    if (end < left) end = left;
    if (left > 0) swl_fill_row(target, zero, left * channels);
    if (end > left) {
      swl_copy_columns(
        call, lanes, target + left * channels, row + (start + left * stride) * window->input_depth,
        end - left, stride);
    }
    if (count > end) swl_fill_row(target + end * channels, zero, (count - end) * channels);
  }
}

// All output rows of one strip of output columns of one image.
SWL_TARGET static void swl_convolve_strip(
  const swl_depthwise *call, const swl_lanes *lanes, const swl_chunk *chunk, const int8_t *image,
  int8_t *output, int64_t column, int64_t columns_out, int32_t rows_at_once
) {
  const swl_window *window = &call->window;
  _Alignas(64) uint8_t scratch[SWL_SCRATCH_BYTES];
  int64_t held[SWL_LARGEST_WINDOW + 1];  // the input row in each slot
  int32_t tap_offsets[SWL_LARGEST_WINDOW];

  const int32_t kernel_height = window->kernel_height;
  const int32_t slots = kernel_height + rows_at_once - 1;
  const int64_t stride = window->stride_width, channels = lanes->channels;
  const int64_t first = column * stride - window->padding_left;
  const int64_t columns = (columns_out - 1) * stride + swl_reach(window);
  const int64_t phase_bytes = (columns + stride - 1) / stride * channels;
  const int64_t slot_bytes = swl_slot_bytes(phase_bytes * (stride < columns ? stride : columns));
  for (int32_t tap = 0; tap < window->kernel_width; tap++) {
    const int64_t place = (int64_t)tap * window->dilation_width;
    tap_offsets[tap] = (int32_t)(place % stride * phase_bytes + place / stride * channels);
  }
  for (int32_t slot = 0; slot < slots; slot++) held[slot] = -1;
  uint8_t *const outside = scratch + slots * slot_bytes;
  swl_fill_row(outside, (int8_t)call->activation.input_zero_point, slot_bytes - SWL_ROW_SLACK);

  const bool is_flat = lanes->lanes != lanes->channels;
  const int64_t outputs = columns_out * channels;
  swl_pass pass = {.tap_offsets = tap_offsets};
  pass.steps = (int32_t)(is_flat ? (outputs + lanes->lanes - 1) / lanes->lanes : columns_out);
  pass.last_lanes =
    is_flat ? (int32_t)(outputs - (int64_t)(pass.steps - 1) * lanes->lanes) : lanes->lanes;
  pass.input_step = is_flat ? lanes->lanes : channels;
  pass.output_step = is_flat ? lanes->lanes : window->output_depth;
  for (int32_t row = 0; row < kernel_height + 4; row++) pass.rows[row] = outside;

  const int64_t row_bytes = (int64_t)window->input_width * window->input_depth;
  const int64_t output_row_bytes = (int64_t)window->output_width * window->output_depth;
  output += column * window->output_depth + lanes->first_channel;
  for (int32_t y = 0; y < window->output_height; y += pass.row_count) {
    pass.row_count = swl_min(rows_at_once, window->output_height - y);
    const int64_t top = (int64_t)y * window->stride_height - window->padding_top;
    for (int32_t kernel_row = 0; kernel_row < kernel_height + pass.row_count - 1; kernel_row++) {
      const int64_t row = top + (int64_t)kernel_row * window->dilation_height;
      pass.rows[kernel_row] = outside;
      if (row < 0 || row >= window->input_height) continue;
      // Neighbouring rows are in different slots as long as rows are not skipped.
      const int64_t slot = window->dilation_height == 1 ? row % slots : kernel_row;
      uint8_t *place = scratch + slot * slot_bytes;
      pass.rows[kernel_row] = place;
      if (held[slot] == row) continue;
      held[slot] = row;
      swl_load_lanes(call, lanes, place, image + row * row_bytes, first, columns, phase_bytes);
    }
    pass.output[0] = output + y * output_row_bytes;
    pass.output[1] = pass.output[0] + output_row_bytes;
    swl_convolve_rows(chunk, &pass);
  }
}

SWL_TARGET static void swl_convolve_depthwise(const swl_depthwise *call) {
  const swl_window *window = &call->window;
  const int32_t depth = window->output_depth;
  // Rows of a window one row further down share all inputs but one row, and the last of a group of
  // four taps is often free.
  const int32_t rows_at_once =
    window->stride_height == 1 && window->dilation_height == 1 && window->kernel_height % 4 != 0
      ? 2 : 1;
  swl_chunk chunk;
  for (int32_t channel = 0; channel < depth; channel += SWL_LANES) {
    swl_lanes lanes = {.first_channel = channel, .channels = swl_min(SWL_LANES, depth - channel)};
    lanes.lanes = depth < SWL_LANES && SWL_LANES % depth == 0 ? SWL_LANES : lanes.channels;
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
