import Hardware
import Text

/// The magnetometer of STMicroelectronics' LSM303DLHC, with its thermometer.
///
/// Comments name the registers of the datasheet DocID018771. The device measures by itself. Its
/// thermometer is for changes of temperature: no zero is specified, an offset in the configuration
/// makes it absolute.
///
/// Settings: `range` (gauss, `1.3` … `8.1`), `data-rate` (samples a second, `0.75` … `220`).
public struct LSM303DLHCMagnetometer: SensorDriver {
  /// The only address it has.
  public static let defaultAddress = 0x1E

  private let registers: I2CRegisters

  /// GN less one.
  private var range = 0
  /// DO.
  private var rateCode = 4

  /// A device at an address; it has only 0x1E.
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// Flux density along three axes and the temperature of the die.
  public var quantities: Quantities {
    Quantities(
      listing: Quantity("magnetic_field_x", unit: "µT"),
      Quantity("magnetic_field_y", unit: "µT"), Quantity("magnetic_field_z", unit: "µT"),
      Quantity("temperature", unit: "°C"))
  }

  /// Checks the identity and configures; the device has no reset.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    // IRA, IRB and IRC hold the text "H43".
    try registers.identify(Register.identity, as: UInt8(ascii: "H"), on: &bus)
    try registers.identify(Register.identity + 1, as: UInt8(ascii: "4"), on: &bus)
    try registers.identify(Register.identity + 2, as: UInt8(ascii: "3"), on: &bus)
    // TEMP_EN and DO (CRA_REG_M), GN (CRB_REG_M), continuous conversion (MR_REG_M).
    try registers.write(0x80 | UInt8(rateCode << 2), to: Register.controlA, on: &bus)
    try registers.write(UInt8((range + 1) << 5), to: Register.controlB, on: &bus)
    try registers.write(0x00, to: Register.mode, on: &bus)
    return .ready
  }

  /// Takes the newest measurement.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    // DRDY (SR_REG_M).
    guard try registers.read(Register.status, on: &bus) & 0x01 != 0 else { return .nothingNew }
    // All six registers at once: the device holds them still from the first to the last (LOCK).
    var bytes = InlineArray<6, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try registers.read(into: &span, from: Register.data, on: &bus)
    // TEMP_OUT_H_M and TEMP_OUT_L_M: 12 bits, left aligned, 8 steps for 1 °C.
    let temperature = Int16(
      truncatingIfNeeded: try registers.readBigEndian(Register.temperature, on: &bus))

    // The order of the registers is X, Z, Y.
    let order: InlineArray<3, Int> = [0, 2, 1]
    for place in 0..<3 {
      let raw = bytes.span.bigEndianInt16(at: 2 * place)
      // What the device says when a field is stronger than its range.
      guard raw != -4096 else { throw .outOfRange }
      // 100 µT in 1 gauss.
      let steps = order[place] == 2 ? stepsPerGaussZ : stepsPerGaussXY
      reading[order[place]] = Float(raw) * 100 / steps
    }
    reading[3] = Float(temperature >> 4) / 8
    reading.ageNanoseconds = 0
    return .reading
  }

  /// Steps in 1 gauss along X and Y (CRB_REG_M).
  private var stepsPerGaussXY: Float {
    let steps: InlineArray<7, Float> = [1100, 855, 670, 450, 400, 330, 230]
    return steps[range]
  }

  /// Steps in 1 gauss along Z (CRB_REG_M).
  private var stepsPerGaussZ: Float {
    let steps: InlineArray<7, Float> = [980, 760, 600, 400, 355, 295, 205]
    return steps[range]
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("range") {
      return .choosing(value, from: "1.3 1.9 2.5 4.0 4.7 5.6 8.1") { range = $0 }
    }
    guard option.equals("data-rate") else { return .unknown }
    return .choosing(value, from: "0.75 1.5 3 7.5 15 30 75 220") { rateCode = $0 }
  }
}

/// Register numbers (DocID018771, "Register mapping", magnetic sensor).
private enum Register {
  static let controlA: UInt8 = 0x00
  static let controlB: UInt8 = 0x01
  static let mode: UInt8 = 0x02
  static let data: UInt8 = 0x03
  static let status: UInt8 = 0x09
  static let identity: UInt8 = 0x0A
  static let temperature: UInt8 = 0x31
}
