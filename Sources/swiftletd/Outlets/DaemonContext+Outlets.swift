import Acquisition
import Inference
import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import ModelFormat
import Pipeline
import Text

extension DaemonContext {
  /// Makes a record and tells clients of it.
  mutating func record(
    _ kind: RecordKind, priority: RecordPriority? = nil, waits: Bool = false,
    _ fill: (inout JournalService.Line) -> Void
  ) {
    journal.record(kind, priority: priority, waits: waits, fill)
    journal.withLastLine { outlets.publish($0, kind) }
  }

  /// Opens the outlets of a configuration. While the program runs, one that cannot be opened is told
  /// and done without: samples are worth more.
  mutating func openOutlets(
    _ settings: Settings, _ model: borrowing Model
  ) throws(CommandFailure) {
    do throws(CommandFailure) {
      try outlets.open(settings, model, &events)
    } catch {
      guard state.reloadCount > 0 else { throw error }
      let message = error.message
      LogLine.write(.error) {
        $0.append(message.bytes)
        $0.append("; going on without")
      }
    }
  }

  /// Waits for events, at most until a deadline or until an outlet has something to do.
  ///
  /// - Parameter own: Is given the events that are not for outlets.
  mutating func wait(
    until deadline: UInt64, own: (ReadyDescriptor) -> Void
  ) throws(PlatformError) {
    let wake = try events.wait(until: min(deadline, outlets.nextDeadline))
    for index in 0..<wake.readyCount {
      let event = events.ready(index)
      if event.token >= Outlets.firstToken { outlets.take(event) } else { own(event) }
    }
  }

  /// Serves the outlets, as long as there is time.
  ///
  /// - Parameters:
  ///   - deadline: When the loop has to be elsewhere.
  ///   - sensor: What is to be told of a sensor.
  mutating func serveOutlets(
    before deadline: UInt64, _ model: borrowing Model, _ modelPath: FilePath,
    _ pipeline: borrowing PredictionPipeline, _ batch: inout BatchPrediction,
    _ sample: borrowing Sample, _ counts: borrowing ClassCounts, sensorCount: Int,
    sensor: (Int) -> SensorFacts
  ) {
    let now = MonotonicClock.now()
    guard outlets.isDue(at: now) else { return }
    let (statistics, condition) = journal.statistics
    let facts = DaemonFacts(
      now: now, state: state, journal: statistics, condition: condition,
      clients: outlets.clientStatistics, sample: copy sample, sensorCount: sensorCount)
    outlets.serve(before: deadline, &events, &batch, model) { operation, line in
      Answers(facts: facts).write(
        operation, to: &line, model: model, pipeline, counts, modelPath, sensor)
    }
    outlets.writeMetrics(before: deadline, &journal) { group, text in
      Metrics.write(group: group, to: &text, facts, model, pipeline, counts, modelPath, sensor)
    }
    guard outlets.takeStatusTurn(at: now) else { return }
    var text = TextBuffer<160>()
    StatusText.append(facts, model, sensor, to: &text)
    notifier.status(text.bytes)
  }
}
