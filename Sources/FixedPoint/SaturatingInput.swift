/// The argument of a function that is flat far from zero: a quantized number brought to Q4.27, or
/// the side on which it lies outside (numerics, equations 23 and 24).
struct SaturatingInput: Sendable {
  /// An argument of the function.
  enum Argument {
    /// −16 or less.
    case farBelow
    /// 16 or more.
    case farAbove
    /// Inside; in Q4.27.
    case inQ4(Int32)
  }

  /// The integer bits of an argument.
  static let integerBits: Int32 = 4

  private let zeroPoint: Int32
  private let multiplier: QuantizedMultiplier
  /// Steps from the zero point at which the argument would reach 2^4 − 1 and saturates.
  private let radius: Int32

  /// The conversion of numbers with the given quantization; the scale is at least 2^−28.
  init(_ input: AffineQuantization) {
    zeroPoint = input.zeroPoint
    let real = Double(input.scale) * 134_217_728
    multiplier = QuantizedMultiplier(real: real)
    radius = inputRadius(integerBits: Self.integerBits, of: real)
  }

  /// The argument for one quantized number.
  func argument(_ value: Int8) -> Argument {
    let centered = Int32(value) - zeroPoint
    // In this order: a radius of 0 sends 0 below.
    if centered <= -radius { return .farBelow }
    if centered >= radius { return .farAbove }
    return .inQ4(multiplier.applied(to: centered))
  }
}

/// The number of input steps that a multiplier near `real` maps to just below
/// `2^integerBits − 1` in a 32-bit format with that many integer bits.
///
/// The bound uses the power of two of the multiplier only, not its significand.
func inputRadius(integerBits: Int32, of real: Double) -> Int32 {
  // real in [2^(exponent − 1), 2^exponent).
  let exponent = Int64(truncatingIfNeeded: real.exponentBitPattern) - 1022
  guard exponent >= 0 else { return Int32.max }
  guard exponent < 62 else { return 0 }
  let limit = ((Int64(1) << Int64(integerBits)) - 1) << Int64(31 - integerBits)
  return Int32(truncatingIfNeeded: limit >> exponent)
}
