import ModelFormat
import Text

extension DriftAlarm {
  /// Appends one or two sentences for a person: what moved, from what to what, what it looks like
  /// and why.
  public func explain(
    into sink: inout some TextSink & ~Copyable, monitor: borrowing DriftMonitor,
    model: borrowing Model
  ) {
    switch subject {
    case .channel(let index):
      let record = model.channel(index)
      sink.append(visible: Span(_bytes: model.text(record.name)))
      explainChannel(index, monitor, into: &sink)
    case .classes:
      sink.append("predicted classes: distance ")
      sink.append(value, fractionDigits: 3)
      sink.append(", threshold ")
      sink.append(Double(threshold.upper), fractionDigits: 3)
    case .confidence:
      sink.append("confidence: mean ")
      sink.append(monitor.predictionSummary.confidenceMean, fractionDigits: 3)
      sink.append(", reference ")
      sink.append(monitor.baseline.confidenceMean, fractionDigits: 3)
    }
    explainVerdict(into: &sink)
  }

  private func explainChannel(
    _ index: Int, _ monitor: borrowing DriftMonitor, into sink: inout some TextSink & ~Copyable
  ) {
    let summary = monitor.summary(ofChannel: index)
    let reference = monitor.baseline.channel(index)
    sink.append(": mean ")
    sink.append(summary.mean, fractionDigits: 3)
    sink.append(" ± ")
    sink.append(summary.standardDeviation, fractionDigits: 3)
    sink.append(", reference ")
    sink.append(reference.mean, fractionDigits: 3)
    sink.append(" ± ")
    sink.append(reference.standardDeviation, fractionDigits: 3)
    guard statistic != nil else { return }
    sink.append("; ")
    sink.append(statisticName)
    sink.append(" ")
    sink.append(value, fractionDigits: 3)
    sink.append(", allowed ")
    if threshold.lower > -.infinity {
      sink.append(Double(threshold.lower), fractionDigits: 3)
      sink.append(" to ")
    } else {
      sink.append("up to ")
    }
    sink.append(Double(threshold.upper), fractionDigits: 3)
  }

  private func explainVerdict(into sink: inout some TextSink & ~Copyable) {
    sink.append(". Looks like the ")
    sink.append(verdict.name)
    sink.append(": ")
    switch verdict {
    case .sensor:
      sink.append(fault == .none ? "its noise changed, the signal did not" : fault.explanation)
      if evidence.faultCount > 1 {
        sink.append(", as ")
        sink.append(evidence.faultCount - 1)
        sink.append(evidence.faultCount == 2 ? " other channel" : " other channels")
      }
    case .world:
      sink.append(evidence.movedCount)
      sink.append(" of ")
      sink.append(evidence.channelCount)
      sink.append(evidence.channelCount == 1 ? " channel moved" : " channels moved")
      sink.append(
        evidence.classesMoved || evidence.confidenceMoved
          ? ", predictions with them" : ", predictions did not")
    case .model:
      sink.append("predictions moved, no channel did")
    }
  }
}

extension SensorFault {
  /// What it is, in words.
  public var explanation: StaticString {
    switch self {
    case .none: "nothing unusual"
    case .stuck: "stuck at one value"
    case .clipped: "clipped at the end of its range"
    case .dropped: "samples are missing"
    case .busErrors: "reads fail"
    case .noisy: "its noise changed, the signal did not"
    }
  }
}
