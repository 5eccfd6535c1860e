/// How far a read or write got.
public enum ConnectionProgress: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// None now.
  case nothing
  /// The other end has gone.
  case closed
}

/// One end of a stream to a client. Nothing of it waits.
public protocol ClientConnection: ~Copyable {
  /// Takes bytes that have come; there is room for at least one.
  mutating func receive(into buffer: inout MutableSpan<UInt8>) -> ConnectionProgress

  /// Sends as many of the bytes as there is room for.
  mutating func send(_ bytes: borrowing Span<UInt8>) -> ConnectionProgress
}
