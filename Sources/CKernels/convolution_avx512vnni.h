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
  swl_fused512 fused[2];     // where `is_fused`
  __m512i minimum, maximum;  // bytes
  int32_t width;             // blocks
  __mmask32 channels;        // that exist, of the 32
  bool is_whole;             // all of them
  bool is_fused, is_narrow, is_rectified;
  bool is_eight;             // fused, and eight channels are all there are
  int32_t zero_point;
  ptrdiff_t output_depth;
} swl_block_pair;

enum { SWL_LARGEST_TILE512 = 12 };
#define SWL_TILES512(name)                                                                   \
  {name##_1, name##_2, name##_3, name##_4, name##_5, name##_6, name##_7, name##_8, name##_9, \
   name##_10, name##_11, name##_12}

// A tile of some number of pixels from `input` on.
typedef void (*swl_tile)(
  const uint8_t *input, int8_t *output, const swl_pixels *pixels, const swl_block_pair *pair);

// The tiles of 1, 2 … SWL_LARGEST_TILE512 pixels for such blocks and pixels.
const swl_tile *swl_tiles512(const swl_block_pair *pair, const swl_pixels *pixels);

// Tiles of eight channels, and their constants (convolution_eight_avx512vnni.c).
extern const swl_tile swl_eight512[2][SWL_LARGEST_TILE512];
void swl_load_eight512(swl_block_pair *pair);

#endif
