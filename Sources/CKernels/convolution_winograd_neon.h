// Winograd's transformation for convolutions of 3 × 3 windows that move by one, without dot products.
//
// Two by two outputs need four by four inputs. Their sixteen sums and differences, times those of the
// nine weights, make the outputs with sixteen products instead of 36:
//
//     output = Aᵀ ((G w Gᵀ) × (Bᵀ x B)) A
//
// G has halves, so that twice G is used and a quarter of the result is the sum, without remainder:
// every product and sum is of integers, weights have 12 bits, inputs 11 bits, and the outcome is the very
// sum. Products of 16 bits are half as fast as those of bytes, but 2.25 times fewer.
#ifndef SWL_CONVOLUTION_WINOGRAD_NEON_H
#define SWL_CONVOLUTION_WINOGRAD_NEON_H

#include "neon.h"
#include "rows.h"

#if SWL_AARCH64

enum {
  WINOGRAD_TILES = 4,  // at once
  WINOGRAD_LARGEST_DEPTH = 64,
  WINOGRAD_ROW_BYTES = 2304,   // of one of four rows of the input
  WINOGRAD_INPUTS = 4096,      // of transformed inputs
  WINOGRAD_FEWEST_PIXELS = 64,  // which are worth the transformation of weights
};

// What the pixels of a call share.
typedef struct {
  const swl_convolution *call;
  const swl_requantizer *requantizer;
  int16_t *weights;   // of a block: 16 places by channels of the input by 16 of the output
  int16_t *inputs;    // 16 places by tiles by channels
  int8_t *rows;       // four of the input, with the zero point around them
  ptrdiff_t row_bytes;
  int32_t tiles;      // across
} winograd;

SWL_INLINE bool can_transform(const swl_convolution *call) {
  const swl_window *window = &call->window;
  return window->kernel_height == 3 && window->kernel_width == 3 && window->stride_height == 1 &&
    window->stride_width == 1 && window->dilation_height == 1 && window->dilation_width == 1 &&
    window->output_height >= 2 && window->output_width >= 2 && window->padding_left <= 2 &&
    window->output_height * window->output_width >= WINOGRAD_FEWEST_PIXELS &&
    window->input_depth % 16 == 0 && window->input_depth <= WINOGRAD_LARGEST_DEPTH &&
    window->output_depth % SWL_BLOCK == 0 && call->derived.is_narrow &&
    (window->output_width + 2) * window->input_depth <= WINOGRAD_ROW_BYTES;
}

// 2G times a column of three weights.
SWL_INLINE_NEON void transform_three(int16x8_t a, int16x8_t b, int16x8_t c, int16x8_t out[4]) {
  const int16x8_t sum = vaddq_s16(a, c);
  out[0] = vaddq_s16(a, a);
  out[1] = vaddq_s16(sum, b);
  out[2] = vsubq_s16(sum, b);
  out[3] = vaddq_s16(c, c);
}

// The weights of a block of output channels.
SWL_NEON static void transform_weights(const winograd *state, const int8_t *packed) {
  const int32_t depth = state->call->window.input_depth;
  const ptrdiff_t tap_bytes = depth * 16, place_step = depth * 16;
  int16_t *target = state->weights;
  for (int32_t channel = 0; channel < depth; channel += 4, packed += 64, target += 64) {
    int8x16x4_t taps[9];
    SWL_UNROLL for (int32_t tap = 0; tap < 9; tap++) taps[tap] = vld4q_s8(packed + tap * tap_bytes);
    SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
      SWL_UNROLL for (int32_t half = 0; half < 2; half++) {
        int16x8_t columns[3][4];
        SWL_UNROLL for (int32_t column = 0; column < 3; column++) {
          int16x8_t w[3];
          SWL_UNROLL for (int32_t row = 0; row < 3; row++) {
            const int8x16_t bytes = taps[3 * row + column].val[index];
            w[row] = vmovl_s8(half ? vget_high_s8(bytes) : vget_low_s8(bytes));
          }
          transform_three(w[0], w[1], w[2], columns[column]);
        }
        SWL_UNROLL for (int32_t row = 0; row < 4; row++) {
          int16x8_t out[4];
          transform_three(columns[0][row], columns[1][row], columns[2][row], out);
          SWL_UNROLL for (int32_t column = 0; column < 4; column++) {
            vst1q_s16(
              target + (4 * row + column) * place_step + 16 * index + 8 * half, out[column]);
          }
        }
      }
    }
  }
}

