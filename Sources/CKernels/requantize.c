// The checks behind the short forms of requantization.
#include "requantize.h"

// The sum of the magnitudes of a channel's weights.
static int64_t weight_of(const swl_packed *packed, int32_t channel) {
  const int64_t row = SWL_BLOCK * packed->width;
  const int8_t *weights = packed->weights + channel / SWL_BLOCK * packed->rows * row +
                          channel % SWL_BLOCK * packed->width;
  int64_t sum = 0;
  for (int64_t index = 0; index < packed->rows; index++, weights += row) {
    for (int32_t lane = 0; lane < packed->width; lane++) {
      sum += weights[lane] < 0 ? -weights[lane] : weights[lane];
    }
  }
  return sum;
}

swl_derived swl_derive(const int32_t *channels, int32_t output_depth, const swl_packed *packed) {
  swl_derived derived = {.is_narrow = true, .is_short = true};
  for (int32_t channel = 0; channel < output_depth; channel++) {
    const int32_t *column = channels + swl_channel_place(channel);
    const int64_t bias = column[SWL_FOLDED_BIAS];
    const int32_t shift = column[SWL_SHIFT];
    // An input has a magnitude of at most 128.
    const int64_t largest = (bias < 0 ? -bias : bias) + 128 * weight_of(packed, channel);
    const int32_t raise = swl_max(shift, 0);
    if (raise > 29 || largest >= 1ll << (29 - raise) || shift < -21 ||
        column[SWL_SIGNIFICAND] < 0) {
      return (swl_derived){0};
    }
    // An output is less than the accumulator divided, and the zero point has eight bits.
    if (shift >= 0 || largest >> -shift >= (1 << 15) - 256) derived.is_short = false;
  }
  return derived;
}
