// SDOT for depthwise_line.h: its four neighbours are four pixels, zipped as they come. Four
// neighbouring outputs take the same four pixels with weights that are moved by one for each.
#ifndef SWL_DEPTHWISE_LINE_NEONDOT_H
#define SWL_DEPTHWISE_LINE_NEONDOT_H

#include "depthwise_line.h"

enum { LINE_QUARTETS = 8 };  // of pixels, at most

// Quartets of pixels that `outputs` neighbouring outputs need.
SWL_INLINE int32_t line_quartets(int32_t taps, const int32_t outputs) {
  return (taps + outputs - 1 + 3) / 4;
}

// The weights of every quartet for each of `outputs` outputs, a constant where this is inlined.
SWL_NEONDOT SWL_INLINE void spread_weights(
  const int8_t *weights, int32_t taps, int8_t *target, const int32_t outputs
) {
  int8_t padded[(4 * LINE_QUARTETS + 4) * 16];
  const int32_t quartets = line_quartets(taps, outputs);
  int8_t *const first = padded + 64;
  swl_fill_bytes_neon(padded, 0, 64);
  swl_copy_bytes(first, weights, taps * 16);
  swl_fill_bytes_neon(first + taps * 16, 0, (4 * quartets - taps) * 16);
  for (const int8_t *place = first; place < first + 64 * quartets; place += 64) {
    SWL_UNROLL for (int32_t output = 0; output < outputs; output++, target += 64) {
      int8x16x4_t quartet;
      SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
        quartet.val[index] = vld1q_s8(place + 16 * (index - output));
      }
      vst4q_s8(target, quartet);
    }
  }
}

// A quartet of pixels, zipped to v16 and on, by the weights of one output.
#define LINE_PIXELS4                                                                 \
  "ld1 {v20.16b}, [%[pixel]], %[pitch]\n ld1 {v21.16b}, [%[pixel]], %[pitch]\n"     \
  "ld1 {v22.16b}, [%[pixel]], %[pitch]\n ld1 {v23.16b}, [%[pixel]], %[pitch]\n"     \
  "zip1 v24.16b, v20.16b, v21.16b\n zip2 v25.16b, v20.16b, v21.16b\n"               \
  "zip1 v26.16b, v22.16b, v23.16b\n zip2 v27.16b, v22.16b, v23.16b\n"               \
  "zip1 v16.8h, v24.8h, v26.8h\n zip2 v17.8h, v24.8h, v26.8h\n"                     \
  "zip1 v18.8h, v25.8h, v27.8h\n zip2 v19.8h, v25.8h, v27.8h\n"
#define LINE_PIXELS2                                                                 \
  "ld1 {v20.8b}, [%[pixel]], %[pitch]\n ld1 {v21.8b}, [%[pixel]], %[pitch]\n"       \
  "ld1 {v22.8b}, [%[pixel]], %[pitch]\n ld1 {v23.8b}, [%[pixel]], %[pitch]\n"       \
  "zip1 v24.16b, v20.16b, v21.16b\n zip1 v26.16b, v22.16b, v23.16b\n"               \
  "zip1 v16.8h, v24.8h, v26.8h\n zip2 v17.8h, v24.8h, v26.8h\n"
#define LINE_BY4(a, b, c, d)                                                         \
  "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [%[weights]], #64\n"                   \
  "sdot v" a ".4s, v28.16b, v16.16b\n sdot v" b ".4s, v29.16b, v17.16b\n"           \
  "sdot v" c ".4s, v30.16b, v18.16b\n sdot v" d ".4s, v31.16b, v19.16b\n"
#define LINE_BY2(a, b)                                                               \
  "ldp q28, q29, [%[weights]], #64\n"                                               \
  "sdot v" a ".4s, v28.16b, v16.16b\n sdot v" b ".4s, v29.16b, v17.16b\n"
#define LINE_BIAS4(a, b, c, d) "ld1 {v" a ".4s, v" b ".4s, v" c ".4s, v" d ".4s}, [%[bias]]\n"
#define LINE_BIAS2(a, b) "ldp q" a ", q" b ", [%[bias]]\n"

