import Acquisition
import Inference
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// The loop of the daemon on a recording: sample by sample, as sensors would have given them.
struct ReplaySession: ~Copyable {
  private var recording: Recording<FileSource>
  private let file: ConfigurationFile
  private var path: SamplePath
  private let recordingPath: FilePath
  private let modelPath: FilePath
  private let pace: ReplayPace
  private var schedule = ReplaySchedule()

  /// What the outlets may take of a replay that is as fast as possible.
  private static let spareNanoseconds: UInt64 = 50_000_000

  init(
    _ model: borrowing Model, _ file: consuming ConfigurationFile, _ settings: borrowing Settings,
    recording recordingPath: FilePath, pace: ReplayPace, isVerbose: Bool
  ) throws(CommandFailure) {
    let recording = try ReplaySource.open(recordingPath, model)
    let path = try SamplePath(model, settings, file, isVerbose: isVerbose, waitsForJournal: true)
    self.recording = recording
    self.path = path
    self.file = file
    self.recordingPath = recordingPath
    modelPath = settings.modelPath
    self.pace = pace
  }

  /// Replays until the recording ends or a signal asks to stop.
  mutating func run(
    _ model: borrowing Model, _ pipeline: inout PredictionPipeline,
    _ batch: inout BatchPrediction, _ context: inout DaemonContext
  ) throws(CommandFailure) {
    context.notifier.ready()
    defer { path.release(file) }
    path.refreshOutputs(file, context.state)
    try replay(model, &pipeline, &batch, &context)
    path.keepDriftState(&pipeline, &context)
  }

  private mutating func replay(
    _ model: borrowing Model, _ pipeline: inout PredictionPipeline,
    _ batch: inout BatchPrediction, _ context: inout DaemonContext
  ) throws(CommandFailure) {
    var sample = Sample()
    while !TerminationSignal.isRaised {
      switch try step(&sample) {
      case .end: return
      case .sample: break
      case .sampleAfterGap: pipeline.restart()
      }
      let due = deadline(of: sample)
      try wait(until: due, sample, model, pipeline, &batch, &context)
      guard !TerminationSignal.isRaised else { return }
      path.take(sample, due: due, model, &pipeline, file, &context)
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
      throw CommandFailure(error, recording: recordingPath)
    }
  }

  /// When the sample is due, in nanoseconds of the monotonic clock.
  private mutating func deadline(of sample: borrowing Sample) -> UInt64 {
    let now = MonotonicClock.now()
    guard pace == .realTime else { return now }
    return schedule.deadline(ofSampleAt: sample.time, now: now)
  }

  /// Waits for a deadline or a signal, and serves the outlets meanwhile. A recording that is replayed
  /// as fast as possible spares them a moment.
  private func wait(
    until due: UInt64, _ sample: borrowing Sample, _ model: borrowing Model,
    _ pipeline: borrowing PredictionPipeline, _ batch: inout BatchPrediction,
    _ context: inout DaemonContext
  ) throws(CommandFailure) {
    while true {
      try naming(recordingPath) { () throws(PlatformError) in
        try context.wait(until: due) { _ in }
      }
      let limit = pace == .realTime ? due : MonotonicClock.now() + Self.spareNanoseconds
      context.serveOutlets(
        before: limit, model, modelPath, pipeline, &batch, sample, path.counts, sensorCount: 0
      ) { _ in preconditionFailure("a recording has no sensors") }
      guard !TerminationSignal.isRaised, MonotonicClock.now() < due else { return }
    }
  }

  /// What was replayed, for the summary.
  func appendSummary(to text: inout some TextSink & ~Copyable, _ model: borrowing Model) {
    text.append(" from ")
    text.append(recording.sampleCount)
    text.append(" samples")
    if recording.gapCount > 0 {
      text.append(", ")
      text.append(recording.gapCount)
      text.append(recording.gapCount == 1 ? " gap" : " gaps")
    }
    path.appendCounts(to: &text, model)
    if let contract = model.contract, recording.sampleCount < UInt64(contract.windowLength) {
      text.append("\n  a window takes ")
      text.append(contract.windowLength)
      text.append(" samples, there were fewer")
    }
  }
}
