import Hardware
import Text

/// The level of a line: 1 while it is active, 0 otherwise.
///
/// Settings: `debounce` (such as `5ms`): a level counts once it has lasted so long; `log-edges`:
/// whether its changes are kept for `takeEdge()`.
public struct LevelSensor: DigitalSensor {
  private var debouncer = EdgeDebouncer()
  private var edges = EdgeQueue()

  /// Whether changes are kept.
  public private(set) var logsEdges = false

  /// A sensor without debounce.
  public init() {}

  /// The level.
  public var quantities: Quantities { Quantities(Quantity("level", unit: "level")) }

  /// Takes the queued changes.
  public mutating func collect(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64
  ) throws(SensorError) {
    try line.forEachEdge { keep(debouncer.observe($0)) }
    keep(debouncer.settle(at: now))
  }

  private mutating func keep(_ edge: DigitalEdge?) {
    guard logsEdges, let edge else { return }
    edges.append(edge)
  }

  /// The oldest change that counts and was not taken yet, with the time the kernel gave it.
  public mutating func takeEdge() -> EdgeQueue.Entry? { edges.takeFirst() }

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

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("debounce") { return debouncer.setQuietTime(value) }
    guard option.equals("log-edges") else { return .unknown }
    return .choosing(value, from: "no yes") { logsEdges = $0 == 1 }
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
