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
    var sequence = try board.waitForRecord("a quiet room", within: 25) {
      $0.predictedClass == "Quiet"
    }.sequence

    // The contact opens and the room cools.
    let before = try board.uptime()
    try board.driveInput(true)
    let after = try board.uptime()
    try board.ramp(from: 22, to: 20.5, seconds: 5)
    let airing = try board.waitForRecord("airing", within: 10, after: sequence) {
      $0.predictedClass == "Airing"
    }
    // Not before it happened, and as soon as most of the window has seen it.
    let end = try #require(airing.windowEnd)
    #expect(end >= before && end <= after + 8.5, "\(before)...\(after), then \(end)")

    // Shut, warming up.
    try board.driveInput(false)
    sequence = try board.lastSequence()
    try board.ramp(from: 20.5, to: 25, seconds: 16)
    try board.waitForRecord("heating", within: 4, after: sequence) {
      $0.predictedClass == "Heating"
    }
    // Shut, says the contact, and yet the room cools.
    sequence = try board.lastSequence()
    try board.ramp(from: 25, to: 21, seconds: 14)
    try board.waitForRecord("a draught", within: 4, after: sequence) {
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
    let first = try board.waitForRecord("a prediction", within: 25) { $0.kind == "prediction" }
    try board.plugThermometer(in: false)
    let gone = try board.waitForRecord("the lost sensor", within: 15, after: first.sequence) {
      $0.kind == "sensor" && $0.line.contains("thermometer")
    }
    print(gone.line)
    Thread.sleep(forTimeInterval: 4)
    try board.plugThermometer(in: true)
    try board.waitForRecord("the sensor's return", within: 40, after: gone.sequence) {
      $0.kind == "sensor" && $0.line.contains("thermometer")
    }
    try board.waitForRecord("a prediction after it", within: 20, after: gone.sequence + 1) {
      $0.kind == "prediction"
    }
    let (status, messages) = try board.stopDaemon()
    print(messages)
    #expect(status == 0, "\(messages)")
  }

  @Test("keeps its schedule when the clock jumps a day ahead and a day back")
  func clockJumps() throws {
    let board = try board(SampleModel.onEvaluationBoard())
    try board.shell("date -s '2026-11-23 12:00:00'")
    try board.startDaemon()
    try board.waitForRecord("a prediction", within: 25) { $0.kind == "prediction" }
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
    #expect(log.records.filter { $0.kind == "clock" }.count >= 2, "\(log.records.map(\.kind))")
    let days = Set(predictions.compactMap { ($0.fields["time"] as? String)?.prefix(10) })
    #expect(days == ["2026-11-22", "2026-11-23", "2026-11-24"], "\(days)")
  }

  @Test("marks a sensor that always says the same")
  func stuck() throws {
    let board = try board(SampleModel.onEvaluationBoard(channel: "stuck-after = 20"))
    try board.startDaemon()
    try board.ramp(from: 22, to: 26, seconds: 12)
    let last = try board.waitForRecord("a prediction", within: 10) { $0.kind == "prediction" }
    // Twenty samples are five seconds; after that no window is fit for a prediction.
    Thread.sleep(forTimeInterval: 8)
    print(try board.log().records.suffix(10).map(\.line))
    try board.waitForRecord("the stuck sensor", within: 10, after: last.sequence) {
      $0.line.contains("stuck")
    }
    let (status, messages) = try board.stopDaemon()
    print(messages)
    #expect(status == 0, "\(messages)")
  }
}
