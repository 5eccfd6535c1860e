// Mean over the middle axis: sixteen neighbouring elements of the inner axis at a time. The last
// sixteen may overlap the ones before, which are then computed twice.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

// Sixteen sums of `count` bytes, `stride` apart; 256 of them fit into 16 bits.
SWL_INLINE_NEON void add_up(
  const int8_t *input, int32_t count, ptrdiff_t stride, int32x4_t sums[4]
) {
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) sums[quad] = vdupq_n_s32(0);
  while (count > 0) {
    int16x8_t low = vdupq_n_s16(0), high = low;
    const int32_t here = swl_min(count, 256);
    for (int32_t index = 0; index < here; index++, input += stride) {
      const int8x16_t x = vld1q_s8(input);
      low = vaddw_s8(low, vget_low_s8(x));
      high = vaddw_s8(high, vget_high_s8(x));
    }
    sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
    sums[1] = vaddw_s16(sums[1], vget_high_s16(low));
    sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
    sums[3] = vaddw_s16(sums[3], vget_high_s16(high));
    count -= here;
  }
}

// The sum of `count` neighbouring bytes.
SWL_INLINE_NEON int32_t add_row(const int8_t *input, int32_t count) {
  int32x4_t sums = vdupq_n_s32(0);
  for (; count >= 16; count -= 16, input += 16) {
    sums = vpadalq_s16(sums, vpaddlq_s8(vld1q_s8(input)));
  }
  int32_t lanes[4], sum = 0;
  vst1q_s32(lanes, sums);
  for (; count > 0; count--) sum += *input++;
  return sum + lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

SWL_NEON void swl_mean__neon(const swl_mean *call) {
  const int32_t inner = call->inner, count = call->count;
  const uint32_t offset = (uint32_t)call->input_zero_point * (uint32_t)count;
  const int32x4_t significand = vdupq_n_s32(call->multiplier.significand);
  const int32x4_t shift = vdupq_n_s32(call->multiplier.shift);
  const int32x4_t zero_point = vdupq_n_s32(call->output_zero_point);
  const int8_t *input = call->input;
  int8_t *output = call->output;
  for (int32_t outer = 0; outer < call->outer; outer++) {
    if (inner >= 16) {
      for (int32_t next = 0; next < inner; next += 16) {
        const int32_t place = swl_min(next, inner - 16);
        int32x4_t sums[4];
        add_up(input + place, count, inner, sums);
        SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
          const int32x4_t centred = vsubq_s32(sums[quad], vdupq_n_s32((int32_t)offset));
          sums[quad] =
            vaddq_s32(swl_requantize_long(centred, significand, shift), zero_point);
        }
        vst1q_s8(output + place, swl_narrow_16(sums, vdupq_n_s16(0)));
      }
    } else {
      for (int32_t place = 0; place < inner; place++) {
        int32_t sum = 0;
        if (inner == 1) {
          sum = add_row(input, count);
        } else {
          for (int32_t index = 0; index < count; index++) sum += input[index * inner + place];
        }
        const int32_t scaled = swl_rescale(
          (int32_t)((uint32_t)sum - offset), call->multiplier.significand, call->multiplier.shift);
        output[place] =
          swl_clamp((int32_t)((uint32_t)scaled + (uint32_t)call->output_zero_point), -128, 127);
      }
    }
    input += (ptrdiff_t)count * inner;
    output += inner;
  }
}

#endif
