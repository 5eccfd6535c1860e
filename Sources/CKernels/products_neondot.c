// Matrix products with SDOT.
//
// SDOT adds, in each of four lanes, four products of bytes; the packed weights of four channels by
// four inputs are one operand, four inputs of a pixel, by element, the other. A tile is up to five
// pixels by sixteen channels: twenty accumulators, five registers of inputs that last for four
// groups, and four of weights. It then makes 80 SDOT of every 91 instructions. Blocks with at most
// eight channels have tiles of up to eight pixels by eight channels.
//
// The loop is written in assembly because compilers load weights early and then have no registers
// left. Weights are in v28 to v31, inputs of the pixels in v20 and on.
#include "neon.h"

#if SWL_AARCH64

#define SWL_INLINE_DOT SWL_NEONDOT SWL_INLINE

enum { LARGEST_TILE = 5, LARGEST_HALF_TILE = 8 };

// Neighbouring blocks of channels that are alike.
typedef struct {
  const int8_t *weights;  // of the first block
  ptrdiff_t weight_bytes;  // of a block
  const int32_t *table;
  int32_t number;
  int32_t lanes;  // channels that exist of each
} blocks;

#define DOT(sum, w, x, group) "sdot %[" sum "].4s, v" w ".16b, v" x ".4b[" group "]\n"

// All channels of one pixel, by one group.
#define DOTS4(pixel, x, group)                                            \
  DOT("s" pixel "0", "28", x, group) DOT("s" pixel "1", "29", x, group)   \
  DOT("s" pixel "2", "30", x, group) DOT("s" pixel "3", "31", x, group)
#define DOTS2(pixel, x, group) \
  DOT("s" pixel "0", "28", x, group) DOT("s" pixel "1", "29", x, group)

// Of all pixels of a tile. They differ in the first operand, what to do for a pixel.
#define EACH1(do, a) do("0", "20", a)
#define EACH2(do, a) EACH1(do, a) do("1", "21", a)
#define EACH3(do, a) EACH2(do, a) do("2", "22", a)
#define EACH4(do, a) EACH3(do, a) do("3", "23", a)
#define EACH5(do, a) EACH4(do, a) do("4", "24", a)
#define EACH6(do, a) EACH5(do, a) do("5", "25", a)
#define EACH7(do, a) EACH6(do, a) do("6", "26", a)
#define EACH8(do, a) EACH7(do, a) do("7", "27", a)

// Inputs of all pixels but the first, whose load moves the pointer and so comes last.
#define LOAD(size, x, offset) "ldr " size x ", [%[place], %[" offset "]]\n"
#define LOADS1(size)
#define LOADS2(size) LOADS1(size) LOAD(size, "21", "o1")
#define LOADS3(size) LOADS2(size) LOAD(size, "22", "o2")
#define LOADS4(size) LOADS3(size) LOAD(size, "23", "o3")
#define LOADS5(size) LOADS4(size) LOAD(size, "24", "o4")
#define LOADS6(size) LOADS5(size) LOAD(size, "25", "o5")
#define LOADS7(size) LOADS6(size) LOAD(size, "26", "o6")
#define LOADS8(size) LOADS7(size) LOAD(size, "27", "o7")
#define LOAD_INPUTS(count, size, bytes) \
  LOADS##count(size) "ldr " size "20, [%[place]], #" bytes "\n"

#define LOAD_WEIGHTS4 "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [%[weights]], #64\n"
#define LOAD_WEIGHTS2 "ldp q28, q29, [%[weights]], #64\n"

#define GROUP(count, quads, group) LOAD_WEIGHTS##quads EACH##count(DOTS##quads, group)

