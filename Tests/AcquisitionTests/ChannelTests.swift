import Acquisition
import TestSupport
import Testing

@Suite struct ChannelTests {
  /// What one channel gives for a series of readings, one a second.
  private func channel(
    _ readings: [Float], _ configure: (inout ChannelSource) -> Void
  ) -> [(value: Float, quality: ChannelQuality)] {
    var source = ChannelSource(sensor: 0, quantity: 0)
    configure(&source)
    var rehearsal = Rehearsal(sampleRate: 1000, sensors: [(1000, 0)], channels: [source])
    var position = 0
    rehearsal.script.answer = { _, _ in
      defer { position += 1 }
      return .value(readings[min(position, readings.count - 1)])
    }
    rehearsal.run(seconds: Double(readings.count) + 0.001)
    return rehearsal.samples.map { ($0.values[0], $0.qualities[0]) }
  }

  @Test func unitsGainAndOffsetComeInThisOrder() {
    let found = channel([0, 100]) {
      // °F to °C, then twice that, then one more.
      $0.calibration.unitScale = 5.0 / 9
      $0.calibration.unitOffset = -160.0 / 9
      $0.calibration.gain = 2
      $0.calibration.offset = 1
    }
    #expect(found.map(\.value) == [Float(-320.0 / 9 + 1), Float(2 * (500.0 / 9 - 160.0 / 9) + 1)])
  }

  @Test func readingsAreClampedButJudgedBefore() {
    let found = channel([5, 50, 5000, -5000]) {
      $0.calibration.minimum = 0
      $0.calibration.maximum = 100
      $0.limits.minimum = -1000
      $0.limits.maximum = 1000
    }
    #expect(found.map(\.value) == [5, 50, 100, 0])
    #expect(found.map(\.quality) == [.ok, .ok, .suspect(.range), .suspect(.range)])
  }

  @Test func aSampleIsTheMeanOfTheReadingsSinceTheOneBefore() {
    var source = ChannelSource(sensor: 0, quantity: 0)
    source.takesMean = true
    source.limits.maximum = 100
    // Four readings a sample.
    var rehearsal = Rehearsal(sampleRate: 1000, sensors: [(4000, 0)], channels: [source])
    var readings: [Float] = [1, 2, 3, 4, 10, 20, 30, 400, 5, 5, 5, 7]
    rehearsal.script.answer = { _, _ in
      .value(readings.isEmpty ? 0 : readings.removeFirst())
    }
    rehearsal.run(seconds: 3.001)
    #expect(rehearsal.samples.map { $0.values[0] }.suffix(2) == [115, 5.5])
    #expect(
      rehearsal.samples.map { $0.qualities[0] }.suffix(2) == [.suspect(.range), .ok])
  }

  @Test func theMedianTakesSpikesOut() {
    let found = channel([1, 2, 900, 3, 4, -900, 5]) {
      $0.calibration.medianLength = 3
      $0.limits.maximum = 100
    }
    #expect(found.map(\.value) == [1, 1, 2, 3, 4, 3, 4])
    #expect(found.allSatisfy { $0.quality == .ok })
  }

  @Test(arguments: [1, 3, 5, 7, 9])
  func theMedianIsThatOfTheLastReadings(length: Int) {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let readings = (0..<200).map { _ in Float(Int.random(in: -5...5, using: &generator)) }
    var filter = MedianFilter(length: length)
    for index in readings.indices {
      let recent = readings[max(0, index - length + 1)...index].sorted()
      #expect(filter.filter(readings[index]) == recent[(recent.count - 1) / 2], "seed \(seed)")
    }
  }

  @Test func stepsAndStuckReadingsAreSuspect() {
    let found = channel([1, 2, 30, 31, 31, 31, 31, 32]) {
      $0.limits.maximumStepPerSecond = 10
      $0.limits.stuckAfter = 3
    }
    #expect(
      found.map(\.quality) == [
        .ok, .ok, .suspect(.step), .ok, .ok, .suspect(.stuck), .suspect(.stuck), .ok,
      ])
  }

  @Test func whatIsNoNumberIsSuspect() {
    let found = channel([1, .nan, .infinity, 2]) { _ in }
    #expect(found.map(\.quality) == [.ok, .suspect(.range), .suspect(.range), .ok])
  }
}
