// Average and maximum over windows, sixteen channels at a time. The last sixteen channels may
// overlap the ones before, which are then computed twice.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

// The part of a window that is inside the input.
typedef struct {
  const int8_t *input;  // of its first element
  int32_t rows, columns;
  ptrdiff_t row_stride;  // bytes from row to row
  int32_t depth;
} part;

// Sums of sixteen channels. 256 bytes fit into a sum of 16 bits.
SWL_INLINE_NEON void add_up(const part *part, int32_t channel, int32x4_t sums[4]) {
  const int16x8_t zero = vdupq_n_s16(0);
  int16x8_t low = zero, high = zero;
  int32_t room = 256;
  const int8_t *row = part->input + channel;
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) sums[quad] = vdupq_n_s32(0);
  for (int32_t left = part->rows; left > 0; left--, row += part->row_stride) {
    const int8_t *place = row;
    int32_t columns = part->columns;
    while (columns > 0) {
      const int32_t here = swl_min(columns, room);
      for (int32_t column = 0; column < here; column++, place += part->depth) {
        const int8x16_t x = vld1q_s8(place);
        low = vaddw_s8(low, vget_low_s8(x));
        high = vaddw_s8(high, vget_high_s8(x));
      }
      columns -= here, room -= here;
      if (room > 0 && left > 1) continue;
      if (room > 0 && columns > 0) continue;
      sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
      sums[1] = vaddw_s16(sums[1], vget_high_s16(low));
      sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
      sums[3] = vaddw_s16(sums[3], vget_high_s16(high));
      low = high = zero;
      room = 256;
    }
  }
}

// Quotients of n ≤ 128.5 × count: with r = ⌊2^32 / count⌋ + 1, ⌊n × r / 2^32⌋ is exact as long as
// n × count < 2^32, which a count up to 4096 keeps.
enum { LARGEST_EXACT_COUNT = 4096 };

SWL_INLINE_NEON int32x4_t divide(int32x4_t sums, int32_t count, uint32_t reciprocal) {
  // To the nearest, ties away from zero: of the magnitude, ties upward.
  const int32x4_t sign = vshrq_n_s32(sums, 31);
  const uint32x4_t n = vreinterpretq_u32_s32(vaddq_s32(vabsq_s32(sums), vdupq_n_s32(count / 2)));
  const uint32x2_t low = vshrn_n_u64(vmull_n_u32(vget_low_u32(n), reciprocal), 32);
  const uint32x2_t high = vshrn_n_u64(vmull_n_u32(vget_high_u32(n), reciprocal), 32);
  const int32x4_t quotient = vreinterpretq_s32_u32(vcombine_u32(low, high));
  return vsubq_s32(veorq_s32(quotient, sign), sign);
}

SWL_INLINE_NEON int8x16_t average(const part *part, int32_t channel) {
  int32x4_t sums[4];
  add_up(part, channel, sums);
  const int32_t count = part->rows * part->columns;
  if (count > 1) {
    const uint32_t reciprocal = (uint32_t)((1ull << 32) / (uint32_t)count) + 1;
    SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
      sums[quad] = divide(sums[quad], count, reciprocal);
    }
  }
  return swl_narrow_16(sums, vdupq_n_s16(0));
}

SWL_INLINE_NEON int8x16_t largest(const part *part, int32_t channel) {
  int8x16_t result = vdupq_n_s8(-128);
  for (int32_t row = 0; row < part->rows; row++) {
    const int8_t *place = part->input + row * part->row_stride + channel;
    for (int32_t column = 0; column < part->columns; column++, place += part->depth) {
      result = vmaxq_s8(result, vld1q_s8(place));
    }
  }
  return result;
}

// One channel, for inputs of fewer than sixteen.
SWL_INLINE int32_t single(const part *part, int32_t channel, const bool is_average) {
  int32_t sum = 0, maximum = -128;
  for (int32_t row = 0; row < part->rows; row++) {
    const int8_t *place = part->input + row * part->row_stride + channel;
    for (int32_t column = 0; column < part->columns; column++, place += part->depth) {
      sum += *place;
      maximum = swl_max(maximum, *place);
    }
  }
  if (!is_average) return maximum;
  const int32_t count = part->rows * part->columns;
  return count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

SWL_INLINE_NEON void pool_element(
  const swl_pool *call, const part *part, int8_t *output, const bool is_average
) {
  const swl_activation *activation = &call->activation;
  const int32_t depth = part->depth;
  if (depth < 16 || (is_average && part->rows * part->columns > LARGEST_EXACT_COUNT)) {
    for (int32_t channel = 0; channel < depth; channel++) {
      output[channel] = swl_clamp(
        single(part, channel, is_average), activation->minimum, activation->maximum);
    }
    return;
  }
  const int8x16_t minimum = vdupq_n_s8((int8_t)activation->minimum);
  const int8x16_t maximum = vdupq_n_s8((int8_t)activation->maximum);
  for (int32_t next = 0; next < depth; next += 16) {
    const int32_t channel = swl_min(next, depth - 16);
    const int8x16_t bytes = is_average ? average(part, channel) : largest(part, channel);
    vst1q_s8(output + channel, vminq_s8(vmaxq_s8(bytes, minimum), maximum));
  }
}

SWL_INLINE_NEON void pool(const swl_pool *call, const bool is_average) {
  const swl_window *window = &call->window;
  const ptrdiff_t depth = window->input_depth;
  part part = {.row_stride = window->input_width * depth, .depth = window->input_depth};
  const int8_t *image = call->input;
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height; y++) {
      const int32_t top = y * window->stride_height - window->padding_top;
      const int32_t first_row = swl_max(top, 0);
      const int32_t end_row = swl_min(top + window->kernel_height, window->input_height);
      part.rows = swl_max(end_row - first_row, 0);
      for (int32_t x = 0; x < window->output_width; x++) {
        const int32_t start = x * window->stride_width - window->padding_left;
        const int32_t first = swl_max(start, 0);
        part.columns = swl_max(swl_min(start + window->kernel_width, window->input_width) - first, 0);
        if (part.rows == 0) part.columns = 0;
        if (part.columns == 0) part.rows = 0;
        part.input = part.rows == 0 ? image : image + first_row * part.row_stride + first * depth;
        pool_element(call, &part, output, is_average);
        output += depth;
      }
    }
    image += window->input_height * part.row_stride;
  }
}

SWL_NEON void swl_average_pool__neon(const swl_average_pool *call) {
  pool(call, true);
}

SWL_NEON void swl_max_pool__neon(const swl_max_pool *call) {
  pool(call, false);
}

#endif
