import Hardware
import Text

/// An I2C sensor that no driver was written for, described by the configuration.
///
/// It fits devices with registers, and such with commands that answer after a while: the start
/// makes the writes of `init`, a trigger those of `trigger`, and a reading takes `count` values of
/// `width` bits from `register`. What is read becomes a number by
///
///     field = (word >> shift) & mask, with its highest bit as the sign where `signed = yes`
///     value = scale · field + offset
///
/// docs/sensors.md lists the settings, `DescribedSensor+Settings.swift` reads them.
public struct DescribedSensor: SensorDriver {
  var address: I2CAddress?
  var initialization = CommandList<16>()
  var conversion = CommandList<4>()
  var conversionTime: UInt64 = 0
  var register: RegisterNumber?
  var identity: Identity?
  var layout = WordLayout()
  var count = 1
  var checksum = Checksum()
  var labels = Labels()
  private var nextCommand = 0

  /// What a register must hold for the device to be the right one.
  struct Identity: Equatable, Sendable {
    var register: RegisterNumber
    var expected: UInt8
  }

  /// Whether a check follows each value, and which.
  struct Checksum: Equatable, Sendable {
    var isUsed = false
    var polynomial: UInt8 = CRC8.sensirion.polynomial
    var initial: UInt8 = CRC8.sensirion.initial

    var crc: CRC8 { CRC8(polynomial: polynomial, initial: initial) }
    var byteCount: Int { isUsed ? 1 : 0 }
  }

  /// The most values of a reading.
  static let maximumCount = 32

  /// A sensor at an address; `nil` is reported by `settingsProblem`.
  public init(address: I2CAddress?) { self.address = address }

  /// What `quantity`, `unit` and `count` say.
  public var quantities: Quantities { labels.quantities(count: count) }

  /// What `conversion-time` says.
  public var conversionNanoseconds: UInt64 { conversionTime }

  /// Identifies the device where there is something to identify it by, then makes the writes of
  /// `init`, pausing where it says so. With neither, a device that acknowledges its address is
  /// taken for the right one.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    let first = nextCommand
    nextCommand = 0
    let address = try knownAddress()
    if first == 0 { try identify(at: address, on: &bus) }
    var index = first
    while index < initialization.count {
      let command = initialization[index]
      index += 1
      switch command {
      case .pause(let nanoseconds):
        // After the last command too: the next call finds nothing left to do.
        nextCommand = index
        return .wait(nanoseconds: nanoseconds)
      case .write(let bytes):
        try write(bytes, to: address, on: &bus)
      }
    }
    return .ready
  }

  /// Makes the writes of `trigger`.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let address = try knownAddress()
    for index in 0..<conversion.count {
      if case .write(let bytes) = conversion[index] { try write(bytes, to: address, on: &bus) }
    }
  }

  /// Takes the values.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let address = try knownAddress()
    let stride = layout.byteCount + checksum.byteCount
    // 32 values of four bytes and a checksum.
    var bytes = InlineArray<160, UInt8>(repeating: 0)
    var all = bytes.mutableSpan
    var span = all._mutatingExtracting(first: count * stride)
    let number = register ?? .none
    do throws(BusError) {
      try bus.transfer(
        address, write: number.bytes.span.extracting(first: number.count), read: &span)
    } catch {
      throw .bus(error)
    }
    if checksum.isUsed {
      for index in 0..<count {
        try checksum.crc.verify(bytes.span.extracting(index * stride..<(index + 1) * stride))
      }
    }
    for index in 0..<count {
      let start = index * stride
      reading[index] = layout.value(bytes.span.extracting(start..<start + layout.byteCount))
    }
    return .reading
  }

  private func identify(
    at address: I2CAddress, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    guard let identity else {
      // Something must answer, or an absent device would only be found by the first reading.
      if initialization.count == 0 {
        do { try bus.write(Span(), to: address) } catch { throw .bus(error) }
      }
      return
    }
    var found = InlineArray<1, UInt8>(repeating: 0)
    let number = identity.register
    do throws(BusError) {
      var span = found.mutableSpan
      try bus.transfer(
        address, write: number.bytes.span.extracting(first: number.count), read: &span)
    } catch {
      throw .bus(error)
    }
    if found[0] != identity.expected {
      throw .wrongDevice(
        register: number.bytes[number.count - 1], found: found[0], expected: identity.expected)
    }
  }

  private func write(
    _ command: CommandBytes, to address: I2CAddress, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do {
      try bus.write(command.bytes.span.extracting(first: command.count), to: address)
    } catch {
      throw .bus(error)
    }
  }

  /// A schedule that asked `settingsProblem` never gets here without an address.
  private func knownAddress() throws(SensorError) -> I2CAddress {
    guard let address else { throw .bus(BusError(.unsupported)) }
    return address
  }
}
