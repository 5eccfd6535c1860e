// Depthwise convolution of 3 × 3 windows that move by one or two, without copies: two rows of
// output at a time, eight channels at a time. Included by a kernel file that has defined SWL_TARGET.
//
// A column of the input, of four rows, is in registers once. It is needed for three columns of
// output: as the last column of the window of one, which is then done, as the second of the next,
// whose sums take its place, and as the first of a new one. Of windows that move by two, every other
// column is the second of one alone. What is outside the input is read from eight zero points again
// and again.
#ifndef SWL_DEPTHWISE_SLIDE_H
#define SWL_DEPTHWISE_SLIDE_H

#include "neon.h"

// A row of output.
typedef struct {
  ptrdiff_t depth;
  int32_t left;              // columns of padding
  int32_t inside;            // columns of output whose last column of input exists
  int32_t right;             // columns of output whose last column of input does not
  ptrdiff_t skip, skip_out;  // bytes from the end of a pair of rows to the next
  int8_t outside[8];         // zero points
} slide_row;

// Pairs of rows of output, and what the first of them reads and writes.
typedef struct {
  const int8_t *rows[5];  // channel 0; the last only where windows move by two
  ptrdiff_t steps[5];     // bytes from column to column: 0 outside of the input
  ptrdiff_t masks[5];     // all bits, or none outside of the input: what of a channel is added
  int8_t *output[2];
  int32_t pairs;
} slide_rows;

// What becomes of sums, in registers: the multipliers are in v26 to v29, 128 in v30, and v24 and v25 are
// free. `a` and `b` are the upper row.
#define SLIDE_SCALE(a, b, c, d)                                                            \
  "sqrdmulh v" a ".4s, v" a ".4s, v26.4s\n sqrdmulh v" b ".4s, v" b ".4s, v27.4s\n" \
  "sqrdmulh v" c ".4s, v" c ".4s, v26.4s\n sqrdmulh v" d ".4s, v" d ".4s, v27.4s\n" \
  "srshl v" a ".4s, v" a ".4s, v28.4s\n srshl v" b ".4s, v" b ".4s, v29.4s\n"       \
  "srshl v" c ".4s, v" c ".4s, v28.4s\n srshl v" d ".4s, v" d ".4s, v29.4s\n"
#define SLIDE_STORE(a, b, c, d)                                                 \
  "uzp1 v24.8h, v" a ".8h, v" b ".8h\n uzp1 v25.8h, v" c ".8h, v" d ".8h\n" \
  "sqxtun v24.8b, v24.8h\n sqxtun2 v24.16b, v25.8h\n"                         \
  "eor v24.16b, v24.16b, v30.16b\n"                                            \
  "st1 {v24.8b}, [%[upper]], %[depth]\n st1 {v24.d}[1], [%[lower]], %[depth]\n"

#define SLIDE_STEP(do, a, b, c, d, e, f, g, h)                                                    \
  do##_LOAD do##_LAST(a, b, c, d) do##_SECOND(e, f, g, h) SLIDE_SCALE(a, b, c, d)                \
  SLIDE_STORE(a, b, c, d) "ld1 {v" a ".4s, v" b ".4s, v" c ".4s, v" d ".4s}, [%[bias]]\n"       \
  do##_FIRST(a, b, c, d)
// The last column of output of a row, whose last column of input is outside.
#define SLIDE_END(do, a, b, c, d) \
  do##_OUTSIDE do##_LAST(a, b, c, d) SLIDE_SCALE(a, b, c, d) SLIDE_STORE(a, b, c, d)

#define SLIDE_PLACE(index) (rows->rows[index] + (channel & rows->masks[index]))

