import Hardware

/// A device on a bus that has commands instead of registers, for drivers: errors of the bus come
/// out as `SensorError`.
struct I2CCommands: Equatable, Sendable {
  let address: I2CAddress

  /// Sends a command of one byte.
  func send(_ command: UInt8, on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let bytes: InlineArray<1, UInt8> = [command]
    try write(bytes.span, on: &bus)
  }

  /// Sends a command of two bytes, the high one first.
  func send(_ command: UInt16, on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    let bytes = Self.bytes(of: command)
    try write(bytes.span, on: &bus)
  }

  /// Sends a command of two bytes and a word, followed by the word's check.
  func send(
    _ command: UInt16, _ argument: UInt16, check: CRC8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    let (command, argument) = (Self.bytes(of: command), Self.bytes(of: argument))
    let bytes: InlineArray<5, UInt8> = [
      command[0], command[1], argument[0], argument[1], check(argument.span),
    ]
    try write(bytes.span, on: &bus)
  }

  /// Reads the answer to an earlier command.
  func receive(
    into bytes: inout MutableSpan<UInt8>, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do { try bus.transfer(address, write: Span(), read: &bytes) } catch { throw .bus(error) }
  }

  /// Sends a command and reads its answer without releasing the bus between.
  func receive(
    into bytes: inout MutableSpan<UInt8>, answering command: UInt16,
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    let command = Self.bytes(of: command)
    do {
      try bus.transfer(address, write: command.span, read: &bytes)
    } catch {
      throw .bus(error)
    }
  }

  /// Throws unless the device answers its address.
  func expectPresent(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    try write(Span(), on: &bus)
  }

  /// Writes any bytes.
  func write(
    _ bytes: borrowing Span<UInt8>, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do { try bus.write(bytes, to: address) } catch { throw .bus(error) }
  }

  private static func bytes(of word: UInt16) -> InlineArray<2, UInt8> {
    [UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word)]
  }
}
