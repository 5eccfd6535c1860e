import Acquisition
import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// Whoever wants to know how things are: clients of the socket, Prometheus, the service manager.
///
/// Everything is done between samples, while there is time, and waits for nobody.
struct Outlets: ~Copyable {
  private var server: Optional<LocalServer>
  private var metrics: Optional<MetricsFile>
  private var nextStatus: UInt64

  private static let statusNanoseconds: UInt64 = 5_000_000_000

  /// Numbers of the event loop from here on belong to the outlets.
  static var firstToken: UInt32 { LocalServer.firstToken }

  /// Nobody.
  ///
  /// - Parameter hasManager: Whether a service manager shows a line of text.
  init(hasManager: Bool) {
    server = nil
    metrics = nil
    nextStatus = hasManager ? 0 : .max
  }

  /// Opens what the configuration has.
  mutating func open(
    _ settings: Settings, _ model: borrowing Model, _ events: inout EventLoop
  ) throws(CommandFailure) {
    close()
    if let api = settings.api {
      let server = try LocalServer(api, model)
      try naming(api.socket) { () throws(PlatformError) in try server.attach(to: &events) }
      self.server = consume server
    }
    if let settings = settings.metrics { metrics = try MetricsFile(settings) }
  }

  /// Ends all connections: what comes next may have other channels and classes.
  mutating func close() {
    server = nil
    metrics = nil
  }

  /// What happened to clients.
  var clientStatistics: ClientStatistics {
    switch server {
    case .some(let server): server.statistics
    case .none: ClientStatistics()
    }
  }

  /// Takes note of what the event loop found.
  mutating func take(_ event: ReadyDescriptor) { server?.take(event) }

  /// Tells clients of a record.
  mutating func publish(_ line: borrowing Span<UInt8>, _ kind: RecordKind) {
    switch kind {
    case .prediction: server?.publish(line, .predictions)
    case .decision: server?.publish(line, .decisions)
    case .drift: server?.publish(line, .drift)
    case .sensor: server?.publish(line, .sensors)
    default: break
    }
  }

  /// Whether there is something to do.
  func isDue(at now: UInt64) -> Bool {
    switch server {
    case .some(let server): if server.isDue(at: now) { return true }
    case .none: break
    }
    return now >= min(nextStatus, nextMetrics)
  }

  /// When there is something to do, without an event.
  var nextDeadline: UInt64 {
    switch server {
    case .some(let server): min(server.nextDeadline, min(nextStatus, nextMetrics))
    case .none: min(nextStatus, nextMetrics)
    }
  }

  private var nextMetrics: UInt64 {
    switch metrics {
    case .some(let metrics): metrics.due
    case .none: .max
    }
  }

  /// Whether the line for the service manager is due.
  mutating func takeStatusTurn(at now: UInt64) -> Bool {
    guard now >= nextStatus else { return false }
    nextStatus = now + Self.statusNanoseconds
    return true
  }

  mutating func serve(
    before deadline: UInt64, _ events: inout EventLoop, _ batch: inout BatchPrediction,
    _ model: borrowing Model, answer: (Request.Operation, inout AnswerLine) -> Void
  ) {
    server?.serve(before: deadline, &events, &batch, model, answer: answer)
  }

  /// Goes on with the metrics; `group` writes one group of them.
  mutating func writeMetrics(
    before deadline: UInt64, _ journal: inout JournalService,
    group: (Int, inout MetricsText) -> Void
  ) {
    metrics?.write(before: deadline, &journal, group: group)
  }
}

/// The file for Prometheus' node exporter, made in pieces and written by the writer thread.
struct MetricsFile: ~Copyable {
  private let settings: MetricsSettings
  private var text: MetricsText
  private var group = 0
  /// When there is something to do.
  private(set) var due: UInt64

  private static let textByteCount = 32_768
  /// What a group is reckoned to take at most.
  private static let groupNanoseconds: UInt64 = 300_000

  init(_ settings: MetricsSettings) throws(CommandFailure) {
    text = try naming(settings.path) { () throws(PlatformError) in
      try MetricsText(capacity: Self.textByteCount)
    }
    self.settings = settings
    due = MonotonicClock.now()
  }

  mutating func write(
    before deadline: UInt64, _ journal: inout JournalService,
    group write: (Int, inout MetricsText) -> Void
  ) {
    guard MonotonicClock.now() >= due else { return }
    if group == 0 { text.removeAll() }
    while group < Metrics.groupCount {
      guard MonotonicClock.now() + Self.groupNanoseconds < deadline else {
        due = deadline
        return
      }
      write(group, &text)
      group += 1
    }
    group = 0
    due = MonotonicClock.now() + settings.intervalNanoseconds
    // While the thread is busy the file stays as it is; its age tells.
    if !text.overflowed { text.withBytes { journal.post(settings.path, $0) } }
  }
}
