// Depthwise convolution with SDOT.
//
// A window row of up to four columns is four SDOT for sixteen channels, with a tetrad of inputs and
// one of weights; a tetrad serves all window rows it is in. Wider windows take several of a row.
#include "internal.h"

#if SWL_AARCH64

#define SWL_TARGET SWL_NEONDOT
#include "depthwise_line_neondot.h"
#include "depthwise_slide_neondot.h"
#include "tetrads_neondot.h"

// A tetrad of inputs by one of weights, which are in registers or are loaded; moves on to the next.
#define TETRAD(input, w0, w1, w2, w3)                             \
  "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [" input "], #64\n" \
  "sdot v24.4s, " w0 ".16b, v28.16b\n"                            \
  "sdot v25.4s, " w1 ".16b, v29.16b\n"                            \
  "sdot v26.4s, " w2 ".16b, v30.16b\n"                            \
  "sdot v27.4s, " w3 ".16b, v31.16b\n"
#define LOADED(input)                                                \
  "ld1 {v20.16b, v21.16b, v22.16b, v23.16b}, [%[weights]], #64\n"   \
  TETRAD(input, "v20", "v21", "v22", "v23")
#define BIASES "ld1 {v24.4s, v25.4s, v26.4s, v27.4s}, [%[bias]]\n"
#define WEIGHTS(a, b, c, d, index) \
  [a] "w"(w[index]), [b] "w"(w[index + 1]), [c] "w"(w[index + 2]), [d] "w"(w[index + 3])
#define SUMS "=&w"(s0), "=&w"(s1), "=&w"(s2), "=&w"(s3)
#define CLOBBERS "v28", "v29", "v30", "v31", "memory"

