import Journal
import LinuxPlatform

/// The two clocks together: what stands in every record, and whether one jumped.
struct Clock {
  /// Wall clock minus monotonic clock when it was last looked at, in nanoseconds.
  private var offset: Int64

  /// More than this is a jump and not a correction.
  private static let jumpLimit: UInt64 = 1_000_000_000

  init() {
    offset = Self.measuredOffset()
  }

  private static func measuredOffset() -> Int64 {
    WallClock.now() &- Int64(truncatingIfNeeded: MonotonicClock.now())
  }

  /// The moment, as records have it.
  static func stamp(boot: UInt32) -> RecordStamp {
    RecordStamp(
      wallNanoseconds: WallClock.now(), monotonicNanoseconds: MonotonicClock.now(),
      bootIdentifier: boot, isSynchronized: WallClock.isSynchronized)
  }

  /// By how many nanoseconds the wall clock was set since the last call; `nil` for at most a second,
  /// which is how a clock that is kept in step moves.
  mutating func takeJump() -> Int64? {
    let now = Self.measuredOffset()
    let jump = now &- offset
    offset = now
    return jump.magnitude > Self.jumpLimit ? jump : nil
  }
}
