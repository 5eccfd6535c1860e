// Products of inputs with the packed weights of a block of sixteen channels, without dot products.
//
// Both are widened to 16 bits; one instruction multiplies four inputs with the weights of four
// channels and adds neighbouring products. The two sums of a channel stay apart until the end.
#ifndef SWL_PRODUCTS_AVX2_H
#define SWL_PRODUCTS_AVX2_H

#include "avx2.h"

// What the outputs of a block of channels are made with.
typedef struct {
  const int32_t *table;
  swl_activation activation;
  bool is_narrow;
  swl_requantizer256 low, high;  // of narrow calls
} swl_block256;

SWL_INLINE256 swl_block256 swl_block256_of(
  const int32_t *table, const swl_activation *activation, bool is_narrow
) {
  return (swl_block256){
    .table = table, .activation = *activation, .is_narrow = is_narrow,
    .low = swl_requantizer256_load(table, activation->output_zero_point),
    .high = swl_requantizer256_load(table + 8, activation->output_zero_point)};
}

// Four inputs in 16 bits, four times.
SWL_INLINE256 __m256i swl_inputs256(int32_t inputs) {
  return _mm256_cvtepi8_epi16(_mm_set1_epi32(inputs));
}

// Starts the sums of sixteen channels at their folded biases, which count for one of both sums.
SWL_INLINE256 void swl_start_block256(__m256i sums[4], const int32_t *table) {
#pragma clang loop unroll(full)
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    const __m128i biases =
      _mm_loadu_si128((const __m128i *)(table + SWL_FOLDED_BIAS + 4 * quarter));
    sums[quarter] = _mm256_cvtepu32_epi64(biases);
  }
}

SWL_INLINE256 void swl_add_products256(__m256i sums[4], __m256i inputs, const __m256i weights[4]) {
#pragma clang loop unroll(full)
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    sums[quarter] =
      _mm256_add_epi32(sums[quarter], _mm256_madd_epi16(inputs, weights[quarter]));
  }
}

// The outputs of a block.
SWL_INLINE256 __m128i swl_finish_block256(const __m256i sums[4], const swl_block256 *block) {
  // Neighbours are added: c0 c1 c4 c5, c2 c3 c6 c7; then put in order.
  const __m256i low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[0], sums[1]), 0xD8);
  const __m256i high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[2], sums[3]), 0xD8);
  if (block->is_narrow) {
    return swl_pack256(
      swl_requantize256(low, &block->low), swl_requantize256(high, &block->high),
      &block->activation);
  }
  const int32_t zero_point = block->activation.output_zero_point;
  return swl_pack256(
    swl_requantize256_long(low, block->table, zero_point),
    swl_requantize256_long(high, block->table + 8, zero_point), &block->activation);
}

#endif
