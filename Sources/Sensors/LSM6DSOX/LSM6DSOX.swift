import Hardware
import Text

/// STMicroelectronics LSM6DSOX: accelerometer and gyroscope.
///
/// Comments name the registers as the datasheet DS12814 does in its chapter 9; AN5272 is the
/// application note. The device collects both kinds of sample in one queue of words with tags; the driver pairs the two of one
/// moment. The queue holds 512 words, 256 pairs.
///
/// Settings: `acceleration-range` (`2g` … `16g`), `angular-velocity-range` (`125` … `2000`, °/s),
/// `data-rate` (samples a second, one of the device's: `12.5` … `833`).
public struct LSM6DSOX: SensorDriver {
  /// The address with its pins low.
  public static let defaultAddress = 0x6A

  private let registers: I2CRegisters

  private var accelerationRange = 0
  private var angularVelocityRange = 1
  /// ODR_XL, ODR_G and both batching rates.
  private var rateCode = 4

  private var step = Step.identify
  private var queue = SampleQueue<224>(entryByteCount: 7)
  private var accelerometer = Half()
  private var gyroscope = Half()

  private enum Step { case identify, configure }

  /// One of the two words of a moment.
  private struct Half: Sendable {
    /// TAG_CNT, which both words of a moment share; `nil` when the word is not there.
    var slot: UInt8?
    var x: Int16 = 0
    var y: Int16 = 0
    var z: Int16 = 0

    /// No word.
    init() {}

    /// A word of the queue: its tag (FIFO_DATA_OUT_TAG) and three numbers.
    init(_ word: borrowing Span<UInt8>) {
      slot = word[0] >> 1 & 0x03
      x = word.littleEndianInt16(at: 1)
      y = word.littleEndianInt16(at: 3)
      z = word.littleEndianInt16(at: 5)
    }
  }

  /// A device at an address, 0x6A or 0x6B by the level of its pin SDO/SA0 (table "SAD + read/write patterns").
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// Acceleration and angular velocity.
  public var quantities: Quantities {
    Quantities(
      listing: .accelerationX, .accelerationY, .accelerationZ, .angularVelocityX,
      .angularVelocityY, .angularVelocityZ)
  }

