import Text

// What an earlier run left.
extension JournalWriter where Folder: ~Copyable {
  /// Reads the newest segments, finds the next sequence number, tells what is torn or damaged, and
  /// only when that is safely written cuts torn ends and puts damaged segments aside.
  ///
  /// When the folder cannot be used the journal is degraded, and `tick(at:)` tries again.
  public mutating func open(at now: RecordStamp) {
    guard !isOpen else { return }
    var found = PendingRecovery()
    do throws(Folder.Failure) {
      try measureFolder()
      try readSegments(&found)
    } catch {
      note(error, at: now)
      return
    }
    isOpen = true
    condition = .writing
    folderIsDirty = true
    mendBelow = statistics.nextSequence
    // A new folder has nothing to tell.
    if statistics.nextSequence > 1 {
      recovery = found
      notice = .recovered(
        lastSequence: found.lastSequence, cutByteCount: found.cutByteCount,
        damagedSegmentCount: found.damagedCount + found.unreadableCount)
    }
    tellLosses(at: now)
    if found.needsMending {
      mendDue = 0
      mend(at: now)
    }
  }

  // MARK: Looking

  private mutating func readSegments(_ found: inout PendingRecovery) throws(Folder.Failure) {
    var highest: UInt64 = 0
    var highestPossible: UInt64 = 0
    var scanned: UInt64 = 0
    var isNewest = true
    var bound: SegmentName?
    while scanned < settings.recoveryScanByteCount || found.lastSequence == 0 {
      guard let name = try newestSegment(before: bound) else { break }
      bound = name
      let text = name.text
      let byteCount = try folder.byteCount(of: text.bytes)
      scanned += byteCount
      guard let check = try readSegment(name) else {
        // No record is shorter than 64 bytes, so numbers beyond these were never given.
        highestPossible = max(highestPossible, name.sequence + byteCount / 64 + 1)
        if !name.isDamaged { found.unreadableCount += 1 }
        continue
      }
      // A number that was seen, be it in a torn line or a file name, is not given again.
      let last = check.lastSequence ?? 0
      highest = max(max(highest, last), max(check.claimedSequence ?? 0, name.sequence))
      found.lastSequence = max(found.lastSequence, last)
      guard !name.isDamaged else { continue }
      found.add(check, name)
      if isNewest {
        // A program that was killed may have left records that only the kernel has.
        try folder.openForAppending(text.bytes)
        try folder.synchronizeFile()
        folder.closeFile()
      }
      isNewest = false
    }
    if let cut = found.cutSequences, cut.upperBound > found.lastSequence {
      // What lies between the last intact record and the torn one went the same way.
      found.cutSequences = min(cut.lowerBound, found.lastSequence + 1)...cut.upperBound
    }
    if highestPossible > highest {
      found.skippedSequences = highest + 1...highestPossible
      highest = highestPossible
    }
    statistics.nextSequence = max(statistics.nextSequence, highest + 1)
    lastWritten = found.lastSequence
    doubtedThrough = lastWritten
    statistics.syncedThrough = lastWritten
  }

  /// What a segment holds; nil when the storage does not give it.
  private mutating func readSegment(_ name: SegmentName) throws(Folder.Failure) -> SegmentCheck? {
    do throws(Folder.Failure) {
      return try SegmentCheck.of(name, in: &folder, with: &scanner)
    } catch {
      guard error.journalReason == .inputOutput || error.journalReason == .notPermitted else {
        throw error
      }
      lastFailure = error
      statistics.failureCount += 1
      return nil
    }
  }

  // MARK: Mending

  /// Mends what was found, once the record that tells of it is on the device: should the power go
  /// before, the next start finds and tells the same again.
  mutating func mend(at now: RecordStamp) {
    guard now.monotonicNanoseconds >= mendDue else { return }
    mendDue = now.monotonicNanoseconds + settings.retryInterval
    synchronize(at: now)
    guard condition == .writing, recovery == nil, toldRecovery == nil else { return }
    guard batchCount == 0, !segmentIsDirty else { return }
    // Only one file is open at a time.
    endSegment(at: now)
    do throws(Folder.Failure) {
      try mendSegments()
      mendDue = .max
    } catch {
      statistics.failureCount += 1
      lastFailure = error
      // Writing goes on all the same, and a torn end does no harm.
      mendAttempts += 1
      if mendAttempts == 3 { mendDue = .max }
    }
  }

  private mutating func mendSegments() throws(Folder.Failure) {
    var scanned: UInt64 = 0
    var bound: SegmentName? = SegmentName(sequence: mendBelow, isDamaged: true)
    while scanned < settings.recoveryScanByteCount, let name = try newestSegment(before: bound) {
      bound = name
      let text = name.text
      scanned += try folder.byteCount(of: text.bytes)
      guard !name.isDamaged else { continue }
      guard let check = try readSegment(name), !check.isDamagedInside else {
        let damaged = SegmentName(sequence: name.sequence, isDamaged: true).text
        try folder.rename(text.bytes, to: damaged.bytes)
        folderIsDirty = true
        statistics.quarantinedSegmentCount += 1
        continue
      }
      let cut = check.byteCount - check.intactEnd
      if check.intactEnd == 0 {
        try folder.remove(text.bytes)
        folderIsDirty = true
      } else if cut > 0 {
        try folder.openForAppending(text.bytes)
        try folder.truncateFile(to: check.intactEnd)
        try folder.synchronizeFile()
        folder.closeFile()
      }
      statistics.cutByteCount += cut
      let freed = Self.blocks(check.byteCount) - Self.blocks(check.intactEnd)
      statistics.storedByteCount -= min(freed, statistics.storedByteCount)
    }
  }

  /// Adds up what the segments take.
  private mutating func measureFolder() throws(Folder.Failure) {
    statistics.storedByteCount = 0
    var text = TextBuffer<64>()
    try folder.beginListing()
    while try folder.nextEntry(&text) {
      guard SegmentName(text.bytes) != nil else { continue }
      statistics.storedByteCount += Self.blocks(try folder.byteCount(of: text.bytes))
    }
  }

  private mutating func newestSegment(
    before bound: SegmentName?
  ) throws(Folder.Failure) -> SegmentName? {
    var newest: SegmentName?
    var text = TextBuffer<64>()
    try folder.beginListing()
    while try folder.nextEntry(&text) {
      guard let name = SegmentName(text.bytes) else { continue }
      if let bound, !(name < bound) { continue }
      if let known = newest, name < known { continue }
      newest = name
    }
    return newest
  }
}
