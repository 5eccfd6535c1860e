import Hardware
import Text

/// Sensirion's SHT40, SHT41 and SHT45: temperature and relative humidity.
///
/// Datasheet: SHT4x, version 6.6 (2024). Every reading is one measurement.
///
/// Settings:
/// - `repeatability`: `high` (default), `medium` or `low`.
public struct SHT4x: SensorDriver {
  /// The most sold variants; others have 0x45 or 0x46.
  public static let defaultAddress: Int = 0x44

  private let device: I2CCommands
  private var repeatability = SHTRepeatability.high
  private var step = StartStep.reset

  private enum StartStep {
    case reset, askSerialNumber, readSerialNumber
  }

  /// A sensor at an address.
  public init(address: I2CAddress) { device = I2CCommands(address: address) }

  /// `temperature` in °C, `humidity` in %.
  public var quantities: Quantities {
    Quantities(Quantity("temperature", unit: "°C"), Quantity("humidity", unit: "%"))
  }

  /// The longest measurement (table 5).
  public var conversionNanoseconds: UInt64 {
    switch repeatability {
    case .high: 8_300_000
    case .medium: 4_500_000
    case .low: 1_600_000
    }
  }

  /// Resets, and reads the serial number for the sake of its checksums: any number is one, but
  /// another device has no fitting checksums.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .reset
    switch current {
    case .reset:
      try device.send(Command.reset, on: &bus)
      step = .askSerialNumber
      // 1 ms at most (table 5).
      return .wait(nanoseconds: 1_000_000)
    case .askSerialNumber:
      try device.send(Command.serialNumber, on: &bus)
      step = .readSerialNumber
      return .wait(nanoseconds: 1_000_000)
    case .readSerialNumber:
      _ = try answer(on: &bus)
      return .ready
    }
  }

  /// Begins a measurement.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    try device.send(measureCommand, on: &bus)
  }

  /// Takes the result; the device refuses to be read before it has one, and once it was read.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let measurement = try answer(on: &bus)
    reading[0] = measurement.celsius
    reading[1] = measurement.sht4Percent
    return .reading
  }

  private func answer(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> SHTMeasurement {
    var bytes = InlineArray<6, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.receive(into: &span, on: &bus)
    return try SHTMeasurement(bytes)
  }
}

// MARK: - Commands and settings

extension SHT4x {
  /// Table 8.
  private enum Command {
    static let reset: UInt8 = 0x94
    static let serialNumber: UInt8 = 0x89
  }

  private var measureCommand: UInt8 {
    switch repeatability {
    case .high: 0xFD
    case .medium: 0xF6
    case .low: 0xE0
    }
  }

  /// `repeatability`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    guard option.equals("repeatability") else { return .unknown }
    guard let named = SHTRepeatability(value) else {
      return .badValue(known: "high, medium or low")
    }
    repeatability = named
    return .taken
  }
}
