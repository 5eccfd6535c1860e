import Foundation
import Testing

/// Writes the log that the figures in docs/report.md were measured on.
@Suite struct LongLogTests {
  static let folder = ProcessInfo.processInfo.environment["SWIFTLET_REPORT_LOG"]

  @Test(.enabled(if: folder != nil, "SWIFTLET_REPORT_LOG names no folder to write to"))
  func `a million records are written where the environment says`() throws {
    let folder = try #require(Self.folder)
    var log = try LogSketch(folder: folder)
    log.start()
    let classes = ["Quiet", "Heating", "Airing", "Draught"]
    var health = LogSketch.Health()
    var (records, number) = (1, 0)
    while records < 1_000_000 {
      log.wait(1)
      let label = classes[number / 300 % 4]
      log.prediction(
        number, class: label, probability: 0.5 + Double(number % 499) / 1000, decision: label,
        latencyMicroseconds: UInt64(300 + number % 211))
      records += 1
      number += 1
      guard number % 60 == 0 else { continue }
      health.samples = UInt64(4 * number)
      health.sensors = [("room", true, health.samples, 0), ("contact", true, health.samples, 0)]
      log.health(health)
      records += 1
    }
    log.close()
    let segments = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(segments.count > 50)
  }
}
