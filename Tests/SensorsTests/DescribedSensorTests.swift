import Hardware
import Testing

@testable import Sensors

@Suite struct DescribedSensorTests {
  static let traffic = Traffic(0x48)

  static func driver(_ settings: KeyValuePairs<String, String>) -> DescribedSensor {
    settings.reduce(into: DescribedSensor(address: traffic.address)) {
      $0 = $0.with($1.key, $1.value)
    }
  }

  /// An LM75 with 11 bits, as the documentation's example describes it.
  static let thermometer: KeyValuePairs = [
    "register": "0x00", "width": "16", "signed": "yes", "shift": "5", "scale": "0.125",
    "quantity": "temperature", "unit": "°C",
  ]

  @Test("A thermometer is described; an absent one is found in the start")
  func minimal() throws {
    let driver = Self.driver(Self.thermometer)
    #expect(driver.settingsProblem == nil)
    #expect(driver.quantityNames == ["temperature °C"])
    let session = DriverSession(
      driver: driver, start: [Self.traffic.probe()],
      measurement: [Self.traffic.read(0x00, [0xE7, 0x20])], expected: [-24.875])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("Writes, pauses, identity, trigger, several values and checksums: everything at once")
  func everything() throws {
    let driver = Self.driver([
      "init": "0x20:0x57, 10ms 0x2130 \"0x0123:0x04\" 500us", "identity": "0x0f:0x33",
      "trigger": "0x24:0x00", "conversion-time": "15ms", "register": "0xE000", "width": "16",
      "checksum": "crc8", "count": "2", "scale": "2", "offset": "-1", "quantity": "flow",
      "unit": "l/min",
    ])
    #expect(driver.settingsProblem == nil)
    #expect(driver.conversionNanoseconds == 15_000_000)
    #expect(driver.quantityNames == ["flow_0 l/min", "flow_1 l/min"])
    let session = DriverSession(
      driver: driver,
      start: [
        Self.traffic.read(0x0F, [0x33]), Self.traffic.write(0x20, 0x57),
        Self.traffic.write(0x21, 0x30), Self.traffic.write(0x01, 0x23, 0x04),
      ],
      measurement: [
        Self.traffic.write(0x24, 0x00),
        Self.traffic.exchange([0xE0, 0x00], [0xBE, 0xEF, 0x92, 0x00, 0x01, 0xB0]),
      ],
      expected: [2 * 0xBEEF - 1, 1])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    var bus = PlaybackBus(session.start)
    var starting = driver
    #expect(try starting.startToReady(on: &bus) == [10_000_000, 500_000])
  }

  /// The examples of docs/sensors.md.
  @Test("An MCP9808 and the temperature of an HDC1080 are described by their datasheets")
  func documentedExamples() throws {
    let pipe = Traffic(0x18)
    for (answer, celsius) in [([0xC1, 0x90], 25), ([0xDF, 0xFC], -0.25)] as [([UInt8], Float)] {
      var driver = DescribedSensor(address: pipe.address)
      for (option, value) in [
        ("identity", "0x07:0x04"), ("init", "0x08:0x03"), ("register", "0x05"), ("width", "16"),
        ("mask", "0x1fff"), ("signed", "yes"), ("scale", "0.0625"), ("quantity", "temperature"),
        ("unit", "°C"),
      ] { driver = driver.with(option, value) }
      #expect(driver.settingsProblem == nil)
      let session = DriverSession(
        driver: driver, start: [pipe.read(0x07, [0x04]), pipe.write(0x08, 0x03)],
        measurement: [pipe.read(0x05, answer)], expected: [celsius])
      try session.expectReadings()
      try session.expectEveryFailureSurvived()
    }

    let cabinet = Traffic(0x40)
    var driver = DescribedSensor(address: cabinet.address)
    for (option, value) in [
      ("identity", "0xfe:0x54"), ("init", "0x02:0x0000"), ("trigger", "0x00"),
      ("conversion-time", "7ms"), ("register", "none"), ("width", "16"),
      ("scale", "0.002517700195"), ("offset", "-40"), ("quantity", "temperature"), ("unit", "°C"),
    ] { driver = driver.with(option, value) }
    #expect(driver.settingsProblem == nil)
    #expect(driver.conversionNanoseconds == 7_000_000)
    let session = DriverSession(
      driver: driver, start: [cabinet.read(0xFE, [0x54]), cabinet.write(0x02, 0x00, 0x00)],
      // 0x8000 is half of 165 °C above -40 °C.
      measurement: [cabinet.write(0x00), cabinet.receive([0x80, 0x00])], expected: [42.5])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("A wrong identity and a wrong checksum are errors")
  func refusals() throws {
    var driver = Self.driver(Self.thermometer).with("identity", "0x0f:0x33")
    var bus = PlaybackBus([Self.traffic.read(0x0F, [0x32])])
    #expect(throws: SensorError.wrongDevice(register: 0x0F, found: 0x32, expected: 0x33)) {
      try driver.start(on: &bus)
    }
    driver = Self.driver(Self.thermometer).with("checksum", "crc8")
      .with("checksum-polynomial", "0x07").with("checksum-init", "0")
    bus = PlaybackBus([Self.traffic.probe(), Self.traffic.read(0x00, [0, 0, 0x01])])
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.checksum(found: 0x01, expected: 0x00)) {
      try driver.measure(on: &bus)
    }
  }

