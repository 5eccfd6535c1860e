extension QuantizedMultiplier {
  /// The factor from a centred sum of `count` elements to their mean in the output's scale
  /// (numerics, equation 15).
  ///
  /// The ratio of the scales is quantized first and its significand then divided by `count`,
  /// truncating; to keep its bits it is raised by as many as `count` has, as far as the shift
  /// allows. The significand may therefore end below 2^30. `count` is at least 1.
  public init(meanOf count: Int, inputScale: Float, outputScale: Float) {
    let ratio = QuantizedMultiplier(
      real: requantizationMultiplier(inputScale: inputScale, outputScale: outputScale))
    let countBits = Int32(truncatingIfNeeded: Int.bitWidth - 1 - count.leadingZeroBitCount)
    let raise = min(min(countBits, 32), 31 + ratio.shift)
    self.init(
      significand: Int32(
        truncatingIfNeeded: (Int64(ratio.significand) << Int64(raise)) / Int64(count)),
      shift: ratio.shift - raise)
  }
}
