// Sums, differences and products with AVX2, sixteen elements at a time.
#include "internal.h"

#if SWL_X86

#include "avx2.h"

SWL_INLINE256 __m128i load(const int8_t *place, bool is_single, int32_t count) {
  return is_single ? _mm_set1_epi8(*place) : swl_load_bytes256(place, count);
}

SWL_INLINE256 __m256i upper_half(__m128i bytes) {
  return _mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8));
}

SWL_INLINE256 swl_activation clamp_of(const swl_pairing *pairing) {
  return (swl_activation){.minimum = pairing->minimum, .maximum = pairing->maximum};
}

SWL_INLINE256 swl_requantizer256 requantizer_of(swl_multiplier multiplier, int32_t zero_point) {
  return swl_requantizer256_from(
    _mm256_set1_epi32(multiplier.significand), _mm256_set1_epi32(multiplier.shift), zero_point);
}

// An operand of a sum: centred, raised, scaled.
typedef struct {
  __m256i zero_point;
  __m128i left_shift;
  swl_requantizer256 requantizer;
} operand;

SWL_INLINE256 __m256i scale(__m256i values, const operand *side) {
  const __m256i centered = _mm256_sub_epi32(values, side->zero_point);
  return swl_requantize256(_mm256_sll_epi32(centered, side->left_shift), &side->requantizer);
}

// Any sum, by its multipliers.
SWL_AVX2 static void scaled_sum(const swl_sum *call) {
  const swl_pairing *pairing = &call->pairing;
  const __m128i left_shift = _mm_cvtsi32_si128(pairing->left_shift);
  const operand first = {
    _mm256_set1_epi32(pairing->first_zero_point), left_shift, requantizer_of(pairing->first, 0)};
  const operand second = {
    _mm256_set1_epi32(pairing->second_zero_point), left_shift, requantizer_of(pairing->second, 0)};
  const swl_requantizer256 result = requantizer_of(pairing->result, pairing->output_zero_point);
  const swl_activation clamp = clamp_of(pairing);
  const __m256i sign = _mm256_set1_epi32(pairing->is_difference ? -1 : 1);
  for (int32_t place = 0; place < pairing->count; place += 16) {
    const int32_t left = pairing->count - place;
    const bool first_is_single = pairing->first_is_single;
    const bool second_is_single = pairing->second_is_single;
    const __m128i a =
      load(first_is_single ? call->first : call->first + place, first_is_single, left);
    const __m128i b =
      load(second_is_single ? call->second : call->second + place, second_is_single, left);
    const __m256i low = _mm256_add_epi32(
      scale(_mm256_cvtepi8_epi32(a), &first),
      _mm256_sign_epi32(scale(_mm256_cvtepi8_epi32(b), &second), sign));
    const __m256i high = _mm256_add_epi32(
      scale(upper_half(a), &first), _mm256_sign_epi32(scale(upper_half(b), &second), sign));
    const __m128i bytes = swl_pack256(
      swl_requantize256(low, &result), swl_requantize256(high, &result), &clamp);
    swl_store_bytes256(call->output + place, bytes, left);
  }
}

// A sum as a linear form, with products of 16 bits: a slope A is 256 A' + A″, and an element in the
// upper byte of 16 bits is 256 times itself.
SWL_AVX2 static void linear_sum(const swl_sum *call) {
  const swl_pairing *pairing = &call->pairing;
  const int32_t a = pairing->linear.first, b = pairing->linear.second;
  const __m256i upper = _mm256_set1_epi32((int32_t)((uint32_t)(b >> 8) << 16) | (a >> 8 & 0xFFFF));
  const __m256i lower = _mm256_set1_epi32((b & 0xFF) << 16 | (a & 0xFF));
  const __m256i offset = _mm256_set1_epi32(pairing->linear.offset);
  const __m128i shift = _mm_cvtsi32_si128(pairing->linear.shift);
  const swl_activation clamp = clamp_of(pairing);
  for (int32_t place = 0; place < pairing->count; place += 16) {
    const int32_t left = pairing->count - place;
    const bool first_is_single = pairing->first_is_single;
    const bool second_is_single = pairing->second_is_single;
    const __m128i x =
      load(first_is_single ? call->first : call->first + place, first_is_single, left);
    const __m128i y =
      load(second_is_single ? call->second : call->second + place, second_is_single, left);
    __m256i words[2] = {
      _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(x, y)), _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(x, y))};
#pragma clang loop unroll(full)
    for (int32_t half = 0; half < 2; half++) {
      const __m256i most = _mm256_madd_epi16(_mm256_slli_epi16(words[half], 8), upper);
      const __m256i least = _mm256_madd_epi16(words[half], lower);
      const __m256i sums = _mm256_add_epi32(_mm256_add_epi32(most, least), offset);
      words[half] = _mm256_sra_epi32(sums, shift);
    }
    swl_store_bytes256(call->output + place, swl_pack256(words[0], words[1], &clamp), left);
  }
}

SWL_AVX2 void swl_sum__avx2(const swl_sum *call) {
  if (call->pairing.linear.shift > 0) {
    linear_sum(call);
  } else {
    scaled_sum(call);
  }
}

SWL_AVX2 void swl_product__avx2(const swl_product *call) {
  const swl_pairing *pairing = &call->pairing;
  const __m256i first_zero = _mm256_set1_epi32(pairing->first_zero_point);
  const __m256i second_zero = _mm256_set1_epi32(pairing->second_zero_point);
  const swl_requantizer256 result = requantizer_of(pairing->result, pairing->output_zero_point);
  const swl_activation clamp = clamp_of(pairing);
  for (int32_t place = 0; place < pairing->count; place += 16) {
    const int32_t left = pairing->count - place;
    const bool first_is_single = pairing->first_is_single;
    const bool second_is_single = pairing->second_is_single;
    const __m128i a =
      load(first_is_single ? call->first : call->first + place, first_is_single, left);
    const __m128i b =
      load(second_is_single ? call->second : call->second + place, second_is_single, left);
    const __m256i low = _mm256_mullo_epi32(
      _mm256_sub_epi32(_mm256_cvtepi8_epi32(a), first_zero),
      _mm256_sub_epi32(_mm256_cvtepi8_epi32(b), second_zero));
    const __m256i high = _mm256_mullo_epi32(
      _mm256_sub_epi32(upper_half(a), first_zero), _mm256_sub_epi32(upper_half(b), second_zero));
    const __m128i bytes = swl_pack256(
      swl_requantize256(low, &result), swl_requantize256(high, &result), &clamp);
    swl_store_bytes256(call->output + place, bytes, left);
  }
}

#endif
