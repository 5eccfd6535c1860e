// Table look-up: TBL takes 64 bytes of a table, so four of them cover it, each with the index moved
// to its part. TBX leaves a lane as it is where the index is out of range.
#include "internal.h"

#if SWL_AARCH64

#include "neon.h"

SWL_INLINE_NEON uint8x16_t look_up(const uint8x16x4_t table[4], uint8x16_t index) {
  const uint8x16_t part = vdupq_n_u8(64);
  uint8x16_t result = vqtbl4q_u8(table[0], index);
  SWL_UNROLL for (int32_t quarter = 1; quarter < 4; quarter++) {
    index = vsubq_u8(index, part);
    result = vqtbx4q_u8(result, table[quarter], index);
  }
  return result;
}

SWL_NEON void swl_lookup__neon(const swl_lookup *call) {
  uint8x16x4_t table[4];
  SWL_UNROLL for (int32_t quarter = 0; quarter < 4; quarter++) {
    table[quarter] = vld1q_u8_x4(call->table + 64 * quarter);
  }
  const uint8_t *input = call->input;
  uint8_t *output = call->output;
  int32_t left = call->count;
  for (; left >= 16; left -= 16, input += 16, output += 16) {
    vst1q_u8(output, look_up(table, vld1q_u8(input)));
  }
  for (int32_t index = 0; index < left; index++) output[index] = call->table[input[index]];
}

#endif
