import Foundation
import Testing

@Suite("Drift alarms of swiftletd")
struct DriftAlarmTests {
  /// The sample model with a baseline of its recording, on six sensors that are files and never
  /// change: six stuck sensors, says the end of the first drift window of four seconds.
  private final class Board {
    let folder: TemporaryFolder

    init() async throws {
      folder = try await Sample.workingFolder()
      let calibrated = try await Program.swiftlet.run(
        "baseline", "model.swl", "--reference", Sample.path("recording.csv"), "--drift-window",
        "4", "--budget", "1 a day", in: folder)
      guard calibrated.status == 0 else {
        throw UnexpectedRefusal(message: calibrated.standardError)
      }
      var configuration = """
        [model]
        path = model.swl
        [log]
        folder = log
        [api]
        socket = api
        [metrics]
        path = node.prom
        interval = 1s

        """
      for channel in LocalInterfaceTests.channels {
        try folder.write("0.5\n", to: channel)
        configuration += """
          [sensor s_\(channel)]
          type = file
          path = \(channel)
          unit = as recorded
          [channel \(channel)]
          sensor = s_\(channel)

          """
      }
      try folder.write(configuration, to: "swiftletd.conf")
    }

    func start() throws -> RunningProgram {
      try? FileManager.default.removeItem(at: folder.url.appendingPathComponent("node.prom"))
      return try Program.swiftletd.start(["run", "--config", "swiftletd.conf"], in: folder)
    }

    func client() throws -> SocketClient {
      try SocketClient(folder.url.appendingPathComponent("api").path)
    }

    /// The metrics once they say something.
    func metrics(with words: String) async throws -> String {
      let end = ContinuousClock.now + .seconds(180)
      while ContinuousClock.now < end {
        if let text = try? folder.text("node.prom"), text.contains(words) { return text }
        try await Task.sleep(for: .milliseconds(100))
      }
      throw UnexpectedRefusal(
        message: "no '\(words)' in \((try? folder.text("node.prom")) ?? "no metrics")")
    }

    var driftState: [UInt8]? { try? folder.read("log/drift.state") }
  }

  @Test("A stuck sensor is told to clients, metrics and the log, and known after a restart")
  func stuck() async throws {
    let board = try await Board()
    let first = try board.start()
    let client = try board.client()
    _ = try client.ask(#"{"op":"subscribe","to":["drift"]}"#)
    let event = try #require(try client.receive())
    #expect(event["topic"] as? String == "drift")
    #expect(event["event"] as? String == "raised")
    #expect(event["verdict"] as? String == "sensor")
    #expect((event["text"] as? String)?.contains("stuck at one value") == true, "\(event)")
    let told = try await board.metrics(with: "\nswiftlet_drift_alarm 1\n")
    #expect(told.contains("swiftlet_drift_alarms_total 1\n"))
    try MetricsTests.checkFormat(told)
    let values = try Self.series("swiftlet_drift_statistic", told)
    let thresholds = try Self.series("swiftlet_drift_threshold", told)
    // Six channels by mean shift, spread, noise and Jensen–Shannon distance.
    #expect(values.count == 24 && Set(values.keys) == Set(thresholds.keys), "\(values)")
    for channel in LocalInterfaceTests.channels {
      #expect(values["channel=\"\(channel)\",statistic=\"spread\""] == 0)
      #expect(values["channel=\"\(channel)\",statistic=\"noise\""] == 0)
      let distance = try #require(values["channel=\"\(channel)\",statistic=\"js\""])
      #expect(distance > 0.5 && distance <= 1)
    }

    // Long enough into the next window that its samples are seen in what is saved.
    try await Task.sleep(for: .seconds(1))
    let saved = try #require(board.driftState)
    first.terminate()
    let outcome = try await first.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(outcome.standardError.contains("Looks like the sensor"), "\(outcome.standardError)")
    let atStop = try #require(board.driftState)
    #expect(atStop != saved, "the open window is kept at the end")

    // The first metrics come before a drift window can end.
    let second = try board.start()
    let restored = try await board.metrics(with: "\nswiftlet_drift_alarm ")
    #expect(restored.contains("\nswiftlet_drift_alarm 1\n"))
    #expect(restored.contains("swiftlet_drift_alarms_total 1\n"))
    second.terminate()
    let end = try await second.outcome()
    #expect(end.status == 0 && !end.standardError.contains("begins anew"), "\(end.standardError)")
    let log = try DaemonLog(board.folder)
    #expect(log.records("drift").filter { $0["event"] as? String == "raised" }.count == 1)
  }

  @Test("A reload keeps the open window and the alarm")
  func reload() async throws {
    let board = try await Board()
    let daemon = try board.start()
    _ = try await board.metrics(with: "\nswiftlet_drift_alarm 1\n")
    let saved = try #require(board.driftState)
    try await Task.sleep(for: .seconds(1))
    try board.folder.write(
      try board.folder.text("swiftletd.conf").replacing("interval = 1s", with: "interval = 2s"),
      to: "swiftletd.conf")
    daemon.hangUp()
    let end = ContinuousClock.now + .seconds(180)
    while board.driftState == saved, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(board.driftState != saved)
    daemon.terminate()
    let outcome = try await daemon.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(!outcome.standardError.contains("begins anew"), "\(outcome.standardError)")
    let log = try DaemonLog(board.folder)
    #expect(log.records("start").count == 2)
    #expect(log.records("drift").filter { $0["event"] as? String == "raised" }.count == 1)
  }

  @Test("A state that is damaged or another baseline's begins anew, and says so")
  func damagedState() async throws {
    let board = try await Board()
    let first = try board.start()
    _ = try await board.metrics(with: "\nswiftlet_drift_alarm 1\n")
    first.terminate()
    _ = try await first.outcome()
    var state = try #require(board.driftState)
    state[state.count / 2] ^= 1
    try board.folder.write(state, to: "log/drift.state")
    let second = try board.start()
    _ = try await board.metrics(with: "\nswiftlet_drift_alarm 1\n")
    second.terminate()
    let outcome = try await second.outcome()
    #expect(outcome.status == 0)
    // An alarm that was kept would not be raised again.
    let drift = try DaemonLog(board.folder).records("drift")
    #expect(drift.filter { $0["event"] as? String == "raised" }.count == 2)
    #expect(
      outcome.standardError.contains("drift.state: the drift state is damaged (CRC)"),
      "\(outcome.standardError)")
  }

  /// The samples of a family by their labels.
  private static func series(_ name: String, _ text: String) throws -> [String: Double] {
    var series: [String: Double] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix(name + "{") {
      let parts = line.dropFirst(name.count + 1).components(separatedBy: "} ")
      let value: Double = try #require(Double(parts[1]), "\(line)")
      series[parts[0]] = value
    }
    return series
  }
}
