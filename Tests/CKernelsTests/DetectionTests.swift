import CKernels
import Testing

@testable import Inference

/// Detection is a function of what a CPU or its operating system says, so that no CPU is needed.
@Suite("C kernels: detection and choice")
struct DetectionTests {
  /// What CPUID says on well-known CPUs (leaf 1 ECX, leaf 7 EBX and ECX) and XCR0 under Linux.
  static let haswell = swl_cpuid_words(
    leaf1_ecx: 0x7FFA_FBBF, leaf7_ebx: 0x0000_27AB, leaf7_ecx: 0, xcr0: 0x07)
  static let skylakeServer = swl_cpuid_words(
    leaf1_ecx: 0x7FFE_FBFF, leaf7_ebx: 0xD39F_FFFB, leaf7_ecx: 0x0000_0008, xcr0: 0xE7)
  static let cascadeLake = swl_cpuid_words(
    leaf1_ecx: 0x7FFE_FBFF, leaf7_ebx: 0xD39F_FFFB, leaf7_ecx: 0x0000_0818, xcr0: 0xE7)
  static let iceLakeServer = swl_cpuid_words(
    leaf1_ecx: 0x7FFE_FBFF, leaf7_ebx: 0xF3BF_FFEF, leaf7_ecx: 0x0040_5F5E, xcr0: 0xE7)

  @Test("x86 CPUs have what they say and the system saves")
  func x86() {
    let avx2 = swl_isa(SWL_ISA_AVX2)
    let vnni = avx2 | swl_isa(SWL_ISA_AVX512VNNI)
    #expect(swl_isa_of_cpuid(Self.haswell) == avx2)
    #expect(swl_isa_of_cpuid(Self.skylakeServer) == avx2)
    #expect(swl_isa_of_cpuid(Self.cascadeLake) == vnni)
    #expect(swl_isa_of_cpuid(Self.iceLakeServer) == vnni | swl_isa(SWL_ISA_AVX512VBMI))

    var words = Self.iceLakeServer
    words.xcr0 = 0x07
    #expect(swl_isa_of_cpuid(words) == avx2, "512-bit registers not saved")
    words.xcr0 = 0x03
    #expect(swl_isa_of_cpuid(words) == 0, "256-bit registers not saved")
    words.xcr0 = 0
    #expect(swl_isa_of_cpuid(words) == 0, "no XSAVE")
  }

  @Test("ARM CPUs have what the kernel's words say")
  func arm() {
    let neon = swl_isa(SWL_ISA_NEON)
    let dot = neon | swl_isa(SWL_ISA_NEONDOT)
    // Cortex-A53 and A72, Cortex-A76, Neoverse V1 as Linux reports them.
    #expect(swl_isa_of_hwcap_aarch64(0x8FF, 0) == neon)
    #expect(swl_isa_of_hwcap_aarch64(0x10_0000 | 0x87FF, 0) == dot)
    #expect(swl_isa_of_hwcap_aarch64(0x10_0000 | 0x87FF, 1 << 13) == dot | swl_isa(SWL_ISA_I8MM))
    #expect(swl_isa_of_hwcap_aarch64(0, 0) == neon, "part of the baseline")
    // Cortex-A7 with NEON; ARMv7 with VFPv3-D16 only.
    #expect(swl_isa_of_hwcap_arm(0x3F_B0D6, 0x10) == neon)
    #expect(swl_isa_of_hwcap_arm(0x00_20D6, 0) == 0)
  }

  @Test("a forced variant uses its own and lesser kernels only")
  func forcing() throws {
    let detected = KernelSelection.detected(
      hardwareCapabilities: hardwareCapabilities().0, hardwareCapabilities().1)
    #expect(detected.limited(to: .portable) == .portable)
    for variant in KernelVariant.allCases {
      guard let selection = detected.limited(to: variant) else {
        print("SKIPPED: \(variant): not in this build or not on this CPU")
        continue
      }
      var call = swl_lookup()
      call.count = 1
      if swl_prepare_lookup(&call, selection.instructionSets) {
        #expect(swl_variant_of(&call.header).rawValue <= UInt32(variant.rawValue))
      }
      #expect(selection.limited(to: .portable) == .portable)
    }
  }

  @Test("faster kernels of an operation come first, and no line is there twice")
  func order() {
    let kernels = (0..<swl_kernel_count()).map { swl_kernel_at($0).pointee }
    for (index, kernel) in kernels.enumerated() {
      for later in kernels[(index + 1)...] where later.operation == kernel.operation {
        #expect(later.variant.rawValue < kernel.variant.rawValue)
      }
    }
  }

  @Test("every variant with kernels has a loop to measure its peak with")
  func peaks() {
    let capabilities = hardwareCapabilities()
    let detected = KernelSelection.detected(
      hardwareCapabilities: capabilities.0, capabilities.1)
    for variant in KernelVariant.allCases where variant.isBuilt {
      let loop = PeakLoop(of: variant)
      #expect(loop.multiplyAccumulateCount > 0)
      guard detected.includes(variant) else {
        print("SKIPPED: the loop of \(variant): this CPU cannot run it")
        continue
      }
      loop.run(rounds: 10)
    }
  }
}
