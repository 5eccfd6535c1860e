/// Cuts the bytes of a client into lines, in caller-given memory.
public struct LineAssembler: ~Copyable, ~Escapable {
  private var buffer: MutableSpan<UInt8>

  /// How far the assembler is, for going on in the same buffer later.
  public private(set) var progress: Progress

  /// How far an assembler is.
  public struct Progress: Sendable {
    /// Bytes in the buffer, and how many of them belong to lines that were handed out.
    fileprivate var filled = 0
    fileprivate var taken = 0
    /// Whether the rest of a line that did not fit is being thrown away.
    fileprivate var isSkipping = false

    /// An empty buffer.
    public init() {}
  }

  /// What the bytes hold.
  public enum Step: Equatable, Sendable {
    /// More bytes are needed.
    case none
    /// A line without its line feed; `bytes(_:)` shows it until the next call of `next()`.
    case line(Range<Int>)
    /// A line that was longer than the buffer, of which nothing is left.
    case tooLong
  }

  /// The longest line in bytes, without its line feed.
  public var capacity: Int { buffer.count - 1 }

  /// An assembler that has nothing, or goes on where another one stopped.
  @_lifetime(copy buffer)
  public init(_ buffer: consuming MutableSpan<UInt8>, resuming progress: Progress = Progress()) {
    precondition(buffer.count > 1, "a line has bytes")
    self.buffer = buffer
    self.progress = progress
  }

  /// Lets `read` put bytes behind those that are there.
  ///
  /// - Parameter read: Is given room for at least one byte; returns how many it has put there.
  public mutating func fill<Failure: Error>(
    _ read: (inout MutableSpan<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    makeRoom()
    var room = buffer._mutatingExtracting(progress.filled..<buffer.count)
    let count = try read(&room)
    progress.filled += count
  }

  /// The next line.
  public mutating func next() -> Step {
    for index in progress.taken..<progress.filled where buffer[index] == UInt8(ascii: "\n") {
      let line = progress.taken..<index
      progress.taken = index + 1
      if progress.isSkipping {
        progress.isSkipping = false
        return .tooLong
      }
      return .line(line)
    }
    if progress.taken == 0, progress.filled == buffer.count {
      progress.isSkipping = true
      progress.filled = 0
    } else if progress.isSkipping {
      progress.taken = progress.filled
    }
    return .none
  }

  /// The bytes of a line.
  @_lifetime(borrow self)
  public borrowing func bytes(_ line: Range<Int>) -> Span<UInt8> {
    buffer.span.extracting(line)
  }

  /// Moves the beginning of an unfinished line to the front.
  private mutating func makeRoom() {
    guard progress.taken > 0 else { return }
    for index in progress.taken..<progress.filled { buffer[index - progress.taken] = buffer[index] }
    progress.filled -= progress.taken
    progress.taken = 0
  }
}
