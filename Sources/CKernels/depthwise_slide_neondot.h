// Depthwise convolution with SDOT of 3 × 3 windows that move by one.
//
// Here SDOT's four neighbours are the inputs of one column in four rows: loaded as they are and zipped
// in registers, they serve two rows of output, with the weights of a column in the first three bytes
// for the upper one and in the last three for the lower. A column is needed for three columns of
// output, two of which are under way at a time. Nothing is copied, and what is outside the input is read
// from eight zero points again and again.
#ifndef SWL_DEPTHWISE_SLIDE_NEONDOT_H
#define SWL_DEPTHWISE_SLIDE_NEONDOT_H

#include "neon.h"

// Eight channels, as they lie in registers.
typedef struct {
  int8x16_t weights[12];  // window columns by rows of output by halves
  int32_t bias[16];       // rows of output by channels
  int32_t significand[8], shift[8];
} slide_channels;

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
  const int8_t *rows[4];
  ptrdiff_t steps[4];  // bytes from column to column: 0 outside of the input
  int8_t *output[2];
  int32_t pairs;
} slide_rows;

// A column of four rows to v22 and v23.
#define SLIDE_LOAD                                                   \
  "ld1 {v20.8b}, [%[row0]], %[step0]\n"                              \
  "ld1 {v22.8b}, [%[row1]], %[step1]\n"                              \
  "ld1 {v21.8b}, [%[row2]], %[step2]\n"                              \
  "ld1 {v23.8b}, [%[row3]], %[step3]\n"                              \
  "zip1 v20.16b, v20.16b, v22.16b\n zip1 v21.16b, v21.16b, v23.16b\n" \
  "zip1 v22.8h, v20.8h, v21.8h\n zip2 v23.8h, v20.8h, v21.8h\n"
#define SLIDE_DOTS(a, b, c, d, w0, w1, w2, w3)                                              \
  "sdot v" a ".4s, v" w0 ".16b, v22.16b\n sdot v" b ".4s, v" w1 ".16b, v23.16b\n" \
  "sdot v" c ".4s, v" w2 ".16b, v22.16b\n sdot v" d ".4s, v" w3 ".16b, v23.16b\n"
// The three columns of output that a column of input belongs to: the first of the window, the second
// and the last.
#define SLIDE_FIRST(a, b, c, d)                                             \
  "ld1 {v" a ".4s, v" b ".4s, v" c ".4s, v" d ".4s}, [%[bias]]\n"          \
  SLIDE_DOTS(a, b, c, d, "8", "9", "10", "11")
#define SLIDE_SECOND(a, b, c, d) SLIDE_DOTS(a, b, c, d, "12", "13", "14", "15")
#define SLIDE_LAST(a, b, c, d) SLIDE_DOTS(a, b, c, d, "16", "17", "18", "19")
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

#define SLIDE_STEP(a, b, c, d, e, f, g, h)                                                  \
  SLIDE_LOAD SLIDE_LAST(a, b, c, d) SLIDE_SECOND(e, f, g, h) SLIDE_SCALE(a, b, c, d)       \
  SLIDE_STORE(a, b, c, d) SLIDE_FIRST(a, b, c, d)
#define SLIDE_EVEN SLIDE_STEP("0", "1", "2", "3", "4", "5", "6", "7")
#define SLIDE_ODD SLIDE_STEP("4", "5", "6", "7", "0", "1", "2", "3")
// The last column of output of a row, whose last column of input is outside.
#define SLIDE_END(a, b, c, d)                                                    \
  "ld1r {v22.16b}, [%[outside]]\n mov v23.16b, v22.16b\n"                      \
  SLIDE_LAST(a, b, c, d) SLIDE_SCALE(a, b, c, d) SLIDE_STORE(a, b, c, d)

// Some pairs of rows of output.
SWL_NEONDOT static void slide(
  const slide_channels *channels, const slide_rows *rows, const slide_row *row
) {
  const int8_t *row0 = rows->rows[0], *row1 = rows->rows[1];
  const int8_t *row2 = rows->rows[2], *row3 = rows->rows[3];
  int8_t *upper = rows->output[0], *lower = rows->output[1];
  const int8x16_t *weights = channels->weights;
  int32_t pairs = rows->pairs, inside;
  __asm__ volatile(
    "ld1 {v8.16b, v9.16b, v10.16b, v11.16b}, [%[weights]], #64\n"
    "ld1 {v12.16b, v13.16b, v14.16b, v15.16b}, [%[weights]], #64\n"
    "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[weights]]\n"
    "ld1 {v26.4s, v27.4s, v28.4s, v29.4s}, [%[scales]]\n"
    "movi v30.16b, #128\n"
    "1: mov %w[inside], %w[columns]\n"
    "cbz %w[left], 2f\n"
    "ld1r {v22.16b}, [%[outside]]\n"
    "mov v23.16b, v22.16b\n"
    "b 3f\n"
    "2:\n" SLIDE_LOAD
    "3:\n" SLIDE_FIRST("0", "1", "2", "3")
    "tbnz %w[left], #1, 4f\n" SLIDE_LOAD
    "4:\n" SLIDE_SECOND("0", "1", "2", "3") SLIDE_FIRST("4", "5", "6", "7")
    "5:\n" SLIDE_EVEN
    "subs %w[inside], %w[inside], #1\n"
    "b.eq 6f\n" SLIDE_ODD
    "subs %w[inside], %w[inside], #1\n"
    "b.ne 5b\n"
    "cbz %w[right], 7f\n" SLIDE_END("0", "1", "2", "3")
    "b 7f\n"
    "6: cbz %w[right], 7f\n" SLIDE_END("4", "5", "6", "7")
    "7:\n"
    "add %[row0], %[row0], %[skip]\n add %[row1], %[row1], %[skip]\n"
    "add %[row2], %[row2], %[skip]\n add %[row3], %[row3], %[skip]\n"
    "add %[upper], %[upper], %[skip_out]\n add %[lower], %[lower], %[skip_out]\n"
    "subs %w[pairs], %w[pairs], #1\n"
    "b.gt 1b\n"
    : [row0] "+r"(row0), [row1] "+r"(row1), [row2] "+r"(row2), [row3] "+r"(row3),
      [upper] "+r"(upper), [lower] "+r"(lower), [weights] "+r"(weights), [inside] "=&r"(inside),
      [pairs] "+r"(pairs)
    : [step0] "r"(rows->steps[0]), [step1] "r"(rows->steps[1]), [step2] "r"(rows->steps[2]),
      [step3] "r"(rows->steps[3]), [scales] "r"(channels->significand),
      [bias] "r"(channels->bias), [outside] "r"(row->outside), [depth] "r"(row->depth),
      [left] "r"(row->left), [columns] "r"(row->inside), [right] "r"(row->right),
      [skip] "r"(row->skip), [skip_out] "r"(row->skip_out)
    : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
      "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
      "v28", "v29", "v30", "cc", "memory");
}

