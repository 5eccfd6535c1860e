// SMULL and SMLAL for depthwise_slide.h. Three products of a window column add up in 16 bits where
// the weights of that column are small enough, otherwise two.
#ifndef SWL_DEPTHWISE_SLIDE_NEON_H
#define SWL_DEPTHWISE_SLIDE_NEON_H

#include "depthwise_slide.h"

struct slide_channels {
  int8x8_t weights[9];  // window columns by window rows
  int32_t bias[16];     // rows of output by channels
  int32_t scales[16];   // significands, shifts
};

#define COLUMN_PREPARE                                          \
  "ld1 {v8.8b, v9.8b, v10.8b, v11.8b}, [%[weights]], #32\n"    \
  "ld1 {v12.8b, v13.8b, v14.8b, v15.8b}, [%[weights]], #32\n"  \
  "ldr d16, [%[weights]]\n"
#define COLUMN_OUTSIDE                                        \
  "ld1r {v17.8b}, [%[outside]]\n ld1r {v18.8b}, [%[outside]]\n" \
  "ld1r {v19.8b}, [%[outside]]\n ld1r {v20.8b}, [%[outside]]\n"
#define COLUMN_LOAD                                                               \
  "ld1 {v17.8b}, [%[row0]], %[step0]\n ld1 {v18.8b}, [%[row1]], %[step1]\n"     \
  "ld1 {v19.8b}, [%[row2]], %[step2]\n ld1 {v20.8b}, [%[row3]], %[step3]\n"
#define PRODUCTS(multiply, w, upper, lower)           \
  multiply " v21.8h, v" w ".8b, v" upper ".8b\n"     \
  multiply " v22.8h, v" w ".8b, v" lower ".8b\n"
#define WIDEN(a, b, c, d)                                                               \
  "saddw v" a ".4s, v" a ".4s, v21.4h\n saddw2 v" b ".4s, v" b ".4s, v21.8h\n"        \
  "saddw v" c ".4s, v" c ".4s, v22.4h\n saddw2 v" d ".4s, v" d ".4s, v22.8h\n"
#define BY_THREE(a, b, c, d, w0, w1, w2)                                            \
  PRODUCTS("smull", w0, "17", "18") PRODUCTS("smlal", w1, "18", "19")               \
  PRODUCTS("smlal", w2, "19", "20") WIDEN(a, b, c, d)
#define BY_TWO(a, b, c, d, w0, w1, w2)                                              \
  PRODUCTS("smull", w0, "17", "18") PRODUCTS("smlal", w1, "18", "19")               \
  WIDEN(a, b, c, d) PRODUCTS("smull", w2, "19", "20") WIDEN(a, b, c, d)

