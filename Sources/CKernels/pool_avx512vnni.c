// Pools and means, sixteen or 64 channels at a time.
#include "internal.h"

#if SWL_X86

#include "areas.h"
#include "avx512.h"

// The lanes of sixteen that `left` channels take.
SWL_INLINE512 __mmask16 lanes_for(int32_t left) {
  return left >= 16 ? 0xFFFF : (__mmask16)((1u << left) - 1);
}

// Sums of `count` times sixteen channels over an area; a constant where this is inlined. The
// channels of a single vector may be fewer.
SWL_INLINE512 void sum_up(
  const int32_t count, const swl_area *area, int32_t channel, int32_t depth, __mmask16 here,
  __m512i sums[4]
) {
#pragma clang loop unroll(full)
  for (int32_t vector = 0; vector < count; vector++) sums[vector] = _mm512_setzero_si512();
  const int8_t *row = area->first + channel;
  for (int32_t y = 0; y < area->rows; y++, row += area->row_bytes) {
    const int8_t *place = row;
    for (int32_t x = 0; x < area->columns; x++, place += depth) {
#pragma clang loop unroll(full)
      for (int32_t vector = 0; vector < count; vector++) {
        const __m128i *source = (const __m128i *)place + vector;
        const __m128i bytes =
          count > 1 ? _mm_loadu_si128(source) : _mm_maskz_loadu_epi8(here, source);
        sums[vector] = _mm512_add_epi32(sums[vector], _mm512_cvtepi8_epi32(bytes));
      }
    }
  }
}

// The sums of up to 64 channels from `channel` on; returns the number of vectors, one or four.
SWL_INLINE512 int32_t sums_of(
  const swl_area *area, int32_t channel, int32_t depth, __m512i sums[4]
) {
  if (depth - channel >= 64) {
    sum_up(4, area, channel, depth, 0xFFFF, sums);
    return 4;
  }
  sum_up(1, area, channel, depth, lanes_for(depth - channel), sums);
  return 1;
}

// sum / count to the nearest, ties away from zero. The quotient of magnitudes is a product with a
// rounded-up reciprocal, exact because 129 × count² < 2^24 (`swl_prepare_average_pool`).
SWL_INLINE512 __m512i divide(__m512i sums, int32_t count) {
  if (count == 0) return _mm512_setzero_si512();
  const __m512i reciprocal = _mm512_set1_epi32(((1 << 24) + count - 1) / count);
  const __m512i magnitude =
    _mm512_add_epi32(_mm512_abs_epi32(sums), _mm512_set1_epi32(count / 2));
  const __m512i quotient = _mm512_srli_epi32(_mm512_mullo_epi32(magnitude, reciprocal), 24);
  const __mmask16 is_negative = _mm512_movepi32_mask(sums);
  return _mm512_mask_sub_epi32(quotient, is_negative, _mm512_setzero_si512(), quotient);
}

SWL_AVX512VNNI void swl_average_pool__avx512vnni(const swl_average_pool *call) {
  const swl_window *window = &call->window;
  const int32_t depth = window->input_depth;
  const __m128i minimum = _mm_set1_epi8((char)call->activation.minimum);
  const __m128i maximum = _mm_set1_epi8((char)call->activation.maximum);
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height; y++) {
      for (int32_t x = 0; x < window->output_width; x++, output += depth) {
        const swl_area area = swl_area_of(call, batch, y, x);
        int32_t channel = 0;
        while (channel < depth) {
          __m512i sums[4];
          const int32_t vectors = sums_of(&area, channel, depth, sums);
          for (int32_t vector = 0; vector < vectors; vector++, channel += 16) {
            const __m128i bytes =
              _mm512_cvtsepi32_epi8(divide(sums[vector], area.rows * area.columns));
            _mm_mask_storeu_epi8(
              output + channel, lanes_for(depth - channel),
              _mm_min_epi8(_mm_max_epi8(bytes, minimum), maximum));
          }
        }
      }
    }
  }
}

SWL_AVX512VNNI void swl_max_pool__avx512vnni(const swl_max_pool *call) {
  const swl_window *window = &call->window;
  const int32_t depth = window->input_depth;
  const __m512i minimum = _mm512_set1_epi8((char)call->activation.minimum);
  const __m512i maximum = _mm512_set1_epi8((char)call->activation.maximum);
  int8_t *output = call->output;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->output_height; y++) {
      for (int32_t x = 0; x < window->output_width; x++, output += depth) {
        const swl_area area = swl_area_of(call, batch, y, x);
        for (int32_t channel = 0; channel < depth; channel += 64) {
          const int32_t left = depth - channel;
          const __mmask64 here = left >= 64 ? ~0ull : (1ull << left) - 1;
          __m512i largest = _mm512_set1_epi8(INT8_MIN);
          const int8_t *row = area.first + channel;
          for (int32_t dy = 0; dy < area.rows; dy++, row += area.row_bytes) {
            const int8_t *place = row;
            for (int32_t dx = 0; dx < area.columns; dx++, place += depth) {
              largest = _mm512_max_epi8(largest, _mm512_maskz_loadu_epi8(here, place));
            }
          }
          _mm512_mask_storeu_epi8(
            output + channel, here, _mm512_min_epi8(_mm512_max_epi8(largest, minimum), maximum));
        }
      }
    }
  }
}

SWL_AVX512VNNI void swl_mean__avx512vnni(const swl_mean *call) {
  const int32_t inner = call->inner;
  const swl_requantizer512 requantizer = swl_requantizer512_from(
    _mm512_set1_epi32(call->multiplier.significand), _mm512_set1_epi32(call->multiplier.shift),
    call->output_zero_point);
  const __m512i offset = _mm512_set1_epi32(call->input_zero_point * call->count);
  const int8_t *input = call->input;
  int8_t *output = call->output;
  for (int32_t outer = 0; outer < call->outer; outer++) {
    const swl_area area = {
      .first = input, .rows = 1, .columns = call->count, .row_bytes = 0};
    int32_t lane = 0;
    while (lane < inner) {
      __m512i sums[4];
      const int32_t vectors = sums_of(&area, lane, inner, sums);
      for (int32_t vector = 0; vector < vectors; vector++, lane += 16) {
        const __m512i centered = _mm512_sub_epi32(sums[vector], offset);
        _mm512_mask_cvtsepi32_storeu_epi8(
          output + lane, lanes_for(inner - lane), swl_requantize512(centered, &requantizer, false));
      }
    }
    input += (ptrdiff_t)call->count * inner;
    output += inner;
  }
}

#endif
