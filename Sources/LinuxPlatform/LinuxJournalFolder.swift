private import CPlatform
public import Journal
public import Text

/// The journal's folder on a real file system.
///
/// Nothing is opened before it is needed. The folder is opened anew by each listing and after a
/// failure, so a disk that went and was mounted again is found.
public struct LinuxJournalFolder: JournalFolder, ~Copyable {
  private let path: FilePath
  private var folder: FileDescriptor?
  private var listing: FolderListing?
  /// The file that is appended to.
  private var appending: FileDescriptor?
  /// The file that was read last, kept open for the next piece of it.
  private var reading: FileDescriptor?
  private var readingName = TextBuffer<64>()

  /// The folder at a path, which may be missing.
  public init(_ path: FilePath) {
    self.path = path
  }

  /// Makes the folder when it is missing and starts its list anew.
  public mutating func beginListing() throws(PlatformError) {
    folder = nil
    listing = nil
    closeReading()
    try makeFolder()
    listing = try FolderListing(path)
    folder = try openFolder()
  }

  private func makeFolder() throws(PlatformError) {
    let result = unsafe path.withCString { unsafe swl_make_private_folder($0) }
    guard result >= 0 else { throw PlatformError(.makeFolder, code: result) }
  }

  private func openFolder() throws(PlatformError) -> FileDescriptor {
    let opened = unsafe path.withCString { unsafe swl_folder_open($0) }
    guard opened >= 0 else { throw PlatformError(.open, code: opened) }
    return FileDescriptor(number: opened, closesOnDeinit: true)
  }

  /// The next regular file; false at the end.
  public mutating func nextEntry(_ name: inout TextBuffer<64>) throws(PlatformError) -> Bool {
    guard try listing?.nextRegularFile(&name) == true else {
      listing = nil
      return false
    }
    return true
  }

  // MARK: Any file

  /// Size in bytes.
  public mutating func byteCount(
    of name: borrowing Span<UInt8>
  ) throws(PlatformError) -> UInt64 {
    let folder = try folderNumber()
    let name = try FileName(name)
    let size = unsafe name.withCString { unsafe swl_folder_byte_count(folder, $0) }
    guard size >= 0 else { throw failure(.inspect, Int32(truncatingIfNeeded: size)) }
    return UInt64(size)
  }

