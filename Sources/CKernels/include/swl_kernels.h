// Fast int8 kernels and the choice among them.
//
// A kernel takes one structure that says everything about a call. The structure is prepared once
// (`swl_prepare_*`, which also picks the kernel) and run as often as the caller likes:
//
//     swl_lookup call = {.input = …, .table = …, .output = …, .count = 300};
//     if (swl_prepare_lookup(&call, swl_detected_isa(0, 0))) swl_run(&call.header);
//
// Promises of every kernel:
// - It writes the very bytes that the reference kernel of the Inference module writes.
// - It reads and writes nothing outside the tensors named in the call, not even a byte. No buffer
//   has to be aligned beyond its element type.
// - It calls nothing but memcpy and memset, and keeps no state: no allocation, no mutable globals. Scratch memory is on the stack, below
//   `SWL_STACK_BYTES`.
// - Output may be the same memory as an input where the structure says so, otherwise they are apart.
//
// What a kernel relies on (shapes that agree, parameters in range) is what the engine verifies when
// it is made; it is listed above each reference kernel. Tensors are dense and row-major, activations
// `[batch, height, width, depth]`. "Significand" and "shift" are the multiplier
// `significand × 2^(shift − 31)` with its two roundings (numerics, equations 4 to 6).
#ifndef SWL_KERNELS_H
#define SWL_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

// No pointer of this interface may be null, except `run` of a call.

enum { SWL_STACK_BYTES = 64 * 1024 };

// MARK: Instruction sets (cpu.c)

// A set of instruction set extensions.
typedef uint32_t swl_isa;

enum {
  SWL_ISA_AVX2 = 1 << 0,
  SWL_ISA_AVX512VNNI = 1 << 1,  // F, BW, DQ, VL and VNNI
  SWL_ISA_AVX512VBMI = 1 << 2,
  SWL_ISA_NEON = 1 << 8,
  SWL_ISA_NEONDOT = 1 << 9,  // SDOT and UDOT
  SWL_ISA_I8MM = 1 << 10,    // SMMLA, USMMLA and USDOT
};

// What this CPU has and its operating system keeps. On x86 the CPU is asked and the arguments are
// not used; on ARM they are the words AT_HWCAP and AT_HWCAP2 of the auxiliary vector (0 where
// unknown: then only what every CPU of the architecture has).
swl_isa swl_detected_isa(uint64_t hwcap, uint64_t hwcap2);

// The same as functions of what the CPU or the kernel says, for every architecture.
typedef struct {
  uint32_t leaf1_ecx;    // CPUID.1:ECX
  uint32_t leaf7_ebx;    // CPUID.(7,0):EBX
  uint32_t leaf7_ecx;    // CPUID.(7,0):ECX
  uint32_t xcr0;         // XGETBV(0), 0 where OSXSAVE is not set
} swl_cpuid_words;
swl_isa swl_isa_of_cpuid(swl_cpuid_words words);
swl_isa swl_isa_of_hwcap_aarch64(uint64_t hwcap, uint64_t hwcap2);
swl_isa swl_isa_of_hwcap_arm(uint64_t hwcap, uint64_t hwcap2);

// MARK: The list of kernels (kernels.inc, dispatch.c)

typedef enum {
  SWL_VARIANT_portable = 0,  // the reference kernels, which are not in this module
  SWL_VARIANT_avx2 = 1,
  SWL_VARIANT_avx512vnni = 2,
  SWL_VARIANT_neon = 3,
  SWL_VARIANT_neondot = 4,
  SWL_VARIANT_i8mm = 5,
} swl_variant;
enum { SWL_VARIANT_COUNT = 6 };

// "portable", "avx2" …
const char *swl_variant_name(swl_variant variant);
// The instruction sets a CPU must have to run a variant.
swl_isa swl_variant_required_isa(swl_variant variant);
// The instruction sets that kernels may use when the variant is forced: its own and the lesser ones
// of the same architecture. A CPU need not have all of them.
swl_isa swl_variant_allowed_isa(swl_variant variant);
// Whether this build has a kernel of the variant.
bool swl_variant_is_built(swl_variant variant);

typedef enum {
  SWL_OPERATION_convolution,
  SWL_OPERATION_depthwise,
  SWL_OPERATION_fully_connected,
  SWL_OPERATION_sum,
  SWL_OPERATION_product,
  SWL_OPERATION_lookup,
  SWL_OPERATION_average_pool,
  SWL_OPERATION_max_pool,
  SWL_OPERATION_mean,
} swl_operation;

// The first member of every call.
typedef struct swl_call {
  // The kernel, once the call is prepared; NULL where the reference kernel must run.
  void (*run)(const struct swl_call *call);
} swl_call;

static inline void swl_run(const swl_call *call) {
  call->run(call);
}

// One line of kernels.inc.
typedef struct {
  swl_operation operation;
  swl_variant variant;
  swl_isa isa;
  void (*run)(const swl_call *call);
  const char *name;  // "convolution__avx512vnni"
} swl_kernel;

int32_t swl_kernel_count(void);
const swl_kernel *swl_kernel_at(int32_t index);
// The variant of the kernel that a prepared call runs.
swl_variant swl_variant_of(const swl_call *call);

// A loop of what a variant's main kernels multiply with, to measure what the processor can do at
// most (peak.c).
typedef struct {
  int32_t macs;                 // multiply-accumulates of a round
  void (*run)(int32_t rounds);  // only on a CPU that has the instruction sets of the variant
} swl_peak;

// Zero MACs for a variant of another architecture.
swl_peak swl_peak_of(swl_variant variant);

