import Foundation
import Synchronization
import TestSupport
import Testing
import Text

@testable import Journal

/// A queue in memory of its own.
private final class SharedQueue: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer
  let queue: RecordQueue

  init(byteCount: Int) {
    memory = .allocate(byteCount: byteCount, alignment: 16)
    queue = RecordQueue(memory: memory)
  }

  deinit { memory.deallocate() }

  var isEmpty: Bool { queue.isEmpty }
  var dropped: UInt32 { queue.takeDroppedCount() }

  func push(_ bytes: [UInt8]) -> Bool { queue.push(bytes.span, kind: .health) }

  /// A prediction with one field.
  func pushPrediction(_ payload: String, at now: RecordStamp) -> Bool {
    var line = JSONLine(TextBuffer<256>())
    line.begin(.prediction, at: now)
    line.field("payload", string: Array(payload.utf8).span)
    line.end()
    return queue.push(line, kind: .prediction)
  }

  func pushWindow(_ lines: [String], reason: WindowReason, rowCount: Int) -> Bool {
    let header = Array(lines[0].utf8)
    var fits = queue.beginWindow(header: header.span, reason: reason)
    for line in lines.dropFirst() {
      let row = Array(line.utf8)
      fits = queue.pushWindowRow(row.span) && fits
    }
    return queue.endWindow(rowCount: rowCount) && fits
  }
}

@Suite struct RecordQueueTests {
  @Test func twoThreadsLoseNothingAndMixNothingUp() {
    let shared = SharedQueue(byteCount: 9000)
    let count = 200_000
    let producer = Thread {
      var line = JSONLine(TextBuffer<256>())
      for number in 0..<count {
        line.begin()
        line.field("number", integer: number)
        line.field("padding", string: Array(repeating: UInt8(ascii: "y"), count: number % 97).span)
        line.end()
        while !shared.queue.push(line, kind: .prediction) { Thread.sleep(forTimeInterval: 0) }
      }
    }
    producer.start()
    var payload = FramePayload()
    var next = 0
    while next < count {
      guard shared.queue.pop(&payload) != nil else {
        Thread.sleep(forTimeInterval: 0)
        continue
      }
      let text = String { $0.append(payload.bytes) }
      let expected = """
        {"number":\(next),"padding":"\(String(repeating: "y", count: next % 97))"}

        """
      guard text == expected else {
        Issue.record("\(next): \(text)")
        return
      }
      next += 1
    }
    #expect(shared.isEmpty)
  }

  @Test func whatDoesNotFitIsCounted() {
    let shared = SharedQueue(byteCount: 8192 + 100)
    let line = Array(repeating: UInt8(ascii: "z"), count: 1000)
    var accepted = 0
    while shared.push(line) { accepted += 1 }
    // Eight times 1,005 bytes fit into 8 KiB.
    #expect(accepted == 8)
    for _ in 0..<4 { _ = shared.push(line) }
    #expect(shared.dropped == 5)
    #expect(shared.dropped == 0)
    let tooLong = Array(repeating: UInt8(ascii: "z"), count: 4097)
    var payload = FramePayload()
    while shared.queue.pop(&payload) != nil {}
    #expect(!shared.push(tooLong))
    #expect(shared.push(Array(tooLong[..<4096])))
  }

  @Test func aLineThatOverflowedIsNotTaken() {
    let shared = SharedQueue(byteCount: 8192)
    var line = JSONLine(TextBuffer<16>())
    line.begin()
    line.field("class", string: "a long label")
    line.end()
    let isTaken = shared.queue.push(line, kind: .prediction)
    #expect(!isTaken)
    #expect(shared.isEmpty)
    #expect(shared.dropped == 1)
  }

