private import CPlatform
import Text

/// An open file, closed when its owner goes.
public struct FileDescriptor: ~Copyable, Sendable {
  let number: Int32
  private let closesOnDeinit: Bool

  /// Opens a file, pipe or device for reading; `-` is standard input.
  ///
  /// - Throws: `PlatformError`; a folder is EISDIR here and not at the first read.
  public init(reading path: borrowing FilePath) throws(PlatformError) {
    let opened = path.isStandardStream ? 0 : try Self.openForReading(path)
    self.init(number: opened, closesOnDeinit: !path.isStandardStream)
  }

  private static func openForReading(
    _ path: borrowing FilePath
  ) throws(PlatformError) -> Int32 {
    // The path is read during the call only; so in every `withCString` of this module.
    let opened = unsafe path.withCString { unsafe swl_open_read($0) }
    guard opened >= 0 else { throw PlatformError(.open, code: opened) }
    guard Int(swl_file_kind(opened)) != SWL_FILE_FOLDER else {
      swl_close(opened)
      throw PlatformError(.open, code: swl_error_is_a_folder())
    }
    return opened
  }

  /// Opens a file for writing at its end, made when missing.
  public init(appending path: borrowing FilePath) throws(PlatformError) {
    let opened = unsafe path.withCString { unsafe swl_open_append($0) }
    guard opened >= 0 else { throw PlatformError(.create, code: opened) }
    self.init(number: opened, closesOnDeinit: true)
  }

  init(number: Int32, closesOnDeinit: Bool) {
    self.number = number
    self.closesOnDeinit = closesOnDeinit
  }

  /// Standard output, which stays open.
  public static var standardOutput: FileDescriptor {
    FileDescriptor(number: 1, closesOnDeinit: false)
  }

  /// Standard error, which stays open.
  public static var standardError: FileDescriptor {
    FileDescriptor(number: 2, closesOnDeinit: false)
  }

  /// Reads what is there, at most as much as `buffer` holds.
  ///
  /// - Returns: Bytes read; 0 is the end of the file.
  public func read(into buffer: inout MutableRawSpan) throws(PlatformError) -> Int {
    try read(into: &buffer, from: 0)
  }

  /// Reads until `buffer` is full or the file ends.
  ///
  /// - Returns: Bytes read; less than the buffer holds only at the end of the file.
  public func readFully(into buffer: inout MutableRawSpan) throws(PlatformError) -> Int {
    var filled = 0
    while filled < buffer.byteCount {
      let count = try read(into: &buffer, from: filled)
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }

  /// Reads what is there, at most as much as `buffer` holds from `offset` on.
  ///
  /// - Returns: Bytes read; 0 is the end of the file.
  public func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int
  ) throws(PlatformError) -> Int {
    // Bytes may take any value, the reason why a raw view of a span is unsafe in general.
    var bytes = unsafe buffer.mutableBytes
    return try read(into: &bytes, from: offset)
  }

  private func read(
    into buffer: inout MutableRawSpan, from offset: Int
  ) throws(PlatformError) -> Int {
    // The kernel writes at most the count of bytes it is given, the rest of the buffer.
    let result = unsafe buffer.withUnsafeMutableBytes { bytes -> Int64 in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe swl_read(number, start + offset, UInt64(bytes.count - offset))
    }
    guard result >= 0 else { throw PlatformError(.read, code: Int32(truncatingIfNeeded: result)) }
    return Int(result)
  }

  /// Writes all of `bytes`.
  public func write(_ bytes: borrowing RawSpan) throws(PlatformError) {
    var written = 0
    while written < bytes.byteCount {
      written += try writeOnce(bytes.extracting(written..<bytes.byteCount))
    }
  }

  /// Writes all of `bytes`.
  public func write(_ bytes: borrowing Span<UInt8>) throws(PlatformError) {
    // Bytes have no padding, the reason why a raw view of a span is unsafe in general.
    try unsafe write(bytes.bytes)
  }

  private func writeOnce(_ bytes: borrowing RawSpan) throws(PlatformError) -> Int {
    // The kernel reads at most the count of bytes it is given.
    let result = unsafe bytes.withUnsafeBytes { bytes -> Int64 in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe swl_write(number, start, UInt64(bytes.count))
    }
    guard result >= 0 else { throw PlatformError(.write, code: Int32(truncatingIfNeeded: result)) }
    return Int(result)
  }

  /// Waits until the storage device has what was written.
  public func synchronize() throws(PlatformError) {
    let result = swl_synchronize(number)
    guard result >= 0 else { throw PlatformError(.synchronize, code: result) }
  }

  /// Cuts the file to its first `byteCount` bytes.
  public func truncate(to byteCount: Int) throws(PlatformError) {
    let result = swl_truncate(number, UInt64(byteCount))
    guard result >= 0 else { throw PlatformError(.write, code: result) }
  }

  /// Reads what is there from a place of the file on, at most as much as `buffer` holds. The place
  /// of other reads stays.
  ///
  /// - Parameter fileOffset: Bytes from the file's start.
  /// - Returns: Bytes read; 0 is the end of the file.
  public func read(
    into buffer: inout MutableSpan<UInt8>, atFileOffset fileOffset: Int
  ) throws(PlatformError) -> Int {
    // The kernel writes at most the count of bytes it is given, the whole buffer.
    let result = unsafe buffer.withUnsafeMutableBufferPointer { bytes -> Int64 in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe swl_read_at(number, start, UInt64(bytes.count), UInt64(fileOffset))
    }
    guard result >= 0 else { throw PlatformError(.read, code: Int32(truncatingIfNeeded: result)) }
    return Int(result)
  }

  /// Writes all of `bytes` at a place of the file. The place of other writes stays.
  ///
  /// - Parameter fileOffset: Bytes from the file's start.
  public func write(
    _ bytes: borrowing Span<UInt8>, atFileOffset fileOffset: Int
  ) throws(PlatformError) {
    var written = 0
    while written < bytes.count {
      // The kernel reads at most the count of bytes it is given, what is left of the span.
      let result = unsafe bytes.extracting(written..<bytes.count).withUnsafeBufferPointer {
        bytes -> Int64 in
        guard let start = bytes.baseAddress else { return 0 }
        return unsafe swl_write_at(
          number, start, UInt64(bytes.count), UInt64(fileOffset + written))
      }
      guard result >= 0 else {
        throw PlatformError(.write, code: Int32(truncatingIfNeeded: result))
      }
      written += Int(result)
    }
  }

  /// Waits until the storage device has the file's content and size; its times may come later.
  public func synchronizeData() throws(PlatformError) {
    let result = swl_synchronize_data(number)
    guard result >= 0 else { throw PlatformError(.synchronize, code: result) }
  }

  /// Whether it is a regular file: one with a size, that can be mapped and renamed.
  public var isRegularFile: Bool { Int(swl_file_kind(number)) == SWL_FILE_REGULAR }

  /// Whether it is a terminal, read by a person.
  public var isTerminal: Bool { swl_is_terminal(number) }

  /// Size in bytes of a regular file; of anything else, 0.
  public func byteCount() throws(PlatformError) -> Int {
    let size = swl_file_size(number)
    guard let size = Int(exactly: size), size >= 0 else {
      throw PlatformError(.inspect, code: Int32(truncatingIfNeeded: min(size, 0)))
    }
    return size
  }

  deinit {
    if closesOnDeinit { swl_close(number) }
  }
}
