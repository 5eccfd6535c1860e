// Sums, differences and products of two tensors, sixteen elements at a time.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

// A multiplier and the requantization of a result, in all lanes.
typedef struct {
  int32x4_t significand, shift;
} multiplier;

SWL_INLINE_NEON multiplier broadcast(swl_multiplier value) {
  return (multiplier){vdupq_n_s32(value.significand), vdupq_n_s32(value.shift)};
}

// Whether `swl_requantize_short` is exact.
SWL_INLINE bool is_short(swl_multiplier value) {
  return value.shift < 0 && value.significand > INT32_MIN;
}

// What a loop does with sixteen elements.
typedef struct {
  const swl_pairing *pairing;
  int16x8_t first_zero_point, second_zero_point, zero_point;
  multiplier first, second, result;
  int32x4_t wide_zero_point, left_shift;
  // swl_linear: factors × 2^−16 to the nearest integer, and what is left of them.
  int16_t first_upper, first_lower, second_upper, second_lower;
  int32x4_t offset;
  int16x8_t linear_shift;
  int8x16_t minimum, maximum;
} pairing_constants;

typedef int8x16_t (*combination)(
  int8x16_t first, int8x16_t second, const pairing_constants *constants);

SWL_INLINE_NEON int8x16_t clamp(int8x16_t bytes, const pairing_constants *constants) {
  return vminq_s8(vmaxq_s8(bytes, constants->minimum), constants->maximum);
}

// (x − zero point) × 2^7, which fills 16 bits.
SWL_INLINE_NEON int16x8_t centre(int8x8_t x, int16x8_t zero_point) {
  return vsubq_s16(vshll_n_s8(x, 7), zero_point);
}

// The scale of one operand is half the common one, so that it only needs a shift (numerics,
// equation 13): `first` does, and 2^20 × 2^−1 is 2^7 × 2^12.
SWL_INLINE_NEON int8x16_t sum_short(
  int8x16_t first, int8x16_t second, const pairing_constants *constants, int16_t factor
) {
  int32x4_t words[4];
  SWL_UNROLL for (int32_t half = 0; half < 2; half++) {
    const int16x8_t a =
      centre(half ? vget_high_s8(first) : vget_low_s8(first), constants->first_zero_point);
    const int16x8_t b =
      centre(half ? vget_high_s8(second) : vget_low_s8(second), constants->second_zero_point);
    const int32x4_t low = swl_requantize_short(
      vshll_n_s16(vget_low_s16(b), 13), constants->second.significand, constants->second.shift);
    const int32x4_t high = swl_requantize_short(
      vshll_n_s16(vget_high_s16(b), 13), constants->second.significand, constants->second.shift);
    words[2 * half] = vmlal_n_s16(low, vget_low_s16(a), factor);
    words[2 * half + 1] = vmlal_n_s16(high, vget_high_s16(a), factor);
  }
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    words[quad] = swl_requantize_short(
      words[quad], constants->result.significand, constants->result.shift);
  }
  return clamp(swl_narrow_16(words, constants->zero_point), constants);
}

SWL_INLINE_NEON int8x16_t add_short(
  int8x16_t first, int8x16_t second, const pairing_constants *constants
) {
  return sum_short(first, second, constants, 1 << 12);
}

// A sum as one linear form (linear_sum.c): nothing leaves 32 bits. The shift is the floor; its first
// sixteen bits are the choice of the upper halves, to which the products with the upper parts of the
// factors are added after it. Those may wrap, their sum is exact again: it has 16 bits.
SWL_INLINE_NEON int8x16_t linear(
  int8x16_t first, int8x16_t second, const pairing_constants *constants
) {
  int16x8_t words[2];
  SWL_UNROLL for (int32_t half = 0; half < 2; half++) {
    const int16x8_t a = vmovl_s8(half ? vget_high_s8(first) : vget_low_s8(first));
    const int16x8_t b = vmovl_s8(half ? vget_high_s8(second) : vget_low_s8(second));
    int32x4_t low = constants->offset, high = low;
    low = vmlal_n_s16(low, vget_low_s16(a), constants->first_lower);
    high = vmlal_n_s16(high, vget_high_s16(a), constants->first_lower);
    low = vmlal_n_s16(low, vget_low_s16(b), constants->second_lower);
    high = vmlal_n_s16(high, vget_high_s16(b), constants->second_lower);
#if SWL_AARCH64
    int16x8_t upper =
      vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high));
