import Foundation
import Journal
import LinuxPlatform
import TestSupport
import Testing
import Text

/// The journal over real files, and on a file system of its own that fills up.
@Suite struct LinuxJournalTests {
  @Test func aJournalOfRealFilesIsReadBackAfterRestarts() throws {
    try withFolder { folder in
      for run in 0..<3 {
        let journal = try LinuxRun(folder, run: run)
        journal.open()
        #expect(journal.condition == .writing)
        for _ in 0..<500 { journal.record() }
        journal.close()
        #expect(journal.statistics.syncedThrough == journal.statistics.nextSequence - 1)
      }
      let found = try read(folder)
      // Two starts found records and tell so.
      #expect(found.count == 1502)
      #expect(found == Array(1...1502))
    }
  }

  @Test func aFileTornByHandIsCut() throws {
    try withFolder { folder in
      let first = try LinuxRun(folder, run: 0)
      first.open()
      for _ in 0..<10 { first.record() }
      first.close()
      let file = folder + "/segment-00000000000000000001.jsonl"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      try bytes.dropLast(5).write(to: URL(fileURLWithPath: file))
      let second = try LinuxRun(folder, run: 1)
      second.open()
      #expect(second.statistics.cutByteCount > 5)
      second.record()
      second.close()
      let found = try read(folder)
      #expect(found == Array(1...9) + [11, 12])
    }
  }

  /// Needs root and mount(8); says so where it has not.
  @Test func aFileSystemThatFillsUpCostsRecordsThatAreCounted() throws {
    try withFolder { folder in
      guard getuid() == 0, shell("mount -t tmpfs -o size=256k none \(folder)") else {
        print("skipped: a full file system, which needs root and mount")
        return
      }
      defer { _ = shell("umount \(folder)") }
      let journal = try LinuxRun(folder + "/log", run: 0)
      journal.open()
      // 200 KiB of someone else's, so that the disk is full before the quota.
      #expect(shell("head -c 150000 /dev/zero > \(folder)/other"))
      for _ in 0..<3000 { journal.record() }
      #expect(journal.condition == .degraded(.diskFull))
      #expect(journal.statistics.droppedCount > 1000)
      #expect(shell("rm \(folder)/other"))
      journal.wait(seconds: 10)
      for _ in 0..<10 { journal.record() }
      journal.close()
      #expect(journal.condition == .writing)

      var reader = try JournalReader(LinuxJournalFolder(FilePath(folder + "/log")))
      var record = JournalRecord()
      var count: UInt64 = 0
      while reader.next(&record) { count += 1 }
      let (losses, damage) = (reader.losses, reader.damage)
      #expect(damage.isEmpty)
      #expect(losses.contains { $0.cause == .gap("disk-full") })
      #expect(losses.allSatisfy { $0.cause.isAccountedFor })
      let total = losses.reduce(count) { $0 + $1.count }
      #expect(total == journal.statistics.nextSequence - 1)
    }
  }

  /// Needs root, a loop device and mount(8); says so where it has not.
  @Test func aFileSystemMountedReadOnlyIsUsedAgainWhenItIsWritable() throws {
    try withFolder { folder in
      guard getuid() == 0, shell("mount -t tmpfs -o size=1m none \(folder)") else {
        print("skipped: a read-only file system, which needs root and mount")
        return
      }
      defer { _ = shell("umount \(folder)") }
      let journal = try LinuxRun(folder + "/log", run: 0)
      journal.open()
      for _ in 0..<20 { journal.record() }
      // With a file open for writing the kernel refuses; between two segments it does not.
      journal.close()
      guard shell("mount -o remount,ro \(folder)") else {
        print("skipped: a read-only file system, which this kernel refuses")
        return
      }
      for _ in 0..<400 { journal.record() }
      #expect(journal.condition == .degraded(.readOnly))
      #expect(shell("mount -o remount,rw \(folder)"))
      journal.wait(seconds: 10)
      journal.record()
      journal.close()
      #expect(journal.condition == .writing)
      var reader = try JournalReader(LinuxJournalFolder(FilePath(folder + "/log")))
      var record = JournalRecord()
      while reader.next(&record) {}
      let losses = reader.losses
      #expect(losses.map(\.cause) == [.gap("read-only")])
      #expect(losses.first?.count == journal.statistics.droppedCount)
    }
  }

  private func read(_ folder: String) throws -> [UInt64] {
    var reader = try JournalReader(LinuxJournalFolder(FilePath(folder)))
    var record = JournalRecord()
    var found: [UInt64] = []
    while reader.next(&record) { found.append(record.sequence) }
    let damage = reader.damage
    #expect(damage.isEmpty)
    return found
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "journal-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func shell(_ command: String) -> Bool {
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command + " 2>/dev/null"]
    do {
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0
    } catch {
      return false
    }
  }
}

/// One life of the program over a real folder, four records a second.
private final class LinuxRun {
  private var writer: JournalWriter<LinuxJournalFolder>
  private let run: Int
  private var nanoseconds: UInt64 = 1_000_000_000

  init(_ folder: String, run: Int) throws {
    var settings = JournalSettings()
    settings.segmentByteCount = 65_536
    settings.quotaByteCount = 1 << 20
    settings.freeByteCountFloor = 0
    writer = JournalWriter(LinuxJournalFolder(try FilePath(folder)), settings: settings)
    self.run = run
  }

  var statistics: JournalStatistics { writer.statistics }
  var condition: JournalCondition { writer.condition }

  private var now: RecordStamp {
    RecordStamp(
      wallNanoseconds: 1_795_453_200_000_000_000 + Int64(nanoseconds),
      monotonicNanoseconds: nanoseconds, bootIdentifier: UInt32(run), isSynchronized: true)
  }

  func open() { writer.open(at: now) }
  func close() { writer.close(at: now) }

  func record() {
    var line = JSONLine(TextBuffer<512>())
    line.begin(.prediction, at: now)
    line.field("class", string: "walking")
    line.field("probability", decimal: 0.75, fractionDigits: 4)
    line.end()
    writer.append(line.bytes, kind: .prediction, at: now)
    nanoseconds += 250_000_000
    writer.tick(at: now)
  }

  func wait(seconds: UInt64) {
    nanoseconds += seconds * 1_000_000_000
    writer.tick(at: now)
  }
}
