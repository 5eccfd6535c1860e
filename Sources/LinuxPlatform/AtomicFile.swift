private import CPlatform
import Text

/// A file that appears under its name complete or not at all.
///
/// The bytes go to `NAME.partial-PID` in the same folder; `commit()` waits until the device has
/// them and renames. Without `commit()` the partial file is removed and a file that was there
/// before stays as it was. A name that already is something other than a regular file (a pipe,
/// `/dev/stdout`, `/dev/full`) and `-`, standard output, are written directly: they cannot be
/// renamed over.
public struct AtomicFile: ~Copyable {
  private let file: FileDescriptor
  private let path: FilePath
  /// The name until `commit()`; the final one where the file is not replaceable.
  private let partialPath: FilePath
  private let isReplaceable: Bool

  /// Makes the partial file.
  ///
  /// - Throws: `PlatformError`, so that a folder that cannot be written is known before the work.
  public init(_ path: FilePath) throws(PlatformError) {
    let kind = unsafe path.withCString { unsafe Int(swl_path_kind($0)) }
    if kind == SWL_FILE_FOLDER {
      throw PlatformError(.create, code: swl_error_is_a_folder())
    }
    let isStream = path.isStandardStream
    let isReplaceable = !isStream && kind != SWL_FILE_OTHER
    let partial = isReplaceable ? try Self.partialPath(of: path) : path
    let opened = isStream ? 1 : Self.open(partial, new: isReplaceable)
    guard opened >= 0 else { throw PlatformError(.create, code: opened) }
    self.path = path
    partialPath = partial
    self.isReplaceable = isReplaceable
    file = FileDescriptor(number: opened, closesOnDeinit: !isStream)
  }

  /// A descriptor or a negated `errno` value.
  private static func open(_ path: borrowing FilePath, new: Bool) -> Int32 {
    unsafe path.withCString { path -> Int32 in
      guard new else { return unsafe swl_open_write(path) }
      let first = unsafe swl_open_new(path)
      guard first == -swl_error_already_there() else { return first }
      // Left by an earlier process of the same number that lost its power.
      _ = unsafe swl_unlink(path)
      return unsafe swl_open_new(path)
    }
  }

  private static func partialPath(of path: borrowing FilePath) throws(PlatformError) -> FilePath {
    var suffix = TextBuffer<32>()
    suffix.append(".partial-")
    suffix.append(swl_process_identifier())
    return try path.appending(suffix: suffix.bytes)
  }

  /// Writes all of `bytes` after what was written before.
  public func write(_ bytes: borrowing RawSpan) throws(PlatformError) {
    try file.write(bytes)
  }

  /// Writes all of `bytes` after what was written before.
  public func write(_ bytes: borrowing Span<UInt8>) throws(PlatformError) {
    try file.write(bytes)
  }

  /// Makes the file complete under its name.
  ///
  /// - Parameter synchronized: Whether to wait until the device has it. Without, readers see all of
  ///   it or nothing all the same, but after a power cut it may be gone.
  /// - Throws: `PlatformError`; the partial file is then removed.
  public consuming func commit(synchronized: Bool = true) throws(PlatformError) {
    try finish(synchronized: synchronized)
  }

  private func finish(synchronized isSynchronized: Bool) throws(PlatformError) {
    if isSynchronized { try file.synchronize() }
    guard isReplaceable else { return }
    let renamed = unsafe partialPath.withCString { partial in
      unsafe path.withCString { unsafe swl_rename(partial, $0) }
    }
    guard renamed >= 0 else { throw PlatformError(.rename, code: renamed) }
    guard isSynchronized else { return }
    let synchronized = unsafe path.withCString { unsafe swl_synchronize_folder_of($0) }
    guard synchronized >= 0 else { throw PlatformError(.synchronize, code: synchronized) }
  }

  deinit {
    // After a commit nothing has this name any more and the call fails, which is as well.
    if isReplaceable { _ = unsafe partialPath.withCString { unsafe swl_unlink($0) } }
  }
}
