import Text

extension NumpyHeader {
  /// How many bytes a file's header takes, elements not counted.
  ///
  /// - Parameter prefix: The file's first bytes; `prefixByteCount` are looked at.
  /// - Throws: `NumpyError` when the file is no `.npy` file.
  public static func byteCount(
    prefix: borrowing Span<UInt8>
  ) throws(NumpyError) -> Int {
    for index in 0..<6 {
      guard index < prefix.count else { throw NumpyError(.truncated(needed: 10), at: index) }
      let expected: UInt8
      switch index {
      case 0: expected = 0x93
      case 1: expected = UInt8(ascii: "N")
      case 2: expected = UInt8(ascii: "U")
      case 3: expected = UInt8(ascii: "M")
      case 4: expected = UInt8(ascii: "P")
      default: expected = UInt8(ascii: "Y")
      }
      guard prefix[index] == expected else { throw NumpyError(.notNumpy, at: index) }
    }
    guard prefix.count >= 10 else { throw NumpyError(.truncated(needed: 10), at: prefix.count) }
    let (major, minor) = (prefix[6], prefix[7])
    guard (1...3).contains(major), minor == 0 else {
      throw NumpyError(.unsupportedVersion(major: major, minor: minor), at: 6)
    }
    var textByteCount = UInt32(prefix[8]) | UInt32(prefix[9]) << 8
    if major > 1 {
      guard prefix.count >= 12 else { throw NumpyError(.truncated(needed: 12), at: prefix.count) }
      textByteCount |= UInt32(prefix[10]) << 16 | UInt32(prefix[11]) << 24
    }
    guard textByteCount <= UInt32(maximumByteCount - 12) else {
      throw NumpyError(.headerTooLong(byteCount: textByteCount), at: 8)
    }
    return (major > 1 ? 12 : 10) + Int(textByteCount)
  }

  /// Reads a header.
  ///
  /// - Parameter bytes: The file's first bytes, at least the whole header; elements may follow.
  /// - Throws: `NumpyError` with the place.
  public init(parsing bytes: borrowing Span<UInt8>) throws(NumpyError) {
    let end = try Self.byteCount(prefix: bytes)
    guard bytes.count >= end else { throw NumpyError(.truncated(needed: end), at: bytes.count) }
    let parser = try DictionaryParser(
      bytes.extracting(first: end), from: bytes[6] > 1 ? 12 : 10)

    guard let elementType = parser.elementType else {
      throw NumpyError(.missingKey(.descr), at: 10)
    }
    guard let isFortranOrder = parser.isFortranOrder else {
      throw NumpyError(.missingKey(.fortranOrder), at: 10)
    }
    guard let shape = parser.shape else { throw NumpyError(.missingKey(.shape), at: 10) }
    // With one dimension or none both orders are the same.
    guard !isFortranOrder || shape.count <= 1 else { throw NumpyError(.fortranOrder, at: 10) }
    self = try NumpyHeader(elementType: elementType, shape: shape, dataOffset: end)
  }
}

/// Reads the dictionary of a header, the three keys in any order.
private struct DictionaryParser: ~Copyable, ~Escapable {
  private let bytes: Span<UInt8>
  private var position: Int
  private(set) var elementType: NumpyElementType?
  private(set) var isFortranOrder: Bool?
  private(set) var shape: NumpyShape?

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, from start: Int) throws(NumpyError) {
    self.bytes = bytes
    position = start
    elementType = nil
    isFortranOrder = nil
    shape = nil
    try parse()
  }

  @_lifetime(self: copy self)
  private mutating func parse() throws(NumpyError) {
    try consume("{", orThrow: .openingBrace)
    while !skip("}") {
      try parseEntry()
      if skip("}") { break }
      try consume(",", orThrow: .commaOrClosingBrace)
    }
    skipBlanks()
    guard position == bytes.count else { throw expected(.endOfHeader) }
  }

  @_lifetime(self: copy self)
  private mutating func parseEntry() throws(NumpyError) {
    skipBlanks()
    let keyPosition = position
    guard let key = parseQuoted() else { throw expected(.keyOrClosingBrace) }
    try consume(":", orThrow: .colon)
    if key.bytes.equals("descr"), elementType == nil {
      elementType = try parseElementType()
    } else if key.bytes.equals("fortran_order"), isFortranOrder == nil {
      isFortranOrder = try parseBoolean()
    } else if key.bytes.equals("shape"), shape == nil {
      shape = try parseShape()
    } else {
      throw NumpyError(.unexpectedKey(key), at: keyPosition)
    }
  }

  @_lifetime(self: copy self)
  private mutating func parseElementType() throws(NumpyError) -> NumpyElementType {
    skipBlanks()
    let start = position
    guard let descriptor = parseQuoted() else { throw expected(.elementType) }
    guard let type = NumpyElementType(descriptor: descriptor.bytes) else {
      throw NumpyError(.unsupportedElementType(descriptor), at: start)
    }
    return type
  }

  @_lifetime(self: copy self)
  private mutating func parseBoolean() throws(NumpyError) -> Bool {
    skipBlanks()
    if bytes.extracting(last: bytes.count - position).starts(with: "True") {
      position += 4
      return true
    }
    if bytes.extracting(last: bytes.count - position).starts(with: "False") {
      position += 5
      return false
    }
    throw expected(.boolean)
  }

  @_lifetime(self: copy self)
  private mutating func parseShape() throws(NumpyError) -> NumpyShape {
    var shape = NumpyShape()
    try consume("(", orThrow: .tuple)
    while !skip(")") {
      let start = position
      guard shape.append(try parseDimension()) else {
        throw NumpyError(.tooManyDimensions, at: start)
      }
      // One number in parentheses is no tuple in Python, and NumPy does not write it.
      if shape.count > 1, skip(")") { break }
      try consume(",", orThrow: .commaOrClosingParenthesis)
    }
    return shape
  }

  @_lifetime(self: copy self)
  private mutating func parseDimension() throws(NumpyError) -> Int {
    skipBlanks()
    let start = position
    var value = 0
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw NumpyError(.tooLarge, at: start) }
      value = sum
      position += 1
    }
    guard position > start else { throw expected(.dimension) }
    return value
  }

  /// The inside of a quoted string, cut to what an error message shows; `nil` when there is none.
  @_lifetime(self: copy self)
  private mutating func parseQuoted() -> TextBuffer<24>? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    let quote = bytes[position]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    var end = position + 1
    while end < bytes.count, bytes[end] != quote { end += 1 }
    guard end < bytes.count else { return nil }
    let text = TextBuffer<24>(bytes.extracting(position + 1..<end))
    position = end + 1
    return text
  }

  @_lifetime(self: copy self)
  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") || bytes[position] == 10 {
      position += 1
    }
  }

  @_lifetime(self: copy self)
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  @_lifetime(self: copy self)
  private mutating func consume(
    _ character: Unicode.Scalar, orThrow expectation: NumpyError.Expectation
  ) throws(NumpyError) {
    guard skip(character) else { throw expected(expectation) }
  }

  private func expected(_ expectation: NumpyError.Expectation) -> NumpyError {
    NumpyError(.expected(expectation), at: position)
  }
}
