import Hardware
import Text

/// The frequency of pulses: an anemometer, a fan, a flow meter.
///
/// Whole periods are counted over at least the window and divided by the time between the first
/// and the last edge (reciprocal counting), so that the resolution is that of the kernel's
/// timestamps and not one pulse a window. When the pulses grow rarer than the window, the value
/// falls as fast as their absence proves it; without a pulse for the timeout it is 0.
///
/// Settings: `window` (such as `1s`), `timeout` (such as `5s`), `debounce`.
public struct FrequencyMeter: DigitalSensor {
  private var windowNanoseconds: UInt64 = 1_000_000_000
  private var timeoutNanoseconds: UInt64 = 5_000_000_000
  private var debouncer = EdgeDebouncer()

  /// The edge a measurement began with.
  private var first: UInt64?
  /// The latest edge, and how many periods it is after the first.
  private var last: UInt64 = 0
  private var periodCount = 0
  /// Since when there was no edge, while there is none.
  private var silentSince: UInt64?
  private var hertz: Float?

  /// A meter that has seen nothing.
  public init() {}

  /// The frequency.
  public var quantities: Quantities { Quantities(Quantity("frequency", unit: "Hz")) }

  /// Takes the queued changes.
  public mutating func collect(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64
  ) throws(SensorError) {
    try line.forEachEdge { edge in
      if let settled = debouncer.observe(edge) { take(settled) }
    }
    if let settled = debouncer.settle(at: now) { take(settled) }
  }

  private mutating func take(_ edge: DigitalEdge) {
    guard edge.level else { return }
    // An edge after a long silence begins a measurement: the silence was reported as such.
    guard first != nil, edge.nanoseconds > last, edge.nanoseconds - last < timeoutNanoseconds else {
      first = edge.nanoseconds
      last = edge.nanoseconds
      periodCount = 0
      return
    }
    last = edge.nanoseconds
    periodCount += 1
  }

  /// The frequency of the last complete window.
  public mutating func read(
    from line: inout some DigitalInput & ~Copyable, at now: UInt64, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    try collect(from: &line, at: now)
    update(at: now)
    guard let hertz else { return .nothingNew }
    reading[0] = hertz
    reading.ageNanoseconds = 0
    return .reading
  }

  private mutating func update(at now: UInt64) {
    guard let first else {
      // Never an edge, or none since the timeout.
      let since = silentSince ?? now
      silentSince = since
      if now >= since && now - since >= timeoutNanoseconds { hertz = 0 }
      return
    }
    silentSince = nil
    if periodCount > 0 && last - first >= windowNanoseconds {
      hertz = Float(Double(periodCount) * 1e9 / Double(last - first))
      self.first = last
      periodCount = 0
    }
    guard now > last else { return }
    if now - last >= timeoutNanoseconds {
      hertz = 0
      self.first = nil
      silentSince = last
    } else if let value = hertz {
      // No edge since the last one: the period is at least that long.
      hertz = min(value, Float(1e9 / Double(now - last)))
    }
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("debounce") { return debouncer.setQuietTime(value) }
    let isWindow = option.equals("window")
    guard isWindow || option.equals("timeout") else { return .unknown }
    guard let nanoseconds = value.settingNanoseconds, nanoseconds > 0 else {
      return .badValue(known: "a whole number above 0 and us, ms, s or min, such as 1s")
    }
    if isWindow { windowNanoseconds = nanoseconds } else { timeoutNanoseconds = nanoseconds }
    return .taken
  }
}
