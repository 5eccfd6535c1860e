import CKernels
import Testing

@testable import Inference

/// One line of the list of kernels.
struct ListedKernel: Sendable, CustomTestStringConvertible {
  let index: Int32

  var kernel: swl_kernel { swl_kernel_at(index).pointee }
  var testDescription: String { String(cString: kernel.name) }

  /// Whether this CPU can run it; says so when it cannot.
  var isRunnable: Bool {
    let capabilities = hardwareCapabilities()
    let detected = swl_detected_isa(capabilities.0, capabilities.1)
    if kernel.isa & ~detected == 0 { return true }
    print("SKIPPED: \(testDescription): this CPU cannot run it")
    return false
  }

  /// All kernels of an operation that this build has.
  static func of(_ operation: swl_operation) -> [ListedKernel] {
    let kernels = (0..<swl_kernel_count()).map(ListedKernel.init(index:))
      .filter { $0.kernel.operation == operation }
    if kernels.isEmpty {
      print("SKIPPED: operation \(operation.rawValue): no kernels in this build")
    }
    return kernels
  }

  /// Looks for a shorter way for a call prepared for this kernel.
  func refine<Call>(_ call: inout Call) {
    withUnsafeMutablePointer(to: &call) { pointer in
      pointer.withMemoryRebound(to: swl_call.self, capacity: 1) { swl_refine($0) }
    }
  }

  /// Runs a prepared call with this kernel.
  func run<Call>(_ call: inout Call) {
    let function = kernel.run
    withUnsafeMutablePointer(to: &call) { pointer in
      pointer.withMemoryRebound(to: swl_call.self, capacity: 1) { header in
        header.pointee.run = function
        swl_run(header)
      }
    }
  }
}

/// AT_HWCAP and AT_HWCAP2 where the C library can tell.
func hardwareCapabilities() -> (UInt64, UInt64) {
  #if os(Linux) && (arch(arm64) || arch(arm))
    (UInt64(getauxval(16)), UInt64(getauxval(26)))
  #else
    (0, 0)
  #endif
}

#if os(Linux) && (arch(arm64) || arch(arm))
  import Glibc
#endif
