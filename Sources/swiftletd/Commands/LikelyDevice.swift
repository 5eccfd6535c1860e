import Hardware
import Text

/// What a device that answers at an address probably is: by its identification register where
/// those at the address have one, else by what is usual there.
enum LikelyDevice {
  private struct Identity {
    let addresses: ClosedRange<UInt8>
    let register: UInt8
    let value: UInt8
    let name: StaticString

    init(
      _ addresses: ClosedRange<UInt8>, _ register: UInt8, _ value: UInt8, _ name: StaticString
    ) {
      self.addresses = addresses
      self.register = register
      self.value = value
      self.name = name
    }
  }

  /// Reading these registers changes nothing in any of the devices usual at the addresses.
  private static func identity(_ index: Int) -> Identity? {
    switch index {
    case 0: Identity(0x76...0x77, 0xD0, 0x60, "bme280")
    case 1: Identity(0x76...0x77, 0xD0, 0x58, "bmp280")
    case 2: Identity(0x76...0x77, 0x0D, 0x10, "dps310")
    case 3: Identity(0x68...0x69, 0x75, 0x68, "mpu6050")
    case 4: Identity(0x6A...0x6B, 0x0F, 0x6C, "lsm6dsox")
    case 5: Identity(0x53...0x53, 0x00, 0xE5, "adxl345")
    case 6: Identity(0x1D...0x1D, 0x00, 0xE5, "adxl345")
    case 7: Identity(0x1E...0x1E, 0x0A, 0x48, "lsm303dlhc (magnetometer)")
    default: nil
    }
  }

  static func append(
    at address: I2CAddress, on bus: inout some I2CBus & ~Copyable,
    to sink: inout some TextSink & ~Copyable
  ) {
    var index = 0
    while let identity = identity(index) {
      index += 1
      guard identity.addresses.contains(address.value),
        let found = try? bus.read(register: identity.register, of: address),
        found == identity.value
      else { continue }
      sink.append(identity.name)
      sink.append(", says its identification register")
      return
    }
    sink.append(usual(at: address.value))
  }

  private static func usual(at address: UInt8) -> StaticString {
    switch address {
    case 0x1E: "perhaps lsm303dlhc (magnetometer)"
    case 0x23, 0x5C: "perhaps bh1750"
    case 0x40...0x43: "perhaps ina219"
    case 0x44, 0x45: "perhaps sht31, sht4x or ina219"
    case 0x48...0x4B: "perhaps tmp102, tmp105, lm75 or ads1115"
    case 0x4C...0x4F: "perhaps tmp105 or lm75"
    case 0x50...0x57: "perhaps a memory (EEPROM)"
    case 0x62: "perhaps scd4x"
    case 0x68, 0x69: "perhaps amg8833, mpu6050 or a clock (DS3231)"
    case 0x76, 0x77: "perhaps bme280, bmp280 or dps310"
    default: "a device"
    }
  }
}