  @Test("Without a register, bytes are just read")
  func noRegister() throws {
    let driver = Self.driver([
      "register": "none", "width": "8", "quantity": "level", "unit": "%",
    ])
    let session = DriverSession(
      driver: driver, start: [Self.traffic.probe()], measurement: [Self.traffic.receive([200])],
      expected: [200])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("Several names, the last repeated")
  func names() {
    let driver = Self.driver([
      "quantity": "acceleration_x acceleration_y rest", "unit": "g", "count": "5",
    ])
    #expect(
      driver.quantityNames == [
        "acceleration_x g", "acceleration_y g", "rest_0 g", "rest_1 g", "rest_2 g",
      ])
    let name = Array("rest_1".utf8)
    #expect(driver.quantities.index(named: name.span) == 3)
    let missing = Array("rest".utf8)
    #expect(driver.quantities.index(named: missing.span) == nil)
  }

  struct Layout: CustomStringConvertible, Sendable {
    let bytes: [UInt8]
    let layout: WordLayout
    let expected: Float
    init(
      _ bytes: [UInt8], little: Bool = false, signed: Bool = false, shift: Int = 0,
      mask: UInt32? = nil, expected: Float
    ) {
      self.bytes = bytes
      layout = WordLayout(
        width: 8 * bytes.count, isBigEndian: !little, isSigned: signed, shift: shift, mask: mask)
      self.expected = expected
    }
    var description: String { "\(hexadecimal(bytes)) \(expected)" }
  }

  @Test(
    "Words of every width, order and sign",
    arguments: [
      Layout([0xFF], expected: 255), Layout([0xFF], signed: true, expected: -1),
      Layout([0x80], signed: true, expected: -128), Layout([0x12, 0x34], expected: 0x1234),
      Layout([0x12, 0x34], little: true, expected: 0x3412),
      Layout([0xFF, 0xFE], signed: true, expected: -2),
      Layout([0x80, 0x00, 0x00], signed: true, expected: -8_388_608),
      Layout([0x01, 0x02, 0x03], little: true, expected: 0x030201),
      Layout([0xFF, 0xFF, 0xFF, 0xFF], expected: 4_294_967_296),
      Layout([0xFF, 0xFF, 0xFF, 0xFF], signed: true, expected: -1),
      Layout([0x80, 0x00, 0x00, 0x00], signed: true, expected: -2_147_483_648),
      // Left-justified in twelve bits.
      Layout([0xFF, 0xF0], signed: true, shift: 4, expected: -1),
      Layout([0x7F, 0xF0], signed: true, shift: 4, expected: 2047),
      // Right-justified, flags above.
      Layout([0xCF, 0xFF], signed: true, mask: 0x0FFF, expected: -1),
      Layout([0xC7, 0xFF], signed: true, mask: 0x0FFF, expected: 2047),
      Layout([0xC7, 0xFF], mask: 0x0FFF, expected: 2047),
      Layout([0b1010_1100], shift: 2, mask: 0b101, expected: 1),
      Layout([0xFF, 0xFF, 0xFF, 0xFF], signed: true, shift: 31, expected: -1),
    ])
  func layouts(_ sample: Layout) {
    #expect(sample.layout.problem == nil)
    #expect(sample.layout.value(sample.bytes.span) == sample.expected)
  }

