import Foundation
import Journal
import LinuxPlatform
import Testing

@testable import Report

/// A folder for one test, removed at its end.
func withLogFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.path + "/report-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// What a log folder comes to.
func digest(of folder: String, _ period: LogPeriod = LogPeriod()) throws -> LogDigest {
  var reader = try JournalReader(LinuxJournalFolder(try FilePath(folder)))
  var digest = LogDigest(period)
  digest.read(&reader)
  return digest
}

@Suite struct DigestTests {
  @Test func `a small log adds up to what was put in`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      log.start()
      var health = LogSketch.Health()
      for number in 0..<100 {
        log.wait(1)
        let isAiring = number >= 75
        log.prediction(
          number, class: isAiring ? "Airing" : "Quiet", probability: isAiring ? 0.6 : 0.9,
          decision: number == 0 ? nil : "Quiet", latencyMicroseconds: number == 50 ? 9000 : 400)
      }
      log.decision("Airing", before: "Quiet", heldSeconds: 75)
      health.samples = 400
      health.missing = 8
      health.skipped = 2
      health.deadlinesMissed = 3
      health.sensors = [("room", true, 392, 8)]
      log.health(health)
      log.sensor("room", event: "failed", text: "no acknowledge")
      log.wait(30)
      log.sensor("room", event: "recovered", missing: 8)
      log.lose(73)
      log.wait(120)
      log.unknown()
      log.stop(signal: 15)
      log.close()

