import Text

/// Reads one JSON value (RFC 8259) front to back, without a heap.
///
///     var cursor = JSONCursor(line)
///     try cursor.beginObject()
///     while let key = try cursor.nextKey() {
///       if key.equals("op") { … try cursor.string(into: &name) … } else { try cursor.skip() }
///     }
///     try cursor.end()
///
/// The caller says what it expects; anything else is an error with its place. Keys are compared as
/// they are written: a key with an escape in it equals no name. Nesting deeper than `maximumDepth`
/// is refused, also where it is skipped.
public struct JSONCursor: ~Escapable {
  /// The deepest nesting of objects and arrays.
  public static let maximumDepth = 16

  private let text: Span<UInt8>
  private var depth = 0
  /// Whether a value of the innermost object or array was read, so that a comma must come next.
  private var needsComma = false

  /// The next byte to read.
  public private(set) var offset = 0

  /// A cursor at the beginning of a text.
  @_lifetime(copy text)
  public init(_ text: Span<UInt8>) {
    self.text = text
  }

  // MARK: Structure

  /// Enters an object, which must come next.
  public mutating func beginObject() throws(JSONError) {
    try open(UInt8(ascii: "{"), .expectedObject)
  }

  /// The next key of the object, its value comes next; `nil` at the end, which leaves the object.
  @_lifetime(copy self)
  public mutating func nextKey() throws(JSONError) -> Span<UInt8>? {
    guard try advance(to: UInt8(ascii: "}")) else { return nil }
    let key = try rawString(.expectedKey)
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { throw fail(.expectedColon) }
    return text.extracting(key)
  }

  /// Enters an array, which must come next.
  public mutating func beginArray() throws(JSONError) {
    try open(UInt8(ascii: "["), .expectedArray)
  }

  /// Whether another element of the array comes next; at the end, the array is left.
  public mutating func nextElement() throws(JSONError) -> Bool {
    try advance(to: UInt8(ascii: "]"))
  }

  /// Makes sure that nothing but blanks is left.
  public mutating func end() throws(JSONError) {
    skipBlanks()
    guard offset == text.count else { throw fail(.trailing) }
  }

  // MARK: Values

  /// Whether a number comes next.
  public mutating func isAtNumber() -> Bool {
    skipBlanks()
    guard offset < text.count else { return false }
    return text[offset].isDigit || text[offset] == UInt8(ascii: "-")
  }

  /// A number, rounded to the nearest double.
  public mutating func number() throws(JSONError) -> Double {
    skipBlanks()
    let start = offset
    try skipNumber()
    guard case .finite(let value) = DecimalNumber(parsing: text.extracting(start..<offset)) else {
      offset = start
      throw fail(.numberOutOfRange)
    }
    needsComma = true
    return value
  }

  /// A whole number.
  public mutating func integer() throws(JSONError) -> Int {
    skipBlanks()
    let start = offset
    let value = try number()
    guard let integer = Int(exactly: value) else {
      offset = start
      throw fail(.expectedInteger)
    }
    return integer
  }

  /// `true` or `false`.
  public mutating func boolean() throws(JSONError) -> Bool {
    skipBlanks()
    if takeWord("true") { return true }
    if takeWord("false") { return false }
    throw fail(.expectedBoolean)
  }

  /// A string, its escapes resolved; half of a surrogate pair becomes U+FFFD.
  public mutating func string(into sink: inout some TextSink & ~Copyable) throws(JSONError) {
    skipBlanks()
    let range = try rawString(.expectedString)
    needsComma = true
    var index = range.lowerBound
    while index < range.upperBound {
      var runEnd = index
      while runEnd < range.upperBound, text[runEnd] != UInt8(ascii: "\\") { runEnd += 1 }
      sink.append(text.extracting(index..<runEnd))
      index = runEnd
      if index < range.upperBound { index = appendEscape(at: index, to: &sink) }
    }
  }

  /// Passes over any value.
  public mutating func skip() throws(JSONError) {
    skipBlanks()
    guard offset < text.count else { throw fail(.cutOff) }
    switch text[offset] {
    case UInt8(ascii: "{"): try skipObject()
    case UInt8(ascii: "["): try skipArray()
    case UInt8(ascii: "\""):
      _ = try rawString(.expectedString)
      needsComma = true
    default:
      if takeWord("true") || takeWord("false") || takeWord("null") { return }
      try skipNumber()
      needsComma = true
    }
  }

  private mutating func skipObject() throws(JSONError) {
    try beginObject()
    while try nextKey() != nil { try skip() }
  }

  private mutating func skipArray() throws(JSONError) {
    try beginArray()
    while try nextElement() { try skip() }
  }

  // MARK: Steps

  private mutating func open(_ bracket: UInt8, _ kind: JSONError.Kind) throws(JSONError) {
    skipBlanks()
    guard offset < text.count else { throw fail(.cutOff) }
    guard text[offset] == bracket else { throw fail(kind) }
    guard depth < Self.maximumDepth else { throw fail(.tooDeep) }
    offset += 1
    depth += 1
    needsComma = false
  }

