// Depthwise convolution with AVX2: sixteen lanes at a time, window elements in pairs.
//
// Inputs and weights are widened to 16 bits, and those of two tap rows interleaved, so that one
// instruction multiplies both and adds the products. Interleaving works on each half of a register:
// the sums come out as the channels 0–3 8–11 and 4–7 12–15, and the constants are put in the same
// order. Packing to bytes works on halves too and undoes it.
#include "internal.h"

#if SWL_X86

#include "avx2.h"
#include "rows.h"

#define SWL_TARGET SWL_AVX2
#define SWL_LANES 16
#define swl_copy_row(target, source, count) memcpy(target, source, (size_t)(count))
#define swl_fill_row(target, value, count) memset(target, value, (size_t)(count))

// Columns of sixteen bytes are one load and one store.
SWL_INLINE256 void swl_copy_columns(
  uint8_t *target, const int8_t *source, int32_t channels, ptrdiff_t pitch, int32_t count
) {
  for (; count > 0; count--, target += channels, source += pitch) {
    if (channels == 16) {
      _mm_storeu_si128((__m128i *)target, _mm_loadu_si128((const __m128i *)source));
    } else {
      for (int32_t lane = 0; lane < channels; lane++) target[lane] = (uint8_t)source[lane];
    }
  }
}

// The constants of sixteen lanes.
typedef struct {
  // For one or two output rows: [row][group of four tap rows][tap column][pair of rows][half].
  __m256i weights[2][SWL_LARGEST_COLUMN_COUNT][2][2];
  __m256i start[2];
  swl_requantizer256 requantizer[2];
  int32_t table[2][SWL_TABLE_BLOCK];  // the channel table in the order of the sums
  int32_t columns;                    // of taps
  int32_t groups;                     // of four tap rows
  int32_t lanes;
  bool is_narrow;
  swl_activation activation;
} swl_chunk;

#include "depthwise_driver.h"

// The channel of a lane; lanes that are not used get constants of zero.
static int32_t channel_of(const swl_lanes *lanes, int32_t depth, int32_t lane) {
  const int32_t channel = lanes->first_channel + lane;
  return lanes->lanes > lanes->channels ? channel % depth : channel;
}

// Weights of a window element for all lanes; zeros outside the window.
SWL_TARGET static __m256i tap_weights(
  const swl_depthwise *call, const swl_lanes *lanes, int32_t row, int32_t column
) {
  if (row < 0 || row >= lanes->tap_rows) return _mm256_setzero_si256();
  const swl_window *window = &call->window;
  const int32_t taps = window->kernel_height * window->kernel_width;
  const int32_t tap = row * lanes->tap_columns + column;
  if (lanes->lanes == lanes->channels) {
    // A chunk is a block.
    return swl_widen256(
      call->weights + ((ptrdiff_t)lanes->first_channel / SWL_BLOCK * taps + tap) * SWL_BLOCK);
  }
  int8_t bytes[16];
  for (int32_t lane = 0; lane < 16; lane++) {
    const int32_t channel = channel_of(lanes, window->output_depth, lane);
    bytes[lane] =
      call->weights[((ptrdiff_t)channel / SWL_BLOCK * taps + tap) * SWL_BLOCK + channel % SWL_BLOCK];
  }
  return swl_widen256(bytes);
}

