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

// Columns of 64 bytes and more, and those of a stride of two whose bytes fill a quarter or half of a
// register, have loops of their own.
SWL_INLINE512 void swl_copy_columns(
  uint8_t *target, const int8_t *source, int32_t channels, ptrdiff_t pitch, int32_t count
) {
  const __m512i flip = _mm512_set1_epi8((char)SWL_FLIP);
  if (channels == 64) {
    for (; count > 0; count--, target += 64, source += pitch) {
      _mm512_storeu_si512(target, _mm512_xor_si512(_mm512_loadu_si512(source), flip));
    }
    return;
  }
  if (pitch == 2 * channels && channels >= 4 && 64 % channels == 0) {
    // Every other column of 128 bytes; of the last columns, not all may be there.
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i skipped =
      _mm512_andnot_si512(_mm512_set1_epi32(channels / 4 - 1), lane);
    const __m512i index = _mm512_add_epi32(lane, skipped);
    ptrdiff_t left = (ptrdiff_t)(count - 1) * pitch + channels;
    for (; left > 0; left -= 128, target += 64, source += 128) {
      const __mmask64 low = left >= 64 ? ~0ull : (1ull << left) - 1;
      const __mmask64 high = left >= 128 ? ~0ull : left <= 64 ? 0 : (1ull << (left - 64)) - 1;
      const __m512i bytes = _mm512_permutex2var_epi32(
        _mm512_maskz_loadu_epi8(low, source), index, _mm512_maskz_loadu_epi8(high, source + 64));
      _mm512_storeu_si512(target, _mm512_xor_si512(bytes, flip));
    }
    return;
  }
  const __mmask64 here = (1ull << channels) - 1;
  for (; count > 0; count--, target += channels, source += pitch) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(here, source);
    _mm512_storeu_si512(target, _mm512_xor_si512(bytes, flip));
  }
}

// The constants of 64 lanes.
typedef struct {
  // For one or two output rows: [row][group of four tap rows][tap column][vector].
  __m512i weights[2][SWL_LARGEST_COLUMN_COUNT][4];
  __m512i start[4];
  swl_fused512 fused[4];                             // where `is_fused`
  _Alignas(64) int32_t table[SWL_TABLE_BLOCK * 4];  // multipliers of the lanes, elsewhere
  int32_t columns;  // of taps
  int32_t groups;   // of four tap rows
  __mmask64 lanes;
  bool is_fused, is_narrow, is_rectified;
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

// Where the constants of lanes 16 × quarter and on are. Lanes that are not used get those of some
// channel.
typedef struct {
  int32_t block[4];
  bool repeats;  // several pixels in sixteen lanes
  __m512i channel_of_byte, channel_of_word;
} lane_order;

SWL_INLINE512 lane_order order_of(const swl_lanes *lanes, int32_t depth) {
  lane_order order = {.repeats = depth < SWL_BLOCK && lanes->lanes != lanes->channels};
  const int32_t last = (depth - 1) / SWL_BLOCK;
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    const int32_t channel = lanes->first_channel + quarter * SWL_BLOCK;
    // Where a chunk is several pixels, the depth is a power of two.
    const int32_t place = lanes->lanes > depth ? channel & (depth - 1) : channel;
    order.block[quarter] = swl_min(place / SWL_BLOCK, last);
  }
  const int32_t mask = order.repeats ? depth - 1 : SWL_BLOCK - 1;
  order.channel_of_byte = _mm512_and_si512(
    _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
    _mm512_set1_epi8((char)mask));
  order.channel_of_word = _mm512_and_si512(
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    _mm512_set1_epi32(mask));
  return order;
}

// Weights of a window element for all lanes, in natural order.
SWL_INLINE512 __m512i tap_weights(const int8_t *const blocks[4], int32_t tap, const lane_order *order) {
  __m512i weights = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)blocks[0] + tap));
#pragma clang loop unroll(full)
  for (int32_t quarter = 1; quarter < 4; quarter++) {
    weights = _mm512_mask_broadcast_i32x4(
      weights, (__mmask16)(0xF << 4 * quarter),
      _mm_loadu_si128((const __m128i *)blocks[quarter] + tap));
  }
  return order->repeats ? _mm512_shuffle_epi8(weights, order->channel_of_byte) : weights;
}

