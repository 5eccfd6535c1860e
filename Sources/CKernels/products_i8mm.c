// Matrix products with SMMLA.
//
// SMMLA multiplies two rows of eight bytes by two others: two pixels by two channels. Packed weights
// have four inputs of four channels in a register, so that the registers of two neighbouring groups
// are zipped to eight inputs of two channels each; the inputs of two pixels are loaded side by side.
// A tile is up to six pixels by sixteen channels: 24 accumulators, 3 registers of inputs and 5 of
// weights are all registers there are. It makes 24 SMMLA, of 32 products each, of every 44 instructions.
//
// Sums are two pixels by two channels; pairs of them meet when a tile is done.
#include "neon.h"

#if SWL_AARCH64

enum { LARGEST_TILE = 3 };  // pairs of pixels

// A pair of channels, whose weights are in register `w`, by all pairs of pixels.
#define MMLA(sum, x, w) "smmla v" sum ".4s, v" x ".16b, v" w ".16b\n"
#define BY_PAIRS1(w, a, b, c) MMLA(a, "24", w)
#define BY_PAIRS2(w, a, b, c) BY_PAIRS1(w, a, b, c) MMLA(b, "25", w)
#define BY_PAIRS3(w, a, b, c) BY_PAIRS2(w, a, b, c) MMLA(c, "26", w)

// What is done for the pairs of pixels of a tile: their register and the pointers to their inputs.
#define EACH1(do) do("24", "p0", "p1")
#define EACH2(do) EACH1(do) do("25", "p2", "p3")
#define EACH3(do) EACH2(do) do("26", "p4", "p5")
#define LOAD_EIGHT(x, p, q) \
  "ldr d" x ", [%[" p "]], #8\n ld1 {v" x ".d}[1], [%[" q "]], #8\n"
#define LOAD_FOUR(x, p, q) "ldr s" x ", [%[" p "]]\n ld1 {v" x ".s}[2], [%[" q "]]\n"

// Eight channels by eight inputs: the first group of four inputs is in v28 and v29, the second in v30
// and v31. What follows the number of pairs are the accumulators of four pairs of channels.
#define EIGHT_CHANNELS(pairs, a, b, c, d, e, f, g, h, i, j, k, l)                        \
  "zip1 v27.4s, v28.4s, v30.4s\n zip2 v30.4s, v28.4s, v30.4s\n"                         \
  "zip1 v28.4s, v29.4s, v31.4s\n zip2 v31.4s, v29.4s, v31.4s\n"                         \
  BY_PAIRS##pairs("27", a, b, c) BY_PAIRS##pairs("30", d, e, f)                          \
  BY_PAIRS##pairs("28", g, h, i) BY_PAIRS##pairs("31", j, k, l)
#define LOWER_CHANNELS(pairs)                                                            \
  EIGHT_CHANNELS(pairs, "0", "8", "16", "1", "9", "17", "2", "10", "18", "3", "11", "19")
#define UPPER_CHANNELS(pairs)                                                            \
  EIGHT_CHANNELS(pairs, "4", "12", "20", "5", "13", "21", "6", "14", "22", "7", "15", "23")

#define TWO_GROUPS(pairs)                                                                \
  EACH##pairs(LOAD_EIGHT)                                                                \
  "ldp q28, q29, [%[weights]], #32\n ldp q30, q31, [%[weights], #32]\n"                 \
  LOWER_CHANNELS(pairs)                                                                  \
  "ldp q28, q29, [%[weights]], #96\n ldp q30, q31, [%[weights], #-32]\n"                \
  UPPER_CHANNELS(pairs)
// The inputs of the other group are zeros, and so its weights do not matter.
#define ONE_GROUP(pairs)                                                                 \
  EACH##pairs(LOAD_FOUR)                                                                 \
  "ldp q28, q29, [%[weights]], #32\n mov v30.16b, v28.16b\n mov v31.16b, v29.16b\n"     \
  LOWER_CHANNELS(pairs)                                                                  \
  "ldp q28, q29, [%[weights]], #32\n mov v30.16b, v28.16b\n mov v31.16b, v29.16b\n"     \
  UPPER_CHANNELS(pairs)

