// The walk of a convolution, the same for every instruction set. Included by a kernel file after it
// has defined, for itself,
//
//   SWL_TARGET                           the attribute of its functions
//   swl_copy_row(target, source, count)  copies activations into scratch memory
//   swl_fill_row(target, value, count)   fills scratch memory with an activation
//   swl_convolve(call, pixels)           computes all channels of some output pixels
//   SWL_GATHERS                          1 where short runs are better put side by side first
//
// Rows of the input are copied to scratch memory as `swl_convolve` wants them, with the zero point
// where the window leaves the input. So it never sees a border, and it may read past the end of a
// run, where the weights are zero. The copy is small beside the products: each input row is copied
// once for each strip of output columns it serves.
#include "rows.h"

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels);

// A window of one element without padding: the image is a list of pixels.
SWL_TARGET static void swl_convolve_pointwise(const swl_convolution *call) {
  const swl_window *window = &call->window;
  _Alignas(64) uint8_t panel[SWL_SCRATCH_BYTES + SWL_ROW_SLACK];
  const int32_t depth = window->input_depth;
  const int32_t run_offset = 0;
  const int32_t largest = SWL_SCRATCH_BYTES / depth;
  const int64_t count =
    (int64_t)window->batches * window->output_height * window->output_width;
  for (int64_t first = 0; first < count; first += largest) {
    const int32_t here = count - first < largest ? (int32_t)(count - first) : largest;
    swl_copy_row(panel, call->input + first * depth, (ptrdiff_t)here * depth);
    swl_convolve(call, &(swl_pixels){
      .input = panel, .input_stride = depth, .run_offsets = &run_offset, .run_count = 1,
      .groups = (depth + 3) / 4, .count = here,
      .output = call->output + first * window->output_depth});
  }
}

// The columns of a strip: zero points, columns of the input, zero points again; in bytes.
typedef struct {
  ptrdiff_t left, inside, right;
  ptrdiff_t start;  // from the start of a row of the input
} swl_columns;

SWL_INLINE swl_columns swl_columns_of(const swl_window *window, int64_t first, int64_t columns) {
  const int64_t depth = window->input_depth, width = window->input_width;
  const int64_t left = first < 0 ? (-first < columns ? -first : columns) : 0;
  const int64_t end = width - first < columns ? width - first : columns;
  const int64_t inside = end > left ? end - left : 0;
  return (swl_columns){
    .left = left * depth, .inside = inside * depth, .right = (columns - left - inside) * depth,
    .start = (first + left) * depth};
}

// One row of the input, in a slot whose left end has its zero points.
SWL_TARGET static void swl_load_row(
  const swl_columns *columns, int8_t zero, const int8_t *row, uint8_t *slot
) {
  slot += columns->left;
  if (columns->inside > 0) swl_copy_row(slot, row + columns->start, columns->inside);
  if (columns->right > 0) swl_fill_row(slot + columns->inside, zero, columns->right);
}

// The largest number of groups in a run that is gathered, and the fewest channels it is worth it for.
enum { SWL_GATHERED_GROUPS = 2, SWL_GATHERED_CHANNELS = 32, SWL_GATHERED_BYTES = 4096 };

#if SWL_GATHERS
// The runs of each pixel side by side: one run, which a kernel goes through without stopping.
SWL_TARGET static void swl_convolve_gathered(const swl_convolution *call, swl_pixels pixels) {
  _Alignas(64) uint8_t panel[SWL_GATHERED_BYTES];
  const int32_t run_offset = 0;
  const ptrdiff_t run_bytes = 4 * pixels.groups, pixel_bytes = pixels.run_count * run_bytes;
  const int32_t most = (int32_t)(SWL_GATHERED_BYTES / pixel_bytes);
  for (int32_t first = 0; first < pixels.count; first += most) {
    const int32_t count = swl_min(pixels.count - first, most);
    for (int32_t run = 0; run < pixels.run_count; run++) {
      const uint8_t *source =
        pixels.input + pixels.run_offsets[run] + first * pixels.input_stride;
      uint8_t *target = panel + run * run_bytes;
      for (int32_t group = 0; group < pixels.groups; group++, source += 4, target += 4) {
        const uint8_t *from = source;
        uint8_t *to = target;
        _Pragma("clang loop unroll_count(4)") for (int32_t pixel = 0; pixel < count; pixel++) {
          memcpy(to, from, 4);
          from += pixels.input_stride, to += pixel_bytes;
        }
      }
    }
    swl_convolve(call, &(swl_pixels){
      .input = panel, .input_stride = pixel_bytes, .run_offsets = &run_offset, .run_count = 1,
      .groups = pixels.run_count * pixels.groups, .count = count,
      .output = pixels.output + (ptrdiff_t)first * call->window.output_depth});
  }
}

