import Text

// Keeping the quota and the free space.
extension JournalWriter where Folder: ~Copyable {
  /// Removes old segments as needed before the batch is written.
  ///
  /// - Returns: `false` when writing would take space that is to stay free.
  mutating func makeRoom(at now: RecordStamp) throws(Folder.Failure) -> Bool {
    let grown = Self.blocks(segmentByteCount(afterBatch: true))
    let needed = grown - Self.blocks(segmentByteCount(afterBatch: false))
    while statistics.storedByteCount + needed > settings.quotaByteCount {
      guard try evictOldest(.quota, at: now) else { break }
    }

    let time = now.monotonicNanoseconds
    let wasFull = condition == .degraded(.diskFull)
    guard wasFull || condition == .degraded(.freeSpace) || time >= freeSpaceDue else { return true }
    freeSpaceDue = time + 1_000_000_000
    guard wasFull || freeSpaceIsShort() else { return true }
    // One at a time: file systems tell of space set free only later. A quarter of the quota stays,
    // whoever fills the disk.
    if statistics.storedByteCount > settings.quotaByteCount / 4,
      try evictOldest(.freeSpace, at: now)
    {
      return true
    }
    return wasFull
  }

  private func segmentByteCount(afterBatch: Bool) -> UInt64 {
    (segment == nil ? 0 : segmentByteCount) + (afterBatch ? UInt64(batchCount) : 0)
  }

  private mutating func freeSpaceIsShort() -> Bool {
    guard settings.freeByteCountFloor > 0 else { return false }
    do throws(Folder.Failure) {
      return try folder.freeByteCount() < settings.freeByteCountFloor
    } catch {
      // Not knowing is no reason to stop.
      return false
    }
  }

  /// Removes the oldest segment, quarantined or not, unless it is the one written to.
  private mutating func evictOldest(
    _ reason: EvictionReason, at now: RecordStamp
  ) throws(Folder.Failure) -> Bool {
    var oldest: SegmentName?
    var next: UInt64 = batchRecordCount > 0 ? batchFirst : statistics.nextSequence
    var text = TextBuffer<64>()
    try folder.beginListing()
    while try folder.nextEntry(&text) {
      guard let name = SegmentName(text.bytes) else { continue }
      guard name != segment else {
        next = min(next, name.sequence)
        continue
      }
      guard let known = oldest else {
        oldest = name
        continue
      }
      if name < known {
        next = min(next, known.sequence)
        oldest = name
      } else {
        next = min(next, name.sequence)
      }
    }
    guard let oldest else { return false }
    text = oldest.text
    let byteCount = try folder.byteCount(of: text.bytes)
    try folder.remove(text.bytes)
    folderIsDirty = true
    let stored = Self.blocks(byteCount)
    statistics.storedByteCount -= min(stored, statistics.storedByteCount)
    statistics.evictedSegmentCount += 1
    statistics.evictedByteCount += byteCount
    let last = max(oldest.sequence, next > 0 ? next - 1 : 0)
    addEviction(reason, byteCount: byteCount, sequences: oldest.sequence...last)
    gapDue = min(gapDue, now.monotonicNanoseconds + settings.flushInterval)
    return true
  }

  private mutating func addEviction(
    _ reason: EvictionReason, byteCount: UInt64, sequences: ClosedRange<UInt64>
  ) {
    var total =
      eviction
      ?? PendingEviction(reason: reason, segmentCount: 0, byteCount: 0, sequences: sequences)
    total.reason = reason
    total.segmentCount += 1
    total.byteCount += byteCount
    total.sequences =
      min(
        total.sequences.lowerBound, sequences.lowerBound)...max(
        total.sequences.upperBound, sequences.upperBound)
    eviction = total
    notice = .evicted(segmentCount: total.segmentCount)
  }
}