// Adds the products of `count` tetrads, one from each place, to the biases.
SWL_INLINE_DOT void sum_tetrads(
  const int8_t *inputs[4], const int8x16_t *w, const int8_t *weights, const int32_t *bias,
  int32x4_t sums[4], const int32_t count
) {
  register int32x4_t s0 __asm__("v24");
  register int32x4_t s1 __asm__("v25");
  register int32x4_t s2 __asm__("v26");
  register int32x4_t s3 __asm__("v27");
  if (count == 1) {
    __asm__(
      BIASES TETRAD("%[p]", "%[a]", "%[b]", "%[c]", "%[d]")
      : SUMS, [p] "+r"(inputs[0])
      : [bias] "r"(bias), WEIGHTS(a, b, c, d, 0)
      : CLOBBERS);
  } else if (count == 2) {
    __asm__(
      BIASES TETRAD("%[p]", "%[a]", "%[b]", "%[c]", "%[d]")
      TETRAD("%[q]", "%[e]", "%[f]", "%[g]", "%[h]")
      : SUMS, [p] "+r"(inputs[0]), [q] "+r"(inputs[1])
      : [bias] "r"(bias), WEIGHTS(a, b, c, d, 0), WEIGHTS(e, f, g, h, 4)
      : CLOBBERS);
  } else if (count == 3) {
    __asm__(
      BIASES TETRAD("%[p]", "%[a]", "%[b]", "%[c]", "%[d]")
      TETRAD("%[q]", "%[e]", "%[f]", "%[g]", "%[h]")
      TETRAD("%[r]", "%[i]", "%[j]", "%[k]", "%[l]")
      : SUMS, [p] "+r"(inputs[0]), [q] "+r"(inputs[1]), [r] "+r"(inputs[2])
      : [bias] "r"(bias), WEIGHTS(a, b, c, d, 0), WEIGHTS(e, f, g, h, 4), WEIGHTS(i, j, k, l, 8)
      : CLOBBERS);
  } else {
    __asm__(
      BIASES LOADED("%[p]") LOADED("%[q]") LOADED("%[r]") LOADED("%[s]")
      : SUMS, [p] "+r"(inputs[0]), [q] "+r"(inputs[1]), [r] "+r"(inputs[2]),
        [s] "+r"(inputs[3]), [weights] "+r"(weights)
      : [bias] "r"(bias)
      : "v20", "v21", "v22", "v23", CLOBBERS);
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

// Rows of output from rows of tetrads. The number of terms is a constant where this is inlined, and
// then the tetrads of neighbouring columns are neighbours; 0 is for any number and any stride.
// `quads` of the channels are stored.
SWL_INLINE_DOT void convolve_rows(
  const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer,
  const int32_t term_count, const int32_t quads, const bool is_rectified
) {
  const swl_window *window = &strip->window;
  const int32_t *table = strip->table;
  const swl_scales scales = swl_load_scales(
    requantizer, table, strip->lanes, swl_form_of_block(requantizer, strip->lanes, quads), quads);
  const ptrdiff_t step = strip->is_paired ? 16 : window->output_depth;
  const ptrdiff_t row_step = window->stride_height * strip->slot_bytes;
  int8x16_t w[12];
  if (term_count < 4) {
    SWL_UNROLL for (int32_t index = 0; index < 4 * term_count; index++) {
      w[index] = vld1q_s8(strip->weights + 16 * index);
    }
  }
  const int8_t *first = strip->slots;
  for (int32_t row = 0; row < row_count; row++, first += row_step) {
    int8_t *place = output;
    const int8_t *inputs[4];
    SWL_UNROLL for (int32_t term = 0; term < term_count; term++) {
      inputs[term] = first + strip->terms[term];
    }
    const int8_t *tetrad = first;
    for (int32_t left = strip->count; left > 0; left--, place += step) {
      int32x4_t sums[4];
      if (term_count > 0) {
        sum_tetrads(inputs, w, strip->weights, table + SWL_FOLDED_BIAS, sums, term_count);
      } else {
        SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
          sums[quad] = vld1q_s32(table + SWL_FOLDED_BIAS + 4 * quad);
        }
        const int8_t *weights = strip->weights;
        for (int32_t term = 0; term < strip->term_count; term++, weights += 64) {
          SWL_UNROLL for (int32_t quad = 0; quad < 4; quad++) {
            const int8x16_t x = vld1q_s8(tetrad + strip->terms[term] + 16 * quad);
            sums[quad] = vdotq_s32(sums[quad], vld1q_s8(weights + 16 * quad), x);
          }
        }
        tetrad += (ptrdiff_t)strip->stride * 64;
      }
      if (is_rectified) {
        swl_store_pixels_as(sums, quads, 1, &scales, place, 0, SWL_RECTIFIED);
      } else {
        swl_store_pixels(sums, quads, 1, &scales, place, 0);
      }
    }
    output += window->output_width * (ptrdiff_t)window->output_depth;
  }
}

typedef void (*rows_function)(
  const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer);

#define ROWS(name, count, quads, is_rectified)                                                    \
  SWL_NEONDOT static void rows_##name(                                                            \
    const strip *strip, int8_t *output, int32_t row_count, const swl_requantizer *requantizer     \
  ) {                                                                                             \
    convolve_rows(strip, output, row_count, requantizer, count, quads, is_rectified);             \
  }
ROWS(any, 0, 4, false) ROWS(half, 0, 2, false)
ROWS(1, 1, 4, false) ROWS(2, 2, 4, false) ROWS(3, 3, 4, false) ROWS(4, 4, 4, false)
ROWS(1_rectified, 1, 4, true) ROWS(2_rectified, 2, 4, true) ROWS(3_rectified, 3, 4, true)
ROWS(4_rectified, 4, 4, true)
#undef ROWS

