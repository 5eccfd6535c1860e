// Which calls the kernels of this module do, and what is derived from a call once.
#include "internal.h"
#include "requantize.h"

bool swl_prepare_convolution(swl_convolution *call, swl_isa isa) {
  call->header.run = NULL;
  const swl_window *window = &call->window;
  // Groups are rare, and channels of different groups share no inputs.
  if (window->group_depth != window->input_depth) return false;
  const int64_t taps = (int64_t)window->kernel_height * window->kernel_width;
  if (taps > SWL_LARGEST_WINDOW) return false;
  if (taps * window->input_depth > SWL_SCRATCH_BYTES / 2) return false;
  call->is_narrow =
    swl_is_narrow(call->channels, window->output_depth, taps * window->input_depth);
  return swl_choose(&call->header, SWL_OPERATION_convolution, isa);
}

bool swl_prepare_depthwise(swl_depthwise *call, swl_isa isa) {
  call->header.run = NULL;
  const swl_window *window = &call->window;
  const int64_t taps = (int64_t)window->kernel_height * window->kernel_width;
  if (window->depth_multiplier != 1 || taps > SWL_LARGEST_WINDOW) return false;
  call->is_narrow = swl_is_narrow(call->channels, window->output_depth, taps);
  return swl_choose(&call->header, SWL_OPERATION_depthwise, isa);
}

bool swl_prepare_fully_connected(swl_fully_connected *call, swl_isa isa) {
  call->is_narrow = swl_is_narrow(call->channels, call->output_depth, call->depth);
  return swl_choose(&call->header, SWL_OPERATION_fully_connected, isa);
}

bool swl_prepare_sum(swl_sum *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_sum, isa);
}

bool swl_prepare_product(swl_product *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_product, isa);
}

bool swl_prepare_lookup(swl_lookup *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_lookup, isa);
}

bool swl_prepare_average_pool(swl_average_pool *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_average_pool, isa);
}

bool swl_prepare_max_pool(swl_max_pool *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_max_pool, isa);
}

bool swl_prepare_mean(swl_mean *call, swl_isa isa) {
  return swl_choose(&call->header, SWL_OPERATION_mean, isa);
}