// Windows of three short rows, whose runs end inside a group of four: without gaps between the runs
// they have fewer groups.
enum { SWL_CLOSED_RUNS = 3, SWL_CLOSED_BYTES = 16, SWL_CLOSED_BLOCKS = 4 };

SWL_INLINE bool swl_closes_up(const swl_window *window, int32_t run_count, int32_t run_length) {
  const int32_t groups = (run_length + 3) / 4;
  return run_count == SWL_CLOSED_RUNS && run_length <= SWL_CLOSED_BYTES && groups % 4 != 0 &&
    run_count * groups - (run_count * run_length + 3) / 4 >= 2 &&
    window->output_depth <= SWL_CLOSED_BLOCKS * 16;
}

// The weights of all blocks, with the runs closed up.
SWL_TARGET static void swl_close_up(
  const swl_convolution *call, int32_t run_length, int8_t *target
) {
  const int32_t groups = (run_length + 3) / 4, inputs = SWL_CLOSED_RUNS * run_length;
  const int32_t closed_groups = (inputs + 3) / 4;
  const int32_t blocks = (call->window.output_depth + 15) / 16;
  const int8_t *weights = call->weights;
  memset(target, 0, (size_t)(blocks * closed_groups * 64));
  for (int32_t block = 0; block < blocks; block++) {
    for (int32_t index = 0; index < inputs; index++) {
      const int32_t run = index / run_length, place = index % run_length;
      const int8_t *from = weights + (run * groups + place / 4) * 64 + place % 4;
      int8_t *to = target + index / 4 * 64 + index % 4;
      for (int32_t channel = 0; channel < 16; channel++) to[4 * channel] = from[4 * channel];
    }
    weights += SWL_CLOSED_RUNS * groups * 64;
    target += closed_groups * 64;
  }
}

// The runs of each pixel, sixteen bytes at a time: each run overwrites what is behind the one before.
SWL_TARGET static void swl_convolve_closed(
  const swl_convolution *call, swl_pixels pixels, int32_t run_length, const int8_t *weights
) {
  _Alignas(64) uint8_t panel[SWL_GATHERED_BYTES + SWL_ROW_SLACK];
  const int32_t run_offset = 0, groups = (SWL_CLOSED_RUNS * run_length + 3) / 4;
  const ptrdiff_t pixel_bytes = 4 * groups;
  const int32_t most = (int32_t)(SWL_GATHERED_BYTES / pixel_bytes);
  for (int32_t first = 0; first < pixels.count; first += most) {
    const int32_t count = swl_min(pixels.count - first, most);
    const uint8_t *const from = pixels.input + first * pixels.input_stride;
    const uint8_t *a = from + pixels.run_offsets[0], *b = from + pixels.run_offsets[1];
    const uint8_t *c = from + pixels.run_offsets[2];
    uint8_t *to = panel;
    for (int32_t left = count; left > 0; left--, to += pixel_bytes) {
      memcpy(to, a, 16), memcpy(to + run_length, b, 16), memcpy(to + 2 * run_length, c, 16);
      a += pixels.input_stride, b += pixels.input_stride, c += pixels.input_stride;
    }
    swl_convolve(call, &(swl_pixels){
      .input = panel, .input_stride = pixel_bytes, .run_offsets = &run_offset, .run_count = 1,
      .groups = groups, .count = count, .weights = weights,
      .output = pixels.output + (ptrdiff_t)first * call->window.output_depth});
  }
}
#endif

