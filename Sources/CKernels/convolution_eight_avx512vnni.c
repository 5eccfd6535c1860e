// Convolution with eight output channels, as small vision models begin: tiles that leave no lane of a
// register empty.
//
// One product takes eight inputs of a pixel: two groups of four, interleaved as the weights of the
// eight channels are. Neighbouring sums belong to one channel; adding them brings two pixels together
// in one register, and only then they are requantized.
#include "internal.h"

#if SWL_X86

#include "convolution_avx512vnni.h"

// The order of two pixels in a register: for each quarter, two channels of the one and of the other.
SWL_INLINE512 __m512i twice(const int32_t *column) {
  const __m512i order = _mm512_setr_epi32(0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7);
  return _mm512_permutexvar_epi32(order, _mm512_loadu_si512(column));
}

SWL_AVX512VNNI void swl_load_eight512(swl_block_pair *pair) {
  const int32_t *table = pair->table[0];
  // The start counts once, for the first of two groups.
  const __m512i spread = _mm512_setr_epi32(0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0);
  pair->fused[0] = swl_fused512_from(
    twice(table + SWL_SIGNIFICAND), twice(table + SWL_SHIFT), pair->zero_point);
  const swl_fused512 in_order = swl_fused512_load(table, pair->zero_point);
  pair->start[0] = _mm512_maskz_permutexvar_epi32(
    0x5555, spread, _mm512_add_epi32(swl_start512(table), in_order.start));
}

// The weights of two groups; zeros take the place of a second group that is not there.
SWL_INLINE512 __m512i weights_of(const int8_t *weights, bool has_second) {
  const __m512i order =
    _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i first = _mm512_loadu_si512(weights);
  const __m512i second =
    has_second ? _mm512_loadu_si512(weights + 64) : _mm512_setzero_si512();
  return _mm512_permutex2var_epi32(first, order, second);
}

// The sums of two pixels.
SWL_INLINE512 __m512i joined(__m512i first, __m512i second) {
  const __m512 a = _mm512_castsi512_ps(first), b = _mm512_castsi512_ps(second);
  return _mm512_add_epi32(
    _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88)),
    _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xDD)));
}

// Up to eight pixels of outputs.
SWL_INLINE512 void store(
  int8_t *output, const __m512i words[4], int32_t count, const swl_block_pair *pair
) {
  const __m512i bytes = _mm512_packs_epi16(
    _mm512_packs_epi32(words[0], words[1]), _mm512_packs_epi32(words[2], words[3]));
  // Quarter q has channels 2 q and 2 q + 1 of all pixels.
  const __m512i quarters = _mm512_setr_epi32(
    0x00080000, 0x00180010, 0x00090001, 0x00190011, 0x000A0002, 0x001A0012, 0x000B0003, 0x001B0013,
    0x000C0004, 0x001C0014, 0x000D0005, 0x001D0015, 0x000E0006, 0x001E0016, 0x000F0007, 0x001F0017);
  const __m512i ordered = _mm512_permutexvar_epi16(quarters, bytes);
  const __m512i clamped =
    _mm512_min_epi8(_mm512_max_epi8(ordered, pair->minimum), pair->maximum);
  if (count >= 8) {
    _mm512_storeu_si512(output, clamped);
  } else {
    _mm512_mask_storeu_epi8(output, (1ull << 8 * count) - 1, clamped);
  }
}

// `count` pixels, a constant where this is inlined.
SWL_INLINE512 void tile(
  const int32_t count, const bool is_rectified, const uint8_t *input, int8_t *output,
  const swl_pixels *pixels, const swl_block_pair *pair
) {
  __m512i sums[SWL_LARGEST_TILE512];
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) sums[pixel] = pair->start[0];
  const ptrdiff_t stride = pixels->input_stride;
  const int8_t *weights = pair->weights[0];
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t left = pixels->groups; left > 0; left -= 2, place += 8) {
      const __m512i w = weights_of(weights, left > 1);
      weights += left > 1 ? 128 : 64;
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        int64_t inputs;
        memcpy(&inputs, place + pixel * stride, 8);
        sums[pixel] = _mm512_dpbusd_epi32(sums[pixel], _mm512_set1_epi64(inputs), w);
      }
    }
  }
  const swl_fused512 fused = pair->fused[0];
#pragma clang loop unroll(full)
  for (int32_t first = 0; first < count; first += 8) {
    __m512i words[4];
#pragma clang loop unroll(full)
    for (int32_t part = 0; part < 4; part++) {
      const int32_t pixel = first + 2 * part;
      if (pixel >= count) {
        words[part] = words[0];
        continue;
      }
      const int32_t next = pixel + 1 < count ? pixel + 1 : pixel;
      words[part] =
        swl_fuse512(joined(sums[pixel], sums[next]), &fused, is_rectified);
    }
    store(output + 8 * first, words, count - first, pair);
  }
}

#define PARAMETERS \
  const uint8_t *input, int8_t *output, const swl_pixels *pixels, const swl_block_pair *pair
#define TILES(count)                                            \
  SWL_AVX512VNNI static void eight_##count(PARAMETERS) {        \
    tile(count, false, input, output, pixels, pair);            \
  }                                                             \
  SWL_AVX512VNNI static void eight_rectified_##count(PARAMETERS) { \
    tile(count, true, input, output, pixels, pair);             \
  }
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)

const swl_tile swl_eight512[2][SWL_LARGEST_TILE512] = {
  SWL_TILES512(eight), SWL_TILES512(eight_rectified)};

#endif
