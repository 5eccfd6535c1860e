// Depthwise convolution with the int8 dot products of AVX-512.
//
// The instruction adds four products of neighbouring bytes. Here the four are a channel's inputs in
// four rows of a window column: the bytes of four rows are interleaved in registers, 64 channels (or
// 64 bytes of several pixels) at a time. Interleaving works on each quarter of a register, so four
// vectors of sums come out as the channels
//
//     0–3 16–19 32–35 48–51,  4–7 20–23 …,  8–11 …,  12–15 …
//
// and the weights are put in the same order. Packing the sums to bytes works on quarters too and
// undoes it: it leaves the 64 channels in their natural order.
#include "internal.h"

#if SWL_X86

#include "avx512.h"
#include "rows.h"

#define SWL_TARGET SWL_AVX512VNNI
#define SWL_LANES 64
#define swl_copy_row swl_copy_flipped
#define swl_fill_row(target, value, count) \
  swl_fill_bytes(target, (uint8_t)(value) ^ SWL_FLIP, count)

// The constants of 64 lanes.
typedef struct {
  // For one or two output rows: [row][group of four kernel rows][kernel column][vector].
  __m512i weights[2][SWL_LARGEST_COLUMN_COUNT][4];
  __m512i start[4];
  swl_requantizer512 requantizer[4];
  _Alignas(64) int32_t table[SWL_TABLE_BLOCK * 4];  // the channel table of the lanes
  int32_t kernel_width;
  int32_t groups;
  __mmask64 lanes;
  bool is_narrow;
  int32_t zero_point;
  __m512i minimum, maximum;  // bytes
} swl_chunk;

#include "depthwise_driver.h"

// Four rows of bytes to four vectors of their columns.
SWL_INLINE512 void interleave(
  __m512i row0, __m512i row1, __m512i row2, __m512i row3, __m512i columns[4]
) {
  const __m512i low01 = _mm512_unpacklo_epi8(row0, row1);
  const __m512i high01 = _mm512_unpackhi_epi8(row0, row1);
  const __m512i low23 = _mm512_unpacklo_epi8(row2, row3);
  const __m512i high23 = _mm512_unpackhi_epi8(row2, row3);
  columns[0] = _mm512_unpacklo_epi16(low01, low23);
  columns[1] = _mm512_unpackhi_epi16(low01, low23);
  columns[2] = _mm512_unpacklo_epi16(high01, high23);
  columns[3] = _mm512_unpackhi_epi16(high01, high23);
}

// The block of sixteen channels that lanes 16 × quarter and on are, of a call with few channels.
SWL_INLINE512 int32_t block_of(const swl_lanes *lanes, int32_t depth, int32_t quarter) {
  const int32_t channel = lanes->first_channel + quarter * SWL_BLOCK;
  return (lanes->lanes > depth ? channel % depth : channel) / SWL_BLOCK;
}

// Weights of a window element for all lanes, in natural order. Lanes that are not used get the
// weights of some channel.
SWL_INLINE512 __m512i tap_weights(
  const swl_depthwise *call, const swl_lanes *lanes, int32_t tap
) {
  const swl_window *window = &call->window;
  const int32_t taps = window->kernel_height * window->kernel_width;
  const int32_t depth = window->output_depth, last = (depth - 1) / SWL_BLOCK;
  __m512i weights = _mm512_setzero_si512();
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    const int32_t block = swl_min(block_of(lanes, depth, quarter), last);
    const __m128i bytes =
      _mm_loadu_si128((const __m128i *)(call->weights + ((ptrdiff_t)block * taps + tap) * 16));
    weights = _mm512_mask_broadcast_i32x4(weights, (__mmask16)(0xF << 4 * quarter), bytes);
  }
  if (depth >= SWL_BLOCK || lanes->lanes == lanes->channels) return weights;
  // Several pixels in sixteen lanes: repeat the channels.
  const __m512i index = _mm512_and_si512(
    _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
    _mm512_set1_epi8((char)(depth - 1)));
  return _mm512_shuffle_epi8(weights, index);
}

