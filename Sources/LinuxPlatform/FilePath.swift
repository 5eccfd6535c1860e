private import CPlatform
import Text

/// The path of a file: UTF-8 (or any other bytes without NUL), stored in place.
///
/// A value is `maximumByteCount` and some bytes wherever it is stored; it is for configuration and
/// opening files, not for loops.
public struct FilePath: Sendable {
  // A daemon that locks its memory keeps every copy of a path that is on the stack of its loop.
  #if hasFeature(Embedded)
    private typealias Storage = InlineArray<1024, UInt8>
    /// The most bytes of a path: on the board less than the system's own 4,095.
    public static let maximumByteCount = 1023
  #else
    private typealias Storage = InlineArray<4096, UInt8>
    /// The most bytes of a path, as the system has it. The build for boards has 1,023.
    public static let maximumByteCount = 4095
  #endif

  /// The bytes and, since the rest stays zero, at least one NUL.
  private var storage: Storage

  /// Bytes in use, without the NUL.
  public private(set) var byteCount: Int

  /// A path of the given bytes.
  ///
  /// - Throws: `PlatformError` when it is empty, longer than `maximumByteCount` or contains a NUL.
  public init(_ utf8: borrowing Span<UInt8>) throws(PlatformError) {
    storage = InlineArray(repeating: 0)
    byteCount = 0
    guard utf8.count > 0 else {
      throw PlatformError(.open, code: swl_error_missing())
    }
    try append(utf8)
  }

  /// The path with `/` and another component after it.
  ///
  /// - Throws: `PlatformError` when the result is too long.
  public func appending(
    component: borrowing Span<UInt8>
  ) throws(PlatformError) -> FilePath {
    var result = self
    let slash: InlineArray<1, UInt8> = [UInt8(ascii: "/")]
    if storage[byteCount - 1] != UInt8(ascii: "/") { try result.append(slash.span) }
    try result.append(component)
    return result
  }

  /// The path with `/` and another component after it.
  ///
  /// - Throws: `PlatformError` when the result is too long.
  public func appending(component: StaticString) throws(PlatformError) -> FilePath {
    var name = TextBuffer<255>()
    name.append(component)
    return try appending(component: name.bytes)
  }

  /// The path with bytes added to its last component.
  ///
  /// - Throws: `PlatformError` when the result is too long.
  public func appending(suffix: borrowing Span<UInt8>) throws(PlatformError) -> FilePath {
    var result = self
    try result.append(suffix)
    return result
  }

  /// Another path, counted from the folder this one lies in unless it is absolute.
  ///
  /// - Throws: `PlatformError` when the result is empty or too long.
  public func sibling(_ other: borrowing Span<UInt8>) throws(PlatformError) -> FilePath {
    var folderByteCount = byteCount
    while folderByteCount > 0, storage[folderByteCount - 1] != UInt8(ascii: "/") {
      folderByteCount -= 1
    }
    let isAbsolute = other.count > 0 && other[0] == UInt8(ascii: "/")
    guard folderByteCount > 0, !isAbsolute, other.count > 0 else { return try FilePath(other) }
    var result = try FilePath(bytes.extracting(first: folderByteCount))
    try result.append(other)
    return result
  }

  /// The path's bytes, for showing it.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { storage.span.extracting(first: byteCount) }
  }

  /// Whether it is `-`, by convention standard input or standard output.
  public var isStandardStream: Bool { byteCount == 1 && storage[0] == UInt8(ascii: "-") }

  private mutating func append(_ utf8: borrowing Span<UInt8>) throws(PlatformError) {
    guard utf8.count < storage.count - byteCount else {
      throw PlatformError(.open, code: swl_error_name_too_long())
    }
    for index in utf8.indices {
      guard utf8[index] != 0 else { throw PlatformError(.open, code: swl_error_invalid()) }
      storage[byteCount + index] = utf8[index]
    }
    byteCount += utf8.count
  }

  /// Calls `body` with the NUL-terminated path.
  @unsafe
  borrowing func withCString<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    // The storage is never empty, so the buffer has a base address.
    unsafe storage.span.withUnsafeBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
  }
}

#if !hasFeature(Embedded)
  extension FilePath: CustomStringConvertible {
    /// The path of a string.
    ///
    /// - Throws: `PlatformError` when it is empty, longer than `maximumByteCount` or contains a NUL.
    public init(_ string: String) throws(PlatformError) {
      self = try Self(string.utf8.span)
    }

    /// The path; what is not UTF-8 in it shows as U+FFFD.
    public var description: String { String { $0.append(bytes) } }
  }
#endif
