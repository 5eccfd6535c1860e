// What the checks of C kernels share.
//
// The kernels cannot be tested where they cannot run: this is a program of its own, in C alone, that
// is compiled for a board and run there or under an emulator. Every line of kernels.inc whose
// instruction sets the processor has is compared, byte for byte, with a plain loop written from the
// equations of docs/numerics.md, on random calls. Tensors lie between unmapped pages.
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>

#include "../../Sources/CKernels/internal.h"
#include "../../Sources/CKernels/requantize.h"

// A random number in `low … high`.
int32_t any(int32_t low, int32_t high);
// One of a list.
#define any_of(...) \
  (((const int32_t[]){__VA_ARGS__})[any(0, sizeof((int32_t[]){__VA_ARGS__}) / 4 - 1)])

// Fresh memory of so many bytes that ends at an unmapped page, or starts behind one, by turns;
// valid until `release_all`. `alignment` is that of the elements.
void *guarded(int64_t byte_count, int64_t alignment);
int8_t *random_bytes(int64_t count);
void release_all(void);

// Runs the call with every kernel of `operation`, each time prepared by `prepare` for that kernel
// alone, and compares `count` bytes of `output` with `expected`.
typedef bool (*prepare_function)(swl_call *call, swl_isa isa);
void compare(
  swl_operation operation, swl_call *call, prepare_function prepare, int8_t *output,
  const int8_t *expected, int64_t count, const char *description);

// Random channel table and the reference of the way from an accumulator to a byte.
int32_t *random_channels(int32_t count, int64_t depth);
int32_t reference_rescale(int32_t value, int32_t significand, int32_t shift);
int8_t reference_output(
  int32_t sum, const int32_t *channels, int32_t channel, const swl_activation *activation);
swl_activation random_activation(void);

void check_convolution(void);
void check_depthwise(void);
void check_fully_connected(void);
void check_elementwise(void);
void check_lookup(void);
void check_pools(void);
void check_mean(void);

#endif