// All runs. `left` is what is left of a run's groups, less four: its two low bits are those of the
// number of groups. Runs of a single group have a loop of their own.
#define MULTIPLY(count, quads)                                                   \
  EACH##count(LOAD_BIAS##quads, "")                                              \
  "subs %w[left], %w[groups], #1\n"                                              \
  "b.ne 1f\n"                                                                    \
  "6: ldrsw %[place], [%[runs]], #4\n"                                           \
  "add %[place], %[place], %[input]\n" LOAD_INPUTS(count, "s", "4")              \
  GROUP(count, quads, "0")                                                       \
  "subs %w[run_count], %w[run_count], #1\n"                                      \
  "b.gt 6b\n"                                                                    \
  "b 7f\n"                                                                       \
  "1: ldrsw %[place], [%[runs]], #4\n"                                           \
  "add %[place], %[place], %[input]\n"                                           \
  "subs %w[left], %w[groups], #4\n"                                              \
  "b.lt 3f\n"                                                                    \
  "2:\n" LOAD_INPUTS(count, "q", "16")                                           \
  GROUP(count, quads, "0") GROUP(count, quads, "1")                              \
  GROUP(count, quads, "2") GROUP(count, quads, "3")                              \
  "subs %w[left], %w[left], #4\n"                                                \
  "b.ge 2b\n"                                                                    \
  "3: tbz %w[left], #1, 4f\n" LOAD_INPUTS(count, "d", "8")                       \
  GROUP(count, quads, "0") GROUP(count, quads, "1")                              \
  "4: tbz %w[left], #0, 5f\n" LOAD_INPUTS(count, "s", "4")                       \
  GROUP(count, quads, "0")                                                       \
  "5: subs %w[run_count], %w[run_count], #1\n"                                   \
  "b.gt 1b\n"                                                                    \
  "7:\n"

// The same for four pixels by sixteen channels, which leave registers for the inputs of eight groups.
#define HIGH4(do, a) do("0", "24", a) do("1", "25", a) do("2", "26", a) do("3", "27", a)
#define HIGH_GROUP(group) LOAD_WEIGHTS4 HIGH4(DOTS4, group)
#define MULTIPLY_EIGHT                                                           \
  EACH4(LOAD_BIAS4, "")                                                          \
  "1: ldrsw %[place], [%[runs]], #4\n"                                          \
  "add %[place], %[place], %[input]\n"                                          \
  "subs %w[left], %w[groups], #8\n"                                             \
  "b.lt 7f\n"                                                                   \
  "add %[p1], %[place], %[o1]\n add %[p2], %[place], %[o2]\n"                  \
  "add %[p3], %[place], %[o3]\n"                                                \
  "6: ldp q20, q24, [%[place]], #32\n" LOAD_WEIGHTS4                             \
  "ldp q21, q25, [%[p1]], #32\n" DOTS4("0", "20", "0")                          \
  "ldp q22, q26, [%[p2]], #32\n" DOTS4("1", "21", "0")                          \
  "ldp q23, q27, [%[p3]], #32\n" DOTS4("2", "22", "0") DOTS4("3", "23", "0")    \
  GROUP(4, 4, "1") GROUP(4, 4, "2") GROUP(4, 4, "3")                             \
  HIGH_GROUP("0") HIGH_GROUP("1") HIGH_GROUP("2") HIGH_GROUP("3")                \
  "subs %w[left], %w[left], #8\n"                                               \
  "b.ge 6b\n"                                                                   \
  "7: adds %w[left], %w[left], #4\n"                                            \
  "b.lt 3f\n" LOAD_INPUTS(4, "q", "16")                                         \
  GROUP(4, 4, "0") GROUP(4, 4, "1") GROUP(4, 4, "2") GROUP(4, 4, "3")            \
  "3: tbz %w[left], #1, 4f\n" LOAD_INPUTS(4, "d", "8")                          \
  GROUP(4, 4, "0") GROUP(4, 4, "1")                                              \
  "4: tbz %w[left], #0, 5f\n" LOAD_INPUTS(4, "s", "4")                          \
  GROUP(4, 4, "0")                                                               \
  "5: subs %w[run_count], %w[run_count], #1\n"                                  \
  "b.gt 1b\n"

