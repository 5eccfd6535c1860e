/// The multipliers of an element-wise sum or difference (numerics, equations 12 and 13).
///
/// Both inputs are raised by 20 bits and scaled to a common scale, twice the larger of the two; the
/// raw sum is then scaled to the output.
public struct SumScaling: Sendable, Equatable {
  /// Factor of the first input.
  public var first: QuantizedMultiplier
  /// Factor of the second input.
  public var second: QuantizedMultiplier
  /// Factor of the raw sum.
  public var output: QuantizedMultiplier

  /// Bits by which inputs are raised: 9-bit differences become 29-bit, and half their sum 29-bit.
  public static let leftShift: Int32 = 20

  /// The multipliers as given.
  @inlinable
  public init(
    first: QuantizedMultiplier, second: QuantizedMultiplier, output: QuantizedMultiplier
  ) {
    self.first = first
    self.second = second
    self.output = output
  }

  /// The multipliers of a sum or difference of tensors with the given scales.
  ///
  /// Nil where the output scale is so small (2^−19 of the larger input scale or less) that the
  /// output factor is not below 1; the reference has no answer there.
  public init?(firstScale: Float, secondScale: Float, outputScale: Float) {
    let twiceLargest = 2 * Double(max(firstScale, secondScale))
    let outputFactor = twiceLargest / (1_048_576 * Double(outputScale))
    guard outputFactor > 0, outputFactor < 1 else { return nil }
    first = QuantizedMultiplier(real: Double(firstScale) / twiceLargest)
    second = QuantizedMultiplier(real: Double(secondScale) / twiceLargest)
    output = QuantizedMultiplier(real: outputFactor)
    // Rounding may carry a factor just below 1 up to 1, which would shift left.
    guard output.shift <= 0 else { return nil }
  }
}
