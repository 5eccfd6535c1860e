import Text

// The batch into segments, and segments onto the device.
extension JournalWriter where Folder: ~Copyable {
  /// Writes the batch, unless the storage failed a moment ago.
  mutating func flush(at now: RecordStamp) {
    guard condition == .writing || now.monotonicNanoseconds >= retryDue else { return }
    flushDue = .max
    guard batchCount > 0 || condition != .writing else { return }
    do throws(Folder.Failure) {
      guard try makeRoom(at: now) else {
        degrade(.freeSpace, at: now)
        return
      }
      // The batch is whole lines, so a segment never ends inside one.
      try writeBatch(at: now)
      recover(at: now)
    } catch {
      note(error, at: now)
      return
    }
    // Now, with nothing waiting: should the synchronization fail, the record that tells of it comes
    // before all that is written from here on.
    if segmentByteCount >= settings.segmentByteCount { endSegment(at: now) }
  }

  private mutating func writeBatch(at now: RecordStamp) throws(Folder.Failure) {
    guard batchCount > 0 else { return }
    if segmentNeedsRepair { try repairSegment(at: now) }
    if segment == nil { try beginSegment(at: now) }
    var written = 0
    // From here until all is written the end of the file is unknown.
    segmentNeedsRepair = true
    while written < batchCount {
      let count = try folder.append(batch.span.extracting(written..<batchCount))
      written += count
      statistics.writtenByteCount += UInt64(count)
    }
    segmentNeedsRepair = false
    statistics.storedByteCount += Self.blocks(segmentByteCount + UInt64(batchCount))
    statistics.storedByteCount -= Self.blocks(segmentByteCount)
    segmentByteCount += UInt64(batchCount)
    segmentIsDirty = true
    lastWritten = batchLast
    statistics.recordCount += batchRecordCount
    batchCount = 0
    batchRecordCount = 0
  }

  /// Makes a segment for the batch.
  private mutating func beginSegment(at now: RecordStamp) throws(Folder.Failure) {
    let name = SegmentName(sequence: batchFirst)
    let text = name.text
    do throws(Folder.Failure) {
      try folder.openForAppending(text.bytes)
    } catch {
      // Somebody removed the folder; listing makes it again.
      guard error.journalReason == .missing else { throw error }
      try folder.beginListing()
      try folder.openForAppending(text.bytes)
    }
    segment = name
    segmentByteCount = 0
    segmentBegan = now.monotonicNanoseconds
    folderIsDirty = true
    // Something else of that name is not the journal's to continue.
    segmentNeedsRepair = true
    if try folder.byteCount(of: text.bytes) > 0 { try folder.truncateFile(to: 0) }
    segmentNeedsRepair = false
  }

  /// Cuts what a failed write left behind the last whole line.
  private mutating func repairSegment(at now: RecordStamp) throws(Folder.Failure) {
    guard let name = segment else {
      segmentNeedsRepair = false
      return
    }
    do throws(Folder.Failure) {
      try folder.truncateFile(to: segmentByteCount)
      segmentNeedsRepair = false
    } catch {
      guard error.journalReason == .inputOutput || error.journalReason == .missing else {
        throw error
      }
      lastFailure = error
      statistics.failureCount += 1
      // The file cannot be mended: its lines are kept aside, the batch goes into a new one.
      try abandon(name, at: now)
    }
  }

  private mutating func abandon(
    _ name: SegmentName, at now: RecordStamp
  ) throws(Folder.Failure) {
    folder.closeFile()
    let text = name.text
    do throws(Folder.Failure) {
      if segmentByteCount == 0 {
        try folder.remove(text.bytes)
      } else {
        let damaged = SegmentName(sequence: name.sequence, isDamaged: true).text
        try folder.rename(text.bytes, to: damaged.bytes)
        statistics.quarantinedSegmentCount += 1
      }
    } catch {
      // Still to be done when it is tried again, unless there is nothing to rename.
      guard error.journalReason == .missing else { throw error }
    }
    loseUnsynced(at: now)
    segment = nil
    segmentNeedsRepair = false
    segmentIsDirty = false
    folderIsDirty = true
  }

  /// Makes everything written durable.
  mutating func synchronize(at now: RecordStamp) {
    flush(at: now)
    guard condition == .writing, !segmentNeedsRepair else { return }
    syncDue = .max
    synchronizeStorage(at: now)
  }

  /// Ends the open segment; the next line begins another.
  mutating func endSegment(at now: RecordStamp) {
    guard segment != nil, !segmentNeedsRepair else { return }
    synchronizeStorage(at: now)
    folder.closeFile()
    segment = nil
  }

  private mutating func synchronizeStorage(at now: RecordStamp) {
    guard segmentIsDirty || folderIsDirty else { return }
    statistics.syncCount += 1
    budget.spendSync()
    do throws(Folder.Failure) {
      if segmentIsDirty { try folder.synchronizeFile() }
      if folderIsDirty { try folder.synchronizeFolder() }
      segmentIsDirty = false
      folderIsDirty = false
      statistics.syncedThrough = max(statistics.syncedThrough, lastWritten)
      if batchCount == 0 { toldRecovery = nil }
    } catch {
      // The kernel reports lost pages once and then calls them clean: a second call that succeeds
      // proves nothing. So the segment is not continued, and what it may lack is told.
      folder.closeFile()
      segment = nil
      segmentIsDirty = false
      folderIsDirty = true
      loseUnsynced(at: now)
      note(error, at: now)
      tellLosses(at: now)
    }
  }

  /// Counts records that were written and may not have reached the device.
  ///
  /// What was told to be in doubt after an earlier failure is told again: the record that told of it
  /// is in doubt itself now.
  private mutating func loseUnsynced(at now: RecordStamp) {
    let safe = statistics.syncedThrough
    guard lastWritten > max(safe, doubtedThrough) else { return }
    gaps.add(safe + 1...lastWritten, reason: .syncFailed, at: now)
    doubtedThrough = lastWritten
    if let told = toldRecovery {
      recovery = told
      toldRecovery = nil
    }
  }

  // MARK: Failures

  /// Takes note of something the storage refused.
  mutating func note(_ error: Folder.Failure, at now: RecordStamp) {
    statistics.failureCount += 1
    lastFailure = error
    degrade(GapReason(error.journalReason), at: now)
  }

  private mutating func degrade(_ reason: GapReason, at now: RecordStamp) {
    if condition == .writing { notice = .degraded(reason) }
    condition = .degraded(reason)
    retryDue = now.monotonicNanoseconds + settings.retryInterval
  }

  /// Everything waiting was written.
  private mutating func recover(at now: RecordStamp) {
    gaps.isLosing = false
    guard condition != .writing else { return }
    condition = .writing
    notice = .worksAgain
    tellLosses(at: now)
  }

  static func blocks(_ byteCount: UInt64) -> UInt64 { (byteCount + 4095) / 4096 * 4096 }
}
