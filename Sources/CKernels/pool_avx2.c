// Pools and means with AVX2, sixteen channels at a time.
#include "internal.h"

#if SWL_X86

#include "areas.h"
#include "avx2.h"

// Sums of up to sixteen channels over an area.
SWL_INLINE256 void sum_of(const swl_area *area, int32_t channel, int32_t depth, __m256i sums[2]) {
  sums[0] = sums[1] = _mm256_setzero_si256();
  const int8_t *row = area->first + channel;
  for (int32_t y = 0; y < area->rows; y++, row += area->row_bytes) {
    const int8_t *place = row;
    for (int32_t x = 0; x < area->columns; x++, place += depth) {
      const __m128i bytes = swl_load_bytes256(place, depth - channel);
      sums[0] = _mm256_add_epi32(sums[0], _mm256_cvtepi8_epi32(bytes));
      sums[1] = _mm256_add_epi32(sums[1], _mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)));
    }
  }
}

// sum / count to the nearest, ties away from zero. The quotient of magnitudes is a product with a
// rounded-up reciprocal, exact because 129 × count² < 2^24 (`swl_prepare_average_pool`).
SWL_INLINE256 __m256i divide(__m256i sums, int32_t count) {
  if (count == 0) return _mm256_setzero_si256();
  const __m256i reciprocal = _mm256_set1_epi32(((1 << 24) + count - 1) / count);
  const __m256i magnitude =
    _mm256_add_epi32(_mm256_abs_epi32(sums), _mm256_set1_epi32(count / 2));
  const __m256i quotient = _mm256_srli_epi32(_mm256_mullo_epi32(magnitude, reciprocal), 24);
  return _mm256_sign_epi32(quotient, sums);
}

SWL_AVX2 void swl_average_pool__avx2(const swl_average_pool *call) {
  const swl_window *window = &call->window;
  const int32_t depth = window->input_depth;
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height; y++) {
      for (int32_t x = 0; x < window->output_width; x++, output += depth) {
        const swl_area area = swl_area_of(call, batch, y, x);
        const int32_t count = area.rows * area.columns;
        for (int32_t channel = 0; channel < depth; channel += 16) {
          __m256i sums[2];
          sum_of(&area, channel, depth, sums);
          const __m128i bytes =
            swl_pack256(divide(sums[0], count), divide(sums[1], count), &call->activation);
          swl_store_bytes256(output + channel, bytes, depth - channel);
        }
      }
    }
  }
}

SWL_AVX2 void swl_max_pool__avx2(const swl_max_pool *call) {
  const swl_window *window = &call->window;
  const int32_t depth = window->input_depth;
  const __m128i minimum = _mm_set1_epi8((char)call->activation.minimum);
  const __m128i maximum = _mm_set1_epi8((char)call->activation.maximum);
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height; y++) {
      for (int32_t x = 0; x < window->output_width; x++, output += depth) {
        const swl_area area = swl_area_of(call, batch, y, x);
        for (int32_t channel = 0; channel < depth; channel += 16) {
          __m128i largest = _mm_set1_epi8(INT8_MIN);
          const int8_t *row = area.first + channel;
          for (int32_t dy = 0; dy < area.rows; dy++, row += area.row_bytes) {
            const int8_t *place = row;
            for (int32_t dx = 0; dx < area.columns; dx++, place += depth) {
              largest = _mm_max_epi8(largest, swl_load_bytes256(place, depth - channel));
            }
          }
          swl_store_bytes256(
            output + channel, _mm_min_epi8(_mm_max_epi8(largest, minimum), maximum),
            depth - channel);
        }
      }
    }
  }
}

SWL_AVX2 void swl_mean__avx2(const swl_mean *call) {
  const int32_t inner = call->inner;
  const swl_activation whole = {.minimum = INT8_MIN, .maximum = INT8_MAX};
  const swl_requantizer256 requantizer = swl_requantizer256_from(
    _mm256_set1_epi32(call->multiplier.significand), _mm256_set1_epi32(call->multiplier.shift),
    call->output_zero_point);
  const __m256i offset = _mm256_set1_epi32(call->input_zero_point * call->count);
  const int8_t *input = call->input;
  int8_t *output = call->output;
  for (int32_t outer = 0; outer < call->outer; outer++) {
    const swl_area area = {.first = input, .rows = 1, .columns = call->count, .row_bytes = 0};
    for (int32_t lane = 0; lane < inner; lane += 16) {
      __m256i sums[2];
      sum_of(&area, lane, inner, sums);
      const __m256i low = swl_requantize256(_mm256_sub_epi32(sums[0], offset), &requantizer);
      const __m256i high = swl_requantize256(_mm256_sub_epi32(sums[1], offset), &requantizer);
      swl_store_bytes256(output + lane, swl_pack256(low, high, &whole), inner - lane);
    }
    input += (ptrdiff_t)call->count * inner;
    output += inner;
  }
}

#endif
