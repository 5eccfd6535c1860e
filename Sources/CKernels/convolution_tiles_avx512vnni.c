// The inner loops of convolution_avx512vnni.c.
#include "internal.h"

#if SWL_X86

#include "convolution_avx512vnni.h"

enum {
  LARGEST_TILE = SWL_LARGEST_TILE512,
  // Groups from which on the saved loads are worth more than the additions at the end.
  LEAST_GROUPS_BY_TWO = 6,
};

typedef __m512i tile_sums[LARGEST_TILE][2];

SWL_INLINE512 void store_32(int8_t *output, __m256i bytes, const swl_block_pair *pair) {
  if (pair->is_whole) {
    _mm256_storeu_si256((__m256i *)output, bytes);
  } else {
    _mm256_mask_storeu_epi8(output, pair->channels, bytes);
  }
}

SWL_INLINE512 void store_16(int8_t *output, __m128i bytes, const swl_block_pair *pair) {
  if (pair->is_whole) {
    _mm_storeu_si128((__m128i *)output, bytes);
  } else {
    _mm_mask_storeu_epi8(output, (__mmask16)pair->channels, bytes);
  }
}

// Narrows sixty-four outputs to bytes, in order.
SWL_INLINE512 __m512i pack(
  __m512i a, __m512i b, __m512i c, __m512i d, const swl_block_pair *pair
) {
  const __m512i bytes = swl_order512(a, b, c, d);
  return _mm512_min_epi8(_mm512_max_epi8(bytes, pair->minimum), pair->maximum);
}

// The outputs of a tile that single precision does not give exactly.
SWL_AVX512VNNI static __attribute__((noinline)) void store_other(
  tile_sums sums, int32_t count, int32_t width, int8_t *output, const swl_block_pair *pair
) {
  for (int32_t pixel = 0; pixel < count; pixel++, output += pair->output_depth) {
    __m512i words[2];
    for (int32_t block = 0; block < 2; block++) {
      const int32_t source = block < width ? block : 0;
      words[block] = swl_requantize512_any(
        sums[pixel][source], pair->table[source], pair->zero_point, pair->is_narrow);
    }
    const __m512i bytes = pack(words[0], words[1], words[0], words[1], pair);
    _mm256_mask_storeu_epi8(output, pair->channels, _mm512_castsi512_si256(bytes));
  }
}

// Requantizes and stores the sums of a tile. All counts are constants where this is inlined.
SWL_INLINE512 void store_tile(
  tile_sums sums, const int32_t count, const int32_t width, const bool is_rectified,
  int8_t *output, const swl_block_pair *pair
) {
  if (!pair->is_fused) {
    // A copy, so that the sums themselves never have to be in memory.
    tile_sums spilled;
    for (int32_t pixel = 0; pixel < count; pixel++) {
      for (int32_t block = 0; block < width; block++) spilled[pixel][block] = sums[pixel][block];
    }
    store_other(spilled, count, width, output, pair);
    return;
  }
#pragma clang loop unroll(full)
  for (int32_t block = 0; block < width; block++) {
    const swl_fused512 fused = pair->fused[block];
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < count; pixel++) {
      sums[pixel][block] = swl_fuse512(sums[pixel][block], &fused, is_rectified);
    }
  }
  const ptrdiff_t depth = pair->output_depth;
  if (width == 2) {
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < count; pixel += 2) {
      const int32_t next = pixel + 1 < count ? pixel + 1 : pixel;
      const __m512i bytes =
        pack(sums[pixel][0], sums[pixel][1], sums[next][0], sums[next][1], pair);
      store_32(output + pixel * depth, _mm512_castsi512_si256(bytes), pair);
      if (next != pixel) {
        store_32(output + next * depth, _mm512_extracti64x4_epi64(bytes, 1), pair);
      }
    }
  } else {
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < count; pixel += 4) {
      const int32_t last = count - 1;
      const int32_t b = pixel + 1 < last ? pixel + 1 : last;
      const int32_t c = pixel + 2 < last ? pixel + 2 : last;
      const int32_t d = pixel + 3 < last ? pixel + 3 : last;
      const __m512i bytes = pack(sums[pixel][0], sums[b][0], sums[c][0], sums[d][0], pair);
      int8_t *place = output + pixel * depth;
      store_16(place, _mm512_castsi512_si128(bytes), pair);
      if (pixel + 1 < count) store_16(place + depth, _mm512_extracti32x4_epi32(bytes, 1), pair);
      if (pixel + 2 < count) store_16(place + 2 * depth, _mm512_extracti32x4_epi32(bytes, 2), pair);
      if (pixel + 3 < count) store_16(place + 3 * depth, _mm512_extracti32x4_epi32(bytes, 3), pair);
    }
  }
}

SWL_INLINE512 __m512i broadcast_4(const uint8_t *place) {
  int32_t inputs;
  memcpy(&inputs, place, 4);
  return _mm512_set1_epi32(inputs);
}

SWL_INLINE512 __m512i broadcast_8(const uint8_t *place) {
  int64_t inputs;
  memcpy(&inputs, place, 8);
  return _mm512_set1_epi64(inputs);
}

