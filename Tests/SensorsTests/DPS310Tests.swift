import Hardware
import TestSupport
import Testing

@testable import Sensors

@Suite struct DPS310Tests {
  static let traffic = Traffic(0x77)
  static func driver() -> DPS310 { DPS310(address: traffic.address) }

  /// Coefficients of a real device, and raw results of it at room temperature.
  static let coefficients: [UInt8] = [
    0x0E, 0x1E, 0xDD, 0x13, 0xCA, 0x5F, 0x21, 0x52, 0xF9, 0xC6, 0x04, 0xD1, 0xDB, 0x47, 0x00, 0x5B,
    0xFB, 0x3A,
  ]

  static let correction = [
    traffic.write(0x0E, 0xA5), traffic.write(0x0F, 0x96), traffic.write(0x62, 0x02),
    traffic.write(0x0E, 0x00), traffic.write(0x0F, 0x00),
  ]

  static func start(
    correction: [PlaybackBus.Step]? = nil, pressure: UInt8 = 0x34, temperature: UInt8 = 0xB0,
    configuration: UInt8 = 0x04
  ) -> [PlaybackBus.Step] {
    [
      traffic.read(0x0D, [0x10]), traffic.write(0x0C, 0x09), traffic.read(0x08, [0xC0]),
      traffic.read(0x10, coefficients), traffic.read(0x32, [correction == nil ? 0x02 : 0x00]),
    ] + (correction ?? []) + [
      traffic.read(0x28, [0x90]), traffic.write(0x06, pressure), traffic.write(0x07, temperature),
      traffic.write(0x09, configuration), traffic.write(0x08, 0xC7),
    ]
  }

