import Foundation
import Testing

@testable import FixedPoint

@Suite("Fixed-point functions")
struct FixedPointFunctionTests {
  private let unit = 2_147_483_648.0

  @Test("the exponential is within one part in 2^21 of e^x", arguments: [Int32(1), 2, 3, 4, 5])
  func exponential(integerBits: Int32) {
    let one = exp2(Double(31 - integerBits))
    var value = Int32.min
    while value < 0 {
      let real = exp(Double(value) / one)
      let result = Double(exponentialOfNonPositive(value, integerBits: integerBits)) / unit
      #expect(abs(result - real) < real * 0x1p-21 + 0x1p-29, "\(Double(value) / one)")
      value += 1_048_573  // A prime step visits all residues of the quarter.
    }
    #expect(exponentialOfNonPositive(0, integerBits: integerBits) == .max)
    #expect(exponentialOfNonPositive(-1, integerBits: integerBits) > Int32.max - 1024)
  }

  @Test("the reciprocal is within 2^−28 of 1 / (1 + x)")
  func reciprocal() {
    for value in stride(from: Int32(0), to: .max - 524_287, by: 524_287) {
      let real = 1 / (1 + Double(value) / unit)
      #expect(abs(Double(reciprocalOfOnePlus(value)) / unit - real) < 0x1p-28)
    }
    #expect(reciprocalOfOnePlus(0) > Int32.max - 16)
    #expect(abs(reciprocalOfOnePlus(.max) - (1 << 30)) <= 16)
  }

  @Test("the logistic function and the hyperbolic tangent are within 2^−22 of theirs")
  func logisticAndTangent() {
    var value = Int32.min
    while value < .max - 1_048_573 {
      let x = Double(value) / 0x1p27
      let logistic = Double(fixedPointLogistic(value, integerBits: 4)) / unit
      #expect(abs(logistic - 1 / (1 + exp(-x))) < 0x1p-23, "\(x)")
      let tangent = Double(fixedPointHyperbolicTangent(value, integerBits: 4)) / unit
      #expect(abs(tangent - tanh(x)) < 0x1p-22, "\(x)")
      if value > .min {
        #expect(
          fixedPointHyperbolicTangent(-value, integerBits: 4)
            == -fixedPointHyperbolicTangent(value, integerBits: 4))
      }
      value += 1_048_573
    }
    #expect(fixedPointLogistic(0, integerBits: 4) == 1 << 30)
    #expect(fixedPointHyperbolicTangent(0, integerBits: 4) == 0)
  }

  @Test("a softmax of equal inputs gives each the same, 256 / n rounded")
  func softmaxOfEquals() {
    for count in [1, 2, 3, 4, 7, 10, 100, 256, 511] {
      let exponential = softmaxExponential(
        difference: 0, multiplier: QuantizedMultiplier(real: 1_000_000))
      let sum = softmaxTerm(exponential: exponential) * UInt32(count)
      let result = SoftmaxNormalizer(sum: sum).probability(exponential: exponential)
      let expected = min(127, Int((256 / Double(count)).rounded()) - 128)
      #expect(Int(result) == expected, "\(count)")
    }
  }

  @Test("no argument traps")
  func totality() {
    for value in edges {
      for bits in Int32(0)...5 {
        _ = exponentialOfNonPositive(value, integerBits: bits)
        _ = fixedPointLogistic(value, integerBits: bits)
        _ = fixedPointHyperbolicTangent(value, integerBits: min(bits, 4))
      }
      _ = reciprocalOfOnePlus(value)
      _ = SoftmaxNormalizer(sum: UInt32(bitPattern: value)).probability(exponential: value)
      _ = softmaxTerm(exponential: value)
    }
  }
}
