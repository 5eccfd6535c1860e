import Text

/// Reads a CSV file record by record in memory fixed beforehand.
///
/// The dialect is RFC 4180: cells separated by commas, records by CRLF or LF, cells optionally in
/// quotation marks with those inside doubled, line ends allowed within. Every record has as many
/// cells as the first, the header. A byte order mark at the start and blank lines at the end are
/// skipped.
///
/// The reader holds the record it is at and a part of what follows, 16 KiB in place: keep it in
/// one place and pass it by reference.
public struct CSVReader<Source: ByteSource & ~Copyable>: ~Copyable {
  /// The longest record in bytes, its line end included.
  public static var maximumRecordByteCount: Int { 16_384 }

  /// The most cells in a record.
  public static var maximumColumnCount: Int { 128 }

  private var source: Source
  private var storage = InlineArray<16_384, UInt8>(repeating: 0)
  /// The bytes read and not yet used are `storage[unread..<filled]`.
  private var unread = 0
  private var filled = 0
  private var sourceHasEnded = false

  private var cells = CellTable()
  private var headerColumnCount = 0
  /// The line `unread` begins on.
  private var nextLine = 1

  /// The line the current record begins on, from 1.
  public private(set) var line = 0

  /// A reader before the first record.
  public init(_ source: consuming Source) {
    self.source = source
  }

  /// Cells in the current record.
  public var columnCount: Int { cells.count }

  /// One cell of the current record, without quotation marks.
  ///
  /// - Parameter column: 0 through `columnCount` − 1.
  @_lifetime(borrow self) @_addressableSelf
  public borrowing func cell(_ column: Int) -> Span<UInt8> {
    let cell = cells[column]
    return storage.span.extracting(cell.start..<cell.end)
  }

  /// Goes to the next record; the first is the header.
  ///
  /// - Returns: `false` at the end of the file.
  /// - Throws: What the source throws, or a `CSVError`. Nothing can be read after an error.
  public mutating func nextRecord() throws(CSVReadError<Source.Failure>) -> Bool {
    if nextLine == 1 { try skipByteOrderMark() }
    var blankLine: Int?
    while let extent = try findRecord() {
      line = nextLine
      let content = extent.contentStart..<extent.contentEnd
      unread = extent.next
      nextLine += extent.lineFeedCount
      guard !content.isEmpty else {
        if blankLine == nil { blankLine = line }
        continue
      }
      if let blankLine { throw .content(CSVError(.blankLine, line: blankLine)) }
      try splitCells(content)
      return true
    }
    cells.removeAll()
    guard headerColumnCount > 0 else { throw .content(CSVError(.noHeader, line: 1)) }
    return false
  }

  /// The number in one cell of the current record, correctly rounded.
  ///
  /// - Parameter column: 0 through `columnCount` − 1.
  /// - Throws: `CSVError` for an empty cell, text, NaN, infinities and numbers beyond a double.
  public func number(_ column: Int) throws(CSVError) -> Double {
    let text = cell(column)
    let kind: CSVError.Kind
    switch DecimalNumber(parsing: text) {
    case .finite(let value): return value
    case .empty: kind = .emptyCell
    case .notFinite: kind = .notFinite
    case .outOfRange: kind = .numberOutOfRange
    case .notANumber: kind = .notANumber
    }
    throw CSVError(kind, line: line, column: column + 1, excerpt: TextBuffer(text))
  }

  // MARK: Finding records

  private struct RecordExtent {
    /// The record without its line end.
    var contentStart: Int
    var contentEnd: Int
    /// Where the next record begins.
    var next: Int
    var lineFeedCount: Int
  }

  /// Looks for the end of the record that begins at `unread`, reading more as needed; `nil` at the
  /// end of the file.
  private mutating func findRecord() throws(CSVReadError<Source.Failure>) -> RecordExtent? {
    // Relative to `unread`, which moves when the buffer is refilled.
    var scanned = 0
    var isQuoted = false
    var lineFeedCount = 0
    while true {
      while unread + scanned < filled {
        let byte = storage[unread + scanned]
        scanned += 1
        if byte == UInt8(ascii: "\"") {
          // A doubled mark inside a cell switches twice.
          isQuoted.toggle()
        } else if byte == UInt8(ascii: "\n") {
          lineFeedCount += 1
          if !isQuoted { return extent(ofByteCount: scanned, lineFeedCount: lineFeedCount) }
        }
      }
      guard try readMore() else { break }
    }
    guard scanned > 0 else { return nil }
    guard !isQuoted else { throw .content(CSVError(.unterminatedQuote, line: nextLine)) }
    return extent(ofByteCount: scanned, lineFeedCount: lineFeedCount)
  }

