import Hardware
import Testing

@testable import Sensors

/// Traffic written after the datasheet DS12814 and the application note AN5272.
@Suite struct LSM6DSOXTests {
  let device = Traffic(0x6A)
  var driver: LSM6DSOX { LSM6DSOX(address: device.address) }

  /// ±2 g, ±250 °/s, 104 samples a second.
  var start: [PlaybackBus.Step] {
    [
      device.read(0x0F, [0x6C]),
      device.write(0x12, 0x01),
      device.write(0x12, 0x44),
      device.write(0x0A, 0x00),
      device.write(0x09, 0x44),
      device.write(0x10, 0x40),
      device.write(0x11, 0x40),
      device.write(0x0A, 0x06),
    ]
  }

  func word(_ kind: UInt8, slot: UInt8, _ x: Int16, _ y: Int16, _ z: Int16) -> [UInt8] {
    let tag = kind << 3 | slot << 1
    // The lowest bit makes the number of ones even.
    return [tag | UInt8(tag.nonzeroBitCount & 1)]
      + [x, y, z].flatMap { value -> [UInt8] in
        let bits = UInt16(bitPattern: value)
        return [UInt8(bits & 0xFF), UInt8(bits >> 8)]
      }
  }
  func gyroscope(_ slot: UInt8, _ x: Int16 = 0) -> [UInt8] { word(1, slot: slot, x, 0, 0) }
  func accelerometer(_ slot: UInt8, _ x: Int16 = 0) -> [UInt8] { word(2, slot: slot, x, 0, 0) }
  func status(_ count: Int) -> PlaybackBus.Step {
    device.read(0x3A, [UInt8(count & 0xFF), UInt8(count >> 8)])
  }

  @Test func `starts, pairs two words and survives every failing transfer`() throws {
    let session = DriverSession(
      driver: driver, start: start,
      measurement: [
        status(2), device.read(0x78, word(1, slot: 1, 0, 0, 0) + word(2, slot: 1, 0, 0, 0)),
      ],
      expected: [0, 0, 0, 0, 0, 0])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
  }

  @Test func `extremes in the narrowest and the widest ranges`() throws {
    let narrow = driver.with("angular-velocity-range", "125").with("data-rate", "12.5")
    let wide = driver.with("acceleration-range", "16g").with("angular-velocity-range", "2000")
      .with("data-rate", "833")
    for (driver, controls, g, degree) in [
      (narrow, [0x11, 0x10, 0x12] as [UInt8], 0.061, 4.375), (wide, [0x77, 0x74, 0x7C], 0.488, 70),
    ] {
      var bus = PlaybackBus([
        device.read(0x0F, [0x6C]),
        device.write(0x12, 0x01),
        device.write(0x12, 0x44),
        device.write(0x0A, 0x00),
        device.write(0x09, controls[0]),
        device.write(0x10, controls[1]),
        device.write(0x11, controls[2]),
        device.write(0x0A, 0x06),
        status(2),
        device.read(
          0x78, word(2, slot: 3, .min, .max, -1) + word(1, slot: 3, .max, .min, 1)),
      ])
      var driver = driver
      #expect(try driver.startToReady(on: &bus) == [10_000_000])
      var reading = Reading()
      #expect(try driver.read(on: &bus, into: &reading) == .reading)
      let acceleration = g * 0.001 * 9.806_65
      let rotation = degree * 0.001 * Double.pi / 180
      expectNear(
        reading,
        [
          -32_768 * acceleration, 32_767 * acceleration, -acceleration, 32_767 * rotation,
          -32_768 * rotation, rotation,
        ])
      bus.expectFinished()
    }
  }

  @Test func `the range of 16 g has the code between those of 2 g and 4 g`() throws {
    let codes: [(String, UInt8)] = [("2g", 0x40), ("4g", 0x48), ("8g", 0x4C), ("16g", 0x44)]
    for (range, control) in codes {
      var steps = start
      steps[5] = device.write(0x10, control)
      var bus = PlaybackBus(steps)
      var driver = driver.with("acceleration-range", range)
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
  }

  @Test func `a word whose tag has the wrong parity costs its own moment only`() throws {
    var damaged = gyroscope(0, 1)
    damaged[0] ^= 0x01
    let words = [damaged, accelerometer(0, 2), gyroscope(1, 3), accelerometer(1, 4)]
    var bus = PlaybackBus(start + [status(4), device.read(0x78, words.flatMap { $0 })])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    let found = damaged[0]
    #expect(throws: SensorError.checksum(found: found, expected: found ^ 1)) {
      try driver.read(on: &bus, into: &reading)
    }
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    #expect(reading[0] == Float(4) * (StandardUnit.gravity * 0.000_061))
    bus.expectFinished()
  }