// The biases of two channels, for two pixels.
#define BIASES(a, b, c, d, e, f, g, h)                                                   \
  "ld4r {v" a ".2d, v" b ".2d, v" c ".2d, v" d ".2d}, [%[bias]]\n"                      \
  "ld4r {v" e ".2d, v" f ".2d, v" g ".2d, v" h ".2d}, [%[high_bias]]\n"
#define BIASES1 BIASES("0", "1", "2", "3", "4", "5", "6", "7")
#define BIASES2 BIASES1 BIASES("8", "9", "10", "11", "12", "13", "14", "15")
#define BIASES3 BIASES2 BIASES("16", "17", "18", "19", "20", "21", "22", "23")

#define NEXT_RUN1                                                                        \
  "ldrsw %[p0], [%[runs]], #4\n"                                                         \
  "add %[p0], %[p0], %[input]\n add %[p1], %[p0], %[stride]\n"
#define NEXT_RUN2 \
  NEXT_RUN1 "add %[p2], %[p1], %[stride]\n add %[p3], %[p2], %[stride]\n"
#define NEXT_RUN3 \
  NEXT_RUN2 "add %[p4], %[p3], %[stride]\n add %[p5], %[p4], %[stride]\n"

// All runs. `left` is what is left of a run's groups, less two.
#define MULTIPLY(pairs)                                                                  \
  BIASES##pairs                                                                          \
  "1:\n" NEXT_RUN##pairs                                                                 \
  "subs %w[left], %w[groups], #2\n"                                                      \
  "b.lt 3f\n"                                                                            \
  "2:\n" TWO_GROUPS(pairs)                                                               \
  "subs %w[left], %w[left], #2\n"                                                        \
  "b.ge 2b\n"                                                                            \
  "3: tbz %w[left], #0, 4f\n" ONE_GROUP(pairs)                                           \
  "4: subs %w[run_count], %w[run_count], #1\n"                                           \
  "b.gt 1b\n"

#define SUMS1(do) do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7)
#define SUMS2(do) SUMS1(do) do(8) do(9) do(10) do(11) do(12) do(13) do(14) do(15)
#define SUMS3(do) SUMS2(do) do(16) do(17) do(18) do(19) do(20) do(21) do(22) do(23)
#define DECLARE(index) register int64x2_t s##index __asm__("v" #index);
#define OPERAND(index) "=&w"(s##index),
#define COLLECT(index) squares[index] = s##index;

// Full blocks of channels, and perhaps one that is not.
typedef struct {
  const int8_t *weights;
  ptrdiff_t weight_bytes;  // of a block
  const int32_t *table;
  int32_t channels;
} blocks;

