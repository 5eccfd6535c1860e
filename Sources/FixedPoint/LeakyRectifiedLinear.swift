/// x where x ≥ 0, else `slope × x`, from int8 to int8 (numerics, equation 30).
public struct LeakyRectifiedLinear: Sendable {
  private let inputZeroPoint: Int32
  private let outputZeroPoint: Int32
  private let multiplierAbove: QuantizedMultiplier
  private let multiplierBelow: QuantizedMultiplier

  /// The function from one quantization to another; `slope` may be negative or above 1.
  public init(input: AffineQuantization, output: AffineQuantization, slope: Float) {
    inputZeroPoint = input.zeroPoint
    outputZeroPoint = output.zeroPoint
    multiplierAbove = QuantizedMultiplier(
      real: requantizationMultiplier(inputScale: input.scale, outputScale: output.scale))
    multiplierBelow = QuantizedMultiplier(
      real: Double(input.scale) * Double(slope) / Double(output.scale))
  }

  /// The function of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    let centered = Int32(value) - inputZeroPoint
    let multiplier = centered >= 0 ? multiplierAbove : multiplierBelow
    return Int8(clamping: multiplier.applied(to: centered) &+ outputZeroPoint)
  }
}