static slide_row slide_row_of(const swl_depthwise *call) {
  const swl_window *window = &call->window;
  const ptrdiff_t depth = window->output_depth;
  slide_row row = {.depth = depth, .left = window->padding_left};
  row.inside = swl_min(window->output_width, window->input_width + row.left - 2);
  row.right = window->output_width - row.inside;
  row.skip = (2 * window->input_width - (row.inside + 2 - row.left)) * depth;
  row.skip_out = window->output_width * depth;
  memset(row.outside, call->activation.input_zero_point, sizeof row.outside);
  return row;
}

SWL_INLINE bool can_slide(const swl_window *window, const slide_row *row, swl_form form) {
  return window->kernel_height == 3 && window->kernel_width == 3 && window->stride_height == 1 &&
    window->stride_width == 1 && window->dilation_height == 1 && window->dilation_width == 1 &&
    window->output_height >= 2 && window->output_depth % 8 == 0 && row->left <= 2 &&
    row->inside >= 1 && row->right <= 1 && form == SWL_RECTIFIED;
}

SWL_NEONDOT static void load_slide_channels(
  const swl_depthwise *call, int32_t channel, slide_channels *channels
) {
  const int32_t half = channel % SWL_BLOCK;
  const int8_t *weights = call->weights + (ptrdiff_t)(channel - half) * 9 + half;
  const int8x16_t none = vdupq_n_s8(0);
  SWL_UNROLL for (int32_t column = 0; column < 3; column++) {
    int8x16_t taps[3];
    SWL_UNROLL for (int32_t row = 0; row < 3; row++) {
      taps[row] = vcombine_s8(vld1_s8(weights + 16 * (3 * row + column)), vdup_n_s8(0));
    }
    const int16x8_t upper[2] = {
      vreinterpretq_s16_s8(vzip1q_s8(taps[0], taps[1])), vreinterpretq_s16_s8(vzip1q_s8(taps[2], none))};
    const int16x8_t lower[2] = {
      vreinterpretq_s16_s8(vzip1q_s8(none, taps[0])), vreinterpretq_s16_s8(vzip1q_s8(taps[1], taps[2]))};
    int8x16_t *target = channels->weights + 4 * column;
    target[0] = vreinterpretq_s8_s16(vzip1q_s16(upper[0], upper[1]));
    target[1] = vreinterpretq_s8_s16(vzip2q_s16(upper[0], upper[1]));
    target[2] = vreinterpretq_s8_s16(vzip1q_s16(lower[0], lower[1]));
    target[3] = vreinterpretq_s8_s16(vzip2q_s16(lower[0], lower[1]));
  }
  const int32_t *table = call->channels + swl_channel_place(channel);
  memcpy(channels->bias, table + SWL_FOLDED_BIAS, 32);
  memcpy(channels->bias + 8, table + SWL_FOLDED_BIAS, 32);
  memcpy(channels->significand, table + SWL_SIGNIFICAND, 32);
  memcpy(channels->shift, table + SWL_SHIFT, 32);
}

SWL_NEONDOT static void slide_all(const swl_depthwise *call, const slide_row *row) {
  const swl_window *window = &call->window;
  const ptrdiff_t depth = row->depth, row_bytes = window->input_width * depth;
  for (int32_t channel = 0; channel < depth; channel += 8) {
    slide_channels channels;
    load_slide_channels(call, channel, &channels);
    const int8_t *image = call->input + channel;
    int8_t *output = call->output + channel;
    for (int32_t batch = 0; batch < window->batches; batch++) {
      slide_rows rows;
      for (int32_t y = 0; y < window->output_height; y += 2 * rows.pairs) {
        // The last of an odd number of rows comes with the one before, again.
        const int32_t upper = swl_min(y, window->output_height - 2);
        const int32_t top = upper - window->padding_top;
        rows.pairs = 1;
        if (top >= 0 && top + 4 <= window->input_height) {
          rows.pairs = swl_max(1, swl_min(
            (window->output_height - y) / 2, (window->input_height - top - 4) / 2 + 1));
        }
        SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
          const bool exists = (uint32_t)(top + index) < (uint32_t)window->input_height;
          rows.rows[index] = exists ? image + (top + index) * row_bytes : row->outside;
          rows.steps[index] = exists ? depth : 0;
        }
        rows.output[0] = output + upper * row->skip_out;
        rows.output[1] = rows.output[0] + row->skip_out;
        slide(&channels, &rows, row);
      }
      image += window->input_height * row_bytes;
      output += window->output_height * row->skip_out;
    }
  }
}

#endif
