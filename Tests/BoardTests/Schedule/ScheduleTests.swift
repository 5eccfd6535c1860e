import Foundation
import Testing

/// How well the daemon keeps its schedule and what that costs: measurements, not pass or fail, apart
/// from what no machine excuses.
///
/// They take minutes each and run where `SWIFTLET_SCHEDULE_MINUTES` is set (`scripts/schedule`).
@Suite(
  "The schedule", .serialized,
  .enabled(
    if: BoardFiles.areAvailable && environmentNumber("SWIFTLET_SCHEDULE_MINUTES") != nil,
    "run scripts/schedule"))
struct ScheduleTests {
  /// Samples a second; all of them unless `SWIFTLET_SCHEDULE_RATE` names one.
  static let rates = environmentNumber("SWIFTLET_SCHEDULE_RATE").map { [$0] } ?? [100, 1, 1000]

  /// The real-time priority of the daemon, and of the emulator where there is one; none by default.
  private let priority = environmentNumber("SWIFTLET_SCHEDULE_PRIORITY")

  /// Minutes at 100 Hz; the other rates take a fifth.
  private let minutes = Double(environmentNumber("SWIFTLET_SCHEDULE_MINUTES") ?? 10)

  @Test("on an emulated Raspberry Pi 3", arguments: rates)
  func raspberryPi(rate: Int) throws {
    let scratch = try ScratchFolder()
    let configuration = SixChannels.configuration(
      .raspberryPi, rate: rate, model: "/etc/swiftlet/model.swl", log: Emulator.logFolder,
      priority: priority)
    let pi = try Emulator(
      .raspberryPi3, priority: priority,
      files: [
        "etc/swiftlet/model.swl": SixChannels.model(rate: rate, in: scratch),
        "etc/swiftlet/swiftletd.conf": Data(configuration.utf8),
      ])
    try pi.setMagneticField(x: 20_000, y: 30_000, z: 40_000)
    let loadBefore = Self.loadAverage
    try pi.startDaemon()
    // Minutes of the board's clock, which a busy host slows down.
    let end = try pi.uptime() + seconds(rate)
    while try pi.uptime() < end { Thread.sleep(forTimeInterval: 10) }
    let (status, messages) = try pi.stopDaemon()
    #expect(status == 0, "\(messages)")
    report("emulated Raspberry Pi 3", rate, loadBefore, try pi.log())
  }

  @Test("on this machine", arguments: rates)
  func native(rate: Int) throws {
    let scratch = try ScratchFolder()
    try SixChannels.fill(scratch.url)
    _ = try SixChannels.model(rate: rate, in: scratch)
    try SixChannels.configuration(
      .files(folder: scratch.url), rate: rate, model: scratch("model.swl").path,
      log: scratch("log").path, priority: priority
    ).write(to: scratch("swiftletd.conf"), atomically: true, encoding: .utf8)
    let daemon = Process()
    daemon.executableURL = BoardFiles.nativeDaemon
    daemon.arguments = ["run", "--config", scratch("swiftletd.conf").path]
    daemon.standardOutput = FileHandle.nullDevice
    daemon.standardError = FileHandle.nullDevice
    let loadBefore = Self.loadAverage
    try daemon.run()
    Thread.sleep(forTimeInterval: seconds(rate))
    daemon.terminate()
    daemon.waitUntilExit()
    #expect(daemon.terminationStatus == 0)
    report("this machine", rate, loadBefore, try JournalOnDisk(folder: scratch("log")))
  }

  /// Of the last minute.
  private static var loadAverage: String {
    (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
      .split(separator: " ").first.map(String.init) ?? "unknown"
  }

  private func seconds(_ rate: Int) -> Double { minutes * 60 * (rate == 100 ? 1 : 0.2) }

  /// Prints a row of the table in docs/reliability.md from the daemon's last health record.
  private func report(
    _ machine: String, _ rate: Int, _ loadBefore: String, _ log: JournalOnDisk
  ) {
    #expect(log.torn.isEmpty)
    guard let health = log.records.last(where: { $0.kind == "health" }) else {
      Issue.record("\(machine), \(rate) Hz: no health record")
      return
    }
    func number(_ name: String) -> Double {
      (health.fields[name] as? NSNumber)?.doubleValue ?? .nan
    }
    let lateness = health.fields["lateness_us"] as? [String: Any] ?? [:]
    func late(_ name: String) -> Int { (lateness[name] as? NSNumber)?.intValue ?? -1 }
    let share = 100 * number("cpu_s") / number("uptime_s")
    print(
      "| \(machine) | \(rate) Hz | \(Int(number("samples"))) | \(late("p50")) | \(late("p99")) |",
      "\(late("p999")) | \(late("max")) | \(Int(number("deadlines_missed"))) |",
      String(format: "%.1f %% | %.2f MB |", share, number("resident_bytes") / 1e6))
    let priority = priority.map { "SCHED_FIFO \($0)" } ?? "ordinary scheduling"
    print("\(priority); load average \(loadBefore) before, \(Self.loadAverage) after")
    print(health.line)
    let expected = number("uptime_s") * Double(rate)
    #expect(
      number("samples") + number("deadlines_missed") > expected * 0.95 - Double(rate),
      "\(machine), \(rate) Hz: \(number("samples")) samples of \(expected)")
  }
}
