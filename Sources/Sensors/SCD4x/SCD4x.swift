import Hardware
import Text

/// Sensirion's carbon dioxide sensors SCD40 and SCD41.
///
/// Datasheet: SCD4x, version 1.5 (2024). The device measures by itself, every 5 s or 30 s, and
/// gives each result once. A command and the reading of its answer are apart by the time the
/// command takes, so a reading has three steps: is there a result, fetch it, take it.
///
/// Settings:
/// - `mode`: `periodic` (default, every 5 s) or `low-power` (every 30 s).
/// - `altitude`: 0 through 3000 m, default 0; the gas is thinner higher up.
/// - `temperature-offset`: 0 through 20 °C, default 4: how much the device warms itself; it
///   affects temperature and humidity, not carbon dioxide.
/// - `self-calibration`: `yes` (default), which takes the lowest value of each week for fresh air,
///   or `no` for rooms that are never aired.
public struct SCD4x: SensorDriver {
  /// The only address there is.
  public static let defaultAddress: Int = 0x62

  private let device: I2CCommands
  private var isLowPower = false
  private var altitude: UInt16 = 0
  /// In 1/65535 of 175 °C, as the device has it.
  private var temperatureOffset: UInt16 = SCD4x.offsetWord(4)
  private var calibratesItself = true
  private var step = StartStep.stop
  private var isFetching = false

  private enum StartStep {
    case stop, askSerialNumber, readSerialNumber, setOffset, setAltitude, setCalibration, measure
  }

  /// A sensor at an address.
  public init(address: I2CAddress) { device = I2CCommands(address: address) }

  /// `co2` in ppm, `temperature` in °C, `humidity` in %.
  public var quantities: Quantities {
    Quantities(
      Quantity("co2", unit: "ppm"), Quantity("temperature", unit: "°C"),
      Quantity("humidity", unit: "%"))
  }

  /// From the question whether there is a result to its answer.
  public var conversionNanoseconds: UInt64 { Self.commandNanoseconds }

  /// Stops, identifies the device by the checksums of its serial number, configures, and lets it
  /// measure. The first result is there 5 s or 30 s later.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .stop
    isFetching = false
    switch current {
    case .stop:
      // Hardly any other command is taken while the device measures (section 3.5).
      try device.send(Command.stop, on: &bus)
      step = .askSerialNumber
      return .wait(nanoseconds: 500_000_000)
    case .askSerialNumber:
      try device.send(Command.serialNumber, on: &bus)
      step = .readSerialNumber
      return .wait(nanoseconds: Self.commandNanoseconds)
    case .readSerialNumber:
      _ = try words(on: &bus)
      step = .setOffset
    case .setOffset:
      try device.send(Command.temperatureOffset, temperatureOffset, check: .sensirion, on: &bus)
      step = .setAltitude
    case .setAltitude:
      try device.send(Command.altitude, altitude, check: .sensirion, on: &bus)
      step = .setCalibration
    case .setCalibration:
      try device.send(
        Command.selfCalibration, calibratesItself ? 1 : 0, check: .sensirion, on: &bus)
      step = .measure
    case .measure:
      try device.send(isLowPower ? Command.startLowPower : Command.start, on: &bus)
      return .ready
    }
    return .wait(nanoseconds: Self.commandNanoseconds)
  }

  /// Asks whether there is a result.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    isFetching = false
    try device.send(Command.dataReady, on: &bus)
  }

  /// Takes the answer; where there is a result, fetches it and asks to be called once more.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    if isFetching {
      isFetching = false
      let words = try words(on: &bus)
      reading[0] = Float(words[0])
      let climate = SHTMeasurement(temperature: words[1], humidity: words[2])
      reading[1] = climate.celsius
      reading[2] = climate.sht3Percent
      return .reading
    }
    var bytes = InlineArray<3, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.receive(into: &span, on: &bus)
    try CRC8.sensirion.verify(bytes.span)
    // No result as long as the lower eleven bits are zero (section 3.9.2).
    guard (UInt16(bytes[0]) << 8 | UInt16(bytes[1])) & 0x07FF != 0 else { return .nothingNew }
    try device.send(Command.readMeasurement, on: &bus)
    isFetching = true
    return .wait(nanoseconds: Self.commandNanoseconds)
  }

  /// Three words, each followed by its checksum.
  private func words(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> InlineArray<3, UInt16> {
    var bytes = InlineArray<9, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.receive(into: &span, on: &bus)
    var words = InlineArray<3, UInt16>(repeating: 0)
    for index in 0..<3 {
      try CRC8.sensirion.verify(bytes.span.extracting(3 * index..<3 * index + 3))
      words[index] = UInt16(bytes[3 * index]) << 8 | UInt16(bytes[3 * index + 1])
    }
    return words
  }

  /// The time most commands take (table 9).
  private static let commandNanoseconds: UInt64 = 1_000_000

  private enum Command {
    static let start: UInt16 = 0x21B1
    static let startLowPower: UInt16 = 0x21AC
    static let stop: UInt16 = 0x3F86
    static let readMeasurement: UInt16 = 0xEC05
    static let dataReady: UInt16 = 0xE4B8
    static let serialNumber: UInt16 = 0x3682
    static let temperatureOffset: UInt16 = 0x241D
    static let altitude: UInt16 = 0x2427
    static let selfCalibration: UInt16 = 0x2416
  }
}

// MARK: - Settings

extension SCD4x {
  /// degrees · 65535 / 175, rounded to the nearest (section 3.7.1).
  static func offsetWord(_ celsius: Double) -> UInt16 { UInt16(celsius * 65535 / 175 + 0.5) }

  /// `mode`, `altitude`, `temperature-offset`, `self-calibration`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("mode") {
      guard value.equals("periodic") || value.equals("low-power") else {
        return .badValue(known: "periodic or low-power")
      }
      isLowPower = value.equals("low-power")
      return .taken
    }
    if option.equals("altitude") {
      guard let metres = value.settingInteger(in: 0...3000) else {
        return .badValue(known: "0 through 3000 (metres)")
      }
      altitude = UInt16(metres)
      return .taken
    }
    if option.equals("temperature-offset") {
      guard let offset = value.settingNumber, offset >= 0, offset <= 20 else {
        return .badValue(known: "0 through 20 (degrees Celsius)")
      }
      temperatureOffset = Self.offsetWord(offset)
      return .taken
    }
    if option.equals("self-calibration") {
      guard let flag = value.settingFlag else { return .badValue(known: "yes or no") }
      calibratesItself = flag
      return .taken
    }
    return .unknown
  }
}
