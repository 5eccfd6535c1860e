import Synchronization

/// Shows the writer thread's statistics to another thread without locks.
///
/// A sequence lock: the writer makes the version odd, writes, makes it even; a reader that saw an
/// odd version or two different ones looks again. Words are 32 bits wide, which every board reads
/// and writes in one piece.
public struct StatisticsBoard: ~Copyable, Sendable {
  private let version = Atomic<UInt32>(0)
  private let words = InlineArray<32, Atomic<UInt32>>({ _ in Atomic<UInt32>(0) })

  /// A board with nothing on it.
  public init() {}

  /// Shows new values; for one thread.
  public borrowing func publish(_ statistics: JournalStatistics, _ condition: JournalCondition) {
    let before = version.load(ordering: .relaxed)
    version.store(before &+ 1, ordering: .relaxed)
    atomicMemoryFence(ordering: .releasing)
    put(statistics.nextSequence, 0)
    put(statistics.syncedThrough, 1)
    put(statistics.recordCount, 2)
    put(statistics.writtenByteCount, 3)
    put(statistics.syncCount, 4)
    put(statistics.failureCount, 5)
    put(statistics.droppedCount, 6)
    put(statistics.overBudgetCount, 7)
    put(statistics.evictedSegmentCount, 8)
    put(statistics.evictedByteCount, 9)
    put(statistics.quarantinedSegmentCount, 10)
    put(statistics.cutByteCount, 11)
    put(statistics.storedByteCount, 12)
    put(statistics.windowCount, 13)
    put(statistics.droppedWindowCount, 14)
    var reason: UInt64 = 0
    if case .degraded(let why) = condition { reason = 1 + UInt64(why.rawValue) }
    put(reason, 15)
    version.store(before &+ 2, ordering: .releasing)
  }

  /// The values shown last, all from the same call of `publish`.
  public borrowing func read() -> (statistics: JournalStatistics, condition: JournalCondition) {
    while true {
      let before = version.load(ordering: .acquiring)
      var statistics = JournalStatistics()
      statistics.nextSequence = get(0)
      statistics.syncedThrough = get(1)
      statistics.recordCount = get(2)
      statistics.writtenByteCount = get(3)
      statistics.syncCount = get(4)
      statistics.failureCount = get(5)
      statistics.droppedCount = get(6)
      statistics.overBudgetCount = get(7)
      statistics.evictedSegmentCount = get(8)
      statistics.evictedByteCount = get(9)
      statistics.quarantinedSegmentCount = get(10)
      statistics.cutByteCount = get(11)
      statistics.storedByteCount = get(12)
      statistics.windowCount = get(13)
      statistics.droppedWindowCount = get(14)
      let reason = get(15)
      atomicMemoryFence(ordering: .acquiring)
      guard before & 1 == 0, version.load(ordering: .relaxed) == before else { continue }
      if reason > 0, let why = GapReason(rawValue: UInt8(truncatingIfNeeded: reason - 1)) {
        return (statistics, .degraded(why))
      }
      return (statistics, .writing)
    }
  }

  private borrowing func put(_ value: UInt64, _ index: Int) {
    words[2 * index].store(UInt32(truncatingIfNeeded: value), ordering: .relaxed)
    words[2 * index + 1].store(UInt32(truncatingIfNeeded: value >> 32), ordering: .relaxed)
  }

  private borrowing func get(_ index: Int) -> UInt64 {
    UInt64(words[2 * index].load(ordering: .relaxed))
      | UInt64(words[2 * index + 1].load(ordering: .relaxed)) << 32
  }
}
