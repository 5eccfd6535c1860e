import ModelFormat

/// What a monitor knows besides its channels.
struct MonitorScalars: Sendable {
  /// Samples of the open window.
  var sampleCount: UInt32 = 0
  /// Windows that ended.
  var windowIndex: UInt32 = 0
  /// Alarms raised.
  var alarmCount: UInt32 = 0
  /// Windows without anything unsettled since the alarm was raised.
  var quietWindows: UInt32 = 0
  /// Times the adaptive window was cut.
  var adaptiveDetections: UInt32 = 0
  /// Statistics of predictions that are part of the alarm, a bit each.
  var alarmedPredictions: UInt32 = 0
  /// Start of the open window, start and end of the last one; seconds since 1970.
  var openStart = 0.0
  var windowStart = 0.0
  var windowEnd = 0.0
  var alarm: DriftAlarm?
  var predictions = PredictionWindow()
  var lastPredictions = PredictionSummary()
  /// Start of the first of the windows in a row in which predictions were unsettled.
  var predictionsUnsettledSince = 0.0
  var predictionsUnsettledRun: UInt32 = 0
  var adaptiveWindow = AdaptiveWindow()
}

/// What is remembered of the predictions of an open window, the classes' counts aside.
struct PredictionWindow: Sendable {
  var count: UInt32 = 0
  var sum = 0.0
  var squareSum = 0.0
  var bins = InlineArray<10, UInt32>(repeating: 0)

  mutating func add(_ confidence: Double, referenceMean: Double) {
    let deviation = confidence - referenceMean
    count &+= 1
    sum += deviation
    squareSum += deviation * deviation
    bins[Self.bin(of: confidence)] &+= 1
  }

  /// The bin of a confidence: ten of equal width from 0 to 1, the outer ones open.
  static func bin(of confidence: Double) -> Int {
    guard confidence > 0 else { return 0 }
    return confidence < 1 ? Int(confidence * 10) : 9
  }
}

/// What the predictions of the last window were like.
public struct PredictionSummary: Equatable, Sendable {
  /// Predictions of the window.
  public internal(set) var count: UInt32 = 0
  /// Mean of their confidence.
  public internal(set) var confidenceMean = 0.0
  /// Its standard deviation.
  public internal(set) var confidenceStandardDeviation = 0.0
  /// Whether there were enough to be compared.
  public internal(set) var isJudged = false
  /// Jensen–Shannon distance of the classes.
  public internal(set) var classDistance = 0.0
  /// Population stability index of the classes.
  public internal(set) var classStability = 0.0
  /// Shift of confidence in reference standard deviations.
  public internal(set) var confidenceShift = 0.0
  /// Jensen–Shannon distance of the histograms of confidence.
  public internal(set) var confidenceDistance = 0.0
  /// Statistics beyond their thresholds, a bit each.
  public internal(set) var exceeding: UInt32 = 0

  /// One of the statistics.
  public func value(_ statistic: PredictionStatistic) -> Double {
    switch statistic {
    case .classDistance: classDistance
    case .classStability: classStability
    case .confidenceShift: confidenceShift
    case .confidenceDistance: confidenceDistance
    }
  }

  /// Whether a statistic was beyond its threshold.
  public func exceeds(_ statistic: PredictionStatistic) -> Bool {
    exceeding >> UInt32(statistic.rawValue) & 1 == 1
  }

  /// Whether a statistic of the classes that raises alarms was.
  public var classExceeds: Bool { exceeds(.classDistance) }

  /// Whether a statistic of confidence that raises alarms was.
  public var confidenceExceeds: Bool { exceeds(.confidenceShift) }
}
