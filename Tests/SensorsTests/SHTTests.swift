import Hardware
import Testing

@testable import Sensors

@Suite struct SHTTests {
  static let traffic = Traffic(0x44)

  /// The datasheet's example of a word and its check.
  static let beef: [UInt8] = [0xBE, 0xEF, 0x92]

  static func sht3x() -> SHT3x { SHT3x(address: traffic.address) }
  static func sht4x() -> SHT4x { SHT4x(address: traffic.address) }

  static let sht3xStart = [
    traffic.write(0x30, 0x93), traffic.write(0x30, 0xA2),
    traffic.exchange([0xF3, 0x2D], [0x80, 0x10, 0xE1]),
  ]
  static let sht4xStart = [
    traffic.write(0x94), traffic.write(0x89), traffic.receive(beef + [0x00, 0x00, 0x81]),
  ]

  @Test("The check of 0xBE 0xEF is 0x92, the datasheet's example")
  func checksum() {
    let bytes: [UInt8] = [0xBE, 0xEF]
    #expect(CRC8.sensirion(bytes.span) == 0x92)
    #expect(CRC8.sensirion([UInt8]().span) == 0xFF)
    // The catalogue's check value of CRC-8/NRSC-5, which has these parameters.
    #expect(CRC8.sensirion(Array("123456789".utf8).span) == 0xF7)
    // And of CRC-8/SMBUS: another polynomial, from zero.
    #expect(CRC8(polynomial: 0x07, initial: 0)(Array("123456789".utf8).span) == 0xF4)
  }

  @Test(
    "Words become temperature and humidity",
    arguments: [
      (0x0000, -45, 0, -6), (0xFFFF, 130, 100, 119), (0x8000, 42.501335, 50.000763, 56.500954),
      (0x6666, 25, 40, 44),
    ] as [(UInt16, Float, Float, Float)])
  func words(_ word: UInt16, _ celsius: Float, _ sht3: Float, _ sht4: Float) {
    let measurement = SHTMeasurement(temperature: word, humidity: word)
    #expect(measurement.celsius == celsius)
    #expect(measurement.sht3Percent == sht3)
    #expect(measurement.sht4Percent == min(max(sht4, 0), 100))
  }