// Four rows of the input, from row `top` on.
SWL_NEON static void load_four_rows(const winograd *state, const int8_t *image, int32_t top) {
  const swl_window *window = &state->call->window;
  const int8_t zero = (int8_t)state->call->activation.input_zero_point;
  const ptrdiff_t depth = window->input_depth, row_bytes = window->input_width * depth;
  const ptrdiff_t left = window->padding_left * depth;
  const ptrdiff_t inside = state->row_bytes - left < row_bytes ? state->row_bytes - left : row_bytes;
  const ptrdiff_t right = state->row_bytes - left - inside;
  for (int32_t index = 0; index < 4; index++) {
    const int32_t row = top + index;
    int8_t *target = state->rows + index * state->row_bytes;
    if (row < 0 || row >= window->input_height) {
      swl_fill_bytes_neon(target, zero, state->row_bytes);
      continue;
    }
    swl_fill_bytes_neon(target, zero, left);
    swl_copy_bytes(target + left, image + row * row_bytes, inside);
    swl_fill_bytes_neon(target + left + inside, zero, right);
  }
}

// The first column of a tile; the last may overlap the one before.
SWL_INLINE int32_t tile_column(const winograd *state, int32_t tile) {
  return swl_min(2 * tile, state->call->window.output_width - 2);
}

// Columns of four rows of the input, eight channels, times the transposed B.
SWL_INLINE_NEON void transform_column(
  const winograd *state, const int8_t *place, int16x8_t rows[4][4], const int32_t column
) {
  int8x8_t x[4];
  SWL_UNROLL for (int32_t row = 0; row < 4; row++, place += state->row_bytes) {
    x[row] = vld1_s8(place);
  }
  rows[0][column] = vsubl_s8(x[0], x[2]);
  rows[1][column] = vaddl_s8(x[1], x[2]);
  rows[2][column] = vsubl_s8(x[2], x[1]);
  rows[3][column] = vsubl_s8(x[1], x[3]);
}

// Four tiles; neighbours share two columns where none overlaps another further (`are_regular`, a
// constant where this is inlined).
SWL_INLINE_NEON void transform_tiles(
  const winograd *state, int32_t first, const bool are_regular
) {
  const ptrdiff_t depth = state->call->window.input_depth;
  const ptrdiff_t place_step = WINOGRAD_TILES * depth;
  for (int32_t channel = 0; channel < depth; channel += 8) {
    int16x8_t rows[4][4];
    SWL_UNROLL for (int32_t tile = 0; tile < WINOGRAD_TILES; tile++) {
      const int32_t number = swl_min(first + tile, state->tiles - 1);
      const int8_t *const start = state->rows + tile_column(state, number) * depth + channel;
      if (are_regular && tile > 0) {
        SWL_UNROLL for (int32_t row = 0; row < 4; row++) {
          rows[row][0] = rows[row][2], rows[row][1] = rows[row][3];
        }
      } else {
        transform_column(state, start, rows, 0);
        transform_column(state, start + depth, rows, 1);
      }
      transform_column(state, start + 2 * depth, rows, 2);
      transform_column(state, start + 3 * depth, rows, 3);
      int16_t *place = state->inputs + tile * depth + channel;
      SWL_UNROLL for (int32_t row = 0; row < 4; row++, place += 4 * place_step) {
        const int16x8_t *t = rows[row];
        vst1q_s16(place, vsubq_s16(t[0], t[2]));
        vst1q_s16(place + place_step, vaddq_s16(t[1], t[2]));
        vst1q_s16(place + 2 * place_step, vsubq_s16(t[2], t[1]));
        vst1q_s16(place + 3 * place_step, vsubq_s16(t[1], t[3]));
      }
    }
  }
}

