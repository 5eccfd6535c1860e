import Hardware

/// Makes one change out of the many a bouncing contact gives.
///
/// A change counts once the line has kept its new level for the quiet time; its moment is when the
/// line last changed before that. A change that is taken back within the quiet time never was.
/// Only the kernel's timestamps matter, so it does not depend on when the changes are fetched.
public struct EdgeDebouncer: Sendable {
  /// How long a level must last, in nanoseconds; 0 passes everything.
  public var quietNanoseconds: UInt64

  /// The level that counts; `nil` before the first.
  public private(set) var level: Bool?

  /// A change that has not lasted long enough yet.
  private var pending: DigitalEdge?

  /// A debouncer that knows no level yet.
  public init(quietNanoseconds: UInt64 = 0) {
    self.quietNanoseconds = quietNanoseconds
  }

  /// Takes a change of the line.
  ///
  /// - Returns: A change that counts now; with a quiet time, an earlier one.
  public mutating func observe(_ edge: DigitalEdge) -> DigitalEdge? {
    if quietNanoseconds == 0 {
      // Also one to the level that was there: then the kernel's queue lost the one between.
      level = edge.level
      return edge
    }
    let settled = settle(at: edge.nanoseconds)
    pending = edge.level == level ? nil : edge
    return settled
  }

  /// Lets time pass without a change.
  ///
  /// - Returns: The change that counts because of it.
  public mutating func settle(at now: UInt64) -> DigitalEdge? {
    guard let edge = pending, now >= edge.nanoseconds,
      now - edge.nanoseconds >= quietNanoseconds
    else { return nil }
    pending = nil
    level = edge.level
    return edge
  }

  /// Takes the line's level at a moment, for the first level and for changes whose edge was lost.
  public mutating func observe(level seen: Bool, at now: UInt64) {
    guard let level else {
      self.level = seen
      pending = nil
      return
    }
    guard seen != (pending?.level ?? level) else { return }
    if quietNanoseconds == 0 {
      self.level = seen
    } else {
      pending = seen == level ? nil : DigitalEdge(level: seen, nanoseconds: now)
    }
  }
}
