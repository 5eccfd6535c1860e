private import CPlatform

/// Zeroed memory straight from the operating system, at a page boundary. It never grows.
///
/// Physical memory is taken page by page at the first write.
@safe
public struct MemoryRegion: ~Copyable {
  private let start: UnsafeMutableRawPointer
  private let count: Int
  private let mappedByteCount: UInt64

  /// - Parameter byteCount: Any size; zero gives an empty region.
  /// - Throws: `PlatformError` when there is no memory.
  public init(byteCount: Int) throws(PlatformError) {
    precondition(byteCount >= 0, "a region has no negative size")
    // An empty mapping does not exist; one byte takes a page of addresses and no memory.
    mappedByteCount = UInt64(max(1, byteCount))
    var failure: Int32 = 0
    // The new mapping is ours alone.
    guard let address = unsafe swl_map_anonymous(mappedByteCount, &failure) else {
      throw PlatformError(.allocate, code: failure)
    }
    unsafe start = address
    count = byteCount
  }

  /// Size in bytes.
  public var byteCount: Int { count }

  /// The memory, for reading.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // `count` bytes are mapped from `start` for as long as `self` lives.
      let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The memory, for reading and writing.
  public var mutableBytes: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      // As above, and exclusive since `self` is mutated for the span's life.
      let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  deinit {
    // No span of it outlives the owner.
    unsafe swl_unmap(start, mappedByteCount)
  }
}

extension MemoryRegion {
  /// Reads from a file until a range of the memory is full or the file ends.
  ///
  /// - Parameter range: Bytes of the region.
  /// - Returns: Bytes read; less than the range holds only at the end of the file.
  public mutating func fill(
    _ range: Range<Int>, from file: borrowing FileDescriptor
  ) throws(PlatformError) -> Int {
    var bytes = mutableBytes
    var piece = bytes._mutatingExtracting(range)
    return try file.readFully(into: &piece)
  }
}
