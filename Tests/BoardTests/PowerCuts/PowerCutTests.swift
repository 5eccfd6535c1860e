import Foundation
import Testing

/// Pulling the plug: a virtual machine that logs is killed at random moments.
///
/// `scripts/power-cuts --count N` runs many; the number and the seed of the moments come from
/// `SWIFTLET_POWER_CUTS` and `SWIFTLET_POWER_CUT_SEED`.
@Suite(
  "Power cuts", .serialized, .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct PowerCutTests {
  /// What may add to the age of the last record kept, in seconds: the sync itself, the beats, and
  /// predictions that pause for one window where the emulator was too slow for a deadline.
  static let slackSeconds = 2.0

  @Test("After a power cut every record older than the sync interval is there, whole and once")
  func killsOfAMachine() throws {
    try kill(.diskMachine, count: environmentNumber("SWIFTLET_POWER_CUTS") ?? 3)
  }

  @Test("and on the card of a Raspberry Pi 3")
  func killsOfARaspberryPi() throws {
    let wanted = environmentNumber("SWIFTLET_POWER_CUTS") ?? 0
    try kill(.raspberryPi3WithCard, count: max(2, wanted / 10))
  }

  private func kill(_ board: Board, count: Int) throws {
    let seed = UInt64(environmentNumber("SWIFTLET_POWER_CUT_SEED") ?? Int.random(in: 1...9_999_999))
    print("\(board.name): \(count) power cuts, seed \(seed)")
    var generator = SplitMix(state: seed)
    let scratch = try ScratchFolder()
    let machine = try LoggingMachine(in: scratch)
    let disk = try DiskImage.empty(at: scratch("disk"), mebibytes: 128)
    var check = PowerCutCheck()

    for number in 1...count {
      let running = try machine.start(board, disk: disk)
      try machine.beat(on: running)
      Thread.sleep(forTimeInterval: Double.random(in: 0.2...6, using: &generator))
      running.cutPower()
      let beats = try LoggingMachine.beats(running)

      // The board's own next start replays the file system's journal on `disk`; this copy is looked
      // at in between.
      let copy = try disk.copy(to: scratch("copy"))
      try copy.recover()
      try? FileManager.default.removeItem(at: scratch("found"))
      try copy.extract("/log", into: scratch("found"))
      try check.cut(number, beats, found: JournalOnDisk(folder: scratch("found/log")))
      if number % 10 == 0 { note("\(number) of \(count) power cuts") }
    }

    // The last start ends in order: nothing torn is left, and every loss is accounted for.
    let last = try machine.start(board, disk: disk)
    Thread.sleep(forTimeInterval: 2)
    let (status, messages) = try last.stopDaemon()
    #expect(status == 0, "\(messages)")
    try last.shell("umount /var/lib/swiftlet")
    last.cutPower()
    try? FileManager.default.removeItem(at: scratch("found"))
    try disk.extract("/log", into: scratch("found"))
    let log = try JournalOnDisk(folder: scratch("found/log"))
    #expect(log.torn.isEmpty, "\(log.torn)")
    try check.keeps(log)
    let verify = try HostProgram.run(
      HostProgram.swiftlet, ["log", "verify", "--json", scratch("found/log").path])
    #expect(verify.status == 0, "\(verify.output)")
    print(check.summary)
  }

  /// Killing the emulator loses what Linux had not yet handed to the disk. A real disk or card may
  /// lose more: what it was handed and nobody asked it to flush. Here every write is recorded, and
  /// disks are made that lost any of those.
  @Test("A disk that loses what was not flushed keeps every record older than the sync interval")
  func volatileCache() throws {
    let count = environmentNumber("SWIFTLET_POWER_CUTS").map { $0 * 5 } ?? 40
    let seed = UInt64(environmentNumber("SWIFTLET_POWER_CUT_SEED") ?? Int.random(in: 1...9_999_999))
    print("disks that lose their cache: \(count), seed \(seed)")
    var generator = SplitMix(state: seed)
    let scratch = try ScratchFolder()
    let machine = try LoggingMachine(in: scratch)
    let empty = try DiskImage.empty(at: scratch("empty"), mebibytes: 32)
    let disk = try empty.copy(to: scratch("disk"))
    try Data().write(to: scratch("log"))
    let running = try machine.start(
      disk: disk,
      options: [
        // What waits for this machine's disk would not be the guest's.
        "-blockdev", "driver=file,node-name=disk-file,filename=\(disk.url.path),cache.no-flush=on",
        "-blockdev",
        "driver=file,node-name=log-file,filename=\(scratch("log").path),cache.no-flush=on",
        "-blockdev", "driver=blklogwrites,node-name=disk,file=disk-file,log=log-file",
        "-device", "virtio-blk-device,drive=disk,write-cache=on",
      ])
    try machine.beat(on: running)
    // What the guest's clock said when the log had how many bytes.
    var moments: [(beat: Double, logSize: Int)] = []
    let end = Date(timeIntervalSinceNow: count > 100 ? 120 : 20)
    while Date() < end {
      Thread.sleep(forTimeInterval: 0.1)
      guard let beat = try? LoggingMachine.beats(running).last else { continue }
      moments.append((beat, try FileManager.default.size(of: scratch("log"))))
    }
    running.cutPower()

    let log = try WriteLog(scratch("log"))
    var lost = 0
    var checked = 0
    for number in 1...count {
      // The first one loses all that it can.
      let cut =
        number == 1
        ? log.mostUnsafeCount : Int.random(in: 1...log.entries.count, using: &generator)
      let image = try empty.copy(to: scratch("copy"))
      let share = number == 1 ? 0 : Double.random(in: 0...1, using: &generator)
      lost += try log.apply(first: cut, to: image) {
        Double.random(in: 0...1, using: &generator) < share
      }.lost
      try image.recover()
      try? FileManager.default.removeItem(at: scratch("found"))
      try image.extract("/log", into: scratch("found"))
      let found = try JournalOnDisk(folder: scratch("found/log"))

      // Torn is what a sync was still to make safe: the end.
      #expect(found.torn.allSatisfy { $0.isAtEndOfLastSegment }, "disk \(number): \(found.torn)")
      for (earlier, later) in zip(found.records, found.records.dropFirst()) {
        #expect(later.sequence == earlier.sequence + 1, "disk \(number)")
      }
      checked += found.records.count
      let size = log.entries[cut - 1].end
      guard let beat = moments.last(where: { $0.logSize <= size })?.beat else { continue }
      let last = found.records.last.map { Double($0.monotonicNanoseconds) / 1e9 }
      let started = moments[0].beat
      let needed = beat - LoggingMachine.syncIntervalSeconds - Self.slackSeconds
      #expect(
        (last ?? started) >= needed,
        "disk \(number): power failed after \(beat) s, the last record is of \(last ?? 0) s")
    }
    print(
      "\(log.entries.count) writes and flushes; \(count) disks; \(lost) writes lost from their",
      "caches; \(checked) records checked")
    #expect(lost > 0, "no disk lost anything: the test shows nothing")
  }
}

