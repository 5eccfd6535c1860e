import Foundation
import ModelFormat

/// How a statistic of a channel, or of predictions, is made nearly normal before its tail is
/// extrapolated.
enum StatisticScale {
  /// As it is: means, by the central limit theorem.
  case plain
  /// The cube root of the square: variances and divergences, which are distributed like χ²
  /// (E. B. Wilson, M. M. Hilferty, The Distribution of Chi-Square, 1931).
  case squareLike
  /// The cube root: the population stability index, which is like χ² itself.
  case chiSquareLike

  func forward(_ value: Double) -> Double {
    switch self {
    case .plain: value
    case .squareLike: pow(max(0, value), 2.0 / 3)
    case .chiSquareLike: cbrt(max(0, value))
    }
  }

  func backward(_ value: Double) -> Double {
    switch self {
    case .plain: value
    case .squareLike: pow(max(0, value), 1.5)
    case .chiSquareLike: pow(max(0, value), 3)
    }
  }
}

/// Thresholds of one statistic from its values in the windows of the reference.
///
/// Windows overlap and depend on each other; `independentCount` says how many they are worth. The
/// threshold is a tolerance limit of the normal distribution: with 97.5 % confidence the statistic
/// exceeds it more rarely than asked. Where the values have heavier tails than a normal
/// distribution, the threshold is where an exponential tail, fitted to the outermost tenth, ends if
/// that is further out. It is never inside what the reference itself reached.
struct TailFit {
  let independentCount: Double
  let threshold: Threshold
  /// The value that nine windows of ten exceed if the statistic is moved up by this much.
  let detectableRise: Double
  /// The value nine undrifted windows of ten exceed.
  let lowTypical: Double
  let isHeavy: Bool

  /// - Parameters:
  ///   - values: The statistic in every window.
  ///   - tail: Probability of a false alarm of this statistic in one window.
  ///   - floor: Distances from the undrifted value that are too small to matter.
  init(
    _ values: [Double], scale: StatisticScale, tail: Double, isTwoSided: Bool, neutral: Double,
    floor: Double
  ) {
    let scaled = values.map(scale.forward)
    let count = Double(scaled.count)
    let mean = scaled.reduce(0, +) / count
    let squares = scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / max(1, count - 1)).squareRoot()
    // Windows begin four to a window: they are worth a quarter of their number at most.
    let time = max(4, SeriesCorrelation.time(of: scaled, longestLag: 2000))
    // What changes over hours may look independent from one window to the next. The estimate from
    // eight pieces is coarse: it counts where it is below by more than its own spread.
    let slow = 2.5 * SeriesCorrelation.batchCount(of: scaled)
    let independent = deviation > 0 ? max(1, min(count / time, slow)) : count / 4
    independentCount = independent

    let sideTail = isTwoSided ? tail / 2 : tail
    let factor = NormalDistribution.toleranceFactor(exceededWith: sideTail, count: independent)
    let clearFactor = min(factor, 2.3263478740408408)
    var upper = mean + factor * deviation
    var lower = mean - factor * deviation
    let heavyUp = Self.isHeavy(scaled, mean, deviation, independent, direction: 1)
    let heavyDown = isTwoSided && Self.isHeavy(scaled, mean, deviation, independent, direction: -1)
    if heavyUp {
      upper = max(upper, mean + Self.exponential(scaled.map { $0 - mean }, sideTail, independent))
    }
    if heavyDown {
      lower = min(lower, mean - Self.exponential(scaled.map { mean - $0 }, sideTail, independent))
    }
    isHeavy = heavyUp || heavyDown
    upper = max(upper, scaled.max() ?? upper)
    lower = min(lower, scaled.min() ?? lower)

    let high = max(scale.backward(upper), neutral + floor)
    let highClear = min(
      high, max(scale.backward(mean + clearFactor * deviation), neutral + floor / 2))
    lowTypical = scale.backward(mean - 1.2815515655446004 * deviation)
    if isTwoSided {
      let low = min(scale.backward(lower), neutral - floor)
      let lowClear = max(
        low, min(scale.backward(mean - clearFactor * deviation), neutral - floor / 2))
      threshold = Threshold(
        lower: Float(low), upper: Float(high), clearLower: Float(lowClear),
        clearUpper: Float(highClear))
      detectableRise = max(high - neutral, neutral - low) + (neutral - lowTypical)
    } else {
      threshold = Threshold(
        lower: -.infinity, upper: Float(high), clearLower: -.infinity, clearUpper: Float(highClear))
      detectableRise = high + max(0, scale.backward(mean) - lowTypical)
    }
  }

  /// Whether skewness or kurtosis is further from the normal distribution's, on the side that makes
  /// the tail heavier, than two standard errors.
  private static func isHeavy(
    _ values: [Double], _ mean: Double, _ deviation: Double, _ independent: Double,
    direction: Double
  ) -> Bool {
    guard deviation > 0 else { return false }
    var (third, fourth) = (0.0, 0.0)
    for value in values {
      let z = direction * (value - mean) / deviation
      third += z * z * z
      fourth += z * z * z * z
    }
    let count = Double(values.count)
    return third / count > 2 * (6 / independent).squareRoot()
      || fourth / count - 3 > 2 * (24 / independent).squareRoot()
  }

  /// Where a tail that goes on exponentially from the outermost tenth is exceeded with probability
  /// `tail`; the mean excess is taken two standard errors larger than measured.
  private static func exponential(
    _ deviations: [Double], _ tail: Double, _ independent: Double
  ) -> Double {
    let sorted = deviations.sorted()
    let share = 0.1
    let first = min(sorted.count - 1, Int(Double(sorted.count) * (1 - share)))
    let start = sorted[first]
    let excesses = sorted[first...].map { $0 - start }
    let meanExcess = excesses.reduce(0, +) / Double(excesses.count)
    let standardError = 1.9599639845400545 / max(1, independent * share).squareRoot()
    return start + meanExcess * (1 + standardError) * log(max(1, share / tail))
  }
}