  /// Checks the identity, resets and configures.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let current = step
    step = .identify
    queue.removeAll()
    accelerometer.slot = nil
    gyroscope.slot = nil
    switch current {
    case .identify:
      try registers.identify(Register.identity, as: 0x6C, on: &bus)
      // SW_RESET (CTRL3_C). It takes 50 µs; after switching on the device needs 10 ms more.
      try registers.write(0x01, to: Register.control3, on: &bus)
      step = .configure
      return .wait(nanoseconds: 10_000_000)
    case .configure:
      try configure(on: &bus)
      return .ready
    }
  }

  private func configure(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let rate = UInt8(rateCode)
    // BDU, so that the two bytes of a number belong together, and IF_INC (CTRL3_C).
    try registers.write(0x44, to: Register.control3, on: &bus)
    // Bypass mode empties the queue (FIFO_CTRL4).
    try registers.write(0x00, to: Register.queueControl4, on: &bus)
    // BDR_GY and BDR_XL: every sample of both goes into the queue (FIFO_CTRL3).
    try registers.write(rate << 4 | rate, to: Register.queueControl3, on: &bus)
    // FS_XL: the codes are not in the order of the ranges (CTRL1_XL).
    let scaleCodes: InlineArray<4, UInt8> = [0b00, 0b10, 0b11, 0b01]
    try registers.write(
      rate << 4 | scaleCodes[accelerationRange] << 2, to: Register.control1, on: &bus)
    // FS_125, or FS_G (CTRL2_G).
    let gyroscopeScale = angularVelocityRange == 0 ? 0x02 : UInt8(angularVelocityRange - 1) << 2
    try registers.write(rate << 4 | gyroscopeScale, to: Register.control2, on: &bus)
    // Continuous mode (FIFO_CTRL4).
    try registers.write(0x06, to: Register.queueControl4, on: &bus)
  }

  /// Takes the oldest moment of which the queue has both words.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    // The device is asked how much it holds once a call, so a call ends whatever it answers.
    var mayAsk = true
    let registers = registers
    while true {
      if queue.isEmpty {
        if queue.leftInDevice == 0 {
          guard mayAsk, try beginDrain(on: &bus) else { return .nothingNew }
          mayAsk = false
        }
        // Words are read whole: after 0x7E the address returns to 0x78 (AN5272, "Reading data from the FIFO").
        try queue.fill { (bytes) throws(SensorError) in
          try registers.read(into: &bytes, from: Register.queueTag, on: &bus)
        }
      }
      let tag = queue.next[0]
      let half = Half(queue.next)
      let younger = queue.countAfterNext
      _ = queue.removeNext()
      // TAG_PARITY makes the number of ones even. A word with another tag is lost, and so is the
      // moment it was one half of; those after it are whole.
      guard tag.nonzeroBitCount & 1 == 0 else { throw .checksum(found: tag, expected: tag ^ 1) }
      keep(half, tag: tag)
      if let slot = accelerometer.slot, slot == gyroscope.slot {
        convert(into: &reading)
        // Two words a moment.
        reading.ageNanoseconds = UInt64(younger / 2) * periodNanoseconds
        accelerometer.slot = nil
        gyroscope.slot = nil
        return younger >= 2 ? .readingAndMore : .reading
      }
    }
  }

  /// Asks how many words the device holds (FIFO_STATUS1 and FIFO_STATUS2).
  private mutating func beginDrain(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> Bool {
    var status = InlineArray<2, UInt8>(repeating: 0)
    var span = status.mutableSpan
    try registers.read(into: &span, from: Register.queueStatus1, on: &bus)
    // FIFO_OVR_IA and FIFO_OVR_LATCHED: older words were overwritten.
    guard status[1] & 0x48 == 0 else {
      throw .deviceFault(register: Register.queueStatus1 + 1, found: status[1])
    }
    queue.leftInDevice = Int(status[1] & 0x03) << 8 | Int(status[0])
    return queue.leftInDevice > 0
  }

  /// Keeps one word; what is neither acceleration nor angular velocity is passed over.
  private mutating func keep(_ half: Half, tag: UInt8) {
    // TAG_SENSOR (FIFO_DATA_OUT_TAG).
    switch tag >> 3 {
    case 0x01: gyroscope = half
    case 0x02: accelerometer = half
    default: break
    }
  }

  private func convert(into reading: inout Reading) {
    // 0.061 mg and 4.375 m°/s a step in the narrowest ranges (table "Mechanical characteristics"); each wider one doubles.
    let acceleration = StandardUnit.gravity * 0.000_061 * Float(1 << accelerationRange)
    let angularVelocity = StandardUnit.degree * 0.004_375 * Float(1 << angularVelocityRange)
    reading[0] = Float(accelerometer.x) * acceleration
    reading[1] = Float(accelerometer.y) * acceleration
    reading[2] = Float(accelerometer.z) * acceleration
    reading[3] = Float(gyroscope.x) * angularVelocity
    reading[4] = Float(gyroscope.y) * angularVelocity
    reading[5] = Float(gyroscope.z) * angularVelocity
  }

  private var periodNanoseconds: UInt64 {
    // Code 1 is 12.5 Hz; 26 through 833 Hz are rounded powers of two of 6,667 Hz (CTRL1_XL).
    rateCode == 1 ? 80_000_000 : 150_000 << UInt64(10 - rateCode)
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("acceleration-range") {
      return .choosing(value, from: "2g 4g 8g 16g") { accelerationRange = $0 }
    }
    if option.equals("angular-velocity-range") {
      return .choosing(value, from: "125 250 500 1000 2000") { angularVelocityRange = $0 }
    }
    guard option.equals("data-rate") else { return .unknown }
    return .choosing(value, from: "12.5 26 52 104 208 417 833") { rateCode = $0 + 1 }
  }
}

/// Register numbers (DS12814, "Register mapping").
private enum Register {
  static let queueControl3: UInt8 = 0x09
  static let queueControl4: UInt8 = 0x0A
  static let identity: UInt8 = 0x0F
  static let control1: UInt8 = 0x10
  static let control2: UInt8 = 0x11
  static let control3: UInt8 = 0x12
  static let queueStatus1: UInt8 = 0x3A
  static let queueTag: UInt8 = 0x78
}