// A column of the channel table for all lanes, in the order of the four vectors of sums.
SWL_INLINE512 void load_column(
  const swl_depthwise *call, const lane_order *order, int32_t column, __m512i lanes[4]
) {
  __m512i blocks[4];
#pragma clang loop unroll(full)
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    blocks[quarter] =
      _mm512_loadu_si512(call->channels + order->block[quarter] * SWL_TABLE_BLOCK + column);
    if (order->repeats) {
      blocks[quarter] = _mm512_permutexvar_epi32(order->channel_of_word, blocks[quarter]);
    }
  }
  const __m512i low01 = _mm512_shuffle_i32x4(blocks[0], blocks[1], 0x44);
  const __m512i high01 = _mm512_shuffle_i32x4(blocks[0], blocks[1], 0xEE);
  const __m512i low23 = _mm512_shuffle_i32x4(blocks[2], blocks[3], 0x44);
  const __m512i high23 = _mm512_shuffle_i32x4(blocks[2], blocks[3], 0xEE);
  lanes[0] = _mm512_shuffle_i32x4(low01, low23, 0x88);
  lanes[1] = _mm512_shuffle_i32x4(low01, low23, 0xDD);
  lanes[2] = _mm512_shuffle_i32x4(high01, high23, 0x88);
  lanes[3] = _mm512_shuffle_i32x4(high01, high23, 0xDD);
}

SWL_INLINE512 void load_table(
  const swl_depthwise *call, const lane_order *order, swl_chunk *chunk
) {
  __m512i biases[4], sums[4], significands[4], shifts[4];
  load_column(call, order, SWL_FOLDED_BIAS, biases);
  load_column(call, order, SWL_WEIGHT_SUM, sums);
  load_column(call, order, SWL_SIGNIFICAND, significands);
  load_column(call, order, SWL_SHIFT, shifts);
#pragma clang loop unroll(full)
  for (int32_t vector = 0; vector < 4; vector++) {
    chunk->start[vector] = _mm512_sub_epi32(biases[vector], _mm512_slli_epi32(sums[vector], 7));
    if (chunk->is_fused) {
      swl_fused512 *fused = &chunk->fused[vector];
      *fused = swl_fused512_from(significands[vector], shifts[vector], chunk->zero_point);
      chunk->start[vector] = _mm512_add_epi32(chunk->start[vector], fused->start);
      continue;
    }
    int32_t *table = chunk->table + vector * SWL_TABLE_BLOCK;
    _mm512_store_si512(table + SWL_SIGNIFICAND, significands[vector]);
    _mm512_store_si512(table + SWL_SHIFT, shifts[vector]);
  }
}

SWL_TARGET static void swl_load_chunk(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk
) {
  const int32_t rows = lanes->tap_rows, columns = lanes->tap_columns;
  chunk->columns = columns;
  chunk->groups = (rows + 3) / 4;
  chunk->lanes = lanes->lanes == 64 ? ~0ull : (1ull << lanes->lanes) - 1;
  chunk->is_fused = call->derived.is_fused;
  chunk->is_narrow = call->derived.is_narrow;
  chunk->is_rectified = call->activation.minimum >= call->activation.output_zero_point;
  chunk->zero_point = call->activation.output_zero_point;
  chunk->minimum = _mm512_set1_epi8((char)call->activation.minimum);
  chunk->maximum = _mm512_set1_epi8((char)call->activation.maximum);
  const lane_order order = order_of(lanes, call->window.output_depth);
  const int8_t *blocks[4];
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    blocks[quarter] = call->weights + (ptrdiff_t)order.block[quarter] * rows * columns * SWL_BLOCK;
  }
  for (int32_t column = 0; column < columns; column++) {
    __m512i above[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                        _mm512_setzero_si512()};
    for (int32_t group = 0; group < chunk->groups; group++) {
      __m512i taps[4];
#pragma clang loop unroll(full)
      for (int32_t index = 0; index < 4; index++) {
        const int32_t row = 4 * group + index;
        taps[index] = row < rows ? tap_weights(blocks, row * columns + column, &order)
                                 : _mm512_setzero_si512();
      }
      __m512i *weights = chunk->weights[0][group * columns + column];
      interleave(taps[0], taps[1], taps[2], taps[3], weights);
      if (lanes->rows_at_once == 1) continue;
      // The second output row sees the window one row further down.
      __m512i *lower = chunk->weights[1][group * columns + column];
#pragma clang loop unroll(full)
      for (int32_t vector = 0; vector < 4; vector++) {
        lower[vector] = _mm512_or_si512(
          _mm512_slli_epi32(weights[vector], 8), _mm512_srli_epi32(above[vector], 24));
        above[vector] = weights[vector];
      }
    }
  }
  load_table(call, &order, chunk);
}

