import Foundation
import Testing

@Suite("swiftletd run")
struct ReplayTests {
  /// One line of `recording.predictions.csv`: what TensorFlow Lite Micro answers.
  struct Expected: Equatable {
    var end: Double
    var name: String
    /// Outputs of the last layer, in the order of the labels.
    var outputs: [Int]
  }

  static let labels = ["Standing", "Walking", "Running", "Badminton"]

  private static func expected() throws -> [Expected] {
    try Sample.text("recording.predictions.csv").split(whereSeparator: \.isNewline).dropFirst().map
    {
      let cells = $0.split(separator: ",")
      return Expected(
        end: Double(cells[1]) ?? .nan, name: String(cells[3]),
        outputs: cells[4...].compactMap { Int($0) })
    }
  }

  private static func predictions(_ folder: TemporaryFolder) throws -> [Expected] {
    try DaemonLog(folder).records("prediction").enumerated().map { index, record in
      let probabilities = try #require(record["probabilities"] as? [String: Double])
      let name = try #require(record["class"] as? String)
      #expect(record["prediction"] as? Int == index)
      #expect(record["probability"] as? Double == probabilities[name])
      #expect(record["probability"] as? Double == probabilities.values.max())
      // Four decimals tell 256 levels apart.
      return Expected(
        end: try #require(record["window_end_s"] as? Double), name: name,
        outputs: labels.map { Int(((probabilities[$0] ?? .nan) * 256).rounded()) - 128 })
    }
  }

  /// A folder with model, recording and configuration, at `speed` times the recorded rate. A recording
  /// of more than 800 samples begins again after them.
  private static func folder(
    pace: String, speed: Int = 1, sampleCount: Int = 800
  ) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let lines = try Sample.text("recording.csv").split(separator: "\n")
    let rows = lines.dropFirst().map { $0.drop { $0 != "," } }
    let recording = (0..<sampleCount).map { index in
      "\(Double(index) / Double(10 * speed))" + rows[index % rows.count] + "\n"
    }
    try folder.write(lines[0] + "\n" + recording.joined(), to: "recording.csv")
    let contract = try Sample.text("contract.json")
      .replacing("\"rate_hz\": 10,", with: "\"rate_hz\": \(10 * speed),")
    try folder.write(contract, to: "contract.json")
    let converted = try await Program.swiftlet.run(
      "convert", Sample.path("imu-activity.tflite"), "-o", "model.swl", "--contract",
      "contract.json", "--labels", Sample.path("labels.txt"), in: folder)
    guard converted.status == 0 else { throw UnexpectedRefusal(message: converted.standardError) }
    let configuration = RecordingTests.configuration
      .replacing("as-fast-as-possible", with: pace)
    try folder.write(configuration, to: "swiftletd.conf")
    return folder
  }

  @Test("A recording gives the predictions of the reference, as fast as possible")
  func asFastAsPossible() async throws {
    let folder = try await Self.folder(pace: "as-fast-as-possible")
    let outcome = try await Program.swiftletd.run(
      "run", "--config", "swiftletd.conf", in: folder)
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(outcome.standardOutput.isEmpty)
    #expect(try Self.predictions(folder) == Self.expected())
    #expect(outcome.standardError.contains("77 predictions from 800 samples"))
    #expect(outcome.standardError.contains("log         log"))
    let log = try DaemonLog(folder)
    #expect(log.records.first?["kind"] as? String == "start")
    #expect(log.records.last?["kind"] as? String == "stop")
    #expect(log.records.map { $0["seq"] as? Int } == (1...log.records.count).map { $0 })
  }

  @Test("Predictions are shown on standard output where that is asked for")
  func verbose() async throws {
    let folder = try await Self.folder(pace: "as-fast-as-possible", sampleCount: 60)
    let outcome = try await Program.swiftletd.run(
      "run", "--config", "swiftletd.conf", "--verbose", in: folder)
    let shown = outcome.text.split(separator: "\n")
    #expect(shown.count == 3)
    #expect(shown.allSatisfy { $0.contains("Standing") && $0.hasSuffix(" µs)") })
    #expect(shown.first?.contains("3.9 s") == true)
  }

  @Test("A second run appends to the log")
  func appending() async throws {
    let folder = try await Self.folder(pace: "as-fast-as-possible", sampleCount: 60)
    for _ in 0..<2 {
      let outcome = try await Program.swiftletd.run(
        "run", "--config", "swiftletd.conf", in: folder)
      #expect(outcome.status == 0)
    }
    let log = try DaemonLog(folder)
    #expect(log.records("prediction").map { $0["prediction"] as? Int } == [0, 1, 2, 0, 1, 2])
    #expect(log.records.map { $0["seq"] as? Int } == (1...log.records.count).map { $0 })
  }

  @Test("At its true rate a recording takes its time and gives the same predictions")
  func realTime() async throws {
    // 160 samples at 100 Hz; the last is due 1.59 s after the first.
    let folder = try await Self.folder(pace: "real-time", speed: 10, sampleCount: 160)
    let clock = ContinuousClock()
    let began = clock.now
    let outcome = try await Program.swiftletd.run(
      "run", "--config", "swiftletd.conf", in: folder)
    let duration = clock.now - began
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(duration >= .seconds(1.55) && duration < .seconds(60), "\(duration)")
    let log = try DaemonLog(folder)
    let records = log.records("prediction")
    let expected = try Self.expected().prefix(13)
    #expect(records.map { $0["class"] as? String } == expected.map(\.name))
    let start = try #require(log.records("start").first?["mono_ns"] as? UInt64)
    for record in records {
      let end = try #require(record["window_end_s"] as? Double)
      let moment = try #require(record["mono_ns"] as? UInt64)
      // Not before its last sample is due, and whatever a busy machine adds.
      #expect(Double(moment - start) / 1e9 >= end - 0.001, "\(record)")
      #expect(try #require(record["latency_us"] as? Int) < 30_000_000)
    }
  }

  @Test("SIGTERM ends a run in order, with a summary and whole lines")
  func termination() async throws {
    // Two minutes, if nothing ended it.
    let folder = try await Self.folder(pace: "real-time", speed: 10, sampleCount: 12_000)
    let program = try Program.swiftletd.start(["run", "--config", "swiftletd.conf"], in: folder)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(100)
    while DaemonLog.predictionCount(folder) < 3 {
      try #require(clock.now < deadline, "there are no predictions")
      try await Task.sleep(for: .milliseconds(10))
    }
    program.terminate()
    let outcome = try await program.outcome()
    #expect(!outcome.wasKilled && outcome.status == 0, "\(outcome.standardError)")
    let log = try DaemonLog(folder)
    let count = log.records("prediction").count
    #expect((3..<1197).contains(count))
    #expect(outcome.standardError.contains("stopped after \(count) predictions"))
    #expect(log.records.last?["signal"] as? Int == 15)
  }
}
