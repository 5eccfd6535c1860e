import Hardware
import Testing

@testable import Sensors

@Suite struct EdgeDebouncerTests {
  func edge(_ level: Bool, _ milliseconds: UInt64) -> DigitalEdge {
    DigitalEdge(level: level, nanoseconds: milliseconds * 1_000_000)
  }

  @Test func `without a quiet time every change counts, even two alike`() {
    var debouncer = EdgeDebouncer()
    for change in [edge(true, 1), edge(true, 2), edge(false, 2), edge(true, 2)] {
      #expect(debouncer.observe(change) == change)
      #expect(debouncer.level == change.level)
    }
    #expect(debouncer.settle(at: .max) == nil)
  }

  @Test func `a bouncing contact gives one change, at the moment it came to rest`() {
    var debouncer = EdgeDebouncer(quietNanoseconds: 5_000_000)
    debouncer.observe(level: false, at: 0)
    for (level, moment) in [(true, 100), (false, 101), (true, 103), (false, 104), (true, 106)] {
      #expect(debouncer.observe(edge(level, UInt64(moment))) == nil)
    }
    #expect(debouncer.settle(at: 110_999_999) == nil)
    #expect(debouncer.level == false)
    #expect(debouncer.settle(at: 111_000_000) == edge(true, 106))
    #expect(debouncer.level == true)
    #expect(debouncer.settle(at: 200_000_000) == nil)
  }

  @Test func `fetching late makes no difference`() {
    // The next press is what shows that the release before it had lasted.
    var debouncer = EdgeDebouncer(quietNanoseconds: 5_000_000)
    debouncer.observe(level: false, at: 0)
    #expect(debouncer.observe(edge(true, 100)) == nil)
    #expect(debouncer.observe(edge(false, 200)) == edge(true, 100))
    #expect(debouncer.observe(edge(true, 300)) == edge(false, 200))
    #expect(debouncer.settle(at: 305_000_000) == edge(true, 300))
  }

  @Test func `a disturbance shorter than the quiet time never was`() {
    var debouncer = EdgeDebouncer(quietNanoseconds: 5_000_000)
    debouncer.observe(level: false, at: 0)
    #expect(debouncer.observe(edge(true, 100)) == nil)
    #expect(debouncer.observe(edge(false, 104)) == nil)
    #expect(debouncer.settle(at: .max) == nil)
    #expect(debouncer.level == false)
  }

  @Test func `a change whose edge was lost is found by the level, and must last too`() {
    var debouncer = EdgeDebouncer(quietNanoseconds: 5_000_000)
    debouncer.observe(level: false, at: 0)
    debouncer.observe(level: true, at: 50_000_000)
    #expect(debouncer.level == false)
    debouncer.observe(level: true, at: 53_000_000)
    #expect(debouncer.settle(at: 55_000_000) == edge(true, 50))
    debouncer.observe(level: false, at: 60_000_000)
    debouncer.observe(level: true, at: 62_000_000)
    #expect(debouncer.settle(at: .max) == nil)
    #expect(debouncer.level == true)
  }

  @Test func `moments at the ends of the clock, and one before its change`() {
    var debouncer = EdgeDebouncer(quietNanoseconds: 5_000_000)
    debouncer.observe(level: false, at: 0)
    let late = DigitalEdge(level: true, nanoseconds: .max)
    #expect(debouncer.observe(late) == nil)
    #expect(debouncer.settle(at: 0) == nil)
    #expect(debouncer.settle(at: .max) == nil)
    #expect(debouncer.observe(DigitalEdge(level: false, nanoseconds: .max)) == nil)
    #expect(debouncer.level == false)
  }
}
