import Hardware
import Text

/// Bosch's sensors of temperature, pressure and (BME280) relative humidity.
///
/// Each device carries calibration words, read once in the start; the compensation of the raw
/// values is in `BME280+Compensation.swift`.
///
/// Datasheets: BME280 (BST-BME280-DS002, revision 1.9), BMP280 (BST-BMP280-DS001, revision 1.14).
/// Sections below are those of the BME280's.
///
/// Settings:
/// - `mode`: `forced` (default), one measurement per reading and sleep between, which keeps the
///   device from warming itself; or `normal`, one after the other with `standby` between.
/// - `oversampling`: 1 (default), 2, 4, 8 or 16 for all quantities; `temperature-oversampling`,
///   `pressure-oversampling`, `humidity-oversampling` for one. More is less noise and more time.
/// - `filter`: `off` (default), 2, 4, 8 or 16, the coefficient of the device's low-pass filter.
/// - `standby` (normal mode): 0.5 (default), 62.5, 125, 250, 500 or 1000 milliseconds.
public struct BME280: SensorDriver {
  /// With and without the humidity sensor.
  public enum Model: Sendable {
    case bme280
    case bmp280
  }

  /// SDO at ground; 0x77 with SDO at the supply. Most breakout boards name it on the back.
  public static let defaultAddress: Int = 0x76

  let model: Model
  private let device: I2CRegisters
  private var settings = Settings()
  private var calibration = Calibration()
  private var step = StartStep.reset
  private var polls = 0

  private enum StartStep {
    case reset, copyCalibration, firstMeasurement
  }

  /// A device at an address.
  public init(_ model: Model, address: I2CAddress) {
    self.model = model
    device = I2CRegisters(address: address)
  }

  /// `temperature` in °C, `pressure` in Pa, and of a BME280 `humidity` in %.
  public var quantities: Quantities {
    let temperature = Quantity("temperature", unit: "°C")
    let pressure = Quantity("pressure", unit: "Pa")
    return model == .bmp280
      ? Quantities(temperature, pressure)
      : Quantities(temperature, pressure, Quantity("humidity", unit: "%"))
  }

  /// The longest measurement with the settings (appendix B.1); nothing in normal mode.
  public var conversionNanoseconds: UInt64 {
    guard settings.isForced else { return 0 }
    return settings.measurementMicroseconds(withHumidity: model == .bme280) * 1000
  }

