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
    for (; inner > 0; inner--) {
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
    for (; inner > 0; inner--) {
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

// Loads a tetrad and adds its products; moves on to the next tetrad.
SWL_INLINE_DOT void add_tetrad(
  const int8_t **place, int32x4_t sums[4], const int8x16_t w[4], const int32_t quads
) {
  if (quads == 4) {
    __asm__(
      "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [%[place]], #64\n"
      "sdot %[s0].4s, %[w0].16b, v28.16b\n"
      "sdot %[s1].4s, %[w1].16b, v29.16b\n"
      "sdot %[s2].4s, %[w2].16b, v30.16b\n"
      "sdot %[s3].4s, %[w3].16b, v31.16b\n"
      : [place] "+r"(*place), [s0] "+w"(sums[0]), [s1] "+w"(sums[1]), [s2] "+w"(sums[2]),
        [s3] "+w"(sums[3])
      : [w0] "w"(w[0]), [w1] "w"(w[1]), [w2] "w"(w[2]), [w3] "w"(w[3])
      : "v28", "v29", "v30", "v31", "memory");
  } else {
    sums[0] = vdotq_s32(sums[0], w[0], vld1q_s8(*place));
    sums[1] = vdotq_s32(sums[1], w[1], vld1q_s8(*place + 16));
    *place += 32;
  }
}

// Rows of output from rows of tetrads. The number of terms is a constant where this is inlined, and
// then the tetrads of neighbouring columns are neighbours; 0 is for any number and any stride.
SWL_INLINE_DOT void convolve_rows(
  const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer,
  const int32_t *table, const int32_t term_count, const int32_t quads
) {
  const swl_window *window = &strip->window;
  const swl_scales scales = swl_load_scales(
    requantizer, table, strip->lanes, swl_form_of_block(requantizer, table, strip->lanes, quads),
    quads);
  const ptrdiff_t depth = window->output_depth;
  const ptrdiff_t row_step = window->stride_height * strip->slot_bytes;
  int8x16_t w[16];
  SWL_UNROLL for (int32_t index = 0; index < term_count * quads; index++) {
    w[index] = vld1q_s8(strip->weights + 16 * index);
  }
  const int8_t *first = strip->slots;
  for (int32_t row = 0; row < row_count; row++, first += row_step) {
    int8_t *place = output;
    const int8_t *inputs[4];
    SWL_UNROLL for (int32_t term = 0; term < term_count; term++) {
      inputs[term] = first + strip->terms[term];
    }
    for (int32_t column = 0; column < strip->count; column++, place += depth) {
      int32x4_t sums[4];
      SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
        sums[quad] = vld1q_s32(table + SWL_FOLDED_BIAS + 4 * quad);
      }
      SWL_UNROLL for (int32_t term = 0; term < term_count; term++) {
        add_tetrad(&inputs[term], sums, w + quads * term, quads);
      }
      if (term_count == 0) {
        const int8_t *tetrad = first + (ptrdiff_t)column * strip->stride * 16 * quads;
        const int8_t *weights = strip->weights;
        for (int32_t term = 0; term < strip->term_count; term++, weights += 16 * quads) {
          SWL_UNROLL for (int32_t quad = 0; quad < quads; quad++) {
            const int8x16_t x = vld1q_s8(tetrad + strip->terms[term] + 16 * quad);
            sums[quad] = vdotq_s32(sums[quad], vld1q_s8(weights + 16 * quad), x);
          }
        }
      }
      swl_store_pixels(sums, quads, 1, &scales, place, depth);
    }
    output += window->output_width * depth;
  }
}

typedef void (*rows_function)(
  const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer,
  const int32_t *table);

#define ROWS(count, quads)                                                                        \
  SWL_NEONDOT static void rows_##count##x##quads(                                                 \
    const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer,    \
    const int32_t *table                                                                          \
  ) {                                                                                             \
    convolve_rows(strip, output, row_count, requantizer, table, count, quads);                    \
  }
ROWS(0, 4) ROWS(1, 4) ROWS(2, 4) ROWS(3, 4) ROWS(4, 4) ROWS(0, 2) ROWS(3, 2)
#undef ROWS

static const rows_function functions[5] = {rows_0x4, rows_1x4, rows_2x4, rows_3x4, rows_4x4};

// All rows of a strip: as many at once as have room, after turning what input rows they need.
SWL_NEONDOT static void convolve_strip(
  const strip *strip, const int8_t *image, int8_t *output, const swl_requantizer *requantizer,
  const int32_t *table
) {
  const swl_window *window = &strip->window;
  const int32_t span = (int32_t)row_span(window);
  const int32_t room = (int32_t)(SWL_SCRATCH_BYTES / strip->slot_bytes);
  const int32_t most = (room - span) / window->stride_height + 1;
  const int32_t constant_count = strip->term_count <= 4 && strip->stride == 1 ? strip->term_count : 0;
  rows_function convolve = functions[constant_count];
  if (strip->quads == 2) convolve = constant_count == 3 ? rows_3x2 : rows_0x2;
  output += (ptrdiff_t)strip->first * window->output_depth + strip->channel;
  int32_t loaded = 0;  // rows in front that are there from before
  for (int32_t y = 0; y < window->output_height; y += most) {
    const int32_t rows = swl_min(most, window->output_height - y);
    const int32_t needed = (rows - 1) * window->stride_height + span;
    const int32_t top = y * window->stride_height - window->padding_top;
    load_rows(
      strip, image, top + loaded, needed - loaded, strip->slots + loaded * strip->slot_bytes);
    convolve(strip, output, rows, requantizer, table);
    output += (ptrdiff_t)rows * window->output_width * window->output_depth;
    const int32_t done = rows * window->stride_height;
    loaded = swl_max(needed - done, 0);
    // The rows move to lower addresses, in order.
    swl_copy_bytes(
      strip->slots, strip->slots + done * strip->slot_bytes, loaded * strip->slot_bytes);
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
  int32_t count = swl_min(window->output_width, LARGEST_COLUMN_COUNT);
  for (; count > 0; count--) {
    const int64_t tetrads = tetrads_of(strip, count);
    const int64_t columns = (tetrads - 1) * strip->step + 3 * window->dilation_width + 2;
    if (columns > LARGEST_COLUMN_COUNT) continue;
    if (row_span(window) * tetrads * 16 * strip->quads <= SWL_SCRATCH_BYTES) break;
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
  ptrdiff_t terms[LARGEST_TERM_COUNT];
  strip strip = {
    .call = call, .window = lying(call->window), .slots = slots, .columns = columns,
    .weights = weights, .terms = terms};
  const swl_window *window = &strip.window;
  strip.sets = (window->kernel_width + 3) / 4;
  strip.term_count = window->kernel_height * strip.sets;
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
    swl_requantizer_neon(call->channels, call->is_narrow, &call->activation);
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
    for (int32_t first = 0; first < window->output_width; first += largest) {
      strip.first = first;
      strip.count = swl_min(window->output_width - first, largest);
      strip.tetrads = (int32_t)tetrads_of(&strip, strip.count);
      strip.slot_bytes = (ptrdiff_t)strip.tetrads * 16 * strip.quads;
      for (int32_t term = 0; term < strip.term_count; term++) {
        terms[term] = term / strip.sets * window->dilation_height * strip.slot_bytes +
          (ptrdiff_t)(term % strip.sets) * 64 * window->dilation_width * strip.quads;
      }
      for (int32_t batch = 0; batch < window->batches; batch++) {
        convolve_strip(
          &strip, call->input + batch * image_bytes, call->output + batch * output_bytes,
          &requantizer, table);
      }
    }
  }
}

#endif
