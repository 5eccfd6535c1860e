private import CPlatform

/// A file mapped read-only, its pages read when they are touched.
///
/// The mapping starts at a page, so a section aligned within the file is aligned in memory. The
/// file may be replaced (renamed over) while it is mapped; cutting it short in place ends the
/// process when a lost page is touched, as mapping always does.
@safe
public struct MappedFile: ~Copyable {
  private let start: UnsafeRawPointer
  private let count: Int

  /// Maps the whole of a regular file.
  ///
  /// - Throws: `PlatformError`, also for an empty file, a folder, and a pipe or device.
  public init(_ path: borrowing FilePath) throws(PlatformError) {
    let file = try FileDescriptor(reading: path)
    guard file.isRegularFile else { throw PlatformError(.map, code: swl_error_not_a_file()) }
    let byteCount = try file.byteCount()
    guard byteCount > 0 else { throw PlatformError.emptyFile }
    var failure: Int32 = 0
    // The new mapping is ours alone; the descriptor may be closed once it is made.
    guard let address = unsafe swl_map_file(file.number, UInt64(byteCount), &failure) else {
      throw PlatformError(.map, code: failure)
    }
    unsafe start = address
    count = byteCount
  }

  /// Size in bytes, above zero.
  public var byteCount: Int { count }

  /// The bytes of the file.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // `count` bytes are mapped from `start` for as long as `self` lives.
      let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  deinit {
    // No span of it outlives the owner.
    unsafe swl_unmap(start, UInt64(count))
  }
}
