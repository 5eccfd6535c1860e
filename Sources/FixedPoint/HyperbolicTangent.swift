/// tanh(x) in Q0.31 for x in Qm.(31−m), m = `integerBits` (numerics, equation 22).
@inlinable
func fixedPointHyperbolicTangent(_ value: Int32, integerBits: Int32) -> Int32 {
  guard value != 0 else { return 0 }
  let minusMagnitude = value < 0 ? value : 0 &- value
  // The same bits with one integer bit more are twice the number.
  let exponential = exponentialOfNonPositive(minusMagnitude, integerBits: integerBits &+ 1)
  let ofMagnitude = oneMinusOverOnePlus(exponential)
  return value < 0 ? 0 &- ofMagnitude : ofMagnitude
}

/// The hyperbolic tangent from int8 to int8 (numerics, equation 24).
///
/// The output quantization is fixed: scale 1/128, zero point 0.
public struct HyperbolicTangent: Sendable {
  private let input: SaturatingInput

  /// The function of inputs with the given quantization.
  public init(input: AffineQuantization) { self.input = SaturatingInput(input) }

  /// The hyperbolic tangent of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    switch input.argument(value) {
    case .farBelow: return .min
    case .farAbove: return .max
    case .inQ4(let argument):
      let result = fixedPointHyperbolicTangent(argument, integerBits: SaturatingInput.integerBits)
      return Int8(clamping: roundingDivideByPowerOfTwo(result, exponent: 31 - 7))
    }
  }
}
