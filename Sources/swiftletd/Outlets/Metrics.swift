import Acquisition
import Journal
import LinuxPlatform
import LocalAPI
import ModelFormat
import Pipeline
import Text

/// The metrics, group by group so that the loop can turn to a sample in between.
enum Metrics {
  static let groupCount = 8

  static func write(
    group: Int, to text: inout MetricsText, _ facts: DaemonFacts, _ model: borrowing Model,
    _ pipeline: borrowing PredictionPipeline, _ counts: borrowing ClassCounts,
    _ modelPath: FilePath, _ sensor: (Int) -> SensorFacts
  ) {
    switch group {
    case 0: writeProgram(&text, facts, model, modelPath)
    case 1: writeSamples(&text, facts, model)
    case 2: writePredictions(&text, facts, model, counts)
    case 3: writeTimes(&text, facts.state)
    case 4: writeSensors(&text, facts, sensor)
    case 5: writeJournal(&text, facts)
    case 6: writeDrift(to: &text, model, pipeline)
    default: writeClients(&text, facts.clients)
    }
  }

  // MARK: Program

  private static func writeProgram(
    _ text: inout MetricsText, _ facts: DaemonFacts, _ model: borrowing Model, _ path: FilePath
  ) {
    text.family("swiftlet_build_info", .gauge, "Version of the program; always 1.")
    text.begin("swiftlet_build_info")
    text.label("version", Announcement.version, isFirst: true)
    text.endLabels()
    text.end(1)
    text.family("swiftlet_model_info", .gauge, "The model that runs; always 1.")
    text.begin("swiftlet_model_info")
    text.label("name", path.name, isFirst: true)
    var check = TextBuffer<8>()
    check.append(hexadecimal: UInt64(model.driftModelCheck), digits: 8)
    text.label("check", check.bytes, isFirst: false)
    text.endLabels()
    text.end(1)
    let age = facts.now - min(facts.now, facts.state.startedAt)
    let start = UInt64(max(0, WallClock.now())) - min(age, UInt64(max(0, WallClock.now())))
    text.family(
      "swiftlet_start_time_seconds", .gauge, "When the program began, since 1970, by its clock.")
    text.sample("swiftlet_start_time_seconds", seconds: start)
    text.single(
      "swiftlet_resident_memory_bytes", .gauge, "Physical memory the program holds.",
      Process.residentByteCount)
    text.family("swiftlet_cpu_seconds_total", .counter, "Processor time used.")
    text.sample("swiftlet_cpu_seconds_total", seconds: Process.cpuNanoseconds)
    text.single(
      "swiftlet_clock_synchronized", .gauge, "Whether the wall clock follows a time server.",
      WallClock.isSynchronized ? 1 : 0)
    text.single(
      "swiftlet_clock_jumps_total", .counter, "Times the wall clock was set by more than 1 s.",
      facts.state.clockJumpCount)
    let name: StaticString = "swiftlet_reloads_total"
    text.family(name, .counter, "New configurations, taken over or refused.")
    write(&text, name, "result", "accepted", facts.state.reloadCount)
    write(&text, name, "result", "refused", facts.state.refusedReloadCount)
  }

  private static func write(
    _ text: inout MetricsText, _ name: StaticString, _ label: StaticString, _ value: StaticString,
    _ count: UInt64
  ) {
    text.begin(name)
    text.label(label, value, isFirst: true)
    text.endLabels()
    text.end(count)
  }

  // MARK: Samples

  private static func writeSamples(
    _ text: inout MetricsText, _ facts: DaemonFacts, _ model: borrowing Model
  ) {
    let state = facts.state
    text.single("swiftlet_samples_total", .counter, "Samples taken.", state.sampleCount)
    text.single(
      "swiftlet_samples_missing_total", .counter, "Samples in which a reading was missing.",
      state.missingSampleCount)
    text.single(
      "swiftlet_samples_suspect_total", .counter, "Samples in which a reading was implausible.",
      state.suspectSampleCount)
    text.single(
      "swiftlet_deadlines_missed_total", .counter, "Samples that were skipped, the loop was late.",
      state.missedSampleCount)
    let name: StaticString = "swiftlet_channel_reading"
    text.family(name, .gauge, "The last reading of a channel, in the unit of the model.")
    for index in 0..<(state.sampleCount > 0 ? model.contract?.channelCount ?? 0 : 0)
    where !facts.sample[quality: index].isMissing {
      let channel = model.channel(index)
      text.begin(name)
      text.label("channel", Span(_bytes: model.text(channel.name)), isFirst: true)
      text.label("unit", Span(_bytes: model.text(channel.unit)), isFirst: false)
      text.endLabels()
      text.end(real: Double(facts.sample[index]), fractionDigits: 6)
    }
  }

