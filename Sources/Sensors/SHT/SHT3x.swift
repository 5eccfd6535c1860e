import Hardware
import Text

/// Sensirion's SHT30, SHT31 and SHT35: temperature and relative humidity.
///
/// Datasheet: SHT3x-DIS, version 7 (December 2022).
///
/// Settings:
/// - `mode`: `single-shot` (default), one measurement per reading; or `periodic`, where the device
///   measures by itself and a reading fetches the last result.
/// - `repeatability`: `high` (default), `medium` or `low`.
/// - `data-rate` (periodic mode): 0.5, 1 (default), 2, 4 or 10 measurements a second. Ten a second
///   warm the device.
public struct SHT3x: SensorDriver {
  /// ADDR at ground; 0x45 with ADDR at the supply.
  public static let defaultAddress: Int = 0x44

  private let device: I2CCommands
  private var isPeriodic = false
  private var repeatability = SHTRepeatability.high
  private var dataRate = DataRate.one
  private var step = StartStep.stop

  private enum StartStep {
    case stop, reset, check
  }

  private enum DataRate {
    case half, one, two, four, ten
  }

  /// A sensor at an address.
  public init(address: I2CAddress) { device = I2CCommands(address: address) }

  /// `temperature` in °C, `humidity` in %.
  public var quantities: Quantities {
    Quantities(Quantity("temperature", unit: "°C"), Quantity("humidity", unit: "%"))
  }

  /// The longest single measurement (table 4, supply below 2.4 V); nothing in periodic mode.
  public var conversionNanoseconds: UInt64 {
    if isPeriodic { return 0 }
    return switch repeatability {
    case .high: 15_500_000
    case .medium: 6_500_000
    case .low: 4_500_000
    }
  }

  /// Stops periodic measurements, resets, and checks the status word and its checksum: the family
  /// has no identification register.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .stop
    switch current {
    case .stop:
      // Other commands are refused while the device measures by itself (section 4.8).
      try device.send(Command.stop, on: &bus)
      step = .reset
      return .wait(nanoseconds: 1_000_000)
    case .reset:
      try device.send(Command.reset, on: &bus)
      step = .check
      // 1.5 ms at most (table 4).
      return .wait(nanoseconds: 2_000_000)
    case .check:
      try checkStatus(on: &bus)
      if isPeriodic { try device.send(periodicCommand, on: &bus) }
      return .ready
    }
  }

  /// Begins one measurement in single-shot mode, without clock stretching.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    if !isPeriodic { try device.send(singleShotCommand, on: &bus) }
  }

  /// Takes the result; nothing new where the device has none yet.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    var bytes = InlineArray<6, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    do throws(SensorError) {
      if isPeriodic {
        try device.receive(into: &span, answering: Command.fetch, on: &bus)
      } else {
        try device.receive(into: &span, on: &bus)
      }
    } catch {
      // A device without a result refuses to be read (section 4.6). So does an absent one, which
      // does not answer its address either.
      guard case .bus(let refusal) = error, refusal.kind == .noAcknowledge else { throw error }
      try device.expectPresent(on: &bus)
      return .nothingNew
    }
    let measurement = try SHTMeasurement(bytes)
    reading[0] = measurement.celsius
    reading[1] = measurement.sht3Percent
    return .reading
  }

  private func checkStatus(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    var bytes = InlineArray<3, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.receive(into: &span, answering: Command.status, on: &bus)
    try CRC8.sensirion.verify(bytes.span)
    // The last command failed, or its checksum did (table 18).
    if bytes[1] & 0x03 != 0 {
      throw .deviceFault(register: UInt8(truncatingIfNeeded: Command.status >> 8), found: bytes[1])
    }
  }
}

// MARK: - Commands

extension SHT3x {
  private enum Command {
    static let stop: UInt16 = 0x3093
    static let reset: UInt16 = 0x30A2
    static let status: UInt16 = 0xF32D
    static let fetch: UInt16 = 0xE000
  }

  /// Table 9.
  private var singleShotCommand: UInt16 {
    switch repeatability {
    case .high: 0x2400
    case .medium: 0x240B
    case .low: 0x2416
    }
  }

  /// Table 10.
  private var periodicCommand: UInt16 {
    switch (dataRate, repeatability) {
    case (.half, .high): 0x2032
    case (.half, .medium): 0x2024
    case (.half, .low): 0x202F
    case (.one, .high): 0x2130
    case (.one, .medium): 0x2126
    case (.one, .low): 0x212D
    case (.two, .high): 0x2236
    case (.two, .medium): 0x2220
    case (.two, .low): 0x222B
    case (.four, .high): 0x2334
    case (.four, .medium): 0x2322
    case (.four, .low): 0x2329
    case (.ten, .high): 0x2737
    case (.ten, .medium): 0x2721
    case (.ten, .low): 0x272A
    }
  }
}

// MARK: - Settings

extension SHT3x {
  /// `mode`, `repeatability`, `data-rate`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("mode") {
      guard value.equals("single-shot") || value.equals("periodic") else {
        return .badValue(known: "single-shot or periodic")
      }
      isPeriodic = value.equals("periodic")
      return .taken
    }
    if option.equals("repeatability") {
      guard let named = SHTRepeatability(value) else {
        return .badValue(known: "high, medium or low")
      }
      repeatability = named
      return .taken
    }
    if option.equals("data-rate") {
      switch value.settingNumber {
      case 0.5: dataRate = .half
      case 1: dataRate = .one
      case 2: dataRate = .two
      case 4: dataRate = .four
      case 10: dataRate = .ten
      default: return .badValue(known: "0.5, 1, 2, 4 or 10 (a second)")
      }
      return .taken
    }
    return .unknown
  }
}