// Defines a function for some pairs of rows of output, with the instructions called do##_…: to load
// weights (PREPARE), a column of input (LOAD) or zero points (OUTSIDE), and to add the products with
// columns of the window.
#define SLIDE(name, do)                                                                            \
  SWL_TARGET static void name(                                                                     \
    const slide_channels *channels, const slide_rows *rows, const slide_row *row,                  \
    ptrdiff_t channel                                                                              \
  ) {                                                                                              \
    const int8_t *row0 = SLIDE_PLACE(0), *row1 = SLIDE_PLACE(1), *row2 = SLIDE_PLACE(2);           \
    const int8_t *row3 = SLIDE_PLACE(3);                                                           \
    int8_t *upper = rows->output[0] + channel, *lower = rows->output[1] + channel;                 \
    const void *weights = channels->weights;                                                       \
    int32_t pairs = rows->pairs, inside;                                                           \
    __asm__ volatile(                                                                              \
      do##_PREPARE                                                                                 \
      "ld1 {v26.4s, v27.4s, v28.4s, v29.4s}, [%[scales]]\n"                                       \
      "movi v30.16b, #128\n"                                                                      \
      "1: mov %w[inside], %w[columns]\n"                                                          \
      "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[bias]]\n"                                             \
      "ld1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[bias]]\n"                                             \
      "cbz %w[left], 2f\n" do##_OUTSIDE                                                           \
      "b 3f\n"                                                                                    \
      "2:\n" do##_LOAD                                                                            \
      "3:\n" do##_FIRST("0", "1", "2", "3")                                                       \
      "tbnz %w[left], #1, 4f\n" do##_LOAD                                                         \
      "4:\n" do##_SECOND("0", "1", "2", "3") do##_FIRST("4", "5", "6", "7")                       \
      "5:\n" SLIDE_STEP(do, "0", "1", "2", "3", "4", "5", "6", "7")                               \
      "subs %w[inside], %w[inside], #1\n"                                                         \
      "b.eq 6f\n" SLIDE_STEP(do, "4", "5", "6", "7", "0", "1", "2", "3")                          \
      "subs %w[inside], %w[inside], #1\n"                                                         \
      "b.ne 5b\n"                                                                                 \
      "cbz %w[right], 7f\n" SLIDE_END(do, "0", "1", "2", "3")                                     \
      "b 7f\n"                                                                                    \
      "6: cbz %w[right], 7f\n" SLIDE_END(do, "4", "5", "6", "7")                                  \
      "7:\n"                                                                                      \
      "add %[row0], %[row0], %[skip]\n add %[row1], %[row1], %[skip]\n"                          \
      "add %[row2], %[row2], %[skip]\n add %[row3], %[row3], %[skip]\n"                          \
      "add %[upper], %[upper], %[skip_out]\n add %[lower], %[lower], %[skip_out]\n"              \
      "subs %w[pairs], %w[pairs], #1\n"                                                           \
      "b.gt 1b\n"                                                                                 \
      : [row0] "+r"(row0), [row1] "+r"(row1), [row2] "+r"(row2), [row3] "+r"(row3),                \
        [upper] "+r"(upper), [lower] "+r"(lower), [weights] "+r"(weights),                         \
        [inside] "=&r"(inside), [pairs] "+r"(pairs)                                                \
      : [step0] "r"(rows->steps[0]), [step1] "r"(rows->steps[1]), [step2] "r"(rows->steps[2]),     \
        [step3] "r"(rows->steps[3]), [scales] "r"(channels->scales)     ,                          \
        [bias] "r"(channels->bias), [outside] "r"(row->outside), [depth] "r"(row->depth),          \
        [left] "r"(row->left), [columns] "r"(row->inside), [right] "r"(row->right),                \
        [skip] "r"(row->skip), [skip_out] "r"(row->skip_out)                                       \
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",    \
        "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",        \
        "v26", "v27", "v28", "v29", "v30", "cc", "memory");                                        \
  }

// The same for windows that move by two, with the instructions do##_LOAD_FIVE and so on.
#define SLIDE_NEXT(do, load)                                                                       \
  do##_LOAD do##_SECOND("0", "1", "2", "3") load do##_LAST("0", "1", "2", "3")                    \
  SLIDE_SCALE("0", "1", "2", "3") SLIDE_STORE("0", "1", "2", "3")
#define SLIDE_BY_TWO(name, do)                                                                     \
  SWL_TARGET static void name(                                                                     \
    const slide_channels *channels, const slide_rows *rows, const slide_row *row,                  \
    ptrdiff_t channel                                                                              \
  ) {                                                                                              \
    const int8_t *row0 = SLIDE_PLACE(0), *row1 = SLIDE_PLACE(1), *row2 = SLIDE_PLACE(2);           \
    const int8_t *row3 = SLIDE_PLACE(3), *row4 = SLIDE_PLACE(4);                                   \
    int8_t *upper = rows->output[0] + channel, *lower = rows->output[1] + channel;                 \
    const void *weights = channels->weights;                                                       \
    int32_t pairs = rows->pairs, inside;                                                           \
    __asm__ volatile(                                                                              \
      do##_PREPARE                                                                                 \
      "ld1 {v26.4s, v27.4s, v28.4s, v29.4s}, [%[scales]]\n"                                       \
      "movi v30.16b, #128\n"                                                                      \
      "1: ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[bias]]\n"                                          \
      "mov %w[inside], %w[columns]\n"                                                             \
      "cbz %w[left], 2f\n" do##_OUTSIDE                                                           \
      "b 3f\n"                                                                                    \
      "2:\n" do##_LOAD                                                                            \
      "3:\n" do##_FIRST("0", "1", "2", "3")                                                       \
      "cbz %w[inside], 5f\n"                                                                      \
      "4:\n" SLIDE_NEXT(do, do##_LOAD)                                                            \
      "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[bias]]\n" do##_FIRST("0", "1", "2", "3")              \
      "subs %w[inside], %w[inside], #1\n"                                                         \
      "b.gt 4b\n"                                                                                 \
      "5: cbz %w[right], 6f\n" SLIDE_NEXT(do, do##_OUTSIDE)                                       \
      "6:\n"                                                                                      \
      "add %[row0], %[row0], %[skip]\n add %[row1], %[row1], %[skip]\n"                          \
      "add %[row2], %[row2], %[skip]\n add %[row3], %[row3], %[skip]\n"                          \
      "add %[row4], %[row4], %[skip]\n"                                                           \
      "add %[upper], %[upper], %[skip_out]\n add %[lower], %[lower], %[skip_out]\n"              \
      "subs %w[pairs], %w[pairs], #1\n"                                                           \
      "b.gt 1b\n"                                                                                 \
      : [row0] "+r"(row0), [row1] "+r"(row1), [row2] "+r"(row2), [row3] "+r"(row3),                \
        [row4] "+r"(row4), [upper] "+r"(upper), [lower] "+r"(lower), [weights] "+r"(weights),      \
        [inside] "=&r"(inside), [pairs] "+r"(pairs)                                                \
      : [step0] "r"(rows->steps[0]), [step1] "r"(rows->steps[1]), [step2] "r"(rows->steps[2]),     \
        [step3] "r"(rows->steps[3]), [step4] "r"(rows->steps[4]), [scales] "r"(channels->scales),  \
        [bias] "r"(channels->bias), [outside] "r"(row->outside), [depth] "r"(row->depth),          \
        [left] "r"(row->left), [columns] "r"(row->inside), [right] "r"(row->right),                \
        [skip] "r"(row->skip), [skip_out] "r"(row->skip_out)                                       \
      : "v0", "v1", "v2", "v3", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",       \
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",        \
        "v29", "v30", "v31", "v4", "v5", "cc", "memory");                                          \
  }

typedef struct slide_channels slide_channels;
typedef void (*slide_function)(
  const slide_channels *channels, const slide_rows *rows, const slide_row *row, ptrdiff_t channel);

SWL_INLINE slide_row slide_row_of(const swl_depthwise *call) {
  const swl_window *window = &call->window;
  const ptrdiff_t depth = window->output_depth;
  const int32_t width = window->input_width, stride = window->stride_width;
  slide_row row = {.depth = depth, .left = window->padding_left};
  // Columns of output that end at a column of input, or before.
  const int32_t most = width + row.left < 3 ? 0 : (width + row.left - 3) / stride + 1;
  row.inside = swl_min(window->output_width, most);
  row.right = window->output_width - row.inside;
  const int32_t read = stride == 1 ? row.inside + 2 - row.left
                                   : 2 * row.inside + 1 - row.left + row.right;
  row.skip = ((ptrdiff_t)2 * stride * width - read) * depth;
  row.skip_out = window->output_width * depth;
  memset(row.outside, call->activation.input_zero_point, sizeof row.outside);
  return row;
}

SWL_INLINE bool can_slide(const swl_window *window, const slide_row *row, swl_form form) {
  if (window->kernel_height != 3 || window->kernel_width != 3 || window->dilation_height != 1 ||
      window->dilation_width != 1 || window->stride_height != window->stride_width ||
      window->output_height < 2 || window->output_depth % 8 != 0 || row->right > 1 ||
      form != SWL_RECTIFIED) {
    return false;
  }
  if (window->stride_width == 1) return row->left <= 2 && row->inside >= 1;
  // Of a column of output that ends outside, the middle must be inside.
  return window->stride_width == 2 && row->left <= 1 &&
    (row->right == 0 || 2 * row->inside + 1 - row->left < window->input_width);
}

// Groups of pairs that are found before channels are gone through: above, inside and below the input.
enum { SLIDE_GROUPS = 4 };

// Finds groups of pairs from row `y` of output on. Returns the row after them.
SWL_INLINE int32_t find_slide_groups(
  const swl_window *window, const slide_row *row, const int8_t *image, int8_t *output, int32_t y,
  slide_rows groups[SLIDE_GROUPS], int32_t *count
) {
  const int32_t stride = window->stride_height, span = stride + 3;  // rows of input of a pair
  const ptrdiff_t row_bytes = window->input_width * row->depth;
  for (*count = 0; *count < SLIDE_GROUPS && y < window->output_height; *count += 1) {
    slide_rows *group = &groups[*count];
    // The last of an odd number of rows comes with the one before, again.
    const int32_t upper = swl_min(y, window->output_height - 2);
    const int32_t top = upper * stride - window->padding_top;
    const int32_t below = window->input_height - top - span;
    group->pairs = 1;
    if (top >= 0 && below >= 0) {
      const int32_t inside = (stride == 1 ? below / 2 : below / 4) + 1;
      group->pairs = swl_max(1, swl_min((window->output_height - y) / 2, inside));
    }
    for (int32_t index = 0; index < 5; index++) {
      const bool exists = (uint32_t)(top + index) < (uint32_t)window->input_height;
      group->rows[index] = exists ? image + (top + index) * row_bytes : row->outside;
      group->steps[index] = exists ? row->depth : 0;
      group->masks[index] = exists ? -1 : 0;
    }
    group->output[0] = output + upper * row->skip_out;
    group->output[1] = group->output[0] + row->skip_out;
    y += 2 * group->pairs;
  }
  return y;
}

// Loads what eight channels need, and returns the function for them.
SWL_TARGET static slide_function load_slide_channels(
  const swl_depthwise *call, int32_t channel, slide_channels *channels);

// Biases and multipliers of eight channels.
SWL_INLINE void load_slide_table(
  const swl_depthwise *call, int32_t channel, int32_t bias[16], int32_t scales[16]
) {
  const int32_t *table = call->channels + swl_channel_place(channel);
  memcpy(bias, table + SWL_FOLDED_BIAS, 32);
  memcpy(bias + 8, table + SWL_FOLDED_BIAS, 32);
  memcpy(scales, table + SWL_SIGNIFICAND, 32);
  memcpy(scales + 8, table + SWL_SHIFT, 32);
}

#endif
