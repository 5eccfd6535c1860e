import Hardware
import Text

/// InvenSense MPU-6050: accelerometer, gyroscope, thermometer.
///
/// Comments name the registers as the map RM-MPU-6000A, revision 4.2, heads its sections; "PS" is
/// the product specification PS-MPU-6000A, revision 3.4. The device collects samples in a queue of 1,024 bytes, 73 of
/// them, and a read takes them in bursts of up to 16: at 100 samples a second a read is due every
/// 0.7 s at the latest, or the queue overflows.
///
/// Settings: `acceleration-range` (`2g` … `16g`), `angular-velocity-range` (`250` … `2000`, °/s),
/// `bandwidth` of the low-pass filter (Hz), `data-rate` (samples a second, a divisor of 1,000),
/// `queue` (`yes`, or `no` for the newest sample only).
public struct MPU6050: SensorDriver {
  /// The address with its pins low.
  public static let defaultAddress = 0x68

  private let registers: I2CRegisters

  private var accelerationRange = 0
  private var angularVelocityRange = 0
  /// DLPF_CFG less one.
  private var filter = 2
  private var outputRate = 100
  private var usesQueue = true

  private var step = Step.identify
  private var queue = SampleQueue<224>(entryByteCount: 14)

  private enum Step { case identify, wake, configure }

  /// A device at an address, 0x68 or 0x69 by the level of its pin AD0 (PS, "I2C interface").
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// Acceleration, angular velocity, and the temperature of the die.
  public var quantities: Quantities {
    Quantities(
      listing: .accelerationX, .accelerationY, .accelerationZ, .angularVelocityX,
      .angularVelocityY, .angularVelocityZ, Quantity("temperature", unit: "°C"))
  }

