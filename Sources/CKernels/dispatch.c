// The table made from the list of kernels, and the choice of a kernel for a call.
#include "internal.h"

// Kernels take the structure of their operation, the table holds functions of one type.
#define SWL_KERNEL(operation, variant, isa)                              \
  static void run_##operation##__##variant(const swl_call *call) {       \
    swl_##operation##__##variant((const swl_##operation *)call);         \
  }
#include "kernels.inc"

// The last entry ends the list, so that it has one on an architecture without kernels too.
static const swl_kernel kernels[] = {
#define SWL_KERNEL(operation, variant, isa)                                          \
  {SWL_OPERATION_##operation, SWL_VARIANT_##variant, (isa), run_##operation##__##variant, \
   #operation "__" #variant},
#include "kernels.inc"
  {0, SWL_VARIANT_portable, 0, NULL, ""},
};

int32_t swl_kernel_count(void) {
  return (int32_t)(sizeof kernels / sizeof kernels[0]) - 1;
}

const swl_kernel *swl_kernel_at(int32_t index) {
  return &kernels[index];
}

swl_variant swl_variant_of(const swl_call *call) {
  for (int32_t index = 0; index < swl_kernel_count(); index++) {
    if (kernels[index].run == call->run) return kernels[index].variant;
  }
  return SWL_VARIANT_portable;
}

const char *swl_variant_name(swl_variant variant) {
  switch (variant) {
    case SWL_VARIANT_portable: return "portable";
    case SWL_VARIANT_avx2: return "avx2";
    case SWL_VARIANT_avx512vnni: return "avx512vnni";
    case SWL_VARIANT_neon: return "neon";
    case SWL_VARIANT_neondot: return "neondot";
    case SWL_VARIANT_i8mm: return "i8mm";
  }
  return "";
}

swl_isa swl_variant_required_isa(swl_variant variant) {
  switch (variant) {
    case SWL_VARIANT_portable: return 0;
    case SWL_VARIANT_avx2: return SWL_ISA_AVX2;
    case SWL_VARIANT_avx512vnni: return SWL_ISA_AVX512VNNI;
    case SWL_VARIANT_neon: return SWL_ISA_NEON;
    case SWL_VARIANT_neondot: return SWL_ISA_NEONDOT;
    case SWL_VARIANT_i8mm: return SWL_ISA_I8MM;
  }
  return 0;
}

swl_isa swl_variant_allowed_isa(swl_variant variant) {
  switch (variant) {
    case SWL_VARIANT_portable: return 0;
    case SWL_VARIANT_avx2: return SWL_ISA_AVX2;
    case SWL_VARIANT_avx512vnni: return SWL_ISA_AVX2 | SWL_ISA_AVX512VNNI | SWL_ISA_AVX512VBMI;
    case SWL_VARIANT_neon: return SWL_ISA_NEON;
    case SWL_VARIANT_neondot: return SWL_ISA_NEON | SWL_ISA_NEONDOT;
    case SWL_VARIANT_i8mm: return SWL_ISA_NEON | SWL_ISA_NEONDOT | SWL_ISA_I8MM;
  }
  return 0;
}

bool swl_variant_is_built(swl_variant variant) {
  if (variant == SWL_VARIANT_portable) return true;
  for (int32_t index = 0; index < swl_kernel_count(); index++) {
    if (kernels[index].variant == variant) return true;
  }
  return false;
}

bool swl_choose(swl_call *call, swl_operation operation, swl_isa isa) {
  call->run = NULL;
  for (int32_t index = 0; index < swl_kernel_count() && call->run == NULL; index++) {
    const swl_kernel *kernel = &kernels[index];
    if (kernel->operation == operation && (kernel->isa & ~isa) == 0) call->run = kernel->run;
  }
  return call->run != NULL;
}

void swl_refine(swl_call *call) {
  const swl_kernel *kernel = NULL;
  for (int32_t index = 0; index < swl_kernel_count(); index++) {
    if (kernels[index].run == call->run) kernel = &kernels[index];
  }
  if (kernel == NULL) return;
  if (kernel->operation == SWL_OPERATION_sum) swl_linearize_sum((swl_sum *)call);
#if SWL_X86
  const bool is_convolution = kernel->operation == SWL_OPERATION_convolution ||
                              kernel->operation == SWL_OPERATION_depthwise;
  if (is_convolution && kernel->variant == SWL_VARIANT_avx512vnni) {
    swl_refine_convolution__avx512vnni((swl_convolution *)call);
  }
#endif
}