  // MARK: Predictions

  private static func writePredictions(
    _ text: inout MetricsText, _ facts: DaemonFacts, _ model: borrowing Model,
    _ counts: borrowing ClassCounts
  ) {
    let classCount = min(counts.classCount, 64)
    let predictions: StaticString = "swiftlet_predictions_total"
    text.family(predictions, .counter, "Predictions by class, since the configuration was read.")
    for index in 0..<classCount {
      let name = ClassName(index, of: copy model)
      text.begin(predictions)
      text.label("class", name.bytes, isFirst: true)
      text.endLabels()
      text.end(counts[index])
    }
    let decision: StaticString = "swiftlet_decision"
    text.family(decision, .gauge, "1 for the class that is decided on.")
    for index in 0..<classCount {
      let name = ClassName(index, of: copy model)
      text.begin(decision)
      text.label("class", name.bytes, isFirst: true)
      text.endLabels()
      text.end(facts.state.decision == index ? 1 : 0)
    }
    if let prediction = facts.state.lastPrediction {
      let name: StaticString = "swiftlet_prediction_probability_ratio"
      text.family(name, .gauge, "Probability of the class predicted last.")
      text.begin(name)
      text.end(real: Double(prediction.score), fractionDigits: 4)
    }
    text.single(
      "swiftlet_windows_skipped_total", .counter, "Windows left out because of their readings.",
      facts.state.skippedWindowCount)
  }

  // MARK: Times

  private static func writeTimes(_ text: inout MetricsText, _ state: DaemonState) {
    let lateness: StaticString = "swiftlet_loop_lateness_seconds"
    text.family(lateness, .histogram, "From a deadline to when the loop got to it.")
    write(&text, lateness, state.lateness)
    let latency: StaticString = "swiftlet_prediction_latency_seconds"
    text.family(
      latency, .histogram, "From the deadline of a window's last sample to its prediction.")
    write(&text, latency, state.latency)
  }

  /// Bounds hold to 3 %, the width of the buckets that are counted.
  private static func write(
    _ text: inout MetricsText, _ name: StaticString, _ histogram: LatencyHistogram
  ) {
    text.bucket(name, "0.0001", histogram.count(upTo: 100))
    text.bucket(name, "0.00025", histogram.count(upTo: 250))
    text.bucket(name, "0.0005", histogram.count(upTo: 500))
    text.bucket(name, "0.001", histogram.count(upTo: 1000))
    text.bucket(name, "0.0025", histogram.count(upTo: 2500))
    text.bucket(name, "0.005", histogram.count(upTo: 5000))
    text.bucket(name, "0.01", histogram.count(upTo: 10_000))
    text.bucket(name, "0.025", histogram.count(upTo: 25_000))
    text.bucket(name, "0.05", histogram.count(upTo: 50_000))
    text.bucket(name, "0.1", histogram.count(upTo: 100_000))
    text.bucket(name, "0.25", histogram.count(upTo: 250_000))
    text.bucket(name, "1", histogram.count(upTo: 1_000_000))
    text.bucket(name, "+Inf", histogram.count)
    text.totals(name, sumNanoseconds: histogram.sum &* 1000, count: histogram.count)
  }

  // MARK: Sensors

