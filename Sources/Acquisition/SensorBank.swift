import Sensors

/// The sensors of a schedule, by number: what the schedule acts on.
///
/// On a board these are drivers on buses, GPIO lines and kernel files; in a test, a script.
public protocol SensorBank: ~Copyable {
  /// Nanoseconds of the monotonic clock. Read anew after each action, since actions take time.
  func now() -> UInt64

  /// One step of finding and configuring a device; see `SensorDriver.start(on:)`.
  mutating func start(_ sensor: Int) throws(SensorError) -> StartProgress

  /// Begins a conversion.
  mutating func trigger(_ sensor: Int) throws(SensorError)

  /// Takes the oldest result the device holds.
  mutating func read(
    _ sensor: Int, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress
}
