import Text

/// Walks over the records of one segment and over what is damaged between them, in fixed memory.
///
/// It holds 16 KiB in place and the position: keep it in one place.
struct SegmentScanner: ~Copyable {
  /// What a step found.
  enum Step: Equatable {
    /// An intact record; `line` has it.
    case record(sequence: UInt64)
    /// Bytes that are no intact record, up to a line end or the end of the file.
    case damage(offset: UInt64, byteCount: UInt64, claimedSequence: UInt64?)
    case end
  }

  private var storage = InlineArray<16_384, UInt8>(repeating: 0)
  /// Bytes read and not yet used are `storage[unread..<filled]`.
  private var unread = 0
  private var filled = 0
  private var hasEnded = false
  private var lineRange = 0..<0

  /// Where in the file the bytes not yet used begin.
  private(set) var offset: UInt64 = 0

  init() {}

  /// The record of the last step, without its line feed.
  var line: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { storage.span.extracting(lineRange) }
  }

  /// Goes back to the beginning, maybe of another segment.
  mutating func restart() {
    unread = 0
    filled = 0
    hasEnded = false
    offset = 0
  }

  /// The next record or damaged stretch.
  mutating func next<Folder: JournalFolder & ~Copyable>(
    in folder: inout Folder, _ name: borrowing Span<UInt8>
  ) throws(Folder.Failure) -> Step {
    lineRange = 0..<0
    let start = offset
    guard let end = try findLineEnd(in: &folder, name) else {
      // Longer than any record, or the file ends without a line feed.
      guard filled > unread else { return .end }
      let claimed = RecordEnvelope.claimedSequence(of: storage.span.extracting(unread..<filled))
      try skipLine(in: &folder, name)
      return .damage(offset: start, byteCount: offset - start, claimedSequence: claimed)
    }
    if let sequence = RecordEnvelope.sequence(
      ofIntact: storage.span.extracting(unread..<end))
    {
      lineRange = unread..<end
      consume(end + 1 - unread)
      return .record(sequence: sequence)
    }
    let claimed = RecordEnvelope.claimedSequence(of: storage.span.extracting(unread..<end))
    let damaged = storage.span.extracting(unread..<end).intactRecordStart ?? (end + 1 - unread)
    consume(damaged)
    return .damage(offset: start, byteCount: offset - start, claimedSequence: claimed)
  }

  private mutating func consume(_ count: Int) {
    unread += count
    offset += UInt64(count)
  }

  /// The position of the next line feed, reading more as needed; nil when the file ends before, or
  /// the buffer is full.
  private mutating func findLineEnd<Folder: JournalFolder & ~Copyable>(
    in folder: inout Folder, _ name: borrowing Span<UInt8>
  ) throws(Folder.Failure) -> Int? {
    var scanned = unread
    while true {
      while scanned < filled {
        if storage[scanned] == UInt8(ascii: "\n") { return scanned }
        scanned += 1
      }
      scanned -= unread
      guard try readMore(in: &folder, name) else { return nil }
      scanned += unread
    }
  }

  /// Drops bytes up to and with the next line feed or to the end of the file.
  private mutating func skipLine<Folder: JournalFolder & ~Copyable>(
    in folder: inout Folder, _ name: borrowing Span<UInt8>
  ) throws(Folder.Failure) {
    repeat {
      while unread < filled {
        let byte = storage[unread]
        consume(1)
        if byte == UInt8(ascii: "\n") { return }
      }
    } while try readMore(in: &folder, name)
  }

  /// Reads once more behind the bytes not yet used; `false` when there is no room or no more.
  private mutating func readMore<Folder: JournalFolder & ~Copyable>(
    in folder: inout Folder, _ name: borrowing Span<UInt8>
  ) throws(Folder.Failure) -> Bool {
    guard !hasEnded else { return false }
    if unread > 0 {
      for index in unread..<filled { storage[index - unread] = storage[index] }
      filled -= unread
      unread = 0
    }
    guard filled < storage.count else { return false }
    var all = storage.mutableSpan
    var free = all._mutatingExtracting(filled..<all.count)
    let count = try folder.read(name, at: offset + UInt64(filled), into: &free)
    filled += count
    hasEnded = count == 0
    return count > 0
  }
}

extension Span where Element == UInt8 {
  /// Where in a damaged line an intact record begins: a torn line runs into the next one.
  fileprivate var intactRecordStart: Int? {
    var index = 1
    while index + RecordEnvelope.prefixByteCount < count {
      if self[index] == UInt8(ascii: "{"),
        RecordEnvelope.sequence(ofIntact: extracting(index..<count)) != nil
      {
        return index
      }
      index += 1
    }
    return nil
  }
}