// The channel table of all lanes, in the order of the four vectors of sums.
SWL_TARGET static void load_table(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk
) {
  const int32_t depth = call->window.output_depth, last = (depth - 1) / SWL_BLOCK;
  const bool repeats = depth < SWL_BLOCK && lanes->lanes != lanes->channels;
  const __m512i index = _mm512_and_si512(
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    _mm512_set1_epi32(repeats ? depth - 1 : 15));
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    const int32_t block = swl_min(block_of(lanes, depth, quarter), last);
    for (int32_t column = 0; column < 4; column++) {
      const __m512i values = _mm512_permutexvar_epi32(
        index, _mm512_loadu_si512(call->channels + block * SWL_TABLE_BLOCK + column * 16));
      int32_t *place = chunk->table + column * 16 + quarter * 4;
      _mm_store_si128((__m128i *)place, _mm512_castsi512_si128(values));
      _mm_store_si128((__m128i *)(place + 64), _mm512_extracti32x4_epi32(values, 1));
      _mm_store_si128((__m128i *)(place + 128), _mm512_extracti32x4_epi32(values, 2));
      _mm_store_si128((__m128i *)(place + 192), _mm512_extracti32x4_epi32(values, 3));
    }
  }
}

SWL_TARGET static void swl_load_chunk(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk
) {
  const swl_window *window = &call->window;
  const int32_t kernel_height = window->kernel_height, kernel_width = window->kernel_width;
  chunk->kernel_width = kernel_width;
  chunk->groups = (kernel_height + 3) / 4;
  chunk->lanes = lanes->lanes == 64 ? ~0ull : (1ull << lanes->lanes) - 1;
  chunk->is_narrow = call->is_narrow;
  chunk->zero_point = call->activation.output_zero_point;
  chunk->minimum = _mm512_set1_epi8((char)call->activation.minimum);
  chunk->maximum = _mm512_set1_epi8((char)call->activation.maximum);
  const int32_t rows = kernel_height % 4 == 0 ? 1 : 2;
  for (int32_t row = 0; row < rows; row++) {
    for (int32_t group = 0; group < chunk->groups; group++) {
      for (int32_t column = 0; column < kernel_width; column++) {
        __m512i taps[4];
        for (int32_t index = 0; index < 4; index++) {
          // The second output row sees the window one row further down.
          const int32_t kernel_row = 4 * group + index - row;
          taps[index] = kernel_row >= 0 && kernel_row < kernel_height
            ? tap_weights(call, lanes, kernel_row * kernel_width + column)
            : _mm512_setzero_si512();
        }
        interleave(
          taps[0], taps[1], taps[2], taps[3], chunk->weights[row][group * kernel_width + column]);
      }
    }
  }
  load_table(call, lanes, chunk);
  for (int32_t vector = 0; vector < 4; vector++) {
    const int32_t *table = chunk->table + vector * SWL_TABLE_BLOCK;
    chunk->start[vector] = swl_start512(table);
    chunk->requantizer[vector] = swl_requantizer512_load(table, chunk->zero_point);
  }
}

SWL_INLINE512 __m512i pack(const __m512i words[4], const swl_chunk *chunk) {
  const __m512i bytes = _mm512_packs_epi16(
    _mm512_packs_epi32(words[0], words[1]), _mm512_packs_epi32(words[2], words[3]));
  return _mm512_min_epi8(_mm512_max_epi8(bytes, chunk->minimum), chunk->maximum);
}

SWL_TARGET static __attribute__((noinline)) __m512i long_outputs(
  const __m512i sums[4], const swl_chunk *chunk
) {
  __m512i words[4];
  for (int32_t vector = 0; vector < 4; vector++) {
    words[vector] = swl_requantize512_long(
      sums[vector], chunk->table + vector * SWL_TABLE_BLOCK, chunk->zero_point);
  }
  return pack(words, chunk);
}