#else
    int16x8_t upper = vcombine_s16(vshrn_n_s32(low, 16), vshrn_n_s32(high, 16));
#endif
    upper = vmlaq_n_s16(upper, a, constants->first_upper);
    upper = vmlaq_n_s16(upper, b, constants->second_upper);
    words[half] = vshlq_s16(upper, constants->linear_shift);
  }
#if SWL_AARCH64
  return vqmovn_high_s16(vqmovn_s16(words[0]), words[1]);
#else
  return vcombine_s8(vqmovn_s16(words[0]), vqmovn_s16(words[1]));
#endif
}

SWL_INLINE_NEON int8x16_t sum_linear(
  int8x16_t first, int8x16_t second, const pairing_constants *constants
) {
  return clamp(linear(first, second, constants), constants);
}

// Four elements of sixteen, widened.
SWL_INLINE_NEON int32x4_t widened(int8x16_t bytes, int32_t quad) {
  const int16x8_t half = vmovl_s8(quad < 2 ? vget_low_s8(bytes) : vget_high_s8(bytes));
  return vmovl_s16(quad % 2 == 0 ? vget_low_s16(half) : vget_high_s16(half));
}

// Ends with a wrapping sum with the zero point, as the reference does.
SWL_INLINE_NEON int8x16_t finish_long(int32x4_t words[4], const pairing_constants *constants) {
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    words[quad] = vaddq_s32(
      constants->wide_zero_point, swl_requantize_long(
        words[quad], constants->result.significand, constants->result.shift));
  }
  return clamp(swl_narrow_16(words, vdupq_n_s16(0)), constants);
}

// Any parameters; sums wrap.
SWL_INLINE_NEON int8x16_t sum_long(
  int8x16_t first, int8x16_t second, const pairing_constants *constants
) {
  const swl_pairing *pairing = constants->pairing;
  int32x4_t words[4];
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    int32x4_t a = vsubq_s32(widened(first, quad), vdupq_n_s32(pairing->first_zero_point));
    int32x4_t b = vsubq_s32(widened(second, quad), vdupq_n_s32(pairing->second_zero_point));
    a = swl_requantize_long(
      vshlq_s32(a, constants->left_shift), constants->first.significand, constants->first.shift);
    b = swl_requantize_long(
      vshlq_s32(b, constants->left_shift), constants->second.significand, constants->second.shift);
    words[quad] = pairing->is_difference ? vsubq_s32(a, b) : vaddq_s32(a, b);
  }
  return finish_long(words, constants);
}

SWL_INLINE_NEON int8x16_t product(
  int8x16_t first, int8x16_t second, const pairing_constants *constants
) {
  const swl_pairing *pairing = constants->pairing;
  int32x4_t words[4];
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    words[quad] = vmulq_s32(
      vsubq_s32(widened(first, quad), vdupq_n_s32(pairing->first_zero_point)),
      vsubq_s32(widened(second, quad), vdupq_n_s32(pairing->second_zero_point)));
  }
  return finish_long(words, constants);
}

