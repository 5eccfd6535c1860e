/// What was found when the journal was opened.
struct PendingRecovery {
  /// The last intact record.
  var lastSequence: UInt64 = 0
  var cutByteCount: UInt64 = 0
  /// Sequence numbers that the cut bytes claim to have held.
  var cutSequences: ClosedRange<UInt64>?
  var damagedCount: UInt64 = 0
  var unreadableCount: UInt64 = 0
  /// Numbers left out because unreadable segments may hold them.
  var skippedSequences: ClosedRange<UInt64>?
  private var emptyCount = 0

  /// Whether segments are to be cut, put aside or removed.
  var needsMending: Bool {
    cutByteCount > 0 || damagedCount > 0 || unreadableCount > 0 || emptyCount > 0
  }

  /// Adds what one segment was found to hold.
  mutating func add(_ check: SegmentCheck, _ name: SegmentName) {
    guard !check.isDamagedInside else {
      damagedCount += 1
      return
    }
    if check.intactEnd == 0 { emptyCount += 1 }
    cutByteCount += check.byteCount - check.intactEnd
    let first = check.lastSequence.map { $0 + 1 } ?? name.sequence
    let last = max(check.claimedSequence ?? 0, check.recordCount == 0 ? name.sequence : 0)
    guard last >= first else { return }
    let known = cutSequences ?? first...last
    cutSequences = min(known.lowerBound, first)...max(known.upperBound, last)
  }
}
