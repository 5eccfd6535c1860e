/// 1 / (1 + e^−x) in Q0.31 for x in Qm.(31−m), m = `integerBits` (numerics, equation 21).
@inlinable
func fixedPointLogistic(_ value: Int32, integerBits: Int32) -> Int32 {
  guard value != 0 else { return 1 << 30 }
  let minusMagnitude = value > 0 ? 0 &- value : value
  let ofMagnitude = reciprocalOfOnePlus(
    exponentialOfNonPositive(minusMagnitude, integerBits: integerBits))
  return value > 0 ? ofMagnitude : oneInQ0 &- ofMagnitude
}

/// The logistic function from int8 to int8 (numerics, equation 23).
///
/// The output quantization is fixed: scale 1/256, zero point −128.
public struct Logistic: Sendable {
  private let input: SaturatingInput

  /// The function of inputs with the given quantization.
  public init(input: AffineQuantization) { self.input = SaturatingInput(input) }

  /// The logistic function of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    switch input.argument(value) {
    case .farBelow: return .min
    case .farAbove: return .max
    case .inQ4(let argument):
      let result = fixedPointLogistic(argument, integerBits: SaturatingInput.integerBits)
      return Int8(clamping: roundingDivideByPowerOfTwo(result, exponent: 31 - 8) - 128)
    }
  }
}
