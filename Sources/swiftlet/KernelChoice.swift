import Foundation
import Inference
import LinuxPlatform

/// The kernels this machine can run, or what the environment variable `SWIFTLET_ISA` limits them to.
func kernelsFromEnvironment() throws -> KernelSelection {
  let capabilities = Process.hardwareCapabilities
  let detected = KernelSelection.detected(
    hardwareCapabilities: capabilities.0, capabilities.1)
  guard let name = ProcessInfo.processInfo.environment["SWIFTLET_ISA"], !name.isEmpty else {
    return detected
  }
  let runnable = KernelVariant.allCases.filter(detected.includes)
  guard let variant = KernelVariant.allCases.first(where: { $0.description == name }) else {
    throw Failure(
      "SWIFTLET_ISA: there are no kernels named '\(name)'; use one of "
        + runnable.map(\.description).joined(separator: ", "),
      exitCode: 64)
  }
  guard let selection = detected.limited(to: variant) else {
    throw Failure(
      "SWIFTLET_ISA: "
        + (variant.isBuilt
          ? "this CPU cannot run the \(name) kernels" : "this program has no \(name) kernels")
        + "; use one of " + runnable.map(\.description).joined(separator: ", "),
      exitCode: 64)
  }
  return selection
}
