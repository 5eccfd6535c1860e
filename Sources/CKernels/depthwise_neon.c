// Depthwise convolution without dot products.
//
// Sixteen channels of a tap are a register of inputs and one of weights. The products of two taps
// are added in 16 bits, which holds them as long as no weight is −128 (2 × 128 × 127 < 2^15), then
// to 32-bit accumulators: 8 instructions for 32 products. Blocks that have such a weight take tap by
// tap.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

#define SWL_TARGET SWL_NEON
#define swl_copy_row(target, source, count) swl_copy_bytes((int8_t *)(target), source, count)
#define swl_fill_row(target, value, count) swl_fill_bytes_neon((int8_t *)(target), value, count)
#include "convolution_driver.h"

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

// A row of output pixels by a block of channels.
typedef struct {
  const int8_t *input;
  const int32_t *taps;  // bytes from a pixel's input to its taps
  const int8_t *weights;
  int32_t tap_count;
  ptrdiff_t input_stride;
  int32_t count;  // pixels
  ptrdiff_t output_stride;
} row_of_pixels;

// Windows of nine taps keep their weights in registers.
SWL_NEON static void convolve_nine(
  const row_of_pixels *row, const swl_scales *scales, int8_t *output
) {
  int8x16_t w[9];
  const int8_t *x[9];
  SWL_UNROLL for (int32_t tap = 0; tap < 9; tap++) {
    w[tap] = vld1q_s8(row->weights + 16 * tap);
    x[tap] = row->input + row->taps[tap];
  }
  ptrdiff_t place = 0;
  for (int32_t pixel = 0; pixel < row->count; pixel++) {
    int32x4_t sums[4];
    SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
      sums[quad] = vld1q_s32(scales->table + SWL_FOLDED_BIAS + 4 * quad);
    }
    SWL_UNROLL for (int32_t tap = 0; tap < 8; tap += 2) {
      add_two_taps(
        sums, w[tap], vld1q_s8(x[tap] + place), w[tap + 1], vld1q_s8(x[tap + 1] + place));
    }
    add_tap(sums, w[8], vld1q_s8(x[8] + place));
    swl_store_pixels(sums, 4, 1, scales, output, row->output_stride);
    place += row->input_stride;
    output += row->output_stride;
  }
}

// Any window. `in_pairs` is a constant where this is inlined.
SWL_INLINE_NEON void convolve_taps(
  const row_of_pixels *row, const swl_scales *scales, int8_t *output, const bool in_pairs
) {
  const int8_t *input = row->input;
  for (int32_t pixel = 0; pixel < row->count; pixel++) {
    int32x4_t sums[4];
    SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
      sums[quad] = vld1q_s32(scales->table + SWL_FOLDED_BIAS + 4 * quad);
    }
    const int8_t *weights = row->weights;
    const int32_t *tap = row->taps;
    int32_t left = row->tap_count;
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
    swl_store_pixels(sums, 4, 1, scales, output, row->output_stride);
    input += row->input_stride;
    output += row->output_stride;
  }
}

SWL_NEON static void convolve_in_pairs(
  const row_of_pixels *row, const swl_scales *scales, int8_t *output
) {
  convolve_taps(row, scales, output, true);
}

SWL_NEON static void convolve_singly(
  const row_of_pixels *row, const swl_scales *scales, int8_t *output
) {
  convolve_taps(row, scales, output, false);
}

// A call and what all its rows need.
typedef struct prepared {
  swl_convolution call;
  swl_requantizer requantizer;
  bool has_least_weight;
} prepared;

// The driver's hook: all channels of a row of pixels.
SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  const prepared *prepared = (const struct prepared *)call;
  const swl_window *window = &call->window;
  int32_t taps[SWL_LARGEST_WINDOW];
  const int32_t tap_count = window->kernel_height * window->kernel_width;
  const int32_t taps_per_run = tap_count / pixels->run_count;
  for (int32_t run = 0, tap = 0; run < pixels->run_count; run++) {
    for (int32_t column = 0; column < taps_per_run; column++) {
      taps[tap++] = pixels->run_offsets[run] + column * window->input_depth;
    }
  }
  row_of_pixels row = {
    .taps = taps, .tap_count = tap_count, .input_stride = pixels->input_stride,
    .count = pixels->count, .output_stride = window->output_depth};
  for (int32_t channel = 0; channel < window->output_depth; channel += SWL_BLOCK) {
    const swl_scales scales = swl_load_scales(
      &prepared->requantizer, call->channels + channel / SWL_BLOCK * SWL_TABLE_BLOCK,
      swl_min(window->output_depth - channel, SWL_BLOCK), 4);
    row.input = (const int8_t *)pixels->input + channel;
    row.weights = call->weights + (ptrdiff_t)channel * tap_count;
    int8_t *const output = pixels->output + channel;
    if (prepared->has_least_weight) {
      convolve_singly(&row, &scales, output);
    } else if (tap_count == 9) {
      convolve_nine(&row, &scales, output);
    } else {
      convolve_in_pairs(&row, &scales, output);
    }
  }
}

SWL_TARGET void swl_depthwise__neon(const swl_depthwise *call) {
  const swl_window *window = &call->window;
  const int32_t blocks = (window->output_depth + SWL_BLOCK - 1) / SWL_BLOCK;
  const int32_t registers = blocks * window->kernel_height * window->kernel_width;
  int8x16_t least = vdupq_n_s8(0);
  for (int32_t index = 0; index < registers; index++) {
    least = vminq_s8(least, vld1q_s8(call->weights + (ptrdiff_t)index * 16));
  }
  int8_t lanes[16], smallest = 0;
  vst1q_s8(lanes, least);
  for (int32_t lane = 0; lane < 16; lane++) {
    if (lanes[lane] < smallest) smallest = lanes[lane];
  }
  const prepared prepared = {
    *call, swl_requantizer_neon(call->channels, window->output_depth, &call->activation),
    smallest == -128};
  swl_convolve_all(&prepared.call);
}

#endif
