import Text

/// Raw windows kept for retraining, the newest of them: one CSV file each, in the form recordings
/// have, so that they can be replayed.
///
/// A file is `window-N.csv`, N in twenty digits the sequence number of the record the window
/// belongs to, and a `window` record of the journal tells why it was kept. Count and bytes are
/// bounded; the oldest go first. A window is written under another name and renamed when whole. A
/// storage that refuses costs windows, counted in the journal's statistics, and nothing else.
public struct WindowRing<Folder: JournalFolder & ~Copyable>: ~Copyable {
  private var folder: Folder
  private let maximumCount: UInt64
  private let maximumByteCount: UInt64

  /// The record that came last, to which a window that begins belongs.
  var linkedSequence: UInt64?

  /// The window being written.
  private var sequence: UInt64?
  private var reason = WindowReason.requested
  private var rowCount = 0
  private var byteCount: UInt64 = 0
  private var isTorn = false
  private var buffer = InlineArray<8192, UInt8>(repeating: 0)
  private var buffered = 0

  /// Nil until the folder was read.
  private var storedCount: UInt64?
  private var storedByteCount: UInt64 = 0

  /// A ring over a folder of its own.
  ///
  /// - Parameters:
  ///   - maximumCount: Windows kept; 0 keeps none.
  ///   - maximumByteCount: Bytes they take together.
  public init(_ folder: consuming Folder, maximumCount: UInt64, maximumByteCount: UInt64) {
    self.folder = folder
    self.maximumCount = maximumCount
    self.maximumByteCount = maximumByteCount
  }

  // MARK: Writing

  /// Begins a window; `header` has its line feed.
  mutating func begin<Journal: JournalFolder & ~Copyable>(
    header: borrowing Span<UInt8>, reason: WindowReason, _ journal: inout JournalWriter<Journal>
  ) {
    if sequence != nil { giveUp(&journal) }
    guard maximumCount > 0 else { return }
    guard let linkedSequence, journal.canSpareBytes else {
      journal.statistics.droppedWindowCount += 1
      return
    }
    sequence = linkedSequence
    self.reason = reason
    rowCount = 0
    byteCount = 0
    buffered = 0
    isTorn = false
    do throws(Folder.Failure) {
      if storedCount == nil { try readFolder() }
      try folder.openForAppending(partialName.bytes)
      try folder.truncateFile(to: 0)
    } catch {
      isTorn = true
    }
    put(header)
  }

  /// Adds a row, line feed included.
  mutating func add(row: borrowing Span<UInt8>) {
    guard sequence != nil else { return }
    rowCount += 1
    put(row)
  }

  /// Ends the window: gives it its name, or throws it away when rows are missing.
  mutating func end<Journal: JournalFolder & ~Copyable>(
    rowCount expected: Int, _ journal: inout JournalWriter<Journal>, at now: RecordStamp
  ) {
    guard let number = sequence else { return }
    writeOut()
    guard !isTorn, rowCount == expected else {
      giveUp(&journal)
      return
    }
    let name = Self.name(of: number)
    do throws(Folder.Failure) {
      try folder.synchronizeFile()
      folder.closeFile()
      try makeRoom()
      try folder.rename(partialName.bytes, to: name.bytes)
    } catch {
      giveUp(&journal)
      return
    }
    sequence = nil
    storedCount = (storedCount ?? 0) + 1
    storedByteCount += byteCount
    journal.tellWindow(
      record: number, file: name, rowCount: rowCount, byteCount: byteCount, reason, at: now)
  }

  private mutating func put(_ bytes: borrowing Span<UInt8>) {
    if bytes.count > buffer.count - buffered { writeOut() }
    guard !isTorn, bytes.count <= buffer.count - buffered else {
      isTorn = true
      return
    }
    for index in bytes.indices { buffer[buffered + index] = bytes[index] }
    buffered += bytes.count
  }

  private mutating func writeOut() {
    guard !isTorn else { return }
    do throws(Folder.Failure) {
      var written = 0
      while written < buffered {
        written += try folder.append(buffer.span.extracting(written..<buffered))
      }
      byteCount += UInt64(buffered)
      buffered = 0
      isTorn = byteCount > maximumByteCount
    } catch {
      isTorn = true
    }
  }

  private mutating func giveUp<Journal: JournalFolder & ~Copyable>(
    _ journal: inout JournalWriter<Journal>
  ) {
    sequence = nil
    folder.closeFile()
    journal.statistics.droppedWindowCount += 1
    // If it cannot be removed now, the next window overwrites it.
    do throws(Folder.Failure) { try folder.remove(partialName.bytes) } catch {}
  }

  // MARK: Bounds

  private mutating func makeRoom() throws(Folder.Failure) {
    while let count = storedCount, count > 0,
      count >= maximumCount || storedByteCount + byteCount > maximumByteCount
    {
      guard let oldest = try oldestWindow() else {
        storedCount = 0
        storedByteCount = 0
        return
      }
      let name = Self.name(of: oldest)
      let size = try folder.byteCount(of: name.bytes)
      try folder.remove(name.bytes)
      storedCount = count - 1
      storedByteCount -= min(size, storedByteCount)
    }
  }

  private mutating func readFolder() throws(Folder.Failure) {
    var count: UInt64 = 0
    var bytes: UInt64 = 0
    var name = TextBuffer<64>()
    try folder.beginListing()
    while try folder.nextEntry(&name) {
      guard Self.number(in: name.bytes) != nil else { continue }
      count += 1
      bytes += try folder.byteCount(of: name.bytes)
    }
    storedCount = count
    storedByteCount = bytes
  }

  private mutating func oldestWindow() throws(Folder.Failure) -> UInt64? {
    var oldest: UInt64?
    var name = TextBuffer<64>()
    try folder.beginListing()
    while try folder.nextEntry(&name) {
      guard let number = Self.number(in: name.bytes) else { continue }
      oldest = min(oldest ?? number, number)
    }
    return oldest
  }

  // MARK: Names

  private var partialName: TextBuffer<64> {
    var name = TextBuffer<64>()
    name.append("window.part")
    return name
  }

  private static func name(of number: UInt64) -> TextBuffer<64> {
    var name = TextBuffer<64>()
    name.append("window-")
    name.append(number, zeroFilledTo: 20)
    name.append(".csv")
    return name
  }

  private static func number(in name: borrowing Span<UInt8>) -> UInt64? {
    guard name.count == 31, name.starts(with: "window-"), name.extracting(27..<31).equals(".csv")
    else { return nil }
    return name.extracting(7..<27).zeroFilledNumber
  }
}

extension JournalWriter where Folder: ~Copyable {
  /// Whether the write budget has something left for raw windows.
  var canSpareBytes: Bool { budget.allows(8192, .low) }

  /// Records that a raw window was kept.
  mutating func tellWindow(
    record: UInt64, file: TextBuffer<64>, rowCount: Int, byteCount: UInt64, _ reason: WindowReason,
    at now: RecordStamp
  ) {
    statistics.windowCount += 1
    statistics.writtenByteCount += byteCount
    budget.spend(Int(clamping: byteCount))
    budget.spendSync()
    var line = JSONLine(TextBuffer<512>())
    line.begin(.window, at: now)
    line.field("prediction", integer: record)
    line.field("file", string: file.bytes)
    line.field("reason", string: reason.name)
    line.field("rows", integer: rowCount)
    line.field("bytes", integer: byteCount)
    line.end()
    // The file is there: its record is not left out.
    append(line.bytes, kind: .window, priority: .high, at: now)
  }
}
