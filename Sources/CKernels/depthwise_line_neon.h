// SMULL and SMLAL for depthwise_line.h: the products of two taps add up in 16 bits. No weight may be
// −128.
#ifndef SWL_DEPTHWISE_LINE_NEON_H
#define SWL_DEPTHWISE_LINE_NEON_H

#include "depthwise_line.h"

SWL_INLINE_NEON void add_line_products(
  int32x4_t *sums, int16x8_t low, int16x8_t high, const int32_t quads
) {
  sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
  sums[1] = vaddw_high_s16(sums[1], low);
  if (quads == 4) {
    sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
    sums[3] = vaddw_high_s16(sums[3], high);
  }
}

// `outputs` and `quads` are constants where this is inlined.
SWL_INLINE_NEON void convolve_outputs(
  const line *line, const line_block *block, const int32_t outputs, const int32_t quads
) {
  const swl_window *window = &line->window;
  const int32_t taps = window->kernel_width;
  const ptrdiff_t depth = window->output_depth;
  const swl_form form = swl_form_of_block(line->requantizer, block->lanes, quads);
  int8_t copies[(SWL_LARGEST_WINDOW + LINE_OUTPUTS) * 16];
  for (int32_t next = 0; next < window->output_width; next += outputs) {
    // The last outputs may overlap the ones before, which are then computed twice.
    const int32_t output = swl_min(next, window->output_width - outputs);
    ptrdiff_t pitch;
    const int8_t *pixel = line_pixels(
      line, block->input, output - window->padding_left, taps + outputs - 1, copies, &pitch, quads);
    int32x4_t sums[4 * LINE_OUTPUTS];
    SWL_UNROLL for (int32_t index = 0; index < outputs * quads; index++) {
      sums[index] = vld1q_s32(block->table + SWL_FOLDED_BIAS + index % quads * 4);
    }
    const int8_t *weights = block->weights;
    int32_t left = taps;
    for (; left >= 2; left -= 2, pixel += 2 * pitch, weights += 32) {
      const int8x16_t w = vld1q_s8(weights), v = vld1q_s8(weights + 16);
      const int8_t *place = pixel + pitch;
      int8x16_t x = load_pixel(pixel, quads);
      SWL_UNROLL for (int32_t which = 0; which < outputs; which++, place += pitch) {
        const int8x16_t y = load_pixel(place, quads);
        const int16x8_t low = vmlal_s8(
          vmull_s8(vget_low_s8(w), vget_low_s8(x)), vget_low_s8(v), vget_low_s8(y));
        const int16x8_t high = vmlal_high_s8(vmull_high_s8(w, x), v, y);
        add_line_products(sums + which * quads, low, high, quads);
        x = y;
      }
    }
    if (left > 0) {
      const int8x16_t w = vld1q_s8(weights);
      SWL_UNROLL for (int32_t which = 0; which < outputs; which++, pixel += pitch) {
        const int8x16_t x = load_pixel(pixel, quads);
        add_line_products(
          sums + which * quads, vmull_s8(vget_low_s8(w), vget_low_s8(x)), vmull_high_s8(w, x),
          quads);
      }
    }
    const swl_scales scales =
      swl_load_scales(line->requantizer, block->table, block->lanes, form, quads);
    swl_store_pixels(sums, quads, outputs, &scales, block->output + output * depth, depth);
  }
}

SWL_NEON static void convolve_line(const line *line, const line_block *block) {
  const bool are_four = line->window.output_width >= LINE_OUTPUTS;
  if (block->lanes == SWL_BLOCK) {
    if (are_four) convolve_outputs(line, block, LINE_OUTPUTS, 4);
    else convolve_outputs(line, block, 1, 4);
  } else {
    if (are_four) convolve_outputs(line, block, LINE_OUTPUTS, 2);
    else convolve_outputs(line, block, 1, 2);
  }
}

#endif
