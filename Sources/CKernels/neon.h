// What the ARM kernels share: attributes, the arguments of the matrix products, and the way from
// accumulators to bytes.
#ifndef SWL_NEON_H
#define SWL_NEON_H

#include "internal.h"
#include "requantize.h"

#if SWL_AARCH64 || SWL_ARM32

#include <arm_neon.h>

#if SWL_AARCH64
#define SWL_NEON
#define SWL_NEONDOT __attribute__((target("dotprod")))
#define SWL_I8MM __attribute__((target("dotprod,i8mm")))
#else
// The build is for CPUs without NEON, so every feature it switches off is named.
#define SWL_NEON __attribute__((target("vfp3,vfp3sp,d32,neon")))
#endif
#define SWL_INLINE_NEON SWL_NEON SWL_INLINE
#define SWL_UNROLL _Pragma("clang loop unroll(full)")

// How the multipliers of a block are applied: the less they can be, the shorter.
typedef enum {
  SWL_RECTIFIED,     // as the next, and the zero point is −128: nothing negative can be seen
  SWL_ONLY_DIVIDES,  // every shift is below zero, 16 bits are enough, and bytes the only clamp
  SWL_NARROW,        // neither a shift nor the sum with the zero point leaves 32 bits
  SWL_ANY_MULTIPLIER,
} swl_form;

// From accumulators to bytes.
typedef struct {
  const int32_t *channels;  // ChannelTableLayout
  swl_form form;            // of whole blocks
  const uint64_t *light_blocks;
  int16x8_t zero_point;
  int8x16_t minimum, maximum;
} swl_requantizer;

SWL_INLINE_NEON swl_requantizer swl_requantizer_neon(
  const int32_t *channels, const swl_derived *derived, const swl_activation *activation
) {
  const bool clamps = activation->minimum > -128 || activation->maximum < 127;
  swl_form form = derived->is_narrow ? SWL_NARROW : SWL_ANY_MULTIPLIER;
  if (derived->is_short && !clamps) {
    form = activation->output_zero_point == -128 ? SWL_RECTIFIED : SWL_ONLY_DIVIDES;
  }
  return (swl_requantizer){
    .channels = channels, .form = form, .light_blocks = derived->light_blocks,
    .zero_point = vdupq_n_s16((int16_t)activation->output_zero_point),
    .minimum = vdupq_n_s8((int8_t)activation->minimum),
    .maximum = vdupq_n_s8((int8_t)activation->maximum)};
}

// Output pixels at equal distances times packed weights (ConvolutionWeightLayout). A pixel's inputs
// are `run_count` runs of `groups` × 4 bytes; nothing past them is read.
typedef struct {
  const int8_t *input;         // of the first pixel
  ptrdiff_t input_stride;      // bytes from pixel to pixel
  const int32_t *run_offsets;  // bytes from a pixel's input to its runs
  int32_t run_count;
  int32_t groups;
  int32_t count;         // pixels
  int32_t output_depth;  // bytes from pixel to pixel of the output
  int8_t *output;        // of the first pixel
  const int8_t *weights;
  const swl_requantizer *requantizer;
} swl_products;

void swl_multiply_neon(const swl_products *products);
void swl_multiply_neondot(const swl_products *products);
void swl_multiply_i8mm(const swl_products *products);

// SQRDMULH is equation 4 and SRSHL is equation 5 but for negative ties, which it rounds up: one
// less than a negative number has the same quotient and no tie. Exact for shifts below zero and
// significands above −2^31, which keep the product above −2^31.
SWL_INLINE_NEON int32x4_t swl_requantize_short(
  int32x4_t sums, int32x4_t significand, int32x4_t shift
) {
  int32x4_t product = vqrdmulhq_s32(sums, significand);
  product = vsraq_n_s32(product, product, 31);
  return vrshlq_s32(product, shift);
}

