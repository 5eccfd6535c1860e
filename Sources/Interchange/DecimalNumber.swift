import Text

/// What a text says when it should be a decimal number.
///
/// The grammar is `[+-] digits [. digits] [e [+-] digits]`, spaces and tabs around it ignored, at
/// least one digit before or after the point, at most 64 characters. No locale takes part: the
/// point is a point. The value is the double nearest to the number, ties to even, by integer
/// arithmetic, so it is the same on every target.
public enum DecimalNumber: Equatable, Sendable {
  case finite(Double)
  /// Nothing but spaces.
  case empty
  /// NaN or an infinity, in the spellings of C.
  case notFinite
  /// Beyond the largest double.
  case outOfRange
  case notANumber

  /// Reads a text as a number.
  public init(parsing text: borrowing Span<UInt8>) {
    var start = 0
    var end = text.count
    while start < end, text[start].isBlank { start += 1 }
    while start < end, text[end - 1].isBlank { end -= 1 }
    guard start < end else {
      self = .empty
      return
    }
    let word = text.extracting(start..<end)
    guard let decimal = ScannedDecimal(word) else {
      self = word.isNotFiniteSpelling ? .notFinite : .notANumber
      return
    }
    guard let value = decimal.value else {
      self = .outOfRange
      return
    }
    self = .finite(value)
  }
}

/// Sign, digits and exponent of a decimal number: ± `digits` · 10^`exponent`.
private struct ScannedDecimal {
  var isNegative = false
  /// Significant decimal digits, 0 through 9, leading zeros left out.
  var digits = InlineArray<64, UInt8>(repeating: 0)
  var digitCount = 0
  var exponent = 0

  /// `nil` when the text does not follow the grammar.
  init?(_ text: borrowing Span<UInt8>) {
    guard text.count <= 64 else { return nil }
    var index = 0
    if text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
      isNegative = text[0] == UInt8(ascii: "-")
      index = 1
    }
    var sawDigit = false
    var sawPoint = false
    while index < text.count {
      let byte = text[index]
      if let digit = byte.decimalDigit {
        sawDigit = true
        if digit != 0 || digitCount > 0 {
          digits[digitCount] = digit
          digitCount += 1
        }
        if sawPoint { exponent -= 1 }
      } else if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else {
        break
      }
      index += 1
    }
    guard sawDigit else { return nil }
    guard index < text.count else { return }

    guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
    index += 1
    var exponentIsNegative = false
    if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      exponentIsNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    guard index < text.count else { return nil }
    var written = 0
    while index < text.count {
      guard let digit = text[index].decimalDigit else { return nil }
      // Beyond 10,000 the answer is zero or out of range whatever the digits are.
      written = min(10 * written + Int(digit), 10_000)
      index += 1
    }
    exponent += exponentIsNegative ? -written : written
  }

  /// The nearest double; `nil` beyond the largest.
  var value: Double? {
    guard digitCount > 0 else { return isNegative ? -0.0 : 0 }
    // The number lies in [10^(m-1), 10^m) with m the position of the point.
    let magnitude = digitCount + exponent
    guard magnitude <= 309 else { return nil }
    guard magnitude >= -324 else { return isNegative ? -0.0 : 0 }
    let absolute = exactByDoubles ?? DecimalRounding.nearest(digits, digitCount, exponent)
    guard absolute.isFinite else { return nil }
    return isNegative ? -absolute : absolute
  }

  /// The value where one operation on two exact doubles gives it: at most 15 digits and a power of
  /// ten up to 22, both below 2⁵³ in their odd part (W. D. Clinger, "How to read floating point
  /// numbers accurately", 1990).
  private var exactByDoubles: Double? {
    guard digitCount <= 15, (-22...22).contains(exponent) else { return nil }
    var integer: UInt64 = 0
    for index in 0..<digitCount { integer = 10 * integer + UInt64(digits[index]) }
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    return exponent < 0 ? Double(integer) / power : Double(integer) * power
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

  fileprivate var decimalDigit: UInt8? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) ? self - UInt8(ascii: "0") : nil
  }
}

extension Span where Element == UInt8 {
  /// Whether it is `nan`, `inf` or `infinity`, with or without a sign, in any case.
  fileprivate var isNotFiniteSpelling: Bool {
    var lower = TextBuffer<10>()
    for index in indices {
      let isSign = self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+")
      if index == 0 && isSign { continue }
      lower.append(byte: self[index] | 0x20)
    }
    guard !lower.overflowed else { return false }
    return lower.bytes.equals("nan") || lower.bytes.equals("inf") || lower.bytes.equals("infinity")
  }
}
