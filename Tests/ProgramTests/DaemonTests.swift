import Foundation
import Testing

/// The daemon on sensors that are files, which the test writes.
@Suite("swiftletd run on sensors", .serialized)
struct DaemonTests {
  static let channels = ["accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"]

  /// A configuration with one file a channel; `change` is applied to its text.
  static func configuration(_ change: (String) -> String = { $0 }) -> String {
    let sensors = channels.map { name in
      """
      [sensor \(name)]
      type = file
      path = sensors/\(name)
      unit = as recorded
      [channel \(name)]
      sensor = \(name)
      """
    }
    return change(
      (["[model]\npath = model.swl"] + sensors + [
        "[log]\nfolder = log\nfree-space = 0\nhealth-interval = 1s"
      ]).joined(separator: "\n") + "\n")
  }

  /// A folder with everything, at 100 samples a second and windows of 0.4 s.
  static func folder(_ change: (String) -> String = { $0 }) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let contract = try Sample.text("contract.json")
      .replacing("\"rate_hz\": 10,", with: "\"rate_hz\": 100,")
    try folder.write(contract, to: "contract.json")
    let converted = try await Program.swiftlet.run(
      "convert", Sample.path("imu-activity.tflite"), "-o", "model.swl", "--contract",
      "contract.json", "--labels", Sample.path("labels.txt"), in: folder)
    guard converted.status == 0 else { throw UnexpectedRefusal(message: converted.standardError) }
    try folder.makeFolder("sensors")
    for name in channels { try folder.write("0.25\n", to: "sensors/\(name)") }
    try folder.write(configuration(change), to: "swiftletd.conf")
    return folder
  }

  private static let words = ["run", "--config", "swiftletd.conf"]

  /// Waits until something holds.
  private static func wait(
    _ what: String, seconds: Double = 180, until holds: () throws -> Bool
  ) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while try !holds() {
      try #require(clock.now < deadline, "\(what) did not happen in \(seconds) s")
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test("Files are sampled at their rate; every record says when, in which boot, and in order")
  func sampling() async throws {
    let folder = try await Self.folder()
    let program = try Program.swiftletd.start(Self.words, in: folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) >= 15 }
    program.terminate()
    let outcome = try await program.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let log = try DaemonLog(folder)
    #expect(log.records.map { $0["seq"] as? Int } == (1..<log.records.count + 1).map { $0 })
    #expect(Set(log.records.compactMap { $0["boot"] as? String }).count == 1)
    let moments = log.records.compactMap { $0["mono_ns"] as? UInt64 }
    #expect(moments.count == log.records.count && moments == moments.sorted())
    let ends = log.records("prediction").compactMap { $0["window_end_s"] as? Double }
    // At least ten samples apart, on the grid of the schedule, however late the loop woke up.
    for (end, next) in zip(ends, ends.dropFirst()) {
      let steps = (next - end) / 0.01
      #expect(abs(steps - steps.rounded()) < 0.2 && steps > 9.5, "\(ends)")
    }
    let health = try #require(log.records("health").last)
    let sensors = try #require(health["sensors"] as? [String: [String: Any]])
    #expect(Set(sensors.keys) == Set(Self.channels))
    #expect(log.records("decision").first?["decision"] as? String == "Standing")
    #expect(log.records.last?["kind"] as? String == "stop")
  }

  @Test("A sensor that goes and comes back is told, counted, and spoils nothing else")
  func unplugged() async throws {
    let folder = try await Self.folder { $0 + "[window]\nmissing = skip\n" }
    let program = try Program.swiftletd.start(Self.words, in: folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) >= 3 }
    let path = folder.url.appendingPathComponent("sensors/gyro_y")
    try FileManager.default.removeItem(at: path)
    try await Self.wait("failure") {
      try DaemonLog(folder, mayBeTorn: true).records("sensor").contains {
        $0["event"] as? String == "failed"
      }
    }
    try folder.write("0.25\n", to: "sensors/gyro_y")
    try await Self.wait("recovery") {
      try DaemonLog(folder, mayBeTorn: true).records("window").contains {
        $0["event"] as? String == "resumed"
      }
    }
    program.terminate()
    let outcome = try await program.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(outcome.standardError.contains("<3>sensor gyro_y: "))
    #expect(outcome.standardError.contains("there is no such file"))
    #expect(outcome.standardError.contains("<5>sensor gyro_y answers again"))
    let log = try DaemonLog(folder)
    let failed = try #require(log.records("sensor").first)
    #expect(failed["error"] as? String == "missing_file")
    let skipping = try #require(log.records("window").first)
    #expect(skipping["channel"] as? String == "gyro_y")
    #expect(skipping["reason"] as? String == "missing_file")
    let health = try #require(log.records("health").last)
    let sensors = try #require(health["sensors"] as? [String: [String: Any]])
    #expect(sensors["gyro_y"]?["missing"] as? Int ?? 0 > 10)
    #expect(sensors["gyro_x"]?["missing"] as? Int == 0)
  }

  @Test("Stuck and impossible readings are told apart from good ones")
  func implausible() async throws {
    let folder = try await Self.folder {
      $0.replacing(
        "[channel accel_x]", with: "[channel accel_x]\nplausible-maximum = 10\nstuck-after = 30")
        + "[window]\nsuspect = skip\n"
    }
    let program = try Program.swiftletd.start(Self.words, in: folder)
    try await Self.wait("suspicion") {
      (try? DaemonLog(folder, mayBeTorn: true).records("window").isEmpty) == false
    }
    program.terminate()
    _ = try await program.outcome()
    let skipping = try #require(try DaemonLog(folder).records("window").first)
    #expect(skipping["channel"] as? String == "accel_x")
    #expect(skipping["reason"] as? String == "stuck")
  }

  @Test("SIGHUP takes a new configuration over, and keeps the old one where the new one is wrong")
  func reload() async throws {
    let folder = try await Self.folder()
    let good = try folder.text("swiftletd.conf")
    let program = try Program.swiftletd.start(Self.words, in: folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) >= 2 }

    try folder.write(good.replacing("unit = as recorded", with: "unit = g"), to: "swiftletd.conf")
    program.hangUp()
    let model = try folder.read("model.swl")
    try await Self.wait("first refusal") { try program.messages().contains("\"g\"") }
    try folder.write(Array(model.dropLast(1000)), to: "model.swl")
    try folder.write(good, to: "swiftletd.conf")
    program.hangUp()
    try await Self.wait("second refusal") { try program.messages().contains("model.swl: ") }
    let before = DaemonLog.predictionCount(folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) > before + 2 }
    #expect(try DaemonLog(folder, mayBeTorn: true).records("start").count == 1)

    try folder.write(model, to: "model.swl")
    try folder.write(good + "[decision]\nmajority = 2 of 3\n", to: "swiftletd.conf")
    program.hangUp()
    try await Self.wait("second start") {
      try DaemonLog(folder, mayBeTorn: true).records("start").count == 2
    }
    let second = DaemonLog.predictionCount(folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) > second }
    program.terminate()
    let outcome = try await program.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let refusals = outcome.standardError.split(separator: "\n").filter {
      $0.hasPrefix("<3>the new configuration is refused")
    }
    #expect(refusals.count == 2, "\(outcome.standardError)")
    #expect(refusals.first?.contains("\"g\"") == true)
    #expect(refusals.last?.contains("model.swl: ") == true)
    let stop = try #require(try DaemonLog(folder).records("stop").last)
    #expect(stop["reloads"] as? Int == 1 && stop["reloads_refused"] as? Int == 2)
  }

  @Test("Two daemons never share a log folder")
  func locked() async throws {
    let folder = try await Self.folder()
    let program = try Program.swiftletd.start(Self.words, in: folder)
    try await Self.wait("prediction") { DaemonLog.predictionCount(folder) >= 1 }
    let second = try await Program.swiftletd.run(Self.words, in: folder)
    #expect(second.status == 73)
    #expect(second.standardError.contains("another process"))
    #expect(second.standardError.contains("choose another folder"))
    let check = try await Program.swiftletd.run(
      ["check", "--config", "swiftletd.conf"], in: folder)
    #expect(check.status == 0 && check.text.contains("in use by a running daemon"))
    program.terminate()
    #expect(try await program.outcome().status == 0)
  }

  @Test(
    "Configurations that do not fit the model are refused with both sides",
    arguments: [
      (
        "[channel gyro_z]\nsensor = gyro_z", "", ["[channel gyro_z] is missing", "the model takes"]
      ),
      ("[log]", "[channel extra]\nsensor = gyro_z\n[log]", ["no channel \"extra\"", "gyro_z"]),
      ("unit = as recorded", "unit = V", ["in \"V\"", "trained on \"as recorded\""]),
      ("sensor = gyro_z", "sensor = gyro_w", ["no [sensor gyro_w]", "gyro_z"]),
      ("sensor = gyro_z", "sensor = gyro_z\nquantity = x", ["quantity is \"x\"", "value"]),
      ("type = file", "type = file\nrate = 5", ["5.000 readings", "100.000 samples", "repeat"]),
      ("type = file", "type = file\nrate = fast", ["rate is \"fast\"", "number"]),
      ("type = file", "type = file\ncolour = red", ["unknown key \"colour\"", "scale-path"]),
      ("type = file", "type = tmp105", ["bus is missing"]),
      ("sensor = gyro_z", "sensor = gyro_z\nmedian = 4", ["median", "odd"]),
      ("[log]", "[window]\nmissing = guess\n[log]", ["\"guess\"", "interpolate"]),
      ("[log]", "[decision]\nmajority = 6 of 5\n[log]", ["\"6 of 5\"", "3 of 5"]),
      ("[log]", "[output lamp]\nline = 3\nclass = Flying\n[log]", ["\"Flying\"", "Walking"]),
      ("[log]", "[schedule]\npriority = 100\n[log]", ["\"100\"", "from 1 to 99"]),
      ("[log]", "[schedule]\nthreads = 65\n[log]", ["\"65\"", "from 1 to 64"]),
      ("[log]", "[log]\nsync-interval = soon", ["\"soon\"", "250ms"]),
    ])
  func mismatch(_ text: String, _ replacement: String, _ fragments: [String]) async throws {
    let folder = try await Self.folder()
    let good = try folder.text("swiftletd.conf")
    let bad = try #require(good.firstRange(of: text)).lowerBound
    var changed = good
    changed.replaceSubrange(bad..<good.index(bad, offsetBy: text.count), with: replacement)
    try folder.write(changed, to: "swiftletd.conf")
    let names = folder.names
    let outcome = try await Program.swiftletd.run(Self.words, in: folder)
    expectRefusal(outcome, 65, ["swiftletd.conf: "] + fragments, in: folder, leaving: names)
    let check = try await Program.swiftletd.run(
      ["check", "--config", "swiftletd.conf"], in: folder)
    #expect(check.status == 65)
    #expect(check.text.hasPrefix("problem  configuration"))
    for fragment in fragments { #expect(check.text.contains(fragment)) }
  }

  @Test(
    "check tells when there are more threads than processors",
    .enabled(if: ProcessInfo.processInfo.processorCount < 64))
  func threads() async throws {
    let folder = try await Self.folder()
    let configuration = try folder.text("swiftletd.conf")
    try folder.write(configuration + "\n[schedule]\nthreads = 64\n", to: "swiftletd.conf")
    let check = try await Program.swiftletd.run(
      ["check", "--config", "swiftletd.conf"], in: folder)
    #expect(check.status == 65)
    let problems = check.text.split(separator: "\n").filter { $0.hasPrefix("problem") }
    #expect(problems.count == 1)
    // Those the daemon may use can be fewer than the machine has.
    let match = try #require(problems.first?.firstMatch(of: /64 on ([0-9]+) processor/))
    let count = try #require(Int(match.1))
    #expect((1...ProcessInfo.processInfo.processorCount).contains(count))
    #expect(problems.first?.contains("[schedule]") == true)
  }

  @Test("check tells what is fine and what is missing, a line each")
  func check() async throws {
    let folder = try await Self.folder()
    let names = folder.names
    let fine = try await Program.swiftletd.run(["check", "--config", "swiftletd.conf"], in: folder)
    #expect(fine.status == 0, "\(fine.text)")
    #expect(fine.text.split(separator: "\n").count == 3 + 6)
    #expect(fine.text.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") })
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("sensors/gyro_x"))
    let missing = try await Program.swiftletd.run(
      ["check", "--config", "swiftletd.conf"], in: folder)
    #expect(missing.status == 74)
    let problems = missing.text.split(separator: "\n").filter { $0.hasPrefix("problem") }
    #expect(problems.count == 1)
    #expect(problems.first?.contains("sensor gyro_x") == true)
    #expect(problems.first?.contains("check the path") == true)
    #expect(folder.names == names)
  }

  @Test("record makes a recording that replays, and says what it is")
  func record() async throws {
    let folder = try await Self.folder()
    let outcome = try await Program.swiftletd.run(
      [
        "record", "--config", "swiftletd.conf", "--label", "at rest", "--duration", "1", "-o",
        "rest.csv",
      ], in: folder)
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let lines = try folder.text("rest.csv").split(separator: "\n")
    #expect(
      lines.first == "time_s,\(Self.channels.map { "\($0) (as recorded)" }.joined(separator: ","))")
    #expect(lines.count > 1 && lines.count <= 101)
    #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",0.250000000") })
    let data = Data(try folder.read("rest.csv.json"))
    let description = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    // Each of the second's samples is there or told as lost, which a machine that is busy causes.
    let times = try lines.dropFirst().map { try #require(Double($0.prefix { $0 != "," })) }
    let steps = times.map { ($0 * 100).rounded() }
    #expect(zip(times, steps).allSatisfy { abs($0 * 100 - $1) < 0.2 }, "\(times)")
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 } && times.last ?? 1 < 0.995)
    let lost = try #require(description["lost"] as? [String: Int])
    let lostCount = try #require(lost["missed_deadlines"]) + #require(lost["incomplete_samples"])
    #expect(lines.count - 1 + lostCount >= 100, "\(description)")
    #expect(description["label"] as? String == "at rest")
    #expect(description["samples"] as? Int == lines.count - 1)
    #expect((description["channels"] as? [[String: Any]])?.count == 6)
    try folder.write(
      RecordingTests.configuration.replacing("recording.csv", with: "rest.csv"),
      to: "replay.conf")
    let replay = try await Program.swiftletd.run(["run", "--config", "replay.conf"], in: folder)
    #expect(replay.status == 0, "\(replay.standardError)")
    // A busy machine may leave a single one.
    #expect(
      replay.standardError.contains(/predictions? from [0-9]+ sample/)
        && replay.standardError.contains(" from \(lines.count - 1) sample"))
  }

  @Test("The service manager is told when samples come and that they keep coming")
  func notifications() async throws {
    let folder = try await Self.folder()
    let socket = try NotificationSocket(folder.url.appendingPathComponent("notify").path)
    let program = try Program.swiftletd.start(
      Self.words, in: folder,
      environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "400000"])
    // What the manager shows to people comes and goes as it will.
    func messages() -> [String] { socket.messages().filter { !$0.hasPrefix("STATUS=") } }
    try await Self.wait("beat") {
      let beatCount = messages().filter { $0.hasPrefix("WATCHDOG=1") }.count
      return beatCount >= 8 && DaemonLog.predictionCount(folder) > 0
    }
    program.terminate()
    // Until then what comes is fetched: a full socket takes no more.
    try await Self.wait("end") { messages().last?.hasPrefix("STOPPING=1") == true }
    let outcome = try await program.outcome()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(messages().first?.hasPrefix("READY=1") == true, "\(messages())")
    #expect(messages().last?.hasPrefix("STOPPING=1") == true, "\(messages())")
  }
}