// One function for each set of window columns whose weights are small.
#define SMALL0_PREPARE COLUMN_PREPARE
#define SMALL0_OUTSIDE COLUMN_OUTSIDE
#define SMALL0_LOAD COLUMN_LOAD
#define SMALL0_FIRST(a, b, c, d) BY_TWO(a, b, c, d, "8", "9", "10")
#define SMALL0_SECOND(a, b, c, d) BY_TWO(a, b, c, d, "11", "12", "13")
#define SMALL0_LAST(a, b, c, d) BY_TWO(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_0, SMALL0)
#define SMALL1_PREPARE COLUMN_PREPARE
#define SMALL1_OUTSIDE COLUMN_OUTSIDE
#define SMALL1_LOAD COLUMN_LOAD
#define SMALL1_FIRST(a, b, c, d) BY_THREE(a, b, c, d, "8", "9", "10")
#define SMALL1_SECOND(a, b, c, d) BY_TWO(a, b, c, d, "11", "12", "13")
#define SMALL1_LAST(a, b, c, d) BY_TWO(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_1, SMALL1)
#define SMALL2_PREPARE COLUMN_PREPARE
#define SMALL2_OUTSIDE COLUMN_OUTSIDE
#define SMALL2_LOAD COLUMN_LOAD
#define SMALL2_FIRST(a, b, c, d) BY_TWO(a, b, c, d, "8", "9", "10")
#define SMALL2_SECOND(a, b, c, d) BY_THREE(a, b, c, d, "11", "12", "13")
#define SMALL2_LAST(a, b, c, d) BY_TWO(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_2, SMALL2)
#define SMALL3_PREPARE COLUMN_PREPARE
#define SMALL3_OUTSIDE COLUMN_OUTSIDE
#define SMALL3_LOAD COLUMN_LOAD
#define SMALL3_FIRST(a, b, c, d) BY_THREE(a, b, c, d, "8", "9", "10")
#define SMALL3_SECOND(a, b, c, d) BY_THREE(a, b, c, d, "11", "12", "13")
#define SMALL3_LAST(a, b, c, d) BY_TWO(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_3, SMALL3)
#define SMALL4_PREPARE COLUMN_PREPARE
#define SMALL4_OUTSIDE COLUMN_OUTSIDE
#define SMALL4_LOAD COLUMN_LOAD
#define SMALL4_FIRST(a, b, c, d) BY_TWO(a, b, c, d, "8", "9", "10")
#define SMALL4_SECOND(a, b, c, d) BY_TWO(a, b, c, d, "11", "12", "13")
#define SMALL4_LAST(a, b, c, d) BY_THREE(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_4, SMALL4)
#define SMALL5_PREPARE COLUMN_PREPARE
#define SMALL5_OUTSIDE COLUMN_OUTSIDE
#define SMALL5_LOAD COLUMN_LOAD
#define SMALL5_FIRST(a, b, c, d) BY_THREE(a, b, c, d, "8", "9", "10")
#define SMALL5_SECOND(a, b, c, d) BY_TWO(a, b, c, d, "11", "12", "13")
#define SMALL5_LAST(a, b, c, d) BY_THREE(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_5, SMALL5)
#define SMALL6_PREPARE COLUMN_PREPARE
#define SMALL6_OUTSIDE COLUMN_OUTSIDE
#define SMALL6_LOAD COLUMN_LOAD
#define SMALL6_FIRST(a, b, c, d) BY_TWO(a, b, c, d, "8", "9", "10")
#define SMALL6_SECOND(a, b, c, d) BY_THREE(a, b, c, d, "11", "12", "13")
#define SMALL6_LAST(a, b, c, d) BY_THREE(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_6, SMALL6)
#define SMALL7_PREPARE COLUMN_PREPARE
#define SMALL7_OUTSIDE COLUMN_OUTSIDE
#define SMALL7_LOAD COLUMN_LOAD
#define SMALL7_FIRST(a, b, c, d) BY_THREE(a, b, c, d, "8", "9", "10")
#define SMALL7_SECOND(a, b, c, d) BY_THREE(a, b, c, d, "11", "12", "13")
#define SMALL7_LAST(a, b, c, d) BY_THREE(a, b, c, d, "14", "15", "16")
SLIDE(slide_small_7, SMALL7)

// Windows that move by two: five rows, the last in v23.
#define FIVE_PREPARE COLUMN_PREPARE
#define FIVE_OUTSIDE COLUMN_OUTSIDE "ld1r {v23.8b}, [%[outside]]\n"
#define FIVE_LOAD COLUMN_LOAD "ld1 {v23.8b}, [%[row4]], %[step4]\n"
#define FIVE_BY_TWO(a, b, c, d, w0, w1, w2)                                         \
  PRODUCTS("smull", w0, "17", "19") PRODUCTS("smlal", w1, "18", "20")               \
  WIDEN(a, b, c, d) PRODUCTS("smull", w2, "19", "23") WIDEN(a, b, c, d)
#define FIVE_FIRST(a, b, c, d) FIVE_BY_TWO(a, b, c, d, "8", "9", "10")
#define FIVE_SECOND(a, b, c, d) FIVE_BY_TWO(a, b, c, d, "11", "12", "13")
#define FIVE_LAST(a, b, c, d) FIVE_BY_TWO(a, b, c, d, "14", "15", "16")
SLIDE_BY_TWO(slide_by_two, FIVE)

// By the set of columns: bit 0 is the first.
static const slide_function slides[8] = {
  slide_small_0, slide_small_1, slide_small_2, slide_small_3,
  slide_small_4, slide_small_5, slide_small_6, slide_small_7};

// Weights of −128 excepted: a lane's magnitudes must not exceed 255 in all, as 255 × 128 < 2^15.
SWL_NEON static slide_function load_slide_channels(
  const swl_depthwise *call, int32_t channel, slide_channels *channels
) {
  const int32_t half = channel % SWL_BLOCK;
  const int8_t *weights = call->weights + (ptrdiff_t)(channel - half) * 9 + half;
  int32_t small = 0;
  SWL_UNROLL for (int32_t column = 0; column < 3; column++) {
    uint16x8_t sum = vdupq_n_u16(0);
    SWL_UNROLL for (int32_t tap = 0; tap < 3; tap++) {
      const int8x8_t w = vld1_s8(weights + 16 * (3 * tap + column));
      channels->weights[3 * column + tap] = w;
      sum = vaddw_u8(sum, vreinterpret_u8_s8(vabs_s8(w)));
    }
    small |= (vmaxvq_u16(sum) <= 255) << column;
  }
  load_slide_table(call, channel, channels->bias, channels->scales);
  return call->window.stride_width == 1 ? slides[small] : slide_by_two;
}

#include "depthwise_slide_driver.h"

#endif