// The same where nothing overflows, for shifts of both directions: `right` is what of them is below
// zero, and where that is zero there is nothing to round.
SWL_INLINE_NEON int32x4_t swl_requantize_narrow(
  int32x4_t sums, int32x4_t significand, int32x4_t shift
) {
  const int32x4_t zero = vdupq_n_s32(0), right = vminq_s32(shift, zero);
  int32x4_t product = vqrdmulhq_s32(vshlq_s32(sums, vmaxq_s32(shift, zero)), significand);
  product = vsraq_n_s32(product, vandq_s32(product, right), 31);
  return vrshlq_s32(product, right);
}

// For every significand and shift.
SWL_INLINE_NEON int32x4_t swl_requantize_long(
  int32x4_t sums, int32x4_t significand, int32x4_t shift
) {
  const int32x4_t zero = vdupq_n_s32(0);
  const int32x4_t raised = vshlq_s32(sums, vmaxq_s32(shift, zero));
  const int32x4_t product = vqrdmulhq_s32(raised, significand);
  const int32x4_t right = vminq_s32(shift, zero);
  const int32x4_t tie = vshrq_n_s32(vandq_s32(product, right), 31);
  return vrshlq_s32(vqaddq_s32(product, tie), right);
}

// The same for outputs that cannot be told from zero when they are negative: then ties do not
// matter.
SWL_INLINE_NEON int32x4_t swl_requantize_rectified(
  int32x4_t sums, int32x4_t significand, int32x4_t shift
) {
  return vrshlq_s32(vqrdmulhq_s32(sums, significand), shift);
}

// The lower halves of eight words.
SWL_INLINE_NEON int16x8_t swl_halve(int32x4_t a, int32x4_t b) {
#if SWL_AARCH64
  return vuzp1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
#else
  return vcombine_s16(vmovn_s32(a), vmovn_s32(b));
#endif
}

// From 0 … 255 to −128 … 127, with saturation.
SWL_INLINE_NEON int8x8_t swl_rectify_8(const int32x4_t words[2]) {
  const uint8x8_t bytes = vqmovun_s16(swl_halve(words[0], words[1]));
  return vreinterpret_s8_u8(veor_u8(bytes, vdup_n_u8(128)));
}

SWL_INLINE_NEON int8x16_t swl_rectify_16(const int32x4_t words[4]) {
#if SWL_AARCH64
  const uint8x16_t bytes = vqmovun_high_s16(
    vqmovun_s16(swl_halve(words[0], words[1])), swl_halve(words[2], words[3]));
  return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
#else
  return vcombine_s8(swl_rectify_8(words), swl_rectify_8(words + 2));
#endif
}

// For words that have 16 bits, with the zero point.
SWL_INLINE_NEON int8x8_t swl_narrow_short_8(const int32x4_t words[2], int16x8_t zero_point) {
  return vqmovn_s16(vaddq_s16(swl_halve(words[0], words[1]), zero_point));
}

SWL_INLINE_NEON int8x16_t swl_narrow_short_16(const int32x4_t words[4], int16x8_t zero_point) {
  const int8x8_t low = swl_narrow_short_8(words, zero_point);
#if SWL_AARCH64
  return vqmovn_high_s16(low, vaddq_s16(swl_halve(words[2], words[3]), zero_point));
#else
  return vcombine_s8(low, swl_narrow_short_8(words + 2, zero_point));
#endif
}

SWL_INLINE_NEON int8x8_t swl_narrow_8(int32x4_t a, int32x4_t b, int16x8_t zero_point) {
#if SWL_AARCH64
  const int16x8_t words = vqmovn_high_s32(vqmovn_s32(a), b);
#else
  const int16x8_t words = vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
#endif
  return vqmovn_s16(vqaddq_s16(words, zero_point));
}

