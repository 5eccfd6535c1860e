import Hardware
import Testing

@testable import Sensors

/// Traffic written after the datasheet, revision G.
@Suite struct ADXL345Tests {
  let device = Traffic(0x53)
  var driver: ADXL345 { ADXL345(address: device.address) }

  /// ±16 g, 100 samples a second.
  var start: [PlaybackBus.Step] {
    [
      device.read(0x00, [0xE5]),
      device.write(0x2D, 0x00),
      device.write(0x38, 0x00),
      device.read(0x32, [1, 2, 3, 4, 5, 6]),
      device.write(0x31, 0x0B),
      device.write(0x2C, 0x0A),
      device.write(0x38, 0x80),
      device.write(0x2D, 0x08),
    ]
  }

  @Test func `starts, reads one sample and survives every failing transfer`() throws {
    // 1 g, −1 g, and half a g.
    let session = DriverSession(
      driver: driver, start: start,
      measurement: [
        device.read(0x30, [0x80]), device.read(0x39, [1]),
        device.read(0x32, [0x00, 0x01, 0x00, 0xFF, 0x80, 0x00]),
      ],
      expected: [9.806_65, -9.806_65, 9.806_65 / 2])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(
      driver.quantityNames == [
        "acceleration_x m/s²", "acceleration_y m/s²", "acceleration_z m/s²",
      ])
  }

  @Test func `takes a full queue sample by sample, each with its age`() throws {
    let samples = (0..<33).map { device.read(0x32, [UInt8($0), 0, 0, 0, 0, 0]) }
    // The trigger bit beside the count is not part of it.
    var bus = PlaybackBus(
      start + [device.read(0x30, [0x82]), device.read(0x39, [0x80 | 33])] + samples
        + [device.read(0x30, [0x00]), device.read(0x39, [0])])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    for index in 0..<33 {
      let progress = try driver.read(on: &bus, into: &reading)
      #expect(progress == (index < 32 ? .readingAndMore : .reading))
      #expect(reading.ageNanoseconds == UInt64(32 - index) * 10_000_000)
      expectNear(reading, [Double(index) * 9.806_65 / 256, 0, 0])
    }
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test func `an overrun is a fault until the next start`() throws {
    var bus = PlaybackBus(
      start + [device.read(0x30, [0x83])] + start
        + [
          device.read(0x30, [0x80]), device.read(0x39, [1]),
          device.read(0x32, [0, 0, 0, 0, 0, 0]),
        ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(throws: SensorError.deviceFault(register: 0x30, found: 0x83)) {
      try driver.read(on: &bus, into: &reading)
    }
    try driver.startToReady(on: &bus)
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    bus.expectFinished()
  }

  @Test func `13 bits of two's complement at the ends, slowest and fastest rate`() throws {
    for (rate, code, period) in [("6.25", 6, 160_000_000), ("800", 13, 1_250_000)] {
      var steps = start
      steps[4] = device.write(0x31, 0x08)
      steps[5] = device.write(0x2C, UInt8(code))
      var bus = PlaybackBus(
        steps + [
          device.read(0x30, [0x80]), device.read(0x39, [2]),
          device.read(0x32, [0x00, 0xF0, 0xFF, 0x0F, 0xFF, 0xFF]),
          device.read(0x32, [0, 0, 0, 0, 0, 0]),
        ])
      var driver = driver.with("acceleration-range", "2g").with("data-rate", rate)
      try driver.startToReady(on: &bus)
      var reading = Reading()
      #expect(try driver.read(on: &bus, into: &reading) == .readingAndMore)
      #expect(reading.ageNanoseconds == UInt64(period))
      let g = 9.806_65
      expectNear(reading, [-16 * g, 4_095 * g / 256, -g / 256])
      #expect(try driver.read(on: &bus, into: &reading) == .reading)
      bus.expectFinished()
    }
  }

  @Test func `another device and settings it cannot have are refused`() throws {
    var bus = PlaybackBus([device.read(0x00, [0xE6])])
    var driver = driver
    #expect(throws: SensorError.wrongDevice(register: 0x00, found: 0xE6, expected: 0xE5)) {
      try driver.startToReady(on: &bus)
    }
    #expect(driver.set("data-rate", "1600").known == "6.25 12.5 25 50 100 200 400 800")
    #expect(driver.set("acceleration-range", "32g").known == "2g 4g 8g 16g")
    #expect(driver.set("range", "2g").isUnknown)
  }
}
