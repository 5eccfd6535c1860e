import Acquisition
import Inference
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Sensors
import Text

/// Why a session ended.
enum SessionEnd: ~Copyable {
  /// SIGTERM or SIGINT, or the end of a recording.
  case stop
  /// SIGHUP with a configuration that is fine.
  case reload(Preparation)
}

/// The loop of the daemon on real sensors, for as long as one configuration holds.
///
/// One thread waits for the next deadline, for lines, sockets and signals, and does what is due. It
/// allocates nothing and waits for no storage.
struct SensorSession: ~Copyable {
  private var acquisition: Acquisition
  private var bank: DeviceBank
  private var path: SamplePath
  private let configuration: FilePath
  private let modelPath: FilePath
  private let logFolder: FilePath
  private let healthInterval: UInt64
  private var nextHealth: UInt64
  private var nextTick: UInt64
  private var isReady = false
  private var edges = EdgeRecords()

  /// What happens beside the samples happens so often.
  private static let tickNanoseconds: UInt64 = 1_000_000_000

  init(
    _ model: borrowing Model, _ file: consuming ConfigurationFile, _ settings: borrowing Settings,
    isVerbose: Bool
  ) throws(CommandFailure) {
    guard let contract = model.contract else { preconditionFailure("checked before") }
    let configuration = file.path
    let setups = try SensorSetups(file, contractRate: contract.rateMillihertz)
    let binding = try ChannelBinding(file, model, setups)
    let path = try SamplePath(
      model, settings, file, isVerbose: isVerbose, waitsForJournal: false)
    let now = MonotonicClock.now()
    self.configuration = configuration
    modelPath = settings.modelPath
    logFolder = settings.log.folder
    self.path = path
    acquisition = setups.acquisition(contract, binding, origin: now)
    bank = DeviceBank(file, setups)
    healthInterval = settings.log.healthNanoseconds
    nextHealth = now + healthInterval
    nextTick = now
  }

  /// Runs until a signal ends it.
  mutating func run(
    _ model: borrowing Model, _ pipeline: inout PredictionPipeline,
    _ batch: inout BatchPrediction, _ context: inout DaemonContext
  ) throws(CommandFailure) -> SessionEnd {
    var sample = Sample()
    while !TerminationSignal.isRaised {
      let deadline = min(acquisition.nextDeadline, nextTick)
      try wait(until: deadline, &context)
      let now = MonotonicClock.now()
      if now >= deadline { context.state.lateness.add((now - deadline) / 1000) }
      acquisition.service(&bank)
      watchNewLines(&context)
      tellEvents(&context)
      edges.tell(&bank, sensorCount: acquisition.sensorCount, &context)
      takeSample(&sample, model, &pipeline, &context)
      if now >= nextTick { tick(now, &context) }
      let next = min(acquisition.nextDeadline, nextTick)
      serveOutlets(before: next, sample, model, pipeline, &batch, &context)
      if ReloadSignal.take(), let next = reload(&context) {
        path.keepDriftState(&pipeline, &context)
        return .reload(next)
      }
    }
    path.keepDriftState(&pipeline, &context)
    bank.withFile { path.release($0) }
    return .stop
  }

  private mutating func wait(
    until deadline: UInt64, _ context: inout DaemonContext
  ) throws(CommandFailure) {
    do throws(PlatformError) {
      try context.wait(until: deadline) { bank.collect(Int($0.token)) }
    } catch {
      throw CommandFailure(error, file: configuration)
    }
  }

  // MARK: Lines

  private mutating func watchNewLines(_ context: inout DaemonContext) {
    while let line = bank.takeUnwatched() {
      // Without it the line is looked at when its reading is due.
      try? context.events.add(line.descriptor, token: UInt32(line.sensor))
    }
  }

  // MARK: Sensors

  private mutating func tellEvents(_ context: inout DaemonContext) {
    for index in 0..<acquisition.sensorCount {
      guard let event = acquisition.takeEvent(index) else { continue }
      LogLine.write(Self.priority(event)) { text in
        text.append("sensor ")
        bank.appendName(index, to: &text)
        switch event {
        case .failed(let error, let pause):
          text.append(": ")
          bank.describe(error, of: index, into: &text)
          text.append("; tried again in ")
          text.append(pause / 1_000_000_000)
          text.append(" s")
        case .recovered(let missing):
          text.append(" answers again, ")
          text.append(missing)
          text.append(" readings are missing")
        }
      }
      context.record(.sensor) { line in
        var name = TextBuffer<64>()
        bank.appendName(index, to: &name)
        line.field("sensor", string: name.bytes)
        switch event {
        case .failed(let error, _):
          line.field("event", string: "failed")
          line.field("error", string: error.name)
          var text = TextBuffer<512>()
          bank.describe(error, of: index, into: &text)
          line.field("text", string: text.bytes)
        case .recovered(let missing):
          line.field("event", string: "recovered")
          line.field("missing", integer: missing)
        }
      }
    }
  }

