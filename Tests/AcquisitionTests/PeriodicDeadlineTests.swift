import Acquisition
import TestSupport
import Testing

@Suite struct PeriodicDeadlineTests {
  /// Deadline k of a rate, in exact arithmetic.
  private func exact(_ index: UInt64, _ rate: UInt64) -> UInt64 {
    UInt64(UInt128(index) * 1_000_000_000_000 / UInt128(rate))
  }

  @Test(arguments: [1, 3, 7, 999, 1000, 3000, 10_000, 59_940, 100_000, 333_333, 1_000_000_000])
  func hundredThousandDeadlinesAreExact(rate: Int) {
    var deadline = PeriodicDeadline(rateMillihertz: rate, origin: 0)
    for index: UInt64 in 1...100_000 {
      let skipped = deadline.advance(past: 0)
      guard skipped == 0, deadline.next == exact(index, UInt64(rate)) else {
        Issue.record("deadline \(index) is \(deadline.next) after skipping \(skipped)")
        return
      }
    }
  }

  @Test func thirtyDaysDoNotDrift() {
    // Skipping to the end takes the same path as being late once.
    for rate in [1000, 3000, 59_940, 104_000] {
      var deadline = PeriodicDeadline(rateMillihertz: rate, origin: 0)
      let days: UInt64 = 30 * 86_400_000_000_000
      let skipped = deadline.advance(past: days)
      let index = skipped + 1
      #expect(deadline.next == exact(index, UInt64(rate)))
      #expect(deadline.next > days)
      #expect(exact(index - 1, UInt64(rate)) <= days)
    }
  }

  @Test func skippingIsTheSameAsSteppingOver() {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let rate = Int.random(in: 1...2_000_000, using: &generator)
      let origin = UInt64.random(in: 0..<1 << 50, using: &generator)
      var jumping = PeriodicDeadline(rateMillihertz: rate, origin: origin)
      var stepping = jumping
      let late = UInt64.random(in: 0...1000, using: &generator) * jumping.periodNanoseconds
      let now = origin + late / UInt64.random(in: 1...7, using: &generator)
      let skipped = jumping.advance(past: now)
      var steps: UInt64 = 0
      _ = stepping.advance(past: 0)
      while stepping.next <= now {
        _ = stepping.advance(past: 0)
        steps += 1
      }
      #expect(jumping.next == stepping.next && skipped == steps, "seed \(seed)")
    }
  }
}
