// Sums, differences and products, 64 elements at a time.
#include "internal.h"

#if SWL_X86

#include "avx512.h"

// Sixteen elements of an operand in 32 bits; one element repeated where `is_single`.
SWL_INLINE512 __m512i widen(__m512i bytes, int32_t quarter) {
  switch (quarter) {
    case 0: return _mm512_cvtepi8_epi32(_mm512_castsi512_si128(bytes));
    case 1: return _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(bytes, 1));
    case 2: return _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(bytes, 2));
    default: return _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(bytes, 3));
  }
}

SWL_INLINE512 __m512i load(const int8_t *place, bool is_single, __mmask64 here) {
  if (is_single) return _mm512_set1_epi8(*place);
  return here == ~0ull ? _mm512_loadu_si512(place) : _mm512_maskz_loadu_epi8(here, place);
}

SWL_INLINE512 void store(
  const swl_elementwise *call, int32_t place, __mmask64 here, const __m512i words[4]
) {
  const __m512i minimum = _mm512_set1_epi8((char)call->pairing.minimum);
  const __m512i maximum = _mm512_set1_epi8((char)call->pairing.maximum);
  const __m512i bytes = swl_order512(words[0], words[1], words[2], words[3]);
  const __m512i clamped = _mm512_min_epi8(_mm512_max_epi8(bytes, minimum), maximum);
  if (here == ~0ull) {
    _mm512_storeu_si512(call->output + place, clamped);
  } else {
    _mm512_mask_storeu_epi8(call->output + place, here, clamped);
  }
}

SWL_INLINE512 swl_requantizer512 requantizer_of(swl_multiplier multiplier, int32_t zero_point) {
  return swl_requantizer512_from(
    _mm512_set1_epi32(multiplier.significand), _mm512_set1_epi32(multiplier.shift), zero_point);
}

// An operand of a sum: centred, raised, scaled.
typedef struct {
  __m512i zero_point;
  __m128i left_shift;
  swl_requantizer512 requantizer;
} operand;

// Whether the factor is exactly 1/2, as that of the operand with the larger scale is. Then one bit
// less of raising is all the scaling.
SWL_INLINE512 bool is_half(swl_multiplier multiplier, int32_t left_shift) {
  return multiplier.significand == 1 << 30 && multiplier.shift == 0 && left_shift > 0;
}

SWL_INLINE512 operand operand_of(
  swl_multiplier multiplier, int32_t zero_point, int32_t left_shift, const bool is_half
) {
  return (operand){
    .zero_point = _mm512_set1_epi32(zero_point),
    .left_shift = _mm_cvtsi32_si128(is_half ? left_shift - 1 : left_shift),
    .requantizer = requantizer_of(multiplier, 0)};
}

SWL_INLINE512 __m512i scale(__m512i values, const operand *side, const bool is_half) {
  const __m512i raised =
    _mm512_sll_epi32(_mm512_sub_epi32(values, side->zero_point), side->left_shift);
  return is_half ? raised : swl_requantize512(raised, &side->requantizer, false);
}

SWL_INLINE512 void sum(
  const swl_sum *call, const bool first_is_half, const bool second_is_half
) {
  const swl_pairing *pairing = &call->pairing;
  const operand first =
    operand_of(pairing->first, pairing->first_zero_point, pairing->left_shift, first_is_half);
  const operand second =
    operand_of(pairing->second, pairing->second_zero_point, pairing->left_shift, second_is_half);
  const swl_requantizer512 result = requantizer_of(pairing->result, pairing->output_zero_point);
  for (int32_t place = 0; place < pairing->count; place += 64) {
    const int32_t left = pairing->count - place;
    const __mmask64 here = left >= 64 ? ~0ull : (1ull << left) - 1;
    const bool first_is_single = pairing->first_is_single;
    const bool second_is_single = pairing->second_is_single;
    const __m512i a =
      load(first_is_single ? call->first : call->first + place, first_is_single, here);
    const __m512i b =
      load(second_is_single ? call->second : call->second + place, second_is_single, here);
    __m512i words[4];
#pragma clang loop unroll(full)
    for (int32_t quarter = 0; quarter < 4; quarter++) {
      const __m512i left_value = scale(widen(a, quarter), &first, first_is_half);
      const __m512i right_value = scale(widen(b, quarter), &second, second_is_half);
      const __m512i value = pairing->is_difference ? _mm512_sub_epi32(left_value, right_value)
                                                   : _mm512_add_epi32(left_value, right_value);
      words[quarter] = swl_requantize512(value, &result, false);
    }
    store(call, place, here, words);
  }
}