  /// Reads from a place of a file on; 0 is its end.
  public mutating func read(
    _ name: borrowing Span<UInt8>, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(PlatformError) -> Int {
    if reading == nil || !readingName.bytes.equals(name) {
      closeReading()
      reading = try open(name, appends: false)
      readingName.append(name)
    }
    do throws(PlatformError) {
      return try reading?.read(into: &buffer, atFileOffset: Int(clamping: offset)) ?? 0
    } catch {
      closeReading()
      throw failure(.read, error.code)
    }
  }

  private mutating func closeReading() {
    reading = nil
    readingName.removeAll()
  }

  /// Gives a file another name.
  public mutating func rename(
    _ name: borrowing Span<UInt8>, to newName: borrowing Span<UInt8>
  ) throws(PlatformError) {
    closeReading()
    let folder = try folderNumber()
    let name = try FileName(name)
    let newName = try FileName(newName)
    let result = unsafe name.withCString { name in
      unsafe newName.withCString { unsafe swl_folder_rename(folder, name, $0) }
    }
    guard result >= 0 else { throw failure(.rename, result) }
  }

  /// Removes a file.
  public mutating func remove(_ name: borrowing Span<UInt8>) throws(PlatformError) {
    closeReading()
    let folder = try folderNumber()
    let name = try FileName(name)
    let result = unsafe name.withCString { unsafe swl_folder_remove(folder, $0) }
    guard result >= 0 else { throw failure(.remove, result) }
  }

  /// Waits until the storage device has the names in the folder.
  public mutating func synchronizeFolder() throws(PlatformError) {
    let result = swl_synchronize(try folderNumber())
    guard result >= 0 else { throw failure(.synchronize, result) }
  }

  /// Bytes that may still be written.
  public mutating func freeByteCount() throws(PlatformError) -> UInt64 {
    let free = swl_free_bytes(try folderNumber())
    guard free >= 0 else { throw failure(.inspect, Int32(truncatingIfNeeded: free)) }
    return UInt64(free)
  }

  // MARK: The file that is appended to

  /// Opens a file for appending, made when it is missing, instead of the one before.
  public mutating func openForAppending(
    _ name: borrowing Span<UInt8>
  ) throws(PlatformError) {
    appending = nil
    appending = try open(name, appends: true)
  }

  /// Appends as many bytes as the system takes at a time.
  ///
  /// - Returns: How many it took.
  public mutating func append(_ bytes: borrowing Span<UInt8>) throws(PlatformError) -> Int {
    let file = try appendingNumber()
    // The kernel reads at most the count of bytes it is given.
    let result = unsafe bytes.withUnsafeBufferPointer { bytes -> Int64 in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe swl_write(file, start, UInt64(bytes.count))
    }
    guard result >= 0 else { throw failure(.write, Int32(truncatingIfNeeded: result)) }
    return Int(result)
  }

  /// Waits until the storage device has the file's content.
  public mutating func synchronizeFile() throws(PlatformError) {
    let result = swl_synchronize_data(try appendingNumber())
    guard result >= 0 else { throw failure(.synchronize, result) }
  }

  /// Cuts the file.
  public mutating func truncateFile(to byteCount: UInt64) throws(PlatformError) {
    let result = swl_truncate(try appendingNumber(), byteCount)
    guard result >= 0 else { throw failure(.write, result) }
  }

  /// Closes the file.
  public mutating func closeFile() {
    appending = nil
  }

  // MARK: Descriptors

  private mutating func open(
    _ name: borrowing Span<UInt8>, appends: Bool
  ) throws(PlatformError) -> FileDescriptor {
    let folder = try folderNumber()
    let name = try FileName(name)
    let opened = unsafe name.withCString { unsafe swl_folder_open_file(folder, $0, appends) }
    guard opened >= 0 else { throw failure(appends ? .create : .open, opened) }
    return FileDescriptor(number: opened, closesOnDeinit: true)
  }

  private mutating func folderNumber() throws(PlatformError) -> Int32 {
    if folder == nil { folder = try openFolder() }
    switch folder {
    case .some(let folder): return folder.number
    case .none: throw PlatformError(.open, code: swl_error_missing())
    }
  }

  private func appendingNumber() throws(PlatformError) -> Int32 {
    switch appending {
    case .some(let file): return file.number
    case .none: throw PlatformError(.write, code: swl_error_missing())
    }
  }

  /// The error, and the folder looked for anew by the next call.
  private mutating func failure(
    _ operation: PlatformError.Operation, _ code: Int32
  ) -> PlatformError {
    folder = nil
    return PlatformError(operation, code: code)
  }
}

/// A name within a folder, NUL-terminated.
private struct FileName {
  private var storage = InlineArray<65, UInt8>(repeating: 0)

  init(_ name: borrowing Span<UInt8>) throws(PlatformError) {
    guard (1..<storage.count).contains(name.count) else {
      throw PlatformError(.open, code: swl_error_name_too_long())
    }
    for index in name.indices { storage[index] = name[index] }
  }

  @unsafe
  borrowing func withCString<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    // The array is never empty, and zero where the name did not reach.
    unsafe storage.span.withUnsafeBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
  }
}

extension PlatformError: JournalFolderFailure {
  /// What the journal can act on.
  public var journalReason: JournalFailureReason {
    if isNoSpace { return .noSpace }
    if isReadOnly { return .readOnly }
    if isNotPermitted { return .notPermitted }
    return isMissingFile ? .missing : .inputOutput
  }
}
