// The check behind the short form of requantization.
#include "requantize.h"

bool swl_is_narrow(const int32_t *channels, int32_t output_depth, int64_t depth) {
  for (int32_t channel = 0; channel < output_depth; channel++) {
    const int32_t *column = channels + swl_channel_place(channel);
    const int64_t bias = column[SWL_FOLDED_BIAS];
    const int32_t shift = column[SWL_SHIFT];
    // Both factors of a product are at most 128.
    const int64_t largest = (bias < 0 ? -bias : bias) + depth * (128 * 128);
    const int32_t raise = swl_max(shift, 0);
    if (raise > 29 || largest >= 1ll << (29 - raise)) return false;
    if (shift < -21 || column[SWL_SIGNIFICAND] < 0) return false;
  }
  return true;
}