// A sum as a linear form, with products of 16 bits: a slope A is 256 A' + A″, and an element in the
// upper byte of 16 bits is 256 times itself.
SWL_INLINE512 void linear_sum(const swl_sum *call) {
  const swl_pairing *pairing = &call->pairing;
  const int32_t a = pairing->linear.first, b = pairing->linear.second;
  const __m512i upper = _mm512_set1_epi32((int32_t)((uint32_t)(b >> 8) << 16) | (a >> 8 & 0xFFFF));
  const __m512i lower = _mm512_set1_epi32((b & 0xFF) << 16 | (a & 0xFF));
  const __m512i offset = _mm512_set1_epi32(pairing->linear.offset);
  const __m128i shift = _mm_cvtsi32_si128(pairing->linear.shift);
  const __m512i minimum = _mm512_set1_epi8((char)pairing->minimum);
  const __m512i maximum = _mm512_set1_epi8((char)pairing->maximum);
  const __m512i zero = _mm512_setzero_si512();
  const bool first_is_single = pairing->first_is_single;
  const bool second_is_single = pairing->second_is_single;
  for (int32_t place = 0; place < pairing->count; place += 64) {
    const int32_t left = pairing->count - place;
    const __mmask64 here = left >= 64 ? ~0ull : (1ull << left) - 1;
    const __m512i x =
      load(first_is_single ? call->first : call->first + place, first_is_single, here);
    const __m512i y =
      load(second_is_single ? call->second : call->second + place, second_is_single, here);
    const __m512i low = _mm512_unpacklo_epi8(x, y), high = _mm512_unpackhi_epi8(x, y);
    __m512i words[4] = {
      _mm512_unpacklo_epi8(zero, low), _mm512_unpackhi_epi8(zero, low),
      _mm512_unpacklo_epi8(zero, high), _mm512_unpackhi_epi8(zero, high)};
#pragma clang loop unroll(full)
    for (int32_t part = 0; part < 4; part++) {
      const __m512i most = _mm512_dpwssd_epi32(offset, words[part], upper);
      const __m512i sums = _mm512_dpwssd_epi32(most, _mm512_srai_epi16(words[part], 8), lower);
      words[part] = _mm512_sra_epi32(sums, shift);
    }
    // Packing undoes the order of interleaving.
    const __m512i bytes = _mm512_packs_epi16(
      _mm512_packs_epi32(words[0], words[1]), _mm512_packs_epi32(words[2], words[3]));
    const __m512i clamped = _mm512_min_epi8(_mm512_max_epi8(bytes, minimum), maximum);
    _mm512_mask_storeu_epi8(call->output + place, here, clamped);
  }
}

SWL_AVX512VNNI void swl_sum__avx512vnni(const swl_sum *call) {
  const swl_pairing *pairing = &call->pairing;
  if (pairing->linear.shift > 0) {
    linear_sum(call);
    return;
  }
  const bool first_is_half = is_half(pairing->first, pairing->left_shift);
  const bool second_is_half = is_half(pairing->second, pairing->left_shift);
  if (first_is_half && second_is_half) {
    sum(call, true, true);
  } else if (first_is_half) {
    sum(call, true, false);
  } else if (second_is_half) {
    sum(call, false, true);
  } else {
    sum(call, false, false);
  }
}

SWL_AVX512VNNI void swl_product__avx512vnni(const swl_product *call) {
  const swl_pairing *pairing = &call->pairing;
  const __m512i first_zero = _mm512_set1_epi32(pairing->first_zero_point);
  const __m512i second_zero = _mm512_set1_epi32(pairing->second_zero_point);
  const swl_requantizer512 result = requantizer_of(pairing->result, pairing->output_zero_point);
  for (int32_t place = 0; place < pairing->count; place += 64) {
    const int32_t left = pairing->count - place;
    const __mmask64 here = left >= 64 ? ~0ull : (1ull << left) - 1;
    const bool first_is_single = pairing->first_is_single;
    const bool second_is_single = pairing->second_is_single;
    const __m512i a =
      load(first_is_single ? call->first : call->first + place, first_is_single, here);
    const __m512i b =
      load(second_is_single ? call->second : call->second + place, second_is_single, here);
    __m512i words[4];
#pragma clang loop unroll(full)
    for (int32_t quarter = 0; quarter < 4; quarter++) {
      // Both factors have nine bits and a sign: sixteen bits each, so one 16-bit product will do.
      const __m512i left_value = _mm512_sub_epi32(widen(a, quarter), first_zero);
      const __m512i right_value = _mm512_sub_epi32(widen(b, quarter), second_zero);
      words[quarter] =
        swl_requantize512(_mm512_mullo_epi32(left_value, right_value), &result, false);
    }
    store(call, place, here, words);
  }
}

#endif
