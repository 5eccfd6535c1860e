import LinuxPlatform
import Synchronization
import Text

/// A small file that the loop wants written and the writer thread writes.
///
/// One at a time: the loop offers the next one when the one before is done. The fields that change
/// lie in the memory given and change hands with the flag.
@safe
struct FilePost: ~Copyable {
  /// Two counts, what failed, a path, a text.
  static let byteCount = textOffset + textByteCount
  /// As much as the drift state of 127 channels has.
  static let textByteCount = 65_536
  private static let pathOffset = 16
  private static let textOffset = pathOffset + 4096

  private let isFull = Atomic<Bool>(false)
  private let memory: UnsafeMutableRawBufferPointer

  /// - Parameter memory: `byteCount` bytes that outlive the post.
  @unsafe
  init(memory: UnsafeMutableRawBufferPointer) {
    precondition(memory.count >= Self.byteCount, "the memory holds a file")
    unsafe self.memory = unsafe memory
  }

  /// Whether the file before is done. For the loop.
  var isEmpty: Bool { !isFull.load(ordering: .acquiring) }

  /// Hands a file over; only while `isEmpty`, and with a text of at most `textByteCount` bytes.
  ///
  /// - Parameter isDurable: Whether it must survive a power cut, and holds nothing but the text.
  borrowing func offer(
    _ path: FilePath, _ text: borrowing Span<UInt8>, isDurable: Bool = false
  ) {
    precondition(text.count <= Self.textByteCount, "the post holds the text")
    let bytes = path.bytes
    for index in bytes.indices {
      unsafe memory.storeBytes(
        of: bytes[index], toByteOffset: Self.pathOffset + index, as: UInt8.self)
    }
    for index in text.indices {
      unsafe memory.storeBytes(
        of: text[index], toByteOffset: Self.textOffset + index, as: UInt8.self)
    }
    unsafe memory.storeBytes(of: Int32(path.byteCount), as: Int32.self)
    unsafe memory.storeBytes(of: Int32(text.count), toByteOffset: 4, as: Int32.self)
    unsafe memory.storeBytes(of: isDurable ? 1 : 0, toByteOffset: 12, as: Int32.self)
    isFull.store(true, ordering: .releasing)
  }

  /// Writes what was handed over, if anything was. For the writer thread.
  ///
  /// - Parameter folder: The journal's, whose free space is told as well.
  borrowing func deliver(freeSpaceOf folder: FilePath) {
    guard isFull.load(ordering: .acquiring) else { return }
    let pathCount = Int(unsafe memory.load(as: Int32.self))
    let textCount = Int(unsafe memory.load(fromByteOffset: 4, as: Int32.self))
    let isDurable = unsafe memory.load(fromByteOffset: 12, as: Int32.self) != 0
    // The two files fail on their own: each has a byte.
    let failingOffset = isDurable ? 9 : 8
    let wasFailing = unsafe memory.load(fromByteOffset: failingOffset, as: UInt8.self) != 0
    let bytes = unsafe Span<UInt8>(_bytes: RawSpan(_unsafeBytes: memory))
    var isFailing = false
    if let path = try? FilePath(bytes.extracting(Self.pathOffset..<Self.pathOffset + pathCount)) {
      let text = bytes.extracting(Self.textOffset..<Self.textOffset + textCount)
      do throws(PlatformError) {
        if isDurable {
          try Self.keep(text, in: path)
        } else {
          try Self.write(text, to: path, freeSpaceOf: folder)
        }
      } catch {
        isFailing = true
        if !wasFailing { Self.tell(error, path, isMetrics: !isDurable) }
      }
      if wasFailing && !isFailing { Self.tellEnd(path, isMetrics: !isDurable) }
    }
    unsafe memory.storeBytes(of: isFailing ? 1 : 0, toByteOffset: failingOffset, as: UInt8.self)
    isFull.store(false, ordering: .releasing)
  }

  private static func write(
    _ text: borrowing Span<UInt8>, to path: FilePath, freeSpaceOf folder: FilePath
  ) throws(PlatformError) {
    let file = try AtomicFile(path)
    try file.write(text)
    if let free = try? FileSystem.freeByteCount(folder) {
      var line = TextBuffer<256>()
      line.append("# HELP swiftlet_journal_free_bytes Space left where the journal is.\n")
      line.append("# TYPE swiftlet_journal_free_bytes gauge\nswiftlet_journal_free_bytes ")
      line.append(free)
      line.append("\n")
      try file.write(line.bytes)
    }
    // Whoever reads it must never see half of it; that it survives a power cut is of no use.
    try file.commit(synchronized: false)
  }

  private static func keep(
    _ bytes: borrowing Span<UInt8>, in path: FilePath
  ) throws(PlatformError) {
    let file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  }

  private static func tell(_ error: PlatformError, _ path: FilePath, isMetrics: Bool) {
    LogLine.write(.warning) {
      if isMetrics { $0.append("[metrics] ") }
      $0.append(visible: path.bytes)
      $0.append(": ")
      error.describe(into: &$0)
    }
  }

  private static func tellEnd(_ path: FilePath, isMetrics: Bool) {
    LogLine.write(.notice) {
      if isMetrics { $0.append("[metrics] ") }
      $0.append(visible: path.bytes)
      $0.append(": written again")
    }
  }
}
