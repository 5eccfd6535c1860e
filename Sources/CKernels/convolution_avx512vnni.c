// Convolution with the int8 dot products of AVX-512.
//
// One instruction multiplies four inputs of a pixel, broadcast, with the weights of a block of
// sixteen output channels. A tile is up to twelve pixels by two blocks: 24 accumulators stay in
// registers, weights are loaded once for twelve pixels and inputs once for two blocks.
#include "internal.h"

#if SWL_X86

#include "avx512.h"

#define SWL_TARGET SWL_AVX512VNNI
#define swl_copy_row swl_copy_flipped
#define swl_fill_row(target, value, count) \
  swl_fill_bytes(target, (uint8_t)(value) ^ SWL_FLIP, count)
#include "convolution_driver.h"

enum { LARGEST_TILE = 12 };

// What one or two neighbouring blocks of output channels need.
typedef struct {
  const int8_t *weights[2];
  const int32_t *table[2];
  __m512i start[2];
  swl_requantizer512 requantizer[2];
  __mmask32 channels;  // that exist, of the 32
  bool is_whole;       // all of them
  bool is_narrow;
  __m512i minimum, maximum;  // bytes
  int32_t zero_point;
  ptrdiff_t output_depth;
} block_pair;

// Narrows the outputs of two pixels by two blocks to bytes, in order.
SWL_INLINE512 __m512i pack(__m512i a, __m512i b, __m512i c, __m512i d, const block_pair *blocks) {
  const __m512i bytes = swl_order512(a, b, c, d);
  return _mm512_min_epi8(_mm512_max_epi8(bytes, blocks->minimum), blocks->maximum);
}

SWL_INLINE512 void store_32(int8_t *output, __m256i bytes, const block_pair *blocks) {
  if (blocks->is_whole) {
    _mm256_storeu_si256((__m256i *)output, bytes);
  } else {
    _mm256_mask_storeu_epi8(output, blocks->channels, bytes);
  }
}

SWL_INLINE512 void store_16(int8_t *output, __m128i bytes, const block_pair *blocks) {
  if (blocks->is_whole) {
    _mm_storeu_si128((__m128i *)output, bytes);
  } else {
    _mm_mask_storeu_epi8(output, (__mmask16)blocks->channels, bytes);
  }
}

SWL_INLINE512 __m512i outputs(__m512i sums, const block_pair *blocks, int32_t block) {
  return swl_requantize512(sums, &blocks->requantizer[block], false);
}

// The outputs of a tile whose multipliers or sums are out of the usual.
SWL_AVX512VNNI static __attribute__((noinline)) void store_long(
  __m512i sums[LARGEST_TILE][2], int32_t count, int32_t width, int8_t *output,
  const block_pair *blocks
) {
  for (int32_t pixel = 0; pixel < count; pixel++, output += blocks->output_depth) {
    __m512i words[2];
    for (int32_t block = 0; block < width; block++) {
      words[block] =
        swl_requantize512_long(sums[pixel][block], blocks->table[block], blocks->zero_point);
    }
    if (width == 1) words[1] = words[0];
    const __m512i bytes = pack(words[0], words[1], words[0], words[1], blocks);
    _mm256_mask_storeu_epi8(output, blocks->channels, _mm512_castsi512_si256(bytes));
  }
}