SWL_INLINE512 __m512i pack(const __m512i words[4], const swl_chunk *chunk) {
  const __m512i bytes = _mm512_packs_epi16(
    _mm512_packs_epi32(words[0], words[1]), _mm512_packs_epi32(words[2], words[3]));
  return _mm512_min_epi8(_mm512_max_epi8(bytes, chunk->minimum), chunk->maximum);
}

SWL_TARGET static __attribute__((noinline)) __m512i other_outputs(
  const __m512i sums[4], const swl_chunk *chunk
) {
  __m512i words[4];
  for (int32_t vector = 0; vector < 4; vector++) {
    words[vector] = swl_requantize512_any(
      sums[vector], chunk->table + vector * SWL_TABLE_BLOCK, chunk->zero_point, chunk->is_narrow);
  }
  return pack(words, chunk);
}

SWL_INLINE512 void store(int8_t *output, __m512i bytes, __mmask64 lanes) {
  if (lanes == ~0ull) {
    _mm512_storeu_si512(output, bytes);
  } else {
    _mm512_mask_storeu_epi8(output, lanes, bytes);
  }
}

// The sums of one step: two output rows, four vectors.
typedef __m512i step_sums[2][4];

// Requantizes and stores the sums of `steps` steps of `rows` output rows.
SWL_INLINE512 void store_steps(
  const int32_t steps, const int32_t rows, const bool is_rectified, step_sums sums[4],
  const swl_chunk *chunk, const swl_pass *pass, ptrdiff_t target, __mmask64 last_lanes
) {
  if (!chunk->is_fused) {
#pragma clang loop unroll(full)
    for (int32_t step = 0; step < steps; step++) {
#pragma clang loop unroll(full)
      for (int32_t row = 0; row < rows; row++) {
        // A copy, so that the sums themselves never have to be in memory.
        __m512i spilled[4];
        for (int32_t vector = 0; vector < 4; vector++) spilled[vector] = sums[step][row][vector];
        store(
          pass->output[row] + target + step * pass->output_step, other_outputs(spilled, chunk),
          step + 1 == steps ? last_lanes : chunk->lanes);
      }
    }
    return;
  }
#pragma clang loop unroll(full)
  for (int32_t vector = 0; vector < 4; vector++) {
#pragma clang loop unroll(full)
    for (int32_t step = 0; step < steps; step++) {
#pragma clang loop unroll(full)
      for (int32_t row = 0; row < rows; row++) {
        sums[step][row][vector] =
          swl_fuse512(sums[step][row][vector], &chunk->fused[vector], is_rectified);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int32_t step = 0; step < steps; step++) {
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < rows; row++) {
      store(
        pass->output[row] + target + step * pass->output_step, pack(sums[step][row], chunk),
        step + 1 == steps ? last_lanes : chunk->lanes);
    }
  }
}

// `steps` steps of `rows` output rows, from input `place` and output `target` on, with a window of
// `groups × columns` columns of four. Constants where this is inlined, except `groups` and
// `columns` for unusual windows.
SWL_INLINE512 void convolve_steps(
  const int32_t steps, const int32_t rows, const int32_t groups, const int32_t columns,
  const bool is_rectified, const swl_chunk *chunk, const swl_pass *pass, ptrdiff_t place,
  ptrdiff_t target, __mmask64 last_lanes
) {
  step_sums sums[4];
#pragma clang loop unroll(full)
  for (int32_t vector = 0; vector < 4; vector++) {
#pragma clang loop unroll(full)
    for (int32_t step = 0; step < steps; step++) {
      sums[step][0][vector] = sums[step][1][vector] = chunk->start[vector];
    }
  }
  for (int32_t group = 0; group < groups; group++) {
    const uint8_t *const *inputs = pass->rows + 4 * group;
#pragma clang loop unroll(disable)
    for (int32_t column = 0; column < columns; column++) {
      const __m512i (*weights)[4] = &chunk->weights[0][group * columns + column];
#pragma clang loop unroll(full)
      for (int32_t step = 0; step < steps; step++) {
        const ptrdiff_t offset = place + step * pass->input_step + pass->tap_offsets[column];
        __m512i taps[4];
        interleave(
          _mm512_loadu_si512(inputs[0] + offset), _mm512_loadu_si512(inputs[1] + offset),
          _mm512_loadu_si512(inputs[2] + offset), _mm512_loadu_si512(inputs[3] + offset), taps);
#pragma clang loop unroll(full)
        for (int32_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
          for (int32_t vector = 0; vector < 4; vector++) {
            sums[step][row][vector] = _mm512_dpbusd_epi32(
              sums[step][row][vector], taps[vector],
              weights[row * SWL_LARGEST_COLUMN_COUNT][vector]);
          }
        }
      }
    }
  }

  store_steps(steps, rows, is_rectified, sums, chunk, pass, target, last_lanes);
}

// All steps of a pass, `at_once` at a time.
SWL_INLINE512 void convolve_pass(
  const int32_t at_once, const int32_t rows, const int32_t groups, const int32_t columns,
  const bool is_rectified, const swl_chunk *chunk, const swl_pass *pass
) {
  const __mmask64 last_lanes =
    pass->last_lanes == 64 ? ~0ull : (1ull << pass->last_lanes) - 1;
  ptrdiff_t place = 0, target = 0;
  int32_t left = pass->steps;
  for (; left >= at_once; left -= at_once) {
    convolve_steps(
      at_once, rows, groups, columns, is_rectified, chunk, pass, place, target,
      left == at_once ? last_lanes : chunk->lanes);
    place += at_once * pass->input_step;
    target += at_once * pass->output_step;
  }
  for (; left > 0; left--) {
    convolve_steps(
      1, rows, groups, columns, is_rectified, chunk, pass, place, target,
      left == 1 ? last_lanes : chunk->lanes);
    place += pass->input_step;
    target += pass->output_step;
  }
}

typedef void (*pass_function)(const swl_chunk *chunk, const swl_pass *pass);

#define PASS(name, at_once, rows, groups, columns, is_rectified)                    \
  SWL_TARGET static __attribute__((noinline)) void name(                                 \
    const swl_chunk *chunk, const swl_pass *pass) {                                      \
    convolve_pass(at_once, rows, groups, columns, is_rectified, chunk, pass);       \
  }
PASS(convolve_3x3_row, 4, 1, 1, 3, false)
PASS(convolve_3x3_row_rectified, 4, 1, 1, 3, true)
PASS(convolve_3x3_rows, 2, 2, 1, 3, false)
PASS(convolve_3x3_rows_rectified, 2, 2, 1, 3, true)
PASS(convolve_row, 4, 1, chunk->groups, chunk->columns, false)
PASS(convolve_rows, 2, 2, chunk->groups, chunk->columns, false)
#undef PASS

SWL_TARGET static void swl_convolve_rows(const swl_chunk *chunk, const swl_pass *pass) {
  static const pass_function usual[2][2] = {
    {convolve_3x3_row, convolve_3x3_row_rectified},
    {convolve_3x3_rows, convolve_3x3_rows_rectified}};
  static const pass_function general[2] = {convolve_row, convolve_rows};
  const int32_t rows = pass->row_count - 1;
  if (chunk->groups == 1 && chunk->columns == 3) {
    usual[rows][chunk->is_rectified](chunk, pass);
  } else {
    general[rows](chunk, pass);
  }
}

SWL_TARGET void swl_depthwise__avx512vnni(const swl_depthwise *call) {
  swl_convolve_depthwise(call);
}

#endif