  private static func writeSensors(
    _ text: inout MetricsText, _ facts: DaemonFacts, _ sensor: (Int) -> SensorFacts
  ) {
    guard facts.sensorCount > 0 else { return }
    let up: StaticString = "swiftlet_sensor_up"
    text.family(up, .gauge, "Whether the sensor answers.")
    write(&text, up, facts, sensor) { $0.isFailing ? 0 : 1 }
    let readings: StaticString = "swiftlet_sensor_readings_total"
    text.family(readings, .counter, "Readings taken.")
    write(&text, readings, facts, sensor) { $0.counters.readings }
    let missing: StaticString = "swiftlet_sensor_missing_readings_total"
    text.family(missing, .counter, "Deadlines that passed without a reading.")
    write(&text, missing, facts, sensor) { $0.counters.missing }
    let retries: StaticString = "swiftlet_sensor_retries_total"
    text.family(retries, .counter, "Reads repeated at once.")
    write(&text, retries, facts, sensor) { $0.counters.retries }
    let starts: StaticString = "swiftlet_sensor_starts_total"
    text.family(starts, .counter, "Times the device was started.")
    write(&text, starts, facts, sensor) { $0.counters.starts }
    let errors: StaticString = "swiftlet_sensor_errors_total"
    text.family(errors, .counter, "Errors by kind.")
    for index in 0..<facts.sensorCount {
      let facts = sensor(index)
      for rawValue in 0..<UInt8(SensorErrorKind.count) {
        guard let kind = SensorErrorKind(rawValue: rawValue), facts.task.counters[kind] > 0 else {
          continue
        }
        text.begin(errors)
        text.label("sensor", facts.name.bytes, isFirst: true)
        text.label("kind", kind.name, isFirst: false)
        text.endLabels()
        text.end(facts.task.counters[kind])
      }
    }
  }

  private static func write(
    _ text: inout MetricsText, _ name: StaticString, _ facts: DaemonFacts,
    _ sensor: (Int) -> SensorFacts, _ value: (SensorTask) -> UInt64
  ) {
    for index in 0..<facts.sensorCount {
      let facts = sensor(index)
      text.begin(name)
      text.label("sensor", facts.name.bytes, isFirst: true)
      text.endLabels()
      text.end(value(facts.task))
    }
  }

  // MARK: Journal

  private static func writeJournal(_ text: inout MetricsText, _ facts: DaemonFacts) {
    let journal = facts.journal
    text.single(
      "swiftlet_journal_records_total", .counter, "Records written.", journal.recordCount)
    text.single(
      "swiftlet_journal_written_bytes_total", .counter, "Bytes given to the file system.",
      journal.writtenByteCount)
    text.single(
      "swiftlet_journal_syncs_total", .counter, "Times the storage was asked to keep what it has.",
      journal.syncCount)
    text.single(
      "swiftlet_journal_failures_total", .counter, "Operations the storage refused.",
      journal.failureCount)
    text.single(
      "swiftlet_journal_dropped_records_total", .counter, "Records that were not written.",
      journal.droppedCount)
    text.single(
      "swiftlet_journal_evicted_bytes_total", .counter,
      "Bytes of segments removed for the quota or the free space.", journal.evictedByteCount)
    text.single(
      "swiftlet_journal_stored_bytes", .gauge, "What the segments take.", journal.storedByteCount)
    let name: StaticString = "swiftlet_journal_degraded"
    text.family(name, .gauge, "1 while the journal cannot write.")
    text.begin(name)
    if case .degraded(let reason) = facts.condition {
      text.label("reason", reason.name, isFirst: true)
      text.endLabels()
      text.end(1)
    } else {
      text.end(0)
    }
  }

  // MARK: Clients

  private static func writeClients(_ text: inout MetricsText, _ clients: ClientStatistics) {
    text.single(
      "swiftlet_api_clients", .gauge, "Clients connected.", UInt64(max(0, clients.connected)))
    text.single(
      "swiftlet_api_connections_total", .counter, "Connections accepted.", clients.accepted)
    text.single(
      "swiftlet_api_refused_connections_total", .counter, "Connections beyond the limit.",
      clients.refused)
    text.single(
      "swiftlet_api_dropped_clients_total", .counter, "Clients dropped since they did not read.",
      clients.dropped)
    text.single("swiftlet_api_requests_total", .counter, "Requests.", clients.requests)
    text.single(
      "swiftlet_api_bad_requests_total", .counter, "Lines that were no requests.",
      clients.mistakes)
  }
}
