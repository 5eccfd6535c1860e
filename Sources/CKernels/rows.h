// Rows of an image in scratch memory: how large they are, and how many columns fit.
//
// A window kernel keeps the input rows it needs in slots of scratch memory on the stack, one slot a
// row, and works through strips of output columns that are narrow enough.
#ifndef SWL_ROWS_H
#define SWL_ROWS_H

#include "internal.h"

enum {
  SWL_SCRATCH_BYTES = 16 * 1024,  // of rows or pixels
  SWL_ROW_SLACK = 64,             // bytes behind a row that copies may write and kernels may read
  SWL_LARGEST_WINDOW = 256,       // elements of a window
  SWL_LARGEST_STRIDE = 8,         // along the width of a depthwise convolution
  SWL_LARGEST_COLUMN_COUNT = 32,  // of four elements, in a window of a depthwise convolution
};

// Input columns that one output column needs.
SWL_INLINE int64_t swl_reach(const swl_window *window) {
  return (int64_t)(window->kernel_width - 1) * window->dilation_width + 1;
}

// The slot of row `row`, which may lie above the image; the rows below it follow in the next slots.
SWL_INLINE int32_t swl_slot_of(int32_t row, int32_t slots) {
  const int32_t remainder = row % slots;
  return remainder < 0 ? remainder + slots : remainder;
}

// Bytes of a slot for rows of `bytes` bytes.
SWL_INLINE int64_t swl_slot_bytes(int64_t bytes) {
  return (bytes + SWL_ROW_SLACK + 63) / 64 * 64;
}

// The output columns of a strip so that `slots` rows of its input, `spare` columns longer, fit into
// scratch memory; 0 where not even one column does.
SWL_INLINE int64_t swl_strip_columns(
  const swl_window *window, int64_t slots, int64_t column_bytes, int64_t spare
) {
  const int64_t room = SWL_SCRATCH_BYTES / slots / 64 * 64 - SWL_ROW_SLACK;
  const int64_t columns = room / column_bytes - spare;
  if (room <= 0 || columns < swl_reach(window)) return 0;
  const int64_t strip = (columns - swl_reach(window)) / window->stride_width + 1;
  return strip < window->output_width ? strip : window->output_width;
}

// For a convolution: its kernel's rows and one of zero points.
SWL_INLINE int64_t swl_convolution_strip(const swl_window *window) {
  return swl_strip_columns(window, window->kernel_height + 1, window->input_depth, 0);
}

// For `channels` channels of a depthwise convolution, columns sorted by their remainder.
SWL_INLINE int64_t swl_depthwise_strip(
  const swl_window *window, int64_t channels, int64_t rows_at_once
) {
  return swl_strip_columns(
    window, window->kernel_height + rows_at_once, channels, window->stride_width - 1);
}

// A column of pixels is a row of them.
SWL_INLINE swl_window swl_lie_down(swl_window window) {
  if (window.input_width != 1 || window.output_width != 1 || window.kernel_width != 1 ||
      window.padding_left != 0) {
    return window;
  }
  const swl_window upright = window;
  window.input_width = upright.input_height;
  window.output_width = upright.output_height;
  window.kernel_width = upright.kernel_height;
  window.stride_width = upright.stride_height;
  window.dilation_width = upright.dilation_height;
  window.padding_left = upright.padding_top;
  window.input_height = window.output_height = window.kernel_height = 1;
  window.stride_height = window.dilation_height = 1;
  window.padding_top = 0;
  return window;
}

// Output pixels at equal distances, and where their inputs are.
typedef struct {
  const uint8_t *input;        // of the first pixel
  ptrdiff_t input_stride;      // bytes from pixel to pixel
  const int32_t *run_offsets;  // bytes from a pixel's input to its runs
  int32_t run_count;
  int32_t groups;              // of four inputs in a run
  int32_t count;               // pixels
  const int8_t *weights;       // instead of the call's, or NULL
  int8_t *output;              // of the first pixel; the next is `output_depth` bytes on
} swl_pixels;

#endif