/// What is known of a log over many power cuts, and what must hold after each.
struct PowerCutCheck {
  private var known: [Int: String] = [:]
  private var cuts = 0
  private var tornTails = 0
  /// How old the oldest record that a cut took was, at most: from the last one kept to the cut.
  private var losses: [Double] = []

  /// Checks the log that the cut `number` left. `beats` are the times, in seconds of the guest's
  /// clock, when the daemon had started and when it was last known to run.
  mutating func cut(
    _ number: Int, _ beats: (first: Double, last: Double), found log: JournalOnDisk
  ) throws {
    let beat = beats.last
    cuts += 1
    for tear in log.torn {
      #expect(tear.isAtEndOfLastSegment, "cut \(number): torn within \(tear.segment): \(tear.text)")
    }
    tornTails += log.torn.isEmpty ? 0 : 1
    try keeps(log, cut: number)

    let needed = beat - LoggingMachine.syncIntervalSeconds - PowerCutTests.slackSeconds
    let boot = log.records.last?.boot
    let times = log.records.filter { $0.boot == boot }
      .map { Double($0.monotonicNanoseconds) / 1e9 }
    // Where the machine did not live long enough, nothing of this start need be there.
    let isOfThisStart = boot != lastBoot
    if isOfThisStart, let last = times.last {
      losses.append(max(0, beat - last))
      #expect(
        last >= needed, "cut \(number): power failed at \(beat) s, the last record is of \(last) s")
    } else {
      #expect(
        beat - beats.first < LoggingMachine.syncIntervalSeconds + PowerCutTests.slackSeconds,
        "cut \(number): nothing of \(beats.first) s to \(beat) s was kept")
    }
    lastBoot = boot ?? lastBoot
  }

  /// Every record seen before is still there, byte by byte; none is there twice or left out.
  mutating func keeps(_ log: JournalOnDisk, cut number: Int = 0) throws {
    var found: [Int: String] = [:]
    var previous = -1
    for record in log.records {
      // No hole: what a cut took was at the end, and what came after continues there.
      #expect(
        record.sequence == previous + 1 || previous < 0,
        "cut \(number): \(record.sequence) after \(previous)")
      previous = record.sequence
      found[record.sequence] = record.line
    }
    for (sequence, line) in known where found[sequence] != line {
      Issue.record(
        "cut \(number): record \(sequence) was \(line) and is \(found[sequence] ?? "gone")")
    }
    known = found
  }

  private var lastBoot: String?
  var summary: String {
    let sorted = losses.sorted()
    func seconds(_ value: Double?) -> String { String(format: "%.2f s", value ?? 0) }
    return """
      power cuts: \(cuts); records kept and checked: \(known.count); torn last lines: \(tornTails)
      from the last record kept to the cut: median \(seconds(sorted.isEmpty ? nil : sorted[sorted.count / 2])), \
      longest \(seconds(sorted.last)) (sync interval \(seconds(LoggingMachine.syncIntervalSeconds)))
      """
  }
}

extension FileManager {
  func size(of url: URL) throws -> Int {
    (try attributesOfItem(atPath: url.path)[.size] as? NSNumber)?.intValue ?? 0
  }
}

/// Progress of a long test, at once.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// A number from the environment.
func environmentNumber(_ name: String) -> Int? {
  ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
