/// Decimal to binary by exact integer division, for the numbers a single operation does not give.
enum DecimalRounding {
  /// The double nearest to digits · 10^exponent, ties to even; infinity beyond the largest.
  ///
  /// - Parameters:
  ///   - digits: `digitCount` decimal digits, the first not zero.
  ///   - exponent: Such that the number is below 10³⁰⁹ and at least 10⁻³²⁵.
  static func nearest(
    _ digits: borrowing InlineArray<64, UInt8>, _ digitCount: Int, _ exponent: Int
  ) -> Double {
    var numerator = WideInteger()
    for index in 0..<digitCount { numerator.multiply(by: 10, adding: UInt32(digits[index])) }
    var denominator = WideInteger()
    denominator.multiply(by: 1, adding: 1)
    for _ in 0..<max(0, exponent) { numerator.multiply(by: 10, adding: 0) }
    for _ in 0..<max(0, -exponent) { denominator.multiply(by: 10, adding: 0) }

    // Scaled by 2^shift the quotient has 55 or 56 bits: 53 of the result and at least two more.
    let shift = 55 - (numerator.bitWidth - denominator.bitWidth)
    if shift > 0 { numerator.shiftLeft(by: shift) } else { denominator.shiftLeft(by: -shift) }
    let (quotient, isExact) = numerator.dividing(by: denominator, quotientBits: 56)

    // Drop bits to 53, or to the spacing 2^-1074 of the subnormal numbers.
    let width = UInt64.bitWidth - quotient.leadingZeroBitCount
    let dropped = max(width - 53, shift - 1074)
    guard dropped < 64 else { return 0 }
    var significand = quotient >> UInt64(dropped)
    let rest = quotient & ((1 << UInt64(dropped)) - 1)
    let half: UInt64 = 1 << UInt64(dropped - 1)
    let isAboveHalf = rest > half || (rest == half && !isExact)
    if isAboveHalf || (rest == half && significand & 1 == 1) { significand += 1 }
    // Exact: at most 53 bits, and 2^53 itself.
    return Double(sign: .plus, exponent: dropped - shift, significand: Double(significand))
  }
}

/// An unsigned integer below 2¹⁶⁰⁰ in place.
///
/// The largest that occurs is a denominator of 10³⁸⁸ (a first digit at 10⁻³²⁴ and 64 digits) moved
/// 56 bits to the left: 1,345 bits.
private struct WideInteger {
  /// Least significant first; those from `count` on are zero.
  private var limbs = InlineArray<50, UInt32>(repeating: 0)
  private var count = 0

  var bitWidth: Int {
    count == 0 ? 0 : 32 * count - limbs[count - 1].leadingZeroBitCount
  }

  private var isZero: Bool { count == 0 }

  mutating func multiply(by factor: UInt32, adding summand: UInt32) {
    var carry = UInt64(summand)
    for index in 0..<count {
      carry += UInt64(limbs[index]) * UInt64(factor)
      limbs[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry > 0 {
      limbs[count] = UInt32(carry)
      count += 1
    }
  }

  mutating func shiftLeft(by bits: Int) {
    guard count > 0, bits > 0 else { return }
    let (limbShift, bitShift) = (bits / 32, UInt64(bits % 32))
    var index = count + limbShift
    limbs[index] = 0
    count = index + 1
    while index >= 0 {
      let source = index - limbShift
      let upper = source >= 0 ? UInt64(limbs[source]) : 0
      let lower = source >= 1 ? UInt64(limbs[source - 1]) : 0
      limbs[index] = UInt32(truncatingIfNeeded: (upper << 32 | lower) >> (32 - bitShift))
      index -= 1
    }
    trim()
  }

  private mutating func halve() {
    for index in 0..<count {
      let upper = index + 1 < count ? limbs[index + 1] << 31 : 0
      limbs[index] = limbs[index] >> 1 | upper
    }
    trim()
  }

  /// The quotient, below 2^`quotientBits`, and whether nothing is left over.
  func dividing(
    by divisor: WideInteger, quotientBits: Int
  ) -> (quotient: UInt64, isExact: Bool) {
    var (rest, divisor) = (self, divisor)
    var quotient: UInt64 = 0
    divisor.shiftLeft(by: quotientBits - 1)
    for _ in 0..<quotientBits {
      quotient <<= 1
      if !rest.isLess(than: divisor) {
        rest.subtract(divisor)
        quotient |= 1
      }
      divisor.halve()
    }
    return (quotient, rest.isZero)
  }

  private func isLess(than other: WideInteger) -> Bool {
    guard count == other.count else { return count < other.count }
    var index = count
    while index > 0 {
      index -= 1
      if limbs[index] != other.limbs[index] { return limbs[index] < other.limbs[index] }
    }
    return false
  }

  /// Takes away an integer that is not larger.
  private mutating func subtract(_ other: WideInteger) {
    var borrow: Int64 = 0
    for index in 0..<count {
      borrow += Int64(limbs[index]) - (index < other.count ? Int64(other.limbs[index]) : 0)
      limbs[index] = UInt32(truncatingIfNeeded: borrow)
      borrow >>= 32
    }
    trim()
  }

  private mutating func trim() {
    while count > 0, limbs[count - 1] == 0 { count -= 1 }
  }
}
