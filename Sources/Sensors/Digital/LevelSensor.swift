import Hardware
import Text

/// The level of a line: 1 while it is active, 0 otherwise.
///
/// Setting: `debounce` (such as `5ms`): a level counts once it has lasted so long.
public struct LevelSensor: DigitalSensor {
  private var debouncer = EdgeDebouncer()

  /// A sensor without debounce.
  public init() {}

  /// The level.
  public var quantities: Quantities { Quantities(Quantity("level", unit: "level")) }

  /// Takes the queued changes.
  public mutating func collect(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64
  ) throws(SensorError) {
    try line.forEachEdge { _ = debouncer.observe($0) }
    _ = debouncer.settle(at: now)
  }

  /// The level that counts.
  public mutating func read(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    try collect(from: &line, at: now)
    let seen: Bool
    do { seen = try line.level() } catch { throw .bus(error) }
    // Also what makes it work on a line that has no edges to give.
    debouncer.observe(level: seen, at: now)
    reading[0] = debouncer.level == true ? 1 : 0
    reading.ageNanoseconds = 0
    return .reading
  }

  /// Takes the setting above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    guard option.equals("debounce") else { return .unknown }
    return debouncer.setQuietTime(value)
  }
}

extension EdgeDebouncer {
  /// The setting `debounce`, which several sensors have.
  mutating func setQuietTime(_ value: borrowing Span<UInt8>) -> SensorOptionResult {
    guard let nanoseconds = value.settingNanoseconds else {
      return .badValue(known: "a whole number and us, ms, s or min, such as 5ms")
    }
    quietNanoseconds = nanoseconds
    return .taken
  }
}
