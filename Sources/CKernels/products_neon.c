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
  LOAD_ALL##count(LOAD_HALVES##quads)                                           \
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

// Accumulators have registers of their own, so that the biases of eight halves are two loads.
#define PIXEL4(do, pixel, a, b, c, d, e, f, g, h)                                     \
  do(pixel, 0, a) do(pixel, 1, b) do(pixel, 2, c) do(pixel, 3, d)                     \
  do(pixel, 4, e) do(pixel, 5, f) do(pixel, 6, g) do(pixel, 7, h)
#define PIXEL2(do, pixel, a, b, c, d) \
  do(pixel, 0, a) do(pixel, 1, b) do(pixel, 2, c) do(pixel, 3, d)
#define HALVES1X4(do) PIXEL4(do, 0, 0, 1, 2, 3, 4, 5, 6, 7)
#define HALVES2X4(do) HALVES1X4(do) PIXEL4(do, 1, 8, 9, 10, 11, 12, 13, 14, 15)
#define HALVES1X2(do) PIXEL2(do, 0, 0, 1, 2, 3)
#define HALVES2X2(do) HALVES1X2(do) PIXEL2(do, 1, 4, 5, 6, 7)
#define DECLARE(pixel, index, number) register int32x4_t s##pixel##index __asm__("v" #number);
#define OPERAND(pixel, index, number) [s##pixel##index] "=&w"(s##pixel##index),
#define COLLECT(pixel, index, number) halves[number] = s##pixel##index;

#define LOAD_HALVES2(pixel)                                                            \
  "ld1 {%[s" pixel "0].4s, %[s" pixel "1].4s, %[s" pixel "2].4s, %[s" pixel "3].4s}, " \
  "[%[bias]]\n"
#define LOAD_HALVES4(pixel)                                                            \
  LOAD_HALVES2(pixel)                                                                  \
  "ld1 {%[s" pixel "4].4s, %[s" pixel "5].4s, %[s" pixel "6].4s, %[s" pixel "7].4s}, " \
  "[%[high_bias]]\n"
#define LOAD_ALL1(load) load("0")
#define LOAD_ALL2(load) load("0") load("1")

// The biases of a block as halves.
SWL_INLINE_NEON void split_all(const int32_t *table, int32_t *bias) {
  SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
    int32x4_t halves[2];
    split(table + SWL_FOLDED_BIAS + 4 * quad, halves);
    vst1q_s32(bias + 8 * quad, halves[0]), vst1q_s32(bias + 8 * quad + 4, halves[1]);
  }
}

