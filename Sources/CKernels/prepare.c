// Which calls the kernels of this module do, and what is derived from a call once.
#include "internal.h"
#include "requantize.h"
#include "rows.h"

bool swl_prepare_convolution(swl_convolution *call, swl_isa isa) {
  call->header.run = NULL;
  const swl_window *window = &call->window;
  // Groups are rare, and channels of different groups share no inputs.
  if (window->group_depth != window->input_depth) return false;
  const int64_t taps = (int64_t)window->kernel_height * window->kernel_width;
  if (taps > SWL_LARGEST_WINDOW) return false;
  if (swl_convolution_strip(window) == 0) return false;
  const bool is_row = window->dilation_width == 1;
  const int64_t run_length = (int64_t)(is_row ? window->kernel_width : 1) * window->input_depth;
  const int64_t runs = (int64_t)window->kernel_height * (is_row ? 1 : window->kernel_width);
  const int64_t blocks = ((int64_t)window->output_depth + SWL_BLOCK - 1) / SWL_BLOCK;
  const int64_t groups = (run_length + 3) / 4;
  call->derived = swl_derive(
    call->channels, window->output_depth,
    &(swl_packed){.weights = call->weights, .rows = runs * groups, .width = 4});
  isa = swl_isa_for_weights(isa, call->weights, blocks, runs, groups, &call->derived);
  // A window of one element goes over all pixels as one row (convolution_driver.h).
  const int64_t pixels = taps == 1 ? (int64_t)window->output_height * window->output_width
                                   : window->output_width;
  isa = swl_isa_for_products(isa, pixels, groups, window->output_depth);
  return swl_choose(&call->header, SWL_OPERATION_convolution, isa);
}

bool swl_prepare_depthwise(swl_depthwise *call, swl_isa isa) {
  call->header.run = NULL;
  const swl_window *window = &call->window;
  const int64_t taps = (int64_t)window->kernel_height * window->kernel_width;
  // A window of a single row or column is a column, whichever way it lies.
  const bool is_line = window->kernel_height == 1 || window->kernel_width == 1;
  const int64_t groups = is_line ? (taps + 3) / 4 : (window->kernel_height + 3) / 4;
  const int64_t columns = is_line ? 1 : window->kernel_width;
  if (taps > SWL_LARGEST_WINDOW || groups * columns > SWL_LARGEST_COLUMN_COUNT) return false;
  if (swl_max(window->stride_width, window->stride_height) > SWL_LARGEST_STRIDE) return false;
  const swl_window lying = swl_lie_down(*window);
  if (swl_depthwise_strip(&lying, 64, 2) == 0) return false;
  call->derived = swl_derive(
    call->channels, window->output_depth,
    &(swl_packed){.weights = call->weights, .rows = taps, .width = 1});
  isa = swl_isa_for_depthwise(isa, window, call->weights, &call->derived);
  return swl_choose(&call->header, SWL_OPERATION_depthwise, isa);
}

bool swl_prepare_fully_connected(swl_fully_connected *call, swl_isa isa) {
  const int64_t blocks = ((int64_t)call->output_depth + SWL_BLOCK - 1) / SWL_BLOCK;
  const int64_t groups = ((int64_t)call->depth + 3) / 4;
  call->derived = swl_derive(
    call->channels, call->output_depth,
    &(swl_packed){.weights = call->weights, .rows = groups, .width = 4});
  isa = swl_isa_for_weights(isa, call->weights, blocks, 1, groups, &call->derived);
  isa = swl_isa_for_products(isa, call->rows, groups, call->output_depth);
  return swl_choose(&call->header, SWL_OPERATION_fully_connected, isa);
}

// Whether the short requantization holds for values below 2^29.
static bool is_short(swl_multiplier multiplier) {
  return multiplier.significand >= 0 && multiplier.shift <= 0 && multiplier.shift >= -21;
}

bool swl_prepare_sum(swl_sum *call, swl_isa isa) {
  call->header.run = NULL;
  const swl_pairing *pairing = &call->pairing;
  // Centred operands have nine bits: raised by twenty, each is below 2^28 and their sum below 2^29.
  if (pairing->left_shift > 20 || !is_short(pairing->first) || !is_short(pairing->second) ||
      !is_short(pairing->result)) {
    return false;
  }
  return swl_choose(&call->header, SWL_OPERATION_sum, isa);
}

bool swl_prepare_product(swl_product *call, swl_isa isa) {
  call->header.run = NULL;
  // The product of two centred operands has 17 bits: a factor below 2^12 keeps it below 2^29.
  const swl_multiplier result = call->pairing.result;
  if (result.significand < 0 || result.shift > 12 || result.shift < -21) return false;
  return swl_choose(&call->header, SWL_OPERATION_product, isa);
}

bool swl_prepare_lookup(swl_lookup *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_lookup, isa);
}

bool swl_prepare_average_pool(swl_average_pool *call, swl_isa isa) {
  call->header.run = NULL;
  // Kernels divide by the number of elements with a product that is exact up to here:
  // 129 × 360² < 2^24.
  const swl_window *window = &call->window;
  if ((int64_t)window->kernel_height * window->kernel_width > 360) return false;
  return swl_choose(&call->header, SWL_OPERATION_average_pool, isa);
}

bool swl_prepare_max_pool(swl_max_pool *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_max_pool, isa);
}

bool swl_prepare_mean(swl_mean *call, swl_isa isa) {
  call->header.run = NULL;
  // Centred elements have nine bits: 2^20 of them add up to less than 2^29.
  if (call->count > 1 << 20 || !is_short(call->multiplier)) return false;
  return swl_choose(&call->header, SWL_OPERATION_mean, isa);
}
