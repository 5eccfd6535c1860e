import ModelFormat

extension WindowFunction {
  /// The weight of sample `index` of `length`.
  ///
  /// The weights are periodic, as those of `scipy.signal.get_window` with `fftbins=True`.
  public func weight(_ index: Int, of length: Int) -> Float {
    let cosine = UnitCircle.point(index, of: length).cosine
    return switch self {
    case .rectangular: 1
    case .hann: Float(0.5 - 0.5 * cosine)
    case .hamming: Float(0.54 - 0.46 * cosine)
    }
  }
}
