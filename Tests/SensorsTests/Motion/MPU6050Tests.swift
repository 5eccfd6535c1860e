import Hardware
import Testing

@testable import Sensors

/// Traffic written after the register map RM-MPU-6000A.
@Suite struct MPU6050Tests {
  let device = Traffic(0x68)
  var driver: MPU6050 { MPU6050(address: device.address) }

  /// ±2 g, ±250 °/s, 44 Hz, 100 samples a second, queue on.
  var start: [PlaybackBus.Step] {
    [
      device.read(0x75, [0x68]),
      device.write(0x6B, 0x80),
      device.write(0x6B, 0x01),
      device.write(0x1A, 0x03),
      device.write(0x19, 9),
      device.write(0x1B, 0x00),
      device.write(0x1C, 0x00),
      device.write(0x38, 0x11),
      device.write(0x23, 0xF8),
    ] + queueReset
  }

  var queueReset: [PlaybackBus.Step] {
    [device.write(0x6A, 0x00), device.write(0x6A, 0x04), device.write(0x6A, 0x40)]
  }

  /// Acceleration (1 g, 0, −1 g), −521 for the temperature, no rotation.
  let level: [UInt8] = [0x40, 0, 0, 0, 0xC0, 0, 0xFD, 0xF7, 0, 0, 0, 0, 0, 0]

  @Test func `starts, reads its queue and survives every failing transfer`() throws {
    let session = DriverSession(
      driver: driver, start: start,
      measurement: [
        device.read(0x72, [0, 14]), device.read(0x74, level), device.read(0x3A, [0x01]),
      ],
      expected: [9.806_65, 0, -9.806_65, 0, 0, 0, Float(-521) / 340 + 36.53])
    try session.expectReadings()
    try session.expectEveryFailureSurvived(remeasures: false)
  }

