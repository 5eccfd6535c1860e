// Times every kernel of the list that this processor can run, on calls of real models.
//
//   kernels SHAPES [NAME]     NAME: only calls and kernels whose names contain it
//
// Goals: compare the kernels of an operation, and a kernel with itself before a change. Prints the
// fastest of many runs with warm caches, multiply-accumulates a second and their share of the
// measured peak of the variant, and a hash of the output, which is the same for all kernels of an
// operation. Status 1 where hashes differ, or where SHAPES has no call that a kernel of the list
// accepts. Not a goal: the time of a model, whose layers share the caches (`swiftlet bench`).
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__linux__) && !defined(__x86_64__)
#include <sys/auxv.h>
#endif

#include "swl_kernels.h"

enum { RUNS = 2000, MINIMUM_NS = 1000, MAXIMUM_KERNELS = 64 };

// In the order of swl_operation.
static const char *const operations[] = {
  "convolution", "depthwise", "fully_connected", "sum", "product", "lookup", "average_pool",
  "max_pool", "mean"};

typedef struct {
  char name[64], operation[32];
  int32_t height, width, depth, output_height, output_width, channels;
  int32_t kernel_height, kernel_width, stride, padding_top, padding_left;
} shape;

// The memory of a call. Contents are arbitrary but the same for every kernel.
typedef struct {
  int8_t *input, *second, *output, *weights;
  int32_t *table;
  size_t output_size;
  double macs;
} memory;

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *arbitrary(size_t size, uint32_t seed) {
  int8_t *bytes = aligned_alloc(64, (size + 127) / 64 * 64);
  if (bytes == NULL) exit(71);
  for (size_t index = 0; index < size; index++) {
    seed = seed * 1664525u + 1013904223u;
    bytes[index] = (int8_t)(seed >> 24);
  }
  return bytes;
}

// Packed weights as in a file: what is past the last channel or input is zero.
static void make_weights(memory *m, const shape *s, bool is_depthwise) {
  const int32_t taps = s->kernel_height * s->kernel_width;
  const int32_t blocks = (s->channels + 15) / 16;
  const int32_t runs = is_depthwise ? taps : s->kernel_height;
  const int32_t run = is_depthwise ? 1 : s->kernel_width * s->depth;
  const int32_t width = is_depthwise ? 1 : 4;
  const int32_t groups = (run + width - 1) / width;
  m->weights = arbitrary((size_t)blocks * runs * groups * 16 * width, 7);
  m->table = arbitrary((size_t)blocks * 256, 8);
  for (int32_t channel = 0; channel < blocks * 16; channel++) {
    int32_t sum = 0;
    for (int32_t r = 0; r < runs; r++) {
      for (int32_t index = 0; index < groups * width; index++) {
        const int64_t group = ((int64_t)channel / 16 * runs + r) * groups + index / width;
        int8_t *weight = &m->weights[(group * 16 + channel % 16) * width + index % width];
        if (channel >= s->channels || index >= run) *weight = 0;
        sum += *weight;
      }
    }
    int32_t *column = m->table + channel / 16 * 64 + channel % 16;
    column[0] = channel < s->channels ? 100 : 0;
    column[16] = channel < s->channels ? (1 << 30) + 77777 * channel : 0;
    column[32] = -8 - channel % 3;
    column[48] = sum;
  }
  m->macs =
    (double)s->output_height * s->output_width * s->channels * taps * (is_depthwise ? 1 : s->depth);
}

static swl_window window_of(const shape *s) {
  return (swl_window){
    .batches = 1, .input_height = s->height, .input_width = s->width, .input_depth = s->depth,
    .output_height = s->output_height, .output_width = s->output_width,
    .output_depth = s->channels,
    .kernel_height = s->kernel_height, .kernel_width = s->kernel_width, .stride_height = s->stride,
    .stride_width = s->stride, .dilation_height = 1, .dilation_width = 1,
    .padding_top = s->padding_top, .padding_left = s->padding_left, .group_depth = s->depth,
    .depth_multiplier = s->channels / s->depth};
}

