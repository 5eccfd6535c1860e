extension RecordQueue {
  /// Gives everything that waits to the journal, and counts what did not fit.
  ///
  /// For the consumer's thread; records that come while it runs may wait for the next call.
  public borrowing func drain<Folder: JournalFolder & ~Copyable>(
    into journal: inout JournalWriter<Folder>, windows: inout WindowRing<Folder>,
    at now: RecordStamp
  ) {
    var payload = FramePayload()
    // At most as many frames as one filling of the queue, so that a fast producer does not keep the
    // consumer from synchronizing.
    var rest = 65_536
    while rest > 0, let head = pop(&payload) {
      rest -= 1
      switch head.type {
      case .record:
        guard let kind = RecordKind(rawValue: head.first) else { continue }
        windows.linkedSequence = journal.append(
          payload.bytes, kind: kind, priority: RecordPriority(rawValue: head.second), at: now)
      case .windowStart:
        windows.begin(
          header: payload.bytes, reason: WindowReason(rawValue: head.first) ?? .requested,
          &journal)
      case .windowRow:
        windows.add(row: payload.bytes)
      case .windowEnd:
        windows.end(rowCount: Int(head.first) | Int(head.second) << 8, &journal, at: now)
      }
    }
    journal.noteDropped(UInt64(takeDroppedCount()), at: now)
  }
}
