private import CPlatform

/// The clock that never jumps: for deadlines and latencies.
public enum MonotonicClock {
  /// Nanoseconds since an arbitrary start, the machine's boot on Linux.
  public static func now() -> UInt64 { swl_monotonic_ns() }

  /// Sleeps until `now()` has reached an absolute deadline in nanoseconds; returns at once when it
  /// has passed. Deadlines do not add up the time spent between sleeps, as durations would.
  ///
  /// - Returns: `false` when a termination signal came before the deadline.
  public static func sleep(until deadline: UInt64) -> Bool {
    swl_sleep_until_monotonic_ns(deadline) == 0
  }
}

/// The clock on the wall: for telling people and other machines when something was.
public enum WallClock {
  /// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Jumps when the clock is set.
  public static func now() -> Int64 { swl_realtime_ns() }

  /// Whether the kernel's clock follows a time server or a reference clock. Boards without a clock
  /// of their own start years behind and jump when this becomes true.
  public static var isSynchronized: Bool { swl_clock_is_synchronized() }
}

/// Which run of the machine this is: monotonic times of different runs cannot be compared.
public enum BootIdentifier {
  /// The first eight hexadecimal digits of the identifier the kernel draws at each boot, as a
  /// number; `nil` where `/proc` is missing.
  public static func current() -> UInt32? {
    UInt32(exactly: swl_boot_identifier())
  }
}