static rows_function function_for(const strip *strip, const swl_requantizer *requantizer) {
  static const rows_function functions[2][4] = {
    {rows_1, rows_2, rows_3, rows_4},
    {rows_1_rectified, rows_2_rectified, rows_3_rectified, rows_4_rectified}};
  if (strip->lanes <= SWL_BLOCK / 2) return rows_half;
  if (strip->term_count > 4 || strip->stride != 1) return rows_any;
  const bool is_rectified = strip->lanes == SWL_BLOCK && requantizer->form == SWL_RECTIFIED;
  return functions[is_rectified][strip->term_count - 1];
}

// All rows of a strip: as many at once as have room, after turning what input rows they need.
SWL_NEONDOT static void convolve_strip(
  const strip *strip, const int8_t *image, int8_t *output, const swl_requantizer *requantizer,
  bool is_first
) {
  const swl_window *window = &strip->window;
  const int32_t span = (int32_t)row_span(window);
  const int32_t all_rows = (window->output_height - 1) * window->stride_height + span;
  int32_t most = window->output_height;
  if (all_rows * strip->slot_bytes > SWL_SCRATCH_BYTES) {
    const int32_t room = (int32_t)(SWL_SCRATCH_BYTES / strip->slot_bytes);
    most = (room - span) / window->stride_height + 1;
  }
  const rows_function convolve = function_for(strip, requantizer);
  // Rows leave the zero points around them alone, and fill the same places for all blocks.
  if (is_first) {
    swl_fill_bytes_neon(
      strip->columns, (int8_t)strip->call->activation.input_zero_point,
      swl_min(LARGEST_COLUMN_COUNT, all_rows * strip->row_columns) * strip->pitch);
  }
  output += (ptrdiff_t)strip->first * window->output_depth + strip->channel;
  int32_t loaded = 0;  // rows in front that are there from before
  for (int32_t y = 0; y < window->output_height; y += most) {
    const int32_t rows = swl_min(most, window->output_height - y);
    const int32_t needed = (rows - 1) * window->stride_height + span;
    const int32_t top = y * window->stride_height - window->padding_top;
    load_rows(
      strip, image, top + loaded, needed - loaded, strip->slots + loaded * strip->slot_bytes);
    convolve(strip, output, rows, requantizer);
    output += (ptrdiff_t)rows * window->output_width * window->output_depth;
    const int32_t done = rows * window->stride_height;
    loaded = swl_max(needed - done, 0);
    // The rows move to lower addresses, in order.
    swl_copy_bytes(
      strip->slots, strip->slots + done * strip->slot_bytes, loaded * strip->slot_bytes);
  }
}

// Tetrads of a row of `count` places.
SWL_INLINE int64_t tetrads_of(const strip *strip, int64_t count) {
  const swl_window *window = &strip->window;
  return (count - 1) * strip->stride + 1 + (int64_t)(strip->sets - 1) * 4 * window->dilation_width;
}

// Sets what depends on the number of places.
static void set_count(strip *strip, int32_t count) {
  strip->count = count;
  strip->tetrads = (int32_t)tetrads_of(strip, count);
  strip->row_columns = row_columns(strip);
  strip->slot_bytes = (ptrdiff_t)strip->row_columns / strip->step * 64;
}

// Sets the most places whose tetrads and columns fit into scratch memory; none if it returns false.
static bool set_largest_count(strip *strip) {
  const swl_window *window = &strip->window;
  if ((int64_t)window->kernel_height * strip->sets > LARGEST_TERM_COUNT) return false;
  if (window->dilation_width > LARGEST_COLUMN_COUNT / 4) return false;
  int32_t count = swl_min(window->output_width, LARGEST_COLUMN_COUNT);
  for (; count > 0; count--) {
    if (tetrads_of(strip, count) * strip->step > LARGEST_COLUMN_COUNT) continue;
    set_count(strip, count);
    if (strip->row_columns > LARGEST_COLUMN_COUNT) continue;
    if (row_span(window) * strip->slot_bytes <= SWL_SCRATCH_BYTES) return true;
  }
  return false;
}

