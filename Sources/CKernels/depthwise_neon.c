// Depthwise convolution without dot products.
//
// Sixteen channels of a tap are a register of inputs and one of weights. The products of two taps
// are added in 16 bits, which holds them as long as no weight is −128 (2 × 128 × 127 < 2^15), then
// to 32-bit accumulators: 8 instructions for 32 products. Blocks that have such a weight take tap by
// tap.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

#include "rows.h"

#if SWL_AARCH64
#define SWL_TARGET SWL_NEON
#include "depthwise_line_neon.h"
#include "depthwise_slide_neon.h"
#endif

SWL_INLINE_NEON void add_products(int32x4_t sums[4], int16x8_t low, int16x8_t high) {
  sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
  sums[1] = vaddw_s16(sums[1], vget_high_s16(low));
  sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
  sums[3] = vaddw_s16(sums[3], vget_high_s16(high));
}

SWL_INLINE_NEON void add_tap(int32x4_t sums[4], int8x16_t w, int8x16_t x) {
  add_products(
    sums, vmull_s8(vget_low_s8(w), vget_low_s8(x)), vmull_s8(vget_high_s8(w), vget_high_s8(x)));
}

SWL_INLINE_NEON void add_two_taps(
  int32x4_t sums[4], int8x16_t w, int8x16_t x, int8x16_t v, int8x16_t y
) {
  const int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x));
  const int16x8_t high = vmull_s8(vget_high_s8(w), vget_high_s8(x));
  add_products(
    sums, vmlal_s8(low, vget_low_s8(v), vget_low_s8(y)),
    vmlal_s8(high, vget_high_s8(v), vget_high_s8(y)));
}

// Rows of output pixels, from rows of the input in scratch memory.
typedef struct {
  const swl_depthwise *call;
  const int8_t *slots;
  ptrdiff_t slot_bytes;
  const ptrdiff_t *taps;  // bytes from a pixel's first input to its taps
  int32_t tap_count;
  int32_t rows, columns;
  int8_t *output;
  const swl_requantizer *requantizer;
} pass;

// A block of channels of a pass.
typedef struct {
  const int8_t *input, *weights;
  const int32_t *table;
  int32_t lanes;
  int32_t steps;                     // a row
  ptrdiff_t input_step, output_step;  // bytes from step to step
  int8_t *output;
} block;

SWL_INLINE_NEON swl_scales load_scales(const pass *pass, const block *block) {
  const swl_form form = swl_form_of_block(pass->requantizer, block->lanes, 4);
  return swl_load_scales(pass->requantizer, block->table, block->lanes, form, 4);
}

SWL_INLINE_NEON void load_bias(const block *block, int32x4_t sums[4]) {
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    sums[quad] = vld1q_s32(block->table + SWL_FOLDED_BIAS + 4 * quad);
  }
}

SWL_INLINE_NEON void store_sums(
  const int32x4_t sums[4], const swl_scales *scales, int8_t *output, const bool is_rectified
) {
  if (is_rectified) {
    swl_store_pixels_as(sums, 4, 1, scales, output, 0, SWL_RECTIFIED);
  } else {
    swl_store_pixels(sums, 4, 1, scales, output, 0);
  }
}

// Windows of nine taps keep their weights in registers.
SWL_INLINE_NEON void convolve_nine(
  const pass *pass, const block *block, const bool is_rectified
) {
  const swl_window *window = &pass->call->window;
  const swl_scales scales = load_scales(pass, block);
  int8x16_t w[9];
  SWL_UNROLL for (int32_t tap = 0; tap < 9; tap++) w[tap] = vld1q_s8(block->weights + 16 * tap);
  const int8_t *input = block->input;
  int8_t *output = block->output;
  const ptrdiff_t row_step = window->stride_height * pass->slot_bytes;
  for (int32_t row = 0; row < pass->rows; row++, input += row_step) {
    const int8_t *x[9];
    SWL_UNROLL for (int32_t tap = 0; tap < 9; tap++) x[tap] = input + pass->taps[tap];
    ptrdiff_t place = 0;
    int8_t *target = output;
    for (int32_t step = 0; step < block->steps; step++, place += block->input_step) {
      int32x4_t sums[4];
      load_bias(block, sums);
      SWL_UNROLL for (int32_t tap = 0; tap < 8; tap += 2) {
        add_two_taps(
          sums, w[tap], vld1q_s8(x[tap] + place), w[tap + 1], vld1q_s8(x[tap + 1] + place));
      }
      add_tap(sums, w[8], vld1q_s8(x[8] + place));
      store_sums(sums, &scales, target, is_rectified);
      target += block->output_step;
    }
    output += window->output_width * (ptrdiff_t)window->output_depth;
  }
}

