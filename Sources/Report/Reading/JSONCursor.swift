/// One member of an object, as places in the line it stands in.
struct JSONMember {
  /// The name without its quotation marks, escapes as they are.
  let key: Range<Int>
  /// The value as written, with quotation marks or brackets.
  let value: Range<Int>
}

/// Walks over the members of an object, or the elements of an array, in a line of JSON.
///
/// Nothing is decoded or copied: a million records are read this way. Lines that are no JSON end
/// the walk early and never reach outside the line.
struct JSONCursor {
  private var index: Int
  private let end: Int

  /// At the first member of the object, or element of the array, that `range` of a line is.
  init(_ range: Range<Int>) {
    index = range.lowerBound + 1
    end = max(range.upperBound - 1, range.lowerBound + 1)
  }

  /// The next member; nil after the last.
  mutating func nextMember(_ line: borrowing Span<UInt8>) -> JSONMember? {
    guard let key = nextElement(line), line.isString(key), index < end,
      line[index] == UInt8(ascii: ":")
    else { return nil }
    index += 1
    guard let value = nextElement(line) else { return nil }
    return JSONMember(key: key.lowerBound + 1..<key.upperBound - 1, value: value)
  }

  /// The next element; nil after the last. A comma behind it is passed, a colon is not.
  mutating func nextElement(_ line: borrowing Span<UInt8>) -> Range<Int>? {
    guard index < end else { return nil }
    let start = index
    switch line[index] {
    case UInt8(ascii: "\""): skipString(line)
    case UInt8(ascii: "{"), UInt8(ascii: "["): skipStructure(line)
    default:
      while index < end, line[index] != UInt8(ascii: ","), line[index] != UInt8(ascii: ":") {
        index += 1
      }
    }
    guard index > start, index <= end else {
      index = end
      return nil
    }
    let value = start..<index
    if index < end, line[index] == UInt8(ascii: ",") { index += 1 }
    return value
  }

  private mutating func skipString(_ line: borrowing Span<UInt8>) {
    index += 1
    while index < end {
      let byte = line[index]
      if byte == UInt8(ascii: "\\") {
        index += 2
      } else {
        index += 1
        if byte == UInt8(ascii: "\"") { return }
      }
    }
    index = end + 1
  }

  private mutating func skipStructure(_ line: borrowing Span<UInt8>) {
    var depth = 0
    while index < end {
      switch line[index] {
      case UInt8(ascii: "\""):
        skipString(line)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 {
          index += 1
          return
        }
      default: break
      }
      index += 1
    }
    index = end + 1
  }
}
