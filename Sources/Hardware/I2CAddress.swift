import Text

/// The 7-bit address of a device on an I2C bus.
public struct I2CAddress: Equatable, Sendable {
  /// The address without the read/write bit, 0x08 through 0x77; the others are reserved (UM10204,
  /// section 3.1.12).
  public let value: UInt8

  /// - Returns: `nil` for a reserved address.
  public init?(_ value: Int) {
    guard (0x08...0x77).contains(value) else { return nil }
    self.value = UInt8(value)
  }

  /// Appends `0x48`.
  public func append(to sink: inout some TextSink & ~Copyable) {
    sink.append("0x")
    sink.append(hexadecimal: UInt64(value), digits: 2)
  }
}
