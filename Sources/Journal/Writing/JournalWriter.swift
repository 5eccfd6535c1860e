import Text

/// Writes records into the segments of a folder, so that a power cut, a full disk or a failing card
/// costs records that can be counted, and never the program that makes them.
///
/// Nothing here throws. A storage that refuses puts the journal into a degraded condition: records
/// are kept in memory as long as there is room, then counted, and the storage is tried again at
/// intervals. When it works again, a `gap` record says what is missing and why.
///
/// Time is given with every call and nothing is allocated: the same calls over the same storage
/// give the same bytes. One thread calls it. The writer holds 80 KiB in place, so keep it in one
/// place and pass it by reference.
public struct JournalWriter<Folder: JournalFolder & ~Copyable>: ~Copyable {
  var folder: Folder
  let settings: JournalSettings
  /// Room for recovery; used by nothing else.
  var scanner = SegmentScanner()

  // MARK: Lines waiting to be written

  var batch = InlineArray<32_768, UInt8>(repeating: 0)
  var batchCount = 0
  /// Sequence numbers of the first and the last line in the batch.
  var batchFirst: UInt64 = 0
  var batchLast: UInt64 = 0
  /// Lines in the batch.
  var batchRecordCount: UInt64 = 0

  // MARK: The open segment

  /// The segment written to; nil between one and the next.
  var segment: SegmentName?
  /// Its size, always the end of a line.
  var segmentByteCount: UInt64 = 0
  /// When it was begun, monotonic nanoseconds.
  var segmentBegan: UInt64 = 0
  /// Whether a failed write left an unknown end.
  var segmentNeedsRepair = false
  /// Whether the storage device may not have all of it.
  var segmentIsDirty = false
  /// Whether the storage device may not know of files made or renamed.
  var folderIsDirty = false
  /// The last sequence number given to the file system.
  var lastWritten: UInt64 = 0

  /// The last sequence number already told to be in doubt after a failed synchronization.
  var doubtedThrough: UInt64 = 0

  // MARK: When

  /// Whether the folder was read and the next sequence number is known.
  var isOpen = false
  /// When the batch is to be written, and when the records are to be durable.
  var flushDue = UInt64.max
  var syncDue = UInt64.max
  /// When the storage is tried again after a failure.
  var retryDue: UInt64 = 0
  /// When the free space is looked at again.
  var freeSpaceDue: UInt64 = 0
  /// When losses that are not told at once are told.
  var gapDue = UInt64.max

  /// When torn ends and damaged segments of earlier runs are mended, how often that was tried, and
  /// the first sequence number of this run.
  var mendDue = UInt64.max
  var mendAttempts = 0
  var mendBelow: UInt64 = 0

  // MARK: What is to be told

  var gaps = GapTable()
  var eviction: PendingEviction?
  var recovery: PendingRecovery?
  /// What was told of it in a record that the device may not have.
  var toldRecovery: PendingRecovery?
  var notice: JournalNotice?
  var budget: WriteBudget

  /// Whether the journal can write.
  public internal(set) var condition = JournalCondition.writing

  /// What it has done so far.
  public internal(set) var statistics = JournalStatistics()

  /// The last thing the storage refused.
  public internal(set) var lastFailure: Folder.Failure?

  /// A journal that is not opened yet.
  ///
  /// - Parameter settings: Sensible ones; see `JournalSettings.problem`.
  public init(_ folder: consuming Folder, settings: JournalSettings) {
    self.folder = folder
    self.settings = settings
    budget = WriteBudget(bytesPerDay: settings.dailyBudgetByteCount)
  }

  // MARK: Records

