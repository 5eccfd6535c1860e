import Foundation
import TestSupport
import Testing
import Text

/// The oracle is the C library's `printf`, which writes the digits of the exact binary value.
@Suite struct DecimalFormattingTests {
  @Test(arguments: [
    (0.5, 0, "0"), (1.5, 0, "2"), (2.5, 0, "2"), (-0.5, 0, "0"), (-1.5, 0, "-2"),
    (0.125, 2, "0.12"), (0.375, 2, "0.38"), (-0.125, 2, "-0.12"),
    // 0.15 is a little less than 15/100, 0.35 a little less than 35/100, 0.45 a little more.
    (0.15, 1, "0.1"), (0.35, 1, "0.3"), (0.45, 1, "0.5"),
    (0.99994, 4, "0.9999"), (0.99996, 4, "1.0000"), (9.9999999999, 9, "10.000000000"),
    (0, 3, "0.000"), (-0.0, 3, "0.000"), (-0.0001, 3, "0.000"),
    (.leastNonzeroMagnitude, 9, "0.000000000"), (0x1p-34, 9, "0.000000000"),
    (5.0000000001e-10, 9, "0.000000001"),
    (9_007_199_254_740_992, 0, "9007199254740992"),
    (18_446_744_073_709_549_568, 2, "18446744073709549568.00"),
  ])
  func knownValues(value: Double, fractionDigits: Int, text: String) {
    #expect(formatted(value, fractionDigits) == text)
  }

  @Test(arguments: [
    Double.nan, .infinity, -.infinity, 18_446_744_073_709_551_616, -1e300,
    .greatestFiniteMagnitude,
  ])
  func whatCannotBeWrittenIsRefused(value: Double) {
    #expect(formatted(value, 3) == nil)
  }

  @Test func agreesWithTheCLibraryOnRandomNumbers() {
    var random = SeededGenerator(for: "decimal formatting")
    for _ in 0..<20_000 {
      let fractionDigits = Int.random(in: 0...9, using: &random)
      let magnitude = Double.random(in: -12...17, using: &random)
      let value =
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(Float.random(in: -1...1, using: &random))
        // Multiples of a power of two: half of them end in a tie.
        case 1: Double(Int.random(in: -9999...9999, using: &random)) / 1024
        default: pow(10, magnitude) * Double.random(in: -1...1, using: &random)
        }
      var expected = String(format: "%.\(fractionDigits)f", value)
      if !expected.contains(where: { "123456789".contains($0) }), expected.hasPrefix("-") {
        expected.removeFirst()
      }
      #expect(formatted(value, fractionDigits) == expected, "\(value), \(fractionDigits) decimals")
    }
  }

  private func formatted(_ value: Double, _ fractionDigits: Int) -> String? {
    var text = ""
    return text.append(value, fractionDigits: fractionDigits) ? text : nil
  }
}
