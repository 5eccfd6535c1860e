import Hardware
import Text

/// Panasonic AMG8833 ("Grid-EYE"): 8 × 8 infrared thermometers, and a thermistor.
///
/// Comments name the registers of Panasonic's specification. The device has no identification; the
/// start writes the frame rate and reads it back. It does not say which frame it shows: a read
/// takes what there is.
///
/// Setting: `frame-rate` (frames a second, `1` or `10`).
public struct AMG8833: SensorDriver {
  /// The address most boards give it.
  public static let defaultAddress = 0x69

  private let registers: I2CRegisters

  private var isSlow = false
  private var step = Step.wake

  private enum Step { case wake, reset, verify }

  /// A device at an address, 0x68 or 0x69 by the level of its pin AD_SELECT.
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// The thermistor's temperature, then those of the pixels, row by row.
  public var quantities: Quantities {
    let thermistor = Quantity("temperature", unit: "°C")
    var items = InlineArray<8, Quantity>(repeating: thermistor)
    items[1] = Quantity("pixel", unit: "°C")
    return Quantities(items, count: 2, repeats: 64)
  }

  /// Wakes, resets and configures.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .wake
    switch current {
    case .wake:
      // Normal mode (PCTL); 50 ms until the device takes further commands.
      try registers.write(0x00, to: Register.powerControl, on: &bus)
      step = .reset
      return .wait(nanoseconds: 50_000_000)
    case .reset:
      // Initial reset (RST), then the frame rate (FPSC). The first two frames after it are not
      // valid.
      try registers.write(0x3F, to: Register.reset, on: &bus)
      try registers.write(isSlow ? 0x01 : 0x00, to: Register.frameRate, on: &bus)
      step = .verify
      return .wait(nanoseconds: isSlow ? 2_000_000_000 : 200_000_000)
    case .verify:
      try registers.identify(Register.powerControl, as: 0x00, on: &bus)
      try registers.identify(Register.frameRate, as: isSlow ? 0x01 : 0x00, on: &bus)
      return .ready
    }
  }

  /// Takes the thermistor and the 64 pixels.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    var thermistor = InlineArray<2, UInt8>(repeating: 0)
    var thermistorSpan = thermistor.mutableSpan
    try registers.read(into: &thermistorSpan, from: Register.thermistor, on: &bus)
    var pixels = InlineArray<128, UInt8>(repeating: 0)
    var pixelSpan = pixels.mutableSpan
    try registers.read(into: &pixelSpan, from: Register.pixels, on: &bus)
    // OVT and OVS (STAT): the thermistor or a pixel was beyond what the device can measure; SCLR
    // takes the flags back. The device does not say which pixel, so the whole frame is left out.
    let overflow = try registers.read(Register.status, on: &bus) & 0x0C
    if overflow != 0 {
      try registers.write(overflow, to: Register.statusClear, on: &bus)
      throw .outOfRange
    }

    // TTHH and TTHL: a sign and eleven bits of magnitude, 16 steps for 1 °C.
    let magnitude = Float(UInt16(thermistor[1] & 0x07) << 8 | UInt16(thermistor[0])) / 16
    reading[0] = thermistor[1] & 0x08 == 0 ? magnitude : -magnitude
    // T01L through T64H: twelve bits of two's complement, 4 steps for 1 °C.
    for pixel in 0..<64 {
      reading[1 + pixel] = Float((pixels.span.littleEndianInt16(at: 2 * pixel) << 4) >> 4) / 4
    }
    reading.ageNanoseconds = 0
    return .reading
  }

  /// Takes the setting above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    guard option.equals("frame-rate") else { return .unknown }
    return .choosing(value, from: "10 1") { isSlow = $0 == 1 }
  }
}

/// Register numbers.
private enum Register {
  static let powerControl: UInt8 = 0x00
  static let reset: UInt8 = 0x01
  static let frameRate: UInt8 = 0x02
  static let status: UInt8 = 0x04
  static let statusClear: UInt8 = 0x05
  static let thermistor: UInt8 = 0x0E
  static let pixels: UInt8 = 0x80
}
