private import CPlatform
import Text

/// Why a folder could not be had alone.
public enum FolderLockError: Error, Equatable, Sendable {
  /// Another process has it; its number, where it left one.
  case held(process: Int64?)
  /// The lock file cannot be used.
  case platform(PlatformError)

  /// Appends what happened and what to try; the folder is known to whoever tried.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .held(let process):
      sink.append("another process")
      if let process {
        sink.append(" (")
        sink.append(process)
        sink.append(")")
      }
      sink.append(" uses the folder; stop it or choose another folder")
    case .platform(let error):
      error.describe(into: &sink)
    }
  }
}

/// A folder for one process at a time, by a lock on the file `swiftletd.lock` in it.
///
/// The kernel releases the lock with the process, however that ends, so nothing has to be cleaned up
/// after a crash. The file stays.
public struct FolderLock: ~Copyable {
  private let file: FileDescriptor

  /// The name of the lock file.
  public static var fileName: StaticString { "swiftletd.lock" }

  /// Locks an existing folder, without waiting.
  public init(_ folder: borrowing FilePath) throws(FolderLockError) {
    let file = try Self.open(folder)
    let locked = swl_lock_exclusively(file.number)
    guard locked != -swl_error_would_block() else { throw .held(process: Self.holder(in: file)) }
    guard locked >= 0 else { throw .platform(PlatformError(.lock, code: locked)) }
    self.file = file
    leaveNumber()
  }

  private static func open(
    _ folder: borrowing FilePath
  ) throws(FolderLockError) -> FileDescriptor {
    do throws(PlatformError) {
      let path = try folder.appending(component: Self.fileName)
      let opened = unsafe path.withCString { unsafe swl_open_lock($0) }
      guard opened >= 0 else { throw PlatformError(.lock, code: opened) }
      return FileDescriptor(number: opened, closesOnDeinit: true)
    } catch {
      throw .platform(error)
    }
  }

  /// For people and for the message of whoever comes second; the lock holds without it, on a full
  /// disk for example.
  private func leaveNumber() {
    var text = TextBuffer<32>()
    text.append(Process.identifier)
    text.append("\n")
    try? file.truncate(to: 0)
    try? file.write(text.bytes, atFileOffset: 0)
  }

  private static func holder(in file: borrowing FileDescriptor) -> Int64? {
    var storage = InlineArray<20, UInt8>(repeating: 0)
    var buffer = storage.mutableSpan
    guard let count = try? file.read(into: &buffer, atFileOffset: 0) else { return nil }
    var number: Int64 = 0
    var digits = 0
    while digits < min(count, 18), (0x30...0x39).contains(buffer[digits]) {
      number = 10 * number + Int64(buffer[digits] - 0x30)
      digits += 1
    }
    return digits > 0 ? number : nil
  }
}

#if !hasFeature(Embedded)
  extension FolderLockError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