// `tile_count` tiles in a row, of each block.
#define TILE(pairs)                                                                            \
  SWL_I8MM static void tiles_##pairs(                                                          \
    const swl_products *products, const blocks *blocks, const int8_t *first, int8_t *target,   \
    int32_t tile_count                                                                         \
  ) {                                                                                          \
    const ptrdiff_t stride = products->input_stride;                                           \
    const int8_t *block_weights = blocks->weights;                                             \
    const int32_t *table = blocks->table;                                                      \
    for (int32_t left_channels = blocks->channels; left_channels > 0;                          \
         left_channels -= SWL_BLOCK) {                                                         \
      const int32_t lanes = swl_min(left_channels, SWL_BLOCK);                                 \
      const swl_form form = swl_form_of_block(products->requantizer, lanes, 4);                \
      const int8_t *input = first;                                                             \
      int8_t *output = target;                                                                 \
      for (int32_t tile = 0; tile < tile_count; tile++) {                                      \
        const int8_t *weights = block_weights, *p[6];                                          \
        const int32_t *runs = products->run_offsets;                                           \
        int32_t run_count = products->run_count, left;                                         \
        SUMS##pairs(DECLARE)                                                                   \
        __asm__(                                                                               \
          MULTIPLY(pairs)                                                                      \
          : SUMS##pairs(OPERAND) [weights] "+&r"(weights), [runs] "+&r"(runs),                 \
            [run_count] "+&r"(run_count), [left] "=&r"(left), [p0] "=&r"(p[0]),                \
            [p1] "=&r"(p[1]), [p2] "=&r"(p[2]), [p3] "=&r"(p[3]), [p4] "=&r"(p[4]),            \
            [p5] "=&r"(p[5])                                                                   \
          : [input] "r"(input), [stride] "r"(stride), [groups] "r"(products->groups),          \
            [bias] "r"(table + SWL_FOLDED_BIAS), [high_bias] "r"(table + SWL_FOLDED_BIAS + 8)  \
          : "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");           \
        int64x2_t squares[8 * (pairs)];                                                        \
        SUMS##pairs(COLLECT)                                                                   \
        int32x4_t sums[8 * (pairs)];                                                           \
        SWL_UNROLL for (int32_t index = 0; index < 4 * (pairs); index++) {                     \
          const int64x2_t a = squares[2 * index], b = squares[2 * index + 1];                  \
          const int32_t place = index / 4 * 8 + index % 4;                                     \
          sums[place] = vreinterpretq_s32_s64(vzip1q_s64(a, b));                               \
          sums[place + 4] = vreinterpretq_s32_s64(vzip2q_s64(a, b));                           \
        }                                                                                      \
        const swl_scales scales =                                                              \
          swl_load_scales(products->requantizer, table, lanes, form, 4);                       \
        swl_store_pixels(sums, 4, 2 * (pairs), &scales, output, products->output_depth);       \
        input += 2 * (pairs) * stride;                                                         \
        output += 2 * (pairs) * (ptrdiff_t)products->output_depth;                             \
      }                                                                                        \
      block_weights += blocks->weight_bytes;                                                   \
      table += SWL_TABLE_BLOCK;                                                                \
      target += SWL_BLOCK;                                                                     \
    }                                                                                          \
  }
TILE(1) TILE(2) TILE(3)
#undef TILE

typedef void (*tiles_function)(
  const swl_products *products, const blocks *blocks, const int8_t *input, int8_t *output,
  int32_t tile_count);

static const tiles_function tiles[LARGEST_TILE] = {tiles_1, tiles_2, tiles_3};

// Pairs of pixels in tiles of equal size as far as possible; a last pixel alone goes by SDOT.
SWL_I8MM void swl_multiply_i8mm(const swl_products *products) {
  const int32_t pairs = products->count / 2;
  if (pairs > 0) {
    const blocks blocks = {
      .weights = products->weights, .table = products->requantizer->channels,
      .weight_bytes = (ptrdiff_t)products->run_count * products->groups * 64,
      .channels = products->output_depth};
    const int32_t tile_count = (pairs + LARGEST_TILE - 1) / LARGEST_TILE;
    const int32_t greater = (pairs + tile_count - 1) / tile_count;
    const int32_t greater_count = pairs - (greater - 1) * tile_count;
    tiles[greater - 1](products, &blocks, products->input, products->output, greater_count);
    if (tile_count > greater_count) {
      const ptrdiff_t done = (ptrdiff_t)greater * greater_count * 2;
      tiles[greater - 2](
        products, &blocks, products->input + done * products->input_stride,
        products->output + done * products->output_depth, tile_count - greater_count);
    }
  }
  if (products->count % 2 == 1) {
    swl_products last = *products;
    last.input += (products->count - 1) * products->input_stride;
    last.output += (products->count - 1) * (ptrdiff_t)products->output_depth;
    last.count = 1;
    swl_multiply_neondot(&last);
  }
}

#endif
