// Convolution with the int8 dot products of AVX-512.
//
// One instruction multiplies four inputs of a pixel, broadcast, with the weights of a block of
// sixteen output channels. A tile is up to twelve pixels by two blocks: 24 accumulators stay in
// registers, weights are loaded once for twelve pixels and inputs once for two blocks.
//
// With a single block, loading an input for each product would be the bottleneck. There eight inputs
// are broadcast at once, and the weights of two groups are interleaved to match: one register takes
// both groups of eight channels, another those of the other eight, and neighbouring sums are added at
// the end.
#include "internal.h"

#if SWL_X86

#include "convolution_avx512vnni.h"

#define SWL_TARGET SWL_AVX512VNNI
#define swl_copy_row swl_copy_flipped
#define swl_fill_row(target, value, count) \
  swl_fill_bytes(target, (uint8_t)(value) ^ SWL_FLIP, count)
#include "convolution_driver.h"

// What the driver hands back with every row of pixels.
typedef struct {
  swl_convolution call;
  const swl_block_pair *pairs;  // of all channels, or null where there are too many
} prepared;

enum { PREPARED_PAIRS = 8 };

SWL_TARGET static void load_pair(
  const swl_convolution *call, ptrdiff_t block_bytes, int32_t channel, swl_block_pair *pair
) {
  const int32_t left = call->window.output_depth - channel;
  const int32_t first = channel / SWL_BLOCK;
  pair->width = left > SWL_BLOCK ? 2 : 1;
  for (int32_t block = 0; block < pair->width; block++) {
    pair->weights[block] = call->weights + (first + block) * block_bytes;
    pair->table[block] = call->channels + (first + block) * SWL_TABLE_BLOCK;
    pair->start[block] = swl_start512(pair->table[block]);
    if (!call->derived.is_fused) continue;
    pair->fused[block] =
      swl_fused512_load(pair->table[block], call->activation.output_zero_point);
    pair->start[block] = _mm512_add_epi32(pair->start[block], pair->fused[block].start);
  }
  pair->is_whole = left == SWL_BLOCK || left >= 2 * SWL_BLOCK;
  pair->channels = left >= 32 ? ~0u : (1u << left) - 1;
  pair->minimum = _mm512_set1_epi8((char)call->activation.minimum);
  pair->maximum = _mm512_set1_epi8((char)call->activation.maximum);
  pair->is_fused = call->derived.is_fused;
  pair->is_narrow = call->derived.is_narrow;
  pair->is_rectified = call->activation.minimum >= call->activation.output_zero_point;
  pair->zero_point = call->activation.output_zero_point;
  pair->output_depth = call->window.output_depth;
  pair->is_eight = pair->is_fused && call->window.output_depth == 8;
  if (pair->is_eight) swl_load_eight512(pair);
}

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  const prepared *prepared_call = (const prepared *)call;
  const int32_t depth = call->window.output_depth;
  const ptrdiff_t block_bytes = (ptrdiff_t)pixels->run_count * pixels->groups * 64;
  swl_block_pair own;
  for (int32_t channel = 0; channel < depth; channel += 2 * SWL_BLOCK) {
    const swl_block_pair *pair = &own;
    if (prepared_call->pairs != NULL) {
      pair = prepared_call->pairs + channel / (2 * SWL_BLOCK);
    } else {
      load_pair(call, block_bytes, channel, &own);
    }
    const swl_tile *tiles = swl_tiles512(pair, pixels);
    const int32_t largest = SWL_LARGEST_TILE512;
    // Tiles of equal size, as far as possible: 25 pixels are 9 + 8 + 8.
    int32_t left = pixels->count;
    int32_t tiles_left = (left + largest - 1) / largest;
    const uint8_t *input = pixels->input;
    int8_t *output = pixels->output + channel;
    while (left > 0) {
      const int32_t count = left <= largest ? left : (left + tiles_left - 1) / tiles_left;
      tiles[count - 1](input, output, pixels, pair);
      left -= count;
      tiles_left--;
      input += count * pixels->input_stride;
      output += (ptrdiff_t)count * depth;
    }
  }
}

SWL_TARGET void swl_convolution__avx512vnni(const swl_convolution *call) {
  const swl_window *window = &call->window;
  swl_block_pair pairs[PREPARED_PAIRS];
  const int32_t count = (window->output_depth + 2 * SWL_BLOCK - 1) / (2 * SWL_BLOCK);
  const prepared prepared_call = {*call, count <= PREPARED_PAIRS ? pairs : NULL};
  if (count <= PREPARED_PAIRS) {
    const bool is_row = window->dilation_width == 1;
    const int32_t run = (is_row ? window->kernel_width : 1) * window->input_depth;
    const int32_t runs = window->kernel_height * (is_row ? 1 : window->kernel_width);
    const ptrdiff_t block_bytes = (ptrdiff_t)runs * ((run + 3) / 4) * 64;
    for (int32_t index = 0; index < count; index++) {
      load_pair(call, block_bytes, index * 2 * SWL_BLOCK, &pairs[index]);
    }
  }
  swl_convolve_all(&prepared_call.call);
}

#endif
