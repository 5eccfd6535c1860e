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
  int32_t quads;    // of channels: 2 or 4
  int32_t sets;     // tetrads of a window row
  int32_t step;     // columns from one tetrad to the next
  int32_t stride;   // tetrads from one output column to the next
  int32_t first;    // output column
  int32_t count;    // output columns
  int32_t tetrads;  // in a row
  ptrdiff_t slot_bytes;
  int8_t *slots;    // neighbouring rows of the input, turned
  int8_t *columns;  // room for a row of the input, 16 bytes a column
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
    for (int32_t column = 0; column < 4 * strip->sets; column += 4) {
      int8x16x4_t tetrad;
      SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
        tetrad.val[index] =
          column + index < window->kernel_width ? vld1q_s8(weights) : vdupq_n_s8(0);
        if (column + index < window->kernel_width) weights += 16;
      }
      vst4q_s8(target, tetrad);
      target += 16 * strip->quads;
      // With half a block the second half of these 64 bytes is overwritten by what follows.
    }
  }
}

// Columns of a row of the input, some of them outside of it.
typedef struct {
  const int8_t *next;    // where the next column is, or would be
  ptrdiff_t depth;       // bytes from column to column
  int32_t index;         // of the next column, from the first one inside
  int32_t inside;        // columns that exist
  int8x16_t zero_point;  // what stands for others
} walk;

SWL_INLINE_DOT int8x16_t take(walk *walk, const int32_t quads) {
  int8x16_t column = walk->zero_point;
  if ((uint32_t)walk->index < (uint32_t)walk->inside) {
    column = quads == 4 ? vld1q_s8(walk->next)
                        : vcombine_s8(vld1_s8(walk->next), vget_low_s8(walk->zero_point));
  }
  walk->index++;
  walk->next += walk->depth;
  return column;
}

// A column that is known to be inside.
SWL_INLINE_DOT int8x16_t take_inner(walk *walk, const int32_t quads) {
  const int8_t *place = walk->next;
  walk->next += walk->depth;
  return quads == 4 ? vld1q_s8(place) : vcombine_s8(vld1_s8(place), vdup_n_s8(0));
}

// How often, up to `count` times, the next two columns are inside; they are taken then.
SWL_INLINE_DOT int32_t inner_count(walk *walk, int32_t count) {
  if (walk->index < 0) return 0;
  const int32_t result = swl_max(swl_min(count, (walk->inside - walk->index) / 2), 0);
  walk->index += 2 * result;
  return result;
}

// Two columns of sixteen channels, channel by channel.
typedef struct {
  int8x16_t low, high;
} pair;

SWL_INLINE_DOT pair zip(int8x16_t a, int8x16_t b) {
  return (pair){vzip1q_s8(a, b), vzip2q_s8(a, b)};
}

SWL_INLINE_DOT int8_t *store_tetrad(int8_t *target, pair a, pair b, const int32_t quads) {
  const int16x8_t a_low = vreinterpretq_s16_s8(a.low), a_high = vreinterpretq_s16_s8(a.high);
  const int16x8_t b_low = vreinterpretq_s16_s8(b.low), b_high = vreinterpretq_s16_s8(b.high);
  const int16x8_t first = vzip1q_s16(a_low, b_low), second = vzip2q_s16(a_low, b_low);
  if (quads == 4) {
    const int16x8x4_t tetrad = {
      {first, second, vzip1q_s16(a_high, b_high), vzip2q_s16(a_high, b_high)}};
    vst1q_s16_x4((int16_t *)(void *)target, tetrad);
  } else {
    const int16x8x2_t tetrad = {{first, second}};
    vst1q_s16_x2((int16_t *)(void *)target, tetrad);
  }
  return target + 16 * quads;
}

