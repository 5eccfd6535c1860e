import Text

extension TextSink where Self: ~Copyable {
  /// Appends bytes as the inside of a JSON string (RFC 8259, section 7).
  ///
  /// Quotation marks, backslashes and control characters are escaped; each maximal piece that is
  /// not UTF-8 becomes one U+FFFD, as the Unicode standard recommends (section 3.9).
  public mutating func append(escapedForJSON utf8: borrowing Span<UInt8>) {
    var index = 0
    while index < utf8.count {
      let length = utf8.plainRunLength(from: index)
      if length > 0 {
        append(utf8.extracting(index..<index + length))
        index += length
        continue
      }
      let byte = utf8[index]
      if byte < 0x80 {
        append(escapeFor: byte)
        index += 1
      } else {
        append("\u{FFFD}")
        index += utf8.scalar(at: index).byteCount
      }
    }
  }

  private mutating func append(escapeFor byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append("\\u")
      append(hexadecimal: UInt64(byte), digits: 4)
    }
  }
}

extension Span where Element == UInt8 {
  /// How many bytes from `start` on stand for themselves in a JSON string.
  fileprivate func plainRunLength(from start: Int) -> Int {
    var index = start
    while index < count {
      let byte = self[index]
      if byte < 0x80 {
        guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
        index += 1
      } else {
        let scalar = scalar(at: index)
        guard scalar.isValid else { break }
        index += scalar.byteCount
      }
    }
    return index - start
  }

  /// The scalar, or the maximal piece of a broken one, that begins with the non-ASCII byte at
  /// `index` (Unicode standard, table 3-7).
  fileprivate func scalar(at index: Int) -> (byteCount: Int, isValid: Bool) {
    let continuations: Int
    // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
    var allowed: ClosedRange<UInt8> = 0x80...0xBF
    switch self[index] {
    case 0xC2...0xDF: continuations = 1
    case 0xE0: (continuations, allowed) = (2, 0xA0...0xBF)
    case 0xED: (continuations, allowed) = (2, 0x80...0x9F)
    case 0xE1...0xEF: continuations = 2
    case 0xF0: (continuations, allowed) = (3, 0x90...0xBF)
    case 0xF4: (continuations, allowed) = (3, 0x80...0x8F)
    case 0xF1...0xF3: continuations = 3
    default: return (1, false)
    }
    for offset in 1...continuations {
      guard index + offset < count, allowed.contains(self[index + offset]) else {
        return (offset, false)
      }
      allowed = 0x80...0xBF
    }
    return (continuations + 1, true)
  }
}
