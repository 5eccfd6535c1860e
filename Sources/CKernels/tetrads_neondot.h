// Tetrads: inputs in the order that SDOT wants in a depthwise convolution.
//
// SDOT wants four inputs of one channel side by side, and here they are neighbouring columns, far
// apart in memory. So each row of the input is turned once, sixteen channels at a time: for every
// column x, a tetrad of four registers has the columns x … x + 3 of all sixteen channels.
#ifndef SWL_TETRADS_NEONDOT_H
#define SWL_TETRADS_NEONDOT_H

#include "neon.h"
#include "rows.h"

#define SWL_INLINE_DOT SWL_NEONDOT SWL_INLINE

enum {
  LARGEST_TERM_COUNT = 64,  // tetrads in a window
  LARGEST_COLUMN_COUNT = 256,
};

// Some output columns of one block of channels.
typedef struct {
  const swl_depthwise *call;
  swl_window window;  // signals along the height are turned to lie along the width
  int32_t channel, lanes;
  // Two neighbouring pixels of eight channels are taken for one of sixteen.
  bool is_paired;
  int32_t sets;     // tetrads of a window row
  int32_t step;     // columns from one tetrad to the next
  int32_t stride;   // tetrads from one place of the output to the next
  int32_t first;    // output column
  int32_t count;    // places: output columns or pairs of them
  int32_t tetrads;  // in a row, up to the last that is needed
  int32_t row_columns;
  ptrdiff_t slot_bytes;
  int8_t *slots;    // neighbouring rows of the input, turned
  int8_t *columns;  // rows of the input one after another, with the zero point around them
  ptrdiff_t pitch;  // bytes from column to column of those
  const int32_t *table;
  const int8_t *weights;  // as tetrads
  int32_t term_count;
  const ptrdiff_t *terms;  // bytes from the first tetrad of a window to all its tetrads
} strip;

// Rows of the input that a window spans.
SWL_INLINE int64_t row_span(const swl_window *window) {
  return (int64_t)(window->kernel_height - 1) * window->dilation_height + 1;
}

// Weights in the order of the tetrads; absent columns of the window have none.
SWL_NEONDOT static void turn_weights(const strip *strip, int8_t *target) {
  const swl_window *window = &strip->window;
  const int32_t taps = window->kernel_height * window->kernel_width;
  const int8_t *weights = strip->call->weights + (ptrdiff_t)strip->channel * taps;
  for (int32_t row = 0; row < window->kernel_height; row++) {
    for (int32_t left = window->kernel_width; left > 0; left -= 4, target += 64) {
      int8x16x4_t tetrad;
      tetrad.val[0] = vld1q_s8(weights);
      tetrad.val[1] = left > 1 ? vld1q_s8(weights + 16) : vdupq_n_s8(0);
      tetrad.val[2] = left > 2 ? vld1q_s8(weights + 32) : vdupq_n_s8(0);
      tetrad.val[3] = left > 3 ? vld1q_s8(weights + 48) : vdupq_n_s8(0);
      if (strip->is_paired) {
        SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
          const int8x8_t half = vget_low_s8(tetrad.val[index]);
          tetrad.val[index] = vcombine_s8(half, half);
        }
      }
      vst4q_s8(target, tetrad);
      weights += 16 * swl_min(left, 4);
    }
  }
}

// Fills a multiple of eight bytes.
SWL_INLINE_DOT void swl_fill_exactly(int8_t *target, int8_t value, ptrdiff_t count) {
  for (; count > 0; count -= 8, target += 8) vst1_s8(target, vdup_n_s8(value));
}

// Columns of a row, one after another: what is behind the window of the last place may be of the next
// row, since its weights are zero.
SWL_INLINE int32_t row_columns(const strip *strip) {
  const swl_window *window = &strip->window;
  const int32_t width =
    window->dilation_width == 1 && strip->sets == 1 ? window->kernel_width - 1
                                                    : 3 * window->dilation_width;
  const int32_t columns = (strip->tetrads - 1) * strip->step + width + (strip->is_paired ? 2 : 1);
  return (columns + strip->step - 1) / strip->step * strip->step;
}

// Copies the columns of a row that are inside the input; `start` is the first column, which may not
// be. Nothing past the channels of a block is read.
SWL_INLINE_DOT void copy_columns(
  const strip *strip, const int8_t *row, int32_t start, int8_t *target
) {
  const swl_window *window = &strip->window;
  const int32_t first = swl_max(start, 0);
  int32_t count = swl_min(start + strip->row_columns, window->input_width) - first;
  const ptrdiff_t depth = window->input_depth;
  const int8_t *source = row + first * depth + strip->channel;
  target += (first - start) * strip->pitch;
  if (strip->is_paired) {
    if (count > 0) swl_copy_bytes(target, source, count * depth);
  } else if (strip->lanes == 16) {
    for (; count >= 2; count -= 2, source += 2 * depth, target += 32) {
      const int8x16_t a = vld1q_s8(source), b = vld1q_s8(source + depth);
      vst1q_s8(target, a), vst1q_s8(target + 16, b);
    }
    if (count > 0) vst1q_s8(target, vld1q_s8(source));
  } else if (strip->lanes == 8) {
    for (; count > 0; count--, source += depth, target += 16) vst1_s8(target, vld1_s8(source));
  } else {
    for (; count > 0; count--, source += depth, target += 16) {
      for (int32_t lane = 0; lane < strip->lanes; lane++) target[lane] = source[lane];
    }
  }
}

