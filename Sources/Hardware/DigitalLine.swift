/// A GPIO line that is read.
public protocol DigitalInput: ~Copyable {
  /// The line's logical level now; `true` is active.
  mutating func level() throws(BusError) -> Bool

  /// The oldest change that was not taken yet; `nil` when there is none. Does not wait.
  mutating func nextEdge() throws(BusError) -> DigitalEdge?
}

/// A GPIO line that is driven.
public protocol DigitalOutput: ~Copyable {
  /// Drives the line; `true` is active.
  mutating func set(_ level: Bool) throws(BusError)

  /// The level the line has, read back; `true` is active.
  mutating func level() throws(BusError) -> Bool
}

/// One change of a line, as the kernel saw it.
public struct DigitalEdge: Equatable, Sendable {
  /// The level after the change; `true` is active.
  public let level: Bool

  /// When, in nanoseconds of the monotonic clock.
  public let nanoseconds: UInt64

  /// A change at a moment.
  public init(level: Bool, nanoseconds: UInt64) {
    self.level = level
    self.nanoseconds = nanoseconds
  }
}
