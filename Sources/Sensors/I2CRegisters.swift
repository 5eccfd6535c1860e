import Hardware

/// The registers of a device on a bus, for drivers: errors of the bus come out as `SensorError`.
struct I2CRegisters: Equatable, Sendable {
  let address: I2CAddress

  /// Writes one register of one byte.
  func write(
    _ value: UInt8, to register: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do { try bus.write(value, register: register, of: address) } catch { throw .bus(error) }
  }

  /// Writes one register of two bytes, the high one first.
  func write(
    bigEndian value: UInt16, to register: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do {
      try bus.write(bigEndian: value, register: register, of: address)
    } catch {
      throw .bus(error)
    }
  }

  /// Reads one register of one byte.
  func read(
    _ register: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> UInt8 {
    do { return try bus.read(register: register, of: address) } catch { throw .bus(error) }
  }

  /// Reads one register of two bytes, the high one first.
  func readBigEndian(
    _ register: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> UInt16 {
    do {
      return try bus.readBigEndian(register: register, of: address)
    } catch {
      throw .bus(error)
    }
  }

  /// Reads consecutive registers, as many as `bytes` holds.
  func read(
    into bytes: inout MutableSpan<UInt8>, from register: UInt8,
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    do { try bus.read(&bytes, register: register, of: address) } catch { throw .bus(error) }
  }

  /// Checks that a register holds what only this kind of device has there.
  func identify(
    _ register: UInt8, as expected: UInt8, on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) {
    let found = try read(register, on: &bus)
    guard found == expected else {
      throw .wrongDevice(register: register, found: found, expected: expected)
    }
  }
}
