/// What the journal has done since it was made.
public struct JournalStatistics: Equatable, Sendable {
  /// The sequence number that the next record gets.
  public var nextSequence: UInt64 = 1
  /// Records up to this sequence number are on the storage device.
  public var syncedThrough: UInt64 = 0
  /// Records written, those of the journal itself included.
  public var recordCount: UInt64 = 0
  /// Bytes given to the file system.
  public var writtenByteCount: UInt64 = 0
  /// Times the storage was asked to make bytes durable.
  public var syncCount: UInt64 = 0
  /// Operations the storage refused.
  public var failureCount: UInt64 = 0
  /// Records not written, whatever the reason.
  public var droppedCount: UInt64 = 0
  /// Of them those the write budget left out.
  public var overBudgetCount: UInt64 = 0
  /// Segments removed to keep the quota or the free space.
  public var evictedSegmentCount: UInt64 = 0
  /// Bytes of them.
  public var evictedByteCount: UInt64 = 0
  /// Segments found damaged and put aside.
  public var quarantinedSegmentCount: UInt64 = 0
  /// Bytes cut off at the end of segments when the journal was opened.
  public var cutByteCount: UInt64 = 0
  /// What all segments take now, in blocks of 4 KiB.
  public var storedByteCount: UInt64 = 0
  /// Raw windows written.
  public var windowCount: UInt64 = 0
  /// Raw windows given up: torn, refused by the storage or over the budget.
  public var droppedWindowCount: UInt64 = 0

  /// Nothing done yet.
  public init() {}
}

/// Whether the journal can write.
public enum JournalCondition: Equatable, Sendable {
  case writing
  /// Records are counted and, as long as there is room, kept in memory; the storage is tried again.
  case degraded(GapReason)
}
