/// The same real numbers in another 8-bit quantization (numerics, equation 11).
///
/// int8 or uint8 on either side.
public struct Requantization: Sendable {
  private let input: AffineQuantization
  private let output: AffineQuantization
  private let multiplier: QuantizedMultiplier

  /// The conversion from `input` to `output`.
  public init(from input: AffineQuantization, to output: AffineQuantization) {
    self.input = input
    self.output = output
    multiplier = QuantizedMultiplier(
      real: requantizationMultiplier(inputScale: input.scale, outputScale: output.scale))
  }

  /// One number converted; saturates.
  public func callAsFunction<Input: FixedWidthInteger, Output: FixedWidthInteger>(
    _ value: Input
  ) -> Output {
    Output(clamping: unclamped(Int32(truncatingIfNeeded: value)))
  }

  /// One number converted, before saturation.
  func unclamped(_ value: Int32) -> Int32 {
    multiplier.applied(to: value &- input.zeroPoint) &+ output.zeroPoint
  }
}
