import Acquisition
import Drift
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// What lasts as long as the program, whatever its configuration.
struct DaemonContext: ~Copyable {
  var state: DaemonState
  var journal: JournalService
  var clock: Clock
  let notifier: ServiceNotifier
  /// What the loop waits for.
  var events: EventLoop
  var outlets: Outlets
  let isVerbose: Bool
  /// When the service manager was told last that samples are taken.
  private var lastBeat: UInt64 = 0

  init(
    _ journal: consuming JournalService, _ events: consuming EventLoop, isVerbose: Bool
  ) {
    state = DaemonState(startedAt: MonotonicClock.now())
    clock = Clock()
    self.journal = journal
    let notifier = ServiceNotifier()
    outlets = Outlets(hasManager: notifier.isActive)
    self.events = events
    self.notifier = notifier
    self.isVerbose = isVerbose
  }

  /// Tells the service manager that samples are taken, often enough. Called by nothing else than
  /// the path of the samples: a daemon that only waits is restarted.
  mutating func beat(at now: UInt64) {
    guard let interval = notifier.watchdogNanoseconds, now - lastBeat >= interval / 4 else {
      return
    }
    lastBeat = now
    notifier.watchdog()
  }
}

/// From a sample to everything that follows from it: prediction, decision, records, outputs.
struct SamplePath: ~Copyable {
  private var decision: Decision
  private var outputs: GPIOOutputs
  private(set) var counts: ClassCounts
  private let view: LiveView
  /// Windows left out in a row; one record for all of them.
  private var skippedInRow: UInt64 = 0
  private var hasUnsavedDriftState = false
  private let driftStatePath: FilePath?
  private let waitsForJournal: Bool
  /// Windows of predictions below it are kept.
  private let rawWindowScore: Float

  init(
    _ model: borrowing Model, _ settings: borrowing Settings,
    _ file: borrowing ConfigurationFile, isVerbose: Bool, waitsForJournal: Bool
  ) throws(CommandFailure) {
    driftStatePath = try? DriftState.path(in: settings.log.folder)
    let outputs = try GPIOOutputs(file, model)
    let counts = try ClassCounts(model)
    self.outputs = outputs
    self.counts = counts
    decision = Decision(settings.decision)
    view = LiveView(model, isVerbose: isVerbose)
    self.waitsForJournal = waitsForJournal
    rawWindowScore = settings.log.rawWindowCount > 0 ? settings.log.rawWindowScore : -.infinity
  }

  /// Takes a sample.
  ///
  /// - Parameter due: When it was due, in nanoseconds of the monotonic clock.
  mutating func take(
    _ sample: borrowing Sample, due: UInt64, _ model: borrowing Model,
    _ pipeline: inout PredictionPipeline, _ file: borrowing ConfigurationFile,
    _ context: inout DaemonContext
  ) {
    count(sample, model, &context.state)
    switch pipeline.accept(sample, at: Double(WallClock.now()) / 1e9) {
    case .none: break
    case .prediction(let prediction):
      take(prediction, due: due, model, pipeline, file, &context)
    case .skippedWindow(let condition):
      skip(condition, model, file, &context)
    }
    watch(&pipeline, model, file, &context)
    context.beat(at: MonotonicClock.now())
  }

  private func count(
    _ sample: borrowing Sample, _ model: borrowing Model, _ state: inout DaemonState
  ) {
    state.sampleCount += 1
    var isMissing = false
    var isSuspect = false
    for index in 0..<(model.contract?.channelCount ?? 0) {
      if sample[quality: index].isMissing { isMissing = true }
      if sample[quality: index].isSuspect { isSuspect = true }
    }
    if isMissing { state.missingSampleCount += 1 }
    if isSuspect { state.suspectSampleCount += 1 }
  }

  // MARK: Predictions

  private mutating func take(
    _ prediction: Prediction, due: UInt64, _ model: borrowing Model,
    _ pipeline: borrowing PredictionPipeline, _ file: borrowing ConfigurationFile,
    _ context: inout DaemonContext
  ) {
    let now = MonotonicClock.now()
    let latency = (now - min(now, due)) / 1000
    let before = decision.classIndex
    let hasChanged = decision.take(prediction, at: now)
    context.state.predictionCount += 1
    context.state.latency.add(latency)
    context.state.lastPrediction = prediction
    context.state.lastLatency = latency
    resume(&context)
    let record = PredictionRecord(
      prediction, decision: decision.classIndex, latencyMicroseconds: latency)
    // Also false for NaN.
    let isCertain = prediction.score >= rawWindowScore
    context.record(
      .prediction, priority: isCertain ? nil : .high, waits: waitsForJournal
    ) {
      record.write(to: &$0, model: model, pipeline: pipeline)
    }
    if !isCertain {
      context.journal.keepWindow(
        pipeline, model, end: prediction.windowEnd, reason: .lowProbability)
    }
    if hasChanged { tellDecision(before, model, file, &context) }
    counts.add(prediction.classIndex)
    view.show(prediction, latencyMicroseconds: latency, model: model)
  }

  private mutating func tellDecision(
    _ before: Int?, _ model: borrowing Model, _ file: borrowing ConfigurationFile,
    _ context: inout DaemonContext
  ) {
    let held = decision.since - min(decision.since, context.state.decisionSince)
    let after = decision.classIndex
    context.record(.decision, waits: waitsForJournal) { line in
      Self.writeClass(after, "decision", &line, model)
      Self.writeClass(before, "previous", &line, model)
      if before != nil {
        line.field("previous_held_s", decimal: Double(held) / 1e9, fractionDigits: 3)
      }
    }
    context.state.decision = after
    context.state.decisionSince = decision.since
    outputs.update(decision: after, hasDriftAlarm: context.state.hasDriftAlarm, file)
  }

