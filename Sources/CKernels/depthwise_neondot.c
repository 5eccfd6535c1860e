// Depthwise convolution with SDOT.
//
// SDOT wants four inputs of one channel side by side, and here they are neighbouring columns, far
// apart in memory. So each row of the input is turned once, sixteen channels at a time: for every
// column x, a "tetrad" of four registers has the columns x … x + 3 of all sixteen channels. A window
// row of up to four columns then is four SDOT for sixteen channels, and a tetrad serves all window
// rows it is in. Wider windows take several tetrads of a row.
#include "internal.h"

#if SWL_AARCH64

#include "neon.h"
#include "rows.h"

#define SWL_INLINE_DOT SWL_NEONDOT SWL_INLINE

enum {
  LARGEST_TERM_COUNT = 64,  // tetrads in a window
  LARGEST_COLUMN_COUNT = 256,
};

// A strip of output columns of one block of channels.
typedef struct {
  const swl_depthwise *call;
  swl_window window;  // signals along the height are turned to lie along the width
  int32_t channel, lanes;
  int32_t quads;        // of channels: 2 or 4
  int32_t sets;         // tetrads of a window row
  int32_t step;         // columns from one tetrad to the next
  int32_t stride;       // tetrads from one output column to the next
  int32_t first;        // output column
  int32_t count;        // output columns
  int32_t tetrads;      // in a row
  ptrdiff_t slot_bytes;
  int8_t *slots;        // one a window row, and one for rows outside
  int8_t *columns;      // a row of the input: 16 bytes a column
  const int8_t *weights;  // as tetrads
} strip;

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
  walk *walk, int8_t *target, int32_t count, int32_t step, int32_t dilation, const int32_t quads
) {
  if (dilation == 1 && step == 1) {
    // Of the pairs of a tetrad the second is the first of the tetrad after the next.
    int8x16_t last = take(walk, quads), next = take(walk, quads);
    pair a = zip(last, next);
    last = take(walk, quads);
    pair b = zip(next, last);
    for (; count >= 2; count -= 2) {
      next = take(walk, quads);
      const pair c = zip(last, next);
      target = store_tetrad(target, a, c, quads);
      last = take(walk, quads);
      const pair d = zip(next, last);
      target = store_tetrad(target, b, d, quads);
      a = c, b = d;
    }
    if (count > 0) store_tetrad(target, a, zip(last, take(walk, quads)), quads);
  } else if (dilation == 1 && step == 2) {
    // Of the next tetrad.
    const int8x16_t first = take(walk, quads);
    pair a = zip(first, take(walk, quads));
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

// Turns a row of the input.
SWL_NEONDOT static void load_row(const strip *strip, const int8_t *row, int8_t *slot) {
  const swl_window *window = &strip->window;
  const int32_t start = strip->first * window->stride_width - window->padding_left;
  walk walk = {
    .next = row + start * (ptrdiff_t)window->input_depth + strip->channel,
    .depth = window->input_depth, .index = start, .inside = window->input_width,
    .zero_point = vdupq_n_s8((int8_t)strip->call->activation.input_zero_point)};
  if (strip->lanes < 4 * strip->quads) {
    // Sixteen bytes of the last columns would reach past the input: a copy has room for them.
    const int32_t end = start + (strip->tetrads - 1) * strip->step + 3 * window->dilation_width + 1;
    const int32_t first = swl_max(start, 0);
    walk.inside = swl_max(swl_min(end, window->input_width) - first, 0);
    walk.index = start - first;
    for (int32_t column = 0; column < walk.inside; column++) {
      const int8_t *source = row + (first + column) * (ptrdiff_t)window->input_depth;
      int8_t *target = strip->columns + 16 * column;
      for (int32_t lane = 0; lane < strip->lanes; lane++) {
        target[lane] = source[strip->channel + lane];
      }
      for (int32_t lane = strip->lanes; lane < 16; lane++) target[lane] = 0;
    }
    walk.depth = 16;
    walk.next = strip->columns + 16 * (ptrdiff_t)walk.index;
  }
  if (strip->quads == 4) {
    turn(&walk, slot, strip->tetrads, strip->step, window->dilation_width, 4);
  } else {
    turn(&walk, slot, strip->tetrads, strip->step, window->dilation_width, 2);
  }
}

// Where a row of output pixels finds its inputs.
typedef struct {
  const strip *strip;
  const ptrdiff_t *terms;  // bytes from a column's first tetrad to all those of its window
  int32_t term_count;
} row;

// `count` neighbouring pixels. The number of terms is a constant where this is inlined, with the
// weights of all in `w`, or 0 for any.
SWL_INLINE_DOT void convolve_pixels(
  const row *row, ptrdiff_t place, int8_t *output, const swl_scales *scales, const int8x16_t *w,
  const int8_t *const *inputs, const int32_t count, const int32_t constant_count,
  const int32_t quads
) {
  const strip *strip = row->strip;
  const ptrdiff_t stride = strip->stride * 16 * quads;
  int32x4_t sums[8];
  SWL_UNROLL for (int32_t index = 0; index < count * quads; index++) {
    sums[index] = vld1q_s32(scales->table + SWL_FOLDED_BIAS + 4 * (index % quads));
  }
  SWL_UNROLL for (int32_t term = 0; term < constant_count; term++) {
    SWL_UNROLL for (int32_t pixel = 0; pixel < count; pixel++) {
      const int8_t *input = inputs[term] + place + pixel * stride;
      SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
        int32x4_t *sum = &sums[quads * pixel + quad];
        *sum = vdotq_s32(*sum, w[quads * term + quad], vld1q_s8(input + 16 * quad));
      }
    }
  }
  if (constant_count == 0) {
    const int8_t *weights = strip->weights;
    for (int32_t term = 0; term < row->term_count; term++, weights += 16 * quads) {
      SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
        const int8x16_t weight = vld1q_s8(weights + 16 * quad);
        SWL_UNROLL for (int32_t pixel = 0; pixel < count; pixel++) {
          const int8_t *input = strip->slots + row->terms[term] + place + pixel * stride;
          int32x4_t *sum = &sums[quads * pixel + quad];
          *sum = vdotq_s32(*sum, weight, vld1q_s8(input + 16 * quad));
        }
      }
    }
  }
  swl_store_pixels(sums, quads, count, scales, output, strip->window.output_depth);
}

