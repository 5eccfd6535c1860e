// Fully connected, element-wise operations, look-ups and means against plain loops.
#include <stdio.h>

#include "check.h"

static char description[160];

static bool prepare_fully_connected(swl_call *call, swl_isa isa) {
  return swl_prepare_fully_connected((swl_fully_connected *)call, isa);
}

void check_fully_connected(void) {
  swl_fully_connected call = {
    .rows = any(0, 1) ? 1 : any(1, 9), .depth = any(0, 20) == 0 ? any(8180, 8210) : any(1, 300),
    .output_depth = any(1, 70), .activation = random_activation()};
  const int32_t groups = (call.depth + 3) / 4;
  const int64_t weight_bytes = (int64_t)((call.output_depth + 15) / 16) * groups * 64;
  int8_t *weights = guarded(weight_bytes, 1);
  memset(weights, 0, (size_t)weight_bytes);
  snprintf(
    description, sizeof description, "%dx%d to %d", call.rows, call.depth, call.output_depth);
  const int32_t kind = any(0, 9);
#define PLACE(k, index) (((k) / 16 * groups + (index) / 4) * 64 + (k) % 16 * 4 + (index) % 4)
  for (int32_t k = 0; k < call.output_depth; k++)
    for (int32_t index = 0; index < call.depth; index++)
      weights[PLACE(k, index)] =
        (int8_t)(kind == 0 ? any_of(-128, 127) : kind == 1 ? any_of(-127, 127)
                 : kind < 5 ? any_of(-63 >> kind, 63 >> kind) : any(-127, 127));
  const int64_t count = (int64_t)call.rows * call.output_depth;
  int8_t *expected = guarded(count, 1);
  call.input = random_bytes((int64_t)call.rows * call.depth);
  call.weights = weights;
  call.channels = random_channels(call.output_depth, call.depth);
  for (int32_t row = 0; row < call.rows; row++) {
    for (int32_t k = 0; k < call.output_depth; k++) {
      uint32_t sum = (uint32_t)call.channels[swl_channel_place(k)];
      for (int32_t index = 0; index < call.depth; index++)
        sum += (uint32_t)(call.input[row * call.depth + index] * weights[PLACE(k, index)]);
      expected[row * call.output_depth + k] =
        reference_output((int32_t)sum, call.channels, k, &call.activation);
    }
  }
  call.output = guarded(count, 1);
  compare(
    SWL_OPERATION_fully_connected, &call.header, prepare_fully_connected, call.output, expected,
    count, description);
  release_all();
}

static swl_multiplier random_multiplier(bool is_wild, int32_t low, int32_t high) {
  if (is_wild) {
    return (swl_multiplier){any(0, 9) ? any(INT32_MIN, INT32_MAX) : INT32_MIN, any(-31, 30)};
  }
  return (swl_multiplier){any(0, 3) ? any(1 << 30, INT32_MAX) : 1 << 30, any(low, high)};
}

static bool is_linearized;

static bool prepare_sum(swl_call *call, swl_isa isa) {
  if (!swl_prepare_sum((swl_sum *)call, isa)) return false;
  if (is_linearized) swl_refine(call);
  return true;
}

static bool prepare_product(swl_call *call, swl_isa isa) {
  return swl_prepare_product((swl_product *)call, isa);
}

