import Drift
import Foundation
import ModelFormat

/// Thresholds of every statistic for one length of the drift window.
struct WindowCalibration {
  let windowSampleCount: Int
  /// Probability of one statistic giving a false alarm in one window.
  let probability: Double
  let survey: WindowSurvey
  /// By channel, then statistic.
  private(set) var channels: [[TailFit]] = []
  /// By statistic; empty without predictions.
  private(set) var predictions: [TailFit] = []
  /// Windows the reference is worth: the fewest of all statistics that decide.
  private(set) var independentCount = Double.infinity

  static let channelDecisions: [DriftStatistic] = [.meanShift, .spread, .noise, .jensenShannon]
  static let predictionDecisions: [PredictionStatistic] = [.classDistance, .confidenceShift]

  /// Nil where the reference has fewer than two windows.
  init?(_ reference: ReferenceSummary, windowSampleCount: Int) {
    let survey = WindowSurvey(reference, windowSampleCount: windowSampleCount)
    guard survey.windowCount >= 8 else { return nil }
    let series = reference.series
    let decisions =
      series.samples.count * Self.channelDecisions.count
      + (series.predictions.isEmpty ? 0 : Self.predictionDecisions.count)
    let windowSeconds = Double(windowSampleCount) / series.rateHertz
    let probability = min(
      0.05, windowSeconds / Double(reference.options.budgetSeconds) / Double(decisions))
    (self.windowSampleCount, self.probability, self.survey) =
      (windowSampleCount, probability, survey)
    channels = survey.channelValues.map { values in
      values.enumerated().map { Self.fit(DriftStatistic(rawValue: UInt8($0)), $1, probability) }
    }
    predictions = survey.predictionValues.enumerated().map {
      Self.fit(PredictionStatistic(rawValue: UInt8($0)), $1, probability)
    }
    for fits in channels {
      for statistic in Self.channelDecisions {
        independentCount = min(independentCount, fits[Int(statistic.rawValue)].independentCount)
      }
    }
    for statistic in Self.predictionDecisions where !predictions.isEmpty {
      independentCount = min(
        independentCount, predictions[Int(statistic.rawValue)].independentCount)
    }
  }

  /// The shift of a channel's mean, in standard deviations, that nine windows of ten show.
  func detectableShift(_ channel: Int) -> Double {
    channels[channel][Int(DriftStatistic.meanShift.rawValue)].detectableRise
  }

  /// The growth of a channel's spread, as a factor, that nine windows of ten show.
  func detectableSpread(_ channel: Int) -> Double {
    let fit = channels[channel][Int(DriftStatistic.spread.rawValue)]
    return fit.lowTypical > 0 ? Double(fit.threshold.upper) / fit.lowTypical : .infinity
  }

  var worstDetectableShift: Double {
    channels.indices.map { detectableShift($0) }.max() ?? .infinity
  }

  private static func fit(
    _ statistic: DriftStatistic?, _ values: [Double], _ probability: Double
  ) -> TailFit {
    switch statistic {
    case .meanShift:
      TailFit(
        values, scale: .plain, tail: probability, isTwoSided: true, neutral: 0, floor: 0.05)
    case .spread, .noise:
      TailFit(
        values, scale: .squareLike, tail: probability, isTwoSided: true, neutral: 1, floor: 0.05)
    case .jensenShannon:
      TailFit(
        values, scale: .squareLike, tail: probability, isTwoSided: false, neutral: 0, floor: 0.05)
    case .populationStability:
      TailFit(
        values, scale: .chiSquareLike, tail: probability, isTwoSided: false, neutral: 0,
        floor: 0.02)
    case .kolmogorovSmirnov, .wasserstein, nil:
      TailFit(
        values, scale: .plain, tail: probability, isTwoSided: false, neutral: 0, floor: 0.05)
    }
  }

  private static func fit(
    _ statistic: PredictionStatistic?, _ values: [Double], _ probability: Double
  ) -> TailFit {
    switch statistic {
    case .confidenceShift:
      TailFit(values, scale: .plain, tail: probability, isTwoSided: true, neutral: 0, floor: 0.1)
    case .classStability:
      TailFit(
        values, scale: .chiSquareLike, tail: probability, isTwoSided: false, neutral: 0,
        floor: 0.02)
    case .classDistance, .confidenceDistance, nil:
      TailFit(
        values, scale: .squareLike, tail: probability, isTwoSided: false, neutral: 0, floor: 0.05)
    }
  }
}
