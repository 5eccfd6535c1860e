// Depthwise convolution of signals: one row of pixels, or one column, and windows that lie along it
// and move by one. Four outputs at a time, sixteen or eight channels at a time, straight from the
// input. Included by a kernel file that has defined SWL_TARGET.
#ifndef SWL_DEPTHWISE_LINE_H
#define SWL_DEPTHWISE_LINE_H

#include "neon.h"
#include "rows.h"

enum { LINE_OUTPUTS = 4 };  // at once

// A signal and its window, along whichever axis they lie.
typedef struct {
  const swl_depthwise *call;
  swl_window window;  // turned to lie along the width
  const swl_requantizer *requantizer;
} line;

// A block of channels of a signal.
typedef struct {
  const int8_t *input, *weights;
  const int32_t *table;
  int8_t *output;
  int32_t lanes;
} line_block;

SWL_INLINE bool is_line(const swl_window *lying) {
  return lying->kernel_height == 1 && lying->input_height == 1 && lying->output_height == 1 &&
    lying->padding_top == 0 && lying->stride_width == 1 && lying->dilation_width == 1 &&
    lying->output_depth % 8 == 0;
}

// Sixteen channels of a pixel, or eight and zeros.
SWL_INLINE_NEON int8x16_t load_pixel(const int8_t *place, const int32_t quads) {
  return quads == 4 ? vld1q_s8(place) : vcombine_s8(vld1_s8(place), vdup_n_s8(0));
}

// Pixels `first` and on, `count` of them: in the input where they are all inside, otherwise copied
// with the zero point around them. `pitch` is the distance from one to the next.
SWL_INLINE_NEON const int8_t *line_pixels(
  const line *line, const int8_t *input, int32_t first, int32_t count, int8_t *copies,
  ptrdiff_t *pitch, const int32_t quads
) {
  const int32_t width = line->window.input_width;
  const ptrdiff_t depth = line->window.input_depth;
  *pitch = depth;
  if (first >= 0 && first + count <= width) return input + first * depth;
  const int8x16_t outside = vdupq_n_s8((int8_t)line->call->activation.input_zero_point);
  const int32_t start = swl_min(swl_max(-first, 0), count);
  const int32_t end = swl_max(swl_min(width - first, count), start);
  int8_t *target = copies;
  const int8_t *place = input + (first + start) * depth;
  for (int32_t left = start; left > 0; left--, target += 16) vst1q_s8(target, outside);
  for (int32_t left = end - start; left > 0; left--, target += 16, place += depth) {
    vst1q_s8(target, load_pixel(place, quads));
  }
  for (int32_t left = count - end; left > 0; left--, target += 16) vst1q_s8(target, outside);
  *pitch = 16;
  return copies;
}

// All outputs of a block. Defined by the file that includes this.
SWL_TARGET static void convolve_line(const line *line, const line_block *block);

SWL_TARGET static void convolve_lines(const line *line) {
  const swl_depthwise *call = line->call;
  const swl_window *window = &line->window;
  const int32_t depth = window->output_depth;
  const ptrdiff_t input_bytes = (ptrdiff_t)window->input_width * depth;
  const ptrdiff_t output_bytes = (ptrdiff_t)window->output_width * depth;
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t channel = 0; channel < depth; channel += SWL_BLOCK) {
      convolve_line(line, &(line_block){
        .input = call->input + batch * input_bytes + channel,
        .weights = call->weights + (ptrdiff_t)channel * window->kernel_width,
        .table = call->channels + swl_channel_place(channel),
        .output = call->output + batch * output_bytes + channel,
        .lanes = swl_min(depth - channel, SWL_BLOCK)});
    }
  }
}

#endif
