import ModelFormat

extension Detrend {
  /// Takes mean or line out of a window (`scipy.signal.detrend`).
  @_lifetime(samples: copy samples)
  public func apply(to samples: inout MutableSpan<Float>) {
    guard self != .none, !samples.isEmpty else { return }
    let count = Double(samples.count)
    // The middle of the window is the origin of time: mean and slope are then independent.
    let middle = (count - 1) / 2
    var sum = 0.0
    var product = 0.0
    for index in samples.indices {
      sum += Double(samples[index])
      product += Double(samples[index]) * (Double(index) - middle)
    }
    let mean = sum / count
    // Σ (i − middle)² = n (n² − 1) / 12.
    let squares = count * (count * count - 1) / 12
    let slope = self == .linear && squares > 0 ? product / squares : 0
    for index in samples.indices {
      let line = mean + slope * (Double(index) - middle)
      samples[index] = Float(Double(samples[index]) - line)
    }
  }
}