// Accumulators have registers of their own, so that the biases of all channels are one load.
#define PIXEL4(do, pixel, a, b, c, d) do(pixel, 0, a) do(pixel, 1, b) do(pixel, 2, c) do(pixel, 3, d)
#define PIXEL2(do, pixel, a, b) do(pixel, 0, a) do(pixel, 1, b)
#define SUMS1X4(do) PIXEL4(do, 0, 0, 1, 2, 3)
#define SUMS2X4(do) SUMS1X4(do) PIXEL4(do, 1, 4, 5, 6, 7)
#define SUMS3X4(do) SUMS2X4(do) PIXEL4(do, 2, 8, 9, 10, 11)
#define SUMS4X4(do) SUMS3X4(do) PIXEL4(do, 3, 12, 13, 14, 15)
#define SUMS5X4(do) SUMS4X4(do) PIXEL4(do, 4, 16, 17, 18, 19)
#define SUMS1X2(do) PIXEL2(do, 0, 0, 1)
#define SUMS2X2(do) SUMS1X2(do) PIXEL2(do, 1, 2, 3)
#define SUMS3X2(do) SUMS2X2(do) PIXEL2(do, 2, 4, 5)
#define SUMS4X2(do) SUMS3X2(do) PIXEL2(do, 3, 6, 7)
#define SUMS5X2(do) SUMS4X2(do) PIXEL2(do, 4, 8, 9)
#define SUMS6X2(do) SUMS5X2(do) PIXEL2(do, 5, 10, 11)
#define SUMS7X2(do) SUMS6X2(do) PIXEL2(do, 6, 12, 13)
#define SUMS8X2(do) SUMS7X2(do) PIXEL2(do, 7, 14, 15)
#define DECLARE(pixel, quad, number) \
  register int32x4_t s##pixel##quad __asm__("v" #number);
#define OPERAND(pixel, quad, number) [s##pixel##quad] "=&w"(s##pixel##quad),
#define COLLECT(pixel, quad, number) sums[number] = s##pixel##quad;

#define LOAD_BIAS4(pixel, x, a)                                                        \
  "ld1 {%[s" pixel "0].4s, %[s" pixel "1].4s, %[s" pixel "2].4s, %[s" pixel "3].4s}, " \
  "[%[bias]]\n"
#define LOAD_BIAS2(pixel, x, a) "ldp %q[s" pixel "0], %q[s" pixel "1], [%[bias]]\n"

// Operands: distances of the pixels from the first.
#define OFFSETS1 [input] "r"(input)
#define OFFSETS2 OFFSETS1, [o1] "r"(stride)
#define OFFSETS3 OFFSETS2, [o2] "r"(2 * stride)
#define OFFSETS4 OFFSETS3, [o3] "r"(3 * stride)
#define OFFSETS5 OFFSETS4, [o4] "r"(4 * stride)
#define OFFSETS6 OFFSETS5, [o5] "r"(5 * stride)
#define OFFSETS7 OFFSETS6, [o6] "r"(6 * stride)
#define OFFSETS8 OFFSETS7, [o7] "r"(7 * stride)

// `tile_count` tiles in a row, of each block.
#define TILE(count, quads, multiply)                                                          \
  SWL_NEONDOT static void tiles_##count##x##quads(                                            \
    const swl_products *products, const blocks *blocks, const int8_t *first, int8_t *place_out, \
    int32_t tile_count                                                                        \
  ) {                                                                                         \
    const ptrdiff_t stride = products->input_stride;                                          \
    const int8_t *block_weights = blocks->weights;                                            \
    const int32_t *table = blocks->table;                                                     \
    for (int32_t block = 0; block < blocks->number; block++) {                                 \
      const swl_form form =                                                                   \
        swl_form_of_block(products->requantizer, blocks->lanes, quads);                \
      const int8_t *input = first;                                                            \
      int8_t *output = place_out + block * SWL_BLOCK;                                         \
      for (int32_t tile = 0; tile < tile_count; tile++) {                                     \
        const int8_t *weights = block_weights, *place, *others[3];                            \
        const int32_t *runs = products->run_offsets;                                          \
        int32_t run_count = products->run_count, left;                                        \
        SUMS##count##X##quads(DECLARE)                                                        \
        __asm__(                                                                              \
          multiply                                                                            \
          : SUMS##count##X##quads(OPERAND) [weights] "+r"(weights), [runs] "+r"(runs),        \
            [run_count] "+r"(run_count), [place] "=&r"(place), [left] "=&r"(left),            \
            [p1] "=&r"(others[0]), [p2] "=&r"(others[1]), [p3] "=&r"(others[2])               \
          : OFFSETS##count, [groups] "r"(products->groups),                                   \
            [bias] "r"(table + SWL_FOLDED_BIAS)                                               \
          : "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",      \
            "v31", "cc", "memory");                                                           \
        int32x4_t sums[(count) * (quads)];                                                    \
        SUMS##count##X##quads(COLLECT)                                                        \
        const swl_scales scales =                                                             \
          swl_load_scales(products->requantizer, table, blocks->lanes, form, quads);          \
        swl_store_pixels(sums, quads, count, &scales, output, products->output_depth);        \
        input += (count) * stride;                                                            \
        output += (ptrdiff_t)(count) * products->output_depth;                                \
      }                                                                                       \
      block_weights += blocks->weight_bytes;                                                  \
      table += SWL_TABLE_BLOCK;                                                               \
    }                                                                                         \
  }
