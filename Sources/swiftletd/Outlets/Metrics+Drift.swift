import Drift
import ModelFormat
import Pipeline
import Text

extension Metrics {
  /// The alarm, and what the last drift window came to beside the thresholds of the model.
  static func writeDrift(
    to text: inout MetricsText, _ model: borrowing Model, _ pipeline: borrowing PredictionPipeline
  ) {
    guard let baseline = model.baseline else { return }
    pipeline.withMonitor { monitor in
      text.single(
        "swiftlet_drift_alarm", .gauge, "1 while the samples are unlike those of the training.",
        monitor.isAlarmed ? 1 : 0)
      text.single(
        "swiftlet_drift_alarms_total", .counter, "Alarms raised.", UInt64(monitor.alarmCount))
      text.single(
        "swiftlet_drift_windows_total", .counter, "Drift windows ended.",
        UInt64(monitor.windowIndex))
      guard monitor.windowIndex > 0 else { return }
      let value: StaticString = "swiftlet_drift_statistic"
      text.family(value, .gauge, "Distance of the last drift window from the reference.")
      eachDeciding(baseline) { channel, statistic in
        begin(&text, value, model, channel, statistic)
        text.end(real: monitor.value(statistic, ofChannel: channel), fractionDigits: 4)
      }
      let threshold: StaticString = "swiftlet_drift_threshold"
      text.family(threshold, .gauge, "Where the statistic becomes an alarm, from below.")
      eachDeciding(baseline) { channel, statistic in
        let upper = Double(baseline.threshold(statistic, ofChannel: channel).upper)
        guard upper.isFinite else { return }
        begin(&text, threshold, model, channel, statistic)
        text.end(real: upper, fractionDigits: 4)
      }
    }
  }

  private static func eachDeciding(
    _ baseline: Baseline, _ body: (Int, DriftStatistic) -> Void
  ) {
    for channel in 0..<min(baseline.channelCount, DriftRecord.detailedChannelLimit) {
      for rawValue in 0..<UInt8(DriftStatistic.count) {
        guard let statistic = DriftStatistic(rawValue: rawValue), baseline.decides(statistic) else {
          continue
        }
        body(channel, statistic)
      }
    }
  }

  private static func begin(
    _ text: inout MetricsText, _ name: StaticString, _ model: borrowing Model, _ channel: Int,
    _ statistic: DriftStatistic
  ) {
    text.begin(name)
    text.label("channel", Span(_bytes: model.text(model.channel(channel).name)), isFirst: true)
    text.label("statistic", statistic.name, isFirst: false)
    text.endLabels()
  }
}
