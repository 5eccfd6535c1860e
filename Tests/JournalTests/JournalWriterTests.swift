import Foundation
import TestSupport
import Testing
import Text

@testable import Journal

@Suite struct JournalWriterTests {
  @Test func aRecordReadsAsTheDocumentSays() throws {
    let disk = FaultyDisk()
    var journal = JournalWriter(FaultyFolder(disk: disk), settings: JournalSettings())
    let now = RecordStamp(
      wallNanoseconds: 1_795_453_200_123_000_000, monotonicNanoseconds: 5_000_000_000,
      bootIdentifier: 0x1A2B_3C4D, isSynchronized: true)
    journal.open(at: now)
    var line = JSONLine(TextBuffer<512>())
    line.begin(.prediction, at: now)
    line.field("class", string: "walking")
    line.end()
    let sequence = journal.append(line.bytes, kind: .prediction, at: now)
    #expect(sequence == 1)
    journal.close(at: now)
    let bytes = try #require(disk["segment-00000000000000000001.jsonl"])
    // The check value is that of Python's crc32c package 2.9.post0.
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {"seq":1,"time":"2026-11-23T17:00:00.123Z","mono_ns":5000000000,"boot":"1a2b3c4d",\
        "synced":true,"kind":"prediction","class":"walking","crc":"b48ac9cb"}

        """)
  }

  @Test func numbersGoOnAfterARestart() throws {
    let disk = FaultyDisk()
    for run in 0..<5 {
      let life = JournalRun(disk, run: run)
      life.open()
      life.workload(6)
      life.close()
    }
    let contents = try JournalContents(of: disk)
    #expect(contents.order == Array(1...UInt64(contents.order.count)))
    #expect(contents.kinds.count { $0 == "recovery" } == 4)
    #expect(contents.losses.isEmpty)
  }

  @Test func theQuotaIsNeverExceededAndTheOldestGoFirst() throws {
    let disk = FaultyDisk()
    let run = JournalRun(disk)
    run.open()
    run.workload(400)
    run.close()
    #expect(disk.highWater <= 5 * 4096)
    let contents = try JournalContents(of: disk)
    #expect(contents.order.last == run.statistics.nextSequence - 1)
    #expect(contents.kinds.contains("eviction"))
    let first = try #require(contents.order.first)
    #expect(first > 100)
    // Everything from the first to the last is there.
    #expect(contents.order == Array(first...(run.statistics.nextSequence - 1)))
    #expect(contents.losses.allSatisfy { $0.sequences.upperBound < first })
    #expect(run.statistics.evictedSegmentCount > 5)
    #expect(run.statistics.storedByteCount <= 5 * 4096)
  }

  @Test func fileNamesSortByAgeHoweverLargeTheNumbers() {
    let numbers: [UInt64] = [1, 9, 10, 99, 100, 12_345_678_901, .max - 1, .max]
    let names = numbers.map { number in
      String { $0.append(SegmentName(sequence: number).text.bytes) }
    }
    #expect(names == names.sorted())
    for (number, name) in zip(numbers, names) {
      #expect(SegmentName(Array(name.utf8).span)?.sequence == number)
    }
    for other in [
      "segment-1.jsonl", "segment-99999999999999999999.jsonl", "segment-00000000000000000001.json",
      "segment-0000000000000000000a.jsonl", "window-00000000000000000001.csv", "",
      "segment-00000000000000000001.jsonl.damaged2",
    ] {
      #expect(SegmentName(Array(other.utf8).span) == nil, "\(other)")
    }
  }

  @Test func segmentsEndByAge() throws {
    let disk = FaultyDisk()
    var settings = JournalRun.small
    settings.segmentByteCount = 1 << 20
    let run = JournalRun(disk, settings: settings)
    run.open()
    // Nine seconds are the age: 80 records in 20 seconds make three segments.
    run.workload(80)
    run.close()
    #expect(disk.fileNames.count == 3)
  }

  @Test func recordsAreDurableWithinTheSyncInterval() throws {
    let disk = FaultyDisk()
    let run = JournalRun(disk)
    run.open()
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20 {
      run.record()
      run.advance(100_000_000)
    }
    // Twenty records in two seconds; the interval is one.
    disk.restorePower(keeping: .nothing, using: &random)
    let contents = try JournalContents(of: disk)
    #expect(contents.order.count >= 10)
  }

  @Test func tickKnowsWhenItIsNeeded() {
    let run = JournalRun(FaultyDisk())
    run.open()
    let start = run.now.monotonicNanoseconds
    run.record()
    #expect(run.nextDeadline == start + 500_000_000)
    run.advance(500_000_000)
    #expect(run.nextDeadline == start + 1_000_000_000)
    run.advance(500_000_000)
    // Nothing waits but the age of the segment.
    #expect(run.nextDeadline == start + 500_000_000 + 9_000_000_000)
  }

  @Test func aTornEndIsCutWhereverItIsTorn() throws {
    let original = FaultyDisk()
    let run = JournalRun(original)
    run.open()
    for _ in 0..<3 { run.record() }
    run.close()
    let name = "segment-00000000000000000001.jsonl"
    let bytes = try #require(original[name])
    let lineEnds = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    for length in 1..<bytes.count {
      let disk = FaultyDisk()
      disk[name] = Array(bytes[..<length])
      let next = JournalRun(disk, run: 1)
      next.open()
      let intact = lineEnds.last { $0 <= length } ?? 0
      #expect(next.statistics.cutByteCount == UInt64(length - intact))
      #expect(disk[name]?.count ?? 0 == intact)
      next.record()
      next.close()
      let contents = try JournalContents(of: disk)
      #expect(contents.damage.isEmpty, "cut at \(length)")
      // With enough of a line left to tell its number, the number is not used again.
      let lines = UInt64(lineEnds.count { $0 <= length })
      let isNumberLost = contents.losses.contains {
        $0.sequences == lines + 1...lines + 1 && ($0.cause == .tornTail || $0.cause == .older)
      }
      let knowsNumber = length - intact >= 9 || intact == 0
      #expect(isNumberLost == knowsNumber, "cut at \(length): \(contents.losses)")
    }
  }

  @Test func anyFlippedByteCostsOneRecordAndIsTold() throws {
    let original = FaultyDisk()
    let run = JournalRun(original)
    run.open()
    for _ in 0..<4 { run.record(padding: 3) }
    run.close()
    let name = "segment-00000000000000000001.jsonl"
    let bytes = try #require(original[name])
    let lineEnds = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    for position in bytes.indices {
      for flip in [1, 0x80] as [UInt8] {
        let disk = FaultyDisk()
        var damaged = bytes
        damaged[position] ^= flip
        disk[name] = damaged
        let next = JournalRun(disk, run: 1)
        next.open()
        next.record()
        next.close()
        let contents = try JournalContents(of: disk)
        let line = lineEnds.count { $0 < position }
        // A lost line end takes the line behind it along only if that is damaged as well.
        let intact = contents.order.filter { $0 <= 4 }
        #expect(intact.count >= 3 || lineEnds.contains(position), "byte \(position)")
        let isLast = line == 3 || (line == 2 && lineEnds.contains(position) && intact.count < 3)
        #expect(contents.damagedSegmentCount == (isLast ? 0 : 1), "byte \(position)")
        #expect(
          disk.fileNames.contains(name + ".damaged") == !isLast, "byte \(position)")
        for (sequence, text) in contents.records where sequence <= 4 {
          #expect(run.payloads[sequence] == text)
        }
      }
    }
  }

  @Test func anUnreadableFolderDoesNotStopTheProgram() throws {
    let disk = FaultyDisk()
    disk.fault = { _ in .fail(.notPermitted) }
    let run = JournalRun(disk)
    run.open()
    #expect(run.condition == .degraded(.notPermitted))
    #expect(run.takeNotice() == .degraded(.notPermitted))
    run.workload(40)
    #expect(run.statistics.droppedCount == 40)
    disk.fault = { _ in nil }
    run.workload(40)
    run.close()
    let contents = try JournalContents(of: disk)
    #expect(contents.unnumbered["no-permission"] == UInt64(run.statistics.droppedCount))
    #expect(contents.order.first == 1)
    contents.check(against: [run], "folder came late")
  }

  @Test func aFullDiskCostsRecordsThatAreCounted() throws {
    let disk = FaultyDisk()
    var settings = JournalRun.small
    settings.quotaByteCount = 1 << 30
    let run = JournalRun(disk, settings: settings)
    run.open()
    disk.capacity = 6000
    run.workload(1200)
    #expect(run.condition == .degraded(.diskFull))
    #expect(run.statistics.droppedCount > 500)
    disk.capacity = .max
    run.advance(10_000_000_000)
    run.workload(4)
    run.close()
    let contents = try JournalContents(of: disk)
    let gap = try #require(contents.losses.first { $0.cause == .gap("disk-full") })
    #expect(gap.count == run.statistics.droppedCount)
    contents.check(against: [run], "full disk")
  }

  @Test func freeSpaceIsLeftToOthers() throws {
    let disk = FaultyDisk()
    disk.capacity = 60_000
    var settings = JournalRun.small
    settings.quotaByteCount = 1 << 20
    settings.freeByteCountFloor = 40_000
    let run = JournalRun(disk, settings: settings)
    run.open()
    run.workload(1500)
    // Room for a batch more than was free when it was looked at, a second before.
    #expect(disk.highWater < 60_000 - 40_000 + 3000)
    let contents = try JournalContents(of: disk)
    #expect(contents.damage.isEmpty)
  }

  @Test func aFullQueueIsTold() throws {
    let disk = FaultyDisk()
    let run = JournalRun(disk)
    run.open()
    run.workload(4)
    run.noteDropped(17)
    run.advance(61_000_000_000)
    run.close()
    #expect(try JournalContents(of: disk).unnumbered["queue-full"] == 17)
  }

  @Test func aBudgetThatSufficesChangesNothing() {
    var settings = JournalSettings()
    settings.dailyBudgetByteCount = 20 << 20
    let run = JournalRun(FaultyDisk(), settings: settings)
    run.open()
    // A day of one prediction of a kilobyte a minute, each synchronized: 1.7 and 17.7 MB.
    for _ in 0..<1440 {
      run.record(padding: 1000)
      run.advance(60_000_000_000)
    }
    #expect(run.statistics.droppedCount == 0)
    #expect(run.statistics.syncCount > 1430)
  }

  @Test func theBudgetOfADayHolds() throws {
    let disk = FaultyDisk()
    var settings = JournalSettings()
    settings.dailyBudgetByteCount = 2 << 20
    settings.freeByteCountFloor = 0
    #expect(settings.problem == nil)
    let run = JournalRun(disk, settings: settings)
    run.open()
    for second in 0..<17_280 {
      run.record(padding: 600)
      if second % 600 == 0 { run.record(.health) }
      run.advance(5_000_000_000)
    }
    run.record(.decision)
    run.close()
    let day = run.statistics
    let spent = day.writtenByteCount + day.syncCount * UInt64(WriteBudget.syncByteCount)
    // What had been saved up may be spent on top, and records of high priority overdraw.
    #expect(spent < 2 << 20 + 2 << 19)
    #expect(spent > 2 << 20)
    #expect(day.overBudgetCount > 10_000)
    let contents = try JournalContents(of: disk)
    #expect(contents.unnumbered["budget"] == day.overBudgetCount)
    #expect(contents.kinds.contains("decision"))
    #expect(contents.losses.isEmpty)
  }

  @Test func damageIsPutAsideOnceAndItsRecordsStayReadable() throws {
    let disk = FaultyDisk()
    let first = JournalRun(disk)
    first.open()
    for _ in 0..<6 { first.record() }
    first.close()
    let name = "segment-00000000000000000001.jsonl"
    var bytes = try #require(disk[name])
    bytes[bytes.count / 2] ^= 4
    disk[name] = bytes
    for run in 1..<4 {
      let life = JournalRun(disk, run: run)
      life.open()
      #expect(life.statistics.quarantinedSegmentCount == (run == 1 ? 1 : 0))
      life.record()
      life.close()
    }
    let contents = try JournalContents(of: disk)
    #expect(contents.order.filter { $0 <= 6 }.count == 5)
    #expect(contents.losses.map(\.cause) == [.damaged])
  }

  @Test func settingsThatCannotWorkAreRefused() {
    var settings = JournalSettings()
    #expect(settings.problem == nil)
    settings.quotaByteCount = settings.segmentByteCount
    #expect(settings.problem != nil)
    settings = JournalSettings()
    settings.flushInterval = settings.syncInterval + 1
    #expect(settings.problem != nil)
  }
}

/// What a board writes: the figures of docs/journal.md.
@Suite struct JournalVolumeTests {
  @Test(arguments: [1, 10, 60] as [UInt64])
  func anHourOfOnePredictionASecond(syncSeconds: UInt64) {
    let disk = FaultyDisk()
    var settings = JournalSettings()
    settings.syncInterval = syncSeconds * 1_000_000_000
    var journal = JournalWriter(FaultyFolder(disk: disk), settings: settings)
    var now = RecordStamp(
      wallNanoseconds: 1_795_453_200_123_000_000, monotonicNanoseconds: 400_000_000_000_000,
      bootIdentifier: 0x1A2B_3C4D, isSynchronized: true)
    journal.open(at: now)
    let labels = ["standing", "running", "walking", "badminton"]
    for second in 0..<3600 {
      var line = JSONLine(TextBuffer<1024>())
      line.begin(.prediction, at: now)
      line.field("class", string: Array(labels[second % 4].utf8).span)
      line.field("probability", decimal: 0.9961, fractionDigits: 4)
      line.key("probabilities")
      line.beginObject()
      for label in labels {
        line.field(Array(label.utf8).span, decimal: 0.0013, fractionDigits: 4)
      }
      line.endObject()
      line.field("latency_us", integer: 87)
      line.end()
      journal.append(line.bytes, kind: .prediction, at: now)
      now.wallNanoseconds += 1_000_000_000
      now.monotonicNanoseconds += 1_000_000_000
      journal.tick(at: now)
    }
    let statistics = journal.statistics
    let bytes = statistics.writtenByteCount * 24
    let syncs = statistics.syncCount * 24
    print(
      """
      a day, one prediction a second, synchronized every \(syncSeconds) s: \
      \(bytes) bytes of records, \(syncs) syncs, \
      \(bytes + syncs * UInt64(WriteBudget.syncByteCount)) bytes with their estimated cost
      """)
    // 20 to 25 MB of records.
    #expect((20_000_000...25_000_000).contains(bytes))
    #expect(syncs <= 86_400 / syncSeconds + 24 * 2)
  }
}