// All elements. An element is read before it is written, since the output may be an input.
SWL_INLINE_NEON void combine(
  const swl_elementwise *call, const int8_t *first, const int8_t *second, bool first_is_single,
  bool second_is_single, const pairing_constants *constants, const combination combination
) {
  int8x16_t a = vdupq_n_s8(*first), b = vdupq_n_s8(*second);
  int8_t *output = call->output;
  int32_t left = call->pairing.count;
  if (!first_is_single && !second_is_single) {
    for (; left >= 16; left -= 16, first += 16, second += 16, output += 16) {
      vst1q_s8(output, combination(vld1q_s8(first), vld1q_s8(second), constants));
    }
  }
  for (; left >= 16; left -= 16, output += 16) {
    if (!first_is_single) a = vld1q_s8(first), first += 16;
    if (!second_is_single) b = vld1q_s8(second), second += 16;
    vst1q_s8(output, combination(a, b, constants));
  }
  if (left > 0) {
    int8_t buffer[16] = {0};
    if (!first_is_single) {
      for (int32_t lane = 0; lane < left; lane++) buffer[lane] = first[lane];
      a = vld1q_s8(buffer);
    }
    if (!second_is_single) {
      for (int32_t lane = 0; lane < left; lane++) buffer[lane] = second[lane];
      b = vld1q_s8(buffer);
    }
    swl_store_lanes(output, combination(a, b, constants), left);
  }
}

SWL_INLINE_NEON pairing_constants constants_of(const swl_pairing *pairing) {
  pairing_constants constants;
  constants.pairing = pairing;
  constants.first = broadcast(pairing->first);
  constants.second = broadcast(pairing->second);
  constants.result = broadcast(pairing->result);
  constants.zero_point = vdupq_n_s16((int16_t)pairing->output_zero_point);
  constants.wide_zero_point = vdupq_n_s32(pairing->output_zero_point);
  constants.left_shift = vdupq_n_s32(pairing->left_shift);
  constants.first_zero_point = vdupq_n_s16((int16_t)(pairing->first_zero_point * 128));
  constants.second_zero_point = vdupq_n_s16((int16_t)(pairing->second_zero_point * 128));
  constants.first_lower = (int16_t)pairing->linear.first;
  constants.second_lower = (int16_t)pairing->linear.second;
  constants.first_upper = (int16_t)((pairing->linear.first - constants.first_lower) / 65536);
  constants.second_upper = (int16_t)((pairing->linear.second - constants.second_lower) / 65536);
  constants.offset = vdupq_n_s32(pairing->linear.offset);
  constants.linear_shift = vdupq_n_s16((int16_t)(16 - pairing->linear.shift));
  constants.minimum = vdupq_n_s8((int8_t)pairing->minimum);
  constants.maximum = vdupq_n_s8((int8_t)pairing->maximum);
  return constants;
}

SWL_INLINE bool is_half(swl_multiplier value) {
  return value.significand == 1 << 30 && value.shift == 0;
}

SWL_NEON void swl_sum__neon(const swl_sum *call) {
  const swl_pairing *pairing = &call->pairing;
  pairing_constants constants = constants_of(pairing);
  const int8_t *first = call->first, *second = call->second;
  bool first_is_single = pairing->first_is_single, second_is_single = pairing->second_is_single;
  const bool may_be_short =
    pairing->left_shift == 20 && !pairing->is_difference && is_short(pairing->result);
  if (pairing->linear.shift > 0 && pairing->minimum == -128 && pairing->maximum == 127) {
    combine(call, first, second, first_is_single, second_is_single, &constants, linear);
  } else if (pairing->linear.shift > 0) {
    combine(call, first, second, first_is_single, second_is_single, &constants, sum_linear);
  } else if (may_be_short && is_half(pairing->first) && is_short(pairing->second)) {
    combine(call, first, second, first_is_single, second_is_single, &constants, add_short);
  } else if (may_be_short && is_half(pairing->second) && is_short(pairing->first)) {
    const int16x8_t zero_point = constants.first_zero_point;
    constants.first_zero_point = constants.second_zero_point;
    constants.second_zero_point = zero_point;
    constants.second = constants.first;
    combine(call, second, first, second_is_single, first_is_single, &constants, add_short);
  } else {
    combine(call, first, second, first_is_single, second_is_single, &constants, sum_long);
  }
}

SWL_NEON void swl_product__neon(const swl_product *call) {
  const swl_pairing *pairing = &call->pairing;
  const pairing_constants constants = constants_of(pairing);
  combine(
    call, call->first, call->second, pairing->first_is_single, pairing->second_is_single,
    &constants, product);
}

#endif
