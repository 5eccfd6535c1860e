import Acquisition
import Pipeline
import TestSupport
import Testing

/// One channel of a stream: what a sensor gave, or nothing.
private enum Given {
  case good(Float)
  case missing
  case suspect(Float)
}

@Suite struct SampleWindowTests {
  /// The windows of a stream of one channel: condition and readings.
  private func windows(
    of stream: [Given], length: Int, hop: Int, missing: MissingPolicy = .skip,
    suspect: SuspectPolicy = .use, restartBefore cut: Int? = nil
  ) -> [(condition: WindowCondition, readings: [Float])] {
    var policy = WindowPolicy()
    policy.missing = missing
    policy.suspect = suspect
    let byteCount = SampleWindow.ringByteCount(channelCount: 1, length: length)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
    defer { memory.deallocate() }
    // What was there before does not matter.
    memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
    var window = SampleWindow(
      channelCount: 1, length: length, hop: hop, policy: policy, ring: memory.mutableBytes)
    var result: [(WindowCondition, [Float])] = []
    for (index, given) in stream.enumerated() {
      if index == cut { window.restart() }
      var sample = Sample()
      switch given {
      case .good(let value): sample[0] = value
      case .missing:
        // The number of a missing reading means nothing.
        sample[0] = .nan
        sample[quality: 0] = .missing(.stale)
      case .suspect(let value):
        sample[0] = value
        sample[quality: 0] = .suspect(.range)
      }
      guard window.push(sample) else { continue }
      let condition = window.condition
      var readings: [Float] = []
      for position in 0..<length { readings.append(window[position, 0]) }
      result.append((condition, readings))
    }
    return result
  }

  @Test func goodReadingsAreThoseOfTheStream() {
    let stream = (0..<20).map { Given.good(Float($0)) }
    let found = windows(of: stream, length: 5, hop: 3)
    #expect(found.map(\.readings.first) == [0, 3, 6, 9, 12, 15])
    #expect(found.allSatisfy { $0.condition.isUsable && $0.condition.isClean })
  }

  @Test func aMissingReadingSpoilsTheWindowsItIsInUnderSkip() {
    var stream = (0..<12).map { Given.good(Float($0)) }
    stream[5] = .missing
    let found = windows(of: stream, length: 4, hop: 1)
    // Windows end with samples 3 … 11; sample 5 is in those that end with 5 … 8.
    #expect(
      found.map(\.condition.isUsable) == [true, true, false, false, false, false] + [
        true, true, true,
      ])
    #expect(found.map(\.condition.missingSampleCount) == [0, 0, 1, 1, 1, 1, 0, 0, 0])
    #expect(found[2].condition.lastProblem.quality == .missing(.stale))
  }

  @Test func theLastGoodReadingStandsInUnderHold() {
    let stream: [Given] = [.good(1), .good(2), .missing, .missing, .good(5), .good(6)]
    let found = windows(of: stream, length: 3, hop: 1, missing: .hold)
    #expect(found.map(\.readings) == [[1, 2, 2], [2, 2, 2], [2, 2, 5], [2, 5, 6]])
    #expect(found.allSatisfy { $0.condition.isUsable })
    #expect(found.map(\.condition.missingSampleCount) == [1, 2, 2, 1])
  }

  @Test func aReadingOlderThanAWindowStandsForNothing() {
    let stream: [Given] = [.good(1), .good(2), .missing, .missing, .missing, .missing, .good(7)]
    let found = windows(of: stream, length: 3, hop: 1, missing: .hold)
    // The third missing one is three samples after the last good one.
    #expect(found.map(\.condition.isUsable) == [true, true, false, false, false])
  }

  @Test func nothingStandsInBeforeTheFirstReading() {
    for missing in [MissingPolicy.hold, .interpolate] {
      let stream: [Given] = [.missing, .good(1), .good(2), .good(3)]
      let found = windows(of: stream, length: 3, hop: 1, missing: missing)
      #expect(found.map(\.condition.isUsable) == [false, true])
    }
  }

  @Test func aGapIsBridgedByALineUnderInterpolate() {
    let stream: [Given] = [.good(0), .missing, .missing, .missing, .good(8), .good(9)]
    let found = windows(of: stream, length: 5, hop: 1, missing: .interpolate)
    #expect(found.map(\.readings) == [[0, 2, 4, 6, 8], [2, 4, 6, 8, 9]])
    #expect(found.allSatisfy { $0.condition.isUsable })
    #expect(found.map(\.condition.missingSampleCount) == [3, 3])
  }

  @Test func anOpenGapIsHeldUnderInterpolate() {
    let stream: [Given] = [.good(0), .good(1), .missing, .missing, .good(4)]
    let found = windows(of: stream, length: 4, hop: 1, missing: .interpolate)
    #expect(found.map(\.readings) == [[0, 1, 1, 1], [1, 2, 3, 4]])
  }

  @Test func implausibleReadingsAreUsedHeldOrSkipped() {
    let stream: [Given] = [.good(1), .suspect(900), .good(3)]
    let used = windows(of: stream, length: 3, hop: 1, suspect: .use)
    #expect(used.map(\.readings) == [[1, 900, 3]])
    #expect(used[0].condition.isUsable && used[0].condition.suspectSampleCount == 1)
    let held = windows(of: stream, length: 3, hop: 1, suspect: .hold)
    #expect(held.map(\.readings) == [[1, 1, 3]])
    #expect(held[0].condition.isUsable)
    let skipped = windows(of: stream, length: 3, hop: 1, suspect: .skip)
    #expect(!skipped[0].condition.isUsable)
  }

  @Test func nothingIsHeldOverARestart() {
    let stream: [Given] = [.good(1), .good(2), .good(3), .missing, .good(5), .good(6)]
    let found = windows(of: stream, length: 3, hop: 3, missing: .hold, restartBefore: 3)
    #expect(found.map(\.condition.isUsable) == [true, false])
  }

  /// An independent, slow model: fills each window from the whole stream.
  @Test func randomStreamsAgreeWithASlowModel() {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let length = Int.random(in: 1...9, using: &generator)
      let hop = Int.random(in: 1...length, using: &generator)
      let stream = (0..<60).map { index -> Given in
        Int.random(in: 0..<3, using: &generator) == 0 ? .missing : .good(Float(index * index))
      }
      let found = windows(of: stream, length: length, hop: hop, missing: .hold)
      let ends = Swift.stride(from: length - 1, to: stream.count, by: hop)
      for (end, window) in zip(ends, found) {
        var expected: [Float?] = []
        for position in (end - length + 1)...end {
          expected.append(Self.held(stream, position, limit: length))
        }
        #expect(window.condition.isUsable == !expected.contains(nil), "seed \(seed)")
        if !expected.contains(nil) {
          #expect(window.readings == expected.compactMap { $0 }, "seed \(seed)")
        }
      }
    }
  }

  private static func held(_ stream: [Given], _ position: Int, limit: Int) -> Float? {
    for back in 0..<limit where position - back >= 0 {
      if case .good(let value) = stream[position - back] { return value }
    }
    return nil
  }
}
