// The check behind requantization in single precision (avx512.h).
//
// Both forms never fall as the accumulator rises, and there are at most 255 steps from the least output
// of the clamp to the largest. So they agree everywhere if they agree on both sides of every step.
#include "internal.h"

#if SWL_X86

#include "avx512.h"

// Of sixteen channels, whether both forms agree on both sides of the step to output `value`; a mask.
SWL_INLINE512 __mmask16 agree_at(
  int32_t value, const swl_fused512 *fused, const swl_requantizer512 *exact,
  const swl_activation *activation, const bool is_rectified
) {
  // Where the step is, within one: (value − rest) / multiplier − start.
  const __m512 place = _mm512_div_ps(
    _mm512_sub_ps(_mm512_set1_ps((float)value), fused->rest), fused->high);
  const __m512i step = _mm512_sub_epi32(_mm512_cvtps_epi32(place), fused->start);
  const __m512i least = _mm512_set1_epi32(activation->minimum);
  const __m512i most = _mm512_set1_epi32(activation->maximum);
  __mmask16 agree = 0xFFFF, below = 0, above = 0;
#pragma clang loop unroll(full)
  for (int32_t distance = -3; distance <= 3; distance++) {
    const __m512i sums = _mm512_add_epi32(step, _mm512_set1_epi32(distance));
    const __m512i expected = swl_requantize512(sums, exact, false);
    const __m512i found =
      swl_fuse512(_mm512_add_epi32(sums, fused->start), fused, is_rectified);
    agree &= _mm512_cmpeq_epi32_mask(
      _mm512_min_epi32(_mm512_max_epi32(expected, least), most),
      _mm512_min_epi32(_mm512_max_epi32(found, least), most));
    if (distance == -3) below = _mm512_cmplt_epi32_mask(expected, _mm512_set1_epi32(value));
    if (distance == 3) above = _mm512_cmpge_epi32_mask(expected, _mm512_set1_epi32(value));
  }
  return agree & below & above;
}

SWL_AVX512VNNI static bool holds(
  const int32_t *channels, int32_t depth, const swl_activation *activation
) {
  const bool is_rectified = activation->minimum >= activation->output_zero_point;
  for (int32_t channel = 0; channel < depth; channel += SWL_BLOCK) {
    const int32_t left = swl_min(depth - channel, SWL_BLOCK);
    const __mmask16 here = (__mmask16)((1u << left) - 1);
    const int32_t *table = channels + swl_channel_place(channel);
    const __m512i shift = _mm512_loadu_si512(table + SWL_SHIFT);
    const __m512i significand = _mm512_loadu_si512(table + SWL_SIGNIFICAND);
    // Beyond 2^14 × 256 accumulators are no longer exact in single precision.
    if ((_mm512_cmplt_epi32_mask(shift, _mm512_setzero_si512()) &
         _mm512_cmpge_epi32_mask(shift, _mm512_set1_epi32(-14)) &
         _mm512_cmpge_epi32_mask(significand, _mm512_set1_epi32(1 << 30)) & here) != here) {
      return false;
    }
    const swl_fused512 fused =
      swl_fused512_from(significand, shift, activation->output_zero_point);
    const swl_requantizer512 exact =
      swl_requantizer512_from(significand, shift, activation->output_zero_point);
    for (int32_t value = activation->minimum + 1; value <= activation->maximum; value++) {
      const __mmask16 agree = is_rectified
        ? agree_at(value, &fused, &exact, activation, true)
        : agree_at(value, &fused, &exact, activation, false);
      if ((agree & here) != here) return false;
    }
  }
  return true;
}

void swl_refine_convolution__avx512vnni(swl_convolution *call) {
  call->derived.is_fused = call->derived.is_narrow &&
    holds(call->channels, call->window.output_depth, &call->activation);
}

#endif
