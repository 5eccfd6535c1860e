// Convolution with AVX2: two pixels by a block of sixteen channels at a time.
#include "internal.h"

#if SWL_X86

#include "products_avx2.h"

#define SWL_TARGET SWL_AVX2
#define swl_copy_row(target, source, count) memcpy(target, source, (size_t)(count))
#define swl_fill_row(target, value, count) memset(target, value, (size_t)(count))
#include "convolution_driver.h"

enum { TILE = 2 };

// `count` pixels, a constant where this is inlined.
SWL_INLINE256 void tile(
  const int32_t count, const swl_pixels *pixels, const uint8_t *input, const int8_t *weights,
  const swl_block256 *block, int8_t *output, ptrdiff_t depth, int32_t channels
) {
  __m256i sums[TILE][4];
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) swl_start_block256(sums[pixel], block->table);
  const ptrdiff_t stride = pixels->input_stride;
  for (int32_t run = 0; run < pixels->run_count; run++) {
    const uint8_t *place = input + pixels->run_offsets[run];
    for (int32_t group = 0; group < pixels->groups; group++, place += 4, weights += 64) {
      const __m256i w[4] = {
        swl_widen256(weights), swl_widen256(weights + 16), swl_widen256(weights + 32),
        swl_widen256(weights + 48)};
#pragma clang loop unroll(full)
      for (int32_t pixel = 0; pixel < count; pixel++) {
        int32_t inputs;
        memcpy(&inputs, place + pixel * stride, 4);
        swl_add_products256(sums[pixel], swl_inputs256(inputs), w);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int32_t pixel = 0; pixel < count; pixel++) {
    swl_store_bytes256(
      output + pixel * depth, swl_finish_block256(sums[pixel], block), channels);
  }
}

#define PARAMETERS                                                                            \
  const swl_pixels *pixels, const uint8_t *input, const int8_t *weights,                      \
    const swl_block256 *block, int8_t *output, ptrdiff_t depth, int32_t channels
#define TILE_OF(count)                                                                        \
  SWL_TARGET static void tile_##count(PARAMETERS) {                                           \
    tile(count, pixels, input, weights, block, output, depth, channels);                      \
  }
TILE_OF(1) TILE_OF(2)

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  static void (*const tiles[TILE])(PARAMETERS) = {tile_1, tile_2};
  const int32_t depth = call->window.output_depth;
  const ptrdiff_t block_bytes = (ptrdiff_t)pixels->run_count * pixels->groups * 64;
  const int8_t *weights = call->weights;
  const int32_t *table = call->channels;
  const swl_activation *activation = &call->activation;
  for (int32_t channel = 0; channel < depth; channel += SWL_BLOCK) {
    const swl_block256 block = swl_block256_of(table, activation, call->derived.is_narrow);
    const uint8_t *input = pixels->input;
    int8_t *output = pixels->output + channel;
    for (int32_t left = pixels->count; left > 0; left -= TILE) {
      tiles[swl_min(left, TILE) - 1](
        pixels, input, weights, &block, output, depth, depth - channel);
      input += TILE * pixels->input_stride;
      output += (ptrdiff_t)TILE * depth;
    }
    weights += block_bytes;
    table += SWL_TABLE_BLOCK;
  }
}

SWL_TARGET void swl_convolution__avx2(const swl_convolution *call) {
  swl_convolve_all(call);
}

#endif
