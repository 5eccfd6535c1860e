// usage: check [ROUNDS [SEED]]
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

enum { MAPPINGS = 64, KERNELS = 64 };

static uint64_t state;
static swl_isa isa;
static int64_t runs[KERNELS], refusals[KERNELS], mismatches;
static struct { void *start; size_t bytes; } mappings[MAPPINGS];
static int mapping_count;

int32_t any(int32_t low, int32_t high) {
  // Numerical Recipes' 64-bit generator; its high bits.
  state = state * 6364136223846793005u + 1442695040888963407u;
  return low + (int32_t)((state >> 33) % ((uint64_t)((int64_t)high - low) + 1));
}

void *guarded(int64_t byte_count, int64_t alignment) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t inner = ((size_t)byte_count + page - 1) / page * page;
  const size_t bytes = inner + 2 * page;
  char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED || mapping_count == MAPPINGS) abort();
  mprotect(start, page, PROT_NONE);
  mprotect(start + page + inner, page, PROT_NONE);
  mappings[mapping_count].start = start;
  mappings[mapping_count++].bytes = bytes;
  const size_t room = inner - (size_t)byte_count;
  return start + page + (any(0, 3) == 0 ? 0 : room / (size_t)alignment * (size_t)alignment);
}

int8_t *random_bytes(int64_t count) {
  int8_t *bytes = guarded(count, 1);
  const int32_t kind = any(0, 5);
  for (int64_t index = 0; index < count; index++) {
    // Extremes are where sums of products overflow first.
    bytes[index] = (int8_t)(kind == 0 ? -128 : kind == 1 ? any_of(-128, 127) : any(-128, 127));
  }
  return bytes;
}

void release_all(void) {
  while (mapping_count > 0) {
    mapping_count--;
    munmap(mappings[mapping_count].start, mappings[mapping_count].bytes);
  }
}

void compare(
  swl_operation operation, swl_call *call, prepare_function prepare, int8_t *output,
  const int8_t *expected, int64_t count, const char *description
) {
  for (int32_t index = 0; index < swl_kernel_count(); index++) {
    const swl_kernel *kernel = swl_kernel_at(index);
    if (kernel->operation != operation || (kernel->isa & ~isa) != 0) continue;
    if (!prepare(call, kernel->isa) || call->run != kernel->run) {
      refusals[index]++;
      continue;
    }
    memset(output, 0x55, (size_t)count);
    swl_run(call);
    runs[index]++;
    for (int64_t place = 0; place < count; place++) {
      if (output[place] == expected[place]) continue;
      if (mismatches++ < 10) {
        printf(
          "%s: %s: byte %lld is %d, not %d\n", kernel->name, description, (long long)place,
          output[place], expected[place]);
      }
      break;
    }
  }
}

int32_t reference_rescale(int32_t value, int32_t significand, int32_t shift) {
  const int32_t raised = (int32_t)((uint32_t)value << (shift > 0 ? shift : 0));
  const int exponent = shift > 0 ? 0 : -shift;
  int64_t high = ((int64_t)raised * significand + (1ll << 30)) >> 31;
  if (high > INT32_MAX) high = INT32_MAX;
  const int64_t magnitude = high < 0 ? -high : high;
  const int64_t rounded = exponent == 0 ? magnitude : (magnitude + (1ll << exponent >> 1)) >> exponent;
  return (int32_t)(high < 0 ? -rounded : rounded);
}

int8_t reference_output(
  int32_t sum, const int32_t *channels, int32_t channel, const swl_activation *activation
) {
  const int32_t *column = channels + swl_channel_place(channel);
  const int32_t scaled = reference_rescale(sum, column[SWL_SIGNIFICAND], column[SWL_SHIFT]);
  const int32_t value = (int32_t)((uint32_t)scaled + (uint32_t)activation->output_zero_point);
  return swl_clamp(value, activation->minimum, activation->maximum);
}

int32_t *random_channels(int32_t count, int64_t depth) {
  const int32_t blocks = (count + 15) / 16;
  int32_t *channels = guarded(blocks * 256, 4);
  memset(channels, 0, (size_t)blocks * 256);
  const int32_t kind = any(0, 5);
  int32_t log_depth = 0;
  while (1ll << log_depth < depth) log_depth++;
  for (int32_t channel = 0; channel < count; channel++) {
    int32_t *column = channels + swl_channel_place(channel);
    const bool is_wild = kind == 0;
    column[SWL_FOLDED_BIAS] = is_wild ? any(INT32_MIN, INT32_MAX) : any(-100000, 100000);
    column[SWL_SIGNIFICAND] = is_wild ? any(INT32_MIN, INT32_MAX) : any(1 << 30, INT32_MAX);
    if (is_wild && any(0, 9) == 0) column[SWL_SIGNIFICAND] = INT32_MIN;
    column[SWL_SHIFT] = is_wild     ? any(-31, 30)
                        : kind == 1 ? any(-3, 3)
                                    : any(-log_depth - 10, -log_depth / 2 - 1);
    // Powers of two make ties.
    if (kind == 2) column[SWL_SIGNIFICAND] = 1 << 30;
  }
  return channels;
}

swl_activation random_activation(void) {
  swl_activation activation = {
    .input_zero_point = any_of(-128, 127, 0, any(-128, 127)),
    .output_zero_point = any_of(-128, 127, 0, any(-128, 127)), .minimum = -128, .maximum = 127};
  if (any(0, 1)) {
    activation.minimum = any(-128, 127);
    activation.maximum = any(activation.minimum, 127);
  }
  return activation;
}

int main(int count, char **words) {
  const int32_t rounds = count > 1 ? atoi(words[1]) : 200;
  state = count > 2 ? strtoull(words[2], NULL, 10) : 1;
  isa = swl_detected_isa(getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
  for (int32_t round = 0; round < rounds; round++) {
    check_convolution();
    check_depthwise();
    check_fully_connected();
    check_elementwise();
    check_lookup();
    check_pools();
    check_mean();
  }
  for (int32_t index = 0; index < swl_kernel_count(); index++) {
    const swl_kernel *kernel = swl_kernel_at(index);
    if (kernel->isa & ~isa) {
      printf("%-32s SKIPPED: not on this processor\n", kernel->name);
    } else {
      printf(
        "%-32s %lld calls, %lld refused\n", kernel->name, (long long)runs[index],
        (long long)refusals[index]);
      if (runs[index] == 0) mismatches++;
    }
  }
  printf("%lld mismatches\n", (long long)mismatches);
  return mismatches == 0 ? 0 : 1;
}