SWL_NEON static void convolve_nine_rectified(const pass *pass, const block *block) {
  convolve_nine(pass, block, true);
}

SWL_NEON static void convolve_nine_any(const pass *pass, const block *block) {
  convolve_nine(pass, block, false);
}

// Any window. `in_pairs` and `is_rectified` are constants where this is inlined.
SWL_INLINE_NEON void convolve_taps(
  const pass *pass, const block *block, const bool in_pairs, const bool is_rectified
) {
  const swl_window *window = &pass->call->window;
  const swl_scales scales = load_scales(pass, block);
  int8_t *output = block->output;
  const int8_t *first = block->input;
  const ptrdiff_t row_step = window->stride_height * pass->slot_bytes;
  for (int32_t row = 0; row < pass->rows; row++, first += row_step) {
    const int8_t *input = first;
    for (int32_t step = 0; step < block->steps; step++, input += block->input_step) {
      int32x4_t sums[4];
      load_bias(block, sums);
      const int8_t *weights = block->weights;
      const ptrdiff_t *tap = pass->taps;
      int32_t left = pass->tap_count;
      if (in_pairs) {
        for (; left >= 2; left -= 2, tap += 2, weights += 32) {
          add_two_taps(
            sums, vld1q_s8(weights), vld1q_s8(input + tap[0]), vld1q_s8(weights + 16),
            vld1q_s8(input + tap[1]));
        }
      }
      for (; left > 0; left--, tap++, weights += 16) {
        add_tap(sums, vld1q_s8(weights), vld1q_s8(input + tap[0]));
      }
      store_sums(sums, &scales, output + step * block->output_step, is_rectified);
    }
    output += window->output_width * (ptrdiff_t)window->output_depth;
  }
}

SWL_NEON static void convolve_in_pairs(const pass *pass, const block *block) {
  convolve_taps(pass, block, true, false);
}

SWL_NEON static void convolve_in_pairs_rectified(const pass *pass, const block *block) {
  convolve_taps(pass, block, true, true);
}

SWL_NEON static void convolve_singly(const pass *pass, const block *block) {
  convolve_taps(pass, block, false, false);
}

SWL_NEON static void convolve_block(const pass *pass, const block *block, bool has_least_weight) {
  const bool is_rectified =
    swl_form_of_block(pass->requantizer, block->lanes, 4) == SWL_RECTIFIED;
  if (has_least_weight) {
    convolve_singly(pass, block);
  } else if (pass->tap_count == 9) {
    (is_rectified ? convolve_nine_rectified : convolve_nine_any)(pass, block);
  } else {
    (is_rectified ? convolve_in_pairs_rectified : convolve_in_pairs)(pass, block);
  }
}

// An input of eight channels: two neighbouring pixels are one block of sixteen, with the weights and
// the table twice.
SWL_NEON static void convolve_eight_channels(const pass *pass, bool has_least_weight) {
  const swl_depthwise *call = pass->call;
  int8_t weights[SWL_LARGEST_WINDOW * 16];
  int32_t table[SWL_TABLE_BLOCK];
  for (int32_t tap = 0; tap < pass->tap_count; tap++) {
    const int8x8_t half = vld1_s8(call->weights + 16 * tap);
    vst1q_s8(weights + 16 * tap, vcombine_s8(half, half));
  }
  for (int32_t column = 0; column < SWL_TABLE_BLOCK; column += 16) {
    for (int32_t quad = 0; quad < 8; quad += 4) {
      const int32x4_t values = vld1q_s32(call->channels + column + quad);
      vst1q_s32(table + column + quad, values);
      vst1q_s32(table + column + quad + 8, values);
    }
  }
  const block block = {
    .input = pass->slots, .output = pass->output, .weights = weights, .table = table, .lanes = 16,
    .steps = pass->columns / 2, .input_step = 16, .output_step = 16};
  convolve_block(pass, &block, has_least_weight);
}

// All blocks of channels.
SWL_NEON static void convolve_pass(const pass *pass, bool has_least_weight) {
  const swl_depthwise *call = pass->call;
  const swl_window *window = &call->window;
  const int32_t depth = window->output_depth;
  if (depth == 8 && window->stride_width == 1 && pass->columns % 2 == 0) {
    convolve_eight_channels(pass, has_least_weight);
    return;
  }
  for (int32_t channel = 0; channel < depth; channel += SWL_BLOCK) {
    const block block = {
      .input = pass->slots + channel, .output = pass->output + channel,
      .weights = call->weights + (ptrdiff_t)channel * pass->tap_count,
      .table = call->channels + channel / SWL_BLOCK * SWL_TABLE_BLOCK,
      .lanes = swl_min(depth - channel, SWL_BLOCK), .steps = pass->columns,
      .input_step = (ptrdiff_t)window->stride_width * depth, .output_step = depth};
    convolve_block(pass, &block, has_least_weight);
  }
}