// `count` pixels by `width` blocks; both are constants where this is inlined.
SWL_INLINE512 void tile(
  const int32_t count, const int32_t width, const uint8_t *input, int8_t *output,
  const swl_pixels *pixels, const block_pair *blocks
) {
  __m512i sums[LARGEST_TILE][2];
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) {
#pragma clang loop unroll(full)
    for (int32_t block = 0; block < width; block++) sums[pixel][block] = blocks->start[block];
  }

  const ptrdiff_t stride = pixels->input_stride;
  const int32_t groups = pixels->groups;
  const int8_t *weights0 = blocks->weights[0], *weights1 = blocks->weights[1];
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t group = 0; group < groups; group++, place += 4) {
      const __m512i w0 = _mm512_loadu_si512(weights0);
      weights0 += 64;
      __m512i w1 = w0;
      if (width == 2) {
        w1 = _mm512_loadu_si512(weights1);
        weights1 += 64;
      }
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        int32_t inputs;
        memcpy(&inputs, place + pixel * stride, 4);
        const __m512i x = _mm512_set1_epi32(inputs);
        sums[pixel][0] = _mm512_dpbusd_epi32(sums[pixel][0], x, w0);
        if (width == 2) sums[pixel][1] = _mm512_dpbusd_epi32(sums[pixel][1], x, w1);
      }
    }
  }

  if (!blocks->is_narrow) {
    __m512i spilled[LARGEST_TILE][2];
    for (int32_t pixel = 0; pixel < count; pixel++) {
      for (int32_t block = 0; block < width; block++) spilled[pixel][block] = sums[pixel][block];
    }
    store_long(spilled, count, width, output, blocks);
    return;
  }

  const ptrdiff_t depth = blocks->output_depth;
  if (width == 2) {
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < count; pixel += 2) {
      const int32_t next = pixel + 1 < count ? pixel + 1 : pixel;
      const __m512i a = outputs(sums[pixel][0], blocks, 0);
      const __m512i b = outputs(sums[pixel][1], blocks, 1);
      const __m512i c = next == pixel ? a : outputs(sums[next][0], blocks, 0);
      const __m512i d = next == pixel ? b : outputs(sums[next][1], blocks, 1);
      const __m512i bytes = pack(a, b, c, d, blocks);
      store_32(output + pixel * depth, _mm512_castsi512_si256(bytes), blocks);
      if (next != pixel) {
        store_32(output + next * depth, _mm512_extracti64x4_epi64(bytes, 1), blocks);
      }
    }
  } else {
#pragma clang loop unroll(full)
    for (int32_t pixel = 0; pixel < count; pixel += 4) {
      __m512i words[4];
#pragma clang loop unroll(full)
      for (int32_t part = 0; part < 4; part++) {
        words[part] =
          pixel + part < count ? outputs(sums[pixel + part][0], blocks, 0) : words[0];
      }
      const __m512i bytes = pack(words[0], words[1], words[2], words[3], blocks);
      int8_t *place = output + pixel * depth;
      store_16(place, _mm512_castsi512_si128(bytes), blocks);
      if (pixel + 1 < count) store_16(place + depth, _mm512_extracti32x4_epi32(bytes, 1), blocks);
      if (pixel + 2 < count) store_16(place + 2 * depth, _mm512_extracti32x4_epi32(bytes, 2), blocks);
      if (pixel + 3 < count) store_16(place + 3 * depth, _mm512_extracti32x4_epi32(bytes, 3), blocks);
    }
  }
}

#define TILE(count)                                                                            \
  SWL_AVX512VNNI static __attribute__((noinline)) void tile_##count##x1(                       \
    const uint8_t *input, int8_t *output, const swl_pixels *pixels, const block_pair *blocks) { \
    tile(count, 1, input, output, pixels, blocks);                                             \
  }                                                                                            \
  SWL_AVX512VNNI static __attribute__((noinline)) void tile_##count##x2(                       \
    const uint8_t *input, int8_t *output, const swl_pixels *pixels, const block_pair *blocks) { \
    tile(count, 2, input, output, pixels, blocks);                                             \
  }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#undef TILE

typedef void (*tile_function)(
  const uint8_t *input, int8_t *output, const swl_pixels *pixels, const block_pair *blocks);

static const tile_function tiles[2][LARGEST_TILE] = {
  {tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1, tile_7x1, tile_8x1, tile_9x1,
   tile_10x1, tile_11x1, tile_12x1},
  {tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2, tile_7x2, tile_8x2, tile_9x2,
   tile_10x2, tile_11x2, tile_12x2},
};

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  const int32_t depth = call->window.output_depth;
  const ptrdiff_t block_bytes = (ptrdiff_t)pixels->run_count * pixels->groups * 64;
  // Tiles of equal size, as far as possible: 25 pixels are 9 + 8 + 8.
  const int32_t tile_count = (pixels->count + LARGEST_TILE - 1) / LARGEST_TILE;

  block_pair blocks;
  blocks.minimum = _mm512_set1_epi8((char)call->activation.minimum);
  blocks.maximum = _mm512_set1_epi8((char)call->activation.maximum);
  blocks.is_narrow = call->is_narrow;
  blocks.zero_point = call->activation.output_zero_point;
  blocks.output_depth = depth;
  for (int32_t channel = 0; channel < depth; channel += 2 * SWL_BLOCK) {
    const int32_t left = depth - channel;
    const int32_t width = left > SWL_BLOCK ? 2 : 1;
    const int32_t first = channel / SWL_BLOCK;
    for (int32_t block = 0; block < width; block++) {
      blocks.weights[block] = call->weights + (first + block) * block_bytes;
      blocks.table[block] = call->channels + (first + block) * SWL_TABLE_BLOCK;
      blocks.start[block] = swl_start512(blocks.table[block]);
      blocks.requantizer[block] =
        swl_requantizer512_load(blocks.table[block], blocks.zero_point);
    }
    blocks.is_whole = left == SWL_BLOCK || left >= 2 * SWL_BLOCK;
    blocks.channels = left >= 32 ? ~0u : (1u << left) - 1;

    const uint8_t *input = pixels->input;
    int8_t *output = pixels->output + channel;
    for (int32_t index = 0, done = 0; index < tile_count; index++) {
      const int32_t count = (pixels->count - done + tile_count - index - 1) / (tile_count - index);
      tiles[width - 1][count - 1](input, output, pixels, &blocks);
      done += count;
      input += count * pixels->input_stride;
      output += (ptrdiff_t)count * depth;
    }
  }
}

SWL_TARGET void swl_convolution__avx512vnni(const swl_convolution *call) {
  swl_convolve_all(call);
}

#endif