// A column, zipped with the one before.
#define COLUMN(next, last, low, high)            \
  "ld1 {v" next ".16b}, [%[place]], %[pitch]\n"  \
  "zip1 v" low ".16b, v" last ".16b, v" next ".16b\n" \
  "zip2 v" high ".16b, v" last ".16b, v" next ".16b\n"
// A tetrad of two pairs of columns.
#define TURN(a_low, a_high, b_low, b_high)              \
  "zip1 v16.8h, v" a_low ".8h, v" b_low ".8h\n"         \
  "zip2 v17.8h, v" a_low ".8h, v" b_low ".8h\n"         \
  "zip1 v18.8h, v" a_high ".8h, v" b_high ".8h\n"       \
  "zip2 v19.8h, v" a_high ".8h, v" b_high ".8h\n"       \
  "st1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[target]], #64\n"

// Turns columns to `count` tetrads, one column apart: of the pairs of a tetrad the second is the
// first of the tetrad after the next. Four at a time, so that none has to move to another register:
// up to three more are written.
SWL_INLINE_DOT void turn_all(
  const int8_t *place, ptrdiff_t pitch, int8_t *target, int32_t count
) {
  __asm__(
    "ld1 {v0.16b}, [%[place]], %[pitch]\n"
    COLUMN("1", "0", "2", "3") COLUMN("0", "1", "4", "5")
    "1:\n"
    COLUMN("1", "0", "6", "7") TURN("2", "3", "6", "7")
    COLUMN("0", "1", "20", "21") TURN("4", "5", "20", "21")
    COLUMN("1", "0", "2", "3") TURN("6", "7", "2", "3")
    COLUMN("0", "1", "4", "5") TURN("20", "21", "4", "5")
    "subs %w[count], %w[count], #4\n"
    "b.gt 1b\n"
    : [place] "+r"(place), [target] "+r"(target), [count] "+r"(count)
    : [pitch] "r"(pitch)
    : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21",
      "cc", "memory");
}

// Tetrads two columns apart: the second pair of one is the first of the next. Up to one more is
// written.
SWL_INLINE_DOT void turn_every_other(
  const int8_t *place, ptrdiff_t pitch, int8_t *target, int32_t count
) {
  __asm__(
    "ld1 {v0.16b}, [%[place]], %[pitch]\n"
    COLUMN("1", "0", "2", "3")
    "1: ld1 {v0.16b}, [%[place]], %[pitch]\n"
    COLUMN("1", "0", "4", "5") TURN("2", "3", "4", "5")
    "ld1 {v0.16b}, [%[place]], %[pitch]\n"
    COLUMN("1", "0", "2", "3") TURN("4", "5", "2", "3")
    "subs %w[count], %w[count], #2\n"
    "b.gt 1b\n"
    : [place] "+r"(place), [target] "+r"(target), [count] "+r"(count)
    : [pitch] "r"(pitch)
    : "v0", "v1", "v2", "v3", "v4", "v5", "v16", "v17", "v18", "v19", "cc", "memory");
}

SWL_INLINE_DOT void turn_slowly(
  const strip *strip, const int8_t *place, int8_t *target, int32_t count
) {
  const ptrdiff_t pitch = strip->pitch, dilation = strip->window.dilation_width * pitch;
  for (; count > 0; count--, place += strip->step * pitch, target += 64) {
    const int8x16_t a = vld1q_s8(place), b = vld1q_s8(place + dilation);
    const int8x16_t c = vld1q_s8(place + 2 * dilation), d = vld1q_s8(place + 3 * dilation);
    const int16x8x2_t low = vzipq_s16(
      vreinterpretq_s16_s8(vzip1q_s8(a, b)), vreinterpretq_s16_s8(vzip1q_s8(c, d)));
    const int16x8x2_t high = vzipq_s16(
      vreinterpretq_s16_s8(vzip2q_s8(a, b)), vreinterpretq_s16_s8(vzip2q_s8(c, d)));
    vst1q_s16_x2((int16_t *)(void *)target, low);
    vst1q_s16_x2((int16_t *)(void *)(target + 32), high);
  }
}

// Turns `count` rows of the input, from row `first` on, several at once.
SWL_NEONDOT static void load_rows(
  const strip *strip, const int8_t *image, int32_t first, int32_t count, int8_t *slot
) {
  const swl_window *window = &strip->window;
  const int32_t start = strip->first * window->stride_width - window->padding_left;
  const ptrdiff_t row_bytes = window->input_width * (ptrdiff_t)window->input_depth;
  const ptrdiff_t columns_bytes = strip->row_columns * strip->pitch;
  const int32_t most = LARGEST_COLUMN_COUNT / strip->row_columns;
  while (count > 0) {
    const int32_t here = swl_min(count, most);
    int8_t *target = strip->columns;
    for (int32_t row = first; row < first + here; row++, target += columns_bytes) {
      if ((uint32_t)row < (uint32_t)window->input_height) {
        copy_columns(strip, image + row * row_bytes, start, target);
      } else {
        swl_fill_exactly(
          target, (int8_t)strip->call->activation.input_zero_point, columns_bytes);
      }
    }
    const int32_t tetrads = here * strip->row_columns / strip->step;
    if (window->dilation_width > 1 || strip->step > 2) {
      turn_slowly(strip, strip->columns, slot, tetrads);
    } else if (strip->step == 1) {
      turn_all(strip->columns, strip->pitch, slot, tetrads);
    } else {
      turn_every_other(strip->columns, strip->pitch, slot, tetrads);
    }
    slot += here * strip->slot_bytes;
    first += here, count -= here;
  }
}

#endif