  /// Identifies, resets, reads the calibration words, and configures.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    do throws(SensorError) {
      return try advance(on: &bus)
    } catch {
      step = .reset
      throw error
    }
  }

  private mutating func advance(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    switch step {
    case .reset:
      try identify(on: &bus)
      try device.write(Register.resetMagic, to: Register.reset, on: &bus)
      step = .copyCalibration
      polls = 0
      // Start-up time, table 1.
      return .wait(nanoseconds: 2_000_000)
    case .copyCalibration:
      let status = try device.read(Register.status, on: &bus)
      if status & Register.updating != 0 {
        // The device copies its calibration words to the registers; not for ever.
        polls += 1
        if polls > 10 { throw .deviceFault(register: Register.status, found: status) }
        return .wait(nanoseconds: 2_000_000)
      }
      try readCalibration(on: &bus)
      try configure(on: &bus)
      if settings.isForced { return ready() }
      step = .firstMeasurement
      return .wait(
        nanoseconds: settings.measurementMicroseconds(withHumidity: model == .bme280) * 1000)
    case .firstMeasurement:
      return ready()
    }
  }

  private mutating func ready() -> StartProgress {
    step = .reset
    return .ready
  }

  /// Begins one measurement in forced mode.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    guard settings.isForced else { return }
    try device.write(
      settings.controlMeasurement | Settings.forced, to: Register.controlMeasurement, on: &bus)
  }

  /// Takes status, settings and data in one transfer, so that they belong together (section 4.1).
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    var bytes = InlineArray<12, UInt8>(repeating: 0)
    var all = bytes.mutableSpan
    var span = all._mutatingExtracting(first: model == .bme280 ? 12 : 10)
    try device.read(into: &span, from: Register.status, on: &bus)
    if settings.isForced, bytes[0] & Register.measuring != 0 { return .nothingNew }
    // A device that lost its supply for a moment has the settings of its reset.
    guard bytes[1] & ~Settings.modeMask == settings.controlMeasurement else {
      throw .deviceFault(register: Register.controlMeasurement, found: bytes[1])
    }

    let data = bytes.span.extracting(4..<12)
    let pressure = Self.raw20(data.extracting(0..<3))
    let temperature = Self.raw20(data.extracting(3..<6))
    let humidity = UInt16(data[6]) << 8 | UInt16(data[7])
    // What a skipped measurement leaves (section 4).
    if temperature == Self.skipped20 {
      throw .deviceFault(register: Register.temperature, found: data[3])
    }
    if pressure == Self.skipped20 {
      throw .deviceFault(register: Register.pressure, found: data[0])
    }
    let fine = calibration.fineTemperature(temperature)
    guard let compensated = calibration.pressure(pressure, at: fine) else {
      throw .deviceFault(register: Register.pressure, found: data[0])
    }
    reading[0] = fine.temperature.celsius
    reading[1] = compensated.pascals
    if model == .bme280 {
      if humidity == Self.skipped16 {
        throw .deviceFault(register: Register.humidity, found: data[6])
      }
      reading[2] = calibration.humidity(humidity, at: fine).percent
    }
    return .reading
  }

  private static let skipped20: Int32 = 0x80000
  private static let skipped16: UInt16 = 0x8000

  /// A 20-bit unsigned number, left-justified in three bytes (section 5.4.7).
  private static func raw20(_ bytes: borrowing Span<UInt8>) -> Int32 {
    Int32(bytes[0]) << 12 | Int32(bytes[1]) << 4 | Int32(bytes[2]) >> 4
  }
}

// MARK: - The steps of the start

extension BME280 {
  private func identify(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let found = try device.read(Register.identification, on: &bus)
    let expected: UInt8 = model == .bme280 ? 0x60 : 0x58
    // 0x56 and 0x57 were samples of the BMP280.
    let isSample = model == .bmp280 && (found == 0x56 || found == 0x57)
    guard found == expected || isSample else {
      throw .wrongDevice(register: Register.identification, found: found, expected: expected)
    }
  }

  private mutating func readCalibration(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    var words = InlineArray<26, UInt8>(repeating: 0)
    var humidityWords = InlineArray<7, UInt8>(repeating: 0)
    var span = words.mutableSpan
    try device.read(into: &span, from: Register.calibration, on: &bus)
    if model == .bme280 {
      var span = humidityWords.mutableSpan
      try device.read(into: &span, from: Register.humidityCalibration, on: &bus)
    }
    calibration = Calibration(words, humidity: humidityWords)
    // No device has them zero, a failing one does; the pressure is divided by P1.
    guard calibration.t1 != 0, calibration.p1 != 0 else {
      throw .deviceFault(register: Register.calibration, found: words[0])
    }
  }

  private func configure(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    try device.write(settings.configuration, to: Register.configuration, on: &bus)
    // Takes effect with the next write of the measurement's control (section 5.4.3).
    if model == .bme280 {
      try device.write(settings.humidity.code, to: Register.controlHumidity, on: &bus)
    }
    try device.write(
      settings.controlMeasurement | (settings.isForced ? Settings.sleep : Settings.normal),
      to: Register.controlMeasurement, on: &bus)
  }
}

// MARK: - Settings

extension BME280 {
  /// `mode`, `oversampling` and its parts, `filter`, `standby`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    settings.set(option, to: value, withHumidity: model == .bme280)
  }
}
