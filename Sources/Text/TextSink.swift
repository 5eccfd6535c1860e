/// Something UTF-8 text is appended to: a buffer, a line of JSON, an error message.
///
/// Errors, log lines and help texts describe themselves into a sink instead of returning a
/// `String`, so the same sentence is made on a board without a heap and on a workstation.
public protocol TextSink: ~Copyable {
  /// Appends UTF-8 bytes. A sink of limited capacity keeps what fits and remembers the overflow;
  /// it does not trap.
  mutating func append(_ utf8: borrowing Span<UInt8>)
}

extension TextSink where Self: ~Copyable {
  /// Appends a literal.
  public mutating func append(_ text: StaticString) {
    text.withUTF8Span { append($0) }
  }

  /// Appends text from outside so that it can be shown: control characters, which could command a
  /// terminal, become `\x1b`; everything else stays.
  public mutating func append(visible utf8: borrowing Span<UInt8>) {
    var runStart = 0
    for index in utf8.indices where utf8[index] < 0x20 || utf8[index] == 0x7F {
      append(utf8.extracting(runStart..<index))
      append("\\x")
      append(hexadecimal: UInt64(utf8[index]), digits: 2)
      runStart = index + 1
    }
    append(utf8.extracting(runStart..<utf8.count))
  }

  /// Appends one ASCII character.
  public mutating func append(byte: UInt8) {
    let single: InlineArray<1, UInt8> = [byte]
    append(single.span)
  }

  /// Appends `count` times the same ASCII character.
  public mutating func append(byte: UInt8, repeated count: Int) {
    for _ in 0..<max(0, count) { append(byte: byte) }
  }

  /// Appends `utf8` and then spaces until `width` characters are there; longer text stays whole.
  public mutating func append(_ utf8: borrowing Span<UInt8>, paddedTo width: Int) {
    append(utf8)
    append(byte: UInt8(ascii: " "), repeated: width - utf8.characterCount)
  }
}

extension StaticString {
  /// Calls `body` with the bytes of the literal.
  public func withUTF8Span<Result>(_ body: (borrowing Span<UInt8>) -> Result) -> Result {
    // Unsafe only in type: the buffer of a literal outlives the call and is never written.
    withUTF8Buffer { unsafe body($0.span) }
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are exactly those of the literal.
  public func equals(_ text: StaticString) -> Bool {
    text.withUTF8Span { equals($0) }
  }

  /// Whether both spans hold the same bytes.
  public func equals(_ other: borrowing Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// Whether the bytes begin with those of the literal.
  public func starts(with prefix: StaticString) -> Bool {
    prefix.withUTF8Span { prefix in
      count >= prefix.count && extracting(first: prefix.count).equals(prefix)
    }
  }

  /// Unicode scalars in the bytes, assuming valid UTF-8: how wide the text is on a terminal for
  /// the scripts without wide or combining characters.
  public var characterCount: Int {
    var scalars = 0
    for index in indices where self[index] & 0xC0 != 0x80 { scalars += 1 }
    return scalars
  }
}
