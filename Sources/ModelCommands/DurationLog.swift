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
  borrowing func microseconds(at part: Double) -> Double {
    guard count > 0 else { return 0 }
    return Double(load(min(count - 1, Int(part * Double(count))))) / 1000
  }

  /// Sorts by heap sort (J. W. J. Williams, 1964): in place, without recursion.
  mutating func sort() {
    var root = count / 2
    while root > 0 {
      root -= 1
      sift(root, below: count)
    }
    var end = count
    while end > 1 {
      end -= 1
      let (first, last) = (load(0), load(end))
      store(last, at: 0)
      store(first, at: end)
      sift(0, below: end)
    }
  }

  private mutating func sift(_ root: Int, below end: Int) {
    let value = load(root)
    var hole = root
    while 2 * hole + 1 < end {
      var child = 2 * hole + 1
      if child + 1 < end, load(child + 1) > load(child) { child += 1 }
      guard load(child) > value else { break }
      store(load(child), at: hole)
      hole = child
    }
    store(value, at: hole)
  }

  private borrowing func load(_ index: Int) -> UInt64 {
    // In bounds, as the load checks, and every bit pattern is a value.
    unsafe memory.bytes.unsafeLoad(fromByteOffset: 8 * index, as: UInt64.self)
  }

  private mutating func store(_ value: UInt64, at index: Int) {
    var bytes = memory.mutableBytes
    bytes.storeBytes(of: value, toByteOffset: 8 * index, as: UInt64.self)
  }
}