  private static func writeClass(
    _ index: Int?, _ key: StaticString, _ line: inout JournalService.Line,
    _ model: borrowing Model
  ) {
    guard let index else {
      line.key(key)
      line.null()
      return
    }
    let name = ClassName(index, of: copy model)
    line.field(key, string: name.bytes)
  }

  // MARK: Drift

  /// Tells what the end of a drift window brought, and keeps what the monitor knows.
  private mutating func watch(
    _ pipeline: inout PredictionPipeline, _ model: borrowing Model,
    _ file: borrowing ConfigurationFile, _ context: inout DaemonContext
  ) {
    let event = pipeline.driftEvent
    if event.windowEnded {
      hasUnsavedDriftState = true
      let waits = waitsForJournal
      pipeline.withMonitor { monitor in
        context.record(.drift, waits: waits) {
          DriftRecord(event.change).write(to: &$0, monitor: monitor, model: model)
        }
        context.state.hasDriftAlarm = monitor.isAlarmed
        if event.change != .none { Self.tellDrift(event.change, monitor, model) }
      }
      if event.change == .raised || event.change == .updated {
        context.journal.keepWindow(pipeline, model, end: pipeline.lastSampleTime, reason: .drift)
      }
      refreshOutputs(file, context.state)
    }
    if hasUnsavedDriftState { saveDriftState(&pipeline, &context) }
  }

  private static func tellDrift(
    _ change: DriftEvent.Change, _ monitor: borrowing DriftMonitor, _ model: borrowing Model
  ) {
    let alarm = monitor.alarm
    LogLine.write(change == .cleared ? .notice : .warning) { text in
      guard let alarm else {
        text.append("drift: the alarm is over")
        return
      }
      text.append("drift: ")
      alarm.explain(into: &text, monitor: monitor, model: model)
    }
  }

  /// Hands the state to the writer thread; later, where that is busy.
  private mutating func saveDriftState(
    _ pipeline: inout PredictionPipeline, _ context: inout DaemonContext
  ) {
    // Sealing goes through the whole state: not with every sample while the thread is busy.
    guard let path = driftStatePath, context.journal.isReadyForFile else { return }
    pipeline.sealMonitor()
    pipeline.withMonitor { monitor in
      let bytes = Span<UInt8>(_bytes: monitor.stateBytes)
      guard bytes.count <= FilePost.textByteCount else {
        hasUnsavedDriftState = false
        return
      }
      if context.journal.post(path, bytes, isDurable: true) { hasUnsavedDriftState = false }
    }
  }

  /// Keeps the open drift window, too, for whoever goes on from it: after the last sample.
  mutating func keepDriftState(
    _ pipeline: inout PredictionPipeline, _ context: inout DaemonContext
  ) {
    guard pipeline.watchesDrift else { return }
    context.journal.waitForFile()
    saveDriftState(&pipeline, &context)
    context.journal.waitForFile()
  }

  // MARK: Windows without a prediction

  private mutating func skip(
    _ condition: WindowCondition, _ model: borrowing Model, _ file: borrowing ConfigurationFile,
    _ context: inout DaemonContext
  ) {
    context.state.skippedWindowCount += 1
    skippedInRow += 1
    if skippedInRow == 1 {
      context.record(.window, waits: waitsForJournal) { line in
        line.field("event", string: "skipping")
        line.field("missing_samples", integer: condition.missingSampleCount)
        line.field("suspect_samples", integer: condition.suspectSampleCount)
        let channel = model.channel(condition.lastProblem.channel)
        line.field("channel", string: Span(_bytes: model.text(channel.name)))
        line.field("reason", string: condition.lastProblem.quality.name)
      }
      LogLine.write(.warning) { text in
        let channel = model.channel(condition.lastProblem.channel)
        text.append("windows are left out: ")
        text.append(visible: Span(_bytes: model.text(channel.name)))
        text.append(" ")
        text.append(condition.lastProblem.quality.name)
      }
    }
    let before = decision.classIndex
    let hasChanged = decision.take(nil, at: MonotonicClock.now())
    if hasChanged { tellDecision(before, model, file, &context) }
  }

  private mutating func resume(_ context: inout DaemonContext) {
    guard skippedInRow > 0 else { return }
    let count = skippedInRow
    skippedInRow = 0
    context.record(.window, waits: waitsForJournal) { line in
      line.field("event", string: "resumed")
      line.field("skipped_windows", integer: count)
    }
    LogLine.write(.notice) {
      $0.append("windows are predicted on again, ")
      $0.append(count)
      $0.append(count == 1 ? " was left out" : " were left out")
    }
  }

  // MARK: Outputs

  /// Tries outputs again that could not be set.
  mutating func refreshOutputs(
    _ file: borrowing ConfigurationFile, _ state: borrowing DaemonState
  ) {
    outputs.update(
      decision: decision.classIndex, hasDriftAlarm: state.hasDriftAlarm, file)
  }

  /// Nothing is known any more: all outputs become inactive.
  mutating func release(_ file: borrowing ConfigurationFile) {
    outputs.update(decision: nil, hasDriftAlarm: false, file)
  }

  /// The classes that were predicted, as many as a screen holds.
  func appendCounts(to text: inout some TextSink & ~Copyable, _ model: borrowing Model) {
    var shown = 0
    for index in 0..<counts.classCount where counts[index] > 0 && shown < 20 {
      shown += 1
      text.append("\n  ")
      var label = TextBuffer<160>()
      let name = ClassName(index, of: copy model)
      label.append(visible: name.bytes)
      text.append(label.bytes, paddedTo: 10)
      text.append("  ")
      text.append(counts[index])
    }
  }
}
