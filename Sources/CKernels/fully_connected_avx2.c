// Fully connected operators with AVX2: two blocks of sixteen channels at a time.
#include "internal.h"

#if SWL_X86

#include "products_avx2.h"

enum { BLOCKS = 2 };

// `count` blocks of one row, a constant where this is inlined.
SWL_INLINE256 void convolve_blocks(
  const int32_t count, const swl_fully_connected *call, const int8_t *input, int8_t *output,
  int32_t first_channel
) {
  const ptrdiff_t block_bytes = (ptrdiff_t)((call->depth + 3) / 4) * 64;
  const int32_t first_block = first_channel / SWL_BLOCK;
  const int32_t *table = call->channels + (ptrdiff_t)first_block * SWL_TABLE_BLOCK;
  const int8_t *weights = call->weights + first_block * block_bytes;
  __m256i sums[BLOCKS][4];
#pragma clang loop unroll(full)
  for (int32_t block = 0; block < count; block++) {
    swl_start_block256(sums[block], table + block * SWL_TABLE_BLOCK);
  }
  for (int32_t left = call->depth; left > 0; left -= 4, input += 4, weights += 64) {
    int32_t inputs = 0;
    memcpy(&inputs, input, left >= 4 ? 4 : (size_t)left);
    const __m256i x = swl_inputs256(inputs);
#pragma clang loop unroll(full)
    for (int32_t block = 0; block < count; block++) {
      const int8_t *place = weights + block * block_bytes;
      const __m256i w[4] = {
        swl_widen256(place), swl_widen256(place + 16), swl_widen256(place + 32),
        swl_widen256(place + 48)};
      swl_add_products256(sums[block], x, w);
    }
  }
#pragma clang loop unroll(full)
  for (int32_t block = 0; block < count; block++) {
    const int32_t channel = first_channel + block * SWL_BLOCK;
    const swl_block256 constants = swl_block256_of(
      table + block * SWL_TABLE_BLOCK, &call->activation, call->derived.is_narrow);
    swl_store_bytes256(
      output + channel, swl_finish_block256(sums[block], &constants),
      call->output_depth - channel);
  }
}

SWL_AVX2 void swl_fully_connected__avx2(const swl_fully_connected *call) {
  for (int32_t row = 0; row < call->rows; row++) {
    const int8_t *input = call->input + (ptrdiff_t)row * call->depth;
    int8_t *output = call->output + (ptrdiff_t)row * call->output_depth;
    int32_t channel = 0;
    for (; call->output_depth - channel > SWL_BLOCK; channel += BLOCKS * SWL_BLOCK) {
      convolve_blocks(BLOCKS, call, input, output, channel);
    }
    if (channel < call->output_depth) convolve_blocks(1, call, input, output, channel);
  }
}

#endif