  @Test("Coefficients of odd widths keep their signs")
  func coefficientFields() {
    var bytes = InlineArray<18, UInt8>(repeating: 0)
    for index in 0..<18 { bytes[index] = Self.coefficients[index] }
    let found = DPS310.Coefficients(bytes)
    var expected = DPS310.Coefficients()
    expected.c0 = 0x0E1
    expected.c1 = 0xEDD - 0x1000
    expected.c00 = 0x13CA5
    expected.c10 = 0xF2152 - 0x100000
    expected.c01 = 0xF9C6 - 0x10000
    expected.c11 = 0x04D1
    expected.c20 = 0xDB47 - 0x10000
    expected.c21 = 0x005B
    expected.c30 = 0xFB3A - 0x10000
    #expect(found == expected)

    let lowest = DPS310.Coefficients([
      0x80, 0x08, 0x00, 0x80, 0x00, 0x08, 0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80, 0x00, 0x80,
      0x00, 0x80, 0x00,
    ])
    #expect([lowest.c0, lowest.c1] == [-2048, -2048])
    #expect([lowest.c00, lowest.c10] == [-524_288, -524_288])
    #expect(
      [lowest.c01, lowest.c11, lowest.c20, lowest.c21, lowest.c30]
        == [Int32](repeating: -32768, count: 5))
  }

  @Test("The formulas agree with exact rational arithmetic", arguments: [21, 22, 23])
  func oracle(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      var c = DPS310.Coefficients()
      c.c0 = .random(in: -2048...2047, using: &generator)
      c.c1 = .random(in: -2048...2047, using: &generator)
      c.c00 = .random(in: -524_288...524_287, using: &generator)
      c.c10 = .random(in: -524_288...524_287, using: &generator)
      c.c01 = .random(in: -32768...32767, using: &generator)
      c.c11 = .random(in: -32768...32767, using: &generator)
      c.c20 = .random(in: -32768...32767, using: &generator)
      c.c21 = .random(in: -32768...32767, using: &generator)
      c.c30 = .random(in: -32768...32767, using: &generator)
      let scales: [Int128] = [
        524_288, 1_572_864, 3_670_016, 7_864_320, 253_952, 516_096, 1_040_384, 2_088_960,
      ]
      let code = UInt8.random(in: 0...7, using: &generator)
      let (kp, kt) = (scales[Int(code)], scales[7 - Int(code)])
      let p = Int128(Int32.random(in: -Int32(kp)...Int32(kp), using: &generator))
      let t = Int128(Int32.random(in: -Int32(kt)...Int32(kt), using: &generator))

      // Everything over the common denominator kp³ · kt: below 2¹¹⁸.
      let pressureTerms: Int128 =
        Int128(c.c00) * kp * kp * kp + Int128(c.c10) * p * kp * kp
        + Int128(c.c20) * p * p * kp + Int128(c.c30) * p * p * p
      let driftTerms: Int128 =
        Int128(c.c01) * kp * kp * kp + Int128(c.c11) * p * kp * kp + Int128(c.c21) * p * p * kp
      let exact =
        Double(pressureTerms * kt + driftTerms * t) / (Double(kp * kp * kp) * Double(kt))
      let scaledPressure = DPS310.Oversampling(code: code).scaled(Int32(p))
      let scaledTemperature = DPS310.Oversampling(code: 7 - code).scaled(Int32(t))
      let pascals = c.pascals(scaledPressure, temperature: scaledTemperature)
      // Sums of up to a million, a dozen roundings of 2⁻³³ each.
      #expect(abs(pascals - exact) < 1e-8, "seed \(seed)")

      let exactCelsius = Double(Int128(c.c0) * kt + 2 * Int128(c.c1) * t) / Double(2 * kt)
      #expect(abs(c.celsius(scaledTemperature) - exactCelsius) < 1e-11, "seed \(seed)")
    }
  }

  /// Pressure 0xFE2FEE of sixteen measurements, temperature 0x0269A6 of one.
  static let results: [UInt8] = [0xFE, 0x2F, 0xEE, 0x02, 0x69, 0xA6]

  /// With Python's fractions: 112.5 - 291 · 158118/524288, and the polynomial at -118802/253952.
  static let expected: [Float] = [24.738430, 105_148.164]

  @Test("A device starts, measures, and survives every failing transfer")
  func session() throws {
    let session = DriverSession(
      driver: Self.driver(), start: Self.start(),
      measurement: [Self.traffic.read(0x08, [0xF7]), Self.traffic.read(0x00, Self.results)],
      expected: Self.expected)
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(session.driver.quantityNames == ["temperature °C", "pressure Pa"])
  }

  @Test("An early device's temperature is corrected; every step of that may fail")
  func correctedSession() throws {
    let session = DriverSession(
      driver: Self.driver(), start: Self.start(correction: Self.correction),
      measurement: [Self.traffic.read(0x08, [0xF7]), Self.traffic.read(0x00, Self.results)],
      expected: Self.expected)
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test("Settings reach the device; results of many measurements are shifted")
  func settings() throws {
    let driver = Self.driver().with("oversampling", "64").with("temperature-oversampling", "32")
      .with("data-rate", "4")
    #expect(driver.settingsProblem == nil)
    var bus = PlaybackBus(
      Self.start(pressure: 0x26, temperature: 0xA5, configuration: 0x0C))
    var starting = driver
    try starting.startToReady(on: &bus)
    bus.expectFinished()

    // 8 · (106.4 ms + 53.2 ms) is more than a second.
    let busy = driver.with("data-rate", "8").settingsProblem
    #expect(busy.map { "\($0)" }?.contains("data-rate") == true)

    var refused = driver
    #expect(refused.set("oversampling", "3").known == "1, 2, 4, 8, 16, 32, 64 or 128")
    #expect(refused.set("data-rate", "256").known == "1, 2, 4, 8, 16, 32, 64 or 128")
    #expect(refused.set("identity", "no").known == "check or ignore")
    #expect(refused.set("filter", "2").isUnknown)
  }

  @Test("Nothing is new before a pressure is, nor before the first temperature")
  func notReady() throws {
    var driver = Self.driver()
    var bus = PlaybackBus(
      Self.start() + [
        Self.traffic.read(0x08, [0xC7]), Self.traffic.read(0x08, [0xE7]),
        Self.traffic.read(0x08, [0xD7]), Self.traffic.read(0x08, [0xF7]),
        Self.traffic.read(0x00, Self.results),
        // From now on the last temperature serves.
        Self.traffic.read(0x08, [0xD7]), Self.traffic.read(0x00, Self.results),
      ])
    try driver.startToReady(on: &bus)
    var reading = Reading()
    for expected: ReadProgress in [.nothingNew, .nothingNew, .nothingNew, .reading, .reading] {
      #expect(try driver.read(on: &bus, into: &reading) == expected)
    }
    bus.expectFinished()
  }

  @Test("The start waits for the coefficients, but not for ever")
  func coefficientsNotReady() throws {
    var driver = Self.driver()
    let waiting = Self.traffic.read(0x08, [0x40])
    let begin = Array(Self.start()[..<2])
    var bus = PlaybackBus(begin + [waiting] + Self.start()[2...])
    #expect(try driver.startToReady(on: &bus) == [40_000_000, 10_000_000])
    bus.expectFinished()
    bus = PlaybackBus(begin + [PlaybackBus.Step](repeating: waiting, count: 11))
    #expect(throws: SensorError.deviceFault(register: 0x08, found: 0x40)) {
      try driver.startToReady(on: &bus)
    }
    bus.expectFinished()
  }

  @Test("Another product is refused, unless the number is to be ignored")
  func identity() throws {
    var driver = Self.driver()
    var bus = PlaybackBus([Self.traffic.read(0x0D, [0xFF])])
    #expect(throws: SensorError.wrongDevice(register: 0x0D, found: 0xFF, expected: 0x10)) {
      try driver.start(on: &bus)
    }
    driver = driver.with("identity", "ignore")
    bus = PlaybackBus(Array(Self.start().dropFirst()))
    try driver.startToReady(on: &bus)
    bus.expectFinished()
  }

  @Test("A device that waits for commands again, and one without coefficients, are faults")
  func faults() throws {
    var driver = Self.driver()
    var bus = PlaybackBus(Self.start() + [Self.traffic.read(0x08, [0xC0])])
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.deviceFault(register: 0x08, found: 0xC0)) {
      try driver.measure(on: &bus)
    }
    var start = Array(Self.start()[..<4])
    start[3].answer = [UInt8](repeating: 0, count: 18)
    bus = PlaybackBus(start)
    #expect(throws: SensorError.deviceFault(register: 0x10, found: 0)) {
      try driver.startToReady(on: &bus)
    }
  }
}
