import Conversion
import ModelFormat

/// The drift baseline as `inspect` shows it.
struct BaselineSummary: Encodable {
  struct Channel: Encodable {
    let name: String
    let mean: Double
    let standardDeviation: Double
    let minimum: Float
    let maximum: Float
    let correlationTimeSamples: Float
    let detectableShift: Float?
    let detectableSpread: Float?
    let edges: [Float]
    let counts: [UInt32]
    let thresholds: [String: ThresholdSummary]

    enum CodingKeys: String, CodingKey {
      case name, mean, minimum, maximum, edges, counts, thresholds
      case standardDeviation = "standard_deviation"
      case correlationTimeSamples = "correlation_time_samples"
      case detectableShift = "detectable_shift"
      case detectableSpread = "detectable_spread"
    }
  }

  struct ThresholdSummary: Encodable {
    let lower: Float?
    let upper: Float?
    let raisesAlarms: Bool

    enum CodingKeys: String, CodingKey {
      case lower, upper
      case raisesAlarms = "raises_alarms"
    }

    init(_ threshold: Threshold, raisesAlarms: Bool) {
      lower = threshold.lower.isFinite ? threshold.lower : nil
      upper = threshold.upper.isFinite ? threshold.upper : nil
      self.raisesAlarms = raisesAlarms
    }
  }

  struct Predictions: Encodable {
    let count: Int
    let classCounts: [UInt32]
    let confidenceMean: Double
    let confidenceCounts: [UInt32]
    let thresholds: [String: ThresholdSummary]

    enum CodingKeys: String, CodingKey {
      case count, thresholds
      case classCounts = "class_counts"
      case confidenceMean = "confidence_mean"
      case confidenceCounts = "confidence_counts"
    }
  }

  let promise: String
  let budgetSeconds: UInt32
  let windowSamples: Int
  let referenceSamples: Int
  let independentWindows: Float
  let channels: [Channel]
  let predictions: Predictions?

  enum CodingKeys: String, CodingKey {
    case promise, channels, predictions
    case budgetSeconds = "budget_seconds"
    case windowSamples = "window_samples"
    case referenceSamples = "reference_samples"
    case independentWindows = "independent_windows"
  }

  init?(_ model: borrowing Model) {
    guard let baseline = model.baseline else { return nil }
    promise = "\(baseline.promise)"
    budgetSeconds = baseline.budgetSeconds
    windowSamples = baseline.windowSampleCount
    referenceSamples = baseline.sampleCount
    independentWindows = baseline.independentWindowCount
    var channels: [Channel] = []
    for index in 0..<baseline.channelCount {
      let record = baseline.channel(index)
      var thresholds: [String: ThresholdSummary] = [:]
      for raw in 0..<DriftStatistic.count {
        guard let statistic = DriftStatistic(rawValue: UInt8(raw)) else { continue }
        thresholds["\(statistic.name)"] = ThresholdSummary(
          baseline.threshold(statistic, ofChannel: index),
          raisesAlarms: baseline.decides(statistic))
      }
      var (edges, counts): ([Float], [UInt32]) = ([], [])
      for bin in 0..<record.binCount {
        edges.append(baseline.edge(bin, ofChannel: index))
        counts.append(baseline.count(bin, ofChannel: index))
      }
      channels.append(
        Channel(
          name: string(model.channel(index).name, of: model), mean: record.mean,
          standardDeviation: record.standardDeviation, minimum: record.minimum,
          maximum: record.maximum, correlationTimeSamples: record.correlationTime,
          detectableShift: record.detectableShift.isFinite ? record.detectableShift : nil,
          detectableSpread: record.detectableSpread.isFinite ? record.detectableSpread : nil,
          edges: edges, counts: counts, thresholds: thresholds))
    }
    self.channels = channels
    guard baseline.classCount > 0 else {
      predictions = nil
      return
    }
    var classes: [UInt32] = []
    for index in 0..<baseline.classCount { classes.append(baseline.classCountInReference(index)) }
    var confidences: [UInt32] = []
    for bin in 0..<Baseline.confidenceBinCount { confidences.append(baseline.confidenceCount(bin)) }
    var thresholds: [String: ThresholdSummary] = [:]
    for raw in 0..<PredictionStatistic.count {
      guard let statistic = PredictionStatistic(rawValue: UInt8(raw)) else { continue }
      thresholds["\(statistic.name)"] = ThresholdSummary(
        baseline.threshold(statistic), raisesAlarms: baseline.decides(statistic))
    }
    predictions = Predictions(
      count: baseline.predictionCount, classCounts: classes,
      confidenceMean: baseline.confidenceMean, confidenceCounts: confidences,
      thresholds: thresholds)
  }

  /// Lines for a person.
  func lines(rateHertz: Double) -> [String] {
    let window = BaselineBuilder.durationText(Double(windowSamples) / rateHertz)
    let budget = BaselineBuilder.durationText(Double(budgetSeconds))
    let promised =
      switch promise {
      case "measured": "one false alarm in \(budget) at most, as seen in the reference"
      case "extrapolated": "one false alarm in \(budget) at most, tails extrapolated"
      default: "none; the reference was too short for one false alarm in \(budget)"
      }
    var lines = [
      "Drift baseline: \(decimal(referenceSamples)) samples, windows of \(decimal(windowSamples)) "
        + "(\(window)); promise: \(promised)"
    ]
    let width = channels.map(\.name.count).max() ?? 0
    for channel in channels {
      let shift = channel.detectableShift.map { "\(FixedText.twoDigits(Double($0)))" } ?? "nothing"
      let spread =
        channel.detectableSpread.map { "\(FixedText.twoDigits(Double($0)))" } ?? "nothing"
      lines.append(
        "  \(pad(channel.name, width))  catches a shift of \(shift) standard deviations, "
          + "a spread × \(spread)")
    }
    return lines
  }
}

/// Numbers with two decimals.
enum FixedText {
  static func twoDigits(_ value: Double) -> String {
    String(Double((value * 100).rounded()) / 100)
  }
}
