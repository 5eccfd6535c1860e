private import CPlatform
import Text

/// The entries of a folder, one after another, in the order the file system has them.
///
/// Takes one page of memory, once, for a folder of any size.
public struct FolderListing: ~Copyable {
  private let folder: FileDescriptor
  private var page: MemoryRegion
  private var filled = 0
  private var next = 0
  private var entry = swl_folder_entry_view()

  /// Opens a folder.
  public init(_ path: borrowing FilePath) throws(PlatformError) {
    let opened = unsafe path.withCString { unsafe swl_folder_open($0) }
    guard opened >= 0 else { throw PlatformError(.list, code: opened) }
    let folder = FileDescriptor(number: opened, closesOnDeinit: true)
    page = try MemoryRegion(byteCount: 4096)
    self.folder = folder
  }

  /// Goes to the next entry, `.` and `..` left out.
  ///
  /// - Returns: Whether there is one.
  public mutating func advance() throws(PlatformError) -> Bool {
    repeat {
      if next >= filled {
        next = 0
        filled = try fill()
        guard filled > 0 else { return false }
      }
      step()
    } while name.equals(".") || name.equals("..")
    return true
  }

  private mutating func fill() throws(PlatformError) -> Int {
    let descriptor = folder.number
    var bytes = page.mutableBytes
    // The kernel writes at most the count of bytes it is given.
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe swl_folder_read(
        descriptor, $0.baseAddress.unsafelyUnwrapped, UInt64($0.count))
    }
    guard result >= 0 else { throw PlatformError(.list, code: Int32(truncatingIfNeeded: result)) }
    return Int(result)
  }

  private mutating func step() {
    let offset = UInt64(next)
    var found = swl_folder_entry_view()
    // The kernel filled the page with whole entries, and `offset` is where one begins.
    let end = unsafe page.bytes.withUnsafeBytes {
      unsafe swl_folder_entry(
        $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), offset, &found)
    }
    entry = found
    next = Int(end)
  }

  /// The entry's name; until `advance()`.
  public var name: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let start = Int(entry.name_offset)
      return Span(
        _bytes: page.bytes.extracting(start..<start + Int(entry.name_byte_count)))
    }
  }

  /// Whether the entry is a regular file: no folder, link, socket or device.
  public func isRegularFile() throws(PlatformError) -> Bool {
    let kind = unsafe withName { unsafe swl_folder_kind(folder.number, $0) }
    guard kind >= 0 else { throw PlatformError(.inspect, code: kind) }
    return Int(kind) == SWL_FILE_REGULAR
  }

  /// Goes to the next regular file whose name is not too long for `name`, and copies that.
  mutating func nextRegularFile(_ name: inout TextBuffer<64>) throws(PlatformError) -> Bool {
    while try advance() {
      name.removeAll()
      name.append(self.name)
      guard !name.overflowed, try isRegularFile() else { continue }
      return true
    }
    return false
  }

  /// The entry's size in bytes.
  public func byteCount() throws(PlatformError) -> Int64 {
    let size = unsafe withName { unsafe swl_folder_byte_count(folder.number, $0) }
    guard size >= 0 else { throw PlatformError(.inspect, code: Int32(truncatingIfNeeded: size)) }
    return size
  }

  @unsafe
  private func withName<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    // The kernel ends each name in the page with a NUL.
    unsafe page.bytes.withUnsafeBytes {
      unsafe body(
        ($0.baseAddress.unsafelyUnwrapped + Int(entry.name_offset))
          .assumingMemoryBound(to: UInt8.self))
    }
  }
}
