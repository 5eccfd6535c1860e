/// Cuts the bytes of a client into lines, in caller-given memory.
public struct LineAssembler: ~Copyable, ~Escapable {
  private var buffer: MutableSpan<UInt8>
  /// Bytes in the buffer, and how many of them belong to lines that were handed out.
  private var filled = 0
  private var taken = 0
  /// Whether the rest of a line that did not fit is being thrown away.
  private var isSkipping = false

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

  /// An assembler without bytes.
  @_lifetime(copy buffer)
  public init(_ buffer: consuming MutableSpan<UInt8>) {
    precondition(buffer.count > 1, "a line has bytes")
    self.buffer = buffer
  }

  /// Forgets everything, as for another client.
  public mutating func removeAll() {
    filled = 0
    taken = 0
    isSkipping = false
  }

  /// Lets `read` put bytes behind those that are there.
  ///
  /// - Parameter read: Is given room for at least one byte; returns how many it has put there.
  public mutating func fill<Failure: Error>(
    _ read: (inout MutableSpan<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    makeRoom()
    var room = buffer._mutatingExtracting(filled..<buffer.count)
    let count = try read(&room)
    filled += count
  }

  /// The next line.
  public mutating func next() -> Step {
    for index in taken..<filled where buffer[index] == UInt8(ascii: "\n") {
      let line = taken..<index
      taken = index + 1
      if isSkipping {
        isSkipping = false
        return .tooLong
      }
      return .line(line)
    }
    if taken == 0, filled == buffer.count {
      isSkipping = true
      filled = 0
    } else if isSkipping {
      taken = filled
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
    guard taken > 0 else { return }
    for index in taken..<filled { buffer[index - taken] = buffer[index] }
    filled -= taken
    taken = 0
  }
}
