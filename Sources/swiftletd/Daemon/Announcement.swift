import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// What is said, and recorded, when the daemon begins and ends.
enum Announcement {
  /// The version of the program.
  static let version: StaticString = "0.1.0"

  static func start(
    _ model: borrowing Model, _ settings: borrowing Settings, _ source: SampleSourceKind,
    _ configuration: FilePath, _ context: inout DaemonContext
  ) {
    guard let contract = model.contract else { return }
    let modelPath = settings.modelPath
    LogLine.write(.information) { text in
      switch source {
      case .sensors:
        text.append(visible: configuration.bytes)
      case .replay(let path, let pace):
        text.append(visible: path.bytes)
        text.append(pace == .realTime ? " in real time" : " as fast as possible")
      }
      text.append(": ")
      text.append(contract.channelCount)
      text.append(contract.channelCount == 1 ? " channel, " : " channels, ")
      text.append(Double(contract.rateMillihertz) / 1000, fractionDigits: 1)
      text.append(" samples a second, windows of ")
      text.append(contract.windowLength)
      text.append(" every ")
      text.append(contract.hop)
    }
    let reloads = context.state.reloadCount
    context.journal.record(.start) { line in
      line.field("program", string: "swiftletd")
      line.field("version", string: version)
      line.field("pid", integer: Process.identifier)
      line.field("model", string: modelPath.bytes)
      line.field("configuration", string: configuration.bytes)
      line.field("channels", integer: contract.channelCount)
      line.field(
        "rate_hz", decimal: Double(contract.rateMillihertz) / 1000, fractionDigits: 3)
      line.field("window", integer: contract.windowLength)
      line.field("hop", integer: contract.hop)
      line.key("model_check")
      var check = TextBuffer<8>()
      check.append(hexadecimal: UInt64(model.driftModelCheck), digits: 8)
      line.string(check.bytes)
      line.field("baseline", boolean: model.baseline != nil)
      if reloads > 0 { line.field("reload", integer: reloads) }
    }
  }

  static func stop(
    _ context: inout DaemonContext, _ settings: borrowing Settings,
    _ appendDetails: (inout TextBuffer<2048>) -> Void
  ) {
    let state = context.state
    let folder = settings.log.folder
    context.journal.record(.stop) { line in
      line.field("signal", integer: Int64(TerminationSignal.number))
      HealthRecord.write(state, to: &line, now: MonotonicClock.now())
    }
    LogLine.write(.information) { text in
      if TerminationSignal.isRaised { text.append("stopped after ") }
      text.append(state.predictionCount)
      text.append(state.predictionCount == 1 ? " prediction" : " predictions")
      appendDetails(&text)
      if state.latency.count > 0 {
        text.append("\n  latency     min ")
        text.append(state.latency.minimum)
        text.append(" µs, median ")
        text.append(state.latency.quantile(0.5))
        text.append(" µs, p99 ")
        text.append(state.latency.quantile(0.99))
        text.append(" µs")
      }
      text.append("\n  memory      ")
      text.append(Process.peakResidentByteCount / 1024)
      text.append(" KiB resident at most\n  log         ")
      text.append(visible: folder.bytes)
    }
  }
}
