/// How a tensor's integers stand for real numbers: `real = scale × (quantized − zeroPoint)`
/// (numerics, equation 1).
public struct AffineQuantization: Sendable, Equatable {
  /// The real value of one step; finite and above 0.
  public var scale: Float
  /// The integer that stands for real zero; within the range of the element type.
  public var zeroPoint: Int32

  /// The quantization with the given scale and zero point.
  @inlinable
  public init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// The integer nearest to `real`, ties away from zero, saturated to the element type (numerics,
  /// equation 2).
  ///
  /// Infinities saturate. Not-a-number carries no value and becomes the zero point.
  @inlinable
  public func quantize<Element: FixedWidthInteger>(_ real: Float) -> Element {
    let steps = roundedToInt32(real / scale)
    return Element(clamping: Int64(steps) + Int64(zeroPoint))
  }

  /// The real number that `quantized` stands for, rounded to single precision (numerics,
  /// equation 1).
  @inlinable
  public func dequantize<Element: FixedWidthInteger>(_ quantized: Element) -> Float {
    // Both terms are at most 32 bits wide; 8-bit elements give differences of at most 383, exact
    // in single precision.
    scale * Float(Int64(quantized) - Int64(zeroPoint))
  }
}

/// `value` rounded to the nearest integer, ties away from zero; saturated to Int32, NaN to 0.
///
/// Written without the C library's `roundf`, so that it is the same on every platform.
@inlinable
func roundedToInt32(_ value: Float) -> Int32 {
  guard value == value else { return 0 }
  if value >= 2_147_483_648 { return Int32.max }
  if value <= -2_147_483_648 { return Int32.min }
  // Floats of 2^23 and more have no fraction; below, truncation and the difference are exact.
  let truncated = Int32(value)
  let fraction = value - Float(truncated)
  if fraction >= 0.5 { return truncated &+ 1 }
  if fraction <= -0.5 { return truncated &- 1 }
  return truncated
}
