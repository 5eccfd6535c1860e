import Foundation
import Testing

@Suite(
  "Drift on an emulated AST2600", .serialized,
  .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct DriftTests {
  private static let metricsPath = "/run/node.prom"

  /// A board whose model knows the room as it is, and the room.
  private func board(_ model: Data) throws -> (Emulator, EmulatedRoom) {
    let configuration =
      SampleModel.onEvaluationBoard() + "\n[metrics]\npath = \(Self.metricsPath)\ninterval = 1 s\n"
    let board = try Emulator(
      .ast2600,
      files: [
        "etc/swiftlet/model.swl": model,
        "etc/swiftlet/swiftletd.conf": Data(configuration.utf8),
      ])
    try board.plugThermometer(in: true)
    return (board, EmulatedRoom(board))
  }

  /// The record of the alarm, after windows without one.
  private func alarm(
    on board: Emulator, _ change: () -> Void
  ) throws -> JournalOnDisk.Record {
    let quiet = try board.waitForRecord("two quiet drift windows", within: 240) {
      $0.kind == "drift" && $0.fields["window"] as? Int == 2
    }
    #expect(quiet.fields["alarm"] as? Bool == false, "\(quiet.line)")
    #expect(try board.file(Self.metricsPath).contains("\nswiftlet_drift_alarm 0\n"))
    change()
    return try board.waitForRecord("a drift alarm", within: 240, after: quiet.sequence) {
      $0.kind == "drift" && $0.fields["event"] as? String == "raised"
    }
  }

  /// What `swiftlet report` makes of the board's log.
  private func report(_ board: Emulator, _ scratch: ScratchFolder) throws -> String {
    let folder = scratch("log")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, contents) in try board.segments() {
      try contents.write(to: folder.appendingPathComponent(name))
    }
    try HostProgram.succeed(
      HostProgram.swiftlet,
      [
        "report", folder.path, "-o", scratch("report.html").path, "--model",
        scratch("model.swl").path,
      ])
    return try String(contentsOf: scratch("report.html"), encoding: .utf8)
  }

  @Test("a room that warms up raises an alarm in log, metrics and report, and looks like the world")
  func ramp() throws {
    let scratch = try ScratchFolder()
    let (board, room) = try board(EmulatedRoom.calibratedModel(in: scratch))
    defer { room.end() }
    try board.startDaemon()
    let raised = try alarm(on: board) { room.warmUp(by: 4, seconds: 12) }
    #expect(raised.fields["verdict"] as? String == "world", "\(raised.line)")
    #expect(raised.cause["subject"] as? String == "temperature", "\(raised.line)")
    let text = try #require(raised.fields["text"] as? String)
    #expect(text.hasPrefix("temperature: mean ") && text.contains("Looks like the world"))
    let said = try board.file("/run/daemon.err")
    #expect(said.contains("drift: temperature: mean "), "\(said)")
    try board.shell(
      "while ! grep -q '^swiftlet_drift_alarm 1' \(Self.metricsPath); do sleep 1; done", within: 120
    )
    let metrics = try board.file(Self.metricsPath)
    #expect(metrics.contains("swiftlet_drift_alarms_total 1\n"), "\(metrics)")
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    let page = try report(board, scratch)
    #expect(page.contains("Looks like the world<span") && page.contains("temperature: mean "))
  }

  @Test("a thermometer stuck at a usual value is called a sensor fault, not drift")
  func stuck() throws {
    let scratch = try ScratchFolder()
    let (board, room) = try board(EmulatedRoom.calibratedModel(in: scratch))
    defer { room.end() }
    try board.startDaemon()
    let raised = try alarm(on: board) { room.freeze() }
    #expect(raised.fields["verdict"] as? String == "sensor", "\(raised.line)")
    #expect(raised.cause["subject"] as? String == "temperature", "\(raised.line)")
    #expect(raised.cause["fault"] as? String == "stuck", "\(raised.line)")
    let text = try #require(raised.fields["text"] as? String)
    #expect(text.contains("Looks like the sensor: stuck at one value"), "\(text)")
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    let page = try report(board, scratch)
    #expect(page.contains("Looks like the sensor<span") && page.contains(text))
  }
}

