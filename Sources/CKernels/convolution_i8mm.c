// Convolution with SMMLA.
#include "internal.h"

#if SWL_AARCH64

#include "neon.h"

#define SWL_TARGET SWL_I8MM
#define swl_copy_row(target, source, count) swl_copy_bytes((int8_t *)(target), source, count)
#define swl_fill_row(target, value, count) swl_fill_bytes_neon((int8_t *)(target), value, count)
#include "convolution_driver.h"

// A call and what all its rows need.
typedef struct {
  swl_convolution call;
  swl_requantizer requantizer;
} prepared;

SWL_TARGET static void swl_convolve(const swl_convolution *call, const swl_pixels *pixels) {
  swl_multiply_i8mm(&(swl_products){
    .input = (const int8_t *)pixels->input, .input_stride = pixels->input_stride,
    .run_offsets = pixels->run_offsets, .run_count = pixels->run_count, .groups = pixels->groups,
    .count = pixels->count, .output_depth = call->window.output_depth, .output = pixels->output,
    .weights = call->weights, .requantizer = &((const prepared *)call)->requantizer});
}

SWL_TARGET void swl_convolution__i8mm(const swl_convolution *call) {
  const prepared prepared = {
    *call, swl_requantizer_neon(call->channels, &call->derived, &call->activation)};
  swl_convolve_all(&prepared.call);
}

#endif
