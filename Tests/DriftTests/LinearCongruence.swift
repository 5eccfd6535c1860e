/// The generator of `scripts/oracle/drift_golden.py`.
struct LinearCongruence {
  private var state: UInt32

  init(seed: Int) { state = UInt32(seed) & 0x7FFF_FFFF }

  mutating func uniform() -> Double {
    state = (1_103_515_245 &* state &+ 12345) & 0x7FFF_FFFF
    return Double(state) / 2_147_483_648
  }

  /// The sum of twelve uniform numbers, less six.
  mutating func normal(_ mean: Double = 0, _ deviation: Double = 1) -> Double {
    var total = 0.0
    for _ in 0..<12 { total += uniform() }
    return mean + deviation * (total - 6)
  }

  /// A stream that depends on itself: each number keeps `correlation` of the one before.
  static func autoregression(
    seed: Int, count: Int, correlation: Double, mean: Double = 0
  ) -> [Float] {
    var generator = LinearCongruence(seed: seed)
    var value = 0.0
    return (0..<count).map { _ in
      value =
        correlation * value + (1 - correlation * correlation).squareRoot() * generator.normal()
      return Float(mean + value)
    }
  }
}