// What to do for each of four outputs by sixteen or eight channels, and for one.
#define LINE_EACH4X4(do)                                                             \
  do("0", "1", "2", "3") do("4", "5", "6", "7") do("8", "9", "10", "11")             \
  do("12", "13", "14", "15")
#define LINE_EACH4X2(do) do("0", "1") do("2", "3") do("4", "5") do("6", "7")
#define LINE_EACH1X4(do) do("0", "1", "2", "3")
#define LINE_EACH1X2(do) do("0", "1")

#define LINE_SUMS(do)                                                                \
  do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12)   \
  do(13) do(14) do(15)
#define LINE_DECLARE(index) register int32x4_t s##index __asm__("v" #index);
#define LINE_OPERAND(index) "=&w"(s##index),
#define LINE_COLLECT(index) sums[index] = s##index;

// Defines a function for all outputs of a block, `outputs` at a time.
#define LINE(outputs, quads)                                                                       \
  SWL_NEONDOT static void line_##outputs##x##quads(                                                \
    const line *line, const line_block *block                                                      \
  ) {                                                                                              \
    const swl_window *window = &line->window;                                                      \
    const int32_t taps = window->kernel_width, quartets = line_quartets(taps, outputs);            \
    int8_t spread[LINE_QUARTETS * (outputs) * 64];                                                 \
    spread_weights(block->weights, taps, spread, outputs);                                         \
    const swl_form form = swl_form_of_block(line->requantizer, block->lanes, quads);               \
    int8_t copies[4 * LINE_QUARTETS * 16];                                                         \
    for (int32_t next = 0; next < window->output_width; next += outputs) {                         \
      /* The last outputs may overlap the ones before, which are then computed twice. */           \
      const int32_t output = swl_min(next, window->output_width - outputs);                        \
      ptrdiff_t pitch;                                                                             \
      const int8_t *pixel = line_pixels(                                                           \
        line, block->input, output - window->padding_left, 4 * quartets, copies, &pitch, quads);   \
      const int8_t *weights = spread;                                                              \
      int32_t left = quartets;                                                                     \
      LINE_SUMS(LINE_DECLARE)                                                                      \
      __asm__(                                                                                     \
        LINE_EACH##outputs##X##quads(LINE_BIAS##quads)                                             \
        "mov %[weights], %[spread]\n"                                                             \
        "1:\n" LINE_PIXELS##quads LINE_EACH##outputs##X##quads(LINE_BY##quads)                    \
        "subs %w[left], %w[left], #1\n"                                                           \
        "b.gt 1b\n"                                                                               \
        : LINE_SUMS(LINE_OPERAND) [weights] "+&r"(weights), [pixel] "+&r"(pixel),                  \
          [left] "+&r"(left)                                                                       \
        : [pitch] "r"(pitch), [bias] "r"(block->table + SWL_FOLDED_BIAS), [spread] "r"(spread)     \
        : "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",      \
          "v28", "v29", "v30", "v31", "cc", "memory");                                             \
      int32x4_t sums[16];                                                                          \
      LINE_SUMS(LINE_COLLECT)                                                                      \
      const swl_scales scales =                                                                    \
        swl_load_scales(line->requantizer, block->table, block->lanes, form, quads);               \
      const ptrdiff_t depth = window->output_depth;                                                \
      swl_store_pixels(sums, quads, outputs, &scales, block->output + output * depth, depth);      \
    }                                                                                              \
  }
LINE(4, 4) LINE(4, 2) LINE(1, 4) LINE(1, 2)
#undef LINE

SWL_NEONDOT static void convolve_line(const line *line, const line_block *block) {
  const bool are_four = line->window.output_width >= LINE_OUTPUTS;
  if (block->lanes == SWL_BLOCK) {
    (are_four ? line_4x4 : line_1x4)(line, block);
  } else {
    (are_four ? line_4x2 : line_1x2)(line, block);
  }
}

SWL_INLINE bool can_take_line(const swl_window *lying) {
  return is_line(lying) && line_quartets(lying->kernel_width, LINE_OUTPUTS) <= LINE_QUARTETS;
}

#endif
