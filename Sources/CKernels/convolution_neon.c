// Convolution with NEON before dot products.
#include "internal.h"

#if SWL_AARCH64 || SWL_ARM32

#include "neon.h"

#define SWL_TARGET SWL_NEON
#define swl_copy_row(target, source, count) swl_copy_bytes((int8_t *)(target), source, count)
#define swl_fill_row(target, value, count) swl_fill_bytes_neon((int8_t *)(target), value, count)
#define SWL_GATHERS 1
#include "convolution_driver.h"
#include "convolution_winograd_neon.h"

// A call and what all its rows need.
typedef struct {
  swl_convolution call;
  swl_requantizer requantizer;
} prepared;

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  swl_multiply_neon(&(swl_products){
    .input = (const int8_t *)pixels->input, .input_stride = pixels->input_stride,
    .run_offsets = pixels->run_offsets, .run_count = pixels->run_count, .groups = pixels->groups,
    .count = pixels->count, .output_depth = call->window.output_depth, .output = pixels->output,
    .weights = pixels->weights != NULL ? pixels->weights : call->weights,
    .requantizer = &((const prepared *)call)->requantizer});
}

// Each way has the stack for itself.
SWL_TARGET static __attribute__((noinline)) void convolve_as_it_is(const prepared *prepared) {
  swl_convolve_all(&prepared->call);
}

SWL_TARGET void swl_convolution__neon(const swl_convolution *call) {
  const prepared prepared = {
    *call, swl_requantizer_neon(call->channels, &call->derived, &call->activation)};
#if SWL_AARCH64
  if (can_transform(call)) {
    convolve_transformed(call, &prepared.requantizer);
    return;
  }
#endif
  convolve_as_it_is(&prepared);
}

#endif