// `tile_count` tiles in a row, of each block.
#define TILE(count, quads)                                                                       \
  SWL_NEON static void tiles_##count##x##quads(                                                  \
    const swl_products *products, const blocks *blocks, const int8_t *start, int8_t *target,     \
    int32_t tile_count                                                                           \
  ) {                                                                                            \
    const int8_t *block_weights = blocks->weights;                                               \
    const int32_t *table = blocks->table;                                                        \
    for (int32_t block = 0; block < blocks->number; block++) {                                    \
      int32_t bias[32];                                                                          \
      split_all(table, bias);                                                                    \
      const swl_form form =                                                                      \
        swl_form_of_block(products->requantizer, blocks->lanes, quads);                   \
      const int8_t *input = start;                                                               \
      int8_t *output = target + block * SWL_BLOCK;                                               \
      for (int32_t tile = 0; tile < tile_count; tile++) {                                        \
        const int8_t *weights = block_weights, *first, *second;                                  \
        const int32_t *runs = products->run_offsets;                                             \
        int32_t run_count = products->run_count, left;                                           \
        HALVES##count##X##quads(DECLARE)                                                         \
        __asm__(                                                                                 \
          MULTIPLY(count, quads)                                                                 \
          : HALVES##count##X##quads(OPERAND) [weights] "+r"(weights), [runs] "+r"(runs),         \
            [run_count] "+r"(run_count), [first] "=&r"(first), [second] "=&r"(second),           \
            [left] "=&r"(left)                                                                   \
          : [input] "r"(input), [stride] "r"(products->input_stride),                            \
            [groups] "r"(products->groups), [bias] "r"(bias), [high_bias] "r"(bias + 16)         \
          : "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",  \
            "v28", "v29", "v30", "v31", "cc", "memory");                                         \
        int32x4_t halves[2 * (count) * (quads)], sums[(count) * (quads)];                        \
        HALVES##count##X##quads(COLLECT)                                                         \
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

// Light blocks: the products of a whole span of groups add up in 16 bits. One pixel by sixteen
// channels: 8 registers for sums of a span, 8 for accumulators, and weights of two groups.
#define LOAD(a, b, c, d) \
  "ld1 {v" a ".16b, v" b ".16b, v" c ".16b, v" d ".16b}, [%[weights]], #64\n"
#define EVEN_GROUP LOAD("16", "17", "18", "19")
#define ODD_GROUP LOAD("28", "29", "30", "31")
#define BY(multiply, low, high, w, x)                    \
  multiply " v" low ".8h, v" w ".8b, v" x ".8b\n"        \
  multiply "2 v" high ".8h, v" w ".16b, v" x ".16b\n"
#define BY_EVEN(multiply, x)                                            \
  BY(multiply, "8", "9", "16", x) BY(multiply, "10", "11", "17", x)     \
  BY(multiply, "12", "13", "18", x) BY(multiply, "14", "15", "19", x)
#define BY_ODD(multiply, x)                                             \
  BY(multiply, "8", "9", "28", x) BY(multiply, "10", "11", "29", x)     \
  BY(multiply, "12", "13", "30", x) BY(multiply, "14", "15", "31", x)
#define FOUR_GROUPS(first)                                                                  \
  "ld4r {v24.4s, v25.4s, v26.4s, v27.4s}, [%[place]], #16\n"                                \
  EVEN_GROUP ODD_GROUP BY_EVEN(first, "24") EVEN_GROUP BY_ODD("smlal", "25")                \
  ODD_GROUP BY_EVEN("smlal", "26") BY_ODD("smlal", "27")
#define ADD_UP(index, low) "sadalp %[s0" index "].4s, v" low ".8h\n"

SWL_NEON static void light_pixels(
  const swl_products *products, const int8_t *block_weights, const int32_t *table, int32_t span,
  int8_t *output
) {
  int32_t bias[32];
  split_all(table, bias);
  const int32_t spans = products->groups / (4 * span);
  const int8_t *input = products->input;
  for (int32_t pixel = 0; pixel < products->count; pixel++) {
    const int8_t *weights = block_weights, *place;
    const int32_t *runs = products->run_offsets;
    int32_t run_count = products->run_count, left, left_in_span;
    HALVES1X4(DECLARE)
    __asm__(
      LOAD_HALVES4("0")
      "1: ldrsw %[place], [%[runs]], #4\n"
      "add %[place], %[place], %[input]\n"
      "mov %w[left], %w[spans]\n"
      "2:\n" FOUR_GROUPS("smull")
      "subs %w[left_in_span], %w[span], #1\n"
      "b.eq 4f\n"
      "3:\n" FOUR_GROUPS("smlal")
      "subs %w[left_in_span], %w[left_in_span], #1\n"
      "b.gt 3b\n"
      "4:\n" ADD_UP("0", "8") ADD_UP("1", "9") ADD_UP("2", "10") ADD_UP("3", "11")
      ADD_UP("4", "12") ADD_UP("5", "13") ADD_UP("6", "14") ADD_UP("7", "15")
      "subs %w[left], %w[left], #1\n"
      "b.gt 2b\n"
      "subs %w[run_count], %w[run_count], #1\n"
      "b.gt 1b\n"
      : HALVES1X4(OPERAND) [weights] "+r"(weights), [runs] "+r"(runs),
        [run_count] "+r"(run_count), [place] "=&r"(place), [left] "=&r"(left),
        [left_in_span] "=&r"(left_in_span)
      : [input] "r"(input), [span] "r"(span), [spans] "r"(spans), [bias] "r"(bias),
        [high_bias] "r"(bias + 16)
      : "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v24",
        "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
    int32x4_t halves[8], sums[4];
    HALVES1X4(COLLECT)
    SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) sums[quad] = join(halves + 2 * quad);
    const swl_scales scales =
      swl_load_scales(products->requantizer, table, SWL_BLOCK, products->requantizer->form, 4);
    swl_store_pixels(sums, 4, 1, &scales, output, 0);
    input += products->input_stride;
    output += products->output_depth;
  }
}

// The groups, divided by four, whose products of block `block` add up in 16 bits; 0 for fewer.
SWL_INLINE int32_t light_span(const swl_products *products, int32_t block) {
  const uint64_t *light_blocks = products->requantizer->light_blocks;
  if (block >= 64 || light_blocks[0] == 0) return 0;
  for (int32_t index = 2; index >= 0; index--) {
    if (light_blocks[index] >> block & 1) return 1 << index;
  }
  return 0;
}

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
        swl_form_of_block(products->requantizer, blocks->lanes, quads);                 \
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
    .weight_bytes = (ptrdiff_t)products->run_count * products->groups * 64, .lanes = SWL_BLOCK};
  int8_t *output = products->output;
  for (int32_t block = 0; block < depth / SWL_BLOCK; block += blocks.number) {
    blocks.number = depth / SWL_BLOCK - block;
#if SWL_AARCH64
    int32_t number = 0;
    for (; number < blocks.number; number++) {
      const int32_t span = light_span(products, block + number);
      if (span == 0) break;
      light_pixels(
        products, blocks.weights + number * blocks.weight_bytes,
        blocks.table + number * SWL_TABLE_BLOCK, span, output + number * SWL_BLOCK);
    }
    if (number == 0) {
      number = 1;
      while (number < blocks.number && light_span(products, block + number) == 0) number++;
      blocks.number = number;
      multiply_blocks(products, &blocks, output);
    }
    blocks.number = number;
#else
    multiply_blocks(products, &blocks, output);
#endif
    output += blocks.number * SWL_BLOCK;
    blocks.weights += blocks.number * blocks.weight_bytes;
    blocks.table += blocks.number * SWL_TABLE_BLOCK;
  }
  if (depth % SWL_BLOCK > 0) {
    blocks.lanes = depth % SWL_BLOCK;
    blocks.number = 1;
    multiply_blocks(products, &blocks, output);
  }
}

#endif
