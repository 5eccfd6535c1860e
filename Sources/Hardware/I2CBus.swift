/// A bus that drivers talk through: `/dev/i2c-1` on a board, recorded traffic in a test.
///
/// One requirement; everything else is made of it. A transfer is
///
///     S addr W │ bytes of `write` │ Sr addr R │ bytes of `read` │ P
///
/// with the first half left out where `write` is empty, and the second where `read` is. A transfer
/// with both empty only asks whether the address answers.
///
/// For authors of drivers: the bus takes no part in a device's state; after an error the device may
/// have seen any prefix of the transfer. For authors of buses: a transfer ends within a bounded
/// time, and nothing is retried, the caller knows whether that is safe.
public protocol I2CBus: ~Copyable {
  /// Writes, then reads, without releasing the bus between.
  mutating func transfer(
    _ address: I2CAddress, write: borrowing Span<UInt8>, read: inout MutableSpan<UInt8>
  ) throws(BusError)
}

// Registers: the first byte written is the register's number.
extension I2CBus where Self: ~Copyable {
  /// Writes bytes and reads none.
  public mutating func write(
    _ bytes: borrowing Span<UInt8>, to address: I2CAddress
  ) throws(BusError) {
    var read = MutableSpan<UInt8>()
    try transfer(address, write: bytes, read: &read)
  }

  /// Writes one byte to a register.
  public mutating func write(
    _ value: UInt8, register: UInt8, of address: I2CAddress
  ) throws(BusError) {
    let bytes: InlineArray<2, UInt8> = [register, value]
    try write(bytes.span, to: address)
  }

  /// Writes two bytes to a register, the high one first.
  public mutating func write(
    bigEndian value: UInt16, register: UInt8, of address: I2CAddress
  ) throws(BusError) {
    let bytes: InlineArray<3, UInt8> = [
      register, UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value),
    ]
    try write(bytes.span, to: address)
  }

  /// Reads consecutive registers, as many as `bytes` holds.
  public mutating func read(
    _ bytes: inout MutableSpan<UInt8>, register: UInt8, of address: I2CAddress
  ) throws(BusError) {
    let command: InlineArray<1, UInt8> = [register]
    try transfer(address, write: command.span, read: &bytes)
  }

  /// Reads one register.
  public mutating func read(
    register: UInt8, of address: I2CAddress
  ) throws(BusError) -> UInt8 {
    var bytes = InlineArray<1, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try read(&span, register: register, of: address)
    return bytes[0]
  }

  /// Reads two bytes, the high one first.
  public mutating func readBigEndian(
    register: UInt8, of address: I2CAddress
  ) throws(BusError) -> UInt16 {
    var bytes = InlineArray<2, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    try read(&span, register: register, of: address)
    return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
  }
}