  @Test(
    "Values that are none are refused with what is known",
    arguments: [
      ("init", ""), ("init", "0x20" + ":"), ("init", ":0x20"), ("init", "0x20:0x57:0x01"),
      ("init", "0x12345:0"), ("init", "61s"), ("init", "-1:0"), ("init", "999999999min"),
      ("init", String(repeating: "1:2 ", count: 17)), ("trigger", "10ms"), ("trigger", "x"),
      ("trigger", "1 2 3 4 5"), ("conversion-time", "15"), ("conversion-time", "2min"),
      ("register", "0x10000"), ("register", "-1"), ("register", "0x"), ("register", "zero"),
      ("identity", "0x0f"), ("identity", "0x0f:0x100"), ("width", "12"), ("width", "64"),
      ("width", "0"), ("byte-order", "middle"), ("signed", "2"), ("shift", "32"), ("shift", "-1"),
      ("mask", "0"), ("mask", "0x100000000"), ("count", "0"), ("count", "33"),
      ("checksum", "crc16"), ("checksum-polynomial", "0x131"), ("checksum-init", "256"),
      ("scale", "0"), ("scale", "nan"), ("scale", "1e300"), ("scale", "1,5"), ("offset", "inf"),
      ("offset", "-1e29"), ("quantity", ""), ("quantity", "soil moisture!"),
      ("quantity", "a b c d e f g h i"), ("quantity", String(repeating: "x", count: 33)),
      ("unit", ""), ("unit", "l / min"), ("unit", "0123456789abcdefg"),
    ])
  func badValues(_ option: String, _ value: String) throws {
    var driver = Self.driver(Self.thermometer)
    let known = try #require(driver.set(option, value).known)
    #expect(!known.isEmpty)
  }

  @Test("What is missing or contradicts itself is said")
  func problems() {
    func problem(_ driver: DescribedSensor) -> String {
      driver.settingsProblem.map { "\($0)" } ?? ""
    }
    #expect(problem(DescribedSensor(address: nil)).contains("`address`"))
    #expect(problem(Self.driver([:])).contains("`register`"))
    #expect(problem(Self.driver(["register": "0"])).contains("`width`"))
    #expect(problem(Self.driver(["register": "0", "width": "8"])).contains("`quantity`"))
    #expect(
      problem(Self.driver(["register": "0", "width": "8", "quantity": "x"])).contains("`unit`"))
    let driver = Self.driver(Self.thermometer)
    #expect(problem(driver).isEmpty)
    #expect(problem(driver.with("shift", "16")).contains("`shift`"))
    #expect(problem(driver.with("mask", "0xfff")).contains("`mask`"))
    #expect(problem(driver.with("mask", "0x505")).contains("consecutive"))
    #expect(problem(driver.with("quantity", "x y")).contains("`count`"))
    var unknown = driver
    #expect(unknown.set("colour", "red").isUnknown)
  }

  @Test("The extremes of field, scale and offset are finite numbers")
  func finite() {
    for scale in ["1e28", "-1e28", "1e-28"] {
      let driver = Self.driver(Self.thermometer).with("scale", scale).with("offset", "1e28")
        .with("shift", "0").with("width", "32")
      let bytes: [UInt8] = [0x80, 0, 0, 0]
      #expect(driver.layout.value(bytes.span).isFinite)
    }
  }
}
