// Fully connected operators with the int8 dot products of AVX-512.
//
// One row of inputs is a matrix–vector product, bound by how fast weights come from the cache: four
// blocks of sixteen channels at a time, every weight loaded once and in order within its block.
// Several rows are the pixels of a 1×1 convolution.
#include "internal.h"

#if SWL_X86

#include "avx512.h"
#include "rows.h"

enum { BLOCKS = 4 };

// The inputs of one group of four, broadcast and flipped. The last group may be shorter; past its
// end the weights are zero.
SWL_INLINE512 __m512i load_group(const int8_t *input, int32_t count) {
  int32_t inputs = 0;
  memcpy(&inputs, input, (size_t)count);
  return _mm512_xor_si512(_mm512_set1_epi32(inputs), _mm512_set1_epi8((char)SWL_FLIP));
}

// All channels of `count` blocks of one row; a constant where this is inlined.
SWL_INLINE512 __m512i convolve_blocks(
  const int32_t count, const swl_fully_connected *call, const int8_t *input, int32_t first_block
) {
  const int32_t groups = (call->depth + 3) / 4;
  const ptrdiff_t block_bytes = (ptrdiff_t)groups * 64;
  const int32_t *table = call->channels + (ptrdiff_t)first_block * SWL_TABLE_BLOCK;
  const int8_t *weights = call->weights + first_block * block_bytes;

  // Even and odd groups have sums of their own, so that no product waits for the one before.
  __m512i even[BLOCKS], odd[BLOCKS];
#pragma clang loop unroll(full)
  for (int32_t block = 0; block < count; block++) {
    even[block] = swl_start512(table + block * SWL_TABLE_BLOCK);
    odd[block] = _mm512_setzero_si512();
  }
  const int32_t whole = call->depth / 8;
  for (int32_t pair = 0; pair < whole; pair++, input += 8, weights += 128) {
    const __m512i x0 = load_group(input, 4), x1 = load_group(input + 4, 4);
#pragma clang loop unroll(full)
    for (int32_t block = 0; block < count; block++) {
      const int8_t *place = weights + block * block_bytes;
      even[block] = _mm512_dpbusd_epi32(even[block], x0, _mm512_loadu_si512(place));
      odd[block] = _mm512_dpbusd_epi32(odd[block], x1, _mm512_loadu_si512(place + 64));
    }
  }
  for (int32_t left = call->depth % 8; left > 0; left -= 4, input += 4, weights += 64) {
    const __m512i x = load_group(input, swl_min(left, 4));
#pragma clang loop unroll(full)
    for (int32_t block = 0; block < count; block++) {
      even[block] = _mm512_dpbusd_epi32(
        even[block], x, _mm512_loadu_si512(weights + block * block_bytes));
    }
  }

  const int32_t zero_point = call->activation.output_zero_point;
  __m512i words[BLOCKS];
#pragma clang loop unroll(full)
  for (int32_t block = 0; block < BLOCKS; block++) {
    words[block] = _mm512_setzero_si512();
    if (block >= count) continue;
    const int32_t *constants = table + block * SWL_TABLE_BLOCK;
    const __m512i sums = _mm512_add_epi32(even[block], odd[block]);
    words[block] = swl_requantize512_any(sums, constants, zero_point, call->derived.is_narrow);
  }
  return swl_pack512(words[0], words[1], words[2], words[3], &call->activation);
}

SWL_AVX512VNNI static void convolve_row(
  const swl_fully_connected *call, const int8_t *input, int8_t *output
) {
  const int32_t channels = call->output_depth;
  int32_t done = 0;
  for (; channels - done >= 64; done += 64) {
    const __m512i bytes = convolve_blocks(BLOCKS, call, input, done / SWL_BLOCK);
    _mm512_storeu_si512(output + done, bytes);
  }
  if (done == channels) return;
  __m512i bytes;
  switch ((channels - done + SWL_BLOCK - 1) / SWL_BLOCK) {
    case 1: bytes = convolve_blocks(1, call, input, done / SWL_BLOCK); break;
    case 2: bytes = convolve_blocks(2, call, input, done / SWL_BLOCK); break;
    case 3: bytes = convolve_blocks(3, call, input, done / SWL_BLOCK); break;
    default: bytes = convolve_blocks(4, call, input, done / SWL_BLOCK); break;
  }
  _mm512_mask_storeu_epi8(output + done, (1ull << (channels - done)) - 1, bytes);
}

SWL_AVX512VNNI void swl_fully_connected__avx512vnni(const swl_fully_connected *call) {
  if (call->rows > 1 && call->depth <= SWL_SCRATCH_BYTES) {
    const swl_convolution convolution = {
      .window = {
        .batches = 1, .input_height = 1, .input_width = call->rows, .input_depth = call->depth,
        .output_height = 1, .output_width = call->rows, .output_depth = call->output_depth,
        .kernel_height = 1, .kernel_width = 1, .stride_height = 1, .stride_width = 1,
        .dilation_height = 1, .dilation_width = 1, .group_depth = call->depth},
      .activation = call->activation,
      .input = call->input, .weights = call->weights, .channels = call->channels,
      .output = call->output, .derived = call->derived};
    swl_convolution__avx512vnni(&convolution);
    return;
  }
  for (int32_t row = 0; row < call->rows; row++) {
    convolve_row(
      call, call->input + (ptrdiff_t)row * call->depth,
      call->output + (ptrdiff_t)row * call->output_depth);
  }
}

#endif