// `rows` output rows with a window of `groups × kernel_width` columns of four; narrow calls only or
// any. The counts are constants where this is inlined for the usual windows.
SWL_INLINE512 void convolve_rows(
  const int32_t rows, const int32_t groups, const int32_t kernel_width, const bool is_narrow,
  const swl_chunk *chunk, const swl_pass *pass
) {
  const int32_t *tap_offsets = pass->tap_offsets;
  ptrdiff_t place = 0, target = 0;
  for (int32_t step = 0; step < pass->steps; step++) {
    __m512i sums[2][4];
#pragma clang loop unroll(full)
    for (int32_t vector = 0; vector < 4; vector++) {
      sums[0][vector] = sums[1][vector] = chunk->start[vector];
    }
    for (int32_t group = 0; group < groups; group++) {
      const uint8_t *const *inputs = pass->rows + 4 * group;
      for (int32_t column = 0; column < kernel_width; column++) {
        const ptrdiff_t offset = place + tap_offsets[column];
        __m512i columns[4];
        interleave(
          _mm512_loadu_si512(inputs[0] + offset), _mm512_loadu_si512(inputs[1] + offset),
          _mm512_loadu_si512(inputs[2] + offset), _mm512_loadu_si512(inputs[3] + offset), columns);
        const int32_t index = group * kernel_width + column;
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
          for (int32_t vector = 0; vector < 4; vector++) {
            sums[row][vector] = _mm512_dpbusd_epi32(
              sums[row][vector], columns[vector], chunk->weights[row][index][vector]);
          }
        }
      }
    }

    const bool is_last = step + 1 == pass->steps;
    const __mmask64 lanes =
      is_last && pass->last_lanes < 64 ? (1ull << pass->last_lanes) - 1 : chunk->lanes;
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < rows; row++) {
      __m512i bytes;
      if (is_narrow) {
        __m512i words[4];
#pragma clang loop unroll(full)
        for (int32_t vector = 0; vector < 4; vector++) {
          words[vector] = swl_requantize512(sums[row][vector], &chunk->requantizer[vector]);
        }
        bytes = pack(words, chunk);
      } else {
        bytes = long_outputs(sums[row], chunk);
      }
      int8_t *output = pass->output[row] + target;
      if (lanes == ~0ull) {
        _mm512_storeu_si512(output, bytes);
      } else {
        _mm512_mask_storeu_epi8(output, lanes, bytes);
      }
    }
    place += pass->input_step;
    target += pass->output_step;
  }
}

SWL_TARGET static __attribute__((noinline)) void convolve_two_rows_3x3(
  const swl_chunk *chunk, const swl_pass *pass
) {
  convolve_rows(2, 1, 3, true, chunk, pass);
}

SWL_TARGET static __attribute__((noinline)) void convolve_row_3x3(
  const swl_chunk *chunk, const swl_pass *pass
) {
  convolve_rows(1, 1, 3, true, chunk, pass);
}

SWL_TARGET static void swl_convolve_rows(const swl_chunk *chunk, const swl_pass *pass) {
  const int32_t groups = chunk->groups, kernel_width = chunk->kernel_width;
  if (chunk->is_narrow && groups == 1 && kernel_width == 3) {
    (pass->row_count == 2 ? convolve_two_rows_3x3 : convolve_row_3x3)(chunk, pass);
  } else if (pass->row_count == 2) {
    convolve_rows(2, groups, kernel_width, chunk->is_narrow, chunk, pass);
  } else {
    convolve_rows(1, groups, kernel_width, chunk->is_narrow, chunk, pass);
  }
}

SWL_TARGET void swl_depthwise__avx512vnni(const swl_depthwise *call) {
  swl_convolve_depthwise(call);
}

#endif