// False where no kernel of `isa` does the call.
static bool prepare(swl_any_call *call, memory *m, const shape *s, const swl_kernel *kernel) {
  const swl_operation operation = kernel->operation;
  const swl_isa isa = kernel->isa;
  const bool is_sum = operation == SWL_OPERATION_sum;
  const int32_t count = s->height * s->width * s->depth;
  const swl_window window = window_of(s);
  const swl_activation activation = {-128, -128, -128, 127};
  memset(call, 0, sizeof *call);
  m->input = arbitrary((size_t)count, 1);
  m->second = arbitrary((size_t)count, 2);
  m->output_size = (size_t)s->output_height * s->output_width * s->channels;
  m->output = arbitrary(m->output_size, 3);
  switch (operation) {
    case SWL_OPERATION_convolution:
    case SWL_OPERATION_depthwise:
      make_weights(m, s, operation == SWL_OPERATION_depthwise);
      call->convolution = (swl_convolution){
        .window = window, .activation = activation, .input = m->input, .weights = m->weights,
        .channels = m->table, .output = m->output};
      return operation == SWL_OPERATION_depthwise ? swl_prepare_depthwise(&call->convolution, isa)
                                                  : swl_prepare_convolution(&call->convolution, isa);
    case SWL_OPERATION_fully_connected:
      make_weights(m, s, false);
      call->fully_connected = (swl_fully_connected){
        .rows = 1, .depth = s->depth, .output_depth = s->channels, .activation = activation,
        .input = m->input, .weights = m->weights, .channels = m->table, .output = m->output};
      return swl_prepare_fully_connected(&call->fully_connected, isa);
    case SWL_OPERATION_sum:
    case SWL_OPERATION_product:
      call->elementwise = (swl_elementwise){
        .pairing = {
          .count = count, .first_zero_point = 3, .second_zero_point = -5,
          .output_zero_point = -128, .left_shift = is_sum ? 20 : 0, .first = {1 << 30, 0},
          .second = {1850000000, -1}, .result = {1400000000, is_sum ? -18 : -7}, .minimum = -128,
          .maximum = 127},
        .first = m->input, .second = m->second, .output = m->output};
      if (!is_sum) return swl_prepare_product(&call->elementwise, isa);
      return swl_prepare_sum(&call->elementwise, isa);
    case SWL_OPERATION_lookup:
      call->lookup = (swl_lookup){
        .count = count, .input = (uint8_t *)m->input, .table = arbitrary(256, 4),
        .output = (uint8_t *)m->output};
      return swl_prepare_lookup(&call->lookup, isa);
    case SWL_OPERATION_average_pool:
    case SWL_OPERATION_max_pool:
      call->pool = (swl_pool){
        .window = window, .activation = activation, .input = m->input, .output = m->output};
      return operation == SWL_OPERATION_max_pool ? swl_prepare_max_pool(&call->pool, isa)
                                                 : swl_prepare_average_pool(&call->pool, isa);
    case SWL_OPERATION_mean:
      call->mean = (swl_mean){
        .outer = 1, .count = s->height * s->width, .inner = s->depth, .input_zero_point = 3,
        .output_zero_point = -5, .multiplier = {1400000000, -6}, .input = m->input,
        .output = m->output};
      return swl_prepare_mean(&call->mean, isa);
  }
  return false;
}

// Multiply-accumulates a nanosecond that a variant could do at most; measured once.
static double peak_of(swl_variant variant) {
  static double peaks[SWL_VARIANT_COUNT];
  if (peaks[variant] > 0) return peaks[variant];
  const swl_peak peak = swl_peak_of(variant);
  const int32_t rounds = 4096;
  for (int32_t run = 0; run < 256; run++) {
    const uint64_t start = now_ns();
    peak.run(rounds);
    const double speed = (double)peak.macs * rounds / (double)(now_ns() - start);
    if (speed > peaks[variant]) peaks[variant] = speed;
  }
  return peaks[variant];
}