SWL_NEON static void transform_inputs(const winograd *state, int32_t first) {
  const int32_t last = first + WINOGRAD_TILES - 1;
  if (last < state->tiles && tile_column(state, last) == 2 * last) {
    transform_tiles(state, first, true);
  } else {
    transform_tiles(state, first, false);
  }
}

// One input channel of four tiles, lane `lane` of v0 to v3, by sixteen output channels.
#define TILE_BY(multiply, a, b, c, d, x, low, high, lane)                                    \
  multiply " v" a ".4s, v" low ".4h, v" x ".h[" lane "]\n"                                   \
  multiply "2 v" b ".4s, v" low ".8h, v" x ".h[" lane "]\n"                                  \
  multiply " v" c ".4s, v" high ".4h, v" x ".h[" lane "]\n"                                  \
  multiply "2 v" d ".4s, v" high ".8h, v" x ".h[" lane "]\n"
#define TILES_BY(multiply, low, high, lane)                                                  \
  TILE_BY(multiply, "16", "17", "18", "19", "0", low, high, lane)                            \
  TILE_BY(multiply, "20", "21", "22", "23", "1", low, high, lane)                            \
  TILE_BY(multiply, "24", "25", "26", "27", "2", low, high, lane)                            \
  TILE_BY(multiply, "28", "29", "30", "31", "3", low, high, lane)
#define TWO_CHANNELS(multiply, first, second)                                                \
  "ld1 {v4.8h, v5.8h, v6.8h, v7.8h}, [%[weights]], #64\n"                                   \
  TILES_BY(multiply, "4", "5", first) TILES_BY("smlal", "6", "7", second)
#define EIGHT_CHANNELS(multiply)                                                             \
  "ldr q1, [%[inputs], %[second]]\n ldr q2, [%[inputs], %[third]]\n"                        \
  "ldr q3, [%[inputs], %[fourth]]\n ldr q0, [%[inputs]], #16\n"                             \
  TWO_CHANNELS(multiply, "0", "1") TWO_CHANNELS("smlal", "2", "3")                           \
  TWO_CHANNELS("smlal", "4", "5") TWO_CHANNELS("smlal", "6", "7")

