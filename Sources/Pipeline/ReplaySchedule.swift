/// When the samples of a recording are due, so that a replay takes as long as the recording did.
///
/// Deadlines are absolute: each is the start of the replay plus the time since the first sample, so
/// the time spent between samples does not add up.
public struct ReplaySchedule: Sendable {
  private var origin: (clock: UInt64, time: Double)?

  /// A schedule that begins with the first sample asked for.
  public init() {}

  /// When a sample is due.
  ///
  /// - Parameters:
  ///   - time: The sample's time in seconds, not before the first one's.
  ///   - now: Nanoseconds of a monotonic clock.
  /// - Returns: Nanoseconds of the same clock.
  public mutating func deadline(ofSampleAt time: Double, now: UInt64) -> UInt64 {
    guard let origin else {
      self.origin = (now, time)
      return now
    }
    // A century; longer waits do not end in the life of a board.
    let seconds = min(max(0, time - origin.time), 3_155_760_000)
    return origin.clock + UInt64(seconds * 1e9 + 0.5)
  }
}
