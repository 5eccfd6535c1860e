/// Cuts a stream of samples into windows of `length` samples, one every `hop` samples.
///
/// The first window is complete after `length` samples, the next after `hop` more. Samples are kept
/// in a ring in the caller's memory, which never grows.
public struct SlidingWindow: ~Copyable, ~Escapable {
  /// Samples in a window.
  public let length: Int

  /// Samples from one window to the next, at most `length`.
  public let hop: Int

  /// Bytes a sample takes.
  public let sampleByteCount: Int

  private var ring: MutableRawSpan
  /// The slot the next sample goes to, which holds the oldest one once the ring is full.
  private var nextSlot = 0
  /// Samples missing until a window is complete.
  private var missing: Int

  /// An empty window.
  ///
  /// - Parameter ring: At least `length` × `sampleByteCount` bytes; their contents do not matter.
  @_lifetime(copy ring)
  public init(length: Int, hop: Int, sampleByteCount: Int, ring: consuming MutableRawSpan) {
    precondition(length > 0 && (1...length).contains(hop), "a window moves by at most its length")
    precondition(ring.byteCount >= length * sampleByteCount, "the ring holds a window")
    self.length = length
    self.hop = hop
    self.sampleByteCount = sampleByteCount
    self.ring = ring
    missing = length
  }

  /// Adds a sample.
  ///
  /// - Parameter write: Writes `sampleByteCount` bytes to the start of what it is given.
  /// - Returns: Whether a window is complete; read it before the next sample.
  public mutating func push(_ write: (inout MutableRawSpan) -> Void) -> Bool {
    let start = nextSlot * sampleByteCount
    var slot = ring._mutatingExtracting(start..<start + sampleByteCount)
    write(&slot)
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

  /// Copies the last `length` samples, oldest first.
  ///
  /// - Parameter window: `length` × `sampleByteCount` bytes.
  @_lifetime(window: copy window)
  public borrowing func copy(into window: inout MutableRawSpan) {
    let split = nextSlot * sampleByteCount
    let bytes = Span<UInt8>(_bytes: ring.bytes)
    let byteCount = length * sampleByteCount
    for offset in 0..<byteCount {
      let source = offset < byteCount - split ? split + offset : offset - (byteCount - split)
      window.storeBytes(of: bytes[source], toByteOffset: offset, as: UInt8.self)
    }
  }
}
