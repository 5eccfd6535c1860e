import Foundation
import Testing

@Suite(
  "swiftletd on an emulated AST2600 (ARMv7 without NEON)", .serialized,
  .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct EvaluationBoardTests {
  private func board(_ configuration: String) throws -> Emulator {
    let board = try Emulator(.ast2600, files: SampleModel.files(configuration))
    try board.plugThermometer(in: true)
    try board.setTemperature(milliCelsius: 22_000)
    try board.driveInput(false)
    return board
  }

  @Test("predicts what the test does to temperature and contact, and when")
  func followsTheWorld() throws {
    let board = try board(SampleModel.onEvaluationBoard())
    try board.startDaemon()
    var sequence = try board.waitForRecord("a quiet room", within: 60) {
      $0.predictedClass == "Quiet"
    }.sequence

    // The contact opens and the room cools.
    let before = try board.uptime()
    try board.driveInput(true)
    let after = try board.uptime()
    try board.ramp(from: 22, to: 20.5, seconds: 5)
    let airing = try board.waitForRecord("airing", within: 60, after: sequence) {
      $0.predictedClass == "Airing"
    }
    // Not before it happened, and as soon as most of the window has seen it.
    let end = try #require(airing.windowEnd)
    #expect(end >= before && end <= after + 8.5, "\(before)...\(after), then \(end)")

    // Shut, warming up.
    try board.driveInput(false)
    sequence = try board.lastSequence()
    try board.ramp(from: 20.5, to: 25, seconds: 16)
    try board.waitForRecord("heating", within: 60, after: sequence) {
      $0.predictedClass == "Heating"
    }
    // Shut, says the contact, and yet the room cools.
    sequence = try board.lastSequence()
    try board.ramp(from: 25, to: 21, seconds: 14)
    try board.waitForRecord("a draught", within: 60, after: sequence) {
      $0.predictedClass == "Draught"
    }
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    #expect(try board.log().torn.isEmpty)
  }

  @Test("goes on without a sensor that is unplugged, and with it when it is back")
  func unplugged() throws {
    let board = try board(SampleModel.onEvaluationBoard())
    try board.startDaemon()
    let first = try board.waitForRecord("a prediction", within: 60) { $0.kind == "prediction" }
    try board.plugThermometer(in: false)
    let gone = try board.waitForRecord("the lost sensor", within: 60, after: first.sequence) {
      $0.isSensorEvent("failed", of: "thermometer")
    }
    #expect(gone.fields["error"] as? String == "no_acknowledge", "\(gone.line)")
    let text = gone.fields["text"] as? String ?? ""
    #expect(text.contains("/dev/i2c-3") && text.contains("0x49"), "\(text)")
    Thread.sleep(forTimeInterval: 3)
    try board.plugThermometer(in: true)
    let back = try board.waitForRecord("the sensor's return", within: 60, after: gone.sequence) {
      $0.isSensorEvent("recovered", of: "thermometer")
    }
    let missing = (back.fields["missing"] as? NSNumber)?.intValue ?? 0
    #expect(missing >= 12, "\(back.line)")
    let next = try board.waitForRecord("a prediction after it", within: 60, after: back.sequence) {
      $0.kind == "prediction"
    }
    // A whole window of readings since the sensor is back.
    #expect(next.monotonicSeconds - back.monotonicSeconds > 7, "\(next.line)")

    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    // The contact kept its schedule meanwhile.
    let health = try #require(try board.log().records.last { $0.kind == "health" })
    let sensors = health.fields["sensors"] as? [String: [String: Any]] ?? [:]
    #expect(sensors["contact"]?["missing"] as? Int == 0, "\(health.line)")
  }

  @Test("keeps its schedule when the clock jumps a day ahead and a day back")
  func clockJumps() throws {
    let board = try board(SampleModel.onEvaluationBoard())
    try board.shell("date -s '2026-11-23 12:00:00'")
    try board.startDaemon()
    try board.waitForRecord("a prediction", within: 60) { $0.kind == "prediction" }
    try board.shell("date -s '2026-11-24 12:00:00'")
    Thread.sleep(forTimeInterval: 4)
    try board.shell("date -s '2026-11-22 12:00:00'")
    Thread.sleep(forTimeInterval: 4)
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
    let log = try board.log()
    let predictions = log.records.filter { $0.kind == "prediction" }
    for (earlier, later) in zip(predictions, predictions.dropFirst()) {
      let step = later.monotonicSeconds - earlier.monotonicSeconds
      #expect(abs(step - 1) < 0.5, "\(step) s between two predictions")
    }
    let jumps = log.records.filter { $0.kind == "clock" }
      .compactMap { ($0.fields["jump_s"] as? NSNumber)?.doubleValue }
    #expect(jumps.contains { abs($0 - 86_400) < 60 }, "\(jumps)")
    #expect(jumps.contains { abs($0 + 172_800) < 60 }, "\(jumps)")
    let days = Set(predictions.compactMap { ($0.fields["time"] as? String)?.prefix(10) })
    #expect(days == ["2026-11-22", "2026-11-23", "2026-11-24"], "\(days)")
  }

  @Test("marks a sensor that always says the same")
  func stuck() throws {
    let board = try board(SampleModel.onEvaluationBoard(channel: "stuck-after = 20"))
    try board.startDaemon()
    try board.ramp(from: 22, to: 26, seconds: 12)
    let last = try board.waitForRecord("a prediction", within: 60) { $0.kind == "prediction" }
    // Twenty samples are five seconds; after that no window is fit for a prediction.
    let stuck = try board.waitForRecord("the stuck sensor", within: 60, after: last.sequence) {
      $0.kind == "window" && $0.fields["event"] as? String == "skipping"
    }
    #expect(stuck.fields["channel"] as? String == "temperature", "\(stuck.line)")
    #expect((stuck.fields["reason"] as? String)?.contains("stuck") == true, "\(stuck.line)")
    // It moves again.
    try board.ramp(from: 26, to: 23, seconds: 10)
    try board.waitForRecord("predictions again", within: 60, after: stuck.sequence) {
      $0.kind == "prediction"
    }
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
  }

  @Test("reads each axis of a magnetometer as it is, and doubts one that leaves its range")
  func magnetometer() throws {
    let scratch = try ScratchFolder()
    let configuration = SixChannels.configuration(
      .evaluationBoard(celsius: 22, microtesla: [20, 30, 40]), rate: 10,
      model: "/etc/swiftlet/model.swl", log: Emulator.logFolder)
    let board = try Emulator(
      .ast2600,
      files: [
        "etc/swiftlet/model.swl": SixChannels.model(rate: 10, in: scratch),
        "etc/swiftlet/swiftletd.conf": Data(configuration.utf8),
      ])
    try board.plugThermometer(in: true)
    try board.setTemperature(milliCelsius: 22_000)
    try board.setMagneticField(x: 20_000, y: 30_000, z: 40_000)
    try board.startDaemon()
    var last = try board.waitForRecord("a prediction", within: 60) { $0.kind == "prediction" }
    for (axis, field) in [("field_x", (21, 30, 40)), ("field_z", (20, 30, 39))] {
      try board.setMagneticField(x: field.0 * 1000, y: field.1 * 1000, z: field.2 * 1000)
      let doubt = try board.waitForRecord("doubt about \(axis)", within: 60, after: last.sequence) {
        $0.kind == "window" && $0.fields["event"] as? String == "skipping"
      }
      #expect(doubt.fields["channel"] as? String == axis, "\(doubt.line)")
      try board.setMagneticField(x: 20_000, y: 30_000, z: 40_000)
      last = try board.waitForRecord("predictions again", within: 60, after: doubt.sequence) {
        $0.kind == "prediction"
      }
    }
    let (status, messages) = try board.stopDaemon()
    #expect(status == 0, "\(messages)")
  }
}