SWL_INLINE_NEON int8x16_t swl_narrow_16(const int32x4_t words[4], int16x8_t zero_point) {
#if SWL_AARCH64
  const int16x8_t high = vqmovn_high_s32(vqmovn_s32(words[2]), words[3]);
  return vqmovn_high_s16(
    swl_narrow_8(words[0], words[1], zero_point), vqaddq_s16(high, zero_point));
#else
  return vcombine_s8(
    swl_narrow_8(words[0], words[1], zero_point), swl_narrow_8(words[2], words[3], zero_point));
#endif
}

// Stores the first `lanes` bytes.
SWL_INLINE_NEON void swl_store_lanes(int8_t *output, int8x16_t bytes, int32_t lanes) {
  int8_t buffer[16];
  vst1q_s8(buffer, bytes);
  for (int32_t lane = 0; lane < lanes; lane++) output[lane] = buffer[lane];
}

// Any number of channels and any multipliers. The sum with the zero point wraps, as the reference's.
SWL_NEON static __attribute__((noinline)) void swl_store_long(
  const int32x4_t *sums, int32_t quads, int32_t count, const swl_requantizer *requantizer,
  const int32_t *table, int32_t lanes, int8_t *output, ptrdiff_t output_stride
) {
  const int32x4_t zero_point = vmovl_s16(vget_low_s16(requantizer->zero_point));
  for (int32_t pixel = 0; pixel < count; pixel++, sums += quads, output += output_stride) {
    int32x4_t words[4] = {zero_point, zero_point, zero_point, zero_point};
    for (int32_t quad = 0; quad < quads; quad++) {
      words[quad] = vaddq_s32(zero_point, swl_requantize_long(
        sums[quad], vld1q_s32(table + 4 * quad + SWL_SIGNIFICAND),
        vld1q_s32(table + 4 * quad + SWL_SHIFT)));
    }
    int8x16_t bytes = swl_narrow_16(words, vdupq_n_s16(0));
    bytes = vminq_s8(vmaxq_s8(bytes, requantizer->minimum), requantizer->maximum);
    swl_store_lanes(output, bytes, lanes);
  }
}

// What a block of channels needs in registers.
typedef struct {
  const swl_requantizer *requantizer;
  const int32_t *table;  // of the block
  int32_t lanes;         // channels that exist
  swl_form form;
  int32x4_t significand[4], shift[4];
  int16x8_t zero_point;
  int8x16_t minimum, maximum;
} swl_scales;

// How the first `quads` × 4 channels of a block are requantized. Blocks that are not full take the
// long way.
SWL_INLINE swl_form swl_form_of_block(
  const swl_requantizer *requantizer, int32_t lanes, const int32_t quads
) {
  return lanes == 4 * quads ? requantizer->form : SWL_ANY_MULTIPLIER;
}

SWL_INLINE_NEON swl_scales swl_load_scales(
  const swl_requantizer *requantizer, const int32_t *table, int32_t lanes, swl_form form,
  const int32_t quads
) {
  swl_scales scales = {
    .requantizer = requantizer, .table = table, .lanes = lanes, .form = form,
    .zero_point = requantizer->zero_point, .minimum = requantizer->minimum,
    .maximum = requantizer->maximum};
#if SWL_AARCH64
  if (quads == 4) {
    const int32x4x4_t significands = vld1q_s32_x4(table + SWL_SIGNIFICAND);
    const int32x4x4_t shifts = vld1q_s32_x4(table + SWL_SHIFT);
    SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
      scales.significand[quad] = significands.val[quad];
      scales.shift[quad] = shifts.val[quad];
    }
    return scales;
  }
#endif
  SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
    scales.significand[quad] = vld1q_s32(table + SWL_SIGNIFICAND + 4 * quad);
    scales.shift[quad] = vld1q_s32(table + SWL_SHIFT + 4 * quad);
  }
  return scales;
}