SWL_INLINE_DOT void convolve_row(
  const row *row, int8_t *output, const swl_scales *scales, const int32_t constant_count,
  const int32_t quads
) {
  const strip *strip = row->strip;
  const int8_t *inputs[4];
  int8x16_t w[16];
  SWL_UNROLL for (int32_t term = 0; term < constant_count; term++) {
    inputs[term] = strip->slots + row->terms[term];
    SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
      w[quads * term + quad] = vld1q_s8(strip->weights + 16 * (quads * term + quad));
    }
  }
  const ptrdiff_t depth = strip->window.output_depth;
  ptrdiff_t place = 0;
  int32_t left = strip->count;
  for (; left >= 2; left -= 2) {
    convolve_pixels(row, place, output, scales, w, inputs, 2, constant_count, quads);
    place += 2 * strip->stride * 16 * quads;
    output += 2 * depth;
  }
  if (left > 0) convolve_pixels(row, place, output, scales, w, inputs, 1, constant_count, quads);
}

typedef void (*row_function)(const row *row, int8_t *output, const swl_scales *scales);

#define ROW(count, quads)                                                   \
  SWL_NEONDOT static void row_##count##x##quads(                            \
    const row *row, int8_t *output, const swl_scales *scales                \
  ) {                                                                       \
    const swl_scales copy = *scales;                                        \
    convolve_row(row, output, &copy, count, quads);                         \
  }
ROW(0, 4) ROW(1, 4) ROW(2, 4) ROW(3, 4) ROW(4, 4) ROW(0, 2) ROW(3, 2)
#undef ROW

static const row_function rows[5] = {row_0x4, row_1x4, row_2x4, row_3x4, row_4x4};

// All rows of a strip. Each row of the input is turned once, into the slot of the row that no window
// needs any more.
SWL_NEONDOT static void convolve_strip(
  const strip *strip, const int8_t *image, int8_t *output, const swl_scales *scales
) {
  const swl_window *window = &strip->window;
  const int32_t kernel_height = window->kernel_height, dilation = window->dilation_height;
  const ptrdiff_t row_bytes = (ptrdiff_t)window->input_width * window->input_depth;
  const ptrdiff_t outside = kernel_height * strip->slot_bytes;
  const ptrdiff_t set_bytes = (ptrdiff_t)64 * window->dilation_width * strip->quads;
  ptrdiff_t terms[LARGEST_TERM_COUNT];
  int32_t held[LARGEST_TERM_COUNT];  // the input row in each slot
  for (int32_t slot = 0; slot < kernel_height; slot++) held[slot] = -1;
  row row = {strip, terms, kernel_height * strip->sets};
  row_function convolve = rows[row.term_count <= 4 ? row.term_count : 0];
  if (strip->quads == 2) convolve = row.term_count == 3 ? row_3x2 : row_0x2;
  swl_fill_bytes_neon(
    strip->slots + outside, (int8_t)strip->call->activation.input_zero_point, strip->slot_bytes);
  output += (ptrdiff_t)strip->first * window->output_depth + strip->channel;
  int32_t top = -window->padding_top, slot = 0;
  for (int32_t y = 0; y < window->output_height; y++, top += window->stride_height) {
    // Neighbouring rows are in different slots as long as rows are not skipped.
    if (dilation == 1 && top > 0) slot = top % kernel_height;
    ptrdiff_t *term = terms;
    for (int32_t kernel_row = 0; kernel_row < kernel_height; kernel_row++) {
      const int32_t input_row = top + kernel_row * dilation;
      ptrdiff_t place = outside;
      if (input_row >= 0 && input_row < window->input_height) {
        place = slot * strip->slot_bytes;
        if (held[slot] != input_row) {
          held[slot] = input_row;
          load_row(strip, image + input_row * row_bytes, strip->slots + place);
        }
        slot = slot + 1 == kernel_height ? 0 : slot + 1;
      }
      for (int32_t set = 0; set < strip->sets; set++, place += set_bytes) *term++ = place;
    }
    convolve(&row, output, scales);
    output += (ptrdiff_t)window->output_width * window->output_depth;
    slot = 0;
  }
}

