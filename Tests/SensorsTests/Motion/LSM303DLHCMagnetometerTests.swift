import Hardware
import Testing

@testable import Sensors

/// Traffic written after the datasheet DocID018771.
@Suite struct LSM303DLHCMagnetometerTests {
  let device = Traffic(0x1E)
  var driver: LSM303DLHCMagnetometer { LSM303DLHCMagnetometer(address: device.address) }

  func start(controlA: UInt8 = 0x90, controlB: UInt8 = 0x20) -> [PlaybackBus.Step] {
    [
      device.read(0x0A, [0x48]),
      device.read(0x0B, [0x34]),
      device.read(0x0C, [0x33]),
      device.write(0x00, controlA),
      device.write(0x01, controlB),
      device.write(0x02, 0x00),
    ]
  }

  @Test func `starts, measures and survives every failing transfer`() throws {
    // X 1,100, Z −980, Y 550 steps: 1 gauss, −1 gauss and half a gauss; 25 °C, left aligned.
    let session = DriverSession(
      driver: driver, start: start(),
      measurement: [
        device.read(0x09, [0x01]),
        device.read(0x03, [0x04, 0x4C, 0xFC, 0x2C, 0x02, 0x26]),
        device.read(0x31, [0x0C, 0x80]),
      ],
      expected: [100, 50, -100, 25])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(
      driver.quantityNames == [
        "magnetic_field_x µT", "magnetic_field_y µT", "magnetic_field_z µT", "temperature °C",
      ])
  }

  @Test func `each range has a gain for X and Y and another for Z`() throws {
    let gains: [(String, UInt8, Double, Double)] = [
      ("1.3", 0x20, 1100, 980), ("1.9", 0x40, 855, 760), ("2.5", 0x60, 670, 600),
      ("4.0", 0x80, 450, 400), ("4.7", 0xA0, 400, 355), ("5.6", 0xC0, 330, 295),
      ("8.1", 0xE0, 230, 205),
    ]
    for (range, control, horizontal, vertical) in gains {
      // The ends of 12 bits, and −1 as temperature.
      var bus = PlaybackBus(
        start(controlB: control) + [
          device.read(0x09, [0x03]),
          device.read(0x03, [0xF8, 0x00, 0x07, 0xFF, 0x00, 0x01]),
          device.read(0x31, [0xFF, 0xF0]),
        ])
      var driver = driver.with("range", range)
      try driver.startToReady(on: &bus)
      let reading = try driver.measure(on: &bus)
      expectNear(
        reading, [-2_048 * 100 / horizontal, 100 / horizontal, 2_047 * 100 / vertical, -0.125])
      bus.expectFinished()
    }
  }

  @Test(arguments: [0, 2, 4]) func `a field beyond the range is not a number`(place: Int) throws {
    var bytes: [UInt8] = [0, 1, 0, 1, 0, 1]
    bytes[place] = 0xF0
    bytes[place + 1] = 0x00
    var bus = PlaybackBus(
      start() + [
        device.read(0x09, [0x01]), device.read(0x03, bytes), device.read(0x31, [0, 0]),
        device.read(0x09, [0x01]), device.read(0x03, [0, 0, 0, 0, 0, 0]),
        device.read(0x31, [0, 0]),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.outOfRange) { try driver.measure(on: &bus) }
    // The device goes on measuring.
    expectNear(try driver.measure(on: &bus), [0, 0, 0, 0])
    bus.expectFinished()
  }

  @Test func `without new data nothing is read`() throws {
    var bus = PlaybackBus(start(controlA: 0x9C) + [device.read(0x09, [0x00])])
    var driver = driver.with("data-rate", "220")
    try driver.startToReady(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .nothingNew)
    bus.expectFinished()
  }

  @Test func `all three letters of the identity are checked`() throws {
    for place in 0..<3 {
      let letters: [UInt8] = [0x48, 0x34, 0x33]
      var steps = (0...place).map { device.read(0x0A + UInt8($0), [letters[$0]]) }
      steps[place].answer = [0xFF]
      var bus = PlaybackBus(steps)
      var driver = driver
      #expect(
        throws: SensorError.wrongDevice(
          register: 0x0A + UInt8(place), found: 0xFF, expected: letters[place])
      ) { try driver.startToReady(on: &bus) }
      bus.expectFinished()
    }
  }

  @Test func `refuses settings it cannot have`() {
    var driver = driver
    #expect(driver.set("range", "4").known == "1.3 1.9 2.5 4.0 4.7 5.6 8.1")
    #expect(driver.set("data-rate", "10").known == "0.75 1.5 3 7.5 15 30 75 220")
    #expect(driver.set("gain", "1").isUnknown)
  }
}
