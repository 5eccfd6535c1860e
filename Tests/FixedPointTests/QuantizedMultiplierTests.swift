import Foundation
import TestSupport
import Testing

@testable import FixedPoint

@Suite("Quantized multipliers")
struct QuantizedMultiplierTests {
  /// The preparation written with the C library: one half is added, then truncated toward zero.
  private func prepared(_ real: Double) -> QuantizedMultiplier {
    // Swift's frexp drops the sign.
    let (magnitude, exponent) = frexp(real)
    let fraction = real < 0 ? -abs(magnitude) : magnitude
    var significand = Int64((fraction * 2_147_483_648 + 0.5).rounded(.towardZero))
    var shift = exponent
    if significand == 1 << 31 {
      significand /= 2
      shift += 1
    }
    if real == 0 || shift < -31 { return QuantizedMultiplier(significand: 0, shift: 0) }
    return QuantizedMultiplier(significand: Int32(significand), shift: Int32(shift))
  }

  @Test("real factors become the nearest significand and shift")
  func preparation() {
    var generator = SeededGenerator(for: "multiplier preparation")
    for _ in 0..<20_000 {
      let real =
        Double.random(in: 0.5..<1, using: &generator)
        * exp2(Double(Int.random(in: -40...30, using: &generator)))
      #expect(QuantizedMultiplier(real: real) == prepared(real), "\(real)")
      #expect(QuantizedMultiplier(real: -real) == prepared(-real), "\(-real)")
      let single = Double(Float(real))
      #expect(QuantizedMultiplier(real: single) == prepared(single), "\(single)")
    }
  }

  @Test("the edges of the preparation: powers of two, carries, ties, the smallest and the largest")
  func preparationEdges() {
    func multiplier(_ significand: Int32, _ shift: Int32) -> QuantizedMultiplier {
      QuantizedMultiplier(significand: significand, shift: shift)
    }
    #expect(QuantizedMultiplier(real: 0) == multiplier(0, 0))
    #expect(QuantizedMultiplier(real: -0.0) == multiplier(0, 0))
    #expect(QuantizedMultiplier(real: 1) == multiplier(1 << 30, 1))
    #expect(QuantizedMultiplier(real: 0.5) == multiplier(1 << 30, 0))
    #expect(QuantizedMultiplier(real: 0.75) == multiplier(3 << 29, 0))
    // Just below 1 the significand rounds up to 2^31 and is halved.
    #expect(QuantizedMultiplier(real: 1.0.nextDown) == multiplier(1 << 30, 1))
    // Ties of a positive significand round up.
    #expect(QuantizedMultiplier(real: 0.5 + 0x1p-32) == multiplier((1 << 30) + 1, 0))
    // A negative number without a fraction loses one unit, a tie its fraction.
    #expect(QuantizedMultiplier(real: -0.5) == multiplier(-(1 << 30) + 1, 0))
    #expect(QuantizedMultiplier(real: -0.5 - 0x1p-32) == multiplier(-(1 << 30), 0))
    #expect(QuantizedMultiplier(real: (0.5 + 0x1p-32).nextDown) == multiplier(1 << 30, 0))
    #expect(QuantizedMultiplier(real: 0x1p-32) == multiplier(1 << 30, -31))
    #expect(QuantizedMultiplier(real: 0x1p-33) == multiplier(0, 0))
    #expect(QuantizedMultiplier(real: .leastNonzeroMagnitude) == multiplier(0, 0))
    #expect(QuantizedMultiplier(real: .nan) == multiplier(0, 0))
    #expect(QuantizedMultiplier(real: 0x1p30 - 1) == multiplier(.max - 1, 30))
    #expect(QuantizedMultiplier(real: QuantizedMultiplier.limit) == multiplier(.max, 30))
    #expect(QuantizedMultiplier(real: .infinity) == multiplier(.max, 30))
    #expect(QuantizedMultiplier(real: -.infinity) == multiplier(-.max, 30))
  }

  @Test("applying one is the two exact roundings, one after the other")
  func application() {
    var generator = SeededGenerator(for: "multiplier application")
    for _ in 0..<20_000 {
      let shift = Int32.random(in: -31...30, using: &generator)
      let significand = Int32.random(in: 0...Int32.max, using: &generator)
      // Keep the left shift inside 32 bits.
      let value = Int32(truncatingIfNeeded: generator.next()) >> max(0, shift)
      let raised = Int128(value) << Int128(max(0, shift))
      let high = rounded(
        raised * Int128(significand), over: 1 << 31, tiesAwayFromZero: false)
      let exact = rounded(high, over: 1 << Int128(max(0, -shift)), tiesAwayFromZero: true)
      let result = QuantizedMultiplier(significand: significand, shift: shift).applied(to: value)
      #expect(Int128(result) == exact, "\(value), \(significand), \(shift)")
      // And it is the real product but for those roundings.
      let real = Double(value) * Double(significand) * exp2(Double(shift) - 31)
      #expect(abs(Double(result) - real) <= 0.5 + exp2(Double(min(shift, 0)) - 1) + 1e-6)
    }
  }

  @Test("ties of the whole: the first rounding decides them for powers of two above 1/2")
  func applicationTies() {
    let half = QuantizedMultiplier(real: 0.5)  // Shift 0: only the upward rounding happens.
    #expect(half.applied(to: 1) == 1)
    #expect(half.applied(to: -1) == 0)
    #expect(half.applied(to: 3) == 2)
    #expect(half.applied(to: -3) == -1)
    let quarter = QuantizedMultiplier(real: 0.25)  // Shift −1: halves come to the second rounding.
    #expect(quarter.applied(to: 2) == 1)
    #expect(quarter.applied(to: -2) == -1)
    #expect(quarter.applied(to: 6) == 2)
    #expect(quarter.applied(to: -6) == -2)
    // Rounding twice is not rounding once: −3 / 4 goes to −1 over −2 / 2, but 1 / 4 over 1 / 2 to 1.
    #expect(quarter.applied(to: 1) == 1)
    #expect(quarter.applied(to: -1) == 0)
  }

  @Test("the left shift wraps, and no input traps")
  func totality() {
    #expect(
      QuantizedMultiplier(significand: 1 << 30, shift: 1).applied(to: 1 << 30) == -(1 << 30))
    for significand in edges {
      for shift in [Int32.min, -64, -33, -32, -31, -1, 0, 1, 30, 31, 32, 33, .max] {
        for value in edges {
          _ = QuantizedMultiplier(significand: significand, shift: shift).applied(to: value)
        }
      }
    }
  }
}
