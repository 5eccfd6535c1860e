import Hardware
import Testing

@testable import Sensors

/// Traffic written after the datasheet SBOS448, the calibration by its equations.
@Suite struct INA219Tests {
  let device = Traffic(0x40)
  var driver: INA219 { INA219(address: device.address) }

  func write(_ register: UInt8, _ value: UInt16) -> PlaybackBus.Step {
    device.write(register, UInt8(value >> 8), UInt8(value & 0xFF))
  }
  func read(_ register: UInt8, _ value: UInt16) -> PlaybackBus.Step {
    device.read(register, [UInt8](bigEndian: value))
  }
  func read(_ register: UInt8, signed value: Int16) -> PlaybackBus.Step {
    read(register, UInt16(bitPattern: value))
  }

  /// 100 mΩ and 3.2 A: 98 µA a step; 0.04096 / (98 µA · 0.1 Ω) = 4,179, even: 4,178. 320 mV, 32 V,
  /// one sample, continuous.
  var start: [PlaybackBus.Step] {
    [write(0, 0x8000), read(0, 0x399F), write(5, 4_178), write(0, 0x3C47)]
  }

  func measurement(
    bus: UInt16, shunt: Int16, current: Int16, power: UInt16, calibration: UInt16 = 4_178
  ) -> [PlaybackBus.Step] {
    [
      read(2, bus << 3 | 0x0002), read(1, signed: shunt), read(4, signed: current),
      read(3, power), read(5, calibration),
    ]
  }

  @Test func `starts, measures and survives every failing transfer`() throws {
    let session = DriverSession(
      driver: driver, start: start,
      measurement: measurement(bus: 0, shunt: 0, current: 0, power: 0), expected: [0, 0, 0])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.quantityNames == ["voltage V", "current A", "power W"])
  }

  @Test func `volts, amperes of both directions and watts`() throws {
    // 12 V · 1 A: 3,000 steps of 4 mV, 10,204 of 98 µA, 6,122 of 20 · 98 µW. Then −2 A.
    var bus = PlaybackBus(
      start + measurement(bus: 3_000, shunt: 10_000, current: 10_204, power: 6_122)
        + measurement(bus: 8_000, shunt: -20_000, current: -20_408, power: 32_653))
    var driver = driver
    #expect(try driver.startToReady(on: &bus) == [1_000_000])
    expectNear(
      try driver.measure(on: &bus), [12, 10_204 * 98e-6, 6_122 * 20 * 98e-6])
    expectNear(
      try driver.measure(on: &bus), [32, -20_408 * 98e-6, 32_653 * 20 * 98e-6])
    bus.expectFinished()
  }

  @Test func `no conversion yet, an overflow, and a shunt at the end of its range`() throws {
    for (voltage, shunt) in [(31_999, 0), (-32_000, 0)] {
      var bus = PlaybackBus(
        start + [read(2, 0x1F40)] + [read(2, 0x1F43)]
          + measurement(bus: 1_000, shunt: Int16(voltage), current: 0, power: 0))
      var driver = driver
      try driver.startToReady(on: &bus)
      var reading = Reading()
      #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
      #expect(throws: SensorError.outOfRange) { try driver.read(on: &bus, into: &reading) }
      if voltage == -32_000 {
        #expect(throws: SensorError.outOfRange) { try driver.read(on: &bus, into: &reading) }
      } else {
        #expect(try driver.read(on: &bus, into: &reading) == .reading)
      }
      #expect(shunt == 0)
      bus.expectFinished()
    }
  }

  @Test func `a lost calibration is noticed`() throws {
    // After a gap in its supply the device measures on, but current and power stay 0.
    var bus = PlaybackBus(
      start + measurement(bus: 1_000, shunt: 500, current: 0, power: 0, calibration: 0))
    var driver = driver
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.deviceFault(register: 5, found: 0)) {
      try driver.measure(on: &bus)
    }
    bus.expectFinished()
  }

  @Test func `shunt, current, range and averaging decide the registers`() throws {
    // Shunt in mΩ, largest current, bus range, averaging; calibration, configuration.
    let cases: [(String, String, String, String, UInt16, UInt16)] = [
      // 0.4 A over 100 mΩ is 40 mV; 13 µA a step: 31,507, even: 31,506.
      ("100", "0.4", "16", "1", 31_506, 0x0447),
      // 75 A over 1 mΩ is 75 mV: range 80 mV; 2,289 µA a step: 17,894.
      ("1", "75", "32", "128", 17_894, 0x2FFF),
      // 100 A over 100 mΩ would be 10 V: 320 mV allow 3.2 A, as above.
      ("100", "100", "32", "16", 4_178, 0x3E67),
      // 1 mA over 10 mΩ: the calibration would not fit, so 63 µA a step: 65,015, even: 65,014.
      ("10", "0.001", "32", "1", 65_014, 0x2447),
      // 320 mV over 10 Ω: 32 mA, 1 µA a step.
      ("10000", "320", "32", "1", 4_096, 0x3C47),
    ]
    for (shunt, current, range, averaging, calibration, configuration) in cases {
      var bus = PlaybackBus([
        write(0, 0x8000), read(0, 0x399F), write(5, calibration), write(0, configuration),
      ])
      // In this order the current is refused by nobody, though it is too much for 100 mΩ.
      var driver = driver.with("maximum-current", current).with("shunt", shunt)
        .with("bus-range", range).with("averaging", averaging)
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
  }

  @Test(arguments: [(0x3980, 0x80, 0x9F), (0x019F, 0x01, 0x39), (0x0000, 0x00, 0x39)])
  func `something that resets to another configuration is another device`(
    found: Int, byte: Int, expected: Int
  ) throws {
    var bus = PlaybackBus([write(0, 0x8000), read(0, UInt16(found))] + start)
    var driver = driver
    #expect(
      throws: SensorError.wrongDevice(
        register: 0, found: UInt8(byte), expected: UInt8(expected))
    ) { try driver.startToReady(on: &bus) }
    try driver.startToReady(on: &bus)
    bus.expectFinished()
  }

  @Test func `refuses settings it cannot have`() {
    var driver = driver
    for shunt in ["0", "10001", "0.1", "-1", ""] {
      #expect(driver.set("shunt", shunt).known == "milliohms, 1 through 10000")
    }
    for current in ["0", "321", "1A", "nan"] {
      #expect(driver.set("maximum-current", current).known == "amperes, 0.001 through 320")
    }
    #expect(driver.set("averaging", "3").known == "1 2 4 8 16 32 64 128")
    #expect(driver.set("bus-range", "64").known == "16 32")
    #expect(driver.set("gain", "1").isUnknown)
  }
}
