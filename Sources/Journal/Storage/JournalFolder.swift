import Text

/// A folder the journal keeps its files in: what it needs of a file system, and no more.
///
/// A value stands for one folder. At most one file is open for appending, and the implementation
/// keeps it. Names are plain file names of at most 64 bytes, without slash and NUL.
public protocol JournalFolder: ~Copyable {
  /// What the storage throws.
  associatedtype Failure: JournalFolderFailure

  /// Starts a walk over the files; a folder that is missing is made.
  mutating func beginListing() throws(Failure)

  /// Goes to the next file of the walk, in any order; folders and longer names are left out.
  ///
  /// - Returns: `false` at the end.
  mutating func nextEntry(_ name: inout TextBuffer<64>) throws(Failure) -> Bool

  /// The size of a file.
  mutating func byteCount(of name: borrowing Span<UInt8>) throws(Failure) -> UInt64

  /// Reads from a place in a file.
  ///
  /// - Returns: Bytes read, maybe fewer than `buffer` holds; 0 is the end of the file.
  mutating func read(
    _ name: borrowing Span<UInt8>, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(Failure) -> Int

  /// Opens a file for writing at its end, made when missing, instead of the one open before.
  mutating func openForAppending(_ name: borrowing Span<UInt8>) throws(Failure)

  /// Writes behind the end of the open file.
  ///
  /// - Returns: Bytes taken, maybe fewer than there are.
  mutating func append(_ bytes: borrowing Span<UInt8>) throws(Failure) -> Int

  /// Waits until the storage device has what was written to the open file.
  mutating func synchronizeFile() throws(Failure)

  /// Cuts the open file.
  mutating func truncateFile(to byteCount: UInt64) throws(Failure)

  /// Closes the file open for appending, if any. Says nothing: what is not synchronized is not
  /// trusted anyway.
  mutating func closeFile()

  /// Waits until the storage device knows of files made, renamed and removed.
  mutating func synchronizeFolder() throws(Failure)

  /// Renames a file, in place of another of that name.
  mutating func rename(
    _ name: borrowing Span<UInt8>, to newName: borrowing Span<UInt8>
  ) throws(Failure)

  /// Removes a file.
  mutating func remove(_ name: borrowing Span<UInt8>) throws(Failure)

  /// Bytes the file system has left for this program.
  mutating func freeByteCount() throws(Failure) -> UInt64
}

/// An error of a storage, sorted by what the journal can do about it.
public protocol JournalFolderFailure: Error, Sendable {
  /// The class of the failure.
  var journalReason: JournalFailureReason { get }

  /// Appends what was tried, why it failed and what to try.
  func describe(into sink: inout some TextSink & ~Copyable)
}

/// Why a storage refused.
public enum JournalFailureReason: UInt8, Equatable, Sendable {
  /// No space or no quota left (ENOSPC, EDQUOT).
  case noSpace
  /// The file system is mounted read-only (EROFS), also by the kernel after errors.
  case readOnly
  /// The user may not (EACCES, EPERM).
  case notPermitted
  /// The file or folder is not there (ENOENT).
  case missing
  /// Anything else, such as a card that fails (EIO).
  case inputOutput
}
