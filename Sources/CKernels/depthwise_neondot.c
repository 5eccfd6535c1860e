// Depthwise convolution with SDOT.
//
// A window row of up to four columns is four SDOT for sixteen channels, with a tetrad of inputs and
// one of weights; a tetrad serves all window rows it is in. Wider windows take several of a row.
#include "internal.h"

#if SWL_AARCH64

#include "tetrads_neondot.h"

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
  const bool is_constant = strip->term_count <= 4 && strip->stride == 1;
  const int32_t constant_count = is_constant ? strip->term_count : 0;
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
