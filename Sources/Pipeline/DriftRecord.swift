import Drift
import Journal
import ModelFormat
import Text

/// What a drift window came to, as the journal keeps it, between the fields every record has:
///
///     "event":"raised","window":17,"window_start":"…Z","window_end":"…Z","alarm":true,
///     "channels":[{"name":"accel_x","n":480,"missing":0,"bus_errors":0,"mean":0.123,…}],
///     "predictions":{…},"page_hinkley":[0,…],"adwin":0,"verdict":"world","cause":{…},
///     "since":"…Z","text":"accel_x: mean …"
///
/// The baseline itself, with thresholds and histograms, is in the model file.
public struct DriftRecord: Sendable {
  /// More channels than this are written without histograms and secondary statistics, and only where
  /// something is unusual: a line has its limits.
  public static let detailedChannelLimit = 8

  /// What happened to the alarm at the end of the window.
  public var change: DriftEvent.Change

  /// A record of the end of a window.
  public init(_ change: DriftEvent.Change) { self.change = change }

  /// Writes the fields of the record's kind.
  public func write<Storage: TextStorage & ~Copyable>(
    to line: inout JSONLine<Storage>, monitor: borrowing DriftMonitor, model: borrowing Model
  ) {
    guard let baseline = model.baseline else { return }
    line.field("event", string: eventName)
    line.field("window", integer: UInt64(monitor.windowIndex))
    writeTime("window_start", monitor.windowStart, to: &line)
    writeTime("window_end", monitor.windowEnd, to: &line)
    line.field("alarm", boolean: monitor.isAlarmed)
    let isDetailed = baseline.channelCount <= Self.detailedChannelLimit
    line.key("channels")
    line.beginArray()
    for index in 0..<baseline.channelCount
    where isDetailed || Self.isUnusual(index, monitor) {
      writeChannel(index, isDetailed, to: &line, monitor, model, baseline)
    }
    line.endArray()
    if baseline.classCount > 0 { writePredictions(to: &line, monitor) }
    line.key("page_hinkley")
    line.beginArray()
    for index in 0..<(isDetailed ? baseline.channelCount : 0) {
      line.integer(UInt64(monitor.pageHinkleyCount(index)))
    }
    line.endArray()
    line.field("adwin", integer: UInt64(monitor.adwinCount))
    if let alarm = monitor.alarm { writeAlarm(alarm, to: &line, monitor, model, baseline) }
  }

  private var eventName: StaticString {
    switch change {
    case .none: "window"
    case .raised: "raised"
    case .updated: "updated"
    case .cleared: "cleared"
    }
  }

  private static func isUnusual(_ index: Int, _ monitor: borrowing DriftMonitor) -> Bool {
    if monitor.summary(ofChannel: index).fault != .none { return true }
    for raw in 0..<DriftStatistic.count {
      if let statistic = DriftStatistic(rawValue: UInt8(raw)),
        monitor.exceeds(statistic, ofChannel: index)
      {
        return true
      }
    }
    return false
  }

  private func writeTime<Storage: TextStorage & ~Copyable>(
    _ key: StaticString, _ seconds: Double, to line: inout JSONLine<Storage>
  ) {
    // Beyond the year 2200, or never set: no time at all.
    guard seconds > 0, seconds < 7_258_118_400 else {
      line.key(key)
      line.null()
      return
    }
    line.field(key, timestamp: Timestamp(nanosecondsSinceEpoch: Int64(seconds * 1000) * 1_000_000))
  }

