// Sums as one linear form.
//
// A quantized sum is a function of two bytes: three rescalings with two roundings each, between them
// an addition. As real numbers it is linear, and almost always integers A, B, C and S exist with
//
//     sum(x, y) = clamp(floor((A x + B y + C) / 2^S))        for all 65,536 pairs of bytes
//
// A and B follow from the multipliers. Every pair then bounds C from one side or both, and any C
// within all bounds makes the two sides equal: nothing is left to rounding error.
#include "requantize.h"

// The factor from an operand to the output, times 2^shift, to the nearest integer.
static int64_t slope(const swl_pairing *pairing, swl_multiplier operand, int32_t shift) {
  const int64_t product = (int64_t)operand.significand * pairing->result.significand;
  const int32_t right = 62 - pairing->left_shift - operand.shift - pairing->result.shift - shift;
  if (right < 1 || right > 62) return 0;
  return (product + (1ll << (right - 1))) >> right;
}

// What every byte of the operands is worth at their common scale.
typedef struct {
  int32_t first[256], second[256];
} scaled_bytes;

static int32_t scaled(const swl_pairing *pairing, int32_t byte, int32_t zero_point,
                      swl_multiplier multiplier) {
  const uint32_t centered = (uint32_t)(byte - zero_point);
  return swl_rescale(
    (int32_t)(centered << pairing->left_shift), multiplier.significand, multiplier.shift);
}

// The sum of two bytes as the reference computes it.
static int32_t sum_of(const swl_pairing *pairing, int32_t first, int32_t second) {
  const uint32_t sum = pairing->is_difference ? (uint32_t)first - (uint32_t)second
                                              : (uint32_t)first + (uint32_t)second;
  const int32_t value =
    swl_rescale((int32_t)sum, pairing->result.significand, pairing->result.shift);
  return swl_clamp(value + pairing->output_zero_point, pairing->minimum, pairing->maximum);
}

// Finds C for given slopes; false where there is none.
static bool find_offset(
  const swl_pairing *pairing, const scaled_bytes *bytes, swl_linear *linear
) {
  int64_t least = INT64_MIN, most = INT64_MAX;
  for (int32_t x = -128; x < 128; x++) {
    for (int32_t y = -128; y < 128; y++) {
      const int32_t value = sum_of(pairing, bytes->first[x + 128], bytes->second[y + 128]);
      const int64_t sum = (int64_t)linear->first * x + (int64_t)linear->second * y;
      // value × 2^S ≤ sum + C < (value + 1) × 2^S, except beyond the clamp.
      const int64_t low = value * (1ll << linear->shift) - sum;
      const int64_t high = low + (1ll << linear->shift) - 1;
      if (value > pairing->minimum && low > least) least = low;
      if (value < pairing->maximum && high < most) most = high;
    }
  }
  if (least > most || least < -(1ll << 30) || most > 1ll << 30) return false;
  linear->offset = (int32_t)(least + (most - least) / 2);
  return true;
}

void swl_linearize_sum(swl_sum *call) {
  swl_pairing *pairing = &call->pairing;
  pairing->linear = (swl_linear){0};
  scaled_bytes bytes;
  for (int32_t byte = -128; byte < 128; byte++) {
    bytes.first[byte + 128] = scaled(pairing, byte, pairing->first_zero_point, pairing->first);
    bytes.second[byte + 128] = scaled(pairing, byte, pairing->second_zero_point, pairing->second);
  }
  // The finest slopes first: 23 bits in all, so that the sum stays below 2^31.
  for (int32_t shift = 22; shift >= 16; shift--) {
    const int64_t a = slope(pairing, pairing->first, shift);
    const int64_t b = slope(pairing, pairing->second, shift);
    if (a <= 0 || b <= 0 || a + b >= 1 << 23) continue;
    swl_linear linear = {
      .first = (int32_t)a, .second = (int32_t)(pairing->is_difference ? -b : b), .shift = shift};
    if (!find_offset(pairing, &bytes, &linear)) continue;
    pairing->linear = linear;
    return;
  }
}
