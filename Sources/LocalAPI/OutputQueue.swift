/// Bytes that wait until a client takes them, in caller-given memory.
///
/// A line goes in whole or not at all: a client that is too slow loses its connection, not the
/// second half of a line.
public struct OutputQueue: ~Copyable, ~Escapable {
  private var buffer: MutableSpan<UInt8>

  /// How far the queue is, for going on in the same buffer later.
  public private(set) var progress: Progress

  /// How far a queue is.
  public struct Progress: Sendable {
    fileprivate var filled = 0
    fileprivate var sent = 0

    /// An empty queue.
    public init() {}

    /// Whether nothing waits.
    public var isEmpty: Bool { filled == 0 }
  }

  /// A queue that has nothing, or goes on where another one stopped.
  @_lifetime(copy buffer)
  public init(_ buffer: consuming MutableSpan<UInt8>, resuming progress: Progress = Progress()) {
    self.buffer = buffer
    self.progress = progress
  }

  /// Whether nothing waits.
  public var isEmpty: Bool { progress.isEmpty }

  /// Appends a line.
  ///
  /// - Returns: `false` when there is no room for it; nothing was appended then.
  public mutating func append(_ line: borrowing Span<UInt8>) -> Bool {
    if line.count > buffer.count - progress.filled, progress.sent > 0 {
      for index in progress.sent..<progress.filled { buffer[index - progress.sent] = buffer[index] }
      progress.filled -= progress.sent
      progress.sent = 0
    }
    guard line.count <= buffer.count - progress.filled else { return false }
    for index in line.indices { buffer[progress.filled + index] = line[index] }
    progress.filled += line.count
    return true
  }

  /// Hands out what waits.
  ///
  /// - Parameter write: Takes bytes from the front; returns how many it took.
  public mutating func drain<Failure: Error>(
    _ write: (borrowing Span<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    guard progress.sent < progress.filled else { return }
    let (start, end) = (progress.sent, progress.filled)
    let count = try write(buffer.span.extracting(start..<end))
    progress.sent += count
    if progress.sent == progress.filled { progress = Progress() }
  }
}
