// What the AVX-512 kernels share: moving bytes, and requantizing sixteen channels at once.
#ifndef SWL_AVX512_H
#define SWL_AVX512_H

#include <immintrin.h>

#include "requantize.h"

#define SWL_INLINE512 SWL_INLINE SWL_AVX512VNNI

// The dot product instruction multiplies unsigned with signed bytes. Activations are moved by 128,
// which flips their top bit; the folded bias makes up for it with the sum of the weights.
enum { SWL_FLIP = 0x80 };

// Copies `count` bytes with flipped top bits. May write up to 63 bytes more.
SWL_INLINE512 void swl_copy_flipped(uint8_t *target, const int8_t *source, ptrdiff_t count) {
  const __m512i flip = _mm512_set1_epi8((char)SWL_FLIP);
  for (; count >= 64; count -= 64, target += 64, source += 64) {
    _mm512_storeu_si512(target, _mm512_xor_si512(_mm512_loadu_si512(source), flip));
  }
  if (count > 0) {
    const __m512i tail = _mm512_maskz_loadu_epi8((1ull << count) - 1, source);
    _mm512_storeu_si512(target, _mm512_xor_si512(tail, flip));
  }
}

// Sets `count` bytes. May write up to 63 bytes more.
SWL_INLINE512 void swl_fill_bytes(uint8_t *target, uint8_t byte, ptrdiff_t count) {
  const __m512i value = _mm512_set1_epi8((char)byte);
  for (; count > 0; count -= 64, target += 64) _mm512_storeu_si512(target, value);
}

// What one block of the channel table becomes for the short requantization (requantize.h).
typedef struct {
  __m512i significand;      // of all channels; the even ones are multiplied from here
  __m512i odd_significand;  // of the odd channels, in the even elements
  __m512i raise;            // 2 + max(shift, 0)
  __m512i exponent;         // e + 1
  __m512i rounding;         // 2^e + 1, or 1 for e = 0, and the zero point
  __m512i negative_rounding;  // the same for negative accumulators
} swl_requantizer512;

// Accumulators of a block before the first product, for flipped activations.
SWL_INLINE512 __m512i swl_start512(const int32_t *table) {
  const __m512i sums = _mm512_loadu_si512(table + SWL_WEIGHT_SUM);
  const __m512i biases = _mm512_loadu_si512(table + SWL_FOLDED_BIAS);
  return _mm512_sub_epi32(biases, _mm512_slli_epi32(sums, 7));
}

SWL_INLINE512 swl_requantizer512 swl_requantizer512_from(
  __m512i significand, __m512i shift, int32_t zero_point
) {
  const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
  const __m512i e = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  const __m512i two_to_e = _mm512_sllv_epi32(one, e);
  // 2^e, or 0 for e = 0.
  const __m512i half = _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(e, e), two_to_e);
  const __m512i offset = _mm512_sllv_epi32(_mm512_set1_epi32(zero_point), _mm512_add_epi32(e, one));
  const __m512i rounding = _mm512_add_epi32(_mm512_add_epi32(half, one), offset);
  const __m512i two = _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(e, e), _mm512_set1_epi32(2));
  return (swl_requantizer512){
    .significand = significand,
    .odd_significand = _mm512_srli_epi64(significand, 32),
    .raise = _mm512_add_epi32(_mm512_max_epi32(shift, zero), _mm512_set1_epi32(2)),
    .exponent = _mm512_add_epi32(e, one),
    .rounding = rounding,
    .negative_rounding = _mm512_sub_epi32(rounding, two),
  };
}

SWL_INLINE512 swl_requantizer512 swl_requantizer512_load(const int32_t *table, int32_t zero_point) {
  return swl_requantizer512_from(
    _mm512_loadu_si512(table + SWL_SIGNIFICAND), _mm512_loadu_si512(table + SWL_SHIFT), zero_point);
}

// Outputs before the clamp, in 32 bits, zero point included. Where the clamp's lower end is at least
// the zero point (`is_rectified`), what a negative sum becomes cannot be seen.
SWL_INLINE512 __m512i swl_requantize512(
  __m512i sums, const swl_requantizer512 *q, const bool is_rectified
) {
  const __m512i raised = _mm512_sllv_epi32(sums, q->raise);
  const __m512i even = _mm512_mul_epi32(raised, q->significand);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(raised, 32), q->odd_significand);
  // The upper halves of all products: those of the odd channels are in place.
  const __m512i high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
  __m512i rounding = q->rounding;
  if (!is_rectified) {
    // sign ? negative_rounding : rounding
    rounding = _mm512_ternarylogic_epi32(
      _mm512_srai_epi32(sums, 31), q->negative_rounding, q->rounding, 0xCA);
  }
  return _mm512_srav_epi32(_mm512_add_epi32(high, rounding), q->exponent);
}

// The same in single precision, two products and two conversions: where `swl_refine` has shown for
// every channel that no rounding of these can be seen (fused_avx512vnni.c). With the multiplier
// m × 2^(−31−e), e > 0, and the zero point z, an output before the clamp is
//
//     floor((a m + D) / 2^(31+e)),   D = (2 z + 1) 2^(30+e) + 2^30, less 2^31 where a < 0
//
// D is nearly a multiple b of m: accumulators start at b, and only D − b m is left to add. A
// significand is too long for one number: it is a high and a low part. The last product rounds
// down, and so does the conversion, as if neither rounded.
typedef struct {
  __m512i start;                // b
  __m512 high, low;             // the multiplier
  __m512 rest, negative_rest;  // (D − b m) / 2^(31+e)
} swl_fused512;