  private func writeChannel<Storage: TextStorage & ~Copyable>(
    _ index: Int, _ isDetailed: Bool, to line: inout JSONLine<Storage>,
    _ monitor: borrowing DriftMonitor, _ model: borrowing Model, _ baseline: Baseline
  ) {
    let summary = monitor.summary(ofChannel: index)
    line.beginObject()
    line.field("name", string: Span(_bytes: model.text(model.channel(index).name)))
    line.field("n", integer: UInt64(summary.count))
    line.field("missing", integer: UInt64(summary.missingCount))
    line.field("bus_errors", integer: UInt64(summary.busErrorCount))
    line.field("mean", decimal: summary.mean, fractionDigits: 4)
    line.field("sd", decimal: summary.standardDeviation, fractionDigits: 4)
    line.field("min", decimal: Double(summary.minimum), fractionDigits: 4)
    line.field("max", decimal: Double(summary.maximum), fractionDigits: 4)
    line.field("effective_n", decimal: summary.effectiveCount, fractionDigits: 1)
    line.field("fault", string: summary.fault.name)
    for raw in 0..<DriftStatistic.count {
      guard let statistic = DriftStatistic(rawValue: UInt8(raw)),
        isDetailed || baseline.decides(statistic)
      else { continue }
      line.field(
        statistic.name, decimal: monitor.value(statistic, ofChannel: index), fractionDigits: 3)
    }
    line.key("exceeds")
    line.beginArray()
    for raw in 0..<DriftStatistic.count {
      guard let statistic = DriftStatistic(rawValue: UInt8(raw)),
        monitor.exceeds(statistic, ofChannel: index)
      else { continue }
      line.string(statistic.name)
    }
    line.endArray()
    if isDetailed {
      line.key("bins")
      line.beginArray()
      for bin in 0..<baseline.channel(index).binCount {
        line.integer(UInt64(monitor.count(bin, ofChannel: index)))
      }
      line.endArray()
    }
    line.endObject()
  }

  private func writePredictions<Storage: TextStorage & ~Copyable>(
    to line: inout JSONLine<Storage>, _ monitor: borrowing DriftMonitor
  ) {
    let summary = monitor.predictionSummary
    line.key("predictions")
    line.beginObject()
    line.field("n", integer: UInt64(summary.count))
    line.field("confidence", decimal: summary.confidenceMean, fractionDigits: 4)
    for raw in 0..<PredictionStatistic.count {
      guard let statistic = PredictionStatistic(rawValue: UInt8(raw)) else { continue }
      line.field(statistic.name, decimal: summary.value(statistic), fractionDigits: 3)
    }
    line.key("exceeds")
    line.beginArray()
    if summary.classExceeds { line.string("classes") }
    if summary.confidenceExceeds { line.string("confidence") }
    line.endArray()
    line.endObject()
  }

  private func writeAlarm<Storage: TextStorage & ~Copyable>(
    _ alarm: DriftAlarm, to line: inout JSONLine<Storage>, _ monitor: borrowing DriftMonitor,
    _ model: borrowing Model, _ baseline: Baseline
  ) {
    line.field("verdict", string: alarm.verdict.name)
    line.key("cause")
    line.beginObject()
    switch alarm.subject {
    case .channel(let index):
      line.field("subject", string: Span(_bytes: model.text(model.channel(index).name)))
    case .classes: line.field("subject", string: "classes")
    case .confidence: line.field("subject", string: "confidence")
    }
    line.field("statistic", string: alarm.statisticName)
    line.field("value", decimal: alarm.value, fractionDigits: 4)
    writeBound("lower", alarm.threshold.lower, to: &line)
    writeBound("upper", alarm.threshold.upper, to: &line)
    if case .channel(let index) = alarm.subject {
      let summary = monitor.summary(ofChannel: index)
      let reference = baseline.channel(index)
      line.field("reference_mean", decimal: reference.mean, fractionDigits: 4)
      line.field("reference_sd", decimal: reference.standardDeviation, fractionDigits: 4)
      line.field("mean", decimal: summary.mean, fractionDigits: 4)
      line.field("sd", decimal: summary.standardDeviation, fractionDigits: 4)
      line.field("effective_n", decimal: summary.effectiveCount, fractionDigits: 1)
    }
    line.field("fault", string: alarm.fault.name)
    line.endObject()
    writeTime("since", alarm.since, to: &line)
    var text = TextBuffer<400>()
    alarm.explain(into: &text, monitor: monitor, model: model)
    line.field("text", string: text.bytes)
  }

  private func writeBound<Storage: TextStorage & ~Copyable>(
    _ key: StaticString, _ value: Float, to line: inout JSONLine<Storage>
  ) {
    guard value.isFinite else {
      line.key(key)
      line.null()
      return
    }
    line.field(key, decimal: Double(value), fractionDigits: 4)
  }
}