// Tetrads of a row of `count` output columns.
SWL_INLINE int64_t tetrads_of(const strip *strip, int64_t count) {
  const swl_window *window = &strip->window;
  return (count - 1) * strip->stride + 1 + (int64_t)(strip->sets - 1) * 4 * window->dilation_width;
}

// The most output columns whose tetrads and columns fit into scratch memory; 0 for none.
static int32_t largest_strip(const strip *strip) {
  const swl_window *window = &strip->window;
  if ((int64_t)window->kernel_height * strip->sets > LARGEST_TERM_COUNT) return 0;
  if (window->dilation_width > LARGEST_COLUMN_COUNT / 4) return 0;
  const int64_t slots = window->kernel_height + 1;
  int32_t count = swl_min(window->output_width, LARGEST_COLUMN_COUNT);
  for (; count > 0; count--) {
    const int64_t tetrads = tetrads_of(strip, count);
    const int64_t columns = (tetrads - 1) * strip->step + 3 * window->dilation_width + 2;
    if (columns > LARGEST_COLUMN_COUNT) continue;
    if (slots * tetrads * 16 * strip->quads <= SWL_SCRATCH_BYTES) break;
  }
  return count;
}

// A signal, one column and a window of one column, is the same with height and width exchanged.
static swl_window lying(swl_window window) {
  if (window.input_width != 1 || window.output_width != 1 || window.kernel_width != 1 ||
      window.padding_left != 0) {
    return window;
  }
  window.input_width = window.input_height, window.input_height = 1;
  window.output_width = window.output_height, window.output_height = 1;
  window.kernel_width = window.kernel_height, window.kernel_height = 1;
  window.stride_width = window.stride_height, window.stride_height = 1;
  window.dilation_width = window.dilation_height, window.dilation_height = 1;
  window.padding_left = window.padding_top, window.padding_top = 0;
  return window;
}

SWL_NEONDOT void swl_depthwise__neondot(const swl_depthwise *call) {
  _Alignas(64) int8_t slots[SWL_SCRATCH_BYTES];
  _Alignas(64) int8_t columns[LARGEST_COLUMN_COUNT * 16 + 64];
  _Alignas(64) int8_t weights[LARGEST_TERM_COUNT * 64 + 64];
  strip strip = {
    .call = call, .window = lying(call->window), .slots = slots, .columns = columns,
    .weights = weights};
  const swl_window *window = &strip.window;
  strip.sets = (window->kernel_width + 3) / 4;
  // Wide windows need the tetrads of all columns, others only those where a window starts.
  strip.step = strip.sets == 1 ? window->stride_width : 1;
  strip.stride = strip.sets == 1 ? 1 : window->stride_width;
  strip.quads = 4;
  const int32_t largest = largest_strip(&strip);
  if (largest == 0) {
    swl_depthwise__neon(call);
    return;
  }
  const swl_requantizer requantizer =
    swl_requantizer_neon(call->channels, window->output_depth, &call->activation);
  const ptrdiff_t image_bytes =
    (ptrdiff_t)window->input_height * window->input_width * window->input_depth;
  const ptrdiff_t output_bytes =
    (ptrdiff_t)window->output_height * window->output_width * window->output_depth;
  for (int32_t channel = 0; channel < window->output_depth; channel += SWL_BLOCK) {
    strip.channel = channel;
    strip.lanes = swl_min(window->output_depth - channel, SWL_BLOCK);
    strip.quads = strip.lanes <= SWL_BLOCK / 2 ? 2 : 4;
    turn_weights(&strip, weights);
    const int32_t *table = call->channels + channel / SWL_BLOCK * SWL_TABLE_BLOCK;
    const swl_scales scales = strip.quads == 4
      ? swl_load_scales(&requantizer, table, strip.lanes, 4)
      : swl_load_scales(&requantizer, table, strip.lanes, 2);
    for (int32_t first = 0; first < window->output_width; first += largest) {
      strip.first = first;
      strip.count = swl_min(window->output_width - first, largest);
      strip.tetrads = (int32_t)tetrads_of(&strip, strip.count);
      strip.slot_bytes = (ptrdiff_t)strip.tetrads * 16 * strip.quads;
      for (int32_t batch = 0; batch < window->batches; batch++) {
        convolve_strip(
          &strip, call->input + batch * image_bytes, call->output + batch * output_bytes,
          &scales);
      }
    }
  }
}

#endif
