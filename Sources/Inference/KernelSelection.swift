import CKernels

/// The families of kernels: the portable reference and what specializes it for a CPU.
///
/// All write the same bytes.
public enum KernelVariant: UInt8, Sendable {
  /// The reference kernels, for every CPU.
  case portable = 0
  /// x86-64 with AVX2.
  case avx2 = 1
  /// x86-64 with AVX-512 (F, BW, DQ, VL) and its int8 dot products.
  case avx512vnni = 2
  /// ARMv7 or AArch64 with Advanced SIMD.
  case neon = 3
  /// AArch64 with SDOT and UDOT (Cortex-A55, A75, A76 and newer).
  case neondot = 4
  /// AArch64 with int8 matrix multiplication.
  case i8mm = 5

  /// The name used in documentation, messages and JSON.
  public var name: StaticString {
    switch self {
    case .portable: "portable"
    case .avx2: "avx2"
    case .avx512vnni: "avx512vnni"
    case .neon: "neon"
    case .neondot: "neondot"
    case .i8mm: "i8mm"
    }
  }

  /// Whether this program has kernels of the variant.
  public var isBuilt: Bool { swl_variant_is_built(c) }

  var c: swl_variant { swl_variant(rawValue: UInt32(rawValue)) }

  init(_ variant: swl_variant) {
    self = KernelVariant(rawValue: UInt8(truncatingIfNeeded: variant.rawValue)) ?? .portable
  }
}

/// The kernels an engine may use; of them it takes the fastest for each operator.
public struct KernelSelection: Sendable, Equatable {
  /// Bits of the instruction sets that kernels may need.
  let instructionSets: UInt32

  /// The reference kernels only.
  public static let portable = KernelSelection(instructionSets: 0)

  /// Everything this CPU can run.
  ///
  /// An x86 CPU is asked itself. On ARM the two words are AT_HWCAP and AT_HWCAP2 of the auxiliary
  /// vector, which the engine cannot read; without them only the baseline of the architecture is
  /// taken for granted.
  public static func detected(
    hardwareCapabilities: UInt64 = 0, _ hardwareCapabilities2: UInt64 = 0
  ) -> KernelSelection {
    KernelSelection(
      instructionSets: swl_detected_isa(hardwareCapabilities, hardwareCapabilities2))
  }

  /// The kernels of `variant` and of the lesser variants of its architecture; nil where this
  /// program has none or where `self`, what the CPU can run, lacks an instruction set.
  public func limited(to variant: KernelVariant) -> KernelSelection? {
    guard variant.isBuilt, swl_variant_required_isa(variant.c) & ~instructionSets == 0
    else { return nil }
    return KernelSelection(
      instructionSets: instructionSets & swl_variant_allowed_isa(variant.c))
  }

  /// Whether every kernel of `variant` may be used.
  public func includes(_ variant: KernelVariant) -> Bool { limited(to: variant) != nil }
}

#if !hasFeature(Embedded)
  // The list of cases is an array, which a board without a heap cannot have.
  extension KernelVariant: CaseIterable, CustomStringConvertible {
    /// The name.
    public var description: String { String(describing: name) }
  }
#endif
