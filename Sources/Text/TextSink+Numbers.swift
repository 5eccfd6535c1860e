extension TextSink where Self: ~Copyable {
  /// Appends an integer in decimal.
  public mutating func append(_ value: Int) {
    append(Int64(value))
  }

  /// Appends an integer in decimal.
  public mutating func append(_ value: Int64) {
    if value < 0 { append(byte: UInt8(ascii: "-")) }
    append(decimalDigitsOf: value.magnitude, minimumWidth: 1)
  }

  /// Appends an integer in decimal.
  public mutating func append(_ value: UInt64) {
    append(decimalDigitsOf: value, minimumWidth: 1)
  }

  /// Appends an integer in decimal, filled with zeros from the left.
  public mutating func append(_ value: UInt64, zeroFilledTo width: Int) {
    append(decimalDigitsOf: value, minimumWidth: width)
  }

  /// Appends the low `digits` hexadecimal digits of `value`, lower case.
  public mutating func append(hexadecimal value: UInt64, digits: Int) {
    var position = digits
    while position > 0 {
      position -= 1
      let nibble = UInt8(truncatingIfNeeded: position < 16 ? value >> UInt64(4 * position) : 0) & 15
      append(byte: nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }
  }

  /// Appends a finite number with a fixed number of decimals, rounded once, ties to even.
  ///
  /// The digits are those of the exact binary value, as `printf("%.*f")` gives them; a result of
  /// zero carries no sign.
  ///
  /// - Parameters:
  ///   - value: A number with a magnitude below 2⁶⁴.
  ///   - fractionDigits: 0 through 9.
  /// - Returns: `false`, with nothing appended, for NaN, infinities and numbers out of range.
  @discardableResult
  public mutating func append(_ value: Double, fractionDigits: Int) -> Bool {
    guard let decimal = FixedDecimal(value, fractionDigits: fractionDigits) else { return false }
    if decimal.isNegative { append(byte: UInt8(ascii: "-")) }
    append(decimalDigitsOf: decimal.integerPart, minimumWidth: 1)
    if fractionDigits > 0 {
      append(byte: UInt8(ascii: "."))
      append(decimalDigitsOf: decimal.fractionalPart, minimumWidth: fractionDigits)
    }
    return true
  }

  private mutating func append(decimalDigitsOf value: UInt64, minimumWidth: Int) {
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var first = digits.count
    var rest = value
    while rest != 0 {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    first = min(first, max(0, digits.count - minimumWidth))
    append(digits.span.extracting(first..<digits.count))
  }
}
