/// When a record was made, by both clocks.
public struct RecordStamp: Equatable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z, as the wall clock had it.
  public var wallNanoseconds: Int64

  /// Nanoseconds of the clock that never jumps and starts anew at every boot.
  public var monotonicNanoseconds: UInt64

  /// Tells one boot, and with it one life of the monotonic clock, from another.
  public var bootIdentifier: UInt32

  /// Whether the wall clock was synchronized with a time server.
  public var isSynchronized: Bool

  /// A moment.
  public init(
    wallNanoseconds: Int64, monotonicNanoseconds: UInt64, bootIdentifier: UInt32,
    isSynchronized: Bool
  ) {
    self.wallNanoseconds = wallNanoseconds
    self.monotonicNanoseconds = monotonicNanoseconds
    self.bootIdentifier = bootIdentifier
    self.isSynchronized = isSynchronized
  }
}
