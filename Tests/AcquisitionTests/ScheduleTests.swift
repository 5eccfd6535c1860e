import Acquisition
import Hardware
import Sensors
import TestSupport
import Testing

@Suite("Schedule of sensors and samples")
struct ScheduleTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func severalRatesKeepTheirOwnDeadlines() {
    var rehearsal = Rehearsal(
      sampleRate: 10_000, sensors: [(10_000, 0), (3000, 0), (1000, 0), (100_000, 0)])
    rehearsal.run(seconds: 60.001)
    let script = rehearsal.script
    let samples = rehearsal.samples
    #expect(script.reads.prefix(4).map(\.count) == [600, 180, 60, 6000])
    #expect(samples.count == 591)  // the first one waits for the slowest sensor's first reading
    #expect(samples.allSatisfy { $0.qualities.allSatisfy { $0 == .ok } })
    // All on one grid: the reading of a sample is the one of the same moment.
    for sample in samples { #expect(abs(Double(sample.values[0]) - sample.time) < 1e-4) }
  }

  @Test func deadlinesDoNotDriftOverADay() {
    var rehearsal = Rehearsal(sampleRate: 1000, sensors: [(1000, 0), (3000, 30_000_000)])
    rehearsal.script.actionNanoseconds = 700_000
    var generator = SeededGenerator(seed: 4)
    rehearsal.run(seconds: 86_400) { _ in UInt64.random(in: 0...3_000_000, using: &generator) }
    let script = rehearsal.script
    #expect(script.reads[0].count == 86_400 - 1 || script.reads[0].count == 86_400)
    for (index, moment) in script.reads[0].enumerated() {
      let due = 1_000_000_000 + UInt64(index + 1) * Self.second
      guard moment >= due, moment < due + 10_000_000 else {
        Issue.record("reading \(index) at \(moment), due at \(due)")
        return
      }
    }
    let times = rehearsal.samples.map(\.time)
    let firstTime = times.first ?? 0
    #expect(times.enumerated().allSatisfy { abs($1 - firstTime - Double($0)) < 1e-6 })
    let counters = rehearsal.acquisition.sensor(1).counters
    #expect(counters.readings >= 3 * 86_400 - 1 && counters.missed == 0)
  }

