// Which ARM kernels a call allows. On other architectures none of this has an effect.
#include "internal.h"
#include "rows.h"

// Kernels of SWL_ISA_NEON add two products of a byte and a weight in 16 bits: 2 × 128 × 128 is one
// too many for them. Weights of −128 are legal and all but unknown (quantization to int8 is
// symmetric), so that calls that have one are left to other kernels.
swl_isa swl_isa_for_weights(swl_isa isa, const int8_t *weights, int64_t count) {
  if (!(isa & SWL_ISA_NEON)) return isa;
  int8_t least = 0;
  for (int64_t index = 0; index < count; index++) {
    if (weights[index] < least) least = weights[index];
  }
  return least == -128 ? isa & ~(swl_isa)SWL_ISA_NEON : isa;
}

// Kernels for ARM copy whole rows of the input, and know one output channel an input channel.
swl_isa swl_isa_for_depthwise(swl_isa isa, const swl_window *window) {
  if (window->depth_multiplier == 1 && swl_convolution_strip(window) > 0) return isa;
  return isa & ~(swl_isa)(SWL_ISA_NEON | SWL_ISA_NEONDOT | SWL_ISA_I8MM);
}
