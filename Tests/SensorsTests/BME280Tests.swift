import Hardware
import Testing

@testable import Sensors

@Suite struct BME280Tests {
  static let traffic = Traffic(0x76)

  /// The words of the worked example (BMP280 datasheet, section 3.12), low byte first, and after
  /// them what a BME280 adds: 0xA0 is unused, 0xA1 is H1 = 75.
  static let calibration: [UInt8] =
    [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000].flatMap {
      let word = UInt16(truncatingIfNeeded: $0)
      return [UInt8(word & 0xFF), UInt8(word >> 8)]
    } + [0, 75]

  /// H2 = 362, H3 = 0, H4 = 313, H5 = 50, H6 = 30: those of a device on a desk.
  static let humidityCalibration: [UInt8] = [0x6A, 0x01, 0x00, 0x13, 0x29, 0x03, 0x1E]

  /// Pressure 415148, temperature 519888, as the example has them.
  static let example: [UInt8] = [0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00]

  static func start(
    id: UInt8 = 0x60, configuration: UInt8 = 0, control: UInt8 = 0x24, humidity: UInt8? = 1
  ) -> [PlaybackBus.Step] {
    [
      traffic.read(0xD0, [id]), traffic.write(0xE0, 0xB6), traffic.read(0xF3, [0x00]),
      traffic.read(0x88, calibration),
    ] + (humidity == nil ? [] : [traffic.read(0xE1, humidityCalibration)])
      + [traffic.write(0xF5, configuration)]
      + (humidity.map { [traffic.write(0xF2, $0)] } ?? []) + [traffic.write(0xF4, control)]
  }