  @Test func aConversionIsTriggeredBeforeItsDeadline() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 15_000_000)])
    rehearsal.run(seconds: 2)
    let script = rehearsal.script
    for (trigger, read) in zip(script.triggers[0], script.reads[0]) {
      #expect(read - trigger == 15_000_000)
      #expect((read - 1_000_000_000) % 100_000_000 == 0)
    }
  }

  @Test func lateReadingsAreCountedAndMissedDeadlinesNeverMadeUpFor() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0)])
    rehearsal.run(seconds: 1.05)
    #expect(rehearsal.script.reads[0].count == 10)
    // Asleep for 0.53 s: deadlines 11 … 15 pass, the reading for 11 comes late.
    rehearsal.script.now += 530_000_000
    rehearsal.step()
    #expect(rehearsal.script.reads[0].count == 11)
    rehearsal.run(seconds: 1)
    let counters = rehearsal.acquisition.sensor(0).counters
    #expect(counters.late == 1)
    #expect(counters.missed == 4)
    let missed = rehearsal.acquisition.missedSampleCount
    #expect(missed == 4)
    #expect(rehearsal.gaps == 4)
    // One reading a period afterwards, on the old grid.
    let after = rehearsal.script.reads[0].dropFirst(11)
    #expect(after.allSatisfy { ($0 - 1_000_000_000) % 100_000_000 == 0 })
    #expect(zip(after, after.dropFirst()).allSatisfy { $1 - $0 == 100_000_000 })
  }

  @Test func aFailedReadIsTriedAgainAtOnceWithinABound() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0)])
    var attempts = 0
    rehearsal.script.answer = { _, now in
      // Two attempts fail within the deadline at 2.0 s, the third gives a reading.
      guard now == 2 * Self.second else { return nil }
      attempts += 1
      return attempts <= 2 ? .failure(.checksum(found: 1, expected: 2)) : nil
    }
    rehearsal.run(seconds: 2)
    let counters = rehearsal.acquisition.sensor(0).counters
    #expect(counters.retries == 2)
    #expect(counters[.checksum] == 2)
    #expect(counters.missing == 0)
    #expect(rehearsal.samples.allSatisfy { $0.qualities == [.ok] })
    let event = rehearsal.acquisition.takeEvent(0)
    #expect(event == nil)
  }

  @Test func failedAttemptsAreCountedForEachChannelOfTheSensor() {
    let sources = [(0, 0), (1, 0), (0, 0)].map { ChannelSource(sensor: $0.0, quantity: $0.1) }
    var rehearsal = Rehearsal(
      sampleRate: 10_000, sensors: [(10_000, 0), (10_000, 0)], channels: sources)
    var attempts = 0
    rehearsal.script.answer = { sensor, now in
      guard sensor == 0, now < 2 * Self.second else { return nil }
      attempts += 1
      return attempts % 2 == 1 ? .failure(.checksum(found: 1, expected: 2)) : nil
    }
    rehearsal.run(seconds: 2)
    let counts = (0..<3).map { rehearsal.acquisition.takeErrorCount(ofChannel: $0) }
    // Each of the nine readings before the second worked at the second attempt.
    #expect(counts == [9, 0, 9])
    #expect((0..<3).allSatisfy { rehearsal.acquisition.takeErrorCount(ofChannel: $0) == 0 })
  }

  @Test func anUnpluggedSensorIsLeftAloneAndPickedUpAgainWhileOthersKeepTime() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0), (10_000, 0)])
    let away = (5 * Self.second)..<(20 * Self.second)
    rehearsal.script.answer = { sensor, now in
      sensor == 0 && away.contains(now) ? .failure(.bus(BusError(.noAcknowledge, code: 121))) : nil
    }
    rehearsal.script.start = { sensor, now in
      sensor == 0 && away.contains(now)
        ? .failure(.bus(BusError(.noAcknowledge, code: 121))) : .success(.ready)
    }
    rehearsal.run(seconds: 40.001)
    let script = rehearsal.script
    // Three deadlines with three attempts each, then pauses of 1, 2, 4 and 8 s.
    #expect(script.reads[0].filter { away.contains($0) }.count == 9)
    let starts = script.starts[0].map { Double($0) / 1e9 }
    #expect(starts.count == 5)
    for (found, expected) in zip(starts, [1, 6.2, 8.2, 12.2, 20.2]) {
      #expect(abs(found - expected) < 0.001, "\(starts)")
    }
    // The other one and the samples missed nothing.
    #expect(script.reads[1].count == 400)
    let samples = rehearsal.samples
    #expect(samples.count == 400)
    #expect(samples.allSatisfy { $0.qualities[1] == .ok })
    let missing = samples.filter { $0.qualities[0].isMissing }
    #expect(missing.allSatisfy { $0.qualities[0] == .missing(.error(.noAcknowledge)) })
    // The last reading counts for two periods; it comes back with the deadline after the start.
    #expect(missing.first.map { abs($0.time - 5.2) < 1e-6 } == true)
    #expect(missing.last.map { abs($0.time - 20.2) < 1e-6 } == true)
    let counters = rehearsal.acquisition.sensor(0).counters
    #expect(counters.readings + counters.missing == 400)
    #expect(counters.starts == 2)
  }

  /// A bus that hangs holds the thread for the time limit of a transfer, 50 ms.
  @Test func aHungBusDelaysOthersByItsTimeLimitForAFewAttempts() throws {
    var rehearsal = Rehearsal(sampleRate: 100_000, sensors: [(100_000, 0), (100_000, 0)])
    let script = rehearsal.script
    let hung = (5 * Self.second)..<(35 * Self.second)
    let limit: UInt64 = 50_000_000
    var attempts = 0
    func transfer(_ sensor: Int, _ now: UInt64) -> Bool {
      guard sensor == 0, hung.contains(now) else { return true }
      script.now += limit
      attempts += 1
      return false
    }
    script.answer = { transfer($0, $1) ? nil : .failure(.bus(BusError(.timeout, code: 110))) }
    script.start = {
      transfer($0, $1) ? .success(.ready) : .failure(.bus(BusError(.timeout, code: 110)))
    }
    rehearsal.run(seconds: 40.001)
    // One, in which more deadlines pass than are waited for, and starts after 1, 2, 4 and 8 s.
    #expect(attempts == 1 + 4)
    let reads = script.reads[1]
    let longest = zip(reads, reads.dropFirst()).map { $1 - $0 }.max()
    #expect(try #require(longest) <= limit + 10_000_000)
    // Five deadlines of the other sensor and of the samples for each attempt.
    let missed = rehearsal.acquisition.sensor(1).counters.missed
    let skipped = rehearsal.acquisition.missedSampleCount
    #expect(missed <= UInt64(5 * attempts) && skipped <= UInt64(5 * attempts))
    let counters = rehearsal.acquisition.sensor(0).counters
    #expect(counters.starts == 2)
  }

  @Test func goingAwayAndComingBackAreToldOnce() throws {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0)])
    rehearsal.run(seconds: 1)
    rehearsal.script.answer = { _, _ in .failure(.bus(BusError(.missingBus, code: 6))) }
    rehearsal.script.start = { _, _ in .failure(.bus(BusError(.missingBus, code: 6))) }
    rehearsal.run(seconds: 60)
    let failed = rehearsal.acquisition.takeEvent(0)
    guard case .failed(.bus(let error), let pause) = try #require(failed) else {
      Issue.record("not told")
      return
    }
    #expect(error.kind == .missingBus && pause == Self.second)
    let again = rehearsal.acquisition.takeEvent(0)
    #expect(again == nil)
    // No retries for what only a person can mend, and pauses of at most 30 s.
    let starts = rehearsal.script.starts[0]
    #expect(zip(starts, starts.dropFirst()).dropFirst().allSatisfy { $1 - $0 <= 30 * Self.second })
    #expect(rehearsal.acquisition.sensor(0).counters.retries == 0)
    rehearsal.script.answer = { _, _ in nil }
    rehearsal.script.start = { _, _ in .success(.ready) }
    rehearsal.run(seconds: 31)
    let back = rehearsal.acquisition.takeEvent(0)
    guard case .recovered(let missing) = try #require(back) else {
      Issue.record("not told")
      return
    }
    #expect(missing == rehearsal.acquisition.sensor(0).counters.missing)
  }

  @Test func aSensorThatNeedsTimeToStartDelaysNobody() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0), (10_000, 0)])
    var steps = 0
    rehearsal.script.start = { sensor, _ in
      guard sensor == 0, steps < 3 else { return .success(.ready) }
      steps += 1
      return .success(.wait(nanoseconds: 250_000_000))
    }
    rehearsal.run(seconds: 3.001)
    #expect(rehearsal.script.reads[1].count == 30)
    // The first sample comes when both have a reading: at 0.8 s.
    #expect(rehearsal.samples.first.map { abs($0.time - 1.8) < 1e-6 } == true)
    #expect(rehearsal.acquisition.sensor(0).counters.missing == 0)
  }

  @Test func samplesBeginWithoutASensorThatNeverAnswers() {
    var rehearsal = Rehearsal(sampleRate: 10_000, sensors: [(10_000, 0), (10_000, 0)])
    rehearsal.script.start = { sensor, _ in
      sensor == 0 ? .failure(.bus(BusError(.noAcknowledge))) : .success(.ready)
    }
    rehearsal.run(seconds: 5.001)
    #expect(rehearsal.samples.first.map { abs($0.time - 3.2) < 1e-6 } == true)
    #expect(
      rehearsal.samples.allSatisfy {
        $0.qualities == [.missing(.error(.noAcknowledge)), .ok]
      })
  }

  @Test func aDeviceThatFallsAsleepIsStartedAnew() {
    var rehearsal = Rehearsal(sampleRate: 100_000, sensors: [(100_000, 0)])
    rehearsal.script.answer = { _, now in
      (2 * Self.second..<3_100_000_000).contains(now) ? .nothingNew : nil
    }
    rehearsal.run(seconds: 4)
    #expect(rehearsal.script.starts[0].count == 2)
    #expect(rehearsal.samples.filter { $0.qualities[0] == .missing(.stale) }.count > 90)
    #expect(rehearsal.samples.last?.qualities == [.ok])
  }
}
