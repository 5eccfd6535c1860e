import Hardware
import Text

/// A digital thermometer with the register map of the LM75: also TMP102, TMP105 and their many
/// relatives.
///
/// The device converts by itself, one conversion after the other. None of the family has an
/// identification register; the start writes the configuration and reads it back, which finds an
/// absent device and most wrong ones.
///
/// Datasheets: TI LM75B (SNIS153), NXP LM75B, TI TMP102 (SBOS397), TI TMP105 (SBOS648).
///
/// Settings:
/// - `resolution` (TMP105, LM75): 9 through 12 bits, 0.5 to 0.0625 °C. A TMP105 is told; default
///   12. An LM75 has what it has, the bits below are undefined and ignored; default 9, NXP's have
///   11.
/// - `extended` (TMP102): `yes` for 13 bits, up to 150 °C instead of 128 °C.
/// - `conversion-rate` (TMP102): 0.25, 1, 4 (default) or 8 a second.
public struct LM75: SensorDriver {
  /// The members of the family.
  public enum Model: Sendable {
    case lm75
    case tmp102
    case tmp105
  }

  /// All address pins at ground.
  public static let defaultAddress: Int = 0x48

  private let model: Model
  private let device: I2CRegisters
  private var resolution: Int
  private var isExtended = false
  /// The field CR of a TMP102: 0.25, 1, 4 or 8 conversions a second.
  private var conversionRate: UInt8 = 2
  private var isConfigured = false

  /// A thermometer at an address.
  public init(_ model: Model, address: I2CAddress) {
    self.model = model
    device = I2CRegisters(address: address)
    resolution = model == .lm75 ? 9 : 12
  }

  /// `temperature` in °C.
  public var quantities: Quantities { Quantities(Quantity("temperature", unit: "°C")) }

  /// Configures, reads back, and waits for the first conversion with the new configuration.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    if isConfigured {
      isConfigured = false
      return .ready
    }
    if model == .tmp102 {
      try configureTMP102(on: &bus)
    } else {
      try configureByte(on: &bus)
    }
    isConfigured = true
    return .wait(nanoseconds: firstConversionNanoseconds)
  }

  /// Takes the last conversion.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let word = try device.readBigEndian(Register.temperature, on: &bus)
    if model == .tmp102 {
      // Bit 0 tells the mode the number is in; a device that lost its supply is back in the other.
      guard (word & 1 == 1) == isExtended else {
        throw .deviceFault(register: Register.temperature, found: UInt8(truncatingIfNeeded: word))
      }
    }
    reading[0] = Self.celsius(word, bits: isExtended ? 13 : resolution, isExtended: isExtended)
    return .reading
  }

  /// Degrees Celsius of a temperature register, exact.
  ///
  /// The register holds a two's complement number in its upper bits, whose weight is 2⁻⁸ °C per
  /// unit of the 16-bit word, 2⁻⁷ °C in the extended mode of a TMP102 (SBOS397, tables 2 and 3).
  ///
  /// - Parameter bits: How many of the upper bits count.
  static func celsius(_ word: UInt16, bits: Int, isExtended: Bool = false) -> Float {
    let code = Int16(bitPattern: word) >> Int16(16 - bits)
    let unit: Float = isExtended ? 0x1p-7 : 0x1p-8
    return Float(Int32(code) << Int32(16 - bits)) * unit
  }

  // The configuration of a TMP102 has two bytes (SBOS397, section 7.5.3):
  //
  //     OS R1 R0 F1 F0 POL TM SD │ CR1 CR0 AL EM 0 0 0 0
  private func configureTMP102(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let low = conversionRate << 6 | (isExtended ? 0x10 : 0)
    let high: UInt8 = 0x60
    try device.write(
      bigEndian: UInt16(high) << 8 | UInt16(low), to: Register.configuration, on: &bus)
    let found = try device.readBigEndian(Register.configuration, on: &bus)
    // OS and the state of the alert AL are not ours.
    let foundHigh = UInt8(found >> 8) & 0x7F
    let foundLow = UInt8(truncatingIfNeeded: found) & 0xD0
    if foundHigh != high {
      throw .wrongDevice(register: Register.configuration, found: foundHigh, expected: high)
    }
    if foundLow != low {
      throw .wrongDevice(register: Register.configuration, found: foundLow, expected: low)
    }
  }

  // That of the others has one: OS R1 R0 F1 F0 POL TM SD (SBOS648, section 7.5.3), where an LM75
  // has no OS, R1 and R0.
  private func configureByte(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let value = model == .tmp105 ? UInt8(resolution - 9) << 5 : 0
    try device.write(value, to: Register.configuration, on: &bus)
    let found = try device.read(Register.configuration, on: &bus)
    let mask: UInt8 = model == .tmp105 ? 0x7F : 0x1F
    if found & mask != value {
      throw .wrongDevice(register: Register.configuration, found: found & mask, expected: value)
    }
  }

  /// The longest a conversion takes.
  private var firstConversionNanoseconds: UInt64 {
    switch model {
    case .lm75: 300_000_000
    case .tmp102: 35_000_000
    // 40, 80, 160 and 320 ms.
    case .tmp105: 40_000_000 << UInt64(resolution - 9)
    }
  }

  private enum Register {
    static let temperature: UInt8 = 0
    static let configuration: UInt8 = 1
  }
}

// MARK: - Settings

extension LM75 {
  /// `resolution`, `extended`, `conversion-rate`.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("resolution"), model != .tmp102 {
      guard let bits = value.settingInteger(in: 9...12) else {
        return .badValue(known: "9, 10, 11 or 12 (bits)")
      }
      resolution = Int(bits)
      return .taken
    }
    if option.equals("extended"), model == .tmp102 {
      guard let flag = value.settingFlag else { return .badValue(known: "yes or no") }
      isExtended = flag
      return .taken
    }
    if option.equals("conversion-rate"), model == .tmp102 {
      switch value.settingNumber {
      case 0.25: conversionRate = 0
      case 1: conversionRate = 1
      case 4: conversionRate = 2
      case 8: conversionRate = 3
      default: return .badValue(known: "0.25, 1, 4 or 8 (a second)")
      }
      return .taken
    }
    return .unknown
  }
}
