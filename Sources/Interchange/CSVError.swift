import Text

/// What is wrong in a CSV file, and where.
public struct CSVError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Kind: Equatable, Sendable {
    /// The file has no line at all, so no header.
    case noHeader
    /// A record longer than the reader's buffer.
    case recordTooLong(limit: Int)
    case tooManyColumns(limit: Int)
    /// A record with more or fewer cells than the header.
    case cellCount(expected: Int, found: Int)
    /// An empty line with others after it.
    case blankLine
    /// A quotation mark inside a cell that does not begin with one.
    case strayQuote
    /// Text between a closing quotation mark and the comma.
    case textAfterQuote
    /// The file ends inside a quoted cell.
    case unterminatedQuote
    /// A cell with nothing in it where a number is needed.
    case emptyCell
    /// NaN or an infinity where a number is needed.
    case notFinite
    case notANumber
    /// A number too large for a double.
    case numberOutOfRange
  }

  /// What is wrong.
  public let kind: Kind

  /// The line the record begins on, from 1.
  public let line: Int

  /// The cell within the record, from 1; 0 where the record as a whole is meant.
  public let column: Int

  /// The beginning of the cell's text; empty where it does not matter.
  public let excerpt: TextBuffer<32>

  init(_ kind: Kind, line: Int, column: Int = 0) {
    self.init(kind, line: line, column: column, excerpt: TextBuffer())
  }

  init(_ kind: Kind, line: Int, column: Int, excerpt: TextBuffer<32>) {
    self.kind = kind
    self.line = line
    self.column = column
    self.excerpt = excerpt
  }
}

extension CSVError {
  /// Appends place, what is wrong and what to try:
  /// `line 12, column 3: "abc" is not a number; write a number there or remove the line`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("line ")
    sink.append(line)
    if column > 0 {
      sink.append(", column ")
      sink.append(column)
    }
    sink.append(": ")
    describeKind(into: &sink)
    sink.append("; ")
    sink.append(advice)
  }

  private func describeKind(into sink: inout some TextSink & ~Copyable) {
    switch kind {
    case .noHeader:
      sink.append("there is no header")
    case .recordTooLong(let limit):
      sink.append("longer than ")
      sink.append(limit)
      sink.append(" bytes")
    case .tooManyColumns(let limit):
      sink.append("more than ")
      sink.append(limit)
      sink.append(" columns")
    case .cellCount(let expected, let found):
      sink.append(found)
      sink.append(found == 1 ? " cell where the header has " : " cells where the header has ")
      sink.append(expected)
    case .blankLine:
      sink.append("the line is blank and others follow")
    case .strayQuote:
      sink.append("a quotation mark inside a cell that does not begin with one")
    case .textAfterQuote:
      sink.append("text after a closing quotation mark")
    case .unterminatedQuote:
      sink.append("the file ends inside a quoted cell")
    case .emptyCell:
      sink.append("the cell is empty")
    case .notFinite:
      appendExcerpt(to: &sink)
      sink.append(" is not a finite number")
    case .notANumber:
      appendExcerpt(to: &sink)
      sink.append(" is not a number")
    case .numberOutOfRange:
      appendExcerpt(to: &sink)
      sink.append(" is too large for a number")
    }
  }

  private func appendExcerpt(to sink: inout some TextSink & ~Copyable) {
    sink.append("\"")
    sink.append(visible: excerpt.bytes)
    sink.append(excerpt.overflowed ? "…\"" : "\"")
  }

  private var advice: StaticString {
    switch kind {
    case .noHeader: "begin the file with a line of column names"
    case .recordTooLong, .unterminatedQuote: "is a closing quotation mark or a line end missing?"
    case .tooManyColumns: "keep the columns that are needed"
    case .cellCount: "is a cell missing, or a comma too many?"
    case .blankLine: "remove it"
    case .strayQuote, .textAfterQuote:
      "put the whole cell in quotation marks and double those inside"
    case .emptyCell, .notFinite, .notANumber, .numberOutOfRange:
      "write a number there (such as -0.25 or 1.5e-3) or remove the line"
    }
  }
}

#if !hasFeature(Embedded)
  extension CSVError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
