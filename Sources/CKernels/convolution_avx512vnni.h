// The inner loops of convolution_avx512vnni.c: tiles of pixels by one or two blocks of channels.
#ifndef SWL_CONVOLUTION_AVX512VNNI_H
#define SWL_CONVOLUTION_AVX512VNNI_H

#include "avx512.h"
#include "rows.h"

// What one or two neighbouring blocks of output channels need.
typedef struct {
  const int8_t *weights[2];
  const int32_t *table[2];
  __m512i start[2];
  swl_requantizer512 requantizer[2];
  __m512i minimum, maximum;  // bytes
  int32_t width;             // blocks
  __mmask32 channels;        // that exist, of the 32
  bool is_whole;             // all of them
  bool is_narrow, is_rectified;
  int32_t zero_point;
  ptrdiff_t output_depth;
} swl_block_pair;

enum { SWL_LARGEST_TILE512 = 12 };

// A tile of some number of pixels from `input` on.
typedef void (*swl_tile)(
  const uint8_t *input, int8_t *output, const swl_pixels *pixels, const swl_block_pair *pair);

// The tiles of 1, 2 … SWL_LARGEST_TILE512 pixels for such blocks and pixels.
const swl_tile *swl_tiles512(const swl_block_pair *pair, const swl_pixels *pixels);

#endif