// The channel table of a block whose second half is as its first.
static void double_table(const int32_t *table, int32_t *twice) {
  for (int32_t index = 0; index < SWL_TABLE_BLOCK; index++) {
    twice[index] = table[index / SWL_BLOCK * SWL_BLOCK + index % 8];
  }
}

SWL_NEONDOT static void turn_and_convolve(
  const swl_depthwise *call, const swl_requantizer *requantizer
) {
  // Whoever turns columns writes and reads a little more than there is.
  _Alignas(64) int8_t slots[SWL_SCRATCH_BYTES + 256];
  _Alignas(64) int8_t columns[LARGEST_COLUMN_COUNT * 16 + 256];
  _Alignas(64) int8_t weights[LARGEST_TERM_COUNT * 64 + 64];
  ptrdiff_t terms[LARGEST_TERM_COUNT];
  int32_t twice[SWL_TABLE_BLOCK];
  strip strip = {
    .call = call, .window = swl_lie_down(call->window), .slots = slots, .columns = columns,
    .weights = weights, .terms = terms, .pitch = 16};
  const swl_window *window = &strip.window;
  strip.sets = (window->kernel_width + 3) / 4;
  strip.term_count = window->kernel_height * strip.sets;
  strip.is_paired = window->output_depth == 8 && window->stride_width == 1 &&
    window->dilation_width == 1 && window->output_width % 2 == 0 && strip.sets == 1;
  // Wide windows need the tetrads of all columns, others only those where a window starts.
  strip.step = strip.is_paired ? 2 : strip.sets == 1 ? window->stride_width : 1;
  strip.stride = strip.sets == 1 ? 1 : window->stride_width;
  if (strip.is_paired) strip.pitch = 8;
  if (!set_largest_count(&strip)) {
    swl_depthwise__neon(call);
    return;
  }
  const int32_t columns_of_place = strip.is_paired ? 2 : 1;
  const int32_t places = window->output_width / columns_of_place;
  const int32_t largest = swl_min(strip.count, places);
  const ptrdiff_t image_bytes =
    (ptrdiff_t)window->input_height * window->input_width * window->input_depth;
  const ptrdiff_t output_bytes =
    (ptrdiff_t)window->output_height * window->output_width * window->output_depth;
  if (strip.is_paired) double_table(call->channels, twice);
  for (int32_t first = 0; first < places; first += largest) {
    strip.first = first * columns_of_place;
    set_count(&strip, swl_min(places - first, largest));
    for (int32_t row = 0, term = 0; row < window->kernel_height; row++) {
      for (int32_t set = 0; set < strip.sets; set++, term++) {
        terms[term] = row * window->dilation_height * strip.slot_bytes +
          (ptrdiff_t)set * 256 * window->dilation_width;
      }
    }
    for (int32_t channel = 0; channel < window->output_depth; channel += SWL_BLOCK) {
      strip.channel = channel;
      strip.lanes = strip.is_paired ? 16 : swl_min(window->output_depth - channel, SWL_BLOCK);
      strip.table =
        strip.is_paired ? twice : call->channels + channel / SWL_BLOCK * SWL_TABLE_BLOCK;
      turn_weights(&strip, weights);
      for (int32_t batch = 0; batch < window->batches; batch++) {
        convolve_strip(
          &strip, call->input + batch * image_bytes, call->output + batch * output_bytes,
          requantizer, channel == 0 && batch == 0);
      }
    }
  }
}

SWL_NEONDOT void swl_depthwise__neondot(const swl_depthwise *call) {
  const swl_requantizer requantizer =
    swl_requantizer_neon(call->channels, &call->derived, &call->activation);
  const slide_row row = slide_row_of(call);
  const line line = {call, swl_lie_down(call->window), &requantizer};
  if (can_slide(&call->window, &row, requantizer.form)) {
    slide_all(call, &row);
  } else if (can_take_line(&line.window)) {
    convolve_lines(&line);
  } else {
    turn_and_convolve(call, &requantizer);
  }
}

#endif
