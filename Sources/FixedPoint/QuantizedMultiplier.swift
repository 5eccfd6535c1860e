/// A non-negative real factor as an integer multiply and a shift: `significand × 2^(shift − 31)`
/// (numerics, equation 3).
///
/// Every rescaling between quantized tensors is one of these. The preparation from a real number is
/// done once, in double precision, when a model is converted; inference uses integers only.
public struct QuantizedMultiplier: Sendable, Equatable {
  /// The significand in Q0.31. From ``init(real:)``: 0, or a magnitude of 2^30 … 2^31 − 1.
  public var significand: Int32
  /// The power of two, −31 … 30; positive shifts left.
  public var shift: Int32

  /// The multiplier `significand × 2^(shift − 31)`.
  ///
  /// Any significand is allowed; `shift` must be in −31 … 30.
  @inlinable
  public init(significand: Int32, shift: Int32) {
    self.significand = significand
    self.shift = shift
  }

  /// The multipliers that ``init(real:)`` represents faithfully are smaller than this.
  public static var limit: Double { 1_073_741_824 }

  /// The multiplier nearest to `real`: the significand is `real`'s in 31 bits plus one half, truncated
  /// toward zero (numerics, equation 3).
  ///
  /// Magnitudes below 2^−32 (and NaN) become 0. Magnitudes of ``limit`` and more do not occur in
  /// sane models (a scale ratio of a thousand million); they saturate to the largest multiplier,
  /// and a converter refuses them. Negative numbers arise from a negative slope only.
  public init(real: Double) {
    guard real == real, real != 0 else {
      self.init(significand: 0, shift: 0)
      return
    }
    // real = ±mantissa × 2^(exponent − 53) with a 53-bit mantissa, hence |real| in
    // [2^(exponent − 1), 2^exponent).
    var exponent = Int32(truncatingIfNeeded: real.exponentBitPattern) - 1022
    let mantissa = Int64(bitPattern: real.significandBitPattern) | 1 << 52
    // Truncating after adding one half rounds positive numbers to nearest; a negative one that
    // needs no rounding loses one unit, and the reference's results show that it does.
    let half: Int64 = real < 0 ? -(1 << 21) : 1 << 21
    var magnitude = (mantissa + half) >> 22
    if magnitude == 1 << 31 {
      magnitude = 1 << 30
      exponent += 1
    }
    if exponent < -31 {
      self.init(significand: 0, shift: 0)
    } else if exponent > 30 {
      self.init(significand: real < 0 ? -Int32.max : Int32.max, shift: 30)
    } else {
      let significand = Int32(truncatingIfNeeded: magnitude)
      self.init(significand: real < 0 ? -significand : significand, shift: exponent)
    }
  }

  /// `value × significand × 2^(shift − 31)`, rounded twice (numerics, equation 6).
  ///
  /// The left shift wraps like a 32-bit register; a converter makes sure that it does not have to.
  /// Defined for every value, significand and shift.
  @inlinable
  public func applied(to value: Int32) -> Int32 {
    let leftShift = shift > 0 ? shift : 0
    let rightShift = shift > 0 ? 0 : 0 &- shift
    let high = saturatingRoundingDoublingHighMultiply(value &<< leftShift, significand)
    return roundingDivideByPowerOfTwo(high, exponent: rightShift)
  }
}
