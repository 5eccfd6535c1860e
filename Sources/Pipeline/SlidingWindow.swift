/// Which slots of a ring hold the window of `length` samples that is complete every `hop` samples.
///
/// The first window is complete after `length` samples, the next after `hop` more.
public struct SlidingWindow: Sendable {
  /// Samples in a window, and slots in the ring.
  public let length: Int

  /// Samples from one window to the next, at most `length`.
  public let hop: Int

  /// The slot the next sample goes to, which holds the oldest one once the ring is full.
  public private(set) var nextSlot = 0

  /// Samples missing until a window is complete.
  private var missing: Int

  /// An empty window.
  public init(length: Int, hop: Int) {
    precondition(length > 0 && (1...length).contains(hop), "a window moves by at most its length")
    self.length = length
    self.hop = hop
    missing = length
  }

  /// Says that a sample was written to `nextSlot`.
  ///
  /// - Returns: Whether a window is complete; read it before the next sample.
  public mutating func advance() -> Bool {
    nextSlot = nextSlot + 1 == length ? 0 : nextSlot + 1
    missing -= 1
    guard missing == 0 else { return false }
    missing = hop
    return true
  }

  /// Starts over, as after a gap in the stream.
  public mutating func restart() {
    missing = length
    nextSlot = 0
  }

  /// The slot of a sample of the complete window: 0 is the oldest, `length` − 1 the newest.
  public func slot(_ sample: Int) -> Int {
    nextSlot + sample < length ? nextSlot + sample : nextSlot + sample - length
  }
}
