/// Something an `EventLoop` can wait for: an input line's changes, a socket, a wake-up.
///
/// It names an open descriptor and does not own it; whoever does must outlive the waiting.
public struct EventDescriptor: Equatable, Sendable {
  let number: Int32
}
