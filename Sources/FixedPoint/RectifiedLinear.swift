/// max(x, 0) from int8 to int8, converted to the output's quantization (numerics, equation 28).
public struct RectifiedLinear: Sendable {
  private let requantization: Requantization
  private let range: ClosedRange<Int32>

  /// The function from one quantization to another.
  public init(input: AffineQuantization, output: AffineQuantization) {
    requantization = Requantization(from: input, to: output)
    range = output.int8Range(minimum: 0, maximum: nil)
  }

  /// max(x, 0) of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    let result = requantization.unclamped(Int32(value))
    return Int8(truncatingIfNeeded: min(max(result, range.lowerBound), range.upperBound))
  }
}

/// min(max(x, 0), 6) from int8 to int8 (numerics, equation 29).
///
/// The input is clamped in its own quantization and not converted: input and output are expected to
/// have the same.
public struct RectifiedLinear6: Sendable {
  private let range: ClosedRange<Int32>

  /// The function of inputs with the given quantization.
  public init(input: AffineQuantization) {
    range = input.int8Range(minimum: 0, maximum: 6)
  }

  /// min(max(x, 0), 6) of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    Int8(truncatingIfNeeded: min(max(Int32(value), range.lowerBound), range.upperBound))
  }
}
