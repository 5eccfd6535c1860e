import Hardware
import Testing

@testable import Sensors

@Suite struct SCD4xTests {
  static let traffic = Traffic(0x62)
  static func driver() -> SCD4x { SCD4x(address: traffic.address) }

  /// The serial number of the datasheet's example, 0xF896 0x9F07 0x3BBE; an offset of 4 °C, sea
  /// level, self-calibration.
  static func start(
    offset: [UInt8] = [0x05, 0xDA, 0x29], altitude: [UInt8] = [0x00, 0x00, 0x81],
    calibration: [UInt8] = [0x00, 0x01, 0xB0], begin: UInt8 = 0xB1
  ) -> [PlaybackBus.Step] {
    [
      traffic.write(0x3F, 0x86), traffic.write(0x36, 0x82),
      traffic.receive([0xF8, 0x96, 0x31, 0x9F, 0x07, 0xC2, 0x3B, 0xBE, 0x89]),
      traffic.exchange([0x24, 0x1D] + offset, []), traffic.exchange([0x24, 0x27] + altitude, []),
      traffic.exchange([0x24, 0x16] + calibration, []), traffic.write(0x21, begin),
    ]
  }

  static let ready = [traffic.write(0xE4, 0xB8), traffic.receive([0x80, 0x06, 0x04])]

  /// The datasheet's example: 500 ppm, 25 °C, 37 %.
  static let example = traffic.receive([0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C])

  @Test("The datasheet's example, from the start on, and every failing transfer")
  func session() throws {
    let session = DriverSession(
      driver: Self.driver(), start: Self.start(),
      measurement: Self.ready + [Self.traffic.write(0xEC, 0x05), Self.example],
      expected: [
        500, Float(175 * 0x6667 - 45 * 65535) / 65535, Float(100 * 0x5EB9) / 65535,
      ])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.quantityNames == ["co2 ppm", "temperature °C", "humidity %"])

    var driver = Self.driver()
    var bus = PlaybackBus(Self.start())
    #expect(
      try driver.startToReady(on: &bus) == [
        500_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000,
      ])
  }

  @Test("Settings reach the device with their checksums")
  func settings() throws {
    let driver = Self.driver().with("temperature-offset", "5.4").with("altitude", "1000")
      .with("self-calibration", "no").with("mode", "low-power")
    let session = DriverSession(
      driver: driver,
      // 5.4 °C is 0x07E6 in the datasheet's example of the command.
      start: Self.start(
        offset: [0x07, 0xE6, CRC8.sensirion([0x07, 0xE6].span)], altitude: [0x03, 0xE8, 0xD4],
        calibration: [0x00, 0x00, 0x81], begin: 0xAC),
      measurement: Self.ready + [Self.traffic.write(0xEC, 0x05), Self.example],
      expected: [500])
    try session.expectReadings()

    var refused = Self.driver()
    #expect(refused.set("mode", "single-shot").known == "periodic or low-power")
    #expect(refused.set("altitude", "3001").known == "0 through 3000 (metres)")
    #expect(refused.set("temperature-offset", "-1").known == "0 through 20 (degrees Celsius)")
    #expect(refused.set("temperature-offset", "nan").known == "0 through 20 (degrees Celsius)")
    #expect(refused.set("self-calibration", "weekly").known == "yes or no")
    #expect(refused.set("pressure", "1000").isUnknown)
  }

  @Test("Between its measurements the device has nothing new")
  func notReady() throws {
    var driver = Self.driver()
    // The upper five bits of the status may be anything.
    let status: [UInt8] = [0x80, 0x00, 0xA2]
    var bus = PlaybackBus(
      Self.start() + [Self.traffic.write(0xE4, 0xB8), Self.traffic.receive(status)])
    try driver.startToReady(on: &bus)
    var reading = Reading()
    try driver.trigger(on: &bus)
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test("A trigger drops a fetch that was never taken")
  func abandonedFetch() throws {
    var driver = Self.driver()
    var bus = PlaybackBus(
      Self.start() + Self.ready + [Self.traffic.write(0xEC, 0x05)] + Self.ready
        + [Self.traffic.write(0xEC, 0x05), Self.example])
    try driver.startToReady(on: &bus)
    var reading = Reading()
    try driver.trigger(on: &bus)
    #expect(try driver.read(on: &bus, into: &reading) == .wait(nanoseconds: 1_000_000))
    #expect(try driver.measure(on: &bus)[0] == 500)
    bus.expectFinished()
  }

  @Test("Each of the checksums is verified")
  func checksums() throws {
    for word in 0..<3 {
      var broken = Self.example
      broken.answer[3 * word + 2] ^= 0x10
      var driver = Self.driver()
      var bus = PlaybackBus(
        Self.start() + Self.ready + [Self.traffic.write(0xEC, 0x05), broken])
      try driver.startToReady(on: &bus)
      #expect(
        throws: SensorError.checksum(
          found: broken.answer[3 * word + 2], expected: Self.example.answer[3 * word + 2])
      ) { try driver.measure(on: &bus) }

      var start = Self.start()
      start[2].answer[3 * word + 2] ^= 0x01
      bus = PlaybackBus(Array(start[...2]) + Self.start())
      #expect(throws: SensorError.self) { try driver.startToReady(on: &bus) }
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
  }
}
