// SDOT for depthwise_slide.h: its four neighbours are the inputs of one column in four rows, zipped
// as they come. The weights of a window column are in the first three bytes for the upper row of
// output and in the last three for the lower, so that both take the same inputs.
#ifndef SWL_DEPTHWISE_SLIDE_NEONDOT_H
#define SWL_DEPTHWISE_SLIDE_NEONDOT_H

#include "depthwise_slide.h"

struct slide_channels {
  int8x16_t weights[12];  // window columns by rows of output by halves
  int32_t bias[16];       // rows of output by channels
  int32_t scales[16];     // significands, shifts
};

#define DOT_PREPARE                                                \
  "ld1 {v8.16b, v9.16b, v10.16b, v11.16b}, [%[weights]], #64\n"   \
  "ld1 {v12.16b, v13.16b, v14.16b, v15.16b}, [%[weights]], #64\n" \
  "ld1 {v16.16b, v17.16b, v18.16b, v19.16b}, [%[weights]]\n"
#define DOT_OUTSIDE "ld1r {v22.16b}, [%[outside]]\n mov v23.16b, v22.16b\n"
#define DOT_LOAD                                                       \
  "ld1 {v20.8b}, [%[row0]], %[step0]\n"                               \
  "ld1 {v22.8b}, [%[row1]], %[step1]\n"                               \
  "ld1 {v21.8b}, [%[row2]], %[step2]\n"                               \
  "ld1 {v23.8b}, [%[row3]], %[step3]\n"                               \
  "zip1 v20.16b, v20.16b, v22.16b\n zip1 v21.16b, v21.16b, v23.16b\n" \
  "zip1 v22.8h, v20.8h, v21.8h\n zip2 v23.8h, v20.8h, v21.8h\n"
// Five rows: to v22 and v23, and the lower three to v4 and v5.
#define FIVE_LOAD                                                      \
  "ld1 {v20.8b}, [%[row0]], %[step0]\n"                               \
  "ld1 {v22.8b}, [%[row1]], %[step1]\n"                               \
  "ld1 {v21.8b}, [%[row2]], %[step2]\n"                               \
  "ld1 {v23.8b}, [%[row3]], %[step3]\n"                               \
  "ld1 {v4.8b}, [%[row4]], %[step4]\n"                                \
  "zip1 v20.16b, v20.16b, v22.16b\n zip1 v21.16b, v21.16b, v23.16b\n" \
  "zip1 v5.16b, v4.16b, v4.16b\n"                                     \
  "zip1 v22.8h, v20.8h, v21.8h\n zip2 v23.8h, v20.8h, v21.8h\n"      \
  "zip1 v4.8h, v21.8h, v5.8h\n zip2 v5.8h, v21.8h, v5.8h\n"
#define DOTS(a, b, c, d, w0, w1, w2, w3)                                            \
  "sdot v" a ".4s, v" w0 ".16b, v22.16b\n sdot v" b ".4s, v" w1 ".16b, v23.16b\n" \
  "sdot v" c ".4s, v" w2 ".16b, v22.16b\n sdot v" d ".4s, v" w3 ".16b, v23.16b\n"
#define DOT_FIRST(a, b, c, d) DOTS(a, b, c, d, "8", "9", "10", "11")
#define DOT_SECOND(a, b, c, d) DOTS(a, b, c, d, "12", "13", "14", "15")
#define DOT_LAST(a, b, c, d) DOTS(a, b, c, d, "16", "17", "18", "19")
SLIDE(slide_by_one, DOT)

// Of windows that move by two, both rows of output have their weights in the first three bytes.
#define FIVE_PREPARE DOT_PREPARE
#define FIVE_OUTSIDE                                                   \
  DOT_OUTSIDE "ld1r {v4.16b}, [%[outside]]\n ld1r {v5.16b}, [%[outside]]\n"
#define FIVE_DOTS(a, b, c, d, w0, w1)                                               \
  "sdot v" a ".4s, v" w0 ".16b, v22.16b\n sdot v" b ".4s, v" w1 ".16b, v23.16b\n" \
  "sdot v" c ".4s, v" w0 ".16b, v4.16b\n sdot v" d ".4s, v" w1 ".16b, v5.16b\n"
#define FIVE_FIRST(a, b, c, d) FIVE_DOTS(a, b, c, d, "8", "9")
#define FIVE_SECOND(a, b, c, d) FIVE_DOTS(a, b, c, d, "12", "13")
#define FIVE_LAST(a, b, c, d) FIVE_DOTS(a, b, c, d, "16", "17")
SLIDE_BY_TWO(slide_by_two, FIVE)

SWL_NEONDOT static slide_function load_slide_channels(
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
      vreinterpretq_s16_s8(vzip1q_s8(taps[0], taps[1])),
      vreinterpretq_s16_s8(vzip1q_s8(taps[2], none))};
    const int16x8_t lower[2] = {
      vreinterpretq_s16_s8(vzip1q_s8(none, taps[0])),
      vreinterpretq_s16_s8(vzip1q_s8(taps[1], taps[2]))};
    int8x16_t *target = channels->weights + 4 * column;
    target[0] = vreinterpretq_s8_s16(vzip1q_s16(upper[0], upper[1]));
    target[1] = vreinterpretq_s8_s16(vzip2q_s16(upper[0], upper[1]));
    target[2] = vreinterpretq_s8_s16(vzip1q_s16(lower[0], lower[1]));
    target[3] = vreinterpretq_s8_s16(vzip2q_s16(lower[0], lower[1]));
  }
  load_slide_table(call, channel, channels->bias, channels->scales);
  return call->window.stride_width == 1 ? slide_by_one : slide_by_two;
}

#include "depthwise_slide_driver.h"

#endif