  @Test("A BMP280 gives the worked example of its datasheet")
  func bmp280Session() throws {
    let session = DriverSession(
      driver: BME280(.bmp280, address: Self.traffic.address),
      start: Self.start(id: 0x58, humidity: nil),
      measurement: [
        Self.traffic.write(0xF4, 0x25),
        Self.traffic.read(0xF3, [0, 0x24, 0, 0] + Self.example),
      ],
      expected: [25.08, Float(25_767_233) / 256])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.quantityNames == ["temperature °C", "pressure Pa"])
    // The datasheet prints 25767236, the 100653.27 Pa of its floating-point formula; its integer
    // formula truncates to three units less.
    #expect(abs(Double(session.expected[1]) - 100_653.27) < 0.021)
  }

  @Test("A BME280 starts, measures, and survives every failing transfer")
  func bme280Session() throws {
    let session = DriverSession(
      driver: BME280(.bme280, address: Self.traffic.address), start: Self.start(),
      measurement: [
        Self.traffic.write(0xF4, 0x25),
        Self.traffic.read(0xF3, [0, 0x24, 0, 0] + Self.example + [0x75, 0x30]),
      ],
      expected: [25.08, Float(25_767_233) / 256, Self.humidityOfExample])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.quantityNames == ["temperature °C", "pressure Pa", "humidity %"])
  }

  /// The raw humidity 30000 at the example's temperature, as a separate calculation with Python's
  /// integers gave it.
  static let humidityOfExample: Float = 56_317 / 1024

  @Test("The example's humidity is that of the floating-point formula, a few steps aside")
  func humidityOracle() {
    let words = BME280Oracle.Words(
      t: [27504, 26435, -1000], p: [], h: [75, 362, 0, 313, 50, 30])
    let percent = BME280Oracle.percent(
      30000, fine: BME280Oracle.fineTemperature(519_888, words), words)
    #expect(abs(percent - Double(Self.humidityOfExample)) < 0.01)
  }

  @Test("Normal mode measures by itself, with its filter and standby time")
  func normalMode() throws {
    let driver = BME280(.bme280, address: Self.traffic.address)
      .with("mode", "normal").with("oversampling", "4").with("pressure-oversampling", "16")
      .with("filter", "16").with("standby", "125")
    let session = DriverSession(
      driver: driver,
      start: Self.start(configuration: 0x50, control: 0x77, humidity: 3),
      // A measurement that runs does no harm, the registers are shadowed.
      measurement: [Self.traffic.read(0xF3, [8, 0x77, 0x50, 0] + Self.example + [0x75, 0x30])],
      expected: [25.08, Float(25_767_233) / 256, Self.humidityOfExample])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.conversionNanoseconds == 0)
  }

  @Test(
    "A measurement takes the longest time of the datasheet's appendix",
    arguments: [("1", 9_300_000), ("2", 16_200_000), ("16", 112_800_000)])
  func conversionTime(_ oversampling: String, _ nanoseconds: UInt64) {
    let driver = BME280(.bme280, address: Self.traffic.address)
      .with("oversampling", oversampling)
    #expect(driver.conversionNanoseconds == nanoseconds)
  }

  @Test("A read before the measurement is done finds nothing new")
  func notReady() throws {
    var driver = BME280(.bme280, address: Self.traffic.address)
    let early = Self.traffic.read(0xF3, [8, 0x24, 0, 0] + [UInt8](repeating: 0x80, count: 8))
    var bus = PlaybackBus(Self.start() + [early])
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test("The start waits for the calibration words, but not for ever")
  func updating() throws {
    var driver = BME280(.bme280, address: Self.traffic.address)
    let updating = Self.traffic.read(0xF3, [0x01])
    let begin = Array(Self.start()[..<2])
    var bus = PlaybackBus(begin + [updating, updating] + Self.start()[2...])
    #expect(try driver.startToReady(on: &bus) == [2_000_000, 2_000_000, 2_000_000])
    bus.expectFinished()

    bus = PlaybackBus(begin + [PlaybackBus.Step](repeating: updating, count: 11) + begin)
    #expect(throws: SensorError.deviceFault(register: 0xF3, found: 1)) {
      try driver.startToReady(on: &bus)
    }
    #expect(try driver.start(on: &bus) == .wait(nanoseconds: 2_000_000))
    bus.expectFinished()
  }

  @Test("Another chip's number is refused, samples of the BMP280 are not")
  func identification() throws {
    for (model, found, expected) in [
      (BME280.Model.bme280, UInt8(0x58), UInt8(0x60)), (.bmp280, 0x60, 0x58), (.bme280, 0x56, 0x60),
    ] {
      var driver = BME280(model, address: Self.traffic.address)
      var bus = PlaybackBus([Self.traffic.read(0xD0, [found])])
      #expect(
        throws: SensorError.wrongDevice(register: 0xD0, found: found, expected: expected)
      ) { try driver.start(on: &bus) }
    }
    for sample: UInt8 in [0x56, 0x57] {
      var driver = BME280(.bmp280, address: Self.traffic.address)
      var bus = PlaybackBus(Self.start(id: sample, humidity: nil))
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
  }

  @Test("A skipped measurement, and a device that was reset, are faults")
  func faults() throws {
    let settings: [UInt8] = [0, 0x24, 0, 0]
    let skipped: [UInt8] = [0x80, 0x00, 0x00]
    let pressure = Array(Self.example[..<3])
    let temperature = Array(Self.example[3...])
    let humidity: [UInt8] = [0x75, 0x30]
    for (data, error) in [
      (
        settings + skipped + temperature + humidity,
        SensorError.deviceFault(register: 0xF7, found: 0x80)
      ),
      (
        settings + pressure + skipped + humidity,
        SensorError.deviceFault(register: 0xFA, found: 0x80)
      ),
      (
        settings + pressure + temperature + [0x80, 0x00],
        SensorError.deviceFault(register: 0xFD, found: 0x80)
      ),
      (
        [0, 0, 0, 0] + pressure + temperature + humidity,
        SensorError.deviceFault(register: 0xF4, found: 0)
      ),
    ] {
      var driver = BME280(.bme280, address: Self.traffic.address)
      var bus = PlaybackBus(
        Self.start() + [Self.traffic.write(0xF4, 0x25), Self.traffic.read(0xF3, data)])
      try driver.startToReady(on: &bus)
      #expect(throws: error) { try driver.measure(on: &bus) }
      bus.expectFinished()
    }
  }

  @Test("Calibration words that are all zero are a fault")
  func noCalibration() {
    var driver = BME280(.bmp280, address: Self.traffic.address)
    var start = Array(Self.start(id: 0x58, humidity: nil)[..<4])
    start[3].answer = [UInt8](repeating: 0, count: 26)
    var bus = PlaybackBus(start)
    #expect(throws: SensorError.deviceFault(register: 0x88, found: 0)) {
      try driver.startToReady(on: &bus)
    }
  }

  @Test("Settings are refused with what is known")
  func settings() {
    var driver = BME280(.bmp280, address: Self.traffic.address)
    #expect(driver.set("humidity-oversampling", "2").isUnknown)
    #expect(driver.set("oversampling", "3").known == "1, 2, 4, 8 or 16")
    #expect(driver.set("oversampling", "0").known == "1, 2, 4, 8 or 16")
    #expect(driver.set("mode", "sleep").known == "forced or normal")
    #expect(driver.set("filter", "1").known == "off, 2, 4, 8 or 16")
    #expect(driver.set("filter", "off").isTaken)
    #expect(driver.set("standby", "10").known?.hasPrefix("0.5, 62.5") == true)
    #expect(driver.set("resolution", "9").isUnknown)
  }
}
