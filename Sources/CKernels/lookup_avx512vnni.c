// Table look-up, 64 bytes at a time: the table is four registers.
#include "internal.h"

#if SWL_X86
#include <immintrin.h>

#define SWL_AVX512VBMI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

SWL_AVX512VBMI void swl_lookup__avx512vnni(const swl_lookup *call) {
  const __m512i table0 = _mm512_loadu_si512(call->table);
  const __m512i table1 = _mm512_loadu_si512(call->table + 64);
  const __m512i table2 = _mm512_loadu_si512(call->table + 128);
  const __m512i table3 = _mm512_loadu_si512(call->table + 192);
  const uint8_t *input = call->input;
  uint8_t *output = call->output;
  for (int32_t left = call->count; left > 0; left -= 64, input += 64, output += 64) {
    const __mmask64 here = left >= 64 ? ~0ull : (1ull << left) - 1;
    const __m512i index = _mm512_maskz_loadu_epi8(here, input);
    // A permutation of two registers looks at the low seven bits of an index; the top one chooses.
    const __m512i low = _mm512_permutex2var_epi8(table0, index, table1);
    const __m512i high = _mm512_permutex2var_epi8(table2, index, table3);
    const __mmask64 is_high = _mm512_movepi8_mask(index);
    _mm512_mask_storeu_epi8(output, here, _mm512_mask_blend_epi8(is_high, low, high));
  }
}

#endif
