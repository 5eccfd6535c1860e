import Foundation
import Testing

@Suite(
  "swiftletd on an emulated Raspberry Pi 3", .serialized,
  .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct RaspberryPiTests {
  @Test("reads its thermometer, predicts, logs and drives an output")
  func wholeWay() throws {
    let pi = try Emulator(.raspberryPi3, files: SampleModel.files(SampleModel.onRaspberryPi))
    try pi.setTemperature(milliCelsius: 21_000)
    try pi.startDaemon()

    let quiet = try pi.waitForRecord("a quiet room", within: 180) { $0.predictedClass == "Quiet" }
    #expect(try lamp(of: pi) == "lo")
    // The room gets warmer until the lamp burns, however slow the board is.
    let heating = TemperatureRamp(pi, from: 21, perSecond: 0.28)
    defer { heating.end() }
    try pi.waitForRecord("heating", within: 180, after: quiet.sequence) {
      $0.predictedClass == "Heating" && $0.fields["decision"] as? String == "Heating"
    }
    try waitForLamp("hi", of: pi)

    // The room comes to rest: quiet again, and the lamp goes out.
    heating.end()
    let heated = try pi.lastSequence()
    try pi.waitForRecord("rest", within: 180, after: heated) {
      $0.predictedClass == "Quiet" && $0.fields["decision"] as? String == "Quiet"
    }
    try waitForLamp("lo", of: pi)

    let (status, messages) = try pi.stopDaemon()
    #expect(status == 0, "\(messages)")
    let log = try pi.log()
    #expect(log.torn.isEmpty)
    #expect(log.records.first?.kind == "start")
    #expect(log.records.last?.kind == "stop")
    #expect(try #require(log.residentByteCount) <= JournalOnDisk.residentByteLimit)
    #expect(
      log.records.map(\.sequence)
        == Array(0..<log.records.count).map { $0 + log.records[0].sequence })
    // One window a second, on the clock and not one after the other. A machine that is too busy to
    // emulate a board at its pace costs windows, but no lag.
    let ends = log.records.filter { $0.kind == "prediction" }.compactMap(\.windowEnd)
    for (earlier, later) in zip(ends, ends.dropFirst()) {
      let step = later - earlier
      #expect(step > 0.5 && abs(step - step.rounded()) < 0.002, "\(earlier) s, then \(later) s")
    }
  }

  /// Waits for what follows the record of a decision.
  private func waitForLamp(_ level: String, of pi: Emulator) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while try lamp(of: pi) != level {
      try #require(Date() < deadline, "the lamp's line is not \(level)")
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  /// The level of line GPIO26 as the kernel reads it back: `hi` or `lo`.
  private func lamp(of pi: Emulator) throws -> String {
    let line = try pi.shell("grep GPIO26 /sys/kernel/debug/gpio")
    #expect(line.contains("out"), "\(line)")
    return line.contains("hi") ? "hi" : "lo"
  }
}
