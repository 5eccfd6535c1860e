import Hardware
import Text

/// Counts pulses: a rain gauge, a flow or electricity meter, a gate.
///
/// A reading has the pulses since the reading before, and all since the start, which begins again
/// at 0 after 16,777,215: the largest count that every number of a sample can tell from its
/// neighbours.
///
/// Settings: `edge` (`active`, `inactive` or `both`: which changes count), `debounce`.
public struct PulseCounter: DigitalSensor {
  private var debouncer = EdgeDebouncer()
  private var counted = Edges.active
  private var sinceReading: UInt32 = 0
  private var total: UInt32

  private enum Edges { case active, inactive, both }

  /// A counter that has seen so many pulses.
  public init(total: UInt32 = 0) {
    self.total = total & Self.mask
  }

  /// 24 bits, the integers a 32-bit float has.
  private static let mask: UInt32 = 0xFF_FFFF

  /// Pulses since the last reading, and since the start.
  public var quantities: Quantities {
    Quantities(Quantity("pulses", unit: "count"), Quantity("total", unit: "count"))
  }

  /// Counts the queued changes.
  public mutating func collect(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64
  ) throws(SensorError) {
    try line.forEachEdge { edge in
      if let settled = debouncer.observe(edge) { count(settled) }
    }
    if let settled = debouncer.settle(at: now) { count(settled) }
  }

  private mutating func count(_ edge: DigitalEdge) {
    guard counted == .both || edge.level == (counted == .active) else { return }
    total = (total &+ 1) & Self.mask
    sinceReading = min(sinceReading + 1, Self.mask)
  }

  /// The counts.
  public mutating func read(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    try collect(from: &line, at: now)
    reading[0] = Float(sinceReading)
    reading[1] = Float(total)
    reading.ageNanoseconds = 0
    sinceReading = 0
    return .reading
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("debounce") { return debouncer.setQuietTime(value) }
    guard option.equals("edge") else { return .unknown }
    return .choosing(value, from: "active inactive both") { index in
      counted = index == 0 ? .active : index == 1 ? .inactive : .both
    }
  }
}
