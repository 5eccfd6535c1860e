import Hardware
import Text

/// ROHM's ambient light sensor BH1750FVI.
///
/// Datasheet: BH1750FVI, revision D (2011). It has commands instead of registers, and nothing to
/// identify it by.
///
/// Settings:
/// - `resolution`: `high` (default, 1 lx), `high2` (0.5 lx) or `low` (4 lx, 24 ms).
/// - `measurement-time`: 31 through 254, default 69: a larger number is more sensitivity and
///   proportionally more time. 31 reaches 121 klx, 254 resolves 0.11 lx with `high2`.
public struct BH1750: SensorDriver {
  /// ADDR at ground or open; 0x5C with ADDR at the supply.
  public static let defaultAddress: Int = 0x23

  /// One-time measurement at a resolution: the instruction (page 5).
  enum Resolution: UInt8, Sendable {
    case high = 0x20
    case high2 = 0x21
    case low = 0x23
  }

  private let device: I2CCommands
  private var resolution = Resolution.high
  private var measurementTime: UInt8 = BH1750.usualMeasurementTime

  static let usualMeasurementTime: UInt8 = 69

  /// A sensor at an address.
  public init(address: I2CAddress) { device = I2CCommands(address: address) }

  /// `illuminance` in lx.
  public var quantities: Quantities { Quantities(Quantity("illuminance", unit: "lx")) }

  /// The longest measurement (page 2), in proportion to the measurement time (page 11).
  public var conversionNanoseconds: UInt64 {
    let usual: UInt64 = resolution == .low ? 24_000_000 : 180_000_000
    return usual * UInt64(measurementTime) / UInt64(Self.usualMeasurementTime)
  }

  /// Switches on, clears the data register, and sets the measurement time.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    try device.send(Instruction.powerOn, on: &bus)
    try device.send(Instruction.reset, on: &bus)
    try device.send(Instruction.measurementTimeHigh | measurementTime >> 5, on: &bus)
    try device.send(Instruction.measurementTimeLow | measurementTime & 0x1F, on: &bus)
    return .ready
  }

  /// Begins one measurement; the device switches itself off after it.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    try device.send(resolution.rawValue, on: &bus)
  }

  /// Takes the result.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    var bytes = InlineArray<2, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.receive(into: &span, on: &bus)
    let count = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    // The counter's end: the light may be any amount brighter.
    if count == .max { throw .outOfRange }
    reading[0] = Self.lux(count, resolution: resolution, measurementTime: measurementTime)
    return .reading
  }

  /// count / 1.2 · 69 / measurement time, half of it for `high2` (page 11), rounded once.
  ///
  /// 0x8390, the datasheet's example, is 28067 lx (page 7).
  static func lux(_ count: UInt16, resolution: Resolution, measurementTime: UInt8) -> Float {
    let divisor = Int32(measurementTime) * (resolution == .high2 ? 4 : 2)
    return Float(Int32(count) * 115) / Float(divisor)
  }

  /// Page 5.
  private enum Instruction {
    static let powerOn: UInt8 = 0x01
    static let reset: UInt8 = 0x07
    static let measurementTimeHigh: UInt8 = 0x40
    static let measurementTimeLow: UInt8 = 0x60
  }
}

// MARK: - Settings

extension BH1750 {
  /// `resolution`, `measurement-time`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("resolution") {
      if value.equals("high") {
        resolution = .high
      } else if value.equals("high2") {
        resolution = .high2
      } else if value.equals("low") {
        resolution = .low
      } else {
        return .badValue(known: "high, high2 or low")
      }
      return .taken
    }
    if option.equals("measurement-time") {
      guard let time = value.settingInteger(in: 31...254) else {
        return .badValue(known: "31 through 254")
      }
      measurementTime = UInt8(time)
      return .taken
    }
    return .unknown
  }
}
