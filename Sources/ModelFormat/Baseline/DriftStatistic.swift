/// What a drift window of a channel is compared by. Raw values are places in the model file.
public enum DriftStatistic: UInt8, Sendable {
  /// (mean − reference mean) / reference standard deviation.
  case meanShift
  /// Standard deviation / reference standard deviation.
  case spread
  /// Root mean square of the steps from one sample to the next / that of the reference.
  case noise
  /// Jensen–Shannon distance of the histograms: square root of the divergence in bits, 0 to 1.
  case jensenShannon
  /// Population stability index of the histograms: Σ (r − c) ln (r / c).
  case populationStability
  /// Largest difference of the cumulative histograms, 0 to 1.
  case kolmogorovSmirnov
  /// Wasserstein-1 distance of the histograms in reference standard deviations.
  case wasserstein

  /// How many there are.
  public static let count = 7

  /// The name in journals and on the command line.
  public var name: StaticString {
    switch self {
    case .meanShift: "mean_shift"
    case .spread: "spread"
    case .noise: "noise"
    case .jensenShannon: "js"
    case .populationStability: "psi"
    case .kolmogorovSmirnov: "ks"
    case .wasserstein: "wasserstein"
    }
  }
}

/// What the predictions of a drift window are compared by.
public enum PredictionStatistic: UInt8, Sendable {
  /// Jensen–Shannon distance of the predicted classes.
  case classDistance
  /// Population stability index of the predicted classes.
  case classStability
  /// (mean confidence − reference mean) / reference standard deviation.
  case confidenceShift
  /// Jensen–Shannon distance of the histograms of confidence.
  case confidenceDistance

  /// How many there are.
  public static let count = 4

  /// The name in journals and on the command line.
  public var name: StaticString {
    switch self {
    case .classDistance: "class_js"
    case .classStability: "class_psi"
    case .confidenceShift: "confidence_shift"
    case .confidenceDistance: "confidence_js"
    }
  }
}

/// What the converter promises about the rate of false alarms.
public enum DriftPromise: UInt8, Sendable {
  /// Nothing: the reference was too short or not stationary. Thresholds are a best guess.
  case none
  /// The budget is kept if the tail of the statistics continues as the reference's begins.
  case extrapolated
  /// The budget is kept: the reference itself has windows as rare as a false alarm may be.
  case measured
}

/// Where a statistic of a drift window becomes an alarm, and where the alarm ends.
public struct Threshold: Equatable, Sendable {
  /// Below it: alarm. −∞ where low values mean nothing.
  public var lower: Float
  /// Above it: alarm.
  public var upper: Float
  /// The alarm goes on below it.
  public var clearLower: Float
  /// The alarm goes on above it.
  public var clearUpper: Float

  /// A threshold of these numbers.
  public init(lower: Float, upper: Float, clearLower: Float, clearUpper: Float) {
    self.lower = lower
    self.upper = upper
    self.clearLower = clearLower
    self.clearUpper = clearUpper
  }

  /// Whether a value raises the alarm.
  public func isExceeded(by value: Double) -> Bool {
    value > Double(upper) || value < Double(lower)
  }

  /// Whether a value keeps an alarm up.
  public func isUnsettled(by value: Double) -> Bool {
    value > Double(clearUpper) || value < Double(clearLower)
  }

  /// Whether a value is nearer to an alarm than to its end.
  public func isSuspicious(_ value: Double) -> Bool {
    value > 0.5 * (Double(upper) + Double(clearUpper))
      || value < 0.5 * (Double(lower) + Double(clearLower))
  }
}
