import Inference
import LinuxPlatform
import ModelFormat
import Text

extension KernelSelection {
  /// The kernels this processor can run, or what the environment variable `SWIFTLET_ISA` limits
  /// them to.
  package static func fromEnvironment() throws(CommandFailure) -> KernelSelection {
    let capabilities = Process.hardwareCapabilities
    let detected = KernelSelection.detected(
      hardwareCapabilities: capabilities.0, capabilities.1)
    let name = Process.environment("SWIFTLET_ISA")
    guard !name.isEmpty else { return detected }
    if let variant = KernelVariant(named: name), let selection = detected.limited(to: variant) {
      return selection
    }
    throw CommandFailure(exitCode: CommandFailure.badUsage) {
      $0.append("SWIFTLET_ISA: no kernels named \"")
      $0.append(visible: Process.environment("SWIFTLET_ISA"))
      $0.append("\" run here; use one of portable")
      for rawValue in 1...KernelVariant.greatestRawValue {
        guard let variant = KernelVariant(rawValue: rawValue) else { continue }
        guard detected.includes(variant) else { continue }
        $0.append(", ")
        $0.append(variant.name)
      }
    }
  }
}

extension KernelVariant {
  fileprivate static var greatestRawValue: UInt8 { KernelVariant.i8mm.rawValue }

  fileprivate init?(named name: borrowing Span<UInt8>) {
    for rawValue in 0...Self.greatestRawValue {
      if let variant = Self(rawValue: rawValue), name.equals(variant.name) {
        self = variant
        return
      }
    }
    return nil
  }
}

extension Engine {
  /// The greatest variant among the kernels of all operators.
  package mutating func fastestKernel() -> KernelVariant {
    var fastest = KernelVariant.portable
    for index in 0..<model.operatorCount {
      let variant = kernel(of: index)
      if variant.rawValue > fastest.rawValue { fastest = variant }
    }
    return fastest
  }
}