  @Test func `waits for reset and gyroscope, and names what it measures`() throws {
    var bus = PlaybackBus(start)
    var driver = driver
    #expect(try driver.startToReady(on: &bus) == [100_000_000, 30_000_000])
    bus.expectFinished()
    #expect(
      driver.quantityNames == [
        "acceleration_x m/s²", "acceleration_y m/s²", "acceleration_z m/s²",
        "angular_velocity_x rad/s", "angular_velocity_y rad/s", "angular_velocity_z rad/s",
        "temperature °C",
      ])
  }

  @Test func `takes a long queue in two bursts, each sample with its age`() throws {
    // 20 samples and 5 bytes of one that is just being written.
    func sample(_ index: Int) -> [UInt8] { [0, UInt8(index)] + Array(repeating: 0, count: 12) }
    var bus = PlaybackBus(
      start + [
        device.read(0x72, [1, 0x1D]),
        device.read(0x74, (0..<16).flatMap(sample)),
        device.read(0x3A, [0x01]),
        device.read(0x74, (16..<20).flatMap(sample)),
        device.read(0x3A, [0x01]),
        device.read(0x72, [0, 13]),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    for index in 0..<20 {
      let progress = try driver.read(on: &bus, into: &reading)
      #expect(progress == (index < 19 ? .readingAndMore : .reading))
      #expect(reading.ageNanoseconds == UInt64(19 - index) * 10_000_000)
      expectNear(reading, [Double(index) * 9.806_65 / 16_384])
    }
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test(arguments: [0, 13]) func `an incomplete sample is nothing new`(byteCount: Int) throws {
    var bus = PlaybackBus(start + [device.read(0x72, [0, UInt8(byteCount)])])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test func `an overflow is a fault; the queue is emptied, by the start or by the next read`()
    throws
  {
    let overflow = [
      device.read(0x72, [4, 0]),
      device.read(0x74, Array(repeating: 0xAA, count: 224)),
      device.read(0x3A, [0x11]),
    ]
    for restarts in [false, true] {
      var bus = PlaybackBus(
        start + overflow + (restarts ? start : queueReset) + [
          device.read(0x72, [0, 14]), device.read(0x74, level), device.read(0x3A, [0x01]),
        ])
      var driver = driver
      try driver.startToReady(on: &bus)
      var reading = Reading()
      #expect(throws: SensorError.deviceFault(register: 0x3A, found: 0x11)) {
        try driver.read(on: &bus, into: &reading)
      }
      if restarts {
        try driver.startToReady(on: &bus)
      } else {
        #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
      }
      #expect(try driver.read(on: &bus, into: &reading) == .reading)
      expectNear(reading, [9.806_65, 0, -9.806_65])
      bus.expectFinished()
    }
  }

  @Test func `a burst that breaks off leaves nothing to be misread`() throws {
    // Nobody knows how many bytes of it the device gave away.
    let failure = BusError(.timeout, code: 110)
    var bus = PlaybackBus(
      start + [
        device.read(0x72, [0, 28]), device.read(0x74, level + level).failing(failure),
      ] + queueReset + [
        device.read(0x72, [0, 14]), device.read(0x74, level), device.read(0x3A, [0x01]),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(throws: SensorError.bus(failure)) { try driver.read(on: &bus, into: &reading) }
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    #expect(reading.ageNanoseconds == 0)
    bus.expectFinished()
  }

  @Test func `widest ranges, slowest rate, newest sample only`() throws {
    let driver = driver.with("acceleration-range", "16g").with("angular-velocity-range", "2000")
      .with("bandwidth", "5").with("data-rate", "4").with("queue", "no")
    let extremes: [UInt8] = [
      0x80, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x80, 0x00, 0x7F, 0xFF, 0xFF, 0xFF,
    ]
    var bus = PlaybackBus([
      device.read(0x75, [0x68]),
      device.write(0x6B, 0x80),
      device.write(0x6B, 0x01),
      device.write(0x1A, 0x06),
      device.write(0x19, 249),
      device.write(0x1B, 0x18),
      device.write(0x1C, 0x18),
      device.write(0x38, 0x11),
      device.write(0x23, 0x00),
      device.read(0x3A, [0x00] + extremes),
      device.read(0x3A, [0x01] + extremes),
    ])
    var running = driver
    try running.startToReady(on: &bus)
    var reading = Reading()
    #expect(try running.read(on: &bus, into: &reading) == .nothingNew)
    reading.ageNanoseconds = 77
    #expect(try running.read(on: &bus, into: &reading) == .reading)
    #expect(reading.ageNanoseconds == 0)
    let g = 9.806_65 / 2_048
    let degree = Double.pi / 180 / 16.375
    expectNear(
      reading,
      [
        -32_768 * g, 32_767 * g, -g, -32_768 * degree, 32_767 * degree, -degree,
        -32_768.0 / 340 + 36.53,
      ])
    bus.expectFinished()
  }

  @Test func `another device at the address is refused each time`() throws {
    var bus = PlaybackBus([device.read(0x75, [0x70]), device.read(0x75, [0x71])])
    var driver = driver
    #expect(throws: SensorError.wrongDevice(register: 0x75, found: 0x70, expected: 0x68)) {
      try driver.startToReady(on: &bus)
    }
    #expect(throws: SensorError.wrongDevice(register: 0x75, found: 0x71, expected: 0x68)) {
      try driver.startToReady(on: &bus)
    }
    bus.expectFinished()
  }

  @Test func `refuses settings it cannot have`() {
    var driver = driver
    #expect(driver.set("acceleration-range", "3g").known == "2g 4g 8g 16g")
    #expect(driver.set("angular-velocity-range", "").known == "250 500 1000 2000")
    for rate in ["3", "0", "1001", "300", "100Hz", "-4"] {
      #expect(driver.set("data-rate", rate).known?.hasPrefix("4 5 8") == true)
    }
    #expect(driver.set("queue", "maybe").known != nil)
    #expect(driver.set("colour", "red").isUnknown)
  }
}
