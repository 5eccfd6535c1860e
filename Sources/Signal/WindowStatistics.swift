/// Numbers that describe a window of samples, as `numpy` and `scipy.stats` define them.
///
/// Two passes in double precision, summed from the first sample to the last: the mean, then the
/// powers of the deviations from it.
public struct WindowStatistics: Equatable, Sendable {
  /// Σx / n.
  public let mean: Double
  /// √(Σ(x − mean)² / n), of the population (`ddof=0`).
  public let standardDeviation: Double
  /// √(Σx² / n).
  public let rootMeanSquare: Double
  /// The smallest sample.
  public let minimum: Float
  /// The largest sample.
  public let maximum: Float
  /// How often the deviation from the mean changes its sign; zero counts as positive.
  public let zeroCrossings: Int
  /// m₃ / m₂^1.5 (`scipy.stats.skew`); 0 for a constant window.
  public let skewness: Double
  /// m₄ / m₂² − 3 (`scipy.stats.kurtosis`); 0 for a constant window.
  public let kurtosis: Double

  /// Describes samples that are worked on.
  public init(_ samples: consuming MutableSpan<Float>) {
    self.init(samples.span)
  }

  /// Describes a window.
  ///
  /// - Parameter samples: At least one, all finite.
  public init(_ samples: borrowing Span<Float>) {
    precondition(!samples.isEmpty, "a window has samples")
    let count = Double(samples.count)
    var sum = 0.0
    var squares = 0.0
    var low = samples[0]
    var high = samples[0]
    for index in samples.indices {
      let x = samples[index]
      sum += Double(x)
      squares += Double(x) * Double(x)
      low = x < low ? x : low
      high = x > high ? x : high
    }
    let mean = sum / count
    var moment2 = 0.0
    var moment3 = 0.0
    var moment4 = 0.0
    var crossings = 0
    var wasNegative = Double(samples[0]) - mean < 0
    for index in samples.indices {
      let deviation = Double(samples[index]) - mean
      let square = deviation * deviation
      moment2 += square
      moment3 += square * deviation
      moment4 += square * square
      let isNegative = deviation < 0
      crossings += isNegative == wasNegative ? 0 : 1
      wasNegative = isNegative
    }
    moment2 /= count
    moment3 /= count
    moment4 /= count
    self.mean = mean
    minimum = low
    maximum = high
    standardDeviation = moment2.squareRoot()
    rootMeanSquare = (squares / count).squareRoot()
    zeroCrossings = crossings
    // What rounding leaves of a constant window's deviations says nothing about its shape.
    let isConstant = low == high
    skewness = isConstant ? 0 : moment3 / (moment2 * moment2.squareRoot())
    kurtosis = isConstant ? 0 : moment4 / (moment2 * moment2) - 3
  }
}