SWL_TARGET static void swl_convolve_windows(const swl_convolution *call) {
  const swl_window *window = &call->window;
  _Alignas(64) uint8_t scratch[SWL_SCRATCH_BYTES];
  int32_t run_offsets[SWL_LARGEST_WINDOW];

  const int8_t zero = (int8_t)call->activation.input_zero_point;
  const int32_t depth = window->input_depth;
  const int32_t kernel_height = window->kernel_height;
  const int32_t runs_per_row = window->dilation_width == 1 ? 1 : window->kernel_width;
  const int32_t run_length = window->dilation_width == 1 ? window->kernel_width * depth : depth;

  // Rows of the input that a window has in common with the next, as long as it does not skip rows.
  const int32_t shared_rows =
    window->dilation_height == 1 ? swl_max(kernel_height - window->stride_height, 0) : 0;

#if SWL_GATHERS
  int8_t closed_weights[SWL_CLOSED_BLOCKS * SWL_CLOSED_RUNS * SWL_CLOSED_BYTES * 16];
  const bool closes_up = swl_closes_up(window, kernel_height * runs_per_row, run_length);
  if (closes_up) swl_close_up(call, run_length, closed_weights);
#endif

  const int64_t strip = swl_convolution_strip(window);
  const int8_t *image = call->input;
  int8_t *output = call->output;
  const int64_t row_bytes = (int64_t)window->input_width * depth;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int64_t column = 0; column < window->output_width; column += strip) {
      const int64_t here =
        window->output_width - column < strip ? window->output_width - column : strip;
      const int64_t first = column * window->stride_width - window->padding_left;
      const int64_t columns = (here - 1) * window->stride_width + swl_reach(window);
      const int64_t slot_bytes = swl_slot_bytes(columns * depth);
      uint8_t *const outside = scratch + kernel_height * slot_bytes;
      swl_fill_row(outside, zero, columns * depth);
      const swl_columns parts = swl_columns_of(window, first, columns);
      for (int32_t slot = 0; parts.left > 0 && slot < kernel_height; slot++) {
        swl_fill_row(scratch + slot * slot_bytes, zero, parts.left);
      }
      int32_t next_slot = 0;
      for (int32_t y = 0; y < window->output_height; y++) {
        const int32_t top = y * window->stride_height - window->padding_top;
        // What the window had in common with this one is in its slots; new rows take those of the
        // rows it left.
        const int32_t kept = y > 0 ? shared_rows : 0;
        const int32_t left_runs = (kernel_height - kept) * runs_per_row;
        for (int32_t run = 0; run < kept * runs_per_row; run++) {
          run_offsets[run] = run_offsets[run + left_runs];
        }
        for (int32_t kernel_row = kept; kernel_row < kernel_height; kernel_row++) {
          const int32_t row = top + kernel_row * window->dilation_height;
          uint8_t *place = outside;
          if (row >= 0 && row < window->input_height) {
            place = scratch + next_slot * slot_bytes;
            swl_load_row(&parts, zero, image + row * row_bytes, place);
          }
          next_slot = next_slot + 1 < kernel_height ? next_slot + 1 : 0;
          for (int32_t run = 0; run < runs_per_row; run++) {
            run_offsets[kernel_row * runs_per_row + run] =
              (int32_t)(place - scratch) + run * window->dilation_width * depth;
          }
        }
        const swl_pixels pixels = {
          .input = scratch, .input_stride = (ptrdiff_t)window->stride_width * depth,
          .run_offsets = run_offsets, .run_count = kernel_height * runs_per_row,
          .groups = (run_length + 3) / 4, .count = (int32_t)here,
          .output = output + ((int64_t)y * window->output_width + column) * window->output_depth};
#if SWL_GATHERS
        if (closes_up) {
          swl_convolve_closed(call, pixels, run_length, closed_weights);
          continue;
        }
        if (pixels.groups <= SWL_GATHERED_GROUPS && pixels.run_count > 1 &&
            window->output_depth >= SWL_GATHERED_CHANNELS) {
          swl_convolve_gathered(call, pixels);
          continue;
        }
#endif
        swl_convolve(call, &pixels);
      }
    }
    image += window->input_height * row_bytes;
    output +=
      (int64_t)window->output_height * window->output_width * window->output_depth;
  }
}

SWL_TARGET static void swl_convolve_all(const swl_convolution *call) {
  const swl_window *window = &call->window;
  const bool is_pointwise =
    window->kernel_height == 1 && window->kernel_width == 1 && window->stride_height == 1 &&
    window->stride_width == 1 && window->padding_top == 0 && window->padding_left == 0 &&
    window->input_height == window->output_height && window->input_width == window->output_width;
  if (is_pointwise) {
    swl_convolve_pointwise(call);
  } else {
    swl_convolve_windows(call);
  }
}
