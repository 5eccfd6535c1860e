import CKernels

/// A loop of the instructions that the main kernels of a variant multiply with, without loads: what
/// the processor can do at most.
public struct PeakLoop {
  private let loop: swl_peak

  /// - Parameter variant: One that this program has kernels of and this CPU can run.
  public init(of variant: KernelVariant) {
    loop = swl_peak_of(variant.c)
    precondition(loop.macs > 0, "the variant belongs to another architecture")
  }

  /// Multiply-accumulates of a round.
  public var multiplyAccumulateCount: Int { Int(loop.macs) }

  /// Runs the loop.
  public func run(rounds: Int32) { loop.run(rounds) }
}