SWL_TARGET static void swl_load_chunk(
  const swl_depthwise *call, const swl_lanes *lanes, swl_chunk *chunk
) {
  const int32_t depth = call->window.output_depth;
  chunk->columns = lanes->tap_columns;
  chunk->groups = (lanes->tap_rows + 3) / 4;
  chunk->lanes = lanes->lanes;
  chunk->is_narrow = call->derived.is_narrow;
  chunk->activation = call->activation;
  for (int32_t row = 0; row < 2; row++) {
    for (int32_t group = 0; group < chunk->groups; group++) {
      for (int32_t column = 0; column < chunk->columns; column++) {
        for (int32_t pair = 0; pair < 2; pair++) {
          // The second output row sees the window one row further down.
          const int32_t first = 4 * group + 2 * pair - row;
          const __m256i even = tap_weights(call, lanes, first, column);
          const __m256i odd = tap_weights(call, lanes, first + 1, column);
          __m256i *weights = chunk->weights[row][group * chunk->columns + column][pair];
          weights[0] = _mm256_unpacklo_epi16(even, odd);
          weights[1] = _mm256_unpackhi_epi16(even, odd);
        }
      }
    }
  }
  for (int32_t half = 0; half < 2; half++) {
    int32_t *table = chunk->table[half];
    for (int32_t lane = 0; lane < 8; lane++) {
      const int32_t place = lane % 4 + 4 * half + (lane >= 4 ? 8 : 0);
      const int32_t *source = call->channels + swl_channel_place(channel_of(lanes, depth, place));
      table[SWL_FOLDED_BIAS + lane] = source[SWL_FOLDED_BIAS];
      table[SWL_SIGNIFICAND + lane] = source[SWL_SIGNIFICAND];
      table[SWL_SHIFT + lane] = source[SWL_SHIFT];
    }
    chunk->start[half] = _mm256_loadu_si256((const __m256i *)(table + SWL_FOLDED_BIAS));
    chunk->requantizer[half] =
      swl_requantizer256_load(table, call->activation.output_zero_point);
  }
}

SWL_INLINE256 __m128i outputs(const swl_chunk *chunk, __m256i low, __m256i high) {
  const int32_t zero_point = chunk->activation.output_zero_point;
  if (!chunk->is_narrow) {
    return swl_narrow256(
      swl_requantize256_long(low, chunk->table[0], zero_point),
      swl_requantize256_long(high, chunk->table[1], zero_point), &chunk->activation);
  }
  return swl_narrow256(
    swl_requantize256(low, &chunk->requantizer[0]),
    swl_requantize256(high, &chunk->requantizer[1]), &chunk->activation);
}

// `rows` output rows; a constant where this is inlined.
SWL_INLINE256 void convolve_rows(
  const int32_t rows, const swl_chunk *chunk, const swl_pass *pass
) {
  ptrdiff_t place = 0, target = 0;
  for (int32_t step = 0; step < pass->steps; step++) {
    __m256i sums[2][2];
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < rows; row++) {
      sums[row][0] = chunk->start[0];
      sums[row][1] = chunk->start[1];
    }
    for (int32_t group = 0; group < chunk->groups; group++) {
      const uint8_t *const *inputs = pass->rows + 4 * group;
      for (int32_t column = 0; column < chunk->columns; column++) {
        const ptrdiff_t offset = place + pass->tap_offsets[column];
        const int32_t index = group * chunk->columns + column;
#pragma clang loop unroll(full)
        for (int32_t pair = 0; pair < 2; pair++) {
          const __m256i even = swl_widen256((const int8_t *)inputs[2 * pair] + offset);
          const __m256i odd = swl_widen256((const int8_t *)inputs[2 * pair + 1] + offset);
          const __m256i low = _mm256_unpacklo_epi16(even, odd);
          const __m256i high = _mm256_unpackhi_epi16(even, odd);
#pragma clang loop unroll(full)
          for (int32_t row = 0; row < rows; row++) {
            const __m256i *weights = chunk->weights[row][index][pair];
            sums[row][0] =
              _mm256_add_epi32(sums[row][0], _mm256_madd_epi16(low, weights[0]));
            sums[row][1] =
              _mm256_add_epi32(sums[row][1], _mm256_madd_epi16(high, weights[1]));
          }
        }
      }
    }
    const int32_t lanes = step + 1 == pass->steps ? pass->last_lanes : chunk->lanes;
#pragma clang loop unroll(full)
    for (int32_t row = 0; row < rows; row++) {
      swl_store_bytes256(
        pass->output[row] + target, outputs(chunk, sums[row][0], sums[row][1]), lanes);
    }
    place += pass->input_step;
    target += pass->output_step;
  }
}

SWL_TARGET static void swl_convolve_rows(const swl_chunk *chunk, const swl_pass *pass) {
  if (pass->row_count == 2) {
    convolve_rows(2, chunk, pass);
  } else {
    convolve_rows(1, chunk, pass);
  }
}

SWL_TARGET void swl_depthwise__avx2(const swl_depthwise *call) {
  swl_convolve_depthwise(call);
}

#endif