SWL_INLINE_NEON void swl_store_pixels_as(
  const int32x4_t *sums, const int32_t quads, const int32_t count, const swl_scales *scales,
  int8_t *output, ptrdiff_t output_stride, const swl_form form
) {
  SWL_UNROLL for (int32_t pixel = 0; pixel < count; pixel++) {
    int32x4_t words[4];
    SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
      const int32x4_t sum = sums[quads * pixel + quad];
      words[quad] = form == SWL_RECTIFIED
        ? swl_requantize_rectified(sum, scales->significand[quad], scales->shift[quad])
        : form == SWL_ONLY_DIVIDES
        ? swl_requantize_short(sum, scales->significand[quad], scales->shift[quad])
        : swl_requantize_narrow(sum, scales->significand[quad], scales->shift[quad]);
    }
    if (quads == 4) {
      int8x16_t bytes = form == SWL_RECTIFIED ? swl_rectify_16(words)
        : form == SWL_ONLY_DIVIDES ? swl_narrow_short_16(words, scales->zero_point)
                                   : swl_narrow_16(words, scales->zero_point);
      if (form == SWL_NARROW) bytes = vminq_s8(vmaxq_s8(bytes, scales->minimum), scales->maximum);
      vst1q_s8(output, bytes);
    } else {
      int8x8_t bytes = form == SWL_RECTIFIED ? swl_rectify_8(words)
        : form == SWL_ONLY_DIVIDES ? swl_narrow_short_8(words, scales->zero_point)
                                   : swl_narrow_8(words[0], words[1], scales->zero_point);
      if (form == SWL_NARROW) {
        bytes = vmin_s8(
          vmax_s8(bytes, vget_low_s8(scales->minimum)), vget_low_s8(scales->maximum));
      }
      vst1_s8(output, bytes);
    }
    output += output_stride;
  }
}

// Stores `count` pixels of `quads` × 4 channels: all sixteen of a block, or eight. Both are
// constants where this is inlined.
SWL_INLINE_NEON void swl_store_pixels(
  const int32x4_t *sums, const int32_t quads, const int32_t count, const swl_scales *scales,
  int8_t *output, ptrdiff_t output_stride
) {
  if (__builtin_expect(scales->form == SWL_RECTIFIED, true)) {
    swl_store_pixels_as(sums, quads, count, scales, output, output_stride, SWL_RECTIFIED);
  } else if (scales->form == SWL_ONLY_DIVIDES) {
    swl_store_pixels_as(sums, quads, count, scales, output, output_stride, SWL_ONLY_DIVIDES);
  } else if (scales->form == SWL_NARROW) {
    swl_store_pixels_as(sums, quads, count, scales, output, output_stride, SWL_NARROW);
  } else {
    int32x4_t copies[32];
    SWL_UNROLL for (int32_t index = 0; index < quads * count; index++) copies[index] = sums[index];
    swl_store_long(
      copies, quads, count, scales->requantizer, scales->table, scales->lanes, output,
      output_stride);
  }
}

// Copies `count` bytes; may write and read up to 15 bytes more of scratch memory, never of tensors.
SWL_INLINE_NEON void swl_copy_bytes(int8_t *target, const int8_t *source, ptrdiff_t count) {
  for (; count >= 64; count -= 64, target += 64, source += 64) {
    const int8x16x4_t line = vld1q_s8_x4(source);
    vst1q_s8_x4(target, line);
  }
  for (; count >= 16; count -= 16, target += 16, source += 16) vst1q_s8(target, vld1q_s8(source));
  if (count >= 8) {
    vst1_s8(target, vld1_s8(source));
    count -= 8, target += 8, source += 8;
  }
  for (; count > 0; count--) *target++ = *source++;
}

SWL_INLINE_NEON void swl_fill_bytes_neon(int8_t *target, int8_t value, ptrdiff_t count) {
  const int8x16_t values = vdupq_n_s8(value);
  for (; count >= 64; count -= 64, target += 64) {
    vst1q_s8(target, values), vst1q_s8(target + 16, values);
    vst1q_s8(target + 32, values), vst1q_s8(target + 48, values);
  }
  for (; count > 0; count -= 16, target += 16) vst1q_s8(target, values);
}

#endif
#endif
