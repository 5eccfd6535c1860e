import Text

/// The header of a CSV column: `name` or `name (unit)`, spaces around both ignored.
///
/// Only the last parentheses hold a unit, and only at the end, so names may have some of their own.
public struct ColumnTitle: ~Escapable {
  /// What is measured.
  public let name: Span<UInt8>

  /// The unit without parentheses; empty when none is given.
  public let unit: Span<UInt8>

  /// Takes a header cell apart.
  @_lifetime(copy cell)
  public init(_ cell: Span<UInt8>) {
    let title = Self.trimmed(cell)
    var open = title.count
    if title.count > 0, title[title.count - 1] == UInt8(ascii: ")") {
      open -= 1
      while open > 0, title[open] != UInt8(ascii: "(") { open -= 1 }
    }
    // A cell that is nothing but parentheses is a name.
    guard open > 0, open < title.count else {
      name = title
      unit = title.extracting(first: 0)
      return
    }
    name = Self.trimmed(title.extracting(first: open))
    unit = Self.trimmed(title.extracting(open + 1..<title.count - 1))
  }

  @_lifetime(copy text)
  private static func trimmed(_ text: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = text.count
    while start < end, text[start] == UInt8(ascii: " ") { start += 1 }
    while start < end, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return text.extracting(start..<end)
  }
}