  @Test func `an empty queue and a lone word are nothing new`() throws {
    var bus = PlaybackBus(
      start + [
        status(0), status(1), device.read(0x78, gyroscope(0, 5)),
        status(1), device.read(0x78, accelerometer(0, 7)),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    // The other half comes with the next drain.
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    expectNear(reading, [7 * 0.000_061 * 9.806_65, 0, 0, 5 * 0.008_75 * Double.pi / 180])
    bus.expectFinished()
  }

  @Test func `takes 70 words in three bursts, and pairs keep their order and age`() throws {
    var words: [[UInt8]] = []
    for index in 0..<35 {
      let slot = UInt8(index & 3)
      words.append(gyroscope(slot, Int16(index)))
      words.append(accelerometer(slot, Int16(index)))
    }
    var bus = PlaybackBus(
      start + [
        status(70),
        device.read(0x78, Array(words[0..<32].joined())),
        device.read(0x78, Array(words[32..<64].joined())),
        device.read(0x78, Array(words[64..<70].joined())),
        status(0),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    for index in 0..<35 {
      let progress = try driver.read(on: &bus, into: &reading)
      #expect(progress == (index < 34 ? .readingAndMore : .reading))
      // 104 Hz as the device makes it: 6,667 Hz over 64.
      #expect(reading.ageNanoseconds == UInt64(34 - index) * 9_600_000)
      expectNear(reading, [Double(index) * 0.000_061 * 9.806_65])
    }
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test func `a moment with one word missing is left out, other words are passed over`() throws {
    let words = [
      word(3, slot: 0, 100, 0, 0),  // temperature
      gyroscope(0, 1),  // its acceleration is missing
      accelerometer(1, 2),
      word(5, slot: 1, 0, 0, 0),  // change of configuration
      gyroscope(1, 2),
      accelerometer(2, 3),  // its rotation is missing
      accelerometer(3, 4),
    ]
    var bus = PlaybackBus(
      start + [
        status(7),
        device.read(0x78, Array(words.joined())),
        status(1), device.read(0x78, gyroscope(3, 4)),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .readingAndMore)
    expectNear(reading, [2 * 0.000_061 * 9.806_65, 0, 0, 2 * 0.008_75 * Double.pi / 180])
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    expectNear(reading, [4 * 0.000_061 * 9.806_65, 0, 0, 4 * 0.008_75 * Double.pi / 180])
    bus.expectFinished()
  }

  @Test func `a queue with nothing but foreign words does not hold up the caller`() throws {
    var bus = PlaybackBus(
      start + [
        status(2), device.read(0x78, word(0x1F, slot: 0, 1, 1, 1) + word(0, slot: 0, 1, 1, 1)),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test(arguments: [0x40, 0x08, 0x4B] as [UInt8])
  func `an overflow is a fault`(flags: UInt8) throws {
    var bus = PlaybackBus(
      start + [device.read(0x3A, [0xFF, flags])] + start
        + [status(2), device.read(0x78, gyroscope(0) + accelerometer(0))])
    var driver = driver
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(throws: SensorError.deviceFault(register: 0x3B, found: flags)) {
      try driver.read(on: &bus, into: &reading)
    }
    try driver.startToReady(on: &bus)
    #expect(try driver.read(on: &bus, into: &reading) == .reading)
    bus.expectFinished()
  }

  @Test func `another device and settings it cannot have are refused`() throws {
    var bus = PlaybackBus([device.read(0x0F, [0x6A])])
    var driver = driver
    #expect(throws: SensorError.wrongDevice(register: 0x0F, found: 0x6A, expected: 0x6C)) {
      try driver.startToReady(on: &bus)
    }
    #expect(driver.set("data-rate", "100").known == "12.5 26 52 104 208 417 833")
    #expect(driver.set("angular-velocity-range", "251").known == "125 250 500 1000 2000")
    #expect(driver.set("queue", "no").isUnknown)
  }
}
