import Hardware
import Text

/// Texas Instruments INA219: voltage, current and power through a shunt resistor.
///
/// Comments name the registers of the datasheet SBOS448. The device has no identification; after a
/// reset its configuration must be the one of the datasheet.
///
/// Settings: `shunt` (milliohms, whole), `maximum-current` (amperes; more than 320 mV over the
/// shunt cannot be measured, which bounds it), `bus-range` (volts, `16` or `32`), `averaging`
/// (samples, `1` … `128`, 532 µs each for the voltage and for the current).
public struct INA219: SensorDriver {
  /// The address with its pins low.
  public static let defaultAddress = 0x40

  private let registers: I2CRegisters

  private var shuntMilliohms = 100
  private var maximumMilliamperes = 3_200
  private var hasWideBusRange = true
  private var averagingCode = 0

  private var step = Step.identify

  private enum Step { case identify, configure }

  /// A device at an address, 0x40 through 0x4F by its pins A0 and A1 (table "Address pins").
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// Voltage of the bus against ground, current through the shunt and power.
  public var quantities: Quantities {
    Quantities(
      Quantity("voltage", unit: "V"), Quantity("current", unit: "A"), Quantity("power", unit: "W"))
  }

  /// Resets, checks what a reset leaves, configures and calibrates.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .identify
    switch current {
    case .identify:
      // RST (configuration register).
      try registers.write(bigEndian: 0x8000, to: Register.configuration, on: &bus)
      step = .configure
      return .wait(nanoseconds: 1_000_000)
    case .configure:
      let found = try registers.readBigEndian(Register.configuration, on: &bus)
      guard found == 0x399F else {
        let highDiffers = found >> 8 != 0x39
        throw .wrongDevice(
          register: Register.configuration,
          found: UInt8(truncatingIfNeeded: highDiffers ? found >> 8 : found),
          expected: highDiffers ? 0x39 : 0x9F)
      }
      try registers.write(bigEndian: calibration, to: Register.calibration, on: &bus)
      try registers.write(bigEndian: configuration, to: Register.configuration, on: &bus)
      return .ready
    }
  }

  /// Takes the newest measurement.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let busVoltage = try registers.readBigEndian(Register.busVoltage, on: &bus)
    // CNVR; reading the power clears it.
    guard busVoltage & 0x0002 != 0 else { return .nothingNew }
    // OVF: current or power do not fit their registers.
    guard busVoltage & 0x0001 == 0 else { throw .outOfRange }
    let shuntVoltage = Int16(
      truncatingIfNeeded: try registers.readBigEndian(Register.shuntVoltage, on: &bus))
    let current = Int16(truncatingIfNeeded: try registers.readBigEndian(Register.current, on: &bus))
    let power = try registers.readBigEndian(Register.power, on: &bus)
    // A device that lost its supply for a moment measures on, without calibration: current and
    // power would be zero for ever.
    let found = try registers.readBigEndian(Register.calibration, on: &bus)
    guard found == calibration else {
      throw .deviceFault(
        register: Register.calibration, found: UInt8(truncatingIfNeeded: found >> 8))
    }
    // The shunt's converter stops at the ends of its range, 10 µV a step.
    guard abs(Int(shuntVoltage)) < 4_000 << shuntGain else { throw .outOfRange }

    // BD: 4 mV a step, from bit 3.
    reading[0] = Float(busVoltage >> 3) * 0.004
    reading[1] = Float(current) * Float(stepMicroamperes) * 0.000_001
    // Power counts in steps twenty times those of the current, at 1 V each.
    reading[2] = Float(power) * Float(20 * stepMicroamperes) * 0.000_001
    reading.ageNanoseconds = 0
    return .reading
  }

  // The calibration, from the equations of "Programming the calibration register".

  /// The largest current that 320 mV over the shunt allow, or the one that was asked for.
  private var usableMilliamperes: Int { min(maximumMilliamperes, 320_000 / shuntMilliohms) }

  /// Current of one step: the largest one over 2¹⁵, rounded up to whole microamperes.
  private var stepMicroamperes: Int {
    let step = (usableMilliamperes * 1_000 + 32_767) / 32_768
    // The register holds 16 bits: a smaller step does not fit.
    return max(step, 40_960_000 / (65_534 * shuntMilliohms) + 1)
  }

  /// 0.04096 / (current of a step · shunt); the lowest bit does not exist.
  private var calibration: UInt16 {
    UInt16(40_960_000 / (stepMicroamperes * shuntMilliohms)) & 0xFFFE
  }

  /// PG: the narrowest range, of 40 mV doubled so often, in which the largest current fits.
  private var shuntGain: Int {
    let microvolts = usableMilliamperes * shuntMilliohms
    var gain = 0
    while gain < 3 && 40_000 << gain < microvolts { gain += 1 }
    return gain
  }

  /// BRNG, PG, BADC, SADC, and MODE "shunt and bus, continuous".
  private var configuration: UInt16 {
    let converters = UInt16(8 | averagingCode)
    return (hasWideBusRange ? 0x2000 : 0) | UInt16(shuntGain) << 11 | converters << 7
      | converters << 3 | 0x0007
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("bus-range") {
      return .choosing(value, from: "16 32") { hasWideBusRange = $0 == 1 }
    }
    if option.equals("averaging") {
      return .choosing(value, from: "1 2 4 8 16 32 64 128") { averagingCode = $0 }
    }
    if option.equals("shunt") {
      guard let milliohms = value.settingInteger(in: 1...10_000) else {
        return .badValue(known: "milliohms, 1 through 10000")
      }
      shuntMilliohms = Int(milliohms)
      return .taken
    }
    guard option.equals("maximum-current") else { return .unknown }
    guard let amperes = value.settingNumber, amperes >= 0.001, amperes <= 320 else {
      return .badValue(known: "amperes, 0.001 through 320")
    }
    maximumMilliamperes = Int(amperes * 1_000 + 0.5)
    return .taken
  }
}

/// Register numbers (SBOS448, table "Summary of register set").
private enum Register {
  static let configuration: UInt8 = 0x00
  static let shuntVoltage: UInt8 = 0x01
  static let busVoltage: UInt8 = 0x02
  static let power: UInt8 = 0x03
  static let current: UInt8 = 0x04
  static let calibration: UInt8 = 0x05
}