// Sums of all places: 16 places by four tiles by sixteen channels.
SWL_NEON static void multiply_transformed(const winograd *state, int32_t *sums) {
  const int16_t *weights = state->weights, *inputs = state->inputs;
  const ptrdiff_t tile_bytes = state->call->window.input_depth * 2;
  const int32_t eights = state->call->window.input_depth / 8 - 1;  // after the first, at least one
  int32_t places = 16, left;
  __asm__ volatile(
    "1: mov %w[left], %w[eights]\n" EIGHT_CHANNELS("smull")
    "2:\n" EIGHT_CHANNELS("smlal")
    "subs %w[left], %w[left], #1\n"
    "b.gt 2b\n"
    "st1 {v16.4s, v17.4s, v18.4s, v19.4s}, [%[sums]], #64\n"
    "st1 {v20.4s, v21.4s, v22.4s, v23.4s}, [%[sums]], #64\n"
    "st1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[sums]], #64\n"
    "st1 {v28.4s, v29.4s, v30.4s, v31.4s}, [%[sums]], #64\n"
    "add %[inputs], %[inputs], %[fourth]\n"
    "subs %w[places], %w[places], #1\n"
    "b.gt 1b\n"
    : [weights] "+&r"(weights), [inputs] "+&r"(inputs), [sums] "+&r"(sums),
      [places] "+&r"(places), [left] "=&r"(left)
    : [eights] "r"(eights), [second] "r"(tile_bytes), [third] "r"(2 * tile_bytes),
      [fourth] "r"(3 * tile_bytes)
    : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21",
      "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}

// Two by two outputs of a tile.
SWL_INLINE_NEON void store_tile(
  const winograd *state, const int32_t *sums, const int32_t *table, const swl_scales *scales,
  int8_t *output
) {
  const swl_window *window = &state->call->window;
  int32x4_t pixels[16];  // two rows of two pixels by four quads
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    const int32x4_t bias = vld1q_s32(table + SWL_FOLDED_BIAS + 4 * quad);
    int32x4_t upper[4], lower[4];
    SWL_UNROLL for (int32_t column = 0; column < 4; column++) {
      int32x4_t m[4];
      SWL_UNROLL for (int32_t row = 0; row < 4; row++) {
        m[row] = vld1q_s32(sums + (4 * row + column) * WINOGRAD_TILES * 16 + 4 * quad);
      }
      upper[column] = vaddq_s32(vaddq_s32(m[0], m[1]), m[2]);
      lower[column] = vsubq_s32(vsubq_s32(m[1], m[2]), m[3]);
    }
    SWL_UNROLL for (int32_t row = 0; row < 2; row++) {
      const int32x4_t *t = row ? lower : upper;
      pixels[8 * row + quad] =
        vsraq_n_s32(bias, vaddq_s32(vaddq_s32(t[0], t[1]), t[2]), 2);
      pixels[8 * row + 4 + quad] =
        vsraq_n_s32(bias, vsubq_s32(vsubq_s32(t[1], t[2]), t[3]), 2);
    }
  }
  const ptrdiff_t row_step = (ptrdiff_t)window->output_width * window->output_depth;
  swl_store_pixels(pixels, 4, 2, scales, output, window->output_depth);
  swl_store_pixels(pixels + 8, 4, 2, scales, output + row_step, window->output_depth);
}

// Two rows of output of a block of channels.
SWL_NEON static void convolve_two_rows(
  const winograd *state, const int32_t *table, int8_t *output
) {
  int32_t sums[16 * WINOGRAD_TILES * 16];
  const swl_scales scales =
    swl_load_scales(state->requantizer, table, SWL_BLOCK, state->requantizer->form, 4);
  const ptrdiff_t depth = state->call->window.output_depth;
  for (int32_t first = 0; first < state->tiles; first += WINOGRAD_TILES) {
    transform_inputs(state, first);
    multiply_transformed(state, sums);
    const int32_t count = swl_min(WINOGRAD_TILES, state->tiles - first);
    for (int32_t tile = 0; tile < count; tile++) {
      store_tile(
        state, sums + 16 * tile, table, &scales,
        output + tile_column(state, first + tile) * depth);
    }
  }
}

SWL_NEON static __attribute__((noinline)) void convolve_transformed(
  const swl_convolution *call, const swl_requantizer *requantizer
) {
  const swl_window *window = &call->window;
  _Alignas(64) int16_t weights[16 * WINOGRAD_LARGEST_DEPTH * 16];
  _Alignas(64) int16_t inputs[WINOGRAD_INPUTS];
  _Alignas(64) int8_t rows[4 * WINOGRAD_ROW_BYTES + SWL_ROW_SLACK];
  const winograd state = {
    .call = call, .requantizer = requantizer, .weights = weights, .inputs = inputs, .rows = rows,
    .row_bytes = (ptrdiff_t)(window->output_width + 2) * window->input_depth,
    .tiles = (window->output_width + 1) / 2};
  const ptrdiff_t block_bytes = (ptrdiff_t)9 * window->input_depth * 16;
  const ptrdiff_t input_bytes =
    (ptrdiff_t)window->input_height * window->input_width * window->input_depth;
  const ptrdiff_t output_row = (ptrdiff_t)window->output_width * window->output_depth;
  for (int32_t block = 0; block < window->output_depth / SWL_BLOCK; block++) {
    transform_weights(&state, call->weights + block * block_bytes);
    const int32_t *table = call->channels + block * SWL_TABLE_BLOCK;
    for (int32_t batch = 0; batch < window->batches; batch++) {
      const int8_t *image = call->input + batch * input_bytes;
      int8_t *output =
        call->output + batch * window->output_height * output_row + block * SWL_BLOCK;
      for (int32_t next = 0; next < window->output_height; next += 2) {
        const int32_t y = swl_min(next, window->output_height - 2);
        load_four_rows(&state, image, y - window->padding_top);
        convolve_two_rows(&state, table, output + y * output_row);
      }
    }
  }
}

#endif
#endif