  /// Takes a record.
  ///
  /// - Parameters:
  ///   - line: A line as `JSONLine.begin(_:at:)` and `end()` make it, with or without line feed.
  ///   - now: The time of the call, which is not that of the record.
  /// - Returns: The sequence number it got, or nil when it was left out without one. A record with
  ///   a number may still be lost when the storage fails; a `gap` record tells.
  @discardableResult
  public mutating func append(
    _ line: borrowing Span<UInt8>, kind: RecordKind, priority: RecordPriority? = nil,
    at now: RecordStamp
  ) -> UInt64? {
    precondition(line.count <= JournalLimits.lineByteCount, "a line of at most 4,096 bytes")
    budget.refill(at: now.monotonicNanoseconds)
    guard isOpen else {
      count(1, lostFor: degradedReason, at: now)
      return nil
    }
    let size = line.count + RecordEnvelope.byteCount
    guard budget.allows(size, priority ?? kind.defaultPriority) else {
      statistics.overBudgetCount += 1
      count(1, lostFor: .budget, at: now)
      return nil
    }
    // A part of the batch is kept for what the journal itself has to say.
    if size > batch.count - batchCount - Self.ownRecordsByteCount { flush(at: now) }
    let sequence = statistics.nextSequence
    guard !gaps.isLosing, size <= batch.count - batchCount - Self.ownRecordsByteCount else {
      // The number is used up, so that the hole shows.
      gaps.isLosing = true
      statistics.nextSequence += 1
      statistics.droppedCount += 1
      gaps.add(sequence...sequence, reason: degradedReason, at: now)
      return sequence
    }
    put(line, at: now)
    return sequence
  }

  /// Counts records that were lost before they came here, in a queue that was full.
  public mutating func noteDropped(_ lost: UInt64, at now: RecordStamp) {
    guard lost > 0 else { return }
    count(lost, lostFor: .queueFull, at: now)
  }

  // MARK: Time

  /// Does whatever is due: writes, synchronizes, rotates, evicts, tries again.
  public mutating func tick(at now: RecordStamp) {
    let time = now.monotonicNanoseconds
    budget.refill(at: time)
    guard isOpen else {
      if time >= retryDue { open(at: now) }
      return
    }
    guard condition == .writing || time >= retryDue else { return }
    if time >= gapDue { tellLosses(at: now) }
    let isOld = segment != nil && segmentAge(at: time) >= settings.segmentAgeSeconds
    if isOld || time >= flushDue { flush(at: now) }
    if isOld, batchCount == 0 { endSegment(at: now) }
    if time >= syncDue { synchronize(at: now) }
    if time >= mendDue { mend(at: now) }
  }

  /// When `tick(at:)` next has something to do, monotonic nanoseconds; `UInt64.max` for never.
  public var nextDeadline: UInt64 {
    guard isOpen, condition == .writing else { return retryDue }
    var next = min(min(flushDue, syncDue), min(gapDue, mendDue))
    if segment != nil {
      next = min(next, segmentBegan + settings.segmentAgeSeconds * 1_000_000_000)
    }
    return next
  }

  /// Writes and synchronizes everything; after it the storage may be taken away.
  public mutating func close(at now: RecordStamp) {
    guard isOpen else { return }
    tellLosses(at: now)
    retryDue = 0
    flush(at: now)
    synchronize(at: now)
    endSegment(at: now)
  }

  /// The last event worth a line in the program's own log, once.
  public mutating func takeNotice() -> JournalNotice? {
    defer { notice = nil }
    return notice
  }

  /// Describes the last thing the storage refused.
  public func describeFailure(into sink: inout some TextSink & ~Copyable) {
    lastFailure?.describe(into: &sink)
  }

  // MARK: Helpers

  /// Bytes of the batch only the journal's own records may use: eleven of at most 600.
  static var ownRecordsByteCount: Int { 6600 }

  var degradedReason: GapReason {
    if case .degraded(let reason) = condition { return reason }
    return .inputOutput
  }

  private func segmentAge(at time: UInt64) -> UInt64 {
    (max(time, segmentBegan) - segmentBegan) / 1_000_000_000
  }

  /// Counts records lost without a sequence number; they are told within a minute.
  private mutating func count(_ lost: UInt64, lostFor reason: GapReason, at now: RecordStamp) {
    statistics.droppedCount += lost
    gaps.add(lost, reason: reason, at: now)
    gapDue = min(gapDue, now.monotonicNanoseconds + 60_000_000_000)
  }
}