  private func extent(ofByteCount byteCount: Int, lineFeedCount: Int) -> RecordExtent {
    let next = unread + byteCount
    var end = next
    if end > unread, storage[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > unread, storage[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return RecordExtent(
      contentStart: unread, contentEnd: end, next: next, lineFeedCount: lineFeedCount)
  }

  /// Reads once more behind the bytes not yet used; `false` at the end of the file.
  private mutating func readMore() throws(CSVReadError<Source.Failure>) -> Bool {
    guard !sourceHasEnded else { return false }
    if unread > 0 {
      for index in unread..<filled { storage[index - unread] = storage[index] }
      filled -= unread
      unread = 0
    }
    guard filled < storage.count else {
      let kind = CSVError.Kind.recordTooLong(limit: Self.maximumRecordByteCount)
      throw .content(CSVError(kind, line: nextLine))
    }
    let count: Int
    do throws(Source.Failure) {
      var buffer = storage.mutableSpan
      count = try source.read(into: &buffer, at: filled)
    } catch {
      throw .source(error)
    }
    filled += count
    sourceHasEnded = count == 0
    return count > 0
  }

  private mutating func skipByteOrderMark() throws(CSVReadError<Source.Failure>) {
    while filled - unread < 3 {
      guard try readMore() else { return }
    }
    if storage[unread] == 0xEF, storage[unread + 1] == 0xBB, storage[unread + 2] == 0xBF {
      unread += 3
    }
  }

  // MARK: Splitting records

  private mutating func splitCells(
    _ content: Range<Int>
  ) throws(CSVReadError<Source.Failure>) {
    do throws(CSVError) {
      cells.removeAll()
      var position = content.lowerBound
      repeat {
        position = try takeCell(from: position, to: content.upperBound)
      } while position <= content.upperBound
      if headerColumnCount == 0 { headerColumnCount = cells.count }
      guard cells.count == headerColumnCount else {
        throw CSVError(.cellCount(expected: headerColumnCount, found: cells.count), line: line)
      }
    } catch {
      throw .content(error)
    }
  }

  /// Takes one cell, quotation marks removed in place.
  ///
  /// - Returns: Where the next cell begins: behind the comma, or behind `end` after the last one.
  private mutating func takeCell(from start: Int, to end: Int) throws(CSVError) -> Int {
    let column = cells.count + 1
    let isQuoted = start < end && storage[start] == UInt8(ascii: "\"")
    var position = isQuoted ? start + 1 : start
    var written = position
    var isOpen = isQuoted
    while position < end {
      let byte = storage[position]
      if byte == UInt8(ascii: "\"") {
        guard isQuoted else { throw CSVError(.strayQuote, line: line, column: column) }
        let isDoubled =
          isOpen && position + 1 < end && storage[position + 1] == UInt8(ascii: "\"")
        guard isDoubled else {
          guard isOpen else { throw CSVError(.textAfterQuote, line: line, column: column) }
          isOpen = false
          position += 1
          continue
        }
        position += 1
      } else if !isOpen {
        if byte == UInt8(ascii: ",") { break }
        guard !isQuoted else { throw CSVError(.textAfterQuote, line: line, column: column) }
      }
      storage[written] = byte
      written += 1
      position += 1
    }
    guard cells.append(start: isQuoted ? start + 1 : start, end: written) else {
      throw CSVError(.tooManyColumns(limit: Self.maximumColumnCount), line: line)
    }
    return position + 1
  }
}

/// Why a record could not be read: the source failed, or the content is no CSV.
public enum CSVReadError<Failure: Error>: Error {
  case source(Failure)
  case content(CSVError)
}

/// Where the cells of a record are in the reader's storage.
private struct CellTable {
  private var starts = InlineArray<128, UInt16>(repeating: 0)
  private var ends = InlineArray<128, UInt16>(repeating: 0)
  private(set) var count = 0

  subscript(column: Int) -> (start: Int, end: Int) {
    precondition(column < count, "a column the record has")
    return (Int(starts[column]), Int(ends[column]))
  }

  mutating func append(start: Int, end: Int) -> Bool {
    guard count < starts.count else { return false }
    starts[count] = UInt16(start)
    ends[count] = UInt16(end)
    count += 1
    return true
  }

  mutating func removeAll() { count = 0 }
}