  @Test("An SHT31 measures once per reading, and survives every failing transfer")
  func singleShot() throws {
    let session = DriverSession(
      driver: Self.sht3x(), start: Self.sht3xStart,
      measurement: [
        Self.traffic.write(0x24, 0x00), Self.traffic.receive(Self.beef + [0x66, 0x66, 0x93]),
      ],
      expected: [Float(175 * 0xBEEF - 45 * 65535) / 65535, 40])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.conversionNanoseconds == 15_500_000)
    #expect(session.driver.quantityNames == ["temperature °C", "humidity %"])
  }

  @Test("An SHT31 in periodic mode is fetched from")
  func periodic() throws {
    let driver = Self.sht3x().with("mode", "periodic").with("repeatability", "low")
      .with("data-rate", "4")
    let session = DriverSession(
      driver: driver, start: Self.sht3xStart + [Self.traffic.write(0x23, 0x29)],
      measurement: [Self.traffic.exchange([0xE0, 0x00], Self.beef + Self.beef)],
      expected: [
        Float(175 * 0xBEEF - 45 * 65535) / 65535, Float(100 * 0xBEEF) / 65535,
      ])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.conversionNanoseconds == 0)
  }

  @Test("A refused fetch means no result where the device still answers, else it is gone")
  func nothingToFetch() throws {
    let refused = BusError(.noAcknowledge, code: 121)
    let fetch = Self.traffic.exchange([0xE0, 0x00], [UInt8](repeating: 0, count: 6))
    var driver = Self.sht3x().with("mode", "periodic")
    var bus = PlaybackBus(
      Self.sht3xStart + [
        Self.traffic.write(0x21, 0x30), fetch.failing(refused), Self.traffic.probe(),
        fetch.failing(refused), Self.traffic.probe().failing(refused),
      ])
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    #expect(throws: SensorError.bus(refused)) { try driver.read(on: &bus, into: &reading) }
    bus.expectFinished()
  }

  @Test(
    "Each data rate and repeatability has its command",
    arguments: [
      ("0.5", "high", 0x2032), ("0.5", "medium", 0x2024), ("0.5", "low", 0x202F),
      ("1", "high", 0x2130), ("1", "medium", 0x2126), ("1", "low", 0x212D),
      ("2", "high", 0x2236), ("2", "medium", 0x2220), ("2", "low", 0x222B),
      ("4", "high", 0x2334), ("4", "medium", 0x2322), ("4", "low", 0x2329),
      ("10", "high", 0x2737), ("10", "medium", 0x2721), ("10", "low", 0x272A),
    ])
  func periodicCommands(_ rate: String, _ repeatability: String, _ command: UInt16) throws {
    var driver = Self.sht3x().with("mode", "periodic").with("data-rate", rate)
      .with("repeatability", repeatability)
    var bus = PlaybackBus(
      Self.sht3xStart + [Self.traffic.exchange([UInt8](bigEndian: command), [])])
    try driver.startToReady(on: &bus)
    bus.expectFinished()
  }

  @Test("A wrong checksum is reported with both, of either word, of the status too")
  func wrongChecksums() throws {
    for (answer, error) in [
      (Self.beef + [0x66, 0x66, 0x92], SensorError.checksum(found: 0x92, expected: 0x93)),
      ([0xBE, 0xEE, 0x92] + Self.beef, SensorError.checksum(found: 0x92, expected: 0xA3)),
      ([UInt8](repeating: 0xFF, count: 6), SensorError.checksum(found: 0xFF, expected: 0xAC)),
    ] {
      var driver = Self.sht3x()
      var bus = PlaybackBus(
        Self.sht3xStart + [Self.traffic.write(0x24, 0x00), Self.traffic.receive(answer)])
      try driver.startToReady(on: &bus)
      #expect(throws: error) { try driver.measure(on: &bus) }
      bus.expectFinished()
    }
    var driver = Self.sht3x()
    var start = Self.sht3xStart
    start[2].answer = [0x80, 0x10, 0xE0]
    var bus = PlaybackBus(start + start)
    for _ in 0..<2 {
      #expect(throws: SensorError.checksum(found: 0xE0, expected: 0xE1)) {
        try driver.startToReady(on: &bus)
      }
    }
    bus.expectFinished()
  }

  @Test("A status with a refused command is a fault")
  func refusedCommand() {
    var driver = Self.sht3x()
    var start = Self.sht3xStart
    let status: [UInt8] = [0x00, 0x02]
    start[2].answer = status + [CRC8.sensirion(status.span)]
    var bus = PlaybackBus(start)
    #expect(throws: SensorError.deviceFault(register: 0xF3, found: 0x02)) {
      try driver.startToReady(on: &bus)
    }
  }

  @Test(
    "An SHT4x measures once per reading, and survives every failing transfer",
    arguments: [("high", 0xFD, 8_300_000), ("medium", 0xF6, 4_500_000), ("low", 0xE0, 1_600_000)]
      as [(String, UInt8, UInt64)])
  func sht4x(_ repeatability: String, _ command: UInt8, _ nanoseconds: UInt64) throws {
    let session = DriverSession(
      driver: Self.sht4x().with("repeatability", repeatability), start: Self.sht4xStart,
      measurement: [
        Self.traffic.write(command), Self.traffic.receive([0x66, 0x66, 0x93, 0x66, 0x66, 0x93]),
      ],
      expected: [25, 44])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.conversionNanoseconds == nanoseconds)
  }

  @Test("A device without fitting checksums is no SHT4x")
  func anotherDevice() {
    var driver = Self.sht4x()
    var start = Self.sht4xStart
    start[2].answer = [0, 0, 0, 0, 0, 0]
    var bus = PlaybackBus(start)
    #expect(throws: SensorError.checksum(found: 0, expected: 0x81)) {
      try driver.startToReady(on: &bus)
    }
  }

  @Test("Settings are refused with what is known")
  func settings() {
    var sht3x = Self.sht3x()
    #expect(sht3x.set("mode", "fast").known == "single-shot or periodic")
    #expect(sht3x.set("repeatability", "best").known == "high, medium or low")
    #expect(sht3x.set("data-rate", "5").known == "0.5, 1, 2, 4 or 10 (a second)")
    #expect(sht3x.set("heater", "on").isUnknown)
    var sht4x = Self.sht4x()
    #expect(sht4x.set("mode", "periodic").isUnknown)
    #expect(sht4x.set("repeatability", "").known == "high, medium or low")
  }
}
