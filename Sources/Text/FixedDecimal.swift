/// A number rounded to a fixed count of decimals by integer arithmetic alone.
///
/// A finite binary number is m · 2ᵉ with an integer m below 2⁵³. Its fraction is held in 96 bits;
/// each multiplication by ten moves one decimal digit above the binary point, so every digit and
/// the remainder that decides the rounding are exact. 96 bits suffice: a number below 2⁻³⁴ is less
/// than half of 10⁻⁹, the finest step there is, and every other m · 2ᵉ ends above bit −87.
struct FixedDecimal {
  let isNegative: Bool
  private(set) var integerPart: UInt64
  /// Below 10^`fractionDigits`.
  private(set) var fractionalPart: UInt64

  /// - Parameters:
  ///   - value: A number with a magnitude below 2⁶⁴.
  ///   - fractionDigits: 0 through 9.
  /// - Returns: `nil` for NaN, infinities and numbers out of range.
  init?(_ value: Double, fractionDigits: Int) {
    precondition((0...9).contains(fractionDigits), "between 0 and 9 decimals")
    // 2^64; also false for NaN.
    guard value.magnitude < 18_446_744_073_709_551_616 else { return nil }
    integerPart = UInt64(value.magnitude)
    var fraction = BinaryFraction(value.magnitude - Double(integerPart))

    var scale: UInt64 = 1
    fractionalPart = 0
    for _ in 0..<fractionDigits {
      fractionalPart = 10 * fractionalPart + UInt64(fraction.nextDecimalDigit())
      scale *= 10
    }

    let lastDigitIsOdd = (fractionDigits == 0 ? integerPart : fractionalPart) & 1 == 1
    if fraction.isAboveHalf || (fraction.isHalf && lastDigitIsOdd) { fractionalPart += 1 }
    if fractionalPart == scale || (fractionDigits == 0 && fractionalPart == 1) {
      fractionalPart = 0
      // A number with a fraction is below 2^53, so this does not overflow.
      integerPart += 1
    }
    isNegative = value < 0 && (integerPart != 0 || fractionalPart != 0)
  }
}

/// A number in [0, 1) as 96 bits after the binary point, in three limbs.
private struct BinaryFraction {
  private var high: UInt32
  private var middle: UInt32
  private var low: UInt32

  /// Exact for numbers that are zero or at least 2⁻³⁴; smaller ones become zero.
  init(_ value: Double) {
    high = 0
    middle = 0
    low = 0
    guard value >= 0x1p-34 else { return }
    // Scaling by 2^32 is exact, and so is each subtraction of the integer part.
    var rest = value * 0x1p32
    high = UInt32(rest)
    rest = (rest - Double(high)) * 0x1p32
    middle = UInt32(rest)
    rest = (rest - Double(middle)) * 0x1p32
    low = UInt32(rest)
  }

  var isHalf: Bool { high == 0x8000_0000 && middle == 0 && low == 0 }
  var isAboveHalf: Bool { high >= 0x8000_0000 && !isHalf }

  /// Multiplies by ten and takes away the integer part, the next decimal digit.
  mutating func nextDecimalDigit() -> UInt32 {
    let lowProduct = 10 * UInt64(low)
    let middleProduct = 10 * UInt64(middle) + lowProduct >> 32
    let highProduct = 10 * UInt64(high) + middleProduct >> 32
    low = UInt32(truncatingIfNeeded: lowProduct)
    middle = UInt32(truncatingIfNeeded: middleProduct)
    high = UInt32(truncatingIfNeeded: highProduct)
    return UInt32(truncatingIfNeeded: highProduct >> 32)
  }
}
