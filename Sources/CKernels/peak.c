// The most multiply-accumulates an instruction set can do: loops of the instructions that the main
// kernels are made of, on independent registers, without loads.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32
#include "neon.h"
#endif

#define REPEAT_8(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
#define REPEAT_16(f) REPEAT_8(f) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15)

// The compiler must neither move the product, as if its operands never changed, nor vectorize it.
#define PRODUCT(sum) \
  sum += input * weight; \
  __asm__ volatile("" : "+r"(sum), "+r"(input));

static void run_portable(int32_t rounds) {
  uint32_t input = 3, weight = 5, a = 0, b = 0, c = 0, d = 0;
  for (int32_t round = 0; round < rounds; round++) {
    PRODUCT(a) PRODUCT(b) PRODUCT(c) PRODUCT(d)
    PRODUCT(a) PRODUCT(b) PRODUCT(c) PRODUCT(d)
  }
}

#if SWL_X86
#define VPDPBUSD(n) "vpdpbusd %%zmm16, %%zmm17, %%zmm" #n "\n"
// There is no multiply-accumulate of bytes: products of 16 bits, and an addition each.
#define VPMADDWD(n) \
  "vpmaddwd %%ymm14, %%ymm15, %%ymm13\n" \
  "vpaddd %%ymm13, %%ymm" #n ", %%ymm" #n "\n"

SWL_AVX512VNNI static void run_avx512vnni(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile(REPEAT_16(VPDPBUSD) : : : "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5",
      "zmm6", "zmm7", "zmm8", "zmm9", "zmm10", "zmm11", "zmm12", "zmm13", "zmm14", "zmm15");
  }
}

SWL_AVX2 static void run_avx2(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile(REPEAT_8(VPMADDWD) : : : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5",
      "ymm6", "ymm7", "ymm13");
  }
}
#endif

#if SWL_AARCH64
#define SMMLA(n) "smmla v" #n ".4s, v30.16b, v31.16b\n"
#define SDOT(n) "sdot v" #n ".4s, v30.16b, v31.16b\n"
#define SMLAL(n) "smlal v" #n ".8h, v30.8b, v31.8b\n"
#define SUMS \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", \
  "v15"

__attribute__((target("i8mm"))) static void run_i8mm(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) __asm__ volatile(REPEAT_16(SMMLA) : : : SUMS);
}

SWL_NEONDOT static void run_neondot(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) __asm__ volatile(REPEAT_16(SDOT) : : : SUMS);
}

SWL_NEON static void run_neon(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) __asm__ volatile(REPEAT_16(SMLAL) : : : SUMS);
}
#endif

#if SWL_ARM32
#define VMLAL(n) "vmlal.s8 q" #n ", d30, d31\n"

SWL_NEON static void run_neon(int32_t rounds) {
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile(REPEAT_8(VMLAL) : : : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7");
  }
}
#endif

swl_peak swl_peak_of(swl_variant variant) {
  switch (variant) {
    case SWL_VARIANT_portable: return (swl_peak){.macs = 8, .run = run_portable};
#if SWL_X86
    case SWL_VARIANT_avx512vnni: return (swl_peak){.macs = 16 * 64, .run = run_avx512vnni};
    case SWL_VARIANT_avx2: return (swl_peak){.macs = 8 * 16, .run = run_avx2};
#endif
#if SWL_AARCH64
    case SWL_VARIANT_i8mm: return (swl_peak){.macs = 16 * 32, .run = run_i8mm};
    case SWL_VARIANT_neondot: return (swl_peak){.macs = 16 * 16, .run = run_neondot};
    case SWL_VARIANT_neon: return (swl_peak){.macs = 16 * 8, .run = run_neon};
#endif
#if SWL_ARM32
    case SWL_VARIANT_neon: return (swl_peak){.macs = 8 * 8, .run = run_neon};
#endif
    default: return (swl_peak){.macs = 0, .run = NULL};
  }
}
