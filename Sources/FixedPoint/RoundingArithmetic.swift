/// The high half of twice the product of two fixed-point numbers, rounded (numerics, equation 4).
///
/// Both factors are read as Q0.31 in −1 ..< 1. Ties round upward: 0.5 to 1, −0.5 to 0. Only
/// `Int32.min × Int32.min` does not fit; it saturates to `Int32.max`. Equals the ARM instruction
/// SQRDMULH. Defined for every pair.
@inlinable
public func saturatingRoundingDoublingHighMultiply(_ left: Int32, _ right: Int32) -> Int32 {
  // |product| ≤ 2^62, so neither the product nor the nudge overflows 64 bits; the shifted result
  // is at most 2^31, and that only for the pair of minima.
  let product = Int64(left) &* Int64(right)
  let rounded = (product &+ (1 << 30)) &>> 31
  return Int32(truncatingIfNeeded: rounded == 1 << 31 ? rounded &- 1 : rounded)
}

/// `value / 2^exponent` rounded to the nearest integer (numerics, equation 5).
///
/// Ties round away from zero: 0.5 to 1, −0.5 to −1. Defined for every value and for exponents from
/// 0 up; every exponent above 31 gives 0.
@inlinable
public func roundingDivideByPowerOfTwo(_ value: Int32, exponent: Int32) -> Int32 {
  guard exponent > 0 else { return value }
  guard exponent < 32 else { return 0 }
  // In 64 bits the nudge cannot overflow. Taking one off for negative values turns the upward tie
  // of an arithmetic shift into one away from zero.
  let nudge = (Int64(1) &<< Int64(exponent &- 1)) &+ (value < 0 ? -1 : 0)
  return Int32(truncatingIfNeeded: (Int64(value) &+ nudge) &>> Int64(exponent))
}

/// `value × 2^exponent`, saturating, for exponents of 0 … 30.
///
/// Used where a fixed-point number moves to a format with fewer integer bits.
@inlinable
func saturatingShiftLeft(_ value: Int32, exponent: Int32) -> Int32 {
  let shifted = Int64(value) &<< Int64(exponent)
  return Int32(clamping: shifted)
}

/// `(left + right) / 2` rounded, ties away from zero, without overflow.
@inlinable
func roundingHalfSum(_ left: Int32, _ right: Int32) -> Int32 {
  let sum = Int64(left) &+ Int64(right)
  return Int32(truncatingIfNeeded: (sum &+ (sum >= 0 ? 1 : -1)) / 2)
}
