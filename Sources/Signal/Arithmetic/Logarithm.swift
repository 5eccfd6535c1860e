/// The natural logarithm, the same bits on every target.
///
/// The C library's differs from one machine to the next in the last bit; this one is made of
/// additions, multiplications and one division in double precision, which IEEE 754 defines exactly.
public enum Logarithm {
  /// ln x for a finite x above 0, with a relative error below 4·10⁻¹⁶ away from 1 and an absolute
  /// one below 3·10⁻¹⁶ near it.
  ///
  /// x = m · 2ᵉ with m in √½ … √2, and ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| < 0.1716:
  /// the series 2 (s + s³/3 + s⁵/5 + …) is cut after s²¹, the rest is below 10⁻¹⁸.
  public static func natural(_ x: Double) -> Double {
    precondition(x > 0 && x.isFinite, "the logarithm of a positive number")
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var sum = 1.0 / 21
    var divisor = 19.0
    while divisor >= 3 {
      sum = sum * square + 1 / divisor
      divisor -= 2
    }
    let tail = 2 * s * square * sum
    // ln 2 in two parts: the first has 33 bits, so that its product with an exponent is exact.
    return exponent * 0x1.62e42fefap-1 + (2 * s + (tail + exponent * 0x1.cf79abc9e3b3ap-40))
  }
}