// Columns `first` and on of a row of the input, with the zero point where there are none.
SWL_NEON static void load_row(
  const swl_depthwise *call, const int8_t *image, int32_t row, int32_t first, int32_t columns,
  int8_t *slot
) {
  const swl_window *window = &call->window;
  const ptrdiff_t depth = window->input_depth;
  const int8_t zero_point = (int8_t)call->activation.input_zero_point;
  int32_t left = swl_min(swl_max(-first, 0), columns);
  int32_t end = swl_max(swl_min(window->input_width - first, columns), left);
  if (row < 0 || row >= window->input_height) left = end = 0;
  swl_fill_bytes_neon(slot, zero_point, left * depth);
  if (end > left) {
    const int8_t *source = image + (row * (ptrdiff_t)window->input_width + first + left) * depth;
    swl_copy_bytes(slot + left * depth, source, (end - left) * depth);
  }
  swl_fill_bytes_neon(slot + end * depth, zero_point, (columns - end) * depth);
}

// A strip of output columns: as many rows at once as have room.
SWL_NEON static void convolve_strip(
  pass *pass, int8_t *slots, const int8_t *image, int8_t *output, int32_t first_column,
  bool has_least_weight
) {
  const swl_window *window = &pass->call->window;
  const bool are_neighbours = window->dilation_height == 1;
  const int32_t room = (int32_t)(SWL_SCRATCH_BYTES / pass->slot_bytes);
  const int32_t most =
    are_neighbours ? (room - window->kernel_height) / window->stride_height + 1 : 1;
  const int32_t first = first_column * window->stride_width - window->padding_left;
  const int32_t columns = (pass->columns - 1) * window->stride_width + (int32_t)swl_reach(window);
  output += (ptrdiff_t)first_column * window->output_depth;
  for (int32_t y = 0; y < window->output_height; y += most) {
    pass->rows = swl_min(most, window->output_height - y);
    pass->output = output + (ptrdiff_t)y * window->output_width * window->output_depth;
    const int32_t top = y * window->stride_height - window->padding_top;
    const int32_t needed = (pass->rows - 1) * window->stride_height + window->kernel_height;
    for (int32_t row = 0; row < needed; row++) {
      load_row(
        pass->call, image, top + row * window->dilation_height, first, columns,
        slots + row * pass->slot_bytes);
    }
    convolve_pass(pass, has_least_weight);
  }
}

SWL_NEON static void copy_and_convolve(
  const swl_depthwise *call, const swl_requantizer *requantizer
) {
  const swl_window *window = &call->window;
  _Alignas(64) int8_t slots[SWL_SCRATCH_BYTES];
  ptrdiff_t taps[SWL_LARGEST_WINDOW];
  const bool has_least_weight = call->derived.has_least_weight;
  const int32_t strip = (int32_t)swl_convolution_strip(window);
  const ptrdiff_t depth = window->input_depth;
  pass pass = {
    .call = call, .slots = slots, .taps = taps, .requantizer = requantizer,
    .tap_count = window->kernel_height * window->kernel_width};
  for (int32_t first = 0; first < window->output_width; first += strip) {
    pass.columns = swl_min(strip, window->output_width - first);
    const int64_t columns = (pass.columns - 1) * window->stride_width + swl_reach(window);
    pass.slot_bytes = swl_slot_bytes(columns * depth);
    for (int32_t tap = 0; tap < pass.tap_count; tap++) {
      taps[tap] = tap / window->kernel_width * pass.slot_bytes +
        tap % window->kernel_width * window->dilation_width * depth;
    }
    for (int32_t batch = 0; batch < window->batches; batch++) {
      convolve_strip(
        &pass, slots,
        call->input + (ptrdiff_t)batch * window->input_height * window->input_width * depth,
        call->output +
          (ptrdiff_t)batch * window->output_height * window->output_width * window->output_depth,
        first, has_least_weight);
    }
  }
}

SWL_NEON void swl_depthwise__neon(const swl_depthwise *call) {
  const swl_requantizer requantizer =
    swl_requantizer_neon(call->channels, &call->derived, &call->activation);
#if SWL_AARCH64
  const slide_row row = slide_row_of(call);
  if (!call->derived.has_least_weight && can_slide(&call->window, &row, requantizer.form)) {
    slide_all(call, &row);
    return;
  }
  const line line = {call, swl_lie_down(call->window), &requantizer};
  if (!call->derived.has_least_weight && is_line(&line.window)) {
    convolve_lines(&line);
    return;
  }
#endif
  copy_and_convolve(call, &requantizer);
}

#endif
