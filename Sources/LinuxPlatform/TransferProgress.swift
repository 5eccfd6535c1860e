/// How far a read or write got that does not wait.
public enum TransferProgress: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// None now; the event loop tells when it is worth trying again.
  case wouldBlock
  /// The other end has gone.
  case closed
}
