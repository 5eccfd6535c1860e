import TestSupport
import Testing

@testable import FixedPoint

/// Values at which rounding and saturation change, and their neighbours.
let edges: [Int32] = [
  .min, .min + 1, -(1 << 30) - 1, -(1 << 30), -(1 << 30) + 1, -65_537, -65_536, -3, -2, -1, 0, 1, 2,
  3, 65_535, 65_536, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, .max - 1, .max,
]

/// `numerator / denominator` rounded to the nearest integer; ties as told. In exact arithmetic.
func rounded(_ numerator: Int128, over denominator: Int128, tiesAwayFromZero: Bool) -> Int128 {
  let doubled = 2 * (numerator.magnitude % denominator.magnitude)
  let floorOfMagnitude = Int128(numerator.magnitude / denominator.magnitude)
  let isTie = doubled == denominator.magnitude
  let roundsOut = isTie ? (tiesAwayFromZero || numerator > 0) : doubled > denominator.magnitude
  let magnitude = floorOfMagnitude + (roundsOut ? 1 : 0)
  return numerator < 0 ? -magnitude : magnitude
}

@Suite("Rounding arithmetic")
struct RoundingArithmeticTests {
  private func exactHighMultiply(_ left: Int32, _ right: Int32) -> Int32 {
    let exact = rounded(Int128(left) * Int128(right), over: 1 << 31, tiesAwayFromZero: false)
    return Int32(clamping: exact)
  }

  @Test("the doubling high multiply is the exact quotient, ties upward, saturated")
  func highMultiplyIsExact() {
    for left in edges {
      for right in edges {
        #expect(
          saturatingRoundingDoublingHighMultiply(left, right) == exactHighMultiply(left, right),
          "\(left) × \(right)")
      }
    }
    var generator = SeededGenerator(for: "doubling high multiply")
    for _ in 0..<20_000 {
      let left = Int32(truncatingIfNeeded: generator.next())
      let right = Int32(truncatingIfNeeded: generator.next()) >> Int32.random(in: 0...31)
      #expect(
        saturatingRoundingDoublingHighMultiply(left, right) == exactHighMultiply(left, right),
        "\(left) × \(right)")
    }
  }

  @Test("its ties go upward for either sign, and only the two minima saturate")
  func highMultiplyTies() {
    let half: Int32 = 1 << 30
    #expect(saturatingRoundingDoublingHighMultiply(half, 1) == 1)
    #expect(saturatingRoundingDoublingHighMultiply(half, 3) == 2)
    #expect(saturatingRoundingDoublingHighMultiply(-half, 1) == 0)
    #expect(saturatingRoundingDoublingHighMultiply(-half, 3) == -1)
    #expect(saturatingRoundingDoublingHighMultiply(.min, .min) == .max)
    #expect(saturatingRoundingDoublingHighMultiply(.min, .max) == -.max)
  }

  @Test("it equals the form with a signed nudge and a truncating division")
  func highMultiplyEqualsTruncatingForm() {
    for left in edges {
      for right in edges where !(left == .min && right == .min) {
        let product = Int64(left) * Int64(right)
        let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
        #expect(
          Int64(saturatingRoundingDoublingHighMultiply(left, right)) == (product + nudge)
            / (1 << 31))
      }
    }
  }

  @Test("the rounding division is the exact quotient, ties away from zero")
  func divideIsExact() {
    var generator = SeededGenerator(for: "rounding division")
    let values = edges + (0..<500).map { _ in Int32(truncatingIfNeeded: generator.next()) }
    for value in values {
      for exponent in Int32(0)...31 {
        let exact = rounded(
          Int128(value), over: 1 << Int128(exponent), tiesAwayFromZero: true)
        #expect(
          Int128(roundingDivideByPowerOfTwo(value, exponent: exponent)) == exact,
          "\(value) / 2^\(exponent)")
      }
      #expect(roundingDivideByPowerOfTwo(value, exponent: 32) == 0)
      #expect(roundingDivideByPowerOfTwo(value, exponent: .max) == 0)
    }
  }

  @Test("its ties go away from zero for either sign")
  func divideTies() {
    #expect(roundingDivideByPowerOfTwo(1, exponent: 1) == 1)
    #expect(roundingDivideByPowerOfTwo(-1, exponent: 1) == -1)
    #expect(roundingDivideByPowerOfTwo(6, exponent: 2) == 2)
    #expect(roundingDivideByPowerOfTwo(-6, exponent: 2) == -2)
    #expect(roundingDivideByPowerOfTwo(5, exponent: 2) == 1)
    #expect(roundingDivideByPowerOfTwo(-5, exponent: 2) == -1)
    #expect(roundingDivideByPowerOfTwo(.min, exponent: 31) == -1)
    #expect(roundingDivideByPowerOfTwo(1 << 30, exponent: 31) == 1)
  }

  @Test("left shifts saturate and half sums round away from zero")
  func helpers() {
    #expect(saturatingShiftLeft(1 << 28, exponent: 2) == 1 << 30)
    #expect(saturatingShiftLeft(1 << 29, exponent: 2) == .max)
    #expect(saturatingShiftLeft(-(1 << 29), exponent: 2) == .min)
    #expect(saturatingShiftLeft(-(1 << 29) - 1, exponent: 2) == .min)
    #expect(roundingHalfSum(.max, .max) == .max)
    #expect(roundingHalfSum(0, 1) == 1)
    #expect(roundingHalfSum(-2, 1) == -1)
    #expect(roundingHalfSum(.min, .min) == .min)
  }
}
