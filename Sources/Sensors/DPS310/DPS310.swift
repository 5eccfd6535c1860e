import Hardware
import Text

/// Infineon's barometer DPS310: pressure and temperature.
///
/// Datasheet: DPS310, version 1.2 (2019). The device measures both quantities by itself, one after
/// the other; the coefficients of each device are read once, in the start.
///
/// Settings:
/// - `oversampling`: 1, 2, 4, 8, 16 (default), 32, 64 or 128 pressure measurements in one;
///   `temperature-oversampling`: the same for the temperature, default 1.
/// - `data-rate`: 1, 2, 4, 8 (default), 16, 32, 64 or 128 measurements a second; with much
///   oversampling only the lower ones leave time enough.
/// - `identity`: `check` (default) the product number, or `ignore` it, for emulators and clones
///   that have none.
public struct DPS310: SensorDriver {
  /// SDO open or at the supply; 0x76 with SDO at ground.
  public static let defaultAddress: Int = 0x77

  private let device: I2CRegisters
  private var settings = Settings()
  private var coefficients = Coefficients()
  private var step = StartStep.reset
  private var polls = 0
  private var hasTemperature = false

  private enum StartStep {
    case reset, configure
  }

  /// A barometer at an address.
  public init(address: I2CAddress) { device = I2CRegisters(address: address) }

  /// `temperature` in °C, `pressure` in Pa.
  public var quantities: Quantities {
    Quantities(Quantity("temperature", unit: "°C"), Quantity("pressure", unit: "Pa"))
  }

  /// Identifies, resets, reads the coefficients, corrects the temperature of early devices, and
  /// lets the device measure.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .reset
    hasTemperature = false
    switch current {
    case .reset:
      if settings.checksIdentity {
        try device.identify(Register.product, as: Register.productNumber, on: &bus)
      }
      try device.write(Register.resetMagic, to: Register.reset, on: &bus)
      step = .configure
      polls = 0
      // Until the coefficients are there (table 6).
      return .wait(nanoseconds: 40_000_000)
    case .configure:
      let status = try device.read(Register.measurement, on: &bus)
      guard status & Register.allReady == Register.allReady else {
        polls += 1
        if polls > 10 { throw .deviceFault(register: Register.measurement, found: status) }
        step = .configure
        return .wait(nanoseconds: 10_000_000)
      }
      try readCoefficients(on: &bus)
      try correctTemperature(on: &bus)
      try configure(status: status, on: &bus)
      return .ready
    }
  }

  /// Takes pressure and temperature when there is a new pressure.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let status = try device.read(Register.measurement, on: &bus)
    // A device that lost its supply for a moment waits for commands.
    guard status & Register.modeMask == Register.background else {
      throw .deviceFault(register: Register.measurement, found: status)
    }
    let hasNewTemperature = status & Register.temperatureReady != 0
    guard status & Register.pressureReady != 0, hasTemperature || hasNewTemperature else {
      return .nothingNew
    }
    var bytes = InlineArray<6, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.read(into: &span, from: Register.pressure, on: &bus)
    hasTemperature = true
    let temperature = settings.temperature.scaled(
      Self.signed24(bytes.span.extracting(3..<6)))
    let pressure = settings.pressure.scaled(Self.signed24(bytes.span.extracting(0..<3)))
    reading[0] = Float(coefficients.celsius(temperature))
    reading[1] = Float(coefficients.pascals(pressure, temperature: temperature))
    return .reading
  }

  private static func signed24(_ bytes: borrowing Span<UInt8>) -> Int32 {
    let word = UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8
    return Int32(bitPattern: word) >> 8
  }
}

// MARK: - The steps of the start

extension DPS310 {
  private mutating func readCoefficients(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    var bytes = InlineArray<18, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try device.read(into: &span, from: Register.coefficients, on: &bus)
    coefficients = Coefficients(bytes)
    // No device has them zero, one whose supply fails does.
    guard coefficients.c00 != 0, coefficients.c1 != 0 else {
      throw .deviceFault(register: Register.coefficients, found: bytes[0])
    }
  }

  /// Early devices read about 60 °C at room temperature until their temperature sensor is
  /// corrected: a sequence of writes to registers the datasheet does not have, which the
  /// manufacturer's driver and Linux' make. Bit 1 of another such register says it is not needed.
  private func correctTemperature(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    if try device.read(0x32, on: &bus) & 0x02 != 0 { return }
    try device.write(0xA5, to: 0x0E, on: &bus)
    try device.write(0x96, to: 0x0F, on: &bus)
    try device.write(0x02, to: 0x62, on: &bus)
    try device.write(0x00, to: 0x0E, on: &bus)
    try device.write(0x00, to: 0x0F, on: &bus)
  }

  private func configure(
    status: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    // The temperature must come from the sensor the coefficients were made with (section 7, 0x28).
    let source = try device.read(Register.coefficientSource, on: &bus) & Register.externalSensor
    try device.write(
      settings.rateCode << 4 | settings.pressure.code, to: Register.pressureSetup, on: &bus)
    try device.write(
      source | settings.rateCode << 4 | settings.temperature.code, to: Register.temperatureSetup,
      on: &bus)
    try device.write(
      (settings.temperature.needsShift ? Register.temperatureShift : 0)
        | (settings.pressure.needsShift ? Register.pressureShift : 0),
      to: Register.configuration, on: &bus)
    // The status bits are read-only; an emulated device forgets them unless they are written back.
    try device.write(
      status & ~Register.modeMask | Register.background, to: Register.measurement, on: &bus)
  }
}

// MARK: - Settings

extension DPS310 {
  /// `oversampling`, `temperature-oversampling`, `data-rate`, `identity`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    settings.set(option, to: value)
  }

  /// Oversampling that leaves no time for the data rate.
  public var settingsProblem: StaticString? {
    settings.fit ? nil : "`data-rate` leaves no time for so much oversampling; lower one of them"
  }
}
