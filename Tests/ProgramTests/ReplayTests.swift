import Foundation
import Testing

@Suite("swiftletd run")
struct ReplayTests {
  /// One line of `predictions.jsonl`.
  struct Line: Decodable {
    let time: String
    let monotonicNs: UInt64
    let sequence: Int
    let windowStartS: Double
    let windowEndS: Double
    let `class`: String
    let probability: Double
    let probabilities: [String: Double]
    let latencyUs: Int
  }

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

  /// The log's lines, all of them whole.
  private static func lines(_ folder: TemporaryFolder) throws -> [Line] {
    let log = try folder.text("log/predictions.jsonl")
    #expect(log.isEmpty || log.hasSuffix("}\n"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try log.split(separator: "\n").map {
      try decoder.decode(Line.self, from: Data($0.utf8))
    }
  }

  private static func predictions(_ folder: TemporaryFolder) throws -> [Expected] {
    try lines(folder).enumerated().map { index, line in
      #expect(line.sequence == index)
      #expect(line.probability == line.probabilities[line.class])
      #expect(line.probability == line.probabilities.values.max())
      // Four decimals tell 256 levels apart.
      return Expected(
        end: line.windowEndS, name: line.class,
        outputs: labels.map { Int(((line.probabilities[$0] ?? .nan) * 256).rounded()) - 128 })
    }
  }

  /// A folder with model, recording and configuration, at `speed` times the recorded rate.
  private static func folder(
    pace: String, speed: Int = 1, sampleCount: Int = 800
  ) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let lines = try Sample.text("recording.csv").split(separator: "\n").prefix(sampleCount + 1)
    let recording = lines.enumerated().map { index, line in
      guard index > 0, let comma = line.firstIndex(of: ",") else { return String(line) }
      return "\(Double(index - 1) / Double(10 * speed))" + line[comma...]
    }
    try folder.write(recording.joined(separator: "\n") + "\n", to: "recording.csv")
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
    #expect(outcome.standardError.contains("log/predictions.jsonl"))
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
    #expect(try Self.lines(folder).map(\.sequence) == [0, 1, 2, 0, 1, 2])
  }

  @Test("At its true rate a recording takes its time and gives the same predictions")
  func realTime() async throws {
    // 160 samples at 100 Hz; the last is due 1.59 s after the first.
    let folder = try await Self.folder(pace: "real-time", speed: 10, sampleCount: 160)
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try await Program.swiftletd.run(
      "run", "--config", "swiftletd.conf", in: folder)
    let duration = clock.now - start
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(duration >= .seconds(1.55) && duration < .seconds(10), "\(duration)")
    let lines = try Self.lines(folder)
    let expected = try Self.expected().prefix(13)
    #expect(lines.map(\.class) == expected.map(\.name))
    let first = try #require(lines.first), last = try #require(lines.last)
    let between = Double(last.monotonicNs - first.monotonicNs) / 1e9
    #expect(abs(between - 1.2) < 0.5, "\(between) s between the first and the last prediction")
    #expect(lines.allSatisfy { $0.latencyUs < 500_000 })
  }

  @Test("SIGTERM ends a run in order, with a summary and whole lines")
  func termination() async throws {
    let folder = try await Self.folder(pace: "real-time", speed: 10)
    let program = try Program.swiftletd.start(["run", "--config", "swiftletd.conf"], in: folder)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(30)
    while (try? folder.text("log/predictions.jsonl").split(separator: "\n").count) ?? 0 < 3 {
      try await Task.sleep(for: .milliseconds(10))
      try #require(clock.now < deadline, "there are no predictions")
    }
    program.terminate()
    let outcome = try await program.outcome()
    #expect(!outcome.wasKilled && outcome.status == 0, "\(outcome.standardError)")
    let lines = try Self.lines(folder)
    #expect((3..<77).contains(lines.count))
    #expect(outcome.standardError.contains("stopped after \(lines.count) predictions"))
  }
}
