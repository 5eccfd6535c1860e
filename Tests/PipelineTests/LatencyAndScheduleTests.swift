import Pipeline
import TestSupport
import Testing

@Suite struct LatencyAndScheduleTests {
  @Test func quantilesAreThoseOfTheSortedListToAThirtySecond() {
    var random = SeededGenerator(for: "latencies")
    for _ in 0..<20 {
      var histogram = LatencyHistogram()
      let values = (0..<Int.random(in: 1...3000, using: &random)).map { _ in
        UInt64.random(in: 0...UInt64.random(in: 1...5_000_000_000, using: &random), using: &random)
      }
      for value in values { histogram.add(value) }
      let sorted = values.sorted()
      #expect(histogram.count == UInt64(values.count))
      #expect(histogram.minimum == sorted.first)
      #expect(histogram.maximum == sorted.last)
      for part in [0, 0.25, 0.5, 0.9, 0.99] {
        // Values beyond 2^32 - 1 are counted there.
        let exact = min(sorted[Int(part * Double(sorted.count))], UInt64(UInt32.max))
        let found = histogram.quantile(part)
        #expect(found <= max(exact, histogram.minimum))
        #expect(Double(found) >= Double(exact) * (1 - 1.0 / 32) - 1e-9)
      }
    }
  }

  @Test func anEmptyHistogramIsAllZero() {
    let histogram = LatencyHistogram()
    #expect(histogram.minimum == 0 && histogram.quantile(0.5) == 0 && histogram.maximum == 0)
  }

  @Test func deadlinesAreAbsolute() {
    var schedule = ReplaySchedule()
    let start: UInt64 = 1_000_000_007
    // The first sample is due at once, whatever its time.
    #expect(schedule.deadline(ofSampleAt: 12.5, now: start) == start)
    // Later ones by their distance to it, however late it has become.
    #expect(schedule.deadline(ofSampleAt: 12.6, now: start + 90) == start + 100_000_000)
    #expect(
      schedule.deadline(ofSampleAt: 14.5, now: start + 7_000_000_000) == start + 2_000_000_000)
    // Nothing overflows.
    #expect(schedule.deadline(ofSampleAt: 1e300, now: start) > start)
  }
}
