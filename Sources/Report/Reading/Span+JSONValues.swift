import Journal

// Values of a line of JSON by their place in it.
extension Span where Element == UInt8 {
  /// Whether the value at `range` is a string.
  func isString(_ range: Range<Int>) -> Bool {
    range.count >= 2 && self[range.lowerBound] == UInt8(ascii: "\"")
  }

  /// Whether the bytes at `range` are `text`.
  func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      for offset in 0..<expected.count where self[range.lowerBound + offset] != expected[offset] {
        return false
      }
      return true
    }
  }

  /// Whether the bytes at `range` are `bytes`.
  func matches(_ range: Range<Int>, bytes: [UInt8]) -> Bool {
    guard range.count == bytes.count else { return false }
    for offset in 0..<bytes.count where self[range.lowerBound + offset] != bytes[offset] {
      return false
    }
    return true
  }

  /// Whether the value is `true`.
  func isTrue(_ range: Range<Int>) -> Bool { matches(range, "true") }

  /// A number without sign, point and exponent.
  func unsigned(_ range: Range<Int>) -> UInt64? {
    guard !range.isEmpty, range.count <= 20 else { return nil }
    var value: UInt64 = 0
    for index in range {
      let digit = self[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let product = value.multipliedReportingOverflow(by: 10)
      let sum = product.partialValue.addingReportingOverflow(UInt64(digit))
      guard !product.overflow, !sum.overflow else { return nil }
      value = sum.partialValue
    }
    return value
  }

  /// A number; nil for anything else, `null` included, and for what no sensor measures: beyond
  /// 10¹⁵ sums would lose their meaning.
  func number(_ range: Range<Int>) -> Double? {
    var index = range.lowerBound
    let isNegative = index < range.upperBound && self[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var digits: UInt64 = 0
    var digitCount = 0
    var scale = 1.0
    var sawPoint = false
    while index < range.upperBound {
      let byte = self[index]
      if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digitCount < 18 {
        digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
        digitCount += 1
        if sawPoint { scale *= 10 }
      } else {
        // An exponent, or more digits than 64 bits hold.
        guard let value = Double(rawText(range)), abs(value) <= 1e15 else { return nil }
        return value
      }
      index += 1
    }
    guard digitCount > 0 else { return nil }
    let value = Double(digits) / scale
    guard value <= 1e15 else { return nil }
    return isNegative ? -value : value
  }

  /// The bytes at `range`.
  func copy(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(self[index]) }
    return bytes
  }

  /// The bytes at `range` as text, as they are.
  func rawText(_ range: Range<Int>) -> String { String(decoding: copy(range), as: UTF8.self) }

  /// What a string value says, at most `limit` bytes of it.
  func text(_ range: Range<Int>, limit: Int = 600) -> String? {
    guard isString(range) else { return nil }
    return JSONEscapes.decoded(copy(range.lowerBound + 1..<range.upperBound - 1), limit: limit)
  }

  /// The moment a string value names.
  func moment(_ range: Range<Int>) -> Int64? {
    guard isString(range) else { return nil }
    let inside = extracting(range.lowerBound + 1..<range.upperBound - 1)
    return Timestamp(parsing: inside)?.nanosecondsSinceEpoch
  }

  /// A string of hexadecimal digits.
  func hexadecimal(_ range: Range<Int>) -> UInt32? {
    guard isString(range), range.count <= 10 else { return nil }
    var value: UInt32 = 0
    for index in range.lowerBound + 1..<range.upperBound - 1 {
      guard let digit = Character(Unicode.Scalar(self[index])).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

/// Escapes in strings of JSON.
enum JSONEscapes {
  /// What the inside of a string says; escapes that are none become U+FFFD.
  static func decoded(_ bytes: [UInt8], limit: Int = .max) -> String {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count, result.count < limit {
      guard bytes[index] == UInt8(ascii: "\\") else {
        result.append(bytes[index])
        index += 1
        continue
      }
      index += 1
      guard index < bytes.count else { break }
      switch bytes[index] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "u"):
        let digits = String(
          decoding: bytes[(index + 1)..<min(index + 5, bytes.count)], as: UTF8.self)
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
        result += Array(String(Character(scalar)).utf8)
        index = min(index + 4, bytes.count - 1)
      default: result.append(bytes[index])
      }
      index += 1
    }
    return String(decoding: result, as: UTF8.self) + (index < bytes.count ? "…" : "")
  }
}
