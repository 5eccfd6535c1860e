import Inference
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// The loop of `swiftletd run`: sample by sample from a recording to the log. It allocates nothing.
struct Replay: ~Copyable, ~Escapable {
  private let model: Model
  private var recording: Recording<FileSource>
  private var log: PredictionLog
  private var counts: ClassCounts
  private let configuration: Configuration
  private let view: LiveView
  private var latencies = LatencyHistogram()
  private var schedule = ReplaySchedule()

  @_lifetime(copy model)
  init(
    _ model: Model, recording: consuming Recording<FileSource>, log: consuming PredictionLog,
    counts: consuming ClassCounts, configuration: Configuration, view: LiveView
  ) {
    self.model = model
    self.recording = recording
    self.log = log
    self.counts = counts
    self.configuration = configuration
    self.view = view
  }

  /// Replays until the recording ends or a signal asks to stop.
  mutating func run(_ pipeline: inout PredictionPipeline) throws(CommandFailure) {
    var sample = Sample()
    while !TerminationSignal.isRaised {
      switch try step(&sample) {
      case .end: return
      case .sample: break
      case .sampleAfterGap: pipeline.restart()
      }
      guard let arrival = waitUntilDue(sample) else { return }
      guard let prediction = pipeline.accept(sample) else { continue }
      try record(prediction, arrival: arrival, pipeline)
    }
  }

  private mutating func step(
    _ sample: inout Sample
  ) throws(CommandFailure) -> Recording<FileSource>.Step {
    do throws(RecordingError<PlatformError>) {
      return try recording.next(into: &sample)
    } catch {
      // A pipe nobody writes to, when the signal came.
      if case .source(let failure) = error, failure.isInterruption { return .end }
      throw CommandFailure(error, recording: configuration.recordingPath)
    }
  }

  /// When the sample arrived, in nanoseconds of the monotonic clock; `nil` when a signal came.
  private mutating func waitUntilDue(_ sample: Sample) -> UInt64? {
    let now = MonotonicClock.now()
    guard configuration.pace == .realTime else { return now }
    let deadline = schedule.deadline(ofSampleAt: sample.time, now: now)
    return MonotonicClock.sleep(until: deadline) ? deadline : nil
  }

  private mutating func record(
    _ prediction: Prediction, arrival: UInt64, _ pipeline: borrowing PredictionPipeline
  ) throws(CommandFailure) {
    let now = MonotonicClock.now()
    let latency = (now - arrival) / 1000
    let record = PredictionRecord(
      prediction, time: Timestamp(nanosecondsSinceEpoch: WallClock.now()),
      monotonicNanoseconds: now, latencyMicroseconds: latency)
    try log.append(record, model: model, pipeline: pipeline)
    latencies.add(latency)
    counts.add(prediction.classIndex)
    view.show(prediction, latencyMicroseconds: latency, model: model)
  }

  // MARK: What is said before and after

  /// Says on standard error what begins.
  borrowing func announce() {
    guard let contract = model.contract else { return }
    var text = TextBuffer<5120>()
    text.append("swiftletd: ")
    text.append(visible: configuration.recordingPath.bytes)
    text.append(configuration.pace == .realTime ? " in real time: " : " as fast as possible: ")
    text.append(contract.channelCount)
    text.append(contract.channelCount == 1 ? " channel, " : " channels, ")
    text.append(Double(contract.rateMillihertz) / 1000, fractionDigits: 1)
    text.append(" samples a second, windows of ")
    text.append(contract.windowLength)
    text.append(" every ")
    text.append(contract.hop)
    text.append("\n")
    StandardError.write(text.bytes)
  }

  /// Says on standard error what was done.
  borrowing func summarize() {
    var text = TextBuffer<8192>()
    text.append(TerminationSignal.isRaised ? "swiftletd: stopped after " : "swiftletd: ")
    text.append(latencies.count)
    text.append(latencies.count == 1 ? " prediction from " : " predictions from ")
    text.append(recording.sampleCount)
    text.append(" samples")
    if recording.gapCount > 0 {
      text.append(", ")
      text.append(recording.gapCount)
      text.append(recording.gapCount == 1 ? " gap" : " gaps")
    }
    text.append("\n")
    appendCounts(to: &text)
    if let contract = model.contract, recording.sampleCount < UInt64(contract.windowLength) {
      text.append("  a window takes ")
      text.append(contract.windowLength)
      text.append(" samples, there were fewer\n")
    }
    if latencies.count > 0 {
      text.append("  latency     min ")
      text.append(latencies.minimum)
      text.append(" µs, median ")
      text.append(latencies.quantile(0.5))
      text.append(" µs, p99 ")
      text.append(latencies.quantile(0.99))
      text.append(" µs\n")
    }
    text.append("  memory      ")
    text.append(Process.peakResidentByteCount / 1024)
    text.append(" KiB resident at most\n  log         ")
    text.append(visible: log.path.bytes)
    text.append("\n")
    StandardError.write(text.bytes)
  }

  /// The classes that were predicted, as many as a screen holds.
  private borrowing func appendCounts(to text: inout TextBuffer<8192>) {
    var shown = 0
    for index in 0..<counts.classCount where counts[index] > 0 && shown < 20 {
      shown += 1
      var label = TextBuffer<160>()
      label.append(visible: ClassName(index, of: model).bytes)
      text.append("  ")
      text.append(label.bytes, paddedTo: 10)
      text.append("  ")
      text.append(counts[index])
      text.append("\n")
    }
  }
}
