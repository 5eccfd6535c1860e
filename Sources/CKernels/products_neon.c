// Matrix products without dot products: SMULL, SMLAL and SADALP.
//
// A register of packed weights has four inputs of four channels. Two groups of inputs are multiplied
// to 16 bits, the second added to the first (two products of a byte and a weight above −128 do not
// overflow: 2 × 128 × 127 < 2^15), and neighbouring sums are added to 32-bit accumulators, which so
// have two of a channel's four inputs each; the halves meet at the end. That is 16 products every 3
// instructions, and every product is exact.
//
// On AArch64 a tile is two pixels by sixteen channels: 16 accumulators, 4 registers of inputs, 8 of
// weights and 4 of products are all registers there are, so that the loop is in assembly.
#include "neon.h"

#if SWL_AARCH64 || SWL_ARM32

// Neighbouring blocks of channels that are alike.
typedef struct {
  const int8_t *weights;   // of the first block
  ptrdiff_t weight_bytes;  // of a block
  const int32_t *table;
  int32_t number;
  int32_t lanes;  // channels that exist of each
} blocks;

// The biases of four channels, in one half of each channel's accumulator.
SWL_INLINE_NEON void split(const int32_t *bias, int32x4_t halves[2]) {
  const int32x4x2_t both = vzipq_s32(vld1q_s32(bias), vdupq_n_s32(0));
  halves[0] = both.val[0], halves[1] = both.val[1];
}

// Adds the two halves of the accumulators of four channels.
SWL_INLINE_NEON int32x4_t join(const int32x4_t halves[2]) {
#if SWL_AARCH64
  return vpaddq_s32(halves[0], halves[1]);
#else
  return vcombine_s32(
    vpadd_s32(vget_low_s32(halves[0]), vget_high_s32(halves[0])),
    vpadd_s32(vget_low_s32(halves[1]), vget_high_s32(halves[1])));
#endif
}

#if SWL_AARCH64

enum { LARGEST_TILE = 2 };

// One register of weights of each of two groups, v16 and on and v20 and on, by the inputs of one
// pixel, `x` and `y`; `p` and `q` take the products.
#define FIRST(w, x, p, q) \
  "smull v" p ".8h, v" w ".8b, v" x ".8b\n" \
  "smull2 v" q ".8h, v" w ".16b, v" x ".16b\n"
#define SECOND(w, y, p, q) \
  "smlal v" p ".8h, v" w ".8b, v" y ".8b\n" \
  "smlal2 v" q ".8h, v" w ".16b, v" y ".16b\n"
#define SUM(low, high, p, q)                   \
  "sadalp %[" low "].4s, v" p ".8h\n" \
  "sadalp %[" high "].4s, v" q ".8h\n"

// Two groups by four channels of each pixel, with one and with two pixels.
#define QUAD_PAIR1(w0, w1, low, high)                               \
  FIRST(w0, "24", "28", "29") SECOND(w1, "25", "28", "29")          \
  SUM("s0" low, "s0" high, "28", "29")
#define QUAD_PAIR2(w0, w1, low, high)                               \
  FIRST(w0, "24", "28", "29") FIRST(w0, "26", "30", "31")           \
  SECOND(w1, "25", "28", "29") SECOND(w1, "27", "30", "31")         \
  SUM("s0" low, "s0" high, "28", "29") SUM("s1" low, "s1" high, "30", "31")

// The same with one group.
#define QUAD_SINGLE1(w0, low, high) FIRST(w0, "24", "28", "29") SUM("s0" low, "s0" high, "28", "29")
#define QUAD_SINGLE2(w0, low, high)                                   \
  FIRST(w0, "24", "28", "29") FIRST(w0, "26", "30", "31")             \
  SUM("s0" low, "s0" high, "28", "29") SUM("s1" low, "s1" high, "30", "31")

#define PAIR4(count)                                                            \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[weights]], #64\n"               \
  "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[weights]], #64\n"               \
  QUAD_PAIR##count("16", "20", "0", "1") QUAD_PAIR##count("17", "21", "2", "3") \
  QUAD_PAIR##count("18", "22", "4", "5") QUAD_PAIR##count("19", "23", "6", "7")
#define PAIR2(count)                                                            \
  "ldp q16, q17, [%[weights]], #64\n"                                           \
  "ldp q20, q21, [%[weights]], #64\n"                                           \
  QUAD_PAIR##count("16", "20", "0", "1") QUAD_PAIR##count("17", "21", "2", "3")
#define SINGLE4(count)                                                  \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[weights]], #64\n"       \
  QUAD_SINGLE##count("16", "0", "1") QUAD_SINGLE##count("17", "2", "3") \
  QUAD_SINGLE##count("18", "4", "5") QUAD_SINGLE##count("19", "6", "7")
#define SINGLE2(count)                                                  \
  "ldp q16, q17, [%[weights]], #64\n"                                   \
  QUAD_SINGLE##count("16", "0", "1") QUAD_SINGLE##count("17", "2", "3")

