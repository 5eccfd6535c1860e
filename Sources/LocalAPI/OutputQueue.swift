/// Bytes that wait until a client takes them, in caller-given memory.
///
/// A line goes in whole or not at all: a client that is too slow loses its connection, not the
/// second half of a line.
public struct OutputQueue: ~Copyable, ~Escapable {
  private var buffer: MutableSpan<UInt8>
  private var filled = 0
  private var sent = 0

  /// A queue without bytes.
  @_lifetime(copy buffer)
  public init(_ buffer: consuming MutableSpan<UInt8>) { self.buffer = buffer }

  /// Whether nothing waits.
  public var isEmpty: Bool { filled == 0 }

  /// Forgets everything, as for another client.
  public mutating func removeAll() {
    filled = 0
    sent = 0
  }

  /// Appends a line.
  ///
  /// - Returns: `false` when there is no room for it; nothing was appended then.
  public mutating func append(_ line: borrowing Span<UInt8>) -> Bool {
    if line.count > buffer.count - filled, sent > 0 {
      for index in sent..<filled { buffer[index - sent] = buffer[index] }
      filled -= sent
      sent = 0
    }
    guard line.count <= buffer.count - filled else { return false }
    for index in line.indices { buffer[filled + index] = line[index] }
    filled += line.count
    return true
  }

  /// Hands out what waits.
  ///
  /// - Parameter write: Takes bytes from the front; returns how many it took.
  public mutating func drain<Failure: Error>(
    _ write: (borrowing Span<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    guard sent < filled else { return }
    let (start, end) = (sent, filled)
    let count = try write(buffer.span.extracting(start..<end))
    sent += count
    if sent == filled { removeAll() }
  }
}
