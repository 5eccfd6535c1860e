import Hardware
import Text

/// Texas Instruments ADS1115: analog-to-digital converter, 16 bits, four inputs.
///
/// Comments name the fields of the config register (datasheet SBAS444). The converter has no
/// identification; the start writes its configuration and reads it back. With several inputs it
/// turns from one to the next, one conversion each.
///
/// Settings: `inputs` (up to eight of `a0 a1 a2 a3 a0-a1 a0-a3 a1-a3 a2-a3`, spaces between),
/// `range` (volts, `6.144` … `0.256`), `data-rate` (conversions a second, `8` … `860`), `mode`
/// (`single-shot`: sleeps between readings; `continuous`: one input only). A voltage beyond the
/// range reads as the end of the range.
public struct ADS1115: SensorDriver {
  /// The address with its pins low.
  public static let defaultAddress = 0x48

  private let registers: I2CRegisters

  private var inputs = Inputs()
  /// PGA.
  private var range = 2
  /// DR.
  private var rateCode = 4
  private var isContinuous = false

  /// Whether the start waits for the first conversion of continuous mode.
  private var isSettling = false
  /// Which of the inputs is being converted.
  private var position = 0
  private var finished = InlineArray<8, Float>(repeating: 0)
  /// How often the conversion was found unfinished.
  private var waitCount = 0

  /// A device at an address, 0x48 through 0x4B by its pin ADDR (table "I2C address selection").
  public init(address: I2CAddress) {
    registers = I2CRegisters(address: address)
  }

  /// One voltage for each of the inputs, such as `voltage_a0` or `voltage_a0_a1`.
  public var quantities: Quantities {
    var items = InlineArray<8, Quantity>(repeating: inputs[0].quantity)
    for index in 0..<inputs.count { items[index] = inputs[index].quantity }
    return Quantities(items, count: inputs.count)
  }

  /// One conversion; further inputs follow with `ReadProgress.wait`.
  public var conversionNanoseconds: UInt64 {
    isContinuous ? 0 : singleConversionNanoseconds
  }

  /// Writes the configuration and sees whether it is there.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    position = 0
    if isSettling {
      isSettling = false
      return .ready
    }
    let wanted = configuration(of: 0)
    try registers.write(bigEndian: wanted, to: Register.configuration, on: &bus)
    let found = try registers.readBigEndian(Register.configuration, on: &bus)
    guard found | Self.start == wanted | Self.start else {
      // The byte that differs; both are of the same register.
      let shift: UInt16 = (found ^ wanted) & 0x7F00 != 0 ? 8 : 0
      throw .wrongDevice(
        register: Register.configuration, found: UInt8(truncatingIfNeeded: found >> shift),
        expected: UInt8(truncatingIfNeeded: wanted >> shift))
    }
    guard isContinuous else { return .ready }
    isSettling = true
    return .wait(nanoseconds: singleConversionNanoseconds)
  }

  /// Begins the conversion of the first input.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    guard !isContinuous else { return }
    position = 0
    try beginConversion(on: &bus)
  }

  /// Takes the voltage of one input and begins with the next, until all are there.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let found = try registers.readBigEndian(Register.configuration, on: &bus)
    // A converter that lost its supply for a moment has its first configuration again.
    guard found | Self.start == configuration(of: position) | Self.start else {
      throw .deviceFault(register: Register.configuration, found: UInt8(found >> 8))
    }
    if !isContinuous && found & Self.start == 0 {
      // OS is clear while a conversion goes on. The clock is right within 10 %, which is
      // allowed for: twice the time says that something else is wrong.
      waitCount += 1
      guard waitCount <= 8 else {
        throw .deviceFault(register: Register.configuration, found: UInt8(found >> 8))
      }
      return .wait(nanoseconds: singleConversionNanoseconds / 8)
    }
    let raw = Int16(
      truncatingIfNeeded: try registers.readBigEndian(Register.conversion, on: &bus))
    finished[position] = Float(raw) * fullScaleVolts / 32_768
    if position + 1 < inputs.count {
      position += 1
      try beginConversion(on: &bus)
      return .wait(nanoseconds: singleConversionNanoseconds)
    }
    for index in 0..<inputs.count { reading[index] = finished[index] }
    reading.ageNanoseconds = 0
    return .reading
  }

  private mutating func beginConversion(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    waitCount = 0
    try registers.write(
      bigEndian: configuration(of: position) | Self.start, to: Register.configuration, on: &bus)
  }

  /// OS: starts a single conversion when written, is clear while one goes on when read.
  private static let start: UInt16 = 0x8000

  /// MUX, PGA, MODE, DR and COMP_QUE ("disable comparator").
  private func configuration(of position: Int) -> UInt16 {
    let mode: UInt16 = isContinuous ? 0 : 0x0100
    return UInt16(inputs[position].rawValue) << 12 | UInt16(range) << 9 | mode
      | UInt16(rateCode) << 5 | 0x0003
  }

  private var fullScaleVolts: Float {
    let volts: InlineArray<6, Float> = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256]
    return volts[range]
  }

  private var singleConversionNanoseconds: UInt64 {
    let rates: InlineArray<8, UInt64> = [8, 16, 32, 64, 128, 250, 475, 860]
    // The data rate is right within 10 %; waking takes 25 µs.
    return 1_100_000_000 / rates[rateCode] + 25_000
  }

  /// Takes one of the settings above.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if option.equals("inputs") {
      guard let chosen = Inputs(parsing: value) else {
        return .badValue(known: "one to eight of a0 a1 a2 a3 a0-a1 a0-a3 a1-a3 a2-a3, each once")
      }
      inputs = chosen
      return .taken
    }
    if option.equals("range") {
      return .choosing(value, from: "6.144 4.096 2.048 1.024 0.512 0.256") { range = $0 }
    }
    if option.equals("data-rate") {
      return .choosing(value, from: "8 16 32 64 128 250 475 860") { rateCode = $0 }
    }
    guard option.equals("mode") else { return .unknown }
    return .choosing(value, from: "single-shot continuous") { isContinuous = $0 == 1 }
  }

  /// Continuous mode cannot turn from one input to the next.
  public var settingsProblem: StaticString? {
    isContinuous && inputs.count > 1
      ? "mode = continuous converts one input only; name one, or use mode = single-shot" : nil
  }
}

/// Register numbers (SBAS444, "Register map").
private enum Register {
  static let conversion: UInt8 = 0x00
  static let configuration: UInt8 = 0x01
}