      let digest = try digest(of: folder)
      #expect(digest.predictions.count == 100)
      #expect(digest.predictions.classes.name(0) == "Quiet")
      #expect(digest.predictions.classCounts == [75, 25])
      #expect(digest.predictions.undecidedCount == 1)
      #expect(digest.predictions.latency.maximum == 9000)
      let median = try #require(digest.predictions.latency.quantile(0.5))
      #expect(abs(median - 400) <= 400 * 0.035)
      let score = try #require(digest.predictions.scores.quantile(0.9))
      #expect(abs(score - 0.9) <= 0.005)
      #expect(digest.predictions.changes.first?.previous == "Quiet")
      #expect(digest.predictions.changes.first?.heldSeconds == 75)
      #expect(digest.health.samples.total == 400)
      #expect(digest.health.missing.total == 8)
      #expect(digest.health.skippedWindows.total == 2)
      #expect(digest.health.deadlinesMissed.total == 3)
      let (name, room) = digest.health.sensors[0]
      #expect(name == "room")
      #expect(room.readings.total == 392)
      #expect(room.errorCounts.map(\.kind) == ["no_acknowledge"])
      #expect(room.errorCounts.map(\.count) == [8])
      #expect(room.failureCount == 1 && room.isWorking == true)
      #expect(room.failedNanoseconds == 30_000_000_000)
      #expect(digest.integrity.unnumbered.map(\.reason) == ["queue-full"])
      #expect(digest.integrity.unnumbered.map(\.count) == [73])
      #expect(digest.unknownKinds == ["future": 1])
      #expect(digest.runs.runs.map(\.signal) == [15])
      #expect(digest.runs.seconds == 250)
    }
  }

  @Test func `counters go on over a restart of the program`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      for boot in [1, 2] as [UInt32] {
        log.reboot(boot)
        log.start()
        var health = LogSketch.Health()
        for step in 1...3 as ClosedRange<UInt64> {
          log.wait(60)
          health.samples = step * 240
          log.health(health)
        }
      }
      log.close()
      let digest = try digest(of: folder)
      #expect(digest.health.samples.total == 2 * 720)
      #expect(digest.runs.runs.count == 2)
      #expect(digest.runs.brokenCount == 1)
    }
  }

  @Test func `only records of the period count, and holes are still holes`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      let begin = log.stamp.wallNanoseconds
      for number in 0..<100 {
        log.prediction(
          number, class: "Quiet", probability: 0.9, decision: nil, latencyMicroseconds: 1)
        log.wait(1)
      }
      log.close()
      let period = LogPeriod(since: begin + 10_000_000_000, until: begin + 19_000_000_000)
      let digest = try digest(of: folder, period)
      #expect(digest.predictions.count == 10)
      #expect(digest.leftOutCount == 90)
      #expect(digest.integrity.losses.isEmpty)
    }
  }

  @Test func `records from before the clock was set come right before those after`() throws {
    try withLogFolder { folder in
      var log = try LogSketch(folder: folder)
      let real = log.stamp.wallNanoseconds
      log.stamp.wallNanoseconds = 5_000_000_000
      log.stamp.isSynchronized = false
      for number in 0..<10 {
        log.prediction(
          number, class: "Quiet", probability: 0.9, decision: nil, latencyMicroseconds: 1)
        log.wait(1)
      }
      log.stamp.wallNanoseconds = real
      log.stamp.isSynchronized = true
      log.prediction(10, class: "Quiet", probability: 0.9, decision: nil, latencyMicroseconds: 1)
      log.close()
      let digest = try digest(of: folder)
      #expect(digest.lastPlace + digest.clock.offset == real)
      #expect(digest.lastPlace - (digest.firstPlace ?? 0) == 10_000_000_000)
      #expect(digest.clocks.unsynchronizedRecords == 10)
    }
  }

  @Test func `drift windows are pooled and an alarm goes from raised to cleared`() throws {
    var digest = LogDigest()
    func add(_ sequence: UInt64, _ second: Int, _ rest: String) {
      let time = "2026-11-01T00:00:\(second < 10 ? "0" : "")\(second).000Z"
      let line =
        #"{"seq":\#(sequence),"time":"\#(time)","mono_ns":\#(second)000000000,"boot":"0000000a","#
        + #""synced":true,"kind":"drift","# + rest + #","crc":"00000000"}"#
      digest.add(Array(line.utf8).span, sequence: sequence)
    }
    func channel(_ mean: Double, _ deviation: Double) -> String {
      #""channels":[{"name":"t","n":100,"missing":1,"bus_errors":2,"mean":\#(mean),"#
        + #""sd":\#(deviation),"min":0,"max":9,"effective_n":12.5,"fault":"none","#
        + #""mean_shift":\#(mean),"exceeds":["mean_shift"],"bins":[40,60]}]"#
    }
    add(1, 0, #""event":"window","alarm":false,"# + channel(1, 2))
    let cause =
      #""cause":{"subject":"t","statistic":"mean_shift","value":3,"lower":null,"upper":1.5,"#
      + #""reference_mean":1,"reference_sd":0.5,"fault":"none"}"#
    add(
      2, 0,
      #""event":"raised","alarm":true,"# + channel(3, 2)
        + #","verdict":"world",\#(cause),"since":"2026-10-31T23:59:50Z","text":"t: mean <3>""#)
    add(3, 20, #""event":"cleared","alarm":false,"# + channel(1, 2))
    let t = digest.drift.channel(0)
    #expect(t.bins.count == 21)
    // Two windows of 100 around 1 and 3 with a standard deviation of 2: mean 2, variance 4 + 1.
    #expect(t.bins[0].mean == 2)
    #expect(abs(t.bins[0].standardDeviation - 5.squareRoot()) < 1e-12)
    #expect(t.exceeded[0] == 3 && t.missing == 3 && t.busErrors == 6)
    #expect(t.latest.bins == [40, 60])
    let alarm = try #require(digest.drift.alarms.alarms.first)
    #expect(alarm.raised - alarm.since == 10_000_000_000)
    #expect(alarm.cleared.map { $0 - alarm.raised } == 20_000_000_000)
    #expect(alarm.shown.text == "t: mean <3>")
    #expect(digest.drift.alarms.references["t"]?.mean == 1)
  }

  @Test func `bins stay few and nothing is lost, in whatever order times come`() {
    struct Sum: BinContents {
      var value = 0
      init() {}
      mutating func merge(_ later: Self) { value += later.value }
    }
    var bins = TimeBins<Sum>()
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bins.update(Int64(bitPattern: state) >> Int64(state % 40)) { $0.value += 1 }
      #expect(bins.count <= TimeBins<Sum>.limit)
    }
    #expect((0..<bins.count).reduce(0) { $0 + bins[$1].value } == 20_000)
  }

  @Test func `damaged lines end the walk and never the program`() {
    let intact = #"""
      {"seq":7,"time":"2026-11-01T00:00:00.000Z","mono_ns":5,"boot":"0000000a","synced":true,"kind":"drift","event":"raised","alarm":true,"channels":[{"name":"a\"b","n":1,"mean":-1.5e3,"bins":[1,2]}],"predictions":{"n":1,"exceeds":["classes"]},"cause":{"subject":"a","value":1},"verdict":"world","text":"\u001f","crc":"00000000"}
      """#
    var seed: UInt64 = 0x5eed
    print("seed \(seed)")
    var digest = LogDigest()
    for round in 0..<5000 as Range<UInt64> {
      var bytes = Array(intact.utf8)
      for _ in 0..<(1 + round % 4) {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        guard bytes.count > 1 else { break }
        let place = Int(seed >> 33) % bytes.count
        switch seed >> 20 & 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: seed >> 12)
        case 1: bytes.remove(at: place)
        case 2: bytes.removeLast(bytes.count - max(place, 1))
        default: bytes.insert(#""{}[]\,:"#.utf8.randomElement() ?? 0, at: place)
        }
      }
      digest.add(bytes.span, sequence: round + 1)
    }
    #expect(digest.recordCount == 5000)
    #expect(!ReportPage(digest, model: nil, title: nil, version: "0").html.isEmpty)
  }
}
