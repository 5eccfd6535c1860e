// What the files of this module share: architectures, attributes, declarations of all kernels.
#ifndef SWL_INTERNAL_H
#define SWL_INTERNAL_H

#include <stddef.h>
#include <string.h>

#include "swl_kernels.h"

#if defined(__x86_64__)
#define SWL_X86 1
#elif defined(__aarch64__)
#define SWL_AARCH64 1
#elif defined(__arm__)
#define SWL_ARM32 1
#endif

// SwiftPM has no flags for a single file, so each function names the instructions it may use.
// A helper is inlined into its kernel, and so becomes code for the kernel's instruction set.
#define SWL_AVX2 __attribute__((target("avx2")))
#define SWL_AVX512VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define SWL_INLINE static inline __attribute__((always_inline))

#define SWL_KERNEL(operation, variant, isa) \
  void swl_##operation##__##variant(const swl_##operation *call);
#include "kernels.inc"

// What of `isa` kernels for a call may need, and what they want to know of its weights
// (prepare_neon.c).
swl_isa swl_isa_for_weights(
  swl_isa isa, const int8_t *weights, int64_t blocks, int64_t runs, int64_t groups,
  swl_derived *derived);
swl_isa swl_isa_for_products(swl_isa isa, int64_t pixels, int64_t groups, int64_t channels);
swl_isa swl_isa_for_depthwise(
  swl_isa isa, const swl_window *window, const int8_t *weights, swl_derived *derived);

// Parts of `swl_refine`: a linear form that equals a prepared sum for all pairs of bytes, and a check
// of all channels.
void swl_linearize_sum(swl_sum *call);
void swl_refine_convolution__avx512vnni(swl_convolution *call);

// Picks the kernel of a call (dispatch.c).
bool swl_choose(swl_call *call, swl_operation operation, swl_isa isa);

SWL_INLINE int32_t swl_min(int32_t a, int32_t b) {
  return a < b ? a : b;
}

SWL_INLINE int32_t swl_max(int32_t a, int32_t b) {
  return a > b ? a : b;
}

#endif
