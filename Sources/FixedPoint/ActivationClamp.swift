extension AffineQuantization {
  /// The int8 values between which an operator's result is clamped, for a fused activation that
  /// clamps real numbers to `minimum ... maximum` (numerics, equation 9).
  ///
  /// `nil` is no bound: RELU is `(0, nil)`, RELU6 `(0, 6)`, RELU_N1_TO_1 `(−1, 1)`, no activation
  /// `(nil, nil)`. Real zero must be inside the bounds, and the zero point within int8; then the
  /// result is not empty.
  public func int8Range(minimum: Float?, maximum: Float?) -> ClosedRange<Int32> {
    var lower: Int32 = -128
    var upper: Int32 = 127
    if let minimum { lower = max(lower, saturatingSteps(minimum)) }
    if let maximum { upper = min(upper, saturatingSteps(maximum)) }
    return lower...max(lower, upper)
  }

  /// `real` in steps from the zero point, without the limits of an element type.
  private func saturatingSteps(_ real: Float) -> Int32 {
    Int32(clamping: Int64(roundedToInt32(real / scale)) + Int64(zeroPoint))
  }
}
