// Which instruction sets a CPU has.
#include "internal.h"

// AVX registers survive a task switch only where the operating system saves them: XCR0 bits 1 and 2
// for the 128 and 256-bit halves, 5 to 7 for masks and the 512-bit registers (Intel SDM volume 1,
// sections 13.3 and 14.3).
swl_isa swl_isa_of_cpuid(swl_cpuid_words words) {
  const uint32_t saves_ymm = 0x06, saves_zmm = 0xE6;
  const uint32_t avx = 1u << 28, fma = 1u << 12;                    // leaf 1, ECX
  const uint32_t avx2 = 1u << 5;                                    // leaf 7, EBX
  const uint32_t f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
  const uint32_t vnni = 1u << 11, vbmi = 1u << 1;                   // leaf 7, ECX

  swl_isa isa = 0;
  if ((words.xcr0 & saves_ymm) != saves_ymm) return isa;
  if ((words.leaf1_ecx & avx) && (words.leaf1_ecx & fma) && (words.leaf7_ebx & avx2)) {
    isa |= SWL_ISA_AVX2;
  }
  if ((words.xcr0 & saves_zmm) != saves_zmm) return isa;
  const uint32_t wanted = f | dq | bw | vl;
  if ((isa & SWL_ISA_AVX2) && (words.leaf7_ebx & wanted) == wanted && (words.leaf7_ecx & vnni)) {
    isa |= SWL_ISA_AVX512VNNI;
    if (words.leaf7_ecx & vbmi) isa |= SWL_ISA_AVX512VBMI;
  }
  return isa;
}

// Linux: arch/arm64/include/uapi/asm/hwcap.h.
swl_isa swl_isa_of_hwcap_aarch64(uint64_t hwcap, uint64_t hwcap2) {
  swl_isa isa = SWL_ISA_NEON;  // part of the architecture's baseline
  const uint64_t asimddp = 1ull << 20;
  const uint64_t i8mm = 1ull << 13;
  if (hwcap & asimddp) isa |= SWL_ISA_NEONDOT;
  if ((hwcap & asimddp) && (hwcap2 & i8mm)) isa |= SWL_ISA_I8MM;
  return isa;
}

// Linux: arch/arm/include/uapi/asm/hwcap.h. The words of a 64-bit CPU that runs a 32-bit program
// may have more bits; kernels of this architecture use NEON at most.
swl_isa swl_isa_of_hwcap_arm(uint64_t hwcap, uint64_t hwcap2) {
  (void)hwcap2;
  const uint64_t neon = 1ull << 12;
  return hwcap & neon ? SWL_ISA_NEON : 0;
}

#if SWL_X86

static void cpuid(uint32_t leaf, uint32_t words[4]) {
  __asm__("cpuid"
          : "=a"(words[0]), "=b"(words[1]), "=c"(words[2]), "=d"(words[3])
          : "a"(leaf), "c"(0));
}

swl_isa swl_detected_isa(uint64_t hwcap, uint64_t hwcap2) {
  (void)hwcap, (void)hwcap2;
  uint32_t leaf0[4], leaf1[4], leaf7[4];
  cpuid(0, leaf0);
  if (leaf0[0] < 7) return 0;
  cpuid(1, leaf1);
  cpuid(7, leaf7);
  const uint32_t osxsave = 1u << 27;
  uint32_t xcr0 = 0, high = 0;
  if (leaf1[2] & osxsave) __asm__ volatile("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  return swl_isa_of_cpuid((swl_cpuid_words){
    .leaf1_ecx = leaf1[2], .leaf7_ebx = leaf7[1], .leaf7_ecx = leaf7[2], .xcr0 = xcr0});
}

#elif SWL_AARCH64

swl_isa swl_detected_isa(uint64_t hwcap, uint64_t hwcap2) {
  return swl_isa_of_hwcap_aarch64(hwcap, hwcap2);
}

#elif SWL_ARM32

swl_isa swl_detected_isa(uint64_t hwcap, uint64_t hwcap2) {
  return swl_isa_of_hwcap_arm(hwcap, hwcap2);
}

#else

swl_isa swl_detected_isa(uint64_t hwcap, uint64_t hwcap2) {
  (void)hwcap, (void)hwcap2;
  return 0;
}

#endif