  /// Checks the identity, resets, wakes and configures.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    // Whatever throws from here makes the next call begin anew.
    step = .identify
    queue.removeAll()
    switch current {
    case .identify:
      try registers.identify(Register.identity, as: 0x68, on: &bus)
      // DEVICE_RESET; 100 ms until the registers hold their first values (register 107).
      try registers.write(0x80, to: Register.powerManagement1, on: &bus)
      step = .wake
      return .wait(nanoseconds: 100_000_000)
    case .wake:
      // Sleep off, clock from the gyroscope's X axis, as recommended (register 107); the gyroscope
      // needs 30 ms to start (PS, table "Gyroscope specifications").
      try registers.write(0x01, to: Register.powerManagement1, on: &bus)
      step = .configure
      return .wait(nanoseconds: 30_000_000)
    case .configure:
      try configure(on: &bus)
      return .ready
    }
  }

  private func configure(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    // DLPF_CFG (register 26): from 1 on the gyroscope samples at 1 kHz, as the accelerometer does.
    try registers.write(UInt8(filter + 1), to: Register.configuration, on: &bus)
    // SMPLRT_DIV (register 25): 1 kHz / (1 + divider).
    try registers.write(UInt8(1000 / outputRate - 1), to: Register.sampleRateDivider, on: &bus)
    // FS_SEL (register 27) and AFS_SEL (register 28).
    try registers.write(
      UInt8(angularVelocityRange << 3), to: Register.gyroscopeConfiguration, on: &bus)
    try registers.write(
      UInt8(accelerationRange << 3), to: Register.accelerometerConfiguration, on: &bus)
    // FIFO_OFLOW_EN and DATA_RDY_EN (register 56): without them the status bits stay clear. No
    // wire needs to hang on the pin.
    try registers.write(0x11, to: Register.interruptEnable, on: &bus)
    // Everything but the auxiliary bus (register 35); the queue takes it in the registers' order.
    try registers.write(usesQueue ? 0xF8 : 0x00, to: Register.queueEnable, on: &bus)
    if usesQueue { try resetQueue(on: &bus) }
  }

  /// Takes the oldest sample of the queue, or the newest one when the queue is off.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    guard usesQueue else { return try readNewest(on: &bus, into: &reading) }
    if queue.isEmpty {
      guard try refill(on: &bus) else { return .nothingNew }
    }
    decode(queue.next, at: 0, into: &reading)
    reading.ageNanoseconds = UInt64(queue.countAfterNext) * periodNanoseconds
    return queue.removeNext() ? .readingAndMore : .reading
  }

  /// One burst from the device's queue.
  ///
  /// - Returns: Whether there is a sample now.
  private mutating func refill(on bus: inout some I2CBus & ~Copyable) throws(SensorError) -> Bool {
    if queue.isTorn {
      // An earlier burst broke off, and nobody knows between which bytes.
      try resetQueue(on: &bus)
      queue.removeAll()
      return false
    }
    if queue.leftInDevice == 0 {
      // Reading the high byte holds the low one (register 114). A sample that is just being
      // written is left for the next time.
      let byteCount = Int(try registers.readBigEndian(Register.queueCount, on: &bus))
      guard byteCount >= 14 else { return false }
      queue.leftInDevice = byteCount / 14
    }
    let registers = registers
    queue.isTorn = true
    try queue.fill { (bytes) throws(SensorError) in
      try registers.read(into: &bytes, from: Register.queue, on: &bus)
    }
    // FIFO_OFLOW_INT (register 58), asked after the burst so that no overflow before it is
    // missed: 1,024 bytes are no multiple of 14, the samples no longer begin where they should.
    let status = try registers.read(Register.interruptStatus, on: &bus)
    guard status & 0x10 == 0 else {
      queue.removeAll()
      queue.isTorn = true
      throw .deviceFault(register: Register.interruptStatus, found: status)
    }
    queue.isTorn = false
    return true
  }

  /// The data registers, which follow the status in one burst (registers 58 through 72).
  private func readNewest(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    var bytes = InlineArray<15, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try registers.read(into: &span, from: Register.interruptStatus, on: &bus)
    // DATA_RDY_INT.
    guard bytes[0] & 0x01 != 0 else { return .nothingNew }
    decode(bytes.span, at: 1, into: &reading)
    reading.ageNanoseconds = 0
    return .reading
  }

  /// FIFO_RESET works while FIFO_EN is clear (register 106).
  private func resetQueue(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    try registers.write(0x00, to: Register.userControl, on: &bus)
    try registers.write(0x04, to: Register.userControl, on: &bus)
    try registers.write(0x40, to: Register.userControl, on: &bus)
  }

  private func decode(
    _ bytes: borrowing Span<UInt8>, at start: Int, into reading: inout Reading
  ) {
    // 16,384 steps for 1 g in the narrowest range (register 59); each wider one halves that.
    let acceleration = StandardUnit.gravity * Float(1 << accelerationRange) / 16_384
    // 131 steps for 1 °/s in the narrowest range (register 67).
    let angularVelocity = StandardUnit.degree * Float(1 << angularVelocityRange) / 131
    for axis in 0..<3 {
      reading[axis] = Float(bytes.bigEndianInt16(at: start + 2 * axis)) * acceleration
      reading[3 + axis] = Float(bytes.bigEndianInt16(at: start + 8 + 2 * axis)) * angularVelocity
    }
    // Register 65.
    reading[6] = Float(bytes.bigEndianInt16(at: start + 6)) / 340 + 36.53
  }

  private var periodNanoseconds: UInt64 { 1_000_000_000 / UInt64(outputRate) }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("acceleration-range") {
      return .choosing(value, from: "2g 4g 8g 16g") { accelerationRange = $0 }
    }
    if option.equals("angular-velocity-range") {
      return .choosing(value, from: "250 500 1000 2000") { angularVelocityRange = $0 }
    }
    if option.equals("bandwidth") {
      return .choosing(value, from: "184 94 44 21 10 5") { filter = $0 }
    }
    if option.equals("queue") {
      guard let flag = value.settingFlag else { return .badValue(known: "yes or no") }
      usesQueue = flag
      return .taken
    }
    guard option.equals("data-rate") else { return .unknown }
    guard let rate = value.settingInteger(in: 4...1000), 1000 % rate == 0 else {
      return .badValue(known: "4 5 8 10 20 25 40 50 100 125 200 250 500 1000")
    }
    outputRate = Int(rate)
    return .taken
  }
}

/// Register numbers (RM-MPU-6000A, section 3).
private enum Register {
  static let sampleRateDivider: UInt8 = 0x19
  static let configuration: UInt8 = 0x1A
  static let gyroscopeConfiguration: UInt8 = 0x1B
  static let accelerometerConfiguration: UInt8 = 0x1C
  static let queueEnable: UInt8 = 0x23
  static let interruptEnable: UInt8 = 0x38
  static let interruptStatus: UInt8 = 0x3A
  static let userControl: UInt8 = 0x6A
  static let powerManagement1: UInt8 = 0x6B
  static let queueCount: UInt8 = 0x72
  static let queue: UInt8 = 0x74
  static let identity: UInt8 = 0x75
}
