/// Moments that come at a constant rate, each an absolute time.
///
/// Deadline k is origin + k · 10¹² / rate, rounded down to a nanosecond: the fractions are carried
/// along in integers, so the thousand-millionth deadline is as exact as the first, and the time spent
/// between deadlines does not add up.
public struct PeriodicDeadline: Sendable {
  /// The next deadline, in nanoseconds of a monotonic clock.
  public private(set) var next: UInt64

  /// Deadlines in 1,000 seconds.
  public let rateMillihertz: UInt64

  /// Whole nanoseconds of a period, and the rest in fractions of 1/`rateMillihertz`.
  private let quotient: UInt64
  private let remainder: UInt64
  private var fraction: UInt64 = 0

  /// Deadlines of which `origin` is the first.
  ///
  /// - Parameter rateMillihertz: 1 through 1,000,000,000 (a deadline every 1,000 s … 1 µs).
  public init(rateMillihertz: Int, origin: UInt64) {
    precondition((1...1_000_000_000).contains(rateMillihertz), "a rate has limits")
    let rate = UInt64(rateMillihertz)
    self.rateMillihertz = rate
    quotient = 1_000_000_000_000 / rate
    remainder = 1_000_000_000_000 % rate
    next = origin
  }

  /// The period in nanoseconds, rounded up.
  public var periodNanoseconds: UInt64 { quotient + (remainder > 0 ? 1 : 0) }

  /// Moves to the first deadline after the current one that lies in the future.
  ///
  /// Deadlines that have passed meanwhile are skipped, never made up for.
  ///
  /// - Returns: How many were skipped.
  public mutating func advance(past now: UInt64) -> UInt64 {
    jump(1)
    var skipped: UInt64 = 0
    while next <= now {
      // At most as many as have passed, since the divisor is not less than a period.
      let count = min(max(1, (now - next) / periodNanoseconds), 1 << 30)
      jump(count)
      skipped += count
    }
    return skipped
  }

  private mutating func jump(_ count: UInt64) {
    // Both factors are below 2³⁰ or the count is 1.
    let total = fraction + remainder * count
    next += quotient * count + total / rateMillihertz
    fraction = total % rateMillihertz
  }
}
