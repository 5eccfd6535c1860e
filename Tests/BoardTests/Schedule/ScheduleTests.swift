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
    try SixChannels.model(rate: rate, in: scratch)
    try SixChannels.configuration(
      .files(folder: scratch.url), rate: rate, model: scratch("model.swl").path,
      log: scratch("log").path, priority: priority
    ).write(to: scratch("swiftletd.conf"), atomically: true, encoding: .utf8)
    let loadBefore = Self.loadAverage
    try runDaemon(in: scratch, seconds: seconds(rate))
    report("this machine", rate, loadBefore, try JournalOnDisk(folder: scratch("log")))
  }

  /// A thousand records a second, in pieces of a minute: whether one of them passes without a missed
  /// deadline, and whether it is the daemon that misses. The daemon is kept on one processor, the
  /// empty loop on another, at the same priority.
  @Test(
    "1,000 records a second beside an empty loop",
    .enabled(
      if: environmentNumber("SWIFTLET_SCHEDULE_PIECES") != nil, "run scripts/schedule records"))
  func records() throws {
    let pieces = environmentNumber("SWIFTLET_SCHEDULE_PIECES") ?? 1
    let emptyLoop = try #require(ProcessInfo.processInfo.environment["SWIFTLET_EMPTY_LOOP"])
    let launch = priority.map { ["chrt", "-f", "\($0)"] } ?? []
    var clean = 0
    for piece in 1...pieces {
      let scratch = try ScratchFolder()
      try SixChannels.fill(scratch.url)
      try SixChannels.model(rate: 1000, hop: 1, in: scratch)
      try SixChannels.configuration(
        .files(folder: scratch.url), rate: 1000, model: scratch("model.swl").path,
        log: scratch("log").path, priority: priority,
        // 300 KB a second: the quota is met after some ten seconds, and segments go as they come.
        logKeys: "segment-size = 512K\nquota = 4M\nsync-interval = 1 s\nfree-space = 1M"
      ).write(to: scratch("swiftletd.conf"), atomically: true, encoding: .utf8)
      let loop = Process()
      loop.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      loop.arguments = ["taskset", "-c", "0"] + launch + [emptyLoop, "1000", "60"]
      let loadBefore = Self.loadAverage
      try loop.run()
      try runDaemon(in: scratch, seconds: 60, processor: 1)
      loop.waitUntilExit()
      #expect(loop.terminationStatus == 0)
      let log = try JournalOnDisk(folder: scratch("log"))
      guard let health = report("1,000 records a second", 1000, loadBefore, log) else { continue }
      if number("deadlines_missed", health) == 0 { clean += 1 }
      // What is left within the quota has no hole, and each sample made a record.
      for (earlier, later) in zip(log.records, log.records.dropFirst()) {
        #expect(later.sequence == earlier.sequence + 1, "\(earlier.line)\n\(later.line)")
      }
      #expect(log.records[0].sequence > 10_000, "nothing was evicted: the quota was not met")
      // A window is made of samples without a gap.
      let gaps = number("deadlines_missed", health)
      #expect(number("predictions", health) >= number("samples", health) - 40 * (gaps + 1))
      #expect(Double(health.sequence) >= number("predictions", health))
      note("\(piece) of \(pieces) minutes, \(clean) without a missed deadline")
    }
    print("1,000 records a second: \(clean) of \(pieces) minutes without a missed deadline")
  }

  private func runDaemon(
    in scratch: ScratchFolder, seconds: Double, processor: Int? = nil
  ) throws {
    let daemon = Process()
    daemon.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    daemon.arguments =
      (processor.map { ["taskset", "-c", "\($0)"] } ?? [])
      + [BoardFiles.nativeDaemon.path, "run", "--config", scratch("swiftletd.conf").path]
    daemon.standardOutput = FileHandle.nullDevice
    daemon.standardError = FileHandle.nullDevice
    try daemon.run()
    Thread.sleep(forTimeInterval: seconds)
    daemon.terminate()
    daemon.waitUntilExit()
    #expect(daemon.terminationStatus == 0)
  }

  /// Of the last minute.
  private static var loadAverage: String {
    (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
      .split(separator: " ").first.map(String.init) ?? "unknown"
  }

  private func seconds(_ rate: Int) -> Double { minutes * 60 * (rate == 100 ? 1 : 0.2) }

  /// Prints a row of the table in docs/reliability.md from the daemon's last health record.
  @discardableResult
  private func report(
    _ machine: String, _ rate: Int, _ loadBefore: String, _ log: JournalOnDisk
  ) -> JournalOnDisk.Record? {
    #expect(log.torn.isEmpty)
    guard let health = log.records.last(where: { $0.kind == "health" }) else {
      Issue.record("\(machine), \(rate) Hz: no health record")
      return nil
    }
    func number(_ name: String) -> Double { self.number(name, health) }
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
    #expect(log.residentByteCount ?? .max <= JournalOnDisk.residentByteLimit, "\(health.line)")
    return health
  }

  private func number(_ name: String, _ record: JournalOnDisk.Record) -> Double {
    (record.fields[name] as? NSNumber)?.doubleValue ?? .nan
  }
}
