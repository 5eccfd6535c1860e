// Which ARM kernels a call allows, and what they want to know of its weights. On other architectures
// none of this has an effect.
#include "internal.h"
#include "requantize.h"
#include "rows.h"

static bool has_least(const int8_t *weights, int64_t count) {
  int8_t least = 0;
  for (int64_t index = 0; index < count; index++) {
    if (weights[index] < least) least = weights[index];
  }
  return least == -128;
}

// Whether the products of every `span` neighbouring groups of a run add up in 16 bits, whatever the
// inputs: a lane's weights have magnitudes of at most 255 in all, and 255 × 128 < 2^15.
static bool is_light(const int8_t *block, int64_t runs, int64_t groups, int64_t span) {
  for (int64_t run = 0; run < runs; run++, block += groups * 64) {
    for (int64_t first = 0; first < groups; first += span) {
      uint32_t sums[64] = {0}, largest = 0;
      for (int64_t group = first; group < first + span; group++) {
        for (int32_t lane = 0; lane < 64; lane++) {
          const int32_t weight = block[group * 64 + lane];
          sums[lane] += (uint32_t)(weight < 0 ? -weight : weight);
        }
      }
      for (int32_t lane = 0; lane < 64; lane++) {
        if (sums[lane] > largest) largest = sums[lane];
      }
      if (largest > 255) return false;
    }
  }
  return true;
}

// Kernels of SWL_ISA_NEON add two products of a byte and a weight in 16 bits: 2 × 128 × 128 is one
// too many for them. Weights of −128 are legal and all but unknown (quantization to int8 is
// symmetric), so that calls that have one are left to other kernels.
swl_isa swl_isa_for_weights(
  swl_isa isa, const int8_t *weights, int64_t blocks, int64_t runs, int64_t groups,
  swl_derived *derived
) {
  if (!(isa & SWL_ISA_NEON) || (isa & SWL_ISA_NEONDOT)) return isa;
  const int64_t block_bytes = runs * groups * 64;
  if (has_least(weights, blocks * block_bytes)) return isa & ~(swl_isa)SWL_ISA_NEON;
  for (int64_t block = 0; block < blocks && block < 64; block++) {
    for (int32_t index = 0; index < 3 && groups % (4 << index) == 0; index++) {
      if (!is_light(weights + block * block_bytes, runs, groups, 4 << index)) break;
      derived->light_blocks[index] |= 1ull << block;
    }
  }
  return isa;
}

// Kernels of SWL_ISA_I8MM take two neighbouring pixels by eight inputs of a run by sixteen channels;
// where there are none, others do the same with less ado.
swl_isa swl_isa_for_products(swl_isa isa, int64_t pixels, int64_t groups, int64_t channels) {
  return pixels >= 2 && groups >= 2 && channels >= SWL_BLOCK ? isa : isa & ~(swl_isa)SWL_ISA_I8MM;
}

// Kernels for ARM copy whole rows of the input, and know one output channel an input channel.
swl_isa swl_isa_for_depthwise(
  swl_isa isa, const swl_window *window, const int8_t *weights, swl_derived *derived
) {
  if (!(isa & SWL_ISA_NEON)) return isa;
  const int64_t blocks = ((int64_t)window->output_depth + 15) / 16;
  derived->has_least_weight =
    has_least(weights, blocks * window->kernel_height * window->kernel_width * 16);
  if (window->depth_multiplier == 1 && swl_convolution_strip(window) > 0) return isa;
  return isa & ~(swl_isa)(SWL_ISA_NEON | SWL_ISA_NEONDOT | SWL_ISA_I8MM);
}
