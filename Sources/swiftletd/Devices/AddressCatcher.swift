import Hardware

/// A bus on which nothing answers and that remembers who was asked: how the address of a driver is
/// known that was not given one.
struct AddressCatcher: I2CBus, ~Copyable {
  private(set) var address: I2CAddress?

  mutating func transfer(
    _ address: I2CAddress, write: borrowing Span<UInt8>, read: inout MutableSpan<UInt8>
  ) throws(BusError) {
    self.address = self.address ?? address
    throw BusError(.noAcknowledge)
  }
}
