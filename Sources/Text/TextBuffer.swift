/// A UTF-8 text builder of fixed capacity, stored in place.
///
/// For messages and short lines. It costs `capacity` bytes wherever it is stored, is copied whole,
/// and never grows: what does not fit is dropped and `overflowed` says so. The cut never falls
/// inside a UTF-8 sequence.
public struct TextBuffer<let capacity: Int>: TextSink, Sendable {
  private var storage: InlineArray<capacity, UInt8>

  /// Bytes in use.
  public private(set) var count: Int

  /// Whether something appended since the last `removeAll` did not fit.
  public private(set) var overflowed: Bool

  /// An empty buffer.
  public init() {
    storage = InlineArray(repeating: 0)
    count = 0
    overflowed = false
  }

  /// A buffer holding as much of `utf8` as fits.
  public init(_ utf8: borrowing Span<UInt8>) {
    self.init()
    append(utf8)
  }

  /// The text so far.
  public var bytes: Span<UInt8> {
    // Without "addressable", code specialized in another module takes the span of a copy that is
    // gone before the span is used (Swift 6.3.1, Embedded). So wherever a span shows memory stored
    // in place.
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { storage.span.extracting(first: count) }
  }

  /// Whether nothing is there.
  public var isEmpty: Bool { count == 0 }

  /// Appends UTF-8 bytes, or as much of them as fits.
  public mutating func append(_ utf8: borrowing Span<UInt8>) {
    // Once something was dropped nothing follows, or the text would have a hole in the middle.
    guard !overflowed else { return }
    var accepted = utf8.count
    if accepted > capacity - count {
      overflowed = true
      accepted = capacity - count
      while accepted > 0 && utf8[accepted] & 0xC0 == 0x80 { accepted -= 1 }
    }
    for index in 0..<accepted { storage[count + index] = utf8[index] }
    count += accepted
  }

  /// Forgets the text, not the storage.
  public mutating func removeAll() {
    count = 0
    overflowed = false
  }
}

/// A sink whose text can be looked at and started over, such as the buffer of a log line.
public protocol TextStorage: TextSink, ~Copyable {
  /// The text so far.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get
  }

  /// Whether something appended since the last `removeAll` did not fit.
  var overflowed: Bool { get }

  /// Forgets the text, not the storage.
  mutating func removeAll()
}

extension TextBuffer: TextStorage {}

extension TextBuffer: Equatable {
  /// Whether both hold the same text; capacity left and overflow do not matter.
  public static func == (left: Self, right: Self) -> Bool {
    left.bytes.equals(right.bytes)
  }
}
