// From an accumulator to an output byte, exactly as the reference does it.
//
// The reference rounds twice (numerics, equations 4 to 6). For a multiplier of significand m and
// shift s, with raise = max(s, 0), e = max(−s, 0) and a' = a × 2^raise:
//
//     v = floor((a' m + 2^30) / 2^31)                     to the nearest, ties upward
//     r = floor((v + 2^(e−1) − [v < 0]) / 2^e)            to the nearest, ties away from zero
//
// (r = v for e = 0.) Since floor((floor(x) + n) / d) = floor((x + n) / d) for integers n and d, the
// divisions can be joined. With u = floor(4 a' m / 2^32), the upper half of a 64-bit product,
//
//     r = floor((u + 1 + 2^e − 2 [a < 0]) / 2^(e+1))      for e > 0
//     r = floor((u + 1) / 2)                              for e = 0
//
// where [v < 0] may be replaced by [a < 0]: they differ only for v = 0, and then both are 0. The
// output zero point z moves into the sum as z × 2^(e+1). That is the short form: the products, and
// then 32-bit arithmetic only. It needs 4 a' in 32 bits and a sum that does not overflow, which
// `swl_derive` checks; whatever is outside takes the long form, in 64 bits.
#ifndef SWL_REQUANTIZE_H
#define SWL_REQUANTIZE_H

#include "internal.h"

enum {
  SWL_BLOCK = 16,        // output channels of a block
  SWL_TABLE_BLOCK = 64,  // elements of the channel table of a block
};

// The columns of a block of the channel table.
enum { SWL_FOLDED_BIAS = 0, SWL_SIGNIFICAND = 16, SWL_SHIFT = 32, SWL_WEIGHT_SUM = 48 };

// Packed weights: a block is `rows` rows of sixteen channels with `width` weights each.
typedef struct {
  const int8_t *weights;
  int64_t rows;
  int32_t width;
} swl_packed;

// Whether the accumulators and multipliers of all channels allow the short form: |a| 2^raise < 2^29,
// m ≥ 0 and e ≤ 21 (`is_narrow`); and whether, besides, e > 0 and |a| / 2^e < 2^15 − 256
// (`is_short`).
swl_derived swl_derive(const int32_t *channels, int32_t output_depth, const swl_packed *packed);

// The place of a channel in column 0 of the channel table.
SWL_INLINE int32_t swl_channel_place(int32_t channel) {
  return channel / SWL_BLOCK * SWL_TABLE_BLOCK + channel % SWL_BLOCK;
}

// value × significand × 2^(shift − 31), for every value and significand and shifts of −31 … 30.
SWL_INLINE int32_t swl_rescale(int32_t value, int32_t significand, int32_t shift) {
  const uint32_t raise = shift > 0 ? (uint32_t)shift : 0;
  const uint32_t exponent = shift > 0 ? 0 : (uint32_t)-shift;
  const int32_t raised = (int32_t)((uint32_t)value << raise);
  int64_t high = ((int64_t)raised * significand + (1ll << 30)) >> 31;
  if (high == 1ll << 31) high -= 1;
  if (exponent == 0) return (int32_t)high;
  return (int32_t)((high + (1ll << (exponent - 1)) - (high < 0)) >> exponent);
}

SWL_INLINE int8_t swl_clamp(int32_t value, int32_t minimum, int32_t maximum) {
  return (int8_t)swl_min(swl_max(value, minimum), maximum);
}

#endif
