import Hardware
import Testing

@testable import Sensors

@Suite struct LM75Tests {
  static let traffic = Traffic(0x48)

  static func tmp102() -> LM75 { LM75(.tmp102, address: traffic.address) }
  static func tmp105() -> LM75 { LM75(.tmp105, address: traffic.address) }
  static func lm75() -> LM75 { LM75(.lm75, address: traffic.address) }

  @Test(
    "A TMP102's 12-bit codes are those of its datasheet's table",
    arguments: [
      (0x7FF, 127.9375), (0x640, 100), (0x500, 80), (0x4B0, 75), (0x320, 50), (0x190, 25),
      (0x004, 0.25), (0x000, 0), (0xFFC, -0.25), (0xE70, -25), (0xC90, -55),
    ])
  func normalCodes(_ code: Int, _ celsius: Double) {
    #expect(LM75.celsius(UInt16(code << 4), bits: 12) == Float(celsius))
  }

  @Test(
    "A TMP102's 13-bit codes are those of its datasheet's table",
    arguments: [
      (0x0960, 150), (0x0800, 128), (0x07FF, 127.9375), (0x0640, 100), (0x0190, 25), (0x0004, 0.25),
      (0x0000, 0), (0x1FFC, -0.25), (0x1E70, -25), (0x1C90, -55),
    ])
  func extendedCodes(_ code: Int, _ celsius: Double) {
    let word = UInt16(code << 3) | 1
    #expect(LM75.celsius(word, bits: 13, isExtended: true) == Float(celsius))
  }

  @Test("Bits an LM75 does not have are ignored, on both sides of zero")
  func undefinedBits() {
    #expect(LM75.celsius(0x197F, bits: 9) == 25)
    #expect(LM75.celsius(0xE77F, bits: 9) == -25)
    #expect(LM75.celsius(0xFFFF, bits: 9) == -0.5)
    #expect(LM75.celsius(0xFFFF, bits: 11) == -0.125)
  }

  @Test("A TMP102 starts, measures, and survives every failing transfer")
  func tmp102Session() throws {
    let session = DriverSession(
      driver: Self.tmp102(),
      // The alert bit of what is read back is the device's.
      start: [Self.traffic.write(1, 0x60, 0x80), Self.traffic.read(1, [0x60, 0xA0])],
      measurement: [Self.traffic.read(0, [0xE7, 0x00])], expected: [-25])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("A TMP102 in extended mode reads beyond 128 °C")
  func extendedSession() throws {
    let session = DriverSession(
      driver: Self.tmp102().with("extended", "yes").with("conversion-rate", "8"),
      start: [Self.traffic.write(1, 0x60, 0xD0), Self.traffic.read(1, [0x60, 0xF0])],
      measurement: [Self.traffic.read(0, [0x4B, 0x01])], expected: [150])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("A TMP102 that lost its supply is back in normal mode: a fault, not a wrong number")
  func supplyLost() throws {
    var driver = Self.tmp102().with("extended", "yes")
    var bus = PlaybackBus([
      Self.traffic.write(1, 0x60, 0x90), Self.traffic.read(1, [0x60, 0xB0]),
      Self.traffic.read(0, [0x19, 0x00]),
    ])
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.deviceFault(register: 0, found: 0)) {
      try driver.measure(on: &bus)
    }
    bus.expectFinished()
  }

  @Test(
    "A TMP105 is told its resolution, and given the time it takes",
    arguments: [(9, 0x00, 40), (10, 0x20, 80), (11, 0x40, 160), (12, 0x60, 320)])
  func resolution(_ bits: Int, _ configuration: Int, _ milliseconds: UInt64) throws {
    let value = UInt8(configuration)
    let session = DriverSession(
      driver: Self.tmp105().with("resolution", "\(bits)"),
      start: [Self.traffic.write(1, value), Self.traffic.read(1, [value])],
      measurement: [Self.traffic.read(0, [0x19, 0x80])], expected: [25.5])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    var bus = PlaybackBus(session.start)
    var driver = session.driver
    #expect(try driver.startToReady(on: &bus) == [milliseconds * 1_000_000])
  }

  @Test("An LM75 starts, measures, and survives every failing transfer")
  func lm75Session() throws {
    let session = DriverSession(
      driver: Self.lm75(),
      start: [Self.traffic.write(1, 0), Self.traffic.read(1, [0xE0])],
      measurement: [Self.traffic.read(0, [0xFF, 0xFF])], expected: [-0.5])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("What reads back another configuration is another device")
  func wrongDevice() {
    for (driver, start, error) in [
      (
        Self.tmp102(), [Self.traffic.write(1, 0x60, 0x80), Self.traffic.read(1, [0x00, 0x80])],
        SensorError.wrongDevice(register: 1, found: 0x00, expected: 0x60)
      ),
      (
        Self.tmp102(), [Self.traffic.write(1, 0x60, 0x80), Self.traffic.read(1, [0x60, 0x60])],
        SensorError.wrongDevice(register: 1, found: 0x40, expected: 0x80)
      ),
      (
        Self.tmp105(), [Self.traffic.write(1, 0x60), Self.traffic.read(1, [0xFF])],
        SensorError.wrongDevice(register: 1, found: 0x7F, expected: 0x60)
      ),
      (
        Self.lm75(), [Self.traffic.write(1, 0), Self.traffic.read(1, [0x1F])],
        SensorError.wrongDevice(register: 1, found: 0x1F, expected: 0)
      ),
    ] {
      var driver = driver
      var bus = PlaybackBus(start + start)
      // Twice: the second start begins with the first transfer again.
      for _ in 0..<2 { #expect(throws: error) { try driver.startToReady(on: &bus) } }
      bus.expectFinished()
    }
  }

  @Test("Settings are those of the model")
  func settings() {
    var tmp102 = Self.tmp102()
    #expect(tmp102.set("resolution", "12").isUnknown)
    #expect(tmp102.set("conversion-rate", "2").known == "0.25, 1, 4 or 8 (a second)")
    #expect(tmp102.set("extended", "maybe").known == "yes or no")
    var tmp105 = Self.tmp105()
    #expect(tmp105.set("extended", "yes").isUnknown)
    for value in ["8", "13", "", "12.0", "-9", "99999999999999999999"] {
      #expect(tmp105.set("resolution", value).known == "9, 10, 11 or 12 (bits)")
    }
    #expect(tmp105.set("oversampling", "2").isUnknown)
    #expect(tmp105.quantityNames == ["temperature °C"])
  }
}