// Each `swl_prepare_OPERATION` picks the first kernel of kernels.inc whose instruction sets are in
// `isa` and stores it in the call. False, and NULL in the call, where there is none or where the
// call needs what no kernel does; then the reference kernel must run.

// MARK: Windows

// Sizes of what slides a window over height and width.
typedef struct {
  int32_t batches;
  int32_t input_height, input_width, input_depth;
  int32_t output_height, output_width, output_depth;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t padding_top, padding_left;
  int32_t group_depth;       // convolution: input channels of one output channel
  int32_t depth_multiplier;  // depthwise: output channels of one input channel
} swl_window;

// Quantization of activations. Pools use the clamp only.
typedef struct {
  int32_t input_zero_point, output_zero_point;
  int32_t minimum, maximum;  // the clamp of the output
} swl_activation;

// What preparing a call finds out about its weights and multipliers.
typedef struct {
  bool is_narrow;  // the short requantization holds (requantize.h)
  bool is_short;   // and every shift is below zero, and outputs before the clamp have 16 bits
  // Requantization in single precision is exact (fused_avx512vnni.c); `swl_refine` finds out.
  bool is_fused;
  bool has_least_weight;  // −128 is among the weights
  // Bit b: the weights of block b are so small that the products of every 4, 8 and 16 groups of
  // inputs add up in 16 bits (prepare_neon.c).
  uint64_t light_blocks[3];
} swl_derived;

// Convolution, and depthwise convolution.
typedef struct {
  swl_call header;
  swl_window window;
  swl_activation activation;
  const int8_t *input;
  const int8_t *weights;    // packed: ConvolutionWeightLayout, DepthwiseWeightLayout
  const int32_t *channels;  // ChannelTableLayout
  int8_t *output;
  swl_derived derived;
} swl_convolution;

typedef swl_convolution swl_depthwise;

bool swl_prepare_convolution(swl_convolution *call, swl_isa isa);
bool swl_prepare_depthwise(swl_depthwise *call, swl_isa isa);

// Average and maximum over a window.
typedef struct {
  swl_call header;
  swl_window window;
  swl_activation activation;
  const int8_t *input;
  int8_t *output;
} swl_pool;

typedef swl_pool swl_average_pool;
typedef swl_pool swl_max_pool;

bool swl_prepare_average_pool(swl_average_pool *call, swl_isa isa);
bool swl_prepare_max_pool(swl_max_pool *call, swl_isa isa);

// MARK: Fully connected

typedef struct {
  swl_call header;
  int32_t rows, depth, output_depth;
  swl_activation activation;
  const int8_t *input;      // [rows, depth]
  const int8_t *weights;    // packed: ConvolutionWeightLayout
  const int32_t *channels;  // ChannelTableLayout
  int8_t *output;           // [rows, output_depth]
  swl_derived derived;
} swl_fully_connected;

bool swl_prepare_fully_connected(swl_fully_connected *call, swl_isa isa);

// MARK: Element by element

typedef struct {
  int32_t significand, shift;
} swl_multiplier;

// first × x + second × y + offset, shifted right, with |first| + |second| < 2^23 and |offset| ≤
// 2^30; `shift` 0 means none is known.
typedef struct {
  int32_t first, second, offset, shift;
} swl_linear;

// How two operands become one output.
typedef struct {
  int32_t count;                           // elements of the output
  bool first_is_single, second_is_single;  // one element, repeated
  bool is_difference;                      // first − second; sums only
  int32_t first_zero_point, second_zero_point, output_zero_point;
  int32_t left_shift;                      // sums only
  swl_multiplier first, second;            // sums only
  swl_multiplier result;
  int32_t minimum, maximum;
  swl_linear linear;  // derived: a sum before its clamp (linear_sum.c)
} swl_pairing;

// Sum, difference and product of two tensors of one shape, or of a tensor and a single element.
// The output may be either input of its size.
typedef struct {
  swl_call header;
  swl_pairing pairing;
  const int8_t *first, *second;
  int8_t *output;
} swl_elementwise;

typedef swl_elementwise swl_sum;
typedef swl_elementwise swl_product;

bool swl_prepare_sum(swl_sum *call, swl_isa isa);
bool swl_prepare_product(swl_product *call, swl_isa isa);

// A table look-up for every byte. The output may be the input.
typedef struct {
  swl_call header;
  int32_t count;
  const uint8_t *input;
  const uint8_t *table;  // 256 bytes, by the unsigned value of the element
  uint8_t *output;
} swl_lookup;

bool swl_prepare_lookup(swl_lookup *call, swl_isa isa);

// MARK: Mean

// Mean over the middle axis of `[outer, count, inner]`.
typedef struct {
  swl_call header;
  int32_t outer, count, inner;
  int32_t input_zero_point, output_zero_point;
  swl_multiplier multiplier;
  const int8_t *input;
  int8_t *output;  // [outer, inner]
} swl_mean;

bool swl_prepare_mean(swl_mean *call, swl_isa isa);

// A call of any kind.
typedef union {
  swl_call header;
  swl_convolution convolution;
  swl_fully_connected fully_connected;
  swl_elementwise elementwise;
  swl_lookup lookup;
  swl_pool pool;
  swl_mean mean;
} swl_any_call;

// Looks for a shorter way to the same bytes, which takes longer than some runs and is worth it for a
// call that runs often: the linear form of a sum (linear_sum.c), requantization of a convolution in
// single precision (fused_avx512vnni.c). The call must be prepared.
void swl_refine(swl_call *call);

#endif