// Four inputs of a pixel in every quarter of a register; two groups fill two registers.
#define LOAD_PAIR1 "ld2r {v24.4s, v25.4s}, [%[first]], #8\n"
#define LOAD_PAIR2 LOAD_PAIR1 "ld2r {v26.4s, v27.4s}, [%[second]], #8\n"
#define LOAD_SINGLE1 "ld1r {v24.4s}, [%[first]]\n"
#define LOAD_SINGLE2 LOAD_SINGLE1 "ld1r {v26.4s}, [%[second]]\n"

// All runs. `left` is what is left of a run's groups, less four: its two low bits are those of the
// number of groups.
#define MULTIPLY(count, quads)                                                  \
  "1: ldrsw %[first], [%[runs]], #4\n"                                          \
  "add %[first], %[first], %[input]\n"                                          \
  "add %[second], %[first], %[stride]\n"                                        \
  "subs %w[left], %w[groups], #4\n"                                             \
  "b.lt 3f\n"                                                                   \
  "2:\n" LOAD_PAIR##count PAIR##quads(count) LOAD_PAIR##count PAIR##quads(count) \
  "subs %w[left], %w[left], #4\n"                                               \
  "b.ge 2b\n"                                                                   \
  "3: tbz %w[left], #1, 4f\n" LOAD_PAIR##count PAIR##quads(count)               \
  "4: tbz %w[left], #0, 5f\n" LOAD_SINGLE##count SINGLE##quads(count)           \
  "5: subs %w[run_count], %w[run_count], #1\n"                                  \
  "b.gt 1b\n"

#define HALF(pixel, index, quads) [s##pixel##index] "+w"(halves[2 * pixel * quads + index])
#define HALVES2(pixel) \
  HALF(pixel, 0, 2), HALF(pixel, 1, 2), HALF(pixel, 2, 2), HALF(pixel, 3, 2)
#define HALVES4(pixel)                                                        \
  HALF(pixel, 0, 4), HALF(pixel, 1, 4), HALF(pixel, 2, 4), HALF(pixel, 3, 4), \
    HALF(pixel, 4, 4), HALF(pixel, 5, 4), HALF(pixel, 6, 4), HALF(pixel, 7, 4)
#define ALL_HALVES1(halves) halves(0)
#define ALL_HALVES2(halves) halves(0), halves(1)

// `tile_count` tiles in a row, of each block.
#define TILE(count, quads)                                                                       \
  SWL_NEON static void tiles_##count##x##quads(                                                  \
    const swl_products *products, const blocks *blocks, const int8_t *start, int8_t *target,     \
    int32_t tile_count                                                                           \
  ) {                                                                                            \
    const int8_t *block_weights = blocks->weights;                                               \
    const int32_t *table = blocks->table;                                                        \
    for (int32_t block = 0; block < blocks->number; block++) {                                    \
      const swl_form form =                                                                      \
        swl_form_of_block(products->requantizer, table, blocks->lanes, quads);                   \
      const int8_t *input = start;                                                               \
      int8_t *output = target + block * SWL_BLOCK;                                               \
      for (int32_t tile = 0; tile < tile_count; tile++) {                                        \
        const int8_t *weights = block_weights, *first, *second;                                  \
        const int32_t *runs = products->run_offsets;                                             \
        int32_t run_count = products->run_count, left;                                           \
        int32x4_t halves[2 * (count) * (quads)], sums[(count) * (quads)];                        \
        SWL_UNROLL for (int32_t index = 0; index < (count) * (quads); index++) {                 \
          split(table + SWL_FOLDED_BIAS + 4 * (index % (quads)), halves + 2 * index);            \
        }                                                                                        \
        __asm__(                                                                                 \
          MULTIPLY(count, quads)                                                                 \
          : ALL_HALVES##count(HALVES##quads), [weights] "+r"(weights), [runs] "+r"(runs),        \
            [run_count] "+r"(run_count), [first] "=&r"(first), [second] "=&r"(second),           \
            [left] "=&r"(left)                                                                   \
          : [input] "r"(input), [stride] "r"(products->input_stride),                            \
            [groups] "r"(products->groups)                                                       \
          : "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",  \
            "v28", "v29", "v30", "v31", "cc", "memory");                                         \
        SWL_UNROLL for (int32_t index = 0; index < (count) * (quads); index++) {                 \
          sums[index] = join(halves + 2 * index);                                                \
        }                                                                                        \
        const swl_scales scales =                                                                \
          swl_load_scales(products->requantizer, table, blocks->lanes, form, quads);             \
        swl_store_pixels(sums, quads, count, &scales, output, products->output_depth);           \
        input += (count) * products->input_stride;                                               \
        output += (ptrdiff_t)(count) * products->output_depth;                                   \
      }                                                                                          \
      block_weights += blocks->weight_bytes;                                                     \
      table += SWL_TABLE_BLOCK;                                                                  \
    }                                                                                            \
  }
TILE(1, 4) TILE(2, 4) TILE(1, 2) TILE(2, 2)
#undef TILE

#else