  @Test func recordsAndWindowsArriveInTheJournal() throws {
    let shared = SharedQueue(byteCount: 65_536)
    let disk = FaultyDisk()
    let windowDisk = FaultyDisk()
    var journal = JournalWriter(FaultyFolder(disk: disk), settings: JournalSettings())
    var windows = WindowRing(
      FaultyFolder(disk: windowDisk), maximumCount: 3, maximumByteCount: 1000)
    var now = RecordStamp(
      wallNanoseconds: 0, monotonicNanoseconds: 0, bootIdentifier: 1, isSynchronized: false)
    journal.open(at: now)
    for number in 0..<6 {
      #expect(shared.pushPrediction("p\(number)", at: now))
      // The second lacks a row.
      let rows = (0..<4).map { "\($0),\(number)\n" }
      let rowCount = number == 1 ? 5 : 4
      #expect(
        shared.pushWindow(
          ["time_s,a (m/s^2)\n"] + rows, reason: .lowProbability, rowCount: rowCount))
      now.monotonicNanoseconds += 1_000_000_000
      shared.queue.drain(into: &journal, windows: &windows, at: now)
      journal.tick(at: now)
    }
    journal.close(at: now)
    let statistics = journal.statistics
    #expect(statistics.windowCount == 5)
    #expect(statistics.droppedWindowCount == 1)
    #expect(windowDisk.fileNames.count == 3)
    let contents = try JournalContents(of: disk)
    var links: [UInt64: String] = [:]
    for line in contents.lines {
      let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let object = try #require(json as? [String: Any])
      guard object["kind"] as? String == "window" else { continue }
      let prediction = try #require(object["prediction"] as? UInt64)
      links[prediction] = object["file"] as? String
      #expect(object["rows"] as? Int == 4)
    }
    #expect(links.count == 5)
    // The newest window is that of the last prediction, and holds its rows.
    let last = try #require(links.keys.max())
    #expect(contents.records[last] == "p5")
    let name = try #require(links[last])
    let file = try #require(windowDisk[name])
    #expect(String(decoding: file, as: UTF8.self) == "time_s,a (m/s^2)\n0,5\n1,5\n2,5\n3,5\n")
  }

  @Test func windowsDoNotMindAStorageThatFails() throws {
    let shared = SharedQueue(byteCount: 65_536)
    let disk = FaultyDisk()
    var journal = JournalWriter(FaultyFolder(disk: disk), settings: JournalSettings())
    let now = RecordStamp(
      wallNanoseconds: 0, monotonicNanoseconds: 0, bootIdentifier: 1, isSynchronized: false)
    journal.open(at: now)
    for failing in 1...60 {
      let windowDisk = FaultyDisk()
      windowDisk.fault = { $0 == failing ? .fail(.inputOutput) : nil }
      var windows = WindowRing(
        FaultyFolder(disk: windowDisk), maximumCount: 2, maximumByteCount: 60)
      for number in 0..<4 {
        _ = shared.pushPrediction("", at: now)
        _ = shared.pushWindow(["time_s,a\n", "1,\(number)\n"], reason: .drift, rowCount: 1)
        shared.queue.drain(into: &journal, windows: &windows, at: now)
      }
      let kept = windowDisk.fileNames.filter { $0.hasPrefix("window-") }
      // The failure may cost the last one, after room was made for it.
      #expect((1...2).contains(kept.count), "operation \(failing): \(windowDisk.fileNames)")
      for name in kept {
        #expect(windowDisk[name]?.count == 13, "operation \(failing)")
      }
    }
  }

  @Test func statisticsAreReadWhole() {
    final class Shared: Sendable { let board = StatisticsBoard() }
    let shared = Shared()
    let writer = Thread {
      var statistics = JournalStatistics()
      for number in 1...100_000 as ClosedRange<UInt64> {
        statistics.nextSequence = number << 20
        statistics.droppedWindowCount = number << 20
        shared.board.publish(statistics, number % 2 == 0 ? .writing : .degraded(.budget))
      }
    }
    writer.start()
    var last: UInt64 = 0
    while last < 100_000 << 20 {
      let (statistics, condition) = shared.board.read()
      guard statistics.nextSequence > 1 else { continue }
      #expect(statistics.nextSequence == statistics.droppedWindowCount)
      #expect((condition == .writing) == (statistics.nextSequence >> 20 % 2 == 0))
      #expect(statistics.nextSequence >= last)
      last = statistics.nextSequence
    }
  }
}