// For shifts below zero.
SWL_INLINE512 swl_fused512 swl_fused512_from(
  __m512i significand, __m512i shift, int32_t zero_point
) {
  const __m512 scale = _mm512_cvtepi32_ps(_mm512_sub_epi32(shift, _mm512_set1_epi32(31)));
  const __m512 rounded = _mm512_cvtepi32_ps(significand);
  const __m512i low = _mm512_sub_epi32(significand, _mm512_cvtps_epu32(rounded));
  const __m512 high = _mm512_scalef_ps(rounded, scale);
  const __m512 half = _mm512_scalef_ps(_mm512_set1_ps(0.5f), _mm512_cvtepi32_ps(shift));
  const __m512 offset = _mm512_add_ps(_mm512_set1_ps((float)zero_point + 0.5f), half);
  const __m512i start = _mm512_cvtps_epi32(_mm512_div_ps(offset, high));
  // D − b m is small: its low 32 bits are all of it.
  const __m512i power = _mm512_sub_epi32(_mm512_set1_epi32(30), shift);
  const __m512i sum = _mm512_add_epi32(
    _mm512_sllv_epi32(_mm512_set1_epi32(2 * zero_point + 1), power), _mm512_set1_epi32(1 << 30));
  const __m512 rest = _mm512_cvtepi32_ps(
    _mm512_sub_epi32(sum, _mm512_mullo_epi32(start, significand)));
  const __m512 negative = _mm512_sub_ps(rest, _mm512_set1_ps(0x1p31f));
  return (swl_fused512){
    .start = start, .high = high,
    .low = _mm512_scalef_ps(_mm512_cvtepi32_ps(low), scale),
    .rest = _mm512_scalef_ps(rest, scale),
    .negative_rest = _mm512_scalef_ps(negative, scale)};
}

SWL_INLINE512 swl_fused512 swl_fused512_load(const int32_t *table, int32_t zero_point) {
  return swl_fused512_from(
    _mm512_loadu_si512(table + SWL_SIGNIFICAND), _mm512_loadu_si512(table + SWL_SHIFT), zero_point);
}

// `sums` include the start. For `is_rectified` see `swl_requantize512`.
SWL_INLINE512 __m512i swl_fuse512(__m512i sums, const swl_fused512 *f, const bool is_rectified) {
  const __m512 values = _mm512_cvtepi32_ps(sums);
  const __m512 rest = is_rectified
    ? f->rest
    : _mm512_mask_blend_ps(
        _mm512_cmplt_epi32_mask(sums, f->start), f->rest, f->negative_rest);
  const __m512 outputs = _mm512_fmadd_round_ps(
    values, f->high, _mm512_fmadd_ps(values, f->low, rest), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  return _mm512_cvt_roundps_epi32(outputs, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

// The even channels of the long form, in 64 bits.
SWL_INLINE512 __m512i swl_rescale512(__m512i raised, __m512i significand, __m512i exponent) {
  const __m512i one = _mm512_set1_epi64(1);
  const __m512i product = _mm512_mul_epi32(raised, significand);
  const __m512i nudged = _mm512_add_epi64(product, _mm512_set1_epi64(1ll << 30));
  // Only the product of the two minima needs to be saturated.
  const __m512i high =
    _mm512_min_epi64(_mm512_srai_epi64(nudged, 31), _mm512_set1_epi64(INT32_MAX));
  const __mmask8 rounds = _mm512_test_epi64_mask(exponent, exponent);
  // 2^(e−1) − [v < 0]
  const __m512i half = _mm512_sllv_epi64(one, _mm512_sub_epi64(exponent, one));
  const __m512i nudge = _mm512_add_epi64(half, _mm512_srai_epi64(high, 63));
  return _mm512_srav_epi64(_mm512_mask_add_epi64(high, rounds, high, nudge), exponent);
}

// The long form: for calls that are not narrow.
SWL_INLINE512 __m512i swl_requantize512_long(
  __m512i sums, const int32_t *table, int32_t zero_point
) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i significand = _mm512_loadu_si512(table + SWL_SIGNIFICAND);
  const __m512i shift = _mm512_loadu_si512(table + SWL_SHIFT);
  const __m512i exponent = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  const __m512i raised = _mm512_sllv_epi32(sums, _mm512_max_epi32(shift, zero));
  const __m512i lower = _mm512_set1_epi64(UINT32_MAX);
  const __m512i even = swl_rescale512(raised, significand, _mm512_and_si512(exponent, lower));
  const __m512i odd = swl_rescale512(
    _mm512_srli_epi64(raised, 32), _mm512_srli_epi64(significand, 32),
    _mm512_srli_epi64(exponent, 32));
  const __m512i values = _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA);
  return _mm512_add_epi32(values, _mm512_set1_epi32(zero_point));
}

// By the form that holds.
SWL_INLINE512 __m512i swl_requantize512_any(
  __m512i sums, const int32_t *table, int32_t zero_point, bool is_narrow
) {
  if (!is_narrow) return swl_requantize512_long(sums, table, zero_point);
  const swl_requantizer512 requantizer = swl_requantizer512_load(table, zero_point);
  return swl_requantize512(sums, &requantizer, false);
}

// Narrows sixty-four 32-bit values to bytes, in order.
SWL_INLINE512 __m512i swl_order512(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i bytes =
    _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
  // Packing works on each quarter of a register: it leaves the dwords a0 b0 c0 d0, a1 b1 c1 d1 …
  const __m512i order =
    _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, bytes);
}

SWL_INLINE512 __m512i swl_pack512(
  __m512i a, __m512i b, __m512i c, __m512i d, const swl_activation *activation
) {
  const __m512i minimum = _mm512_set1_epi8((char)activation->minimum);
  const __m512i maximum = _mm512_set1_epi8((char)activation->maximum);
  return _mm512_min_epi8(_mm512_max_epi8(swl_order512(a, b, c, d), minimum), maximum);
}

#endif