#define ALIKE(count, quads) TILE(count, quads, MULTIPLY(count, quads))
ALIKE(1, 4) ALIKE(2, 4) ALIKE(3, 4) TILE(4, 4, MULTIPLY_EIGHT) ALIKE(5, 4)
ALIKE(1, 2) ALIKE(2, 2) ALIKE(3, 2) ALIKE(4, 2) ALIKE(5, 2) ALIKE(6, 2) ALIKE(7, 2) ALIKE(8, 2)
#undef ALIKE
#undef TILE

// One pixel by two blocks: there is nothing to share but the inputs, of which sixteen groups are loaded
// at once.
#define DOTS8(x, group)                                                        \
  LOAD_WEIGHTS4 "ld1 {v24.16b, v25.16b, v26.16b, v27.16b}, [%[others]], #64\n" \
  DOTS4("0", x, group)                                                         \
  DOT("s10", "24", x, group) DOT("s11", "25", x, group)                        \
  DOT("s12", "26", x, group) DOT("s13", "27", x, group)
#define FOUR_GROUPS(x) DOTS8(x, "0") DOTS8(x, "1") DOTS8(x, "2") DOTS8(x, "3")

// One pixel by `pairs` pairs of blocks.
SWL_INLINE_DOT void multiply_one(
  const swl_products *products, const blocks *blocks, int32_t pairs, int8_t *output
) {
  const int8_t *const input = products->input, *weights = blocks->weights;
  const int32_t *const run_offsets = products->run_offsets, *table = blocks->table;
  const int32_t all_runs = products->run_count, groups = products->groups;
  const swl_requantizer *const requantizer = products->requantizer;
  const swl_form form = requantizer->form;
  for (; pairs > 0; pairs--, table += 2 * SWL_TABLE_BLOCK, output += 2 * SWL_BLOCK) {
    const int8_t *others = weights + blocks->weight_bytes, *place;
    const int32_t *runs = run_offsets;
    int32_t run_count = all_runs, left;
    SUMS2X4(DECLARE)
    __asm__(
      LOAD_BIAS4("0", "", "")
      "ld1 {%[s10].4s, %[s11].4s, %[s12].4s, %[s13].4s}, [%[next_bias]]\n"
      "1: ldrsw %[place], [%[runs]], #4\n"
      "add %[place], %[place], %[input]\n"
      "subs %w[left], %w[groups], #16\n"
      "b.lt 7f\n"
      "6: ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[place]], #64\n"
      FOUR_GROUPS("20") FOUR_GROUPS("21") FOUR_GROUPS("22") FOUR_GROUPS("23")
      "subs %w[left], %w[left], #16\n"
      "b.ge 6b\n"
      "7: adds %w[left], %w[left], #12\n"
      "b.lt 3f\n"
      "2: ldr q20, [%[place]], #16\n"
      FOUR_GROUPS("20")
      "subs %w[left], %w[left], #4\n"
      "b.ge 2b\n"
      "3: tbz %w[left], #1, 4f\n"
      "ldr d20, [%[place]], #8\n"
      DOTS8("20", "0") DOTS8("20", "1")
      "4: tbz %w[left], #0, 5f\n"
      "ldr s20, [%[place]]\n"
      DOTS8("20", "0")
      "5: subs %w[run_count], %w[run_count], #1\n"
      "b.gt 1b\n"
      : SUMS2X4(OPERAND) [weights] "+r"(weights), [others] "+r"(others), [runs] "+&r"(runs),
        [run_count] "+r"(run_count), [place] "=&r"(place), [left] "=&r"(left)
      : [input] "r"(input), [groups] "r"(groups),
        [bias] "r"(table + SWL_FOLDED_BIAS),
        [next_bias] "r"(table + SWL_TABLE_BLOCK + SWL_FOLDED_BIAS)
      : "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
    int32x4_t sums[8];
    SUMS2X4(COLLECT)
    const swl_scales scales = swl_load_scales(requantizer, table, SWL_BLOCK, form, 4);
    const swl_scales others_scales =
      swl_load_scales(requantizer, table + SWL_TABLE_BLOCK, SWL_BLOCK, form, 4);
    if (form == SWL_RECTIFIED) {
      swl_store_pixels_as(sums, 4, 1, &scales, output, 0, SWL_RECTIFIED);
      swl_store_pixels_as(sums + 4, 4, 1, &others_scales, output + 16, 0, SWL_RECTIFIED);
    } else {
      swl_store_pixels(sums, 4, 1, &scales, output, 0);
      swl_store_pixels(sums + 4, 4, 1, &others_scales, output + 16, 0);
    }
    weights = others;
  }
}

typedef void (*tiles_function)(
  const swl_products *products, const blocks *blocks, const int8_t *input, int8_t *output,
  int32_t tile_count);

static const tiles_function tiles[LARGEST_TILE] = {
  tiles_1x4, tiles_2x4, tiles_3x4, tiles_4x4, tiles_5x4};
static const tiles_function half_tiles[LARGEST_HALF_TILE] = {
  tiles_1x2, tiles_2x2, tiles_3x2, tiles_4x2, tiles_5x2, tiles_6x2, tiles_7x2, tiles_8x2};

// All pixels by some blocks, in tiles of equal size as far as possible: first the greater ones.
// Tiles of four load inputs for twice as many products at once, which is better where there are many.
SWL_NEONDOT static void multiply_blocks(
  const swl_products *products, const blocks *blocks, int8_t *output
) {
  const bool is_half = blocks->lanes <= SWL_BLOCK / 2;
  const tiles_function *functions = is_half ? half_tiles : tiles;
  const bool is_deep = products->groups >= 8 && products->run_count * products->groups >= 24;
  const int32_t largest = is_half ? LARGEST_HALF_TILE
    : is_deep && products->count % 4 == 0 ? 4 : LARGEST_TILE;
  const int32_t tile_count = (products->count + largest - 1) / largest;
  const int32_t greater = (products->count + tile_count - 1) / tile_count;
  const int32_t greater_count = products->count - (greater - 1) * tile_count;
  functions[greater - 1](products, blocks, products->input, output, greater_count);
  if (tile_count > greater_count) {
    const ptrdiff_t done = (ptrdiff_t)greater * greater_count;
    functions[greater - 2](
      products, blocks, products->input + done * products->input_stride,
      output + done * products->output_depth, tile_count - greater_count);
  }
}

SWL_NEONDOT void swl_multiply_neondot(const swl_products *products) {
  const int32_t depth = products->output_depth;
  blocks blocks = {
    .weights = products->weights, .table = products->requantizer->channels,
    .weight_bytes = (ptrdiff_t)products->run_count * products->groups * 64};
  int8_t *output = products->output;
  int32_t left = depth;
  if (products->count == 1) {
    const int32_t pairs = left / (2 * SWL_BLOCK);
    multiply_one(products, &blocks, pairs, output);
    left -= pairs * 2 * SWL_BLOCK;
    output += pairs * 2 * SWL_BLOCK;
    blocks.weights += 2 * pairs * blocks.weight_bytes;
    blocks.table += pairs * 2 * SWL_TABLE_BLOCK;
  }
  blocks.number = left / SWL_BLOCK;
  if (blocks.number > 0) {
    blocks.lanes = SWL_BLOCK;
    multiply_blocks(products, &blocks, output);
    output += blocks.number * SWL_BLOCK;
    blocks.weights += blocks.number * blocks.weight_bytes;
    blocks.table += blocks.number * SWL_TABLE_BLOCK;
  }
  blocks.lanes = left % SWL_BLOCK;
  if (blocks.lanes > 0) {
    blocks.number = 1;
    multiply_blocks(products, &blocks, output);
  }
}

#endif
