import Foundation
import Interchange
import TestSupport
import Testing

/// The oracle is the C library's `strtod`, which rounds correctly.
@Suite struct DecimalNumberTests {
  @Test(arguments: [
    "0", "-0", "1", "+1", "1.", ".5", "-.5e1", "1e3", "1E+3", "1e-3", "007.50", "  3.25\t",
    // Ties between two doubles, from below, exactly and from above.
    "9007199254740992.9999999999", "9007199254740993", "9007199254740993.0000000001",
    "9007199254740994.9999", "9007199254740995", "9007199254740995.001",
    // The borders of the range.
    "1.7976931348623157e308", "1.7976931348623158e308", "1.79769313486231580793e308",
    "2.2250738585072014e-308", "2.2250738585072011e-308", "5e-324", "2.4703282292062328e-324",
    "2.4703282292062327e-324", "4.9406564584124654e-324", "1e-400", "0e999", "-0.0e-999",
    // The slow roads of known parsers.
    "2.2250738585072012e-308", "7.2057594037927933e+16",
    "1.8254370818746402660437411213933955878e22",
    "6.9294956446009195e15", "1.000000000000000000000000000000000000000000000000000000000001",
    "123456789012345678901234567890", "8.41e21", "9.5367431640625e-7",
  ])
  func knownNumbersRoundAsTheCLibraryDoes(text: String) {
    expectSame(text)
  }

  @Test(
    arguments: [
      ("", .empty), ("  \t", .empty), ("nan", .notFinite), ("-NaN", .notFinite),
      ("inf", .notFinite), ("+Infinity", .notFinite), ("1e309", .outOfRange),
      ("-1.7976931348623159e308", .outOfRange), ("1e99999999999999999999", .outOfRange),
      ("abc", .notANumber), (".", .notANumber), ("-", .notANumber), ("1e", .notANumber),
      ("1e+", .notANumber), ("1.2.3", .notANumber), ("1,5", .notANumber), ("0x10", .notANumber),
      ("--1", .notANumber), ("1 000", .notANumber), ("1f", .notANumber), ("１", .notANumber),
      (String(repeating: "1", count: 65), .notANumber),
    ] as [(String, DecimalNumber)])
  func everythingElseIsToldApart(text: String, expected: DecimalNumber) {
    #expect(DecimalNumber(parsing: Array(text.utf8).span) == expected)
  }

  @Test func randomNumbersRoundAsTheCLibraryDoes() {
    var random = SeededGenerator(for: "decimal parsing")
    for _ in 0..<20_000 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        // Any double, as Swift and as printf write it.
        let value = Double(bitPattern: random.next())
        guard value.isFinite else { continue }
        expectSame("\(value)")
        expectSame(String(format: "%.18e", value))
        expectSame(String(format: "%.30e", value))
      case 1:
        // The middle between two neighbours, in full where it fits.
        let value = Double(UInt64.random(in: 1 << 52..<1 << 53, using: &random))
        expectSame(String(format: "%.1f", value / 4) + "25")
        expectSame(String(format: "%.0f", value * 2 + 1))
      case 2:
        expectSame("\(Int.random(in: -99_999...99_999, using: &random))e-\(random.next() % 25)")
      default:
        let digits = (0..<Int.random(in: 1...50, using: &random)).map { _ in
          Character("\(Int.random(in: 0...9, using: &random))")
        }
        expectSame("0." + String(digits) + "e\(Int.random(in: -340...310, using: &random))")
      }
    }
  }

  private func expectSame(_ text: String) {
    let expected = strtod(text, nil)
    let parsed = DecimalNumber(parsing: Array(text.utf8).span)
    if expected.isInfinite {
      #expect(parsed == .outOfRange, "\(text)")
    } else if case .finite(let value) = parsed {
      #expect(value.bitPattern == expected.bitPattern, "\(text): \(value), not \(expected)")
    } else {
      Issue.record("\(text): \(parsed)")
    }
  }
}