// Two blocks.
SWL_INLINE512 void tile_of_pair(
  const int32_t count, const bool is_rectified, const uint8_t *input, int8_t *output,
  const swl_pixels *pixels, const swl_block_pair *pair
) {
  tile_sums sums;
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) {
    sums[pixel][0] = pair->start[0];
    sums[pixel][1] = pair->start[1];
  }
  const ptrdiff_t stride = pixels->input_stride;
  const int8_t *weights0 = pair->weights[0], *weights1 = pair->weights[1];
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t group = 0; group < pixels->groups; group++) {
      const __m512i w0 = _mm512_loadu_si512(weights0), w1 = _mm512_loadu_si512(weights1);
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        const __m512i x = broadcast_4(place + pixel * stride);
        sums[pixel][0] = _mm512_dpbusd_epi32(sums[pixel][0], x, w0);
        sums[pixel][1] = _mm512_dpbusd_epi32(sums[pixel][1], x, w1);
      }
      place += 4;
      weights0 += 64;
      weights1 += 64;
    }
  }
  store_tile(sums, count, 2, is_rectified, output, pair);
}

// One block.
SWL_INLINE512 void tile_of_block(
  const int32_t count, const bool is_rectified, const uint8_t *input, int8_t *output,
  const swl_pixels *pixels, const swl_block_pair *pair
) {
  tile_sums sums;
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) sums[pixel][0] = pair->start[0];
  const ptrdiff_t stride = pixels->input_stride;
  const int8_t *weights = pair->weights[0];
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t group = 0; group < pixels->groups; group++) {
      const __m512i w = _mm512_loadu_si512(weights);
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        sums[pixel][0] =
          _mm512_dpbusd_epi32(sums[pixel][0], broadcast_4(place + pixel * stride), w);
      }
      place += 4;
      weights += 64;
    }
  }
  store_tile(sums, count, 1, is_rectified, output, pair);
}

// One block, an even number of groups, two by two.
SWL_INLINE512 void tile_by_two(
  const int32_t count, const bool is_rectified, const uint8_t *input, int8_t *output,
  const swl_pixels *pixels, const swl_block_pair *pair
) {
  const __m512i zero = _mm512_setzero_si512();
  tile_sums sums;
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) {
    // The start counts once, for the first of two groups.
    sums[pixel][0] = _mm512_unpacklo_epi32(pair->start[0], zero);
    sums[pixel][1] = _mm512_unpackhi_epi32(pair->start[0], zero);
  }
  const ptrdiff_t stride = pixels->input_stride;
  const int8_t *weights = pair->weights[0];
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t group = 0; group < pixels->groups; group += 2) {
      const __m512i first = _mm512_loadu_si512(weights);
      const __m512i second = _mm512_loadu_si512(weights + 64);
      const __m512i low = _mm512_unpacklo_epi32(first, second);
      const __m512i high = _mm512_unpackhi_epi32(first, second);
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        const __m512i x = broadcast_8(place + pixel * stride);
        sums[pixel][0] = _mm512_dpbusd_epi32(sums[pixel][0], x, low);
        sums[pixel][1] = _mm512_dpbusd_epi32(sums[pixel][1], x, high);
      }
      place += 8;
      weights += 128;
    }
  }
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) {
    // Neighbouring sums belong together: the even ones of both registers and the odd ones.
    const __m512 low = _mm512_castsi512_ps(sums[pixel][0]);
    const __m512 high = _mm512_castsi512_ps(sums[pixel][1]);
    const __m512i even = _mm512_castps_si512(_mm512_shuffle_ps(low, high, 0x88));
    const __m512i odd = _mm512_castps_si512(_mm512_shuffle_ps(low, high, 0xDD));
    sums[pixel][0] = _mm512_add_epi32(even, odd);
  }
  store_tile(sums, count, 1, is_rectified, output, pair);
}

#define PARAMETERS \
  const uint8_t *input, int8_t *output, const swl_pixels *pixels, const swl_block_pair *pair
#define TILES_OF(name, function, count)                                        \
  SWL_AVX512VNNI static void name##_##count(PARAMETERS) {                      \
    function(count, false, input, output, pixels, pair);                       \
  }                                                                            \
  SWL_AVX512VNNI static void name##_rectified_##count(PARAMETERS) {            \
    function(count, true, input, output, pixels, pair);                        \
  }
#define TILES(count)                       \
  TILES_OF(pair, tile_of_pair, count)      \
  TILES_OF(block, tile_of_block, count)    \
  TILES_OF(by_two, tile_by_two, count)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)

static const swl_tile pairs[2][LARGEST_TILE] = {SWL_TILES512(pair), SWL_TILES512(pair_rectified)};
static const swl_tile blocks[2][LARGEST_TILE] = {SWL_TILES512(block), SWL_TILES512(block_rectified)};
static const swl_tile by_two[2][LARGEST_TILE] = {SWL_TILES512(by_two), SWL_TILES512(by_two_rectified)};

const swl_tile *swl_tiles512(const swl_block_pair *pair, const swl_pixels *pixels) {
  if (pair->is_eight) return swl_eight512[pair->is_rectified];
  if (pair->width == 2) return pairs[pair->is_rectified];
  const bool is_long = pixels->run_count * pixels->groups >= LEAST_GROUPS_BY_TWO;
  return pixels->groups % 2 == 0 && is_long ? by_two[pair->is_rectified]
                                            : blocks[pair->is_rectified];
}

#endif
