import ModelFormat

/// The filters of a plan on their way through one channel of a window.
///
/// Each window is filtered for itself, from its first sample on, which is taken as what has been
/// there for ever: so the filters make no step of their own, and the features of a window depend on
/// nothing but the window.
struct FilterChain {
  private var averages = InlineArray<4, MovingAverage>(repeating: MovingAverage())
  private var sections = InlineArray<4, Biquad>(repeating: Biquad())
  private var isFirst = true

  /// Filters the next samples of the channel.
  mutating func filter(
    _ samples: inout SampleChunk, _ count: Int, _ plan: borrowing Preprocessing
  ) {
    for index in 0..<plan.filterCount {
      switch plan.filter(index) {
      case .movingAverage(let length):
        for sample in 0..<count {
          samples[sample] = averages[index].filter(samples[sample], length: length)
        }
      case .biquad(let b0, let b1, let b2, let a1, let a2):
        let coefficients = Biquad.Coefficients(b0: b0, b1: b1, b2: b2, a1: a1, a2: a2)
        var section =
          isFirst ? Biquad(settledOn: Double(samples[0]), coefficients) : sections[index]
        for sample in 0..<count {
          samples[sample] = Float(section.filter(Double(samples[sample]), coefficients))
        }
        sections[index] = section
      }
    }
    isFirst = false
  }
}
