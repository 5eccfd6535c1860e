// What the AVX2 kernels share: requantizing eight channels at once, and storing bytes.
#ifndef SWL_AVX2_H
#define SWL_AVX2_H

#include <immintrin.h>

#include "requantize.h"

#define SWL_INLINE256 SWL_INLINE SWL_AVX2

// What eight entries of the channel table become for the short requantization (requantize.h).
typedef struct {
  __m256i significand;      // of all channels; the even ones are multiplied from here
  __m256i odd_significand;  // of the odd channels, in the even elements
  __m256i raise;            // 2 + max(shift, 0)
  __m256i exponent;         // e + 1
  __m256i rounding;         // 2^e + 1, or 1 for e = 0, and the zero point
  __m256i correction;       // for negative accumulators: 2, or 0 for e = 0
} swl_requantizer256;

SWL_INLINE256 swl_requantizer256 swl_requantizer256_from(
  __m256i significand, __m256i shift, int32_t zero_point
) {
  const __m256i zero = _mm256_setzero_si256(), one = _mm256_set1_epi32(1);
  const __m256i e = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
  const __m256i is_zero = _mm256_cmpeq_epi32(e, zero);
  const __m256i half = _mm256_andnot_si256(is_zero, _mm256_sllv_epi32(one, e));
  const __m256i offset = _mm256_sllv_epi32(_mm256_set1_epi32(zero_point), _mm256_add_epi32(e, one));
  return (swl_requantizer256){
    .significand = significand,
    .odd_significand = _mm256_srli_epi64(significand, 32),
    .raise = _mm256_add_epi32(_mm256_max_epi32(shift, zero), _mm256_set1_epi32(2)),
    .exponent = _mm256_add_epi32(e, one),
    .rounding = _mm256_add_epi32(_mm256_add_epi32(half, one), offset),
    .correction = _mm256_andnot_si256(is_zero, _mm256_set1_epi32(2)),
  };
}

SWL_INLINE256 swl_requantizer256 swl_requantizer256_load(const int32_t *table, int32_t zero_point) {
  return swl_requantizer256_from(
    _mm256_loadu_si256((const __m256i *)(table + SWL_SIGNIFICAND)),
    _mm256_loadu_si256((const __m256i *)(table + SWL_SHIFT)), zero_point);
}

// Outputs before the clamp, in 32 bits, zero point included.
SWL_INLINE256 __m256i swl_requantize256(__m256i sums, const swl_requantizer256 *q) {
  const __m256i raised = _mm256_sllv_epi32(sums, q->raise);
  const __m256i even = _mm256_mul_epi32(raised, q->significand);
  const __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(raised, 32), q->odd_significand);
  const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
  const __m256i correction = _mm256_and_si256(_mm256_srai_epi32(sums, 31), q->correction);
  const __m256i rounding = _mm256_sub_epi32(q->rounding, correction);
  return _mm256_srav_epi32(_mm256_add_epi32(high, rounding), q->exponent);
}

// The long form, one channel after the other: for calls that are not narrow.
SWL_INLINE256 __m256i swl_requantize256_long(
  __m256i sums, const int32_t *table, int32_t zero_point
) {
  int32_t values[8];
  _mm256_storeu_si256((__m256i *)values, sums);
  for (int32_t lane = 0; lane < 8; lane++) {
    const int32_t value =
      swl_rescale(values[lane], table[SWL_SIGNIFICAND + lane], table[SWL_SHIFT + lane]);
    // Wraps as the reference does.
    values[lane] = (int32_t)((uint32_t)value + (uint32_t)zero_point);
  }
  return _mm256_loadu_si256((const __m256i *)values);
}

// Sixteen 32-bit values, the lower halves of both registers first in each half, to clamped bytes.
SWL_INLINE256 __m128i swl_narrow256(
  __m256i low, __m256i high, const swl_activation *activation
) {
  const __m256i words = _mm256_packs_epi32(low, high);
  const __m128i bytes =
    _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  const __m128i minimum = _mm_set1_epi8((char)activation->minimum);
  const __m128i maximum = _mm_set1_epi8((char)activation->maximum);
  return _mm_min_epi8(_mm_max_epi8(bytes, minimum), maximum);
}

// The same for values in order.
SWL_INLINE256 __m128i swl_pack256(__m256i low, __m256i high, const swl_activation *activation) {
  const __m256i first = _mm256_permute2x128_si256(low, high, 0x20);
  const __m256i second = _mm256_permute2x128_si256(low, high, 0x31);
  return swl_narrow256(first, second, activation);
}

// Stores the first `count` bytes of sixteen.
SWL_INLINE256 void swl_store_bytes256(int8_t *output, __m128i bytes, int32_t count) {
  if (count >= 16) {
    _mm_storeu_si128((__m128i *)output, bytes);
  } else {
    int8_t all[16];
    _mm_storeu_si128((__m128i *)all, bytes);
    memcpy(output, all, (size_t)count);
  }
}

// Loads `count` bytes, at most sixteen; zero behind them.
SWL_INLINE256 __m128i swl_load_bytes256(const int8_t *input, int32_t count) {
  if (count >= 16) return _mm_loadu_si128((const __m128i *)input);
  int8_t all[16] = {0};
  memcpy(all, input, (size_t)count);
  return _mm_loadu_si128((const __m128i *)all);
}

SWL_INLINE256 __m256i swl_widen256(const int8_t *input) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)input));
}

#endif
