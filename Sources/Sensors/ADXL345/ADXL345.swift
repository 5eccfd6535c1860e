import Hardware
import Text

/// Analog Devices ADXL345: accelerometer.
///
/// Comments name registers and tables of the datasheet, revision G. The device works in full resolution, 3.9 mg a step in
/// every range, and queues 32 samples: at 100 samples a second a read is due every 0.3 s at the
/// latest.
///
/// Settings: `acceleration-range` (`2g` … `16g`), `data-rate` (samples a second, `6.25` … `800`;
/// more is too fast for I2C, see "I2C").
public struct ADXL345: SensorDriver {
  /// The address with its pin low.
  public static let defaultAddress = 0x53

  private let registers: I2CRegisters

  private var accelerationRange = 3
  /// Rate code (table 7).
  private var rateCode = 10

  /// Samples of the drain that the device still holds.
  private var queuedCount = 0

  /// A device at an address, 0x53 or 0x1D by the level of its pin ALT ADDRESS ("I2C").
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// Acceleration.
  public var quantities: Quantities {
    Quantities(.accelerationX, .accelerationY, .accelerationZ)
  }

  /// Checks the identity and configures; the device has no reset.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    queuedCount = 0
    try registers.identify(Register.identity, as: 0xE5, on: &bus)
    // Standby while it is configured (POWER_CTL); bypass mode empties the queue (FIFO_CTL).
    try registers.write(0x00, to: Register.powerControl, on: &bus)
    try registers.write(0x00, to: Register.queueControl, on: &bus)
    // Reading the data registers clears an overrun of earlier days (INT_SOURCE).
    _ = try readSample(on: &bus)
    // FULL_RES and the range (DATA_FORMAT).
    try registers.write(0x08 | UInt8(accelerationRange), to: Register.dataFormat, on: &bus)
    try registers.write(UInt8(rateCode), to: Register.rate, on: &bus)
    // Stream mode (FIFO_CTL), then measure.
    try registers.write(0x80, to: Register.queueControl, on: &bus)
    try registers.write(0x08, to: Register.powerControl, on: &bus)
    return .ready
  }

  /// Takes the oldest sample of the queue.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    if queuedCount == 0 {
      // The overrun bit (INT_SOURCE) says that samples were lost since the last one was read.
      let source = try registers.read(Register.interruptSource, on: &bus)
      guard source & 0x01 == 0 else {
        throw .deviceFault(register: Register.interruptSource, found: source)
      }
      queuedCount = Int(try registers.read(Register.queueStatus, on: &bus) & 0x3F)
      guard queuedCount > 0 else { return .nothingNew }
    }
    // Six registers in one transfer take one sample out ("Retrieving data from FIFO"). The next
    // transfer's address takes longer than the 5 µs the device needs to move up.
    let count = queuedCount
    queuedCount = 0
    let bytes = try readSample(on: &bus)
    queuedCount = count - 1

    // 256 steps for 1 g (table 1, full resolution).
    let scale = StandardUnit.gravity / 256
    for axis in 0..<3 {
      reading[axis] = Float(bytes.span.littleEndianInt16(at: 2 * axis)) * scale
    }
    reading.ageNanoseconds = UInt64(queuedCount) * periodNanoseconds
    return queuedCount > 0 ? .readingAndMore : .reading
  }

  private func readSample(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> InlineArray<6, UInt8> {
    var bytes = InlineArray<6, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try registers.read(into: &span, from: Register.data, on: &bus)
    return bytes
  }

  private var periodNanoseconds: UInt64 {
    // 3,200 Hz by code 15, each code below halves it (table 7).
    312_500 << UInt64(15 - rateCode)
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("acceleration-range") {
      return .choosing(value, from: "2g 4g 8g 16g") { accelerationRange = $0 }
    }
    guard option.equals("data-rate") else { return .unknown }
    return .choosing(value, from: "6.25 12.5 25 50 100 200 400 800") { rateCode = $0 + 6 }
  }
}

/// Register numbers (table 19).
private enum Register {
  static let identity: UInt8 = 0x00
  static let rate: UInt8 = 0x2C
  static let powerControl: UInt8 = 0x2D
  static let interruptSource: UInt8 = 0x30
  static let dataFormat: UInt8 = 0x31
  static let data: UInt8 = 0x32
  static let queueControl: UInt8 = 0x38
  static let queueStatus: UInt8 = 0x39
}
