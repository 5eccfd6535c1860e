import Foundation

/// The log of the daemon on a board.
extension Emulator {
  static let logFolder = "/var/lib/swiftlet/log"

  /// The log as its files are now.
  func log() throws -> JournalOnDisk { JournalOnDisk(segments: try segments()) }

  /// The files of the log, by name. Segments only grow, and the console is slow: what was read before
  /// is not read again.
  func segments() throws -> [(name: String, contents: Data)] {
    let folder = Self.logFolder
    let names = try shell("ls \(folder) | grep '^segment-.*jsonl$' || true")
      .split(separator: "\n").map(String.init).sorted()
    return try names.map { name in
      let known = logSoFar[name, default: Data()]
      let added = try shell("tail -c +\(known.count + 1) \(folder)/\(name)", within: 120)
      let all = known + Data(added.utf8)
      // A line that is being written is read again.
      logSoFar[name] = all[..<((all.lastIndex(of: 0x0A) ?? -1) + 1)]
      return (name, all)
    }
  }

  /// Waits until a record is in the log for which `isWanted` holds, and returns it.
  @discardableResult
  func waitForRecord(
    _ what: String, within seconds: Double, after sequence: Int = -1,
    where isWanted: (JournalOnDisk.Record) -> Bool
  ) throws -> JournalOnDisk.Record {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
      let log = try log()
      if let found = log.records.first(where: { $0.sequence > sequence && isWanted($0) }) {
        return found
      }
      guard Date() < deadline else {
        let lines = log.records.suffix(25).map { "  | \($0.line)" }.joined(separator: "\n")
        throw BoardFailure(
          "\(board.name): no record of \(what) within \(seconds) s; the log ends with:\n\(lines)\n"
            + "and the daemon said:\n\(try file("/run/daemon.err").suffix(3000))")
      }
      Thread.sleep(forTimeInterval: 0.5)
    }
  }

  /// The sequence number of the last record so far.
  func lastSequence() throws -> Int { try log().records.last?.sequence ?? -1 }

  /// Does something to the board and returns between which moments of its clock it happened, widened
  /// by the clock's resolution.
  func moment(_ action: () throws -> Void) throws -> ClosedRange<Double> {
    let before = try uptime()
    try action()
    return try (before - 0.01)...(uptime() + 0.01)
  }

  /// Changes the temperature steadily, in steps of a tenth of a second, for so many seconds.
  func ramp(from: Double, to: Double, seconds: Double) throws {
    let start = Date()
    while true {
      let part = min(1, -start.timeIntervalSinceNow / seconds)
      try setTemperature(milliCelsius: Int(((from + (to - from) * part) * 1000).rounded()))
      if part == 1 { return }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }
}

extension Emulator {
  /// Keeps the temperature moving until there is a prediction after the record `sequence`.
  func predictionWhileMoving(after sequence: Int) throws -> JournalOnDisk.Record {
    for _ in 0..<60 {
      try ramp(from: 21, to: 22, seconds: 1.2)
      try ramp(from: 22, to: 21, seconds: 1.2)
      let found = try log().records.first { $0.sequence > sequence && $0.kind == "prediction" }
      if let found { return found }
    }
    throw BoardFailure("\(board.name): no prediction; \(try file("/run/daemon.err").suffix(3000))")
  }
}

extension JournalOnDisk.Record {
  /// The class of a prediction.
  var predictedClass: String? { kind == "prediction" ? fields["class"] as? String : nil }

  /// Whether it tells that a sensor `failed` or `recovered`.
  func isSensorEvent(_ event: String, of sensor: String) -> Bool {
    kind == "sensor" && fields["event"] as? String == event
      && fields["sensor"] as? String == sensor
  }

  /// The time of the newest sample of a prediction's window, in seconds.
  var windowEnd: Double? { (fields["window_end_s"] as? NSNumber)?.doubleValue }

  var monotonicSeconds: Double { Double(monotonicNanoseconds) / 1e9 }
}