  private static func priority(_ event: SensorTask.Event) -> LogLine.Priority {
    switch event {
    case .failed: .error
    case .recovered: .notice
    }
  }

  // MARK: Samples

  private mutating func takeSample(
    _ sample: inout Sample, _ model: borrowing Model, _ pipeline: inout PredictionPipeline,
    _ context: inout DaemonContext
  ) {
    let due = acquisition.nextSample
    switch acquisition.assemble(into: &sample, at: MonotonicClock.now()) {
    case .notDue: return
    case .sample: break
    case .sampleAfterGap(let skipped):
      context.state.missedSampleCount += skipped
      pipeline.restart()
    }
    if !isReady {
      isReady = true
      context.notifier.ready()
      LogLine.write(.information) { $0.append("sampling") }
    }
    noteErrors(&pipeline)
    bank.withFile { path.take(sample, due: due, model, &pipeline, $0, &context) }
  }

  /// What failed since the last sample is evidence of a sensor fault.
  private mutating func noteErrors(_ pipeline: inout PredictionPipeline) {
    guard pipeline.watchesDrift else { return }
    for channel in 0..<acquisition.channelCount {
      let count = acquisition.takeErrorCount(ofChannel: channel)
      if count > 0 { pipeline.noteBusErrors(Int(clamping: count), channel: channel) }
    }
  }

  // MARK: Outlets

  private mutating func serveOutlets(
    before deadline: UInt64, _ sample: borrowing Sample, _ model: borrowing Model,
    _ pipeline: borrowing PredictionPipeline, _ batch: inout BatchPrediction,
    _ context: inout DaemonContext
  ) {
    context.serveOutlets(
      before: deadline, model, modelPath, pipeline, &batch, sample, path.counts,
      sensorCount: acquisition.sensorCount
    ) { index in
      var facts = SensorFacts(task: acquisition.sensor(index))
      bank.appendName(index, to: &facts.name)
      return facts
    }
  }

  // MARK: Now and then

  private mutating func tick(_ now: UInt64, _ context: inout DaemonContext) {
    nextTick = now + Self.tickNanoseconds
    edges.refill()
    if let jump = context.clock.takeJump() {
      context.state.clockJumpCount += 1
      context.record(.clock) {
        $0.field("jump_s", decimal: Double(jump) / 1e9, fractionDigits: 3)
      }
      LogLine.write(.notice) {
        $0.append("the wall clock was set by ")
        $0.append(Double(jump) / 1e9, fractionDigits: 3)
        $0.append(" s; the schedule does not depend on it")
      }
    }
    let state = context.state
    bank.withFile { path.refreshOutputs($0, state) }
    guard now >= nextHealth else { return }
    nextHealth = now + healthInterval
    recordHealth(&context)
  }

  /// Writes a health record.
  mutating func recordHealth(_ context: inout DaemonContext) {
    let state = context.state
    context.record(.health) { line in
      HealthRecord.write(state, to: &line, now: MonotonicClock.now())
      HealthRecord.write(acquisition, bank, to: &line)
    }
  }

  /// Prepares a new configuration; a wrong one is refused and the old one stays.
  private func reload(_ context: inout DaemonContext) -> Preparation? {
    context.notifier.reloading()
    defer { context.notifier.ready() }
    do throws(CommandFailure) {
      let next = try Preparation(configuration)
      try checkReload(next)
      context.state.reloadCount += 1
      return next
    } catch {
      context.state.refusedReloadCount += 1
      let message = error.message
      LogLine.write(.error) {
        $0.append("the new configuration is refused and the old one kept: ")
        $0.append(message.bytes)
      }
      return nil
    }
  }

  private func checkReload(_ next: borrowing Preparation) throws(CommandFailure) {
    guard case .sensors = next.source else {
      throw CommandFailure(exitCode: CommandFailure.badData, file: configuration) {
        $0.append("a replay cannot take the place of sensors; restart the daemon for it")
      }
    }
    guard next.settings.log.folder.bytes.equals(logFolder.bytes) else {
      throw CommandFailure(exitCode: CommandFailure.badData, file: configuration) {
        $0.append("[log] folder cannot change while the daemon runs; restart it for that")
      }
    }
  }

  // MARK: What is said before and after

  /// The classes that were predicted.
  func appendCounts(to text: inout some TextSink & ~Copyable, _ model: borrowing Model) {
    path.appendCounts(to: &text, model)
  }
}