SWL_INLINE_NEON int8x8_t broadcast(const int8_t *place) {
  int32_t four;
  memcpy(&four, place, 4);
  return vreinterpret_s8_s32(vdup_n_s32(four));
}

// One pixel by `quads` × 4 channels: sixteen registers are no more than that takes.
SWL_INLINE_NEON void multiply_pixel(
  const swl_products *products, const int8_t *weights, const int32_t *table, const int8_t *input,
  int32x4_t sums[4], const int32_t quads
) {
  int32x4_t halves[8];
  SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
    split(table + SWL_FOLDED_BIAS + 4 * quad, halves + 2 * quad);
  }
  for (int32_t run = 0; run < products->run_count; run++) {
    const int8_t *place = input + products->run_offsets[run];
    int32_t groups = products->groups;
    for (; groups >= 2; groups -= 2, place += 8, weights += 128) {
      const int8x8_t x = broadcast(place), y = broadcast(place + 4);
      SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
        const int8x16_t w = vld1q_s8(weights + 16 * quad), v = vld1q_s8(weights + 64 + 16 * quad);
        halves[2 * quad] = vpadalq_s16(
          halves[2 * quad], vmlal_s8(vmull_s8(vget_low_s8(w), x), vget_low_s8(v), y));
        halves[2 * quad + 1] = vpadalq_s16(
          halves[2 * quad + 1], vmlal_s8(vmull_s8(vget_high_s8(w), x), vget_high_s8(v), y));
      }
    }
    if (groups > 0) {
      const int8x8_t x = broadcast(place);
      SWL_UNROLL for (int32_t half = 0; half < 2 * quads; half++) {
        const int16x8_t pairs = vmull_s8(vld1_s8(weights + 8 * half), x);
        halves[half] = vpadalq_s16(halves[half], pairs);
      }
      weights += 64;
    }
  }
  SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) sums[quad] = join(halves + 2 * quad);
}

#define TILE(quads)                                                                            \
  SWL_NEON static void tiles_1x##quads(                                                        \
    const swl_products *products, const blocks *blocks, const int8_t *start, int8_t *target,   \
    int32_t tile_count                                                                         \
  ) {                                                                                          \
    const int8_t *weights = blocks->weights;                                                   \
    const int32_t *table = blocks->table;                                                      \
    for (int32_t block = 0; block < blocks->number; block++) {                                  \
      const swl_form form =                                                                    \
        swl_form_of_block(products->requantizer, table, blocks->lanes, quads);                 \
      const int8_t *input = start;                                                             \
      int8_t *output = target + block * SWL_BLOCK;                                             \
      for (int32_t tile = 0; tile < tile_count; tile++) {                                      \
        int32x4_t sums[4];                                                                     \
        multiply_pixel(products, weights, table, input, sums, quads);                          \
        const swl_scales scales =                                                              \
          swl_load_scales(products->requantizer, table, blocks->lanes, form, quads);           \
        swl_store_pixels(sums, quads, 1, &scales, output, products->output_depth);             \
        input += products->input_stride;                                                       \
        output += products->output_depth;                                                      \
      }                                                                                        \
      weights += blocks->weight_bytes;                                                         \
      table += SWL_TABLE_BLOCK;                                                                \
    }                                                                                          \
  }
TILE(4) TILE(2)
#undef TILE

#endif

// All pixels by some blocks.
SWL_NEON static void multiply_blocks(
  const swl_products *products, const blocks *blocks, int8_t *output
) {
  const bool is_half = blocks->lanes <= SWL_BLOCK / 2;
  const int8_t *input = products->input;
  int32_t left = products->count;
#if SWL_AARCH64
  if (left >= LARGEST_TILE) {
    const int32_t tile_count = left / LARGEST_TILE;
    (is_half ? tiles_2x2 : tiles_2x4)(products, blocks, input, output, tile_count);
    const ptrdiff_t done = (ptrdiff_t)tile_count * LARGEST_TILE;
    input += done * products->input_stride;
    output += done * products->output_depth;
    left -= (int32_t)done;
  }
#endif
  if (left > 0) (is_half ? tiles_1x2 : tiles_1x4)(products, blocks, input, output, left);
}

SWL_NEON void swl_multiply_neon(const swl_products *products) {
  const int32_t depth = products->output_depth;
  blocks blocks = {
    .weights = products->weights, .table = products->requantizer->channels,
    .weight_bytes = (ptrdiff_t)products->run_count * products->groups * 64,
    .number = depth / SWL_BLOCK, .lanes = SWL_BLOCK};
  if (blocks.number > 0) multiply_blocks(products, &blocks, products->output);
  if (depth % SWL_BLOCK > 0) {
    blocks.weights += blocks.number * blocks.weight_bytes;
    blocks.table += blocks.number * SWL_TABLE_BLOCK;
    int8_t *const output = products->output + blocks.number * SWL_BLOCK;
    blocks.lanes = depth % SWL_BLOCK;
    blocks.number = 1;
    multiply_blocks(products, &blocks, output);
  }
}

#endif
