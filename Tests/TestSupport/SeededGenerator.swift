import Foundation

/// A repeatable random generator (SplitMix64; Steele, Lea and Flood, 2014).
///
/// Tests print the seed they use; setting `SWIFTLET_TEST_SEED` repeats a run.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// What the sequence started from.
  public let seed: UInt64
  private var state: UInt64

  /// A generator with the given seed.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// A generator seeded from `SWIFTLET_TEST_SEED`, or from the system when it is not set. Prints
  /// the seed with `purpose`, so that a failure can be repeated.
  public init(for purpose: String) {
    let chosen =
      ProcessInfo.processInfo.environment["SWIFTLET_TEST_SEED"].flatMap { UInt64($0) }
      ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("seed \(chosen) for \(purpose) (repeat with SWIFTLET_TEST_SEED=\(chosen))")
    self.init(seed: chosen)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
