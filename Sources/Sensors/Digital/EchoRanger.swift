import Hardware
import Text

/// Distance by ultrasound with an HC-SR04 or its like: a pulse on the trigger line makes it send,
/// and the echo line is active for as long as the sound travels.
///
/// A measurement has two phases, neither of which waits: `trigger` sends, `read` takes the kernel's
/// timestamps of the echo's two edges, `conversionNanoseconds` later.
///
/// Settings: `temperature` of the air (°C), `maximum-distance` (metres).
public struct EchoRanger: Sendable {
  /// Temperature of the air in °C, by which sound travels faster or slower; for a sensor nearby.
  public var airCelsius: Float = 20

  private var maximumMetres: Float = 4
  /// The end of the trigger pulse; `nil` while no measurement goes on.
  private var triggered: UInt64?

  /// A ranger in air of 20 °C, up to 4 m.
  public init() {}

  /// The distance.
  public var quantities: Quantities { Quantities(Quantity("distance", unit: "m")) }

  /// The device waits under a millisecond and sends for 0.2 ms; then sound travels there and back.
  public var conversionNanoseconds: UInt64 {
    2_000_000 + UInt64(2 * maximumMetres / metresPerSecond * 1e9)
  }

  /// Sends: a pulse of at least 10 µs.
  ///
  /// - Parameter clock: Nanoseconds of the monotonic clock; asked until the 10 µs are over, the one
  ///   thing that is waited for, since a timer would take longer than the pulse.
  public mutating func trigger(
    on output: inout some DigitalOutput & ~Copyable, clock: () -> UInt64
  ) throws(SensorError) {
    triggered = nil
    do {
      try output.set(true)
      let start = clock()
      // Bounded, should the clock stand still.
      var leftLooks = 100_000
      while leftLooks > 0 && clock() &- start < 10_000 { leftLooks -= 1 }
      try output.set(false)
    } catch {
      throw .bus(error)
    }
    triggered = clock()
  }

  /// Takes the echo of the last pulse.
  public mutating func read(
    from line: inout some DigitalInput & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let sent = triggered
    triggered = nil
    var risen: UInt64?
    var travelled: UInt64?
    try line.forEachEdge { edge in
      // Before the pulse: the end of an earlier echo. After the echo: sound from elsewhere.
      guard let sent, edge.nanoseconds >= sent, travelled == nil else { return }
      if edge.level {
        risen = edge.nanoseconds
      } else if let risen {
        travelled = edge.nanoseconds - min(risen, edge.nanoseconds)
      }
    }
    guard sent != nil else { return .nothingNew }
    guard risen != nil else { throw .noEcho }
    // Without an end yet: nothing was near enough to send the sound back in time.
    guard let travelled else { throw .outOfRange }
    let metres = Float(travelled) * 1e-9 * metresPerSecond / 2
    // Below 2 cm the device hears itself.
    guard metres >= 0.02, metres <= maximumMetres else { throw .outOfRange }
    reading[0] = metres
    reading.ageNanoseconds = 0
    return .reading
  }

  /// Speed of sound in dry air, an ideal gas: 331.3 m/s at 0 °C, as the root of the temperature.
  private var metresPerSecond: Float { 331.3 * (1 + airCelsius / 273.15).squareRoot() }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("temperature") {
      guard let celsius = value.settingNumber, celsius >= -60, celsius <= 100 else {
        return .badValue(known: "°C, -60 through 100")
      }
      airCelsius = Float(celsius)
      return .taken
    }
    guard option.equals("maximum-distance") else { return .unknown }
    guard let metres = value.settingNumber, metres >= 0.02, metres <= 10 else {
      return .badValue(known: "metres, 0.02 through 10")
    }
    maximumMetres = Float(metres)
    return .taken
  }
}
