import Acquisition
import Journal
import LinuxPlatform
import LocalAPI
import ModelFormat
import Pipeline
import Text

/// The fields of answers to clients.
struct Answers {
  let facts: DaemonFacts

  func write(
    _ operation: Request.Operation, to line: inout AnswerLine, model: borrowing Model,
    _ pipeline: borrowing PredictionPipeline, _ counts: borrowing ClassCounts,
    _ modelPath: FilePath, _ sensor: (Int) -> SensorFacts
  ) {
    switch operation {
    case .state: writeState(&line, model, pipeline)
    case .health: writeHealth(&line, model, sensor)
    case .statistics: writeStatistics(&line, model, counts)
    case .model: writeModel(&line, model, modelPath)
    // Answered by the server itself.
    case .subscribe, .unsubscribe, .predict: break
    }
  }

  // MARK: State

  private func writeState(
    _ line: inout AnswerLine, _ model: borrowing Model, _ pipeline: borrowing PredictionPipeline
  ) {
    let state = facts.state
    line.field("samples", integer: state.sampleCount)
    line.key("prediction")
    if let prediction = state.lastPrediction {
      line.beginObject()
      PredictionRecord(
        prediction, decision: state.decision, latencyMicroseconds: state.lastLatency
      ).write(to: &line, model: model, pipeline: pipeline)
      line.endObject()
    } else {
      line.null()
    }
    line.key("decision")
    if let decision = state.decision {
      let name = ClassName(decision, of: copy model)
      line.string(name.bytes)
      let age = facts.now - min(facts.now, state.decisionSince)
      line.field("decision_age_s", decimal: Double(age) / 1e9, fractionDigits: 3)
    } else {
      line.null()
    }
    line.key("readings")
    line.beginObject()
    for index in 0..<(state.sampleCount > 0 ? model.contract?.channelCount ?? 0 : 0) {
      line.key(Span(_bytes: model.text(model.channel(index).name)))
      if facts.sample[quality: index].isMissing {
        line.null()
      } else {
        line.decimal(Double(facts.sample[index]), fractionDigits: 6)
      }
    }
    line.endObject()
  }

  // MARK: Health

  private func writeHealth(
    _ line: inout AnswerLine, _ model: borrowing Model, _ sensor: (Int) -> SensorFacts
  ) {
    let state = facts.state
    let isWell = facts.failingSensorCount(sensor) == 0 && facts.isJournalWriting
    line.field("status", string: isWell ? "ok" : "degraded")
    var text = TextBuffer<160>()
    StatusText.append(facts, model, sensor, to: &text)
    line.field("text", string: text.bytes)
    line.field("uptime_s", integer: (facts.now - state.startedAt) / 1_000_000_000)
    line.field("deadlines_missed", integer: state.missedSampleCount)
    line.field("clock_synchronized", boolean: WallClock.isSynchronized)
    line.key("journal")
    line.beginObject()
    line.field("ok", boolean: facts.isJournalWriting)
    if case .degraded(let reason) = facts.condition { line.field("reason", string: reason.name) }
    line.endObject()
    line.key("sensors")
    line.beginObject()
    for index in 0..<facts.sensorCount {
      let facts = sensor(index)
      line.key(facts.name.bytes)
      HealthRecord.write(facts.task, to: &line)
    }
    line.endObject()
  }

  // MARK: Statistics

  private func writeStatistics(
    _ line: inout AnswerLine, _ model: borrowing Model, _ counts: borrowing ClassCounts
  ) {
    HealthRecord.write(facts.state, to: &line, now: facts.now)
    line.key("classes")
    line.beginObject()
    for index in 0..<min(counts.classCount, PredictionRecord.listedClassLimit) {
      let name = ClassName(index, of: copy model)
      line.key(name.bytes)
      line.integer(counts[index])
    }
    line.endObject()
    writeJournal(&line)
    writeClients(&line)
  }

  private func writeJournal(_ line: inout AnswerLine) {
    let journal = facts.journal
    line.key("journal")
    line.beginObject()
    line.field("next_seq", integer: journal.nextSequence)
    line.field("synced_through", integer: journal.syncedThrough)
    line.field("records", integer: journal.recordCount)
    line.field("written_bytes", integer: journal.writtenByteCount)
    line.field("stored_bytes", integer: journal.storedByteCount)
    line.field("syncs", integer: journal.syncCount)
    line.field("failures", integer: journal.failureCount)
    line.field("dropped_records", integer: journal.droppedCount)
    line.field("evicted_bytes", integer: journal.evictedByteCount)
    line.endObject()
  }

  private func writeClients(_ line: inout AnswerLine) {
    let clients = facts.clients
    line.key("clients")
    line.beginObject()
    line.field("connected", integer: clients.connected)
    line.field("accepted", integer: clients.accepted)
    line.field("refused", integer: clients.refused)
    line.field("dropped", integer: clients.dropped)
    line.field("requests", integer: clients.requests)
    line.field("bad_requests", integer: clients.mistakes)
    line.endObject()
  }

  // MARK: Model

  private func writeModel(
    _ line: inout AnswerLine, _ model: borrowing Model, _ path: FilePath
  ) {
    guard let contract = model.contract else { return }
    line.field("path", string: path.bytes)
    line.field("bytes", integer: model.bytes.byteCount)
    var check = TextBuffer<8>()
    check.append(hexadecimal: UInt64(model.driftModelCheck), digits: 8)
    line.field("check", string: check.bytes)
    line.field("rate_hz", decimal: Double(contract.rateMillihertz) / 1000, fractionDigits: 3)
    line.field("window", integer: contract.windowLength)
    line.field("hop", integer: contract.hop)
    line.key("channels")
    line.beginArray()
    for index in 0..<contract.channelCount {
      let channel = model.channel(index)
      line.beginObject()
      line.field("name", string: Span(_bytes: model.text(channel.name)))
      line.field("unit", string: Span(_bytes: model.text(channel.unit)))
      line.endObject()
    }
    line.endArray()
    line.key("labels")
    line.beginArray()
    for index in 0..<model.labelCount { line.string(Span(_bytes: model.text(model.label(index)))) }
    line.endArray()
  }
}

/// How the daemon is, in a line for people: `Walking 0.93; 3 sensors ok; 0 missed`.
enum StatusText {
  static func append(
    _ facts: DaemonFacts, _ model: borrowing Model, _ sensor: (Int) -> SensorFacts,
    to text: inout some TextSink & ~Copyable
  ) {
    if let prediction = facts.state.lastPrediction {
      let name = ClassName(prediction.classIndex, of: copy model)
      text.append(visible: name.bytes)
      text.append(" ")
      text.append(Double(prediction.score), fractionDigits: 2)
    } else {
      text.append("no prediction yet")
    }
    if facts.sensorCount > 0 {
      let failing = facts.failingSensorCount(sensor)
      text.append("; ")
      if failing == 0 {
        text.append(facts.sensorCount)
        text.append(facts.sensorCount == 1 ? " sensor ok" : " sensors ok")
      } else {
        text.append(failing)
        text.append(" of ")
        text.append(facts.sensorCount)
        text.append(" sensors fail")
      }
    }
    text.append("; ")
    text.append(facts.state.missedSampleCount)
    text.append(" missed")
    if case .degraded(let reason) = facts.condition {
      text.append("; journal: ")
      text.append(reason.name)
    }
  }
}
