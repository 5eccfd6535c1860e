import Hardware
import Testing

@testable import Sensors

@Suite struct BH1750Tests {
  static let traffic = Traffic(0x23)
  static func driver() -> BH1750 { BH1750(address: traffic.address) }

  /// Measurement time 69 is 0b010_00101.
  static let start = [
    traffic.write(0x01), traffic.write(0x07), traffic.write(0x42), traffic.write(0x65),
  ]

  @Test("The datasheet's example, 0x8390, is 28067 lx")
  func example() throws {
    let session = DriverSession(
      driver: Self.driver(), start: Self.start,
      measurement: [Self.traffic.write(0x20), Self.traffic.receive([0x83, 0x90])],
      expected: [28066.666])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.conversionNanoseconds == 180_000_000)
    #expect(session.driver.quantityNames == ["illuminance lx"])
  }

  @Test("The second example: 0x0110 in high resolution mode 2 is 113.33 lx")
  func highResolution2() throws {
    let session = DriverSession(
      driver: Self.driver().with("resolution", "high2"), start: Self.start,
      measurement: [Self.traffic.write(0x21), Self.traffic.receive([0x01, 0x10])],
      expected: [113.333336])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test(
    "The measurement time scales sensitivity and time",
    arguments: [
      ("138", 0x44, 0x6A, 50, 360_000_000), ("254", 0x47, 0x7E, 27.165354, 662_608_695),
      ("31", 0x40, 0x7F, 222.58064, 80_869_565),
    ] as [(String, UInt8, UInt8, Float, UInt64)])
  func measurementTime(
    _ time: String, _ high: UInt8, _ low: UInt8, _ lux: Float, _ nanoseconds: UInt64
  ) throws {
    let session = DriverSession(
      driver: Self.driver().with("measurement-time", time),
      start: [
        Self.traffic.write(0x01), Self.traffic.write(0x07), Self.traffic.write(high),
        Self.traffic.write(low),
      ],
      measurement: [Self.traffic.write(0x20), Self.traffic.receive([0x00, 0x78])],
      expected: [lux])
    try session.expectReadings()
    #expect(session.driver.conversionNanoseconds == nanoseconds)
  }

  @Test("The counter's end is out of range, the number below it is not")
  func saturation() throws {
    var driver = Self.driver().with("resolution", "low")
    #expect(driver.conversionNanoseconds == 24_000_000)
    var bus = PlaybackBus(
      Self.start + [
        Self.traffic.write(0x23), Self.traffic.receive([0xFF, 0xFF]), Self.traffic.write(0x23),
        Self.traffic.receive([0xFF, 0xFE]),
      ])
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.outOfRange) { try driver.measure(on: &bus) }
    #expect(try driver.measure(on: &bus)[0] == Float(65534 * 115) / 138)
    bus.expectFinished()
  }

  @Test("Settings are refused with what is known")
  func settings() {
    var driver = Self.driver()
    #expect(driver.set("resolution", "1").known == "high, high2 or low")
    #expect(driver.set("measurement-time", "30").known == "31 through 254")
    #expect(driver.set("measurement-time", "255").known == "31 through 254")
    #expect(driver.set("gain", "2").isUnknown)
  }
}