// The hash of the output; 0 where the kernel refuses the call.
static uint64_t measure(const swl_kernel *kernel, const shape *s) {
  swl_any_call call;
  memory m = {0};
  if (!prepare(&call, &m, s, kernel)) {
    printf("%-12s %-28s refused\n", s->name, kernel->name);
    return 0;
  }
  call.header.run = kernel->run;
  swl_refine(&call.header);
  double least = INFINITY;
  int32_t repeats = 1;
  for (int32_t run = 0; run < RUNS; run++) {
    const uint64_t start = now_ns();
    for (int32_t repeat = 0; repeat < repeats; repeat++) swl_run(&call.header);
    const double time = (double)(now_ns() - start) / repeats;
    // The clock itself takes as long as the shortest calls, so these are timed by the dozen.
    if (run == RUNS / 4 && least < MINIMUM_NS) repeats = (int32_t)(MINIMUM_NS / least) + 1;
    else if (time < least) least = time;
  }
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t index = 0; index < m.output_size; index++) {
    hash = (hash ^ (uint8_t)m.output[index]) * 0x100000001B3u;
  }
  printf("%-12s %-28s %9.3f us", s->name, kernel->name, least / 1000);
  if (m.macs > 0) {
    printf(" %8.1f %7.1f%%", m.macs / least, 100 * m.macs / least / peak_of(kernel->variant));
  } else {
    printf(" %17s", "");
  }
  printf("  %016llx\n", (unsigned long long)hash);
  return hash;
}

int main(int argc, char **argv) {
  FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
  if (file == NULL) {
    fprintf(stderr, "error: %s: cannot be read; give the file of shapes\n",
            argc > 1 ? argv[1] : "kernels");
    return 66;
  }
  const char *filter = argc > 2 ? argv[2] : "";
  uint64_t hwcap = 0, hwcap2 = 0;
#if defined(__linux__) && !defined(__x86_64__)
  hwcap = getauxval(AT_HWCAP), hwcap2 = getauxval(AT_HWCAP2);
#endif
  const swl_isa isa = swl_detected_isa(hwcap, hwcap2);
  printf("%-12s %-28s %12s %8s %8s  %s\n", "call", "kernel", "fastest", "GMAC/s", "of peak",
         "output");
  int32_t failures = 0;
  bool has_run[MAXIMUM_KERNELS] = {false};
  char line[256];
  while (fgets(line, sizeof line, file) != NULL) {
    shape s;
    const int32_t found = sscanf(
      line, "%63s %31s %d %d %d %d %d %d %d %d %d %d %d", s.name, s.operation, &s.height, &s.width,
      &s.depth, &s.output_height, &s.output_width, &s.channels, &s.kernel_height, &s.kernel_width,
      &s.stride, &s.padding_top, &s.padding_left);
    if (found != 13 || s.name[0] == '#') continue;
    uint64_t first_hash = 0;
    for (int32_t index = 0; index < swl_kernel_count(); index++) {
      const swl_kernel *kernel = swl_kernel_at(index);
      if (strcmp(operations[kernel->operation], s.operation) != 0) continue;
      if (strstr(s.name, filter) == NULL && strstr(kernel->name, filter) == NULL) continue;
      if ((kernel->isa & ~isa) == 0) {
        const uint64_t hash = measure(kernel, &s);
        if (hash != 0) has_run[index] = true;
        if (first_hash == 0) first_hash = hash;
        if (hash != 0 && hash != first_hash) {
          fprintf(stderr, "error: %s: %s writes other bytes\n", s.name, kernel->name);
          failures++;
        }
      } else {
        printf("%-12s %-28s SKIPPED: not on this processor\n", s.name, kernel->name);
      }
    }
  }
  fclose(file);
  for (int32_t index = 0; index < swl_kernel_count() && filter[0] == 0; index++) {
    const swl_kernel *kernel = swl_kernel_at(index);
    if ((kernel->isa & ~isa) != 0 || has_run[index]) continue;
    fprintf(stderr, "error: %s has no call in %s; add one\n", kernel->name, argv[1]);
    failures++;
  }
  return failures > 0;
}