void check_elementwise(void) {
  const swl_activation activation = random_activation();
  const bool is_wild = any(0, 4) == 0, is_sum = any(0, 1);
  swl_elementwise call = {.pairing = {
    .count = any(1, 200), .first_is_single = any(0, 7) == 0, .second_is_single = any(0, 7) == 0,
    .is_difference = is_sum && any(0, 3) == 0, .first_zero_point = any(-128, 127),
    .second_zero_point = any(-128, 127), .output_zero_point = activation.output_zero_point,
    .left_shift = is_wild ? any(0, 31) : 20, .first = random_multiplier(is_wild, -4, -1),
    .second = random_multiplier(is_wild, -4, -1),
    .result = random_multiplier(is_wild, is_sum ? -22 : -12, is_sum ? -16 : -4),
    .minimum = activation.minimum, .maximum = activation.maximum}};
  // The scale of sums is twice the greater of the operands', whose multiplier so is 1/2.
  const swl_multiplier half = {1 << 30, 0};
  if (is_sum && !is_wild && any(0, 4) > 0) {
    if (any(0, 1)) call.pairing.first = half; else call.pairing.second = half;
  }
  is_linearized = any(0, 1);
  const swl_pairing *p = &call.pairing;
  call.first = random_bytes(p->first_is_single ? 1 : p->count);
  call.second = random_bytes(p->second_is_single ? 1 : p->count);
  call.output = guarded(p->count, 1);
  int8_t *expected = guarded(p->count, 1);
  snprintf(
    description, sizeof description, "%d elements%s%s", p->count,
    p->first_is_single ? ", first single" : "", p->second_is_single ? ", second single" : "");
  for (int32_t index = 0; index < p->count; index++) {
    const int32_t a = call.first[p->first_is_single ? 0 : index] - p->first_zero_point;
    const int32_t b = call.second[p->second_is_single ? 0 : index] - p->second_zero_point;
    uint32_t value = (uint32_t)(a * b);
    if (is_sum) {
      const uint32_t left = (uint32_t)reference_rescale(
        (int32_t)((uint32_t)a << p->left_shift), p->first.significand, p->first.shift);
      const uint32_t right = (uint32_t)reference_rescale(
        (int32_t)((uint32_t)b << p->left_shift), p->second.significand, p->second.shift);
      value = p->is_difference ? left - right : left + right;
    }
    const int32_t scaled =
      reference_rescale((int32_t)value, p->result.significand, p->result.shift);
    expected[index] = swl_clamp(
      (int32_t)((uint32_t)scaled + (uint32_t)p->output_zero_point), p->minimum, p->maximum);
  }
  compare(
    is_sum ? SWL_OPERATION_sum : SWL_OPERATION_product, &call.header,
    is_sum ? prepare_sum : prepare_product, call.output, expected, p->count, description);
  release_all();
}

static bool prepare_lookup(swl_call *call, swl_isa isa) {
  return swl_prepare_lookup((swl_lookup *)call, isa);
}

void check_lookup(void) {
  swl_lookup call = {.count = any(1, 300)};
  call.input = (const uint8_t *)random_bytes(call.count);
  call.table = (const uint8_t *)random_bytes(256);
  call.output = guarded(call.count, 1);
  int8_t *expected = guarded(call.count, 1);
  for (int32_t index = 0; index < call.count; index++) {
    expected[index] = (int8_t)call.table[call.input[index]];
  }
  snprintf(description, sizeof description, "%d elements", call.count);
  compare(
    SWL_OPERATION_lookup, &call.header, prepare_lookup, (int8_t *)call.output, expected, call.count,
    description);
  release_all();
}

static bool prepare_mean(swl_call *call, swl_isa isa) {
  return swl_prepare_mean((swl_mean *)call, isa);
}

void check_mean(void) {
  const bool is_wild = any(0, 4) == 0;
  swl_mean call = {
    .outer = any(1, 3), .count = any(0, 9) ? any(1, 40) : any(200, 1000),
    .inner = any(0, 2) ? any(1, 70) : 1, .input_zero_point = any(-128, 127),
    .output_zero_point = any(-128, 127), .multiplier = random_multiplier(is_wild, -9, 0)};
  const int64_t outputs = (int64_t)call.outer * call.inner;
  call.input = random_bytes(outputs * call.count);
  call.output = guarded(outputs, 1);
  int8_t *expected = guarded(outputs, 1);
  for (int64_t place = 0; place < outputs; place++) {
    const int64_t outer = place / call.inner, inner = place % call.inner;
    int32_t sum = 0;
    for (int64_t index = 0; index < call.count; index++) {
      sum += call.input[(outer * call.count + index) * call.inner + inner];
    }
    const int32_t scaled = reference_rescale(
      sum - call.input_zero_point * call.count, call.multiplier.significand, call.multiplier.shift);
    expected[place] =
      swl_clamp((int32_t)((uint32_t)scaled + (uint32_t)call.output_zero_point), -128, 127);
  }
  snprintf(description, sizeof description, "%dx%dx%d", call.outer, call.count, call.inner);
  compare(
    SWL_OPERATION_mean, &call.header, prepare_mean, call.output, expected, outputs, description);
  release_all();
}
