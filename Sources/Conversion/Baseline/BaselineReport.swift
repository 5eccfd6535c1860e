import Foundation
import ModelFormat

/// What a baseline promises, in words.
extension BaselineBuilder {
  /// Lines for a person: the promise, then what each channel catches and how long that takes.
  public var report: [String] {
    let series = reference.series
    let window = Double(calibration.windowSampleCount) / series.rateHertz
    let length = Double(series.sampleCount) / series.rateHertz
    let budget = Self.durationText(Double(reference.options.budgetSeconds))
    var lines = [
      "reference     \(series.sampleCount) samples (\(Self.durationText(length))), "
        + "\(series.pieces.count) \(series.pieces.count == 1 ? "piece" : "pieces"), "
        + "worth \(Int(calibration.independentCount)) independent drift windows",
      "drift window  \(calibration.windowSampleCount) samples (\(Self.durationText(window)))",
    ]
    switch promise {
    case .measured:
      lines.append("promise       at most one false alarm in \(budget), as seen in the reference")
    case .extrapolated:
      lines.append(
        "promise       at most one false alarm in \(budget), if the tails of the statistics go on "
          + "as they begin in the reference")
    case .none:
      let windows = 1.2 * Self.independentWindowsNeeded / max(0.5, calibration.independentCount)
      let needed = max(
        length * windows, Double(reference.options.budgetSeconds) / Self.longestExtrapolation)
      lines.append(
        "promise       none: one false alarm in \(budget) cannot be promised. The reference is "
          + "worth \(Int(calibration.independentCount)) drift windows of the "
          + "\(Int(Self.independentWindowsNeeded)) it takes, and should be a tenth of the budget "
          + "long: record about \(Self.durationText(needed)), with everything in it that is normal, "
          + "such as days and nights")
    }
    lines.append(
      "An alarm comes one to two windows after the change "
        + "(\(Self.durationText(window)) to \(Self.durationText(2 * window))). Caught with 90 %:")
    let width = series.channelNames.map(\.count).max() ?? 0
    for (index, name) in series.channelNames.enumerated() {
      lines.append(
        "  " + name.padding(toLength: width, withPad: " ", startingAt: 0) + "  "
          + channelLine(index))
    }
    if !series.predictions.isEmpty { lines.append(predictionLine(width)) }
    let heavy = calibration.channels.indices.filter { channel in
      WindowCalibration.channelDecisions.contains {
        calibration.channels[channel][Int($0.rawValue)].isHeavy
      }
    }
    if !heavy.isEmpty {
      lines.append(
        "Heavy tails, so that thresholds are further out: "
          + heavy.map { series.channelNames[$0] }.joined(separator: ", "))
    }
    if calibration.worstDetectableShift > 1, promise != .none {
      let factor = calibration.worstDetectableShift * calibration.worstDetectableShift
      let enough = window * factor
      lines.append(
        "To catch one standard deviation in every channel, a window of about "
          + "\(Self.durationText(enough)) would do, and a reference of "
          + "\(Self.durationText(Self.independentWindowsWanted * enough))")
    }
    return lines
  }

  private func channelLine(_ index: Int) -> String {
    let channel = reference.channels[index]
    let shift = calibration.detectableShift(index)
    let spread = calibration.detectableSpread(index)
    return String(
      format: "mean ± %.3g (%.2f standard deviations), spread × %.2f; "
        + "mean %.4g, standard deviation %.4g, one independent sample in %.1f",
      shift * channel.variance.squareRoot(), shift, spread, channel.mean,
      channel.variance.squareRoot(), channel.correlationTime)
  }

  private func predictionLine(_ width: Int) -> String {
    let share = detectableClassShift
    let confidence = calibration.predictions[Int(PredictionStatistic.confidenceShift.rawValue)]
    let classes =
      share.isFinite
      ? String(format: "%.0f %% of them in another class", 100 * share)
      : "no change of class at all (too few predictions in a window)"
    return "  " + "predictions".padding(toLength: max(width, 11), withPad: " ", startingAt: 0)
      + String(
        format: "  %@, confidence ± %.3f", classes,
        confidence.detectableRise * reference.confidenceVariance.squareRoot())
  }

  /// A duration to two digits in the unit a person would use.
  public static func durationText(_ seconds: Double) -> String {
    let units: [(Double, String)] = [
      (86_400 * 365.25, "years"), (86_400, "days"), (3600, "hours"), (60, "minutes"),
    ]
    for (size, name) in units where seconds >= 2 * size {
      let value = seconds / size
      return (value < 10 ? String(format: "%.1f", value) : String(format: "%.0f", value))
        .replacingOccurrences(of: ".0", with: "") + " " + name
    }
    return String(format: seconds < 10 ? "%.2g seconds" : "%.0f seconds", seconds)
  }
}