// Turns the columns of a row to `count` tetrads, `step` columns apart.
SWL_INLINE_DOT void turn(
  walk *restrict walk, int8_t *target, int32_t count, int32_t step, int32_t dilation, const int32_t quads
) {
  if (dilation == 1 && step == 1) {
    // Of the pairs of a tetrad the second is the first of the tetrad after the next.
    int8x16_t last = take(walk, quads), next = take(walk, quads);
    pair a = zip(last, next);
    last = take(walk, quads);
    pair b = zip(next, last);
    int32_t inner = inner_count(walk, count / 2);
    count -= 2 * inner;
    for (; inner >= 2; inner -= 2) {
      // Four at a time, so that none has to move to another register.
      next = take_inner(walk, quads);
      const pair c = zip(last, next);
      target = store_tetrad(target, a, c, quads);
      last = take_inner(walk, quads);
      const pair d = zip(next, last);
      target = store_tetrad(target, b, d, quads);
      next = take_inner(walk, quads);
      a = zip(last, next);
      target = store_tetrad(target, c, a, quads);
      last = take_inner(walk, quads);
      b = zip(next, last);
      target = store_tetrad(target, d, b, quads);
    }
    if (inner > 0) {
      next = take_inner(walk, quads);
      const pair c = zip(last, next);
      target = store_tetrad(target, a, c, quads);
      last = take_inner(walk, quads);
      const pair d = zip(next, last);
      target = store_tetrad(target, b, d, quads);
      a = c, b = d;
    }
    for (; count > 0; count--) {
      next = take(walk, quads);
      const pair c = zip(last, next);
      target = store_tetrad(target, a, c, quads);
      a = b, b = c, last = next;
    }
  } else if (dilation == 1 && step == 2) {
    // The second pair of a tetrad is the first of the next.
    const int8x16_t first = take(walk, quads);
    pair a = zip(first, take(walk, quads));
    int32_t inner = inner_count(walk, count);
    count -= inner;
    for (; inner >= 2; inner -= 2) {
      const int8x16_t next = take_inner(walk, quads);
      const pair b = zip(next, take_inner(walk, quads));
      target = store_tetrad(target, a, b, quads);
      const int8x16_t third = take_inner(walk, quads);
      a = zip(third, take_inner(walk, quads));
      target = store_tetrad(target, b, a, quads);
    }
    if (inner > 0) {
      const int8x16_t next = take_inner(walk, quads);
      const pair b = zip(next, take_inner(walk, quads));
      target = store_tetrad(target, a, b, quads);
      a = b;
    }
    for (; count > 0; count--) {
      const int8x16_t next = take(walk, quads);
      const pair b = zip(next, take(walk, quads));
      target = store_tetrad(target, a, b, quads);
      a = b;
    }
  } else {
    for (; count > 0; count--) {
      struct walk_state { int32_t index; const int8_t *next; } start = {walk->index, walk->next};
      int8x16_t columns[4];
      SWL_UNROLL for (int32_t index = 0; index < 4; index++) {
        walk->index = start.index + index * dilation;
        walk->next = start.next + index * dilation * walk->depth;
        columns[index] = take(walk, quads);
      }
      target =
        store_tetrad(target, zip(columns[0], columns[1]), zip(columns[2], columns[3]), quads);
      walk->index = start.index + step;
      walk->next = start.next + step * walk->depth;
    }
  }
}

// Sixteen bytes of the last columns would reach past an input whose block is not full. Copies the
// columns of a row where there is room for that; returns how many there are.
SWL_NEONDOT static int32_t copy_columns(const strip *strip, const int8_t *row, int32_t start) {
  const swl_window *window = &strip->window;
  const int32_t end = start + (strip->tetrads - 1) * strip->step + 3 * window->dilation_width + 1;
  const int32_t first = swl_max(start, 0);
  const int32_t count = swl_max(swl_min(end, window->input_width) - first, 0);
  for (int32_t column = 0; column < count; column++) {
    const int8_t *source =
      row + (first + column) * (ptrdiff_t)window->input_depth + strip->channel;
    for (int32_t lane = 0; lane < 16; lane++) {
      strip->columns[16 * column + lane] = lane < strip->lanes ? source[lane] : 0;
    }
  }
  return count;
}

// Turns `count` rows of the input, from row `first` on.
SWL_INLINE_DOT void turn_rows(
  const strip *strip, const int8_t *image, int32_t first, int32_t count, int8_t *slot,
  const int32_t quads
) {
  const swl_window *window = &strip->window;
  const int32_t start = strip->first * window->stride_width - window->padding_left;
  const ptrdiff_t depth = window->input_depth;
  const int8_t zero_point = (int8_t)strip->call->activation.input_zero_point;
  const bool is_full = strip->lanes == 4 * quads;
  walk walk = {.zero_point = vdupq_n_s8(zero_point)};
  for (int32_t row = first; row < first + count; row++, slot += strip->slot_bytes) {
    if (row < 0 || row >= window->input_height) {
      swl_fill_bytes_neon(slot, zero_point, strip->slot_bytes);
      continue;
    }
    const int8_t *place = image + row * (ptrdiff_t)window->input_width * depth;
    if (is_full) {
      walk.next = place + start * depth + strip->channel;
      walk.depth = depth;
      walk.index = start;
      walk.inside = window->input_width;
    } else {
      walk.inside = copy_columns(strip, place, start);
      walk.index = swl_min(start, 0);
      walk.depth = 16;
      walk.next = strip->columns + 16 * (ptrdiff_t)walk.index;
    }
    turn(&walk, slot, strip->tetrads, strip->step, window->dilation_width, quads);
  }
}

SWL_NEONDOT static void load_rows(
  const strip *strip, const int8_t *image, int32_t first, int32_t count, int8_t *slot
) {
  if (strip->quads == 4) {
    turn_rows(strip, image, first, count, slot, 4);
  } else {
    turn_rows(strip, image, first, count, slot, 2);
  }
}

#endif