  /// Whether an item comes next, before it; the closing bracket is taken.
  private mutating func advance(to bracket: UInt8) throws(JSONError) -> Bool {
    skipBlanks()
    guard offset < text.count else { throw fail(.cutOff) }
    if take(bracket) {
      depth -= 1
      needsComma = true
      return false
    }
    guard needsComma else { return true }
    guard take(UInt8(ascii: ",")) else { throw fail(.expectedComma) }
    needsComma = false
    skipBlanks()
    return true
  }

  private mutating func skipBlanks() {
    while offset < text.count, text[offset].isJSONBlank { offset += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < text.count, text[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let end = offset + word.utf8CodeUnitCount
    guard end <= text.count, text.extracting(offset..<end).equals(word) else { return false }
    offset = end
    needsComma = true
    return true
  }

  /// -? (0 | 1–9 digits) (. digits)? (e [+-]? digits)?
  private mutating func skipNumber() throws(JSONError) {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    let hasLeadingZero = offset < text.count && text[offset] == UInt8(ascii: "0")
    let digits = skipDigits()
    var isNumber = digits > 0 && !(hasLeadingZero && digits > 1)
    if isNumber, take(UInt8(ascii: ".")) { isNumber = skipDigits() > 0 }
    if isNumber, take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      isNumber = skipDigits() > 0
    }
    guard isNumber else {
      offset = start
      throw fail(offset == text.count ? .cutOff : .expectedValue)
    }
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < text.count, text[offset].isDigit { offset += 1 }
    return offset - start
  }

  /// The bytes between quotation marks, which are taken; escapes are checked.
  private mutating func rawString(_ kind: JSONError.Kind) throws(JSONError) -> Range<Int> {
    guard offset < text.count else { throw fail(.cutOff) }
    guard take(UInt8(ascii: "\"")) else { throw fail(kind) }
    let start = offset
    while offset < text.count, text[offset] != UInt8(ascii: "\"") {
      guard text[offset] >= 0x20 else { throw fail(.controlCharacter) }
      offset += text[offset] == UInt8(ascii: "\\") ? try escapeLength(at: offset) : 1
    }
    guard offset < text.count else { throw fail(.cutOff) }
    offset += 1
    return start..<offset - 1
  }

  private borrowing func escapeLength(at index: Int) throws(JSONError) -> Int {
    guard index + 1 < text.count else { throw JSONError(.cutOff, offset: text.count) }
    switch text[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard codeUnit(at: index) != nil else { throw JSONError(.badEscape, offset: index) }
      return 6
    default:
      throw JSONError(.badEscape, offset: index)
    }
  }

  /// The four hexadecimal digits of a `\u` escape.
  private borrowing func codeUnit(at index: Int) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for position in index + 2..<index + 6 {
      guard let digit = text[position].hexadecimalDigit else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// Appends what an escape stands for; returns where it ends.
  private borrowing func appendEscape(
    at index: Int, to sink: inout some TextSink & ~Copyable
  ) -> Int {
    switch text[index + 1] {
    case UInt8(ascii: "b"): sink.append(byte: 0x08)
    case UInt8(ascii: "f"): sink.append(byte: 0x0C)
    case UInt8(ascii: "n"): sink.append(byte: 0x0A)
    case UInt8(ascii: "r"): sink.append(byte: 0x0D)
    case UInt8(ascii: "t"): sink.append(byte: 0x09)
    case UInt8(ascii: "u"): return appendCodeUnit(at: index, to: &sink)
    default: sink.append(byte: text[index + 1])
    }
    return index + 2
  }

  private borrowing func appendCodeUnit(
    at index: Int, to sink: inout some TextSink & ~Copyable
  ) -> Int {
    guard let unit = codeUnit(at: index) else { return index + 6 }
    if (0xD800..<0xDC00).contains(unit), let low = codeUnit(at: index + 6),
      (0xDC00..<0xE000).contains(low)
    {
      sink.append(scalar: 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      return index + 12
    }
    sink.append(scalar: (0xD800..<0xE000).contains(unit) ? 0xFFFD : unit)
    return index + 6
  }

  private borrowing func fail(_ kind: JSONError.Kind) -> JSONError {
    JSONError(kind, offset: offset)
  }
}

extension TextSink where Self: ~Copyable {
  /// Appends a Unicode scalar as UTF-8.
  fileprivate mutating func append(scalar: UInt32) {
    if scalar < 0x80 {
      append(byte: UInt8(scalar))
      return
    }
    var bytes = InlineArray<4, UInt8>(repeating: 0)
    let count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    for index in 0..<count {
      let bits = UInt8(truncatingIfNeeded: scalar >> UInt32(6 * (count - 1 - index)))
      bytes[index] =
        index == 0 ? bits | UInt8(truncatingIfNeeded: 0xF00 >> count) : 0x80 | bits & 0x3F
    }
    append(bytes.span.extracting(0..<count))
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  fileprivate var isJSONBlank: Bool {
    self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D
  }

  fileprivate var hexadecimalDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