extension JournalOnDisk.Record {
  /// What raised an alarm.
  fileprivate var cause: [String: Any] { fields["cause"] as? [String: Any] ?? [:] }
}

/// The room around the thermometer and the contact of the AST2600, kept going by a thread: the air
/// moves by a few tenths of a degree all the time, and somebody opens the window now and then.
///
/// The temperature is set twenty times a second, independently each time, so that samples of a slow
/// board are like those of a fast one.
final class EmulatedRoom: @unchecked Sendable {
  private let lock = NSLock()
  private let board: Emulator
  private var weather = Weather(seed: 1)
  private var offset = 0.0
  private var slope = 0.0
  private var remainingSteps = 0
  private var isFrozen = false
  private var hasEnded = false
  private let ended = DispatchSemaphore(value: 0)

  private static let stepSeconds = 0.05
  private static let stepsPerSample = 5

  /// Starts the room's life.
  init(_ board: Emulator) {
    self.board = board
    let thread = Thread { [self] in
      var step = 0
      while advance(step) {
        step += 1
        Thread.sleep(forTimeInterval: Self.stepSeconds)
      }
      ended.signal()
    }
    thread.start()
  }

  /// Warms the room up steadily.
  func warmUp(by degrees: Double, seconds: Double) {
    lock.withLock {
      remainingSteps = Int(seconds / Self.stepSeconds)
      slope = degrees / Double(remainingSteps)
    }
  }

  /// The thermometer says the same from now on.
  func freeze() { lock.withLock { isFrozen = true } }

  /// Ends the thread; the board's devices are the caller's again.
  func end() {
    lock.withLock { hasEnded = true }
    ended.wait()
  }

  private func advance(_ step: Int) -> Bool {
    lock.withLock {
      guard !hasEnded else { return false }
      if remainingSteps > 0 {
        remainingSteps -= 1
        offset += slope
      }
      let celsius = weather.temperature() + offset
      if !isFrozen { try? board.setTemperature(milliCelsius: Int((celsius * 1000).rounded())) }
      if step % Self.stepsPerSample == 0 { try? board.driveInput(weather.contact()) }
      return true
    }
  }

  /// The sample model with a baseline of three hours of this room, in drift windows of eight seconds.
  static func calibratedModel(in scratch: ScratchFolder) throws -> Data {
    var weather = Weather(seed: 2)
    var lines = ["time_s,temperature,window"]
    for index in 0..<(3 * 3600 * 4) {
      // The TMP105 cuts towards minus infinity at 12 bits.
      let celsius = (weather.temperature() * 16).rounded(.down) / 16
      lines.append("\(Double(index) / 4),\(celsius),\(weather.contact() ? 1 : 0)")
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: scratch("reference.csv"))
    try SampleModel.contents().write(to: scratch("model.swl"))
    let said = try HostProgram.succeed(
      HostProgram.swiftlet,
      [
        "baseline", scratch("model.swl").path, "--reference", scratch("reference.csv").path,
        "--drift-window", "8", "--budget", "1 a day",
      ])
    guard !said.contains("promise       none") else {
      throw BoardFailure("the reference is not enough for its promise:\n\(said)")
    }
    return try Data(contentsOf: scratch("model.swl"))
  }
}

/// Temperature and contact, sample by sample.
private struct Weather {
  private var state: UInt64
  private var isOpen = false

  init(seed: UInt64) { state = seed }

  /// Degrees Celsius, independent of the one before.
  mutating func temperature() -> Double { 21.6 + 0.8 * uniform() }

  /// Whether the window is open: for two and a half seconds on average, every eleven.
  mutating func contact() -> Bool {
    isOpen = isOpen ? uniform() >= 0.1 : uniform() < 0.03
    return isOpen
  }

  /// SplitMix64.
  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((value ^ (value >> 31)) >> 11) / 9_007_199_254_740_992
  }
}
