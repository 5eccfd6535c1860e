import LinuxPlatform

/// Durations of single runs in nanoseconds, for exact quantiles.
struct DurationLog: ~Copyable {
  /// More runs than this are not logged; 32 MB, taken page by page as they come.
  static let maximumCount = 4_000_000

  private(set) var count = 0
  private var memory: MemoryRegion

  /// - Parameter memory: Eight bytes for each duration there will be.
  init(_ memory: consuming MemoryRegion) {
    self.memory = memory
  }

  mutating func append(_ nanoseconds: UInt64) {
    store(nanoseconds, at: count)
    count += 1
  }

  /// The duration that a part of all does not exceed, in microseconds; the log must be sorted.
  borrowing func microseconds(at part: Double) -> Double { microseconds(at: part, of: 0..<count) }

  /// The duration that a part of those in `range` does not exceed, in microseconds; they must be
  /// sorted.
  borrowing func microseconds(at part: Double, of range: Range<Int>) -> Double {
    guard !range.isEmpty else { return 0 }
    let place = min(range.count - 1, Int(part * Double(range.count)))
    return Double(load(range.lowerBound + place)) / 1000
  }

  /// Sorts all durations.
  mutating func sort() { sort(0..<count) }

  /// Sorts by heap sort (J. W. J. Williams, 1964): in place, without recursion.
  mutating func sort(_ range: Range<Int>) {
    let start = range.lowerBound
    var root = range.count / 2
    while root > 0 {
      root -= 1
      sift(root, below: range.count, from: start)
    }
    var end = range.count
    while end > 1 {
      end -= 1
      let (first, last) = (load(start), load(start + end))
      store(last, at: start)
      store(first, at: start + end)
      sift(0, below: end, from: start)
    }
  }

  private mutating func sift(_ root: Int, below end: Int, from start: Int) {
    let value = load(start + root)
    var hole = root
    while 2 * hole + 1 < end {
      var child = 2 * hole + 1
      if child + 1 < end, load(start + child + 1) > load(start + child) { child += 1 }
      guard load(start + child) > value else { break }
      store(load(start + child), at: start + hole)
      hole = child
    }
    store(value, at: start + hole)
  }

  private borrowing func load(_ index: Int) -> UInt64 {
    // In bounds, as the load checks, and every bit pattern is a value.
    unsafe memory.bytes.unsafeLoad(fromByteOffset: 8 * index, as: UInt64.self)
  }

  /// Logs a duration at a place of its own, which does not count as appended.
  mutating func store(_ value: UInt64, at index: Int) {
    var bytes = memory.mutableBytes
    bytes.storeBytes(of: value, toByteOffset: 8 * index, as: UInt64.self)
  }
}
