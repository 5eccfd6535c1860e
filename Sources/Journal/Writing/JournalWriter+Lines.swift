import Checksum
import Text

// Lines into the batch.
extension JournalWriter where Folder: ~Copyable {
  /// Puts a line with its envelope into the batch, which has room for it.
  mutating func put(_ line: borrowing Span<UInt8>, at now: RecordStamp) {
    var end = line.count
    if end > 0, line[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    precondition(
      end > 2 && line[0] == UInt8(ascii: "{") && line[end - 1] == UInt8(ascii: "}"),
      "a line is a JSON object")
    let start = batchCount
    let sequence = statistics.nextSequence
    put("{\"seq\":")
    var number = TextBuffer<20>()
    number.append(sequence)
    put(number.bytes)
    put(",")
    put(line.extracting(1..<end - 1))
    var check = CRC32C()
    check.update(batch.span.extracting(start..<batchCount))
    put(",\"crc\":\"")
    var value = TextBuffer<8>()
    value.append(hexadecimal: UInt64(check.value), digits: 8)
    put(value.bytes)
    put("\"}\n")

    if batchRecordCount == 0 { batchFirst = sequence }
    batchLast = sequence
    batchRecordCount += 1
    statistics.nextSequence = sequence + 1
    budget.spend(batchCount - start)
    schedule(at: now)
  }

  private mutating func put(_ text: StaticString) {
    text.withUTF8Span { put($0) }
  }

  private mutating func put(_ bytes: borrowing Span<UInt8>) {
    for index in bytes.indices { batch[batchCount + index] = bytes[index] }
    batchCount += bytes.count
  }

  private mutating func schedule(at now: RecordStamp) {
    let time = now.monotonicNanoseconds
    flushDue = min(flushDue, time + settings.flushInterval)
    syncDue = min(syncDue, time + settings.syncInterval * budget.syncIntervalFactor)
  }

  // MARK: The journal's own records

  /// Puts what is waiting to be told into the batch, as far as there is room.
  mutating func tellLosses(at now: RecordStamp) {
    gapDue = .max
    if let found = recovery, hasRoomForOwnRecord {
      recovery = nil
      toldRecovery = found
      tell(found, at: now)
    }
    if let removed = eviction, hasRoomForOwnRecord {
      eviction = nil
      tell(removed, at: now)
    }
    for raw in 0..<UInt8(GapReason.count) {
      guard hasRoomForOwnRecord, let reason = GapReason(rawValue: raw), let gap = gaps.take(reason)
      else { continue }
      tell(gap, reason, at: now)
    }
  }

  private var hasRoomForOwnRecord: Bool { batch.count - batchCount >= 600 }

  private mutating func tell(_ found: PendingRecovery, at now: RecordStamp) {
    var line = JSONLine(TextBuffer<512>())
    line.begin(.recovery, at: now)
    line.field("last_seq", integer: found.lastSequence)
    line.field("cut_bytes", integer: found.cutByteCount)
    if let cut = found.cutSequences {
      line.field("cut_from", integer: cut.lowerBound)
      line.field("cut_to", integer: cut.upperBound)
    }
    if let skipped = found.skippedSequences {
      line.field("skipped_from", integer: skipped.lowerBound)
      line.field("skipped_to", integer: skipped.upperBound)
    }
    line.field("damaged", integer: found.damagedCount)
    line.field("unreadable", integer: found.unreadableCount)
    line.end()
    put(line.bytes, at: now)
  }

  private mutating func tell(_ removed: PendingEviction, at now: RecordStamp) {
    var line = JSONLine(TextBuffer<512>())
    line.begin(.eviction, at: now)
    line.field("reason", string: removed.reason.name)
    line.field("segments", integer: removed.segmentCount)
    line.field("bytes", integer: removed.byteCount)
    line.field("from", integer: removed.sequences.lowerBound)
    line.field("to", integer: removed.sequences.upperBound)
    line.end()
    put(line.bytes, at: now)
  }

  private mutating func tell(_ gap: GapTable.Gap, _ reason: GapReason, at now: RecordStamp) {
    var line = JSONLine(TextBuffer<512>())
    line.begin(.gap, at: now)
    line.field("reason", string: reason.name)
    line.field("count", integer: gap.count)
    if let sequences = gap.sequences {
      line.field("from", integer: sequences.lowerBound)
      line.field("to", integer: sequences.upperBound)
    }
    line.field("since", timestamp: Timestamp(nanosecondsSinceEpoch: gap.since))
    line.field("until", timestamp: Timestamp(nanosecondsSinceEpoch: gap.until))
    line.end()
    put(line.bytes, at: now)
  }
}
