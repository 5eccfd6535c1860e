private import CPlatform

/// A small file whose content the kernel, or a program, makes anew at each look: a sensor in
/// `/sys`, a value another service writes.
///
/// It is kept open between reads. When the device goes, reading fails; when it is back, or the file
/// was replaced by another of its name, the next read opens it again.
public struct KernelTextFile: ~Copyable {
  /// The bytes of the path; nil when there was no memory for them. Not a `FilePath`: a daemon has many
  /// of these files, and paths of 4 KB in place would make most of its stack.
  private let path: MemoryText?
  private var file: FileDescriptor?

  /// A file that is opened at the first read.
  public init(_ path: borrowing FilePath) {
    self.path = Self.copy(path)
    file = nil
  }

  private static func copy(_ path: borrowing FilePath) -> MemoryText? {
    do throws(PlatformError) {
      var copy = try MemoryText(capacity: path.byteCount)
      copy.append(path.bytes)
      return copy
    } catch {
      return nil
    }
  }

  /// Reads the whole content, without the white space at its end.
  ///
  /// - Returns: Bytes read; what `buffer` has no room for is left out.
  public mutating func read(
    into buffer: inout MutableSpan<UInt8>
  ) throws(PlatformError) -> Int {
    let wasOpen = file != nil
    do throws(PlatformError) {
      return try readOnce(into: &buffer)
    } catch {
      file = nil
      // What was kept open may be a device of before.
      guard wasOpen else { throw error }
    }
    do throws(PlatformError) {
      return try readOnce(into: &buffer)
    } catch {
      file = nil
      throw error
    }
  }

  private mutating func readOnce(
    into buffer: inout MutableSpan<UInt8>
  ) throws(PlatformError) -> Int {
    if file == nil { file = try open() }
    if isReplaced { file = try open() }
    guard let count = try file?.read(into: &buffer, atFileOffset: 0) else { return 0 }
    var length = count
    while length > 0, buffer[length - 1] <= UInt8(ascii: " ") { length -= 1 }
    return length
  }

  private func open() throws(PlatformError) -> FileDescriptor {
    switch path {
    case .some(let path):
      return try FileDescriptor(reading: FilePath(path.bytes))
    case .none:
      throw PlatformError(.allocate, code: swl_error_no_memory())
    }
  }

  /// Whether the open file has no name any more, as one that was renamed over.
  private var isReplaced: Bool {
    switch file {
    case .some(let file): swl_link_count(file.number) == 0
    case .none: false
    }
  }
}
