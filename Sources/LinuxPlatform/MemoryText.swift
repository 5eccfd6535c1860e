import Text

/// A text builder of a capacity known only at run time, in memory of its own.
public struct MemoryText: ~Copyable {
  private var region: MemoryRegion

  /// Bytes in use.
  public private(set) var count = 0

  /// Whether something appended since the last `removeAll` did not fit.
  public private(set) var overflowed = false

  /// An empty text.
  ///
  /// - Throws: `PlatformError` when there is no memory.
  public init(capacity: Int) throws(PlatformError) {
    region = try MemoryRegion(byteCount: capacity)
  }
}

extension MemoryText: TextStorage {
  /// The text so far.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { Span(_bytes: region.bytes.extracting(first: count)) }
  }

  /// Appends UTF-8 bytes, or nothing where not all of them fit.
  public mutating func append(_ utf8: borrowing Span<UInt8>) {
    guard !overflowed, utf8.count <= region.byteCount - count else {
      overflowed = true
      return
    }
    let start = count
    var memory = region.mutableBytes
    for index in utf8.indices {
      memory.storeBytes(of: utf8[index], toByteOffset: start + index, as: UInt8.self)
    }
    count += utf8.count
  }

  /// Forgets the text, not the memory.
  public mutating func removeAll() {
    count = 0
    overflowed = false
  }
}
